<?php
// What the tests' wiki has beyond the installer's settings.
$wgServer = 'http://' . ($_SERVER['HTTP_HOST'] ?? 'localhost');
$wgEnableUploads = true;
$wgUploadDirectory = __DIR__ . '/images';
$wgUploadPath = '/images';
$wgRateLimits = [];
$wgJobRunRate = 0;
$wgShowExceptionDetails = true;
$wgDisableSearchUpdate = true;
$wgEnableEmail = false;
$wgExtraNamespaces = [3000 => 'Council', 3001 => 'Council_talk'];
$wgGroupPermissions['sysop']['deleterevision'] = true;
$wgGroupPermissions['sysop']['deletelogentry'] = true;
$wgGroupPermissions['sysop']['mergehistory'] = true;
if (is_file(__DIR__ . '/closed')) {
    $wgGroupPermissions['*']['read'] = false;
}
// The wiki dies with its test: no need to wait for the disk.
$wgDBservers = [[
    'type' => 'sqlite', 'host' => '', 'user' => '', 'password' => '', 'dbname' => 'wiki',
    'load' => 1, 'flags' => DBO_DEFAULT, 'variables' => ['synchronous' => 'OFF'],
]];
$wgObjectCaches[CACHE_DB]['server']['variables'] = ['synchronous' => 'OFF'];
$wgJobTypeConf['default']['server']['variables'] = ['synchronous' => 'OFF'];
