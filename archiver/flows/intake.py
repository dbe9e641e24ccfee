"""Sealed intake, read back: the spool file that a seal holds, byte for byte."""

from __future__ import annotations

import re
import zlib
from gzip import BadGzipFile, decompress

from archiver.errors import FormatError
from archiver.formats import warc_reading

__all__ = ["has_nonce", "spooled"]

_NONCE = re.compile(rb"\r\narchive-nonce: [0-9a-f]{64}\r\narchive-padding: (?:[0-9a-f]{2})+\r\n")


def has_nonce(record: bytes) -> bool:
    """Tell whether a WARC record is a ``warcinfo`` with a nonce of 32 bytes and padding."""
    typed = warc_reading.header_value(warc_reading.parse_record(record).lines, "WARC-Type")
    return typed == "warcinfo" and bool(_NONCE.search(record))


def spooled(plain: bytes) -> bytes:
    """Return the spool file in the plain bytes of an intake WARC.

    Raises `FormatError` where they are no gzip, or do not begin with a ``warcinfo``.
    """
    try:
        whole = decompress(plain)
    except (BadGzipFile, EOFError, zlib.error) as error:
        raise FormatError(f"intake is no gzip file: {error}") from error
    records = warc_reading.split_records(whole)
    if not records or not has_nonce(records[0]):
        raise FormatError("intake does not begin with its warcinfo record and nonce")
    return whole[len(records[0]) :]
