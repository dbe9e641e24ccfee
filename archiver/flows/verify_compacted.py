"""The second role: reading all of what superseded other segments, and signing that it is right.

Whoever compacts could compact into anything. So a person in the role of the verifier has
every record of a merged segment computed and held against its leaf, row included, before
what it supersedes may go. The signature is the person's own; no job makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import IntegrityError, RefusedError
from archiver.flows.compact import compacting, seal_controls
from archiver.flows.ledger import read_state
from archiver.flows.people import new_statement, people_of, sign, verifies
from archiver.flows.verified import settlement
from archiver.flows.verify_intake_split import check_intake_split, check_map_split
from archiver.flows.verify_segments import SegmentCheck
from archiver.flows.verify_works import works
from archiver.formats.parquet import canonical_time
from archiver.ledger.log import LogReader
from archiver.ledger.state import INTAKE
from archiver.ledger.tree import Frontier, leaf_hash
from archiver.registry.people import moment
from archiver.registry.verifying import VERIFIED, refusal, seal_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from archiver.flows.archive import Archive
    from archiver.flows.verify_work import Work
    from archiver.keyring import PersonKey
    from archiver.ledger.finding import Finding
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from archiver.registry.acts import Act

__all__ = ["Verified", "verify_compacted"]

_AT_ONCE = 50
"""Acts in one batch: what was read is not lost to a crash much later."""


@dataclass(slots=True)
class Verified:
    """How many merged segments were read and signed, with how many records; what was found.

    ``unreadable``: segments that were not signed, as keys of their files are not here.
    """

    segments: int = 0
    records: int = 0
    unreadable: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify_compacted(archive: Archive, key: PersonKey, progress: Progress) -> Verified:
    """Read what superseded others and is not verified yet; seal an act for all that is right.

    Raises `IntegrityError` where the ledger does not lead to its signed head, `RefusedError`
    where the act would not count, as the key's owner is no verifier.
    """
    made = Verified()
    with compacting(archive):
        log = _Entries(archive)
        settled = settlement(archive, log.state)
        live = list(log.state.segments())
        todo = {one.seal for one in live if one.supersedes} - settled.verified
        seals = {i: body for i, body in log.state.controls if i in todo}
        acts: list[Act] = []
        check = SegmentCheck(archive, deep=True)
        for number, work in enumerate(works(log, live, settled, todo)):
            progress.step(number, len(todo), "segments")
            if not acts:
                _require(archive, key, seals, work.seal)
            found = check.run(work._replace(old=()))
            wrong = [*found.findings, *_split(archive, log.state, work)]
            made.findings += wrong
            made.unreadable += bool(found.unreadable)
            if not wrong and not found.unreadable:
                made.segments, made.records = made.segments + 1, made.records + found.records
                acts.append(_act(archive, key, seals, work.seal))
            if len(acts) == _AT_ONCE:
                _seal(archive, acts)
        progress.step(len(todo), len(todo), "segments")
        _seal(archive, acts)
    return made


class _Entries:
    """All entries of the ledger, which lead to its signed head."""

    skipped = 0

    def __init__(self, archive: Archive) -> None:
        self.state = read_state(archive)
        entries = LogReader(archive.store, self.state.size).entries(0)
        self._hashes = list(map(leaf_hash, entries))
        if Frontier.empty().extend(self._hashes).root() != self.state.frontier.root():
            raise IntegrityError(
                "the ledger's entries do not lead to its signed head",
                where=f"{self.state.size} entries",
                code="ledger-root",
                mend="run `archiver verify` to find the changed entry",
            )

    def hash_of(self, leaf: int) -> bytes | None:
        """Return the hash of a leaf, or None where there is none."""
        return self._hashes[leaf] if leaf < len(self._hashes) else None


def _split(archive: Archive, state: LedgerState, work: Work) -> list[Finding]:
    """Return what is wrong with parts of intake or of a map: the log can't tell what they have."""
    if not work.segments or any(one.leaves for one in work.segments):
        return []
    (old,) = (one for one, seal in state.retired() if seal == work.seal)
    check = check_intake_split if old.stage == INTAKE else check_map_split
    return check(archive, old, work.segments)


def _act(archive: Archive, key: PersonKey, seals: Mapping[int, Mapping[str, Any]], at: int) -> Act:
    made = new_statement(archive, VERIFIED, seal=str(at), entry=seal_hash(seals[at]))
    return sign(made, [key])


def _require(
    archive: Archive, key: PersonKey, seals: Mapping[int, Mapping[str, Any]], at: int
) -> None:
    """Raise `RefusedError` where an act of this key would count for nothing."""
    state = read_state(archive)
    registry = people_of(archive, state)
    now = max(moment(canonical_time(archive.clock.now())), registry.at(state.size))
    act, own = _act(archive, key, seals, at), archive.identity.keys
    why = refusal(registry, (state.size, now), act, seals, verifies, own)
    if why:
        raise RefusedError(
            f"the act would not count: {why}",
            where=key.handle,
            code="act-refused",
            mend="give --key with the key file of a verifier: see `archiver person list`",
        )


def _seal(archive: Archive, acts: list[Act]) -> None:
    """Seal acts, and forget them."""
    if acts:
        seal_controls(archive, [{"t": VERIFIED, **act.document()} for act in acts])
        acts.clear()
