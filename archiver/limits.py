"""Limits of size: what is larger is not captured, not written, or refused when it is read.

All in one place, in bytes where nothing else is said. Each is far above what platforms
send, and low enough that a hostile file costs a reader a bounded amount of memory.
Reasons: ``docs/adr/0030-limits-of-size.md``.
"""

from __future__ import annotations

__all__ = [
    "LARGEST_BODY",
    "LARGEST_DECODED",
    "LARGEST_DELIVERY",
    "LARGEST_FOOTER",
    "LARGEST_HEADER",
    "LARGEST_LINE",
    "LARGEST_LOG_OBJECT",
    "LARGEST_OBJECT",
    "LARGEST_PAGE",
    "LARGEST_RECORD",
    "LARGEST_ROWS",
    "LONGEST_ID",
    "LONGEST_VALUE",
    "MOST_CONTAINED",
    "MOST_EXCERPTS",
    "MOST_EXCHANGES",
    "MOST_HEADERS",
    "MOST_ROWS",
    "ROLL_SIZE",
]

LARGEST_BODY = 256 << 20
"""Body of one HTTP response. A larger file is refused at capture (``too-large``)."""

ROLL_SIZE = 64 << 20
"""A spool file that has grown so large is closed, and a batch that has is sealed."""

LARGEST_PAGE = 64 << 20
"""The same of an answer that is not a file: it is read as JSON or XML, in memory."""

LARGEST_DELIVERY = 16 << 20
"""What a platform may send us by itself; those that we know send a few megabytes at most."""

LARGEST_DECODED = 64 << 20
"""What a body may decode to that came with a content coding, which we never ask for."""

LARGEST_LINE = 65_535
LARGEST_HEADER = 262_144
"""One header line of a WARC record, and all of them."""

LARGEST_RECORD = LARGEST_BODY + (2 << 20)
"""A WARC record: the largest body, the largest HTTP head (1 MiB), its own header."""

LARGEST_OBJECT = 384 << 20
"""A stored object: what one batch of `ROLL_SIZE` and one more exchange come to."""

LARGEST_LOG_OBJECT = 32 << 20
"""A tile, a bundle (at most 17 MB), a checkpoint, the head, the archive's identity."""

LARGEST_ROWS = 1 << 30
MOST_ROWS = 1 << 20
"""The columns of a Parquet file, decompressed, and its rows; a batch has far less."""

LARGEST_FOOTER = 16 << 20
"""A text in the footer of a Parquet file: nonce, padding, statistics of a column."""

LONGEST_ID = 8_192
"""A record id, percent-encoded. An item with a longer one stays residue."""

LONGEST_VALUE = 8_192
"""A value of the platform's in a header line: an address, a header of its own."""

MOST_HEADERS = 16
"""Response headers that a record keeps."""

MOST_EXCERPTS = 4_096
"""Excerpts of a record, 32 bytes of its header each at most."""

MOST_EXCHANGES = 1 << 20
"""Exchanges of one intake seal: a spool file of `ROLL_SIZE` would have 64 bytes for each."""

MOST_CONTAINED = 500
"""Contained things that a record names one by one; one ``unresolved`` stands for the rest."""
