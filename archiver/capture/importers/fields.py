"""Handlers that exports share: times in their spellings, and texts that were coded twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.text import plain_text
from archiver.capture.times import UNKNOWN, Reading, internet_time, mail_time, unix_time

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row

__all__ = ["classic_time", "html", "mended", "minute_time", "raw", "stamp", "twice_coded"]


def classic_time(text: str) -> Reading:
    """Read ``Fri Oct 13 18:01:33 +0000 2023``: RFC 822 with the year at its end."""
    words = text.split()
    if len(words) != 6:  # noqa: PLR2004 - the six words above
        return UNKNOWN
    _, month, day, clock, zone, year = words
    return mail_time(f"{day} {month} {year} {clock} {zone}")


def minute_time(text: str) -> Reading:
    """Read ``2023-10-13 18:01:33 UTC``, or the same without a zone, which is no instant."""
    day, _, rest = text.partition(" ")
    clock, _, zone = rest.partition(" ")
    sure = zone in {"UTC", "GMT"}
    return internet_time(f"{day}T{clock}{'Z' if sure else ''}")


def stamp(prefix: str) -> Handler:
    """Return a handler for seconds or milliseconds since 1970, as a number or as text."""

    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        row.time(prefix, name, text, unix_time(text.partition(".")[0]))

    return handle


def mended(text: str) -> str:
    r"""Return a text whose UTF-8 bytes were escaped one by one (``\u00c3\u00a9`` for é), mended.

    So Meta writes its exports. What is no UTF-8 then was not coded twice, and stays as it is.
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def twice_coded(column: str) -> Handler:
    """Return a handler for such a text; the excerpt has it as it came."""

    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        found = mended(text)
        if found != text:
            row.flag("twice-coded")
        row.put(column, found)

    return handle


def html(row: Row, name: str, value: bytes) -> None:
    """Take HTML, and the text a reader sees of it."""
    text = row.text(name, value)
    row.put("markup", text)
    row.put("text", plain_text(text))


def raw(column: str) -> Handler:
    """Return a handler for JSON that a column keeps as it was spelt; an empty list gives none."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value not in {b"[]", b"null", b'""'}:
            row.put(column, row.raw(name, value))

    return handle
