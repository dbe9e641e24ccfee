"""What an XRPC answer says that is not content (atproto.com/specs/xrpc, "Error Responses").

Names of errors: the published lexicons, and a PDS 0.4 with its AppView (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import status_problem, until
from archiver.capture.connector import Problem
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["XrpcError", "error_of", "problem_of"]

_LOGIN = frozenset(
    {
        "ExpiredToken",
        "InvalidToken",
        "AuthMissing",
        "AuthenticationRequired",
        "BadJwt",
        "BadJwtSignature",
        "JwtExpired",
    }
)
_GONE = frozenset({"RecordNotFound", "NotFound"})
_CLOSED = frozenset(
    {
        "RepoTakendown",
        "RepoSuspended",
        "RepoDeactivated",
        "AccountTakedown",
        "AccountSuspended",
        "AccountDeactivated",
        "BlockedActor",
        "BlockedByActor",
        "MethodNotImplemented",
        "ScopeMissing",
    }
)
_SAID_MISSING = (400, 404)
_LONGEST_WAIT = 86400.0


class XrpcError(msgspec.Struct):
    """An error in the words of the server."""

    error: str
    message: str = ""


_ERROR = msgspec.json.Decoder(XrpcError)


def error_of(body: bytes) -> XrpcError | None:
    """Return the error that a body is, or None."""
    try:
        found = _ERROR.decode(body)
    except UNREADABLE:
        return None
    return found if found.error.isascii() and found.error.isprintable() else None


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    ``missing`` only in the platform's own words: ``RecordNotFound`` of a repository,
    ``NotFound`` of the AppView for a post.
    """
    by_status = status_problem(response)
    if by_status is None:
        return _content_problem(response.body)
    error = error_of(response.body)
    if by_status.code == "rate":
        return Problem("rate", by_status.message, _wait(response, by_status.retry_after))
    if error is None or by_status.code == "transient":
        named = error is not None and error.error in _CLOSED
        return Problem("forbidden", by_status.message) if named else by_status
    message = f"{response.status} {error.error}: {error.message}"[:200]
    if error.error in _GONE and response.status in _SAID_MISSING:
        return Problem("missing", message)
    if error.error in _LOGIN:
        return Problem("authorisation", message)
    return Problem("forbidden" if error.error in _CLOSED else by_status.code, message)


def _content_problem(body: bytes) -> Problem | None:
    """Judge a body that came with success: JSON cut short and web pages are no content."""
    if format_of(body) != "json":
        return Problem("schema", "not JSON: is this the address of a PDS?")
    if not body.rstrip(b" \t\r\n").endswith(b"}"):
        return Problem("transient", "the JSON is cut short")
    return None


def _wait(response: HttpResponse, default: float) -> float:
    """Return the seconds until ``ratelimit-reset`` (Unix time), by the server's own clock."""
    if response.header("retry-after"):
        return default
    return until(response, response.header("ratelimit-reset"), default, _LONGEST_WAIT)
