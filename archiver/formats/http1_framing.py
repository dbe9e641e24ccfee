"""Where a recorded HTTP/1.1 message begins and ends (RFC 9112 §2, §6, §7).

Tolerant on purpose: what was recorded may be cut or malformed, and still is evidence.
Nothing here raises on any bytes; what is wrong is said in ``problem``. Offsets are
kept, so that a replacement can be written back to the exact bytes it was found in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

__all__ = [
    "Chunks",
    "Framed",
    "Headers",
    "are_too_small",
    "frame_request",
    "frame_response",
    "unchunk",
]

Headers = tuple[tuple[str, str], ...]
"""Header names and values in order, spelt as received, bytes as Latin-1."""

_BLANK = re.compile(rb"\n\r?\n")
_STATUS = re.compile(r"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\Z")
_LONGEST_SIZE_LINE = 16_384
_FEW_CHUNKS = 65_536
_SMALLEST = 64
"""Bytes that chunks must have on average where they are many. A chunk costs us more than a
hundred bytes of memory, so that smaller ones would fill it out of proportion."""
_BODILESS = frozenset({204, 304})


class Chunks(NamedTuple):
    """A chunked body taken apart.

    ``ranges`` are the offsets of the data in the message, ``end`` the offset after the
    body, ``trailers`` the trailer section (RFC 9112 §7.1.2). ``whole``: nothing is missing.
    """

    ranges: tuple[tuple[int, int], ...]
    end: int
    trailers: Headers
    problem: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Framed:
    """One message: its head, and where its body lies.

    ``status`` is 0 for a request or an unreadable status line. ``body_start`` is -1
    where the head has no end. ``ranges`` are the offsets of the body's data, without
    chunk sizes; ``end`` is the offset after the message. ``complete``: nothing of it is
    missing. ``interim`` are the status lines of 1xx responses before it.
    """

    start_line: str = ""
    status: int = 0
    headers: Headers = ()
    body_start: int = -1
    ranges: tuple[tuple[int, int], ...] = ()
    end: int = 0
    chunked: bool = False
    trailers: Headers = ()
    complete: bool = False
    problem: str = ""
    interim: tuple[str, ...] = ()

    def values(self, name: str) -> list[str]:
        """Return the values of all header lines of that name (RFC 9110 §5.1: any case)."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def payload(self, raw: bytes) -> bytes:
        """Return the body without its transfer framing, from the message's own bytes."""
        return b"".join(raw[start:end] for start, end in self.ranges)


class _Head(NamedTuple):
    start_line: str
    headers: Headers
    end: int
    problem: str


class _Body(NamedTuple):
    """How a body lies in its message; ``length`` -1 means until the connection closes."""

    length: int = -1
    chunked: bool = False
    problem: str = ""


def frame_response(raw: bytes, method: str = "GET") -> Framed:
    """Frame a recorded response to a request of that method (RFC 9112 §6.3)."""
    interim: list[str] = []
    start = 0
    while True:
        head = _head(raw, start)
        found = _STATUS.match(head.start_line)
        status = int(found[1]) if found else 0
        if head.end < 0 or not 100 <= status < 200 or status == 101:  # noqa: PLR2004 - RFC 9110 §15.2
            break
        interim.append(head.start_line)
        start = head.end
    if not found and head.end >= 0:
        head = head._replace(problem="no HTTP status line")
    framed = _frame(raw, head, _response_body(head.headers, status, method))
    return replace(framed, status=status, interim=tuple(interim))


def frame_request(raw: bytes) -> Framed:
    """Frame a recorded request (RFC 9112 §6.3: without a length it has no body)."""
    head = _head(raw, 0)
    body = _declared_body(head.headers)
    if body.length < 0 and not body.chunked:
        body = body._replace(length=0)
    return _frame(raw, head, body)


def are_too_small(chunks: int, length: int) -> bool:
    """Tell whether so many chunks in so many bytes are more than anybody honest sends."""
    return chunks > _FEW_CHUNKS + length // _SMALLEST


def unchunk(raw: bytes, start: int) -> Chunks:
    """Take the chunked body at offset ``start`` apart (RFC 9112 §7.1)."""
    ranges: list[tuple[int, int]] = []
    first = start
    while True:
        if are_too_small(len(ranges), start - first):
            return Chunks(tuple(ranges), start, (), "too many small chunks", whole=False)
        line_end = raw.find(b"\n", start, start + _LONGEST_SIZE_LINE)
        size = _SIZE.match(raw[start:line_end]) if line_end >= 0 else None
        if size is None:
            cut = line_end < 0 and len(raw) - start < _LONGEST_SIZE_LINE
            problem = "body is cut at a chunk size" if cut else "not a chunk size"
            return Chunks(tuple(ranges), start, (), problem, whole=False)
        start, length = line_end + 1, int(size[1], 16)
        if length == 0:
            return _trailers(raw, start, tuple(ranges))
        stop = min(start + length, len(raw))
        ranges.append((start, stop))
        after = _line_end(raw, stop)
        if after < 0:
            cut = len(raw) - stop < len(b"\r\n") and raw[stop:] in {b"", b"\r"}
            problem = "body is cut inside a chunk" if cut else "chunk does not end where it says"
            return Chunks(tuple(ranges), stop, (), problem, whole=False)
        start = after


def _line_end(raw: bytes, at: int) -> int:
    """Return the offset after the line end at ``at``, or -1 where there is none."""
    if raw.startswith(b"\r\n", at):
        return at + 2
    return at + 1 if raw.startswith(b"\n", at) else -1


def _trailers(raw: bytes, start: int, ranges: tuple[tuple[int, int], ...]) -> Chunks:
    empty = _line_end(raw, start)
    if empty >= 0:
        return Chunks(ranges, empty, (), "", whole=True)
    blank = _BLANK.search(raw, start)
    if blank is None:
        return Chunks(ranges, len(raw), (), "body is cut in its trailers", whole=False)
    pairs, problem = _pairs(raw[start : blank.end()])
    return Chunks(ranges, blank.end(), pairs, problem, whole=True)


def _head(raw: bytes, start: int) -> _Head:
    """Read start line and headers at ``start``; of a cut head, its whole lines."""
    while raw[start : start + 1] in {b"\r", b"\n"}:
        start += 1
    blank = _BLANK.search(raw, start)
    end = blank.end() if blank else -1
    text = raw[start : end if blank else raw.rfind(b"\n", start) + 1]
    line, _, rest = text.partition(b"\n")
    pairs, problem = _pairs(rest)
    if not blank:
        problem = "head is cut" if raw else "nothing was received"
    return _Head(line.removesuffix(b"\r").decode("latin-1"), pairs, end, problem)


def _pairs(block: bytes) -> tuple[Headers, str]:
    """Return the header pairs of a block of lines; folded lines join (RFC 9112 §5.2)."""
    pairs: list[tuple[str, str]] = []
    problem = ""
    for line in block.decode("latin-1").split("\n"):
        text = line.removesuffix("\r")
        name, colon, value = text.partition(":")
        if text[:1] in {" ", "\t"} and pairs:
            folded = pairs[-1][1] + " " + text.strip(" \t")
            pairs[-1] = (pairs[-1][0], folded.strip(" \t"))
        elif colon:
            pairs.append((name, value.strip(" \t")))
        elif text:
            problem = "a header line has no colon"
            pairs.append((text, ""))
    return tuple(pairs), problem


def _response_body(headers: Headers, status: int, method: str) -> _Body:
    if status == 101:  # noqa: PLR2004 - RFC 9110 §15.2.2: what follows is another protocol
        return _Body()
    if method.upper() == "HEAD" or status in _BODILESS or 100 <= status < 200:  # noqa: PLR2004 - RFC 9112 §6.3
        return _Body(0)
    return _declared_body(headers)


def _declared_body(headers: Headers) -> _Body:
    """Return what Transfer-Encoding and Content-Length say, the first of them winning."""
    codings = _list(headers, "transfer-encoding")
    if codings:
        return _Body(chunked=codings[-1].lower() == "chunked")
    lengths = set(_list(headers, "content-length"))
    if not lengths:
        return _Body()
    length = lengths.pop()
    # `isdigit` alone accepts superscripts, and no real body needs more than 18 digits.
    if lengths or not (length.isascii() and length.isdigit()) or len(length) > 18:  # noqa: PLR2004
        return _Body(problem="Content-Length is no single number")
    return _Body(int(length))


def _list(headers: Headers, name: str) -> list[str]:
    """Return the members of a comma-separated header (RFC 9110 §5.6.1)."""
    joined = ",".join(value for key, value in headers if key.lower() == name)
    return [item.strip(" \t") for item in joined.split(",") if item.strip(" \t")]


def _frame(raw: bytes, head: _Head, body: _Body) -> Framed:
    """Join a head and the body it announces."""
    framed = Framed(head.start_line, 0, head.headers, head.end, end=len(raw), problem=head.problem)
    if head.end < 0:
        return framed
    chunks = unchunk(raw, head.end) if body.chunked else _plain(raw, head.end, body.length)
    extra = len(raw) - chunks.end
    beyond = f"{extra} bytes after the end" if extra and not chunks.problem else ""
    return replace(
        framed,
        ranges=chunks.ranges,
        end=chunks.end,
        chunked=body.chunked,
        trailers=chunks.trailers,
        complete=chunks.whole and not body.problem,
        problem=head.problem or body.problem or chunks.problem or beyond,
    )


def _plain(raw: bytes, start: int, length: int) -> Chunks:
    """Return the body that is not chunked; a ``length`` of -1 reaches to the end."""
    end = len(raw) if length < 0 else min(start + length, len(raw))
    whole = end - start >= length
    problem = "" if whole else f"body is cut: {end - start} of {length} bytes"
    return Chunks(((start, end),), end, (), problem, whole=whole)
