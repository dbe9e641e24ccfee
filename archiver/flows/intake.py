"""Sealed intake, read back: the spool file that a seal holds, byte for byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver import __version__
from archiver.errors import FormatError
from archiver.flows.segments import new_nonce
from archiver.formats import warc, warc_reading
from archiver.formats.parquet import canonical_time
from archiver.ids import new_uuid

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["has_nonce", "new_opening", "spooled"]

_NONCE = re.compile(rb"\r\narchive-nonce: [0-9a-f]{64}\r\narchive-padding: [0-9a-f]+\r\n")


def new_opening(archive: Archive) -> bytes:
    """Return the ``warcinfo`` record that a new intake file begins with."""
    return warc.warcinfo(
        new_uuid(archive.chance),
        canonical_time(archive.clock.now()),
        *new_nonce(archive),
        f"civic-archiver/{__version__}",
    )


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
