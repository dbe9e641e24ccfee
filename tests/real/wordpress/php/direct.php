<?php
// What WordPress keeps but its REST API cannot make: pingbacks, and rows of its own affairs.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';
$posts = get_posts(['numberposts' => 4, 'orderby' => 'ID', 'order' => 'ASC']);
foreach ([['pingback', '1'], ['pingback', 'spam'], ['trackback', '1'], ['trackback', '0']] as $n => [$type, $state]) {
    wp_insert_comment([
        'comment_post_ID' => $posts[$n]->ID,
        'comment_type' => $type,
        'comment_approved' => $state,
        'comment_author' => 'Neighbourhood News',
        'comment_author_url' => "http://news.example/story-$n",
        'comment_author_IP' => '198.51.100.7',
        'comment_content' => "[&#8230;] the council said on Tuesday [&#8230;] $type $n",
        'comment_date_gmt' => '2024-02-09 08:00:0' . $n,
        'comment_date' => '2024-02-09 08:00:0' . $n,
    ]);
}
wp_insert_post(['post_title' => 'Auto Draft', 'post_status' => 'auto-draft', 'post_author' => 1]);
foreach (['customize_changeset', 'nav_menu_item', 'wp_block', 'wp_navigation', 'custom_css'] as $type) {
    wp_insert_post(['post_title' => "own affairs: $type", 'post_type' => $type, 'post_content' => '{}',
        'post_status' => $type === 'customize_changeset' ? 'draft' : 'publish', 'post_author' => 1]);
}
