<?php
// Permalinks, comment settings, and an application password. Argument: site folder.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
require $argv[1] . '/wp-load.php';
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('/%postname%/');
$wp_rewrite->flush_rules(false);
update_option('comment_moderation', '0');
update_option('comment_previously_approved', '0');
update_option('thread_comments_depth', '10');
[$secret] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'archive']);
echo json_encode(['version' => get_bloginfo('version'), 'password' => $secret]);
