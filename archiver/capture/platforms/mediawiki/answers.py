"""What a MediaWiki answer says that is not content: errors come with status 200.

Codes: https://www.mediawiki.org/wiki/API:Errors_and_warnings, API:Assert, Manual:Maxlag
(measured on 1.39.17).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import retry_after, status_problem
from archiver.capture.connector import Problem
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["problem_of"]

_LOGIN = frozenset(
    {
        "assertuserfailed",
        "assertbotfailed",
        "assertnameduserfailed",
        "badtoken",
        "notloggedin",
        "readapidenied",
        "sessionfailure",
    }
)
_LOGIN_STARTS = ("mwoauth-", "rest-", "apierror-assert")
_DENIED = frozenset({"permissiondenied", "blocked", "autoblocked", "permission-denied"})
_GONE = frozenset({"nosuchpageid", "nosuchrevid", "missingtitle"})
_BUSY = frozenset({"readonly", "failed-save", "cirrussearch-too-busy-error"})
_WAITS = {"maxlag": 5.0, "ratelimited": 60.0}
"""Seconds to wait where no ``Retry-After`` says another number."""


class _Error(msgspec.Struct):
    code: str


class _Envelope(msgspec.Struct):
    """The outside of an answer (formatversion 2)."""

    error: _Error | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    Cut-off JSON is ``transient``: many hosts end a response by closing the connection.
    """
    body = response.body
    code = _error_code(body)
    if code:
        return _error_problem(response, code)
    problem = status_problem(response)
    if problem is not None:
        return problem
    if format_of(body) != "json":
        return Problem("schema", "not JSON: is this the address of a wiki's api.php?")
    if not body.rstrip(b" \t\r\n").endswith(b"}"):
        return Problem("transient", "the JSON is cut short")
    return None


def _error_code(body: bytes) -> str:
    if b'"error"' not in body[:4096]:
        return ""
    try:
        envelope = _ENVELOPE.decode(body)
    except UNREADABLE:
        return ""
    return envelope.error.code[:80] if envelope.error else ""


def _error_problem(response: HttpResponse, code: str) -> Problem:
    """Judge the platform's own code; the status says nothing (it is mostly 200)."""
    message = f"{response.status} {code if code.isprintable() else 'an unprintable code'}"
    if code in _WAITS:
        return Problem("rate", message, retry_after(response, _WAITS[code]))
    if code in _LOGIN or code.startswith(_LOGIN_STARTS):
        return Problem("authorisation", message)
    if code in _DENIED or code.endswith("permissiondenied"):
        return Problem("forbidden", message)
    if code in _GONE:
        return Problem("missing", message)
    if code in _BUSY or code.startswith("internal_api_error"):
        return Problem("transient", message, retry_after(response, 0.0))
    return status_problem(response) or Problem("schema", message)
