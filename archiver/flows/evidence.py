"""The files of outside evidence that the ledger names, read and held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, IntegrityError
from archiver.flows.verify_objects import fetch
from archiver.layout import CHECKPOINT, anchor_key
from archiver.ledger.anchor import COSIGNED, TIMESTAMP, Anchor, anchors_of
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.checks import DigestCheck
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.finding import Finding
from archiver.ledger.renewal import Dated
from archiver.ledger.timestamp import Pinned, Stamp, open_stamp, read_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = ["Cosigned", "Evidence", "anchor_check", "check_stamp", "gather"]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A stored checkpoint of the log, and which keys of witnesses cosigned it."""

    anchor: Anchor
    note: bytes
    keys: frozenset[str]


@dataclass(slots=True)
class Evidence:
    """What holds: cosigned checkpoints, verified time-stamps, the bytes of all files by name.

    ``spoilt``: anchors whose file is gone or another one.
    ``unpinned``: time-stamps that no pinned certificate is there to verify.
    """

    cosigned: list[Cosigned]
    stamps: list[Dated]
    files: dict[str, bytes]
    spoilt: list[Anchor]
    unpinned: int = 0


def anchor_check(anchor: Anchor) -> DigestCheck:
    """Return the check of an anchor's file."""
    key = anchor_key(anchor.file)
    return DigestCheck(key, anchor.sha256, "anchor-changed", "anchor-missing")


def gather(
    archive: Archive,
    state: LedgerState,
    keys: Sequence[str],
    root_at: Callable[[int], bytes | None],
    *,
    whole: bool = True,
) -> tuple[Evidence, list[Finding]]:
    """Return the evidence that the ledger names, and what is wrong with it.

    What relies on a file that is gone or changed is not judged: that file is named.

    Args:
        archive: where.
        state: the ledger; its ``anchor`` entries name the files.
        keys: of witnesses; cosignatures of others are ignored.
        root_at: the root of the log at a size, None where it can't be told (`FormatError`
            beyond its end).
        whole: no entry of the ledger is lost that may have named a file.
    """
    evidence, findings = Evidence([], [], {}, []), list[Finding]()
    pinned = [one.pinned() for one in archive.anchoring.authorities]
    anchors = anchors_of(state.controls)
    named = {one.file: one.index for one in reversed(anchors)}
    for anchor in anchors:
        check = anchor_check(anchor)
        data = fetch(archive.store, check.key)
        wrong = [check.missing()] if data is None else list(check.judge(data))
        if data is None or wrong:
            findings += wrong
            evidence.spoilt.append(anchor)
            continue
        evidence.files[anchor.file] = data
        try:
            if whole:
                _named_before(anchor, named)
            _take(archive, evidence, anchor, (keys, pinned, root_at))
        except ArchiverError as error:
            where = anchor_key(anchor.file)
            findings.append(Finding("anchor-false", where, f"a {anchor.kind} file", str(error)))
    return evidence, findings


def _named_before(anchor: Anchor, named: Mapping[str, int]) -> None:
    for name in anchor.of:
        if named.get(name, anchor.index) >= anchor.index:
            raise IntegrityError("it stamps a file that no entry before it names", where=name)


def _take(
    archive: Archive,
    evidence: Evidence,
    anchor: Anchor,
    against: tuple[Sequence[str], Sequence[Pinned], Callable[[int], bytes | None]],
) -> None:
    """Take in one file as evidence. Raises `FormatError` or `IntegrityError` for a false one."""
    keys, pinned, root_at = against
    data = evidence.files[anchor.file]
    if anchor.kind == COSIGNED:
        found = open_checkpoint(data, archive.identity.keys)
        _hold(found, anchor, root_at)
        by = frozenset(one.key for one in cosignatures(data, keys))
        evidence.cosigned.append(Cosigned(anchor, data, by))
    if anchor.kind == TIMESTAMP and evidence.files.keys() >= set(anchor.of):
        message = b"".join(evidence.files[name] for name in anchor.of)
        stamp = check_stamp(data, message, pinned)
        if stamp is None:
            evidence.unpinned += 1
        else:
            evidence.stamps.append(Dated(anchor.file, anchor.of, stamp))


def _hold(found: Checkpoint, anchor: Anchor, root_at: Callable[[int], bytes | None]) -> None:
    if found.size != anchor.size or found.size > anchor.index:
        raise IntegrityError("its size is not what its entry says", where=str(found.size))
    if root_at(found.size) not in {None, found.root}:
        raise IntegrityError("it is of another history of this log", where=CHECKPOINT)


def check_stamp(
    reply: bytes, message: bytes, pinned: Sequence[Pinned], nonce: bytes = b""
) -> Stamp | None:
    """Return what a token says, under whichever pinned authority it holds.

    None where no authority is pinned: then only its form was looked at. Raises `FormatError`
    or `IntegrityError` where it holds under none of them.
    """
    if not pinned:
        read_stamp(reply)
        return None
    errors: list[str] = []
    for one in pinned:
        try:
            return open_stamp(reply, message, one, nonce)
        except IntegrityError as error:
            errors.append(error.message)
    raise IntegrityError(f"it holds under no pinned authority: {'; '.join(errors)}")
