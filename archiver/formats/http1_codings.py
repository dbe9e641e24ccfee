"""Take content codings off a recorded body (RFC 9110 §8.4, RFC 1950, 1951, 1952).

Nothing here raises on any bytes. A coding that we do not know, or that does not
decode, is said in ``problem``; what did decode is returned.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from archiver.limits import LARGEST_DECODED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Decoded", "decode"]

_GZIP = 31
_ZLIB = 15
_RAW = -15
_STEP = 1 << 20


class Decoded(NamedTuple):
    """A body without its codings; ``left`` are the codings that could not be removed."""

    data: bytes
    left: tuple[str, ...] = ()
    problem: str = ""


def decode(data: bytes, codings: tuple[str, ...], largest: int = LARGEST_DECODED) -> Decoded:
    """Remove ``codings``, given in the order they were applied, last one first.

    Args:
        data: the coded body.
        codings: names as in ``Content-Encoding``, in any case.
        largest: no coding is decoded beyond this many bytes: a few kilobytes of gzip can
            name terabytes.
    """
    remaining = [coding.lower() for coding in codings if coding.lower() != "identity"]
    while remaining:
        if remaining[-1] not in {"gzip", "x-gzip", "deflate"}:
            problem = f"content coding {remaining[-1][:40]!a} is not known here"
            return Decoded(data, tuple(remaining), problem)
        data, problem = _inflate(data, remaining.pop(), largest)
        if problem:
            return Decoded(data, tuple(remaining), problem)
    return Decoded(data)


def _inflate(data: bytes, coding: str, largest: int) -> tuple[bytes, str]:
    if not data:  # what a server sends for HEAD, or with an empty page
        return b"", ""
    if coding == "deflate":
        # RFC 9110 §8.4.1.2 says zlib; some servers send the bare stream.
        plain, problem = _members(data, _ZLIB, largest)
        return (plain, problem) if plain or not problem else _members(data, _RAW, largest)
    return _members(data, _GZIP, largest)


def _members(data: bytes, window: int, largest: int) -> tuple[bytes, str]:
    """Inflate one stream after the other (RFC 1952 §2.2), up to ``largest`` bytes."""
    parts: list[bytes] = []
    while data:
        inflater = zlib.decompressobj(window)
        try:
            for part in _steps(inflater, data):
                parts.append(part)
                largest -= len(part)
                if largest < 0:  # by so many bytes the last part is too long
                    parts[-1] = part[:largest]
                    return b"".join(parts), "body decodes to more bytes than we allow"
        except zlib.error:
            return b"".join(parts), "body does not decode as its content coding says"
        if not inflater.eof:
            return b"".join(parts), "coded body is cut"
        data = inflater.unused_data
        if window != _GZIP and data:
            return b"".join(parts), "bytes follow the coded body"
    return b"".join(parts), ""


def _steps(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield what one stream inflates to, at most 1 MiB at a time."""
    while not inflater.eof:
        part = inflater.decompress(data, _STEP)
        data = inflater.unconsumed_tail
        if not part and not data:
            return
        yield part
