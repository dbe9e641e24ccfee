"""Sealed intake, read back: the spool file that a seal holds, byte for byte."""

from __future__ import annotations

import re
import zlib
from gzip import BadGzipFile, decompress
from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError
from archiver.flows.segments import open_file
from archiver.formats import warc_reading
from archiver.ledger.state import INTAKE

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Spool, SpoolFile

__all__ = ["has_nonce", "require_sealed", "spooled"]

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


def require_sealed(archive: Archive, state: LedgerState, spool: Spool, file: SpoolFile) -> None:
    """Raise `IntegrityError` unless intake has a spool file under its numbers, as it is.

    Raises `KeyStoreError` where that can't be told, as the key is not here.
    """
    numbers = [[file.first, file.last + 1]]
    for one in state.segments():
        if one.stage == INTAKE and (one.lane, one.exchanges) == (spool.lane, numbers):
            if spooled(open_file(archive, one, "warc.gz")) == spool.raw(file):
                return
            break
    raise IntegrityError(
        "exchange numbers in the spool are sealed already, with other content",
        where=f"lane {spool.lane}, exchanges {file.first} to {file.last}",
        code="exchange-number-reused",
        mend="nothing was discarded: was the home restored from a backup, or copied? Keep the "
        "spool, and capture from a home that has numbers of its own",
    )
