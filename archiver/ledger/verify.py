"""Checks of one sealed record against its ledger leaf. Pure.

The source and context roots are recomputed from the WARC record alone, the fields root
from the row; ``C`` ties the three to the leaf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.ledger.commitment import commit, committed_lines, observation_commitment
from archiver.ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.columns import Column
    from archiver.record import Excerpt

__all__ = ["check_record"]


def check_record(
    where: str,
    lines: Sequence[bytes],
    excerpts: Sequence[Excerpt],
    fields: tuple[Sequence[Column], Mapping[str, str]],
    leaf: bytes,
) -> Iterator[Finding]:
    """Yield what is wrong with one record.

    Args:
        where: how to name it in a finding.
        lines: all its WARC header lines.
        excerpts: cut from its block by its own header lines.
        fields: the field columns of its stream, and its row.
        leaf: the commitment ``C`` in the ledger.
    """
    stated = {
        name: _hex(lines, name) for name in ("salt", "source-root", "context-root", "fields-root")
    }
    if None in stated.values():
        yield Finding("record-header", where, "salt and three roots of 32 bytes", "not all there")
        return
    salt, *roots = (value for value in stated.values() if value is not None)
    try:
        made = commit(salt, excerpts, committed_lines(lines), *fields)
    except FormatError as error:
        yield Finding("record-header", where, "a record that can be committed to", str(error))
        return
    for name, computed, written in zip(("source", "context", "fields"), made, roots, strict=False):
        if computed != written:
            yield Finding(f"record-{name}", where, written.hex(), computed.hex())
    if observation_commitment(*roots) != leaf:
        yield Finding("record-leaf", where, leaf.hex(), observation_commitment(*roots).hex())


def _hex(lines: Sequence[bytes], name: str) -> bytes | None:
    prefix = f"archive-{name}:".encode()
    found = [line for line in lines if line[: len(prefix)].lower() == prefix]
    if len(found) != 1:
        return None
    try:
        value = bytes.fromhex(found[0][len(prefix) :].decode("ascii").strip())
    except ValueError:
        return None
    return value if len(value) == 32 else None  # noqa: PLR2004 - bytes of a SHA-256
