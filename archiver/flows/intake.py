"""Sealed intake, read back: the spool file that a seal holds, byte for byte."""

from __future__ import annotations

import re

from archiver.errors import FormatError
from archiver.formats import warc_reading

__all__ = ["has_nonce", "spooled"]

_NONCE = re.compile(rb"\r\narchive-nonce: [0-9a-f]{64}\r\narchive-padding: [0-9a-f]+\r\n")


def has_nonce(record: bytes) -> bool:
    """Tell whether a WARC record is a ``warcinfo`` with a nonce of 32 bytes and padding."""
    typed = warc_reading.header_value(warc_reading.parse_record(record).lines, "WARC-Type")
    return typed == "warcinfo" and bool(_NONCE.search(record))


def spooled(plain: bytes) -> bytes:
    """Return the spool file in the plain bytes of an intake WARC.

    Raises `FormatError` where they are no gzip, or do not begin with a ``warcinfo``.
    """
    opening, *records = warc_reading.inflate_members(plain)
    if not has_nonce(opening):
        raise FormatError("intake does not begin with its warcinfo record and nonce")
    return b"".join(records)
