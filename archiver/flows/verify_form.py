"""Verifying the form of a segment: its files are of one kind, whole, and each has a nonce."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.columns import columns_of
from archiver.flows.intake import has_nonce
from archiver.formats import warc_reading
from archiver.ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

__all__ = ["check_form"]

MAX_OPENING = 1 << 16
_NONCE = re.compile(rb"[0-9a-f]{64}")


def check_form(
    where: str,
    files: Mapping[str, bytes],
    index: Sequence[tuple[int, int]],
    table: tuple[Sequence[Mapping[str, str]], pa.Schema],
) -> Iterator[Finding]:
    """Yield what is wrong with the form of a segment of records.

    Args:
        where: how to name it in a finding.
        files: its plain files by suffix.
        index: (offset, length) of each member of its WARC, as its ``.idx`` has it.
        table: the rows of its Parquet file, and that file's schema.
    """
    rows, schema = table
    if sum(index[-1]) != len(files["warc.gz"]):
        yield Finding("segment-counts", where, "an index over the whole WARC", "another length")
    yield from _alike(where, rows, schema)
    first = warc_reading.inflate_member(files["warc.gz"][: index[0][1]], MAX_OPENING)
    nonces = ((schema.metadata or {}).get(b"archive-nonce", b""), files["idx"][:64])
    if not (has_nonce(first) and all(map(_NONCE.fullmatch, nonces))):
        yield Finding("segment-files", where, "a nonce of 32 bytes in each file", "none")


def _alike(where: str, rows: Sequence[Mapping[str, str]], schema: pa.Schema) -> Iterator[Finding]:
    """Yield where rows are of several accounts or streams, or of another than their file says.

    Also where they have columns that no leaf covers.
    """
    if len({(row["platform"], row["account"], row["stream"]) for row in rows}) > 1:
        yield Finding("segment-files", where, "things of one account and stream", "of several")
    covered = {column.name for row in rows[:1] for column in columns_of(row["stream"])}
    stated = (schema.metadata or {}).get(b"archive-stream", b"").decode()
    if any(row["stream"] != stated for row in rows[:1]):  # by it is told who may read them
        yield Finding("segment-files", where, "its rows' stream in its footer", "another")
    if beside := set(schema.names) - covered:
        found = ", ".join(sorted(beside))[:300]
        yield Finding("segment-files", where, "the columns of its stream", found)
