<?php
// Must-use plugin: no mail leaves the test machine.
add_filter('pre_wp_mail', '__return_true');
