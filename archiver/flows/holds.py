"""Holds: placing them on what is there and what is to come, and what came of them.

The scope in words is a private document; the ledger has a set of leaves. What the scope finds
later is taken in by `apply_holds`, and nothing that was once held leaves a hold but by a release.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import ArchiverError, FormatError, UsageError
from archiver.flows.accounts import registry
from archiver.flows.capture import capture
from archiver.flows.custody import custody_of
from archiver.flows.deciding import Draft, draft, seal_drafts, told
from archiver.flows.hold_scope import Scope
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_accounts, leaves_of_records, records_at
from archiver.flows.rows import catalog
from archiver.flows.search import search
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.ledger import ranges
from archiver.ledger.whereabouts import exchanges_of
from archiver.registry.accounts import Status
from archiver.registry.people import moment
from archiver.retention.decisions import HoldKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from archiver.retention.custody import Custody
    from archiver.retention.hold import Held

__all__ = ["Applied", "InFlight", "Placed", "Scope", "apply_holds", "behind", "in_flight", "place"]


class Found(NamedTuple):
    """What a scope finds: record ids, leaves, handles of accounts, what could not be searched."""

    records: tuple[str, ...]
    leaves: Ranges
    accounts: frozenset[str]
    not_searched: Mapping[str, int]


class InFlight(NamedTuple):
    """An order that a hold concerns: how many of its leaves are saved, and how many are gone."""

    order: str
    begun: bool
    saved: int
    gone: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold that was placed.

    ``exchanges``: how many in intake may show what is held, and are held with it. ``captured``: by
    account, how its snapshot went ("" is well).
    """

    hold: str
    records: int
    leaves: int
    exchanges: int
    not_searched: Mapping[str, int]
    in_flight: tuple[InFlight, ...]
    captured: Mapping[str, str] = field(default_factory=dict)


class Applied(NamedTuple):
    """What was taken into a hold: how many leaves. ``unread``: its document can't be read here."""

    hold: str
    leaves: int
    unread: bool


def place(
    archive: Archive,
    scope: Scope,
    told_of: Mapping[str, Any],
    keys: Sequence[PersonKey],
    progress: Progress,
    *,
    snapshot: bool = True,
) -> Placed:
    """Place a hold: it counts at once. Then read the accounts in scope once more.

    Args:
        archive: where.
        scope: on what.
        told_of: ``kind``, ``matter``, and for a request ``law`` (the rule), ``received``,
            ``confined``.
        keys: of who places it.
        progress: is told of the snapshot's requests.
        snapshot: whether the accounts in scope are captured once more; where that fails it is
            told, and the hold stands.

    Raises:
        UsageError: the scope is empty, or nothing is in it and nothing may come.
        RefusedError: nobody signed who may place holds.
    """
    if told_of["kind"] not in set(HoldKind):
        raise UsageError("no such kind of hold", mend=f"kinds: {', '.join(HoldKind)}")
    state = read_state(archive)
    found = _found(archive, state, scope)
    live = scope.future and (scope.query is not None or scope.custodian)
    if not found.leaves and not live:
        mend = "check ids and query with `archiver search`; --future holds what is to come"
        raise UsageError("nothing is in the scope of this hold", code="hold-empty", mend=mend)
    name = new_handle(archive.chance)
    document = {"act": "hold", "hold": name, **told_of, **scope.document()}
    made = draft(archive, "hold", {"hold": name}, document, (found.leaves, state.size))
    seal_drafts(archive, [made.signed(keys)])
    after = read_state(archive)
    custody = custody_of(archive, after)
    captured: dict[str, str] = {}
    if snapshot:
        captured = _captured(archive, found.accounts, progress)
        apply_holds(archive, keys, [name])
    shown = exchanges_of(after, found.leaves).values()
    return Placed(
        *(name, len(found.records), ranges.count(found.leaves), sum(map(ranges.count, shown))),
        *(found.not_searched, in_flight(custody, found.leaves), captured),
    )


def _found(archive: Archive, state: LedgerState, scope: Scope) -> Found:
    ids, not_searched = set(scope.records), dict[str, int]()
    if scope.query is not None:
        result = search(archive, scope.query, private=scope.private)
        ids |= {str(hit["record_id"]) for hit in result.hits}
        not_searched = result.not_searched
    own = leaves_of_records(archive, state, ids)
    missing = sorted(set(scope.records) - own.keys())
    if missing:
        raise UsageError(
            "no such record, or its stream can't be read here",
            where=", ".join(missing[:5]),
            code="record-unknown",
            mend="copy the record ids from `archiver search`",
        )
    handles = _handles(archive, state, scope.custodian) if scope.custodian else frozenset()
    leaves = ranges.from_numbers(leaf for every in own.values() for leaf in every)
    leaves = ranges.union(leaves, leaves_of_accounts(state, handles))
    every = {one.account for one in state.segments() if ranges.overlap(one.leaves, leaves)}
    return Found(tuple(sorted(own)), leaves, frozenset(every | handles), not_searched)


def _handles(archive: Archive, state: LedgerState, custodian: str) -> frozenset[str]:
    known = registry(archive, state).values()
    found = frozenset(one.handle for one in known if one.custodian == custodian)
    if not found:
        raise UsageError(
            "no account has that custodian",
            where=custodian,
            code="custodian-unknown",
            mend=f"custodians: {', '.join(sorted({one.custodian for one in known} - {''}))}",
        )
    return found


def in_flight(custody: Custody, leaves: Ranges) -> tuple[InFlight, ...]:
    """Return the orders with one of some leaves that are not done."""
    return tuple(
        InFlight(
            one.handle, one.begun is not None, ranges.count(one.saved), ranges.count(one.going)
        )
        for one in custody.orders.values()
        if one.done is None and ranges.overlap(one.leaves, leaves)
    )


def _captured(archive: Archive, handles: Iterable[str], progress: Progress) -> dict[str, str]:
    """Read accounts once more; return by name how that went."""
    found = {}
    for account in registry(archive).values():
        if account.handle in handles and account.status == Status.APPROVED:
            try:
                report = capture(archive, account.name, "snapshot", progress)
                found[account.name] = "; ".join(sorted(set(report.incomplete.values())))
            except ArchiverError as error:
                found[account.name] = error.message
    return found


def apply_holds(
    archive: Archive, keys: Sequence[PersonKey], only: Sequence[str] = ()
) -> list[Applied]:
    """Take into each standing hold what its live scope finds by now, and seal how far it looked.

    ``only``: handles of holds; all where there are none. Raises `RefusedError` where nobody
    signed who may.
    """
    state = read_state(archive)
    made, drafts = list[Applied](), list[Draft]()
    for held, new in _looked(archive, state, only):
        made.append(Applied(held.handle, ranges.count(new or []), unread=new is None))
        if new is not None:
            one = draft(archive, "applied", {"hold": held.handle}, None, (new, state.size))
            drafts.append(one.signed(keys))
    if drafts:
        seal_drafts(archive, drafts)
    return made


def behind(archive: Archive) -> list[Applied]:
    """Return what `apply_holds` would take into each standing hold now. Signs and writes nothing.

    Until it is taken in it is not held, and no order begins meanwhile.
    """
    state = read_state(archive)
    return [
        Applied(held.handle, ranges.count(new or []), unread=new is None)
        for held, new in _looked(archive, state, ())
    ]


def _looked(
    archive: Archive, state: LedgerState, only: Sequence[str]
) -> Iterator[tuple[Held, Ranges | None]]:
    """Yield each standing hold, and the leaves that it should have and has not; None: unread."""
    documents, now = told(archive, state), moment(canonical_time(archive.clock.now()))
    for held in custody_of(archive, state).holds.values():
        if not held.stands(now) or (only and held.handle not in only):
            continue
        document = documents.get(held.subject)
        if document is None and not held.whole:
            yield held, None
            continue
        try:
            yield held, _taken_in(archive, state, held, document)
        except (FormatError, UsageError):  # one person's document stops no other hold
            yield held, None


def _taken_in(
    archive: Archive, state: LedgerState, held: Held, document: Mapping[str, Any] | None
) -> Ranges:
    """Return the leaves that a hold does not have yet, and should."""
    if held.whole or document is None:
        return ranges.minus([[0, state.size]], held.leaves)
    scope = Scope.of(document)
    ids = {record for record, _ in records_at(archive, state, held.leaves).items()}
    ids |= set(scope.records)
    found = list[list[int]](_blind(archive, state, held.leaves))
    if scope.future and scope.query is not None:
        result = search(archive, scope.query, private=scope.private)
        ids |= {str(hit["record_id"]) for hit in result.hits}
    if scope.future and scope.custodian:
        # Whose accounts were held stay so, also where they have another custodian since.
        known = registry(archive, state).values()
        handles = {one.handle for one in known if one.custodian == scope.custodian}
        handles |= {s.account for s in state.segments() if ranges.overlap(s.leaves, held.leaves)}
        found += leaves_of_accounts(state, handles)
    own = leaves_of_records(archive, state, ids)
    found += ranges.from_numbers(leaf for every in own.values() for leaf in every)
    return ranges.minus(ranges.union(found, []), held.leaves)


def _blind(archive: Archive, state: LedgerState, leaves: Ranges) -> Ranges:
    """Return all leaves that can't be read here of the accounts of which some are held.

    Whether they belong to a held record nobody here can tell: so they are held.
    """
    unread = [one.segment for one in catalog(archive, state) if not one.stream]
    accounts = {one.account for one in state.segments() if ranges.overlap(one.leaves, leaves)}
    return ranges.union([p for one in unread if one.account in accounts for p in one.leaves], [])
