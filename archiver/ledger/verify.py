"""Checks of one sealed record against its ledger leaf. Pure.

The source and context roots are recomputed from the WARC record alone, the fields root
from the row; ``C`` ties the three to the leaf.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.header_text import is_plain, labelled_digest
from archiver.ledger.commitment import UNCOMMITTED_HEADERS, commit, observation_commitment
from archiver.ledger.entry import observation
from archiver.ledger.finding import Finding
from archiver.ledger.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.columns import Column
    from archiver.record import Excerpt

__all__ = ["TAIL", "check_record"]

TAIL = (
    b"Archive-Salt:",
    b"Archive-Source-Root:",
    b"Archive-Context-Root:",
    b"Archive-Fields-Root:",
    b"WARC-Block-Digest:",
)
"""Names of the last header lines of a record, in order: the ones that no leaf covers."""

_UNCOMMITTED = frozenset(name.encode() for name in UNCOMMITTED_HEADERS)
_HEX = re.compile(rb"[0-9a-f]{64}")


def check_record(
    where: str,
    lines: Sequence[bytes],
    excerpts: Sequence[Excerpt],
    fields: tuple[Sequence[Column], Mapping[str, str]],
    leaf: bytes | None,
) -> Iterator[Finding]:
    """Yield what is wrong with one record.

    Args:
        where: how to name it in a finding.
        lines: all its WARC header lines.
        excerpts: cut from its block by its own header lines.
        fields: the field columns of its stream, and its row.
        leaf: the hash of its leaf in the ledger, ``SHA-256(0x00 ‖ 0x01 ‖ C)``; None where
            nobody can tell it any more.
    """
    wrong = _malformed(lines)
    if wrong:
        yield Finding("record-header", where, "lines, then the five that prove them", wrong)
        return
    digest = labelled_digest(b"".join([excerpt.data for excerpt in excerpts]))
    if lines[-1] != TAIL[-1] + b" " + digest:
        # Neither is told: a digest of what is private would confirm a guess of it.
        yield Finding("record-digest", where, "the digest of its block", "another")
    tail = len(TAIL)
    stated = [value for line in lines[-tail:-1] if (value := _stated(line))]
    if len(stated) < tail - 1:
        yield Finding("record-header", where, "salt and three roots of 32 bytes", "not all there")
        return
    salt, *roots = stated
    try:
        made = commit(salt, excerpts, lines[:-tail], *fields)
    except FormatError as error:
        yield Finding("record-header", where, "a record that can be committed to", str(error))
        return
    for name, computed, written in zip(("source", "context", "fields"), made, roots, strict=False):
        if computed != written:
            yield Finding(f"record-{name}", where, written.hex(), computed.hex())
    found = leaf_hash(observation(observation_commitment(*roots)))
    if leaf is not None and found != leaf:
        yield Finding("record-leaf", where, leaf.hex(), found.hex())


def _malformed(lines: Sequence[bytes]) -> str:
    """Return what is wrong with the form of header lines, or "".

    The last five are not committed to. Anything else that may stand among them, or a line
    within a line, would let one record tell two stories.
    """
    try:
        plain = is_plain(b" ".join(lines).decode())
    except UnicodeDecodeError:
        plain = False
    if not plain:
        return "a control character, or what is no UTF-8"
    if tuple([line.partition(b" ")[0] for line in lines[-len(TAIL) :]]) != TAIL:
        return "another end"
    names = [line.partition(b":")[0].lower() for line in lines[: -len(TAIL)]]
    if not _UNCOMMITTED.isdisjoint(names):
        return "a line that is not committed to among those that are"
    if any(name != name.strip() or not name for name in names[1:]):
        return "a line that is no header"
    return ""


def _stated(line: bytes) -> bytes:
    """Return the 32 bytes that a line of the end gives in hexadecimal, or none."""
    value = line.partition(b" ")[2]
    return bytes.fromhex(value.decode()) if _HEX.fullmatch(value) else b""
