"""What is on hold and what may go, folded from the ledger as it stands; nothing private is read.

The sequencer asks it too: whoever puts a beginning into the log has asked once more whether the
order may begin.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError, IntegrityError
from archiver.flows.enrolled import people_of, verifies
from archiver.layout import set_key
from archiver.ledger import ranges
from archiver.ledger.deciding import ORDER, check_decision
from archiver.ledger.ranges import are_ranges
from archiver.ledger.seal import DESTROY
from archiver.ledger.sets import parse_set, set_files
from archiver.ledger.whereabouts import private_leaves
from archiver.produce.matters import fold_matters
from archiver.registry.deciding import EXTRAORDINARY, fold_decisions
from archiver.registry.verifying import verifications
from archiver.retention.custody import Custody, fold_custody
from archiver.retention.order import under_way, withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from archiver.flows.archive import Archive
    from archiver.ledger.batch import Batch
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.produce.matters import Matters
    from archiver.registry.deciding import Deciding

_OF_PURGE = ("begin", "done")
_OF_MATTERS = ("matter", "export")

__all__ = [
    "custody_of",
    "decided",
    "declined",
    "declining",
    "matters_of",
    "resolver",
    "withheld_from_all",
]


def decided(archive: Archive, state: LedgerState) -> Deciding:
    """Return the decisions in the ledger that count, and those that do not."""
    registry = people_of(archive, state)
    keys = archive.identity.keys
    return fold_decisions(registry, state.controls, verifies, keys, check_decision)


def resolver(archive: Archive) -> Callable[[object], Ranges]:
    """Return what reads a set of leaves as an entry has it.

    It raises `MissingObjectError` where the file is gone, `IntegrityError` where it is
    another, `FormatError` where there is no set.
    """
    known: dict[str, Ranges] = {}

    def read(value: object) -> Ranges:
        if not isinstance(value, dict):
            if not are_ranges(value):
                raise FormatError("a decision without its set of leaves")
            return value  # type: ignore[return-value]  # are_ranges has looked
        (one,) = set_files({"t": "", "leaves": value})
        if one.name not in known:
            data = archive.store.get(set_key(one.name))
            if sha256(data).hexdigest() != one.sha256:
                raise IntegrityError("a set file is another", where=set_key(one.name))
            known[one.name] = parse_set(data)
        return known[one.name]

    return read


def custody_of(archive: Archive, state: LedgerState, made: Deciding | None = None) -> Custody:
    """Return holds and orders as the ledger has them."""
    acts = (made or decided(archive, state)).made
    return fold_custody(resolver(archive), state.controls, acts, state.void)


def matters_of(archive: Archive, state: LedgerState, made: Deciding | None = None) -> Matters:
    """Return requests, cases and audits as the ledger has them."""
    acts = (made or decided(archive, state)).made
    return fold_matters(resolver(archive), private_leaves(state), acts)


def withheld_from_all(archive: Archive, state: LedgerState) -> Ranges:
    """Return the leaves that nobody is shown, as an extraordinary order stands on them."""
    acts = (body["statement"]["act"] for _, body in state.controls if body["t"] == ORDER)
    if EXTRAORDINARY not in acts:  # as nearly always: nothing is folded for it
        return []
    return withheld(custody_of(archive, state).orders.values())


def declining(archive: Archive) -> Callable[[LedgerState, Batch], str]:
    """Return what tells of a batch why it may not come into the log now (`declined`)."""
    return lambda state, batch: declined(archive, state, batch)


def declined(archive: Archive, state: LedgerState, batch: Batch) -> str:
    """Return why a batch may not come now for what people decided, or "".

    Asked of the very state that the batch would follow: so a hold that is in the log before it
    wins. Batches that begin and end no order, are about no matter, destroy nothing and read
    nothing anew are not asked about.
    """
    if not any(map(_concerns, batch.controls)):
        return ""
    first = state.size + len(batch.commitments)
    custody, why = custody_of(archive, state), ""
    for body in batch.controls:
        if body["t"] == "generation":
            going = ranges.overlap(under_way(custody.orders.values()), body["of"])
            why = why or ("an order to destroy what it reads anew is under way" if going else "")
        elif body["t"] == "seal" and body["stage"] == DESTROY:
            why = why or custody.why_not_destroy(body) or _unverified(archive, state, body)
    return why or _counts_not(archive, state, batch, first)


def _unverified(archive: Archive, state: LedgerState, body: Mapping[str, Any]) -> str:
    """Return why a part of a split, or what was merged, is not to be destroyed yet, or ""."""
    made = [one for one in state.segments() if one.supersedes and one.place in body["destroys"]]
    if not made:
        return ""
    keys = archive.identity.keys
    found = verifications(archive.identity.id, state.controls, state.void, verifies, keys)
    whole = all(one.seal in found.seals for one in made)
    return "" if whole else "what it was made from was not verified"


def _concerns(body: Mapping[str, Any]) -> bool:
    destroys = body["t"] == "seal" and body["stage"] == DESTROY
    return destroys or body["t"] in ("generation", *_OF_PURGE, *_OF_MATTERS)


def _counts_not(archive: Archive, state: LedgerState, batch: Batch, first: int) -> str:
    """Return why an act in a batch that depends on those before it would not count, or ""."""
    asked = (*_OF_PURGE, *_OF_MATTERS)
    own = {first + place for place, one in enumerate(batch.controls) if one["t"] in asked}
    if not own:
        return ""
    after = state.copy()
    after.controls += [
        (first + place, {**body, "id": batch.id}) for place, body in enumerate(batch.controls)
    ]
    acts = decided(archive, after)
    refused = [*acts.refused, *matters_of(archive, after, acts).refused]
    if any(one["t"] in _OF_PURGE for one in batch.controls):
        refused += custody_of(archive, after, acts).refused
    return next((one.why for one in refused if one.entry in own), "")
