"""What an archive holds, as its ledger says it: each stored object with the check of its bytes.

A copy of the archive has these objects and no others; a purge asks where they are.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, IntegrityError
from archiver.flows.evidence import anchor_check
from archiver.flows.verified import settlement
from archiver.flows.verify_inventory import keys_of, segment_checks
from archiver.flows.verify_log import LogCheck
from archiver.layout import (
    ARCHIVE_FILE,
    CHECKPOINT,
    DAILY,
    HEAD,
    STAGING,
    TILES,
    set_key,
    staging_key,
)
from archiver.ledger.anchor import anchors_of
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.checks import DigestCheck
from archiver.ledger.head import Head
from archiver.ledger.sets import set_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ledger.checks import Check
    from archiver.ledger.finding import Finding
    from archiver.ledger.state import LedgerState
    from archiver.ledger.tree import ReadHash

__all__ = ["Holdings", "holdings"]

_PARTS = (TILES, DAILY)
_STAGED = re.compile(re.escape(STAGING) + "[0-9]{1,20}-([0-9a-f]{64})")
_TRIES = 5
"""Times that a log is read which grows while it is read."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that belongs to an archive at one signed head.

    ``note``: that head as it is stored, with cosignatures; ``head``: the unsigned one of the same
    size. ``checks``: one for each object but these two, ``archive.json`` first. ``going``: keys of
    files that were superseded and verified, or destroyed by order, so that no copy keeps them.
    ``findings``: what is wrong with the log.
    """

    checkpoint: Checkpoint
    note: bytes
    head: bytes
    checks: Sequence[Check]
    going: Collection[str]
    read: ReadHash
    findings: Sequence[Finding]


def holdings(archive: Archive) -> Holdings:
    """Return what an archive holds. Raises `IntegrityError` where its log can't tell.

    Everything stands at one head: where the log grows meanwhile, it is read again.
    """
    for _ in range(_TRIES):
        stored = archive.store.load(CHECKPOINT)
        log = LogCheck(archive)
        findings = list(log.run())
        now = archive.store.load(CHECKPOINT)
        if stored is None or log.checkpoint is None or not log.complete():
            break
        if now is None or now.data != stored.data:
            continue
        if open_checkpoint(stored.data, archive.identity.keys) != log.checkpoint:
            break
        settled = settlement(archive, log.state)
        going = keys_of(settled.going)
        needed = [*log.state.segments(), *settled.needed]
        files = [check for one in needed for check in segment_checks(one)]
        parts = [check for key, check in log.checks.items() if key.startswith(_PARTS)]
        head, staged = _head(archive, log.checkpoint)
        checks = [log.checks[ARCHIVE_FILE], *files, *_named(log.state), *parts, *staged]
        return Holdings(log.checkpoint, stored.data, head, checks, going, log.view.read, findings)
    raise IntegrityError(
        "the log can't be read well enough to say what the archive holds",
        where=archive.store.describe(),
        code="log-unreadable",
        mend="run `archiver verify`: it names each part that is damaged",
    )


def _head(archive: Archive, signed: Checkpoint) -> tuple[bytes, list[Check]]:
    """Return the unsigned head as it is stored, and the check of the bundle that it names.

    Where it has gone on, one of our own, and none.
    """
    stored = archive.store.load(HEAD)
    with suppress(ArchiverError):
        found = Head.decode(stored.data if stored else b"")
        named = _STAGED.fullmatch(found.staging)
        if named and (found.size, found.root) == (signed.size, signed.root):
            code = "staging-differs"
            return found.encode(), [DigestCheck(found.staging, named[1], code, code)]
    # No bundle is there under that name: the next sequencer asks for none that leads here.
    return Head(signed.size, signed.root, staging_key(signed.size, "0" * 64)).encode(), []


def _named(state: LedgerState) -> Iterator[Check]:
    """Yield the checks of what entries name one by one: evidence of outsiders, sets of leaves."""
    yield from map(anchor_check, anchors_of(state.controls))
    for _, body in state.controls:
        yield from (DigestCheck(set_key(one.name), one.sha256) for one in set_files(body))
