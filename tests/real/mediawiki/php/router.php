<?php
// Serves one wiki for PHP's own web server: its api.php, and its uploaded files.
$wiki = getenv('WIKI_FOLDER');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (str_starts_with($path, '/images/')) {
    $file = $wiki . rawurldecode($path);
    if (!is_file($file)) {
        http_response_code(404);
        return true;
    }
    header('Content-Type: ' . mime_content_type($file));
    header('Content-Length: ' . filesize($file));
    readfile($file);
    return true;
}
$root = '/usr/share/mediawiki';
$script = $path === '/api.php' ? '/api.php' : '/index.php';
define('MW_CONFIG_FILE', "$wiki/LocalSettings.php");
$_SERVER['SCRIPT_NAME'] = $script;
$_SERVER['SCRIPT_FILENAME'] = $root . $script;
chdir($root);
require $root . $script;
return true;
