"""What an HTTP answer says before anybody looks at its content (RFC 9110)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from archiver.capture.connector import Problem
from archiver.capture.times import internet_time

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["retry_after", "status_problem", "until"]

_USUAL_WAIT = 60.0
_LONGEST_WAIT = 86400.0
_TOO_MANY = 429
_SERVER_ERROR = 500
_MESSAGES = {
    401: "authorisation",
    402: "budget",
    403: "forbidden",
    404: "schema",
    407: "authorisation",
    408: "transient",
    410: "schema",
    425: "transient",
    451: "forbidden",
}


def retry_after(response: HttpResponse, default: float) -> float:
    """Return the seconds to wait (RFC 9110 §10.2.3), or ``default``; a day at most.

    A date is counted from the answer's own ``Date``, for the core has no clock.
    """
    text = response.header("retry-after").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        wait = (until - parsedate_to_datetime(response.header("date"))).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return default
    return min(max(wait, 0.0), _LONGEST_WAIT)


def until(response: HttpResponse, moment: str, default: float, longest: float) -> float:
    """Return the seconds until a moment that a header names, a second at least.

    Args:
        response: the answer; counted from its own ``Date``, for the core has no clock.
        moment: seconds since 1970, or a time of RFC 3339.
        default: where either can't be read.
        longest: what no wait of the platform's exceeds; more is a clock that is wrong.
    """
    text = moment.strip()
    try:
        if text.isascii() and text.isdigit():
            end = datetime.fromtimestamp(int(text[:12]), UTC)
        else:
            end = datetime.fromisoformat(internet_time(text).at)
        wait = (end - parsedate_to_datetime(response.header("date"))).total_seconds()
    except (ValueError, TypeError, OverflowError, OSError):
        return default
    return min(max(wait, 1.0), longest)


def status_problem(response: HttpResponse) -> Problem | None:
    """Return what the status code alone says, None for success.

    404 and 410 are ``schema`` here: only a platform's own words prove that a thing is
    gone, never a wrong address or a broken server.
    """
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 section 15.3: success
        return None
    message = response.status_line[:200] or "no status line"
    if status == _TOO_MANY:
        return Problem("rate", message, retry_after(response, _USUAL_WAIT))
    if status == 0 or status >= _SERVER_ERROR:
        return Problem("transient", message, retry_after(response, 0.0))
    return Problem(_MESSAGES.get(status, "schema"), message)
