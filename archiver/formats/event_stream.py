"""The events of a recorded event stream (WHATWG HTML, §9.2 "Server-sent events"). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Event", "events"]

_END = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One whole event: where it begins and ends, its type, and where its data lines lie.

    ``data`` are the ranges of the values of its ``data`` lines; joined by line feeds they
    are the event's data. ``id`` is the last one that the stream gave.
    """

    begin: int
    end: int
    type: str
    data: tuple[tuple[int, int], ...]
    id: str


def events(body: bytes) -> Iterator[Event]:
    """Yield the whole events of a stream, in order; comments and empty ones as type "".

    What comes after the last empty line is no event yet. Never raises.
    """
    begin, kind, last_id = 0, "", ""
    at = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    found: list[tuple[int, int]] = []
    for end in _END.finditer(body, at):
        name, colon, _ = body[at : end.start()].partition(b":")
        start = at + len(name) + len(colon)
        start += body[start : start + 1] == b" "
        value = body[start : end.start()]
        if at == end.start():
            told = kind or ("message" if found else "")
            yield Event(begin, end.end(), told, tuple(found), last_id)
            begin, kind, found = end.end(), "", []
        elif name == b"event":
            kind = value.decode("utf-8", "replace")
        elif name == b"data":
            found.append((start, end.start()))
        elif name == b"id" and b"\0" not in value:
            last_id = value.decode("utf-8", "replace")
        at = end.end()
