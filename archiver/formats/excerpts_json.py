"""Where the parts of a JSON text lie, as byte ranges (RFC 8259).

A strict pass (`msgspec.Raw`, about 1.5 µs an item) serves well-formed bodies. Bodies it
refuses, a lone surrogate in one comment is enough, go through a tolerant scanner that
looks at strings, brackets, commas and colons only. Nothing here ever raises: what is
not found is not claimed, and so becomes residue.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BYTE_ORDER_MARK", "UNREADABLE", "Member", "json_items", "json_members"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on bytes that are not JSON, or nest too deeply for it."""

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_skip_space = re.compile(rb"[ \t\r\n]*").match
_skip_separator = re.compile(rb"[ \t\r\n,]*").match
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},:]', re.DOTALL)
_PAIRS = {b"[": b"]", b"{": b"}"}
_CLOSING = (b"]", b"}")
_BETWEEN = (b",", b":")
_SPACE = (b" ", b"\t", b"\r", b"\n")


class Member(NamedTuple):
    """One member of an object: its decoded name, and where name and value lie."""

    key: str
    key_start: int
    value_start: int
    value_end: int


def json_items(body: bytes, path: tuple[str, ...] = ()) -> list[tuple[int, int]]:
    """Return the byte range of each item of the array at ``path``, in order.

    ``path`` names object members from the top; () is the top level itself. Where a name
    occurs twice the last one counts, as in every common reader. An array that is not
    there, or a body that is not in an ASCII-compatible encoding, gives no ranges; of a
    damaged array those items are given that end before the damage.
    """
    start, end = _document(body)
    for name in path:
        found = [m for m in json_members(body, start, end) if m.key == name]
        if not found:
            return []
        start, end = found[-1].value_start, found[-1].value_end
    return _items(body, start, end)


def json_members(body: bytes, start: int, end: int) -> list[Member]:
    """Return the members of the object in ``body[start:end]``, duplicates kept.

    White space around the object is passed over; anything else there gives no members.
    """
    start = _space(body, start, end)
    if body[start : start + 1] != b"{":
        return []
    plain = _plain_members(body, start, end)
    if plain is not None:
        return plain
    members = (_member(body, *cut) for cut in _cuts(body, start, end))
    return [member for member in members if member is not None]


def _plain_members(body: bytes, start: int, end: int) -> list[Member] | None:
    """Return the members of a sound and compact object; None for any other.

    Compact: no white space between names and values, no name twice or with an escape in it.
    """
    try:
        decoded = _OBJECT.decode(memoryview(body)[start:end])
    except UNREADABLE:
        return None
    found = []
    position = start + 1
    for name, raw in decoded.items():
        value = position + len(name.encode()) + len('"":')
        if body[position:value] != b'"%b":' % name.encode() or body[value : value + 1] in _SPACE:
            return None
        after = value + memoryview(raw).nbytes
        found.append(Member(name, position, value, after))
        if body[after : after + 1] not in (b",", b"}"):
            return None
        position = after + 1
    # What is left is white space, where no member was passed over.
    return found if found and body[position - 1 : position] == b"}" else None


def _document(body: bytes) -> tuple[int, int]:
    """Return where the text lies: after a byte order mark; nowhere in UTF-16 or UTF-32."""
    if 0 in body[:4]:  # RFC 4627 section 3: a NUL this early means UTF-16 or UTF-32
        return 0, 0
    return (len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0), len(body)


def _space(body: bytes, start: int, end: int) -> int:
    """Return the first position at or after ``start`` that is no white space."""
    found = _skip_space(body, start, end)
    return found.end() if found else start


def _items(body: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of the items of the array in ``body[start:end]``."""
    start = _space(body, start, end)
    if body[start : start + 1] != b"[":
        return []
    whole = start == 0 and end == len(body)
    try:
        raws = _ARRAY.decode(body if whole else memoryview(body)[start:end])
    except UNREADABLE:
        return _tolerant_items(body, start, end)
    ranges = []
    position = start + 1
    for raw in raws:
        found = _skip_separator(body, position, end)
        item = found.end() if found else position
        position = item + memoryview(raw).nbytes
        ranges.append((item, position))
    return ranges


def _tolerant_items(body: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the non-empty items of a damaged array."""
    trimmed = (_trim(body, left, right) for left, _, right in _cuts(body, start, end))
    return [(left, right) for left, right in trimmed if left < right]


def _cuts(body: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, first colon or -1, end) of each part of the bracket at ``start``.

    Parts lie between the commas of that bracket itself. The scan ends with the closing
    bracket, or before the first part that is not closed properly. Time is linear.
    """
    left, colon = start + 1, -1
    for mark, position in _outer_marks(body, start, end):
        if mark != b":":
            yield left, colon, position
            left, colon = position + 1, -1
        elif colon < 0:
            colon = position


def _outer_marks(body: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield the commas, colons and the closing mark of the bracket at ``start`` itself."""
    stack: list[bytes] = []
    for token in _TOKEN.finditer(body, start, end):
        mark = token[0]
        if mark in _PAIRS:
            stack.append(_PAIRS[mark])
        elif mark in _CLOSING:
            if stack.pop() != mark:
                return
            if not stack:
                yield mark, token.start()
                return
        elif mark == b'"':  # a string that never ends
            return
        elif mark in _BETWEEN and len(stack) == 1:
            yield mark, token.start()


def _trim(body: bytes, left: int, right: int) -> tuple[int, int]:
    """Return the range without white space at either end."""
    left = _space(body, left, right)
    return left, left + len(body[left:right].rstrip(b" \t\r\n"))


def _member(body: bytes, left: int, colon: int, right: int) -> Member | None:
    """Return one part of an object as a member, or None where it is none."""
    key_start, key_end = _trim(body, left, colon)
    value_start, value_end = _trim(body, colon + 1, right)
    if colon < 0 or value_start == value_end:
        return None
    try:
        key = json.loads(body[key_start:key_end].decode("utf-8", "surrogateescape"), strict=False)
    except ValueError:
        return None
    return Member(key, key_start, value_start, value_end) if isinstance(key, str) else None
