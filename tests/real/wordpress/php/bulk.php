<?php
// Run REST calls one after the other inside one PHP process, as the administrator.
// Standard input: a JSON list of [route, body]; the text "@7" stands for the id that call
// 7 made. Prints the list of ids. Ends with an error at the first call that is refused.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';
wp_set_current_user(1);
$ids = [];
$known = function ($value) use (&$ids) {
    return is_string($value) && preg_match('/^@(\d+)$/D', $value, $found)
        ? $ids[(int) $found[1]]
        : $value;
};
$calls = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
foreach ($calls as [$route, $body]) {
    $request = new WP_REST_Request('POST', '/wp/v2' . $route);
    $request->set_body_params(array_map($known, $body));
    $answer = rest_do_request($request);
    if ($answer->is_error()) {
        fwrite(STDERR, json_encode([$route, $body, $answer->get_data()]));
        exit(1);
    }
    $ids[] = $answer->get_data()['id'];
}
echo json_encode($ids);
