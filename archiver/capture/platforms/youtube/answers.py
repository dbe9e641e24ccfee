"""What an answer of the API says that is not content.

Errors are ``{"error": {"code", "message", "errors": [{"reason", …}], …}}``
(developers.google.com/youtube/v3/docs/errors); newer ones name a reason in ``details``.
What an error means is decided by its reason, by its status only where it has none we know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.answers import retry_after, status_problem
from archiver.capture.connector import Problem
from archiver.capture.jsonbody import is_closed
from archiver.capture.platforms.youtube.quota import until_midnight
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["DISABLED", "GONE", "problem_of", "reason_of"]

QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
SCOPE = frozenset(
    {"forbidden", "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
)
"""The login is good, but not for this: another scope is needed, or another role."""
AUTHORISATION = frozenset(
    {
        "authError", "authenticatedUserNotChannel", "authorizationRequired", "expired", "required",
        "youtubeSignupRequired",
    },
)  # fmt: skip
FORBIDDEN = frozenset(
    {
        "accessNotConfigured", "accountDelegationForbidden", "authenticatedUserAccountClosed",
        "authenticatedUserAccountSuspended", "channelClosed", "channelSuspended",
    },
)  # fmt: skip
GONE = frozenset(
    {
        "captionNotFound", "channelNotFound", "commentNotFound", "commentThreadNotFound",
        "liveBroadcastNotFound", "liveChatNotFound", "liveStreamNotFound", "notFound",
        "parentCommentNotFound", "playlistItemNotFound", "playlistNotFound",
        "subscriptionNotFound", "videoNotFound",
    },
)  # fmt: skip
WITHHELD = frozenset({"commentsDisabled", "liveChatDisabled", "liveChatEnded"})
"""There may be more, and no other try brings it."""
TRANSIENT = frozenset(
    {"backendError", "internalError", "processingFailure", "SERVICE_UNAVAILABLE"},
)
DISABLED = frozenset({"channelMembershipsNotEnabled", "liveStreamingNotEnabled"})
"""The channel has no such thing: a zero that YouTube itself proves."""

_CODES: dict[str, str] = {
    reason: code
    for code, reasons in (
        ("quota", QUOTA),
        ("rate", RATE),
        ("scope", SCOPE),
        ("authorisation", AUTHORISATION),
        ("forbidden", FORBIDDEN),
        ("missing", GONE),
        ("withheld", WITHHELD),
        ("transient", TRANSIENT),
    )
    for reason in reasons
}
_LONGEST_REASON = 80
_RATE_WAIT = 5.0
"""Seconds; YouTube names no time. The longest pause that a live chat asks for is about that."""


class _Reason(msgspec.Struct):
    reason: str = ""


class _Told(msgspec.Struct):
    errors: list[_Reason] = msgspec.field(default_factory=list)
    details: list[_Reason] = msgspec.field(default_factory=list)
    status: str = ""


class _Error(msgspec.Struct):
    error: _Told


_ERROR = msgspec.json.Decoder(_Error)


def reason_of(response: HttpResponse) -> str:
    """Return the reason that an error names, the one that we know first; empty without one."""
    try:
        told = _ERROR.decode(response.body).error
    except UNREADABLE:
        return ""
    reasons = [one.reason for one in (*told.details, *told.errors) if one.reason]
    known = [one for one in (*reasons, told.status) if one in _CODES or one in DISABLED]
    found = (known or reasons or [told.status])[0]
    return found[:_LONGEST_REASON] if found.isascii() and found.isprintable() else ""


def problem_of(response: HttpResponse) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    Errors are told by what they are, also where they come with status 200.
    """
    reason, by_status = reason_of(response), status_problem(response)
    if reason:
        return _told(response, reason, by_status)
    return by_status or _content_problem(response.body)


def _told(response: HttpResponse, reason: str, by_status: Problem | None) -> Problem:
    code = _CODES.get(reason) or (by_status.code if by_status else "schema")
    wait = by_status.retry_after if by_status else 0.0
    if response.status == 401:  # noqa: PLR2004 - HTTP Unauthorized
        code = "authorisation"
    elif code == "quota":
        wait = until_midnight(response.header("date"))
    elif code == "rate":
        wait = retry_after(response, _RATE_WAIT)
    return Problem(code, f"{response.status} {reason}", wait)


def _content_problem(body: bytes) -> Problem | None:
    """Judge a body that came with success: web pages, and JSON cut short, are no content."""
    if format_of(body) != "json":
        return Problem("schema", "not JSON: is this the address of a YouTube channel?")
    return None if is_closed(body) else Problem("transient", "the JSON is cut short")
