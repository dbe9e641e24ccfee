"""Times of Matrix: milliseconds since 1970 in UTC (`origin_server_ts`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archiver.capture.times import UNKNOWN, Reading

__all__ = ["moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 15


def moment(text: str) -> Reading:
    """Read a number of milliseconds; anything else is not understood."""
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return UNKNOWN
    try:
        when = _EPOCH + timedelta(milliseconds=int(text))
    except OverflowError:
        return UNKNOWN
    return Reading("fraction", f"{when.replace(tzinfo=None).isoformat(timespec='microseconds')}Z")
