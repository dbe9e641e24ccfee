"""Where a member of an export may be parted: gigabytes are read a few megabytes at a time.

A part ends where an item ends, so that each is read by itself; parts in their order are the
member. What has no such place within `LARGEST_PART` is parted anywhere, and is then torn: it
is kept, and nobody tries to read it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.limits import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Safe = Callable[[bytes], int]
    """Returns where the last whole item of a buffer ends; 0: nowhere."""
    Cutting = Callable[[], Safe]
    """Returns what parts one member."""

__all__ = [
    "LARGEST_PART",
    "LINES",
    "MBOX",
    "PART",
    "WHOLE",
    "Part",
    "array_at",
    "elements",
    "parts",
]

PART = 4 << 20
"""Bytes after which a part ends as soon as it may."""
LARGEST_PART = LARGEST_PAGE


_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
_FROM = re.compile(rb"\r?\n(?=From )")


class Part(NamedTuple):
    """A part of a member; ``torn``: it was cut where nothing ends."""

    data: bytes
    torn: bool


def parts(blocks: Iterable[bytes], cutting: Cutting, largest: int = LARGEST_PART) -> Iterator[Part]:
    """Yield the parts of a member, whose bytes come in blocks. Memory is bounded."""
    safe, buffer, wanted, torn = cutting(), bytearray(), PART, False
    if cutting is WHOLE:
        wanted = largest
    for block in blocks:
        buffer += block
        while len(buffer) >= wanted:
            at = 0 if cutting is WHOLE else safe(bytes(buffer))
            if not at and len(buffer) < largest:
                wanted = min(2 * len(buffer), largest)
                break
            end = at or largest
            torn = torn or not at
            yield Part(bytes(buffer[:end]), torn)
            torn = not at  # what goes on a torn item is no better
            del buffer[:end]
            wanted = largest if cutting is WHOLE else PART
    if buffer:
        yield Part(bytes(buffer), torn)


def _nowhere(_buffer: bytes) -> int:
    return 0


def WHOLE() -> Safe:  # noqa: N802 - a value like the others
    """Part it nowhere."""
    return _nowhere


def _line(buffer: bytes) -> int:
    return buffer.rfind(b"\n") + 1


def LINES() -> Safe:  # noqa: N802 - likewise
    """Part it after a line."""
    return _line


def _message(buffer: bytes) -> int:
    found = [one.end() for one in _FROM.finditer(buffer)]
    return found[-1] if found else 0


def MBOX() -> Safe:  # noqa: N802 - likewise
    """Part it before a message of a mailbox (RFC 4155)."""
    return _message


def _element(closing: bytes, buffer: bytes) -> int:
    """Return the end of the last such element that no CDATA section is around."""
    at = buffer.rfind(closing)
    while at >= 0 and buffer.rfind(b"<![CDATA[", 0, at) > buffer.rfind(b"]]>", 0, at):
        at = buffer.rfind(closing, 0, at)
    return at + len(closing) if at >= 0 else 0


def _elements(closings: tuple[bytes, ...], buffer: bytes) -> int:
    return next(filter(None, (_element(one, buffer) for one in closings)), 0)


def elements(*names: str) -> Cutting:
    """Return what parts an XML document after an element of the first of these names it has."""
    return lambda: partial(_elements, tuple(f"</{name}>".encode() for name in names))


class _Array:
    """Parts JSON after an item of the array that is so deep (1: the outermost bracket)."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._base = 0

    def __call__(self, buffer: bytes) -> int:
        """Return where the last whole item ends, with its comma."""
        depth, last = self._base, 0
        for token in _TOKEN.finditer(buffer):
            mark = token[0]
            if mark in {b"[", b"{"}:
                depth += 1
            elif mark in {b"]", b"}"}:
                depth -= 1
            elif mark == b",":
                last = token.end() if depth == self._depth else last
            elif mark == b'"':  # a string that goes on in the next block
                break
        if last:
            self._base = self._depth
        return last


def array_at(depth: int) -> Cutting:
    """Return what parts JSON between the items of the array at that depth."""
    return lambda: _Array(depth)
