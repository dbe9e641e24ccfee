"""A newer generation of a record: the same excerpts, read anew by a newer parser.

It is a record of its own, with its own salt and leaf, and names the first generation
(``WARC-Type: conversion``, ISO 28500 §6.7). Nothing is replaced. Byte-level rules:
``docs/formats/record-warc.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.formats.warc_reading import header_value

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["conversion_lines", "differences"]

_TAIL = 5
"""Lines after the committed ones: salt, three roots, digest."""
_TYPE, _ID, _REFERS, _PARSER = b"WARC-Type", b"WARC-Record-ID", b"WARC-Refers-To", b"Archive-Parser"
_OWN = {_TYPE, _ID, _REFERS, _PARSER}


def conversion_lines(first: Sequence[bytes], uuid: str, parser: str) -> list[bytes]:
    """Return the committed header lines of a newer generation.

    Args:
        first: all header lines of the first generation's record.
        uuid: the newer record's own random UUID.
        parser: name and version of the parser that made its row.

    Raises `FormatError` where the first is a newer generation itself.
    """
    if header_value(list(first), "WARC-Type") == "conversion":
        raise FormatError("a newer generation names the first one, not another newer one")
    own = header_value(list(first), "WARC-Record-ID")
    put = {
        _TYPE: [b"WARC-Type: conversion"],
        _ID: [b"WARC-Record-ID: <urn:uuid:%b>" % uuid.encode(), b"WARC-Refers-To: " + own.encode()],
        _PARSER: [b"Archive-Parser: " + parser.encode()],
    }
    lines = first[:-_TAIL]
    return [made for line in lines for made in put.get(line.partition(b":")[0], [line])]


def differences(first: Sequence[bytes], newer: Sequence[bytes]) -> str:
    """Return what a newer generation's header has otherwise than it may, or ""."""
    wanted = [line for line in first[:-_TAIL] if line.partition(b":")[0] not in _OWN]
    found = [line for line in newer[:-_TAIL] if line.partition(b":")[0] not in _OWN]
    if wanted != found:
        return "other header lines than the first generation's"
    lines = list(first)
    if header_value(lines, "WARC-Type") == "conversion":
        return "the name of another newer generation"
    if header_value(lines, "Archive-Parser") == header_value(list(newer), "Archive-Parser"):
        return "the parser of the first generation"
    return ""
