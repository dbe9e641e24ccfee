"""Checks of one sealed record against its ledger leaf. Pure.

The source and context roots are recomputed from the WARC record alone, the fields root
from the row; ``C`` ties the three to the leaf.
"""

from __future__ import annotations

import re
from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.header_text import is_plain
from archiver.ledger.commitment import commit, committed_lines, observation_commitment
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

_HEX = re.compile(rb" ([0-9a-f]{64})")


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
    digest = _digest(b"".join(excerpt.data for excerpt in excerpts))
    if lines[-1] != TAIL[-1] + b" " + digest:
        # Neither is told: a digest of what is private would confirm a guess of it.
        yield Finding("record-digest", where, "the digest of its block", "another")
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
    if [line.partition(b" ")[0] for line in lines[-len(TAIL) :]] != list(TAIL):
        return "another end"
    committed = list(lines[: -len(TAIL)])
    if committed_lines(lines) != committed:
        return "a line that is not committed to among those that are"
    names = [line.partition(b":")[0].lower() for line in committed[1:]]
    if any(name != name.strip() or not name for name in names):
        return "a line that is no header"
    return ""


def _digest(block: bytes) -> bytes:
    """Return a labelled digest (WARC 1.1 §5.8): SHA-256 in base32."""
    return b"sha256:" + b32encode(sha256(block).digest())


def _hex(lines: Sequence[bytes], name: str) -> bytes | None:
    prefix = f"archive-{name}:".encode()
    found = [line for line in lines if line[: len(prefix)].lower() == prefix]
    if len(found) != 1:
        return None
    spelt = _HEX.fullmatch(found[0][len(prefix) :])
    return bytes.fromhex(spelt[1].decode()) if spelt else None
