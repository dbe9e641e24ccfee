"""The ``.idx`` of a record WARC: where each gzip member lies. Number, offset, length only.

Byte-level rules: ``docs/formats/record-warc.md``.
"""

from __future__ import annotations

from archiver.errors import FormatError
from archiver.limits import MOST_ROWS

__all__ = ["index", "parse_index"]


def index(lengths: list[int], nonce: bytes, padding: bytes) -> bytes:
    """Return the ``.idx`` of a WARC: nonce and padding, then number, offset, length a line.

    ``padding``: ASCII digits, written as they are.
    """
    lines = [f"{nonce.hex()} {padding.decode()}"]
    offset = 0
    for number, length in enumerate(lengths):
        lines.append(f"{number} {offset} {length}")
        offset += length
    return ("\n".join(lines) + "\n").encode()


def parse_index(data: bytes) -> list[tuple[int, int]]:
    """Return (offset, length) of each member. Raises `FormatError`."""
    if data.count(b"\n") > MOST_ROWS:
        raise FormatError("index file of more members than any of ours")
    lines = data.split(b"\n")
    if len(lines) < 2 or lines[-1]:  # noqa: PLR2004 - nonce line and the end of the last one
        raise FormatError("index file is cut")
    found: list[tuple[int, int]] = []
    end = 0
    for number, line in enumerate(lines[1:-1]):
        parts = line.split(b" ")
        if len(parts) != 3 or not all(part.isdigit() for part in parts):  # noqa: PLR2004
            raise FormatError("index line is not three numbers", where=f"line {number + 2}")
        own, offset, length = map(int, parts)
        if own != number or offset != end or length == 0:
            raise FormatError("index lines do not follow one another", where=f"line {number + 2}")
        found.append((offset, length))
        end = offset + length
    return found
