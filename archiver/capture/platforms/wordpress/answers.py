"""What a WordPress answer says that is not a page of content.

Codes: REST API handbook and the error codes of the controllers (measured on 6.1.9).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import retry_after, status_problem
from archiver.capture.connector import Problem
from archiver.capture.jsonbody import is_closed
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["problem_of"]

_GONE = re.compile(r"rest_[a-z]+_invalid_(?:id|parent)", re.ASCII)
_NO_LOGIN = frozenset(
    {
        "rest_forbidden_context",
        "rest_forbidden_status",
        "rest_forbidden_param",
        "rest_not_logged_in",
        "rest_cannot_read",
        "incorrect_password",
        "invalid_username",
        "invalid_email",
    }
)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_LOGIN_PAGE = (b'id="loginform"', b"wp-login.php")
_MAINTENANCE = (b"scheduled maintenance", b"<title>Maintenance</title>")


class _Error(msgspec.Struct):
    """A WP_Error as the REST API writes it."""

    code: str
    message: str
    data: msgspec.Raw = msgspec.Raw(b"null")


_ERROR = msgspec.json.Decoder(_Error)


def problem_of(response: HttpResponse, *, authorised: bool) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only where WordPress itself says in JSON that there is no such thing.
    """
    error = _error(response.body)
    if error is not None:
        return _error_problem(response, error, authorised=authorised)
    problem = status_problem(response)
    if problem is None:
        return _content_problem(response)
    if "wp-login.php" in response.header("location"):
        return Problem("authorisation", "redirected to the login page")
    return problem


def _error(body: bytes) -> _Error | None:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        error = _ERROR.decode(body)
    except UNREADABLE:
        return None
    return error if _CODE.fullmatch(error.code) else None


def _error_problem(response: HttpResponse, error: _Error, *, authorised: bool) -> Problem:
    """Judge an error in JSON, also one that came with status 200."""
    message = f"{response.status} {error.code}"
    if error.code.endswith("_invalid_page_number"):
        return Problem("end", message)
    if response.status == 404 and _GONE.fullmatch(error.code):  # noqa: PLR2004 - HTTP Not Found
        return Problem("missing", message)
    if error.code in _NO_LOGIN or b"rest_forbidden_status" in bytes(error.data):
        return Problem("authorisation", message)
    by_status = status_problem(response)
    code = by_status.code if by_status else "schema"
    if code == "forbidden" and authorised and error.code.startswith("rest_"):
        code = "authorisation"  # logged in, but short of a permission
    return Problem(code, message, by_status.retry_after if by_status else 0.0)


def _content_problem(response: HttpResponse) -> Problem | None:
    """Judge a body that came with success: HTML and JSON cut short are no content."""
    body = response.body
    if format_of(body) == "json":
        return None if is_closed(body) else Problem("transient", "the JSON is cut short")
    if any(mark in body for mark in _MAINTENANCE):
        return Problem("transient", "the site is in maintenance", retry_after(response, 0.0))
    if any(mark in body for mark in _LOGIN_PAGE):
        return Problem("authorisation", "a login page instead of JSON")
    return Problem("schema", "not JSON: is this the address of a WordPress site?")
