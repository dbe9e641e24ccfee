"""Residue that goes with the records beside it: proposed with them, and held against them again.

No rule can evaluate it. Where the archive has all of it in other records it goes along, lest bytes
of what is destroyed live on in it; where nothing claims it, people decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import KeyStoreError, RefusedError
from archiver.flows.claiming import CLAIMED, UNRECORDED
from archiver.flows.disposition import Proposal, counts_of, require_same
from archiver.flows.ledger import read_state
from archiver.flows.occurrences import beside
from archiver.flows.orders import freeze

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.claiming import Beside
    from archiver.flows.orders import Frozen
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = ["CAPTURE_FIRST", "beside_it", "chosen_of", "joined", "require_beside"]

CAPTURE_FIRST = (
    "`archiver capture` has it become records, `archiver reparse` has older ones read as today"
)
"""What helps where residue shows what no record says."""

_WHY = {
    True: "all of it is in records of its own by now: it goes lest bytes of them stay in it",
    False: "nothing can evaluate it: people decide that it goes with the records beside it",
}
_LEAST = 1000  # bytes; below that nothing is told of a size


def joined(
    archive: Archive, frozen: Frozen, progress: Progress, *, unclaimed: bool
) -> tuple[Frozen, dict[str, Any]]:
    """Return what an order is about with the residue that goes along, and what its document says.

    Args:
        archive: where.
        frozen: the records themselves.
        progress: is told of each file of intake that is read.
        unclaimed: also what no parser claims goes, as who proposes wants it.

    Raises:
        RefusedError: some of it may be all there is of what stays (``residue-unrecorded``), or
            what is on hold stands beside it (``on-hold``); or the archive grew meanwhile.
        KeyStoreError: it is wanted, and can't be read here.
    """
    state = read_state(archive)
    found, unread = beside(archive, state, frozen.records, progress)
    if unread and unclaimed:
        raise KeyStoreError(
            "what is left over beside these records can't be told in this home",
            where=", ".join(unread[:5]),
            mend="use a home that can read all streams of these accounts",
        )
    _require_recorded(found)
    going = {one: told for one, told in found.items() if unclaimed or told.how == CLAIMED}
    held = sorted(one for one, told in going.items() if told.held)
    if held:
        raise RefusedError(
            "records on hold stand beside residue that would go",
            where=", ".join(held[:5]),
            code="on-hold",
            mend="see `archiver hold list`",
        )
    told_of = {
        "residue": [_told(one, going[one]) for one in sorted(going)],
        "residue_left": len(found) - len(going),
        "residue_unread": len(unread),
    }
    if not going:
        return frozen, told_of
    made = freeze(archive, sorted({*frozen.records, *going}))
    require_same(frozen.records[0], frozen.size, state.size, made.size)
    return made, told_of


def beside_it(archive: Archive, made: Proposal, progress: Progress, *, unclaimed: bool) -> Proposal:
    """Return a proposal with the residue that goes along. Raises as `joined`."""
    frozen, told_of = joined(archive, made.frozen, progress, unclaimed=unclaimed)
    counts = counts_of(archive, read_state(archive), frozen)
    return Proposal(frozen, {**made.document, **told_of, "counts": counts})


def chosen_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the records of an order that are residue, and of it only as the others are."""
    return frozenset(str(one["record"]) for one in document.get("residue", ()))


def require_beside(
    archive: Archive,
    state: LedgerState,
    records: Collection[str],
    document: Mapping[str, Any],
    progress: Progress,
) -> Sequence[str]:
    """Return an order's records but for residue; refuse what is not residue beside them today.

    Raises `RefusedError` (``not-due-any-more``, ``residue-unrecorded``), and as `occurrences`.
    """
    chosen = chosen_of(document).intersection(records)
    rest = sorted(set(records) - chosen)
    if not chosen:
        return rest
    found, _ = beside(archive, state, rest, progress)
    foreign = sorted(chosen - found.keys())
    if foreign:
        raise RefusedError(
            f"{len(foreign)} of its records are no residue beside the others",
            where=", ".join(foreign[:5]),
            code="not-due-any-more",
            mend="halt it, and propose anew",
        )
    _require_recorded({one: found[one] for one in chosen})
    return rest


def _require_recorded(found: Mapping[str, Beside]) -> None:
    lost = sorted(one for one, told in found.items() if told.how == UNRECORDED)
    if lost:
        raise RefusedError(
            f"{len(lost)} parts of answers show what stays, and no record says the same",
            where=", ".join(lost[:5]),
            code="residue-unrecorded",
            mend=CAPTURE_FIRST,
        )


def _told(record: str, one: Beside) -> dict[str, Any]:
    """Return what an order's document says of residue. It outlives it: no exact length is told."""
    lane, number = one.exchange
    below = _LEAST
    while below <= one.size:
        below *= 10
    named = {"record": record, "account": one.account, "exchange": f"{lane}/{number}"}
    return {
        **named,
        "bytes_below": below,
        "claimed": one.how == CLAIMED,
        "why": _WHY[one.how == CLAIMED],
    }
