"""Ways in which servers misbehave, for tests: each turns a good answer into a bad one."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.demo.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked

    Fault = Callable[[Asked, Answer], Answer]

__all__ = [
    "chunked",
    "expired_token",
    "gzipped",
    "login_page",
    "redirected",
    "reset",
    "server_error",
    "too_many_requests",
    "truncated",
]

_LOGIN_PAGE = b"""<!DOCTYPE html>
<html lang="en-US"><head><title>Log In</title></head><body class="login">
<form name="loginform" action="/wp-login.php" method="post">
<label>Username or Email Address <input type="text" name="log"></label>
<label>Password <input type="password" name="pwd"></label>
<input type="submit" value="Log In"></form></body></html>
"""


def too_many_requests(retry_after: int = 1) -> Fault:
    """429 with ``Retry-After`` in seconds (RFC 6585, RFC 9110 §10.2.3)."""
    headers = (("Retry-After", str(retry_after)), ("Content-Type", "text/plain"))
    return lambda _asked, _good: Answer(429, headers, b"Too many requests\n")


def server_error() -> Fault:
    """500 with an HTML page."""
    headers = (("Content-Type", "text/html; charset=UTF-8"),)
    body = b"<!DOCTYPE html>\n<h1>There has been a critical error on this website.</h1>\n"
    return lambda _asked, _good: Answer(500, headers, body)


def truncated(after: int) -> Fault:
    """Announce the whole body, end the connection ``after`` so many bytes of it."""
    return lambda _asked, good: replace(good, cut=after)


def reset() -> Fault:
    """Reset the connection (TCP RST) instead of answering."""
    return lambda _asked, _good: Answer(0, reset=True)


def gzipped() -> Fault:
    """Compress the body, wanted or not."""
    return lambda _asked, good: replace(
        good,
        headers=(*good.headers, ("Content-Encoding", "gzip")),
        body=gzip.compress(good.body, mtime=0),
    )


def chunked() -> Fault:
    """Send the body in chunks instead of announcing its length."""
    return lambda _asked, good: replace(good, chunked=True)


def redirected(to: str = "") -> Fault:
    """302 to ``to``, or to the very address that was asked for."""
    return lambda asked, _good: Answer(302, (("Location", to or f"{asked.base}{asked.target}"),))


def expired_token() -> Fault:
    """401 as WordPress spells it for an application password that it no longer knows."""
    message = "The provided password is an invalid application password."
    body = {"code": "incorrect_password", "message": message, "data": {"status": 401}}
    headers = (("Content-Type", "application/json; charset=UTF-8"),)
    return lambda _asked, _good: Answer(401, headers, json.dumps(body).encode())


def login_page() -> Fault:
    """200 with a log-in form in place of what was asked for."""
    headers = (("Content-Type", "text/html; charset=UTF-8"),)
    return lambda _asked, _good: Answer(200, headers, _LOGIN_PAGE)
