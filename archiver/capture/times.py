"""Times as platforms spell them, and the one canonical spelling of those that are certain.

Nothing is inferred: a time without a zone, or coarser than a minute, has no canonical
form. The platform's own text always stays beside it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

__all__ = [
    "UNKNOWN",
    "Reading",
    "epoch_time",
    "internet_time",
    "mail_time",
    "read_time",
    "unix_time",
    "utc_time",
]


class Reading(NamedTuple):
    """What a time's text says.

    ``precision``: ``year month day minute second fraction`` or empty (not understood);
    ``at``: ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, empty where the instant is not certain.
    """

    precision: str
    at: str


UNKNOWN = Reading("", "")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS = 15
_LONGEST_UNIX, _MILLISECONDS = 13, 12
"""Digits: seconds have 10 until the year 2286, milliseconds 12 or 13 from 1973 on."""

_LONGEST = 200
"""No time takes more characters; longer text is not tried."""

_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_INTERNET = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"\s?(Z|z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_MAIL = re.compile(
    r"(?:[A-Za-z]+\.?,?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4}|\d\d)"
    r"(?:\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([A-Za-z]+|[+-]\d{4}|[+-]\d\d:\d\d)?(?:\s*\(.*\))?)?",
    re.ASCII,
)
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
"""RFC 5322 section 4.3, with UTC, which many write. Other letters tell no zone."""
_TWO_DIGIT_PIVOT = 50  # RFC 5322 section 4.3: 00 to 49 are of this century


def utc_time(text: str) -> Reading:
    """Read ``YYYY-MM-DDTHH:MM:SS`` that its platform documents as UTC."""
    if _SECOND.fullmatch(text) is None:
        return UNKNOWN
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return UNKNOWN
    return Reading("second", f"{text}.000000Z")


def unix_time(text: str) -> Reading:
    """Read seconds since 1970 (POSIX time), or milliseconds: those have 12 digits or more."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_UNIX):
        return UNKNOWN
    milliseconds = len(text) >= _MILLISECONDS
    moment = _EPOCH + timedelta(milliseconds=int(text) * (1 if milliseconds else 1000))
    at = f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return Reading("fraction" if milliseconds else "second", at)


def internet_time(text: str) -> Reading:
    """Read a time of RFC 3339 or of W3C's date-time note (which allows less precision)."""
    found = _INTERNET.fullmatch(text.strip()) if len(text) < _LONGEST else None
    return UNKNOWN if found is None else _internet(found, found[8] or "")


def epoch_time(text: str) -> Reading:
    """Read a number of milliseconds since 1970 in UTC; anything else is not understood."""
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return UNKNOWN
    try:
        when = _EPOCH + timedelta(milliseconds=int(text))
    except OverflowError:
        return UNKNOWN
    return Reading("fraction", f"{when.replace(tzinfo=None).isoformat(timespec='microseconds')}Z")


def mail_time(text: str) -> Reading:
    """Read a time of RFC 822 or RFC 5322, with or without its weekday."""
    found = _MAIL.fullmatch(text.strip()) if len(text) < _LONGEST else None
    if found is None or found[2].lower() not in _MONTHS:
        return UNKNOWN
    year = int(found[3])
    if len(found[3]) == 2:  # noqa: PLR2004 - a two-digit year
        year += 2000 if year < _TWO_DIGIT_PIVOT else 1900
    numbers = (year, _MONTHS[found[2].lower()], int(found[1]))
    if found[4] is None:
        return Reading("day", "") if _instant((*numbers, 0, 0, 0), "", "+0000") else UNKNOWN
    clock = (int(found[4]), int(found[5]), int(found[6] or 0))
    zone = (found[7] or "").lower()
    offset = f"{_ZONES[zone]:+03d}00" if zone in _ZONES else zone
    return _reading("second" if found[6] else "minute", (*numbers, *clock), "", offset)


def read_time(text: str) -> Reading:
    """Read a time of either family."""
    found = internet_time(text)
    return found if found.precision else mail_time(text)


def _internet(found: re.Match[str], zone: str) -> Reading:
    year, month, day, hour, minute, second, fraction, _ = found.groups()
    numbers = (int(year), int(month or 1), int(day or 1))
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    if hour is None:
        precision = "day" if day else ("month" if month else "year")
        known = _instant((*numbers, *clock), "", "+0000")
        return Reading(precision, "") if known else UNKNOWN
    precision = "fraction" if fraction else ("second" if second else "minute")
    return _reading(precision, (*numbers, *clock), fraction or "", zone)


def _reading(precision: str, numbers: tuple[int, ...], fraction: str, zone: str) -> Reading:
    """Return the reading of a full time; one that no calendar has is not understood."""
    if not _instant(numbers, fraction, "+0000"):
        return UNKNOWN
    return Reading(precision, _instant(numbers, fraction, zone))


def _instant(numbers: tuple[int, ...], fraction: str, zone: str) -> str:
    """Return the canonical spelling, or empty where there is no such certain instant.

    ``zone`` -0000 means UTC of unknown local time (RFC 5322 section 3.3): the instant
    is certain.
    """
    year, month, day, hour, minute, second = numbers
    if zone.lower() == "z":
        zone = "+0000"
    if not zone or zone[0] not in "+-":
        return ""
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    try:
        tz = timezone(-offset if zone[0] == "-" else offset)
        micro = int(f"{fraction:0<6.6}")
        moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=tz).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
