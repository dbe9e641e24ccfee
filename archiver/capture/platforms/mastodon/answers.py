"""What a Mastodon answer says that is not content.

Errors are ``{"error": …}`` with the status code (docs.joinmastodon.org/entities/Error);
rate limits are told by X-RateLimit-* headers (docs.joinmastodon.org/api/rate-limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import status_problem, until
from archiver.capture.connector import Problem
from archiver.capture.jsonbody import is_closed
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["problem_of"]

_GONE = "Record not found"
_SCOPE = "outside the authorized scopes"
_LONGEST_MESSAGE = 200
_LONGEST_WINDOW = 3600.0
"""No window of Mastodon's is longer than half an hour; more is a clock that is wrong."""


class _Error(msgspec.Struct):
    error: str


_ERROR = msgspec.json.Decoder(_Error)


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only where Mastodon itself says in JSON that there is no such record.
    """
    problem = status_problem(response)
    if problem is None:
        return _content_problem(response)
    words = _words(response.body)
    message = f"{response.status} {words}" if words else problem.message
    code, wait = problem.code, problem.retry_after
    if response.status == 404 and words == _GONE:  # noqa: PLR2004 - HTTP Not Found
        code = "missing"
    elif code == "rate" and not response.header("retry-after"):
        # Mastodon gives an RFC 3339 time, some servers of its kind seconds since 1970.
        wait = until(response, response.header("x-ratelimit-reset"), wait, _LONGEST_WINDOW)
    elif words and _no_login(response.status, words):
        code = "authorisation"
    return Problem(code, message, wait)


def _words(body: bytes) -> str:
    """Return Mastodon's own words, empty where there are none."""
    try:
        words = _ERROR.decode(body).error
    except UNREADABLE:
        return ""
    return words[:_LONGEST_MESSAGE] if words.isprintable() else ""


def _no_login(status: int, words: str) -> bool:
    """Tell whether a refusal is about the login itself, not about one kind of thing.

    A token without one of the scopes still reads what the others allow.
    """
    if status == 403:  # noqa: PLR2004 - HTTP Forbidden
        return words.startswith("Your login is")
    return status == 422 and "authenticated user" in words  # noqa: PLR2004 - what 4.x gives


def _content_problem(response: HttpResponse) -> Problem | None:
    """Judge a body that came with success: HTML, and JSON cut short, are no content."""
    body = response.body
    if format_of(body) != "json":
        return Problem("schema", "not JSON: is this the address of a Mastodon account?")
    return None if is_closed(body) else Problem("transient", "the JSON is cut short")
