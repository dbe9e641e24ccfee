<?php
// Create the tables and the administrator. Argument: site folder.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
define('WP_INSTALLING', true);
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('City of Examples', 'admin', 'clerk@city.example', false, '', wp_generate_password());
