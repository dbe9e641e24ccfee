<?php
// Print the rows of the query on standard input as JSON. WordPress is not loaded.
require $argv[1] . '/settings.php';
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$socket = substr(DB_HOST, strlen('localhost:'));
$database = new mysqli('localhost', 'root', '', 'wordpress', 0, $socket);
$database->set_charset('utf8mb4');
$rows = $database->query(stream_get_contents(STDIN))->fetch_all(MYSQLI_ASSOC);
$texts = array_map(fn(array $row) => array_map('strval', $row), $rows);
echo json_encode($texts, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
