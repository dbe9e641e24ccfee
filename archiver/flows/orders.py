"""Orders to destroy, as far as the ledger goes: asked for, approved, begun, halted.

Nothing here destroys anything. A beginning is sealed only if the log that it would follow lets it
begin; a hold that is there before it wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_records
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.ledger import ranges
from archiver.ledger.anchor import REHASH
from archiver.registry.deciding import EXTRAORDINARY
from archiver.registry.people import moment, spelled
from archiver.retention.order import SOURCES, Moment
from archiver.retention.outside import ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.keyring import PersonKey
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Deciding
    from archiver.retention.order import Order

__all__ = [
    "Frozen",
    "begin",
    "document_of",
    "evaluated",
    "find",
    "freeze",
    "halt",
    "order",
    "ordered",
    "records_of",
]


class Frozen(NamedTuple):
    """Records by id and all their leaves, as of a size of the log and its root (hex)."""

    records: tuple[str, ...]
    leaves: Ranges
    size: int
    root: str


def order(
    archive: Archive,
    records: Sequence[str],
    told_of: Mapping[str, Any],
    requester: PersonKey,
    not_before: datetime,
) -> Draft:
    """Return an order on records by id, as `ordered` does. Raises `UsageError` for unknown ones."""
    return ordered(archive, freeze(archive, records), told_of, requester, not_before)


def freeze(archive: Archive, records: Sequence[str]) -> Frozen:
    """Return what an order is about: each record with all its versions and parts.

    Raises `UsageError` where a record can't be found here.
    """
    state = read_state(archive)
    own = leaves_of_records(archive, state, records)
    missing = sorted(set(records) - own.keys())
    if missing or not own:
        raise UsageError(
            "no such record, or its stream can't be read here",
            where=", ".join(missing[:5]),
            code="record-unknown",
            mend="copy the record ids from `archiver search`",
        )
    leaves = ranges.from_numbers(leaf for every in own.values() for leaf in every)
    return Frozen(tuple(sorted(own)), leaves, state.size, state.frontier.root().hex())


def ordered(
    archive: Archive,
    frozen: Frozen,
    told_of: Mapping[str, Any],
    requester: PersonKey,
    not_before: datetime,
) -> Draft:
    """Return an order, signed by who asks for it; two approvers sign it next.

    Args:
        archive: where.
        frozen: what it is about.
        told_of: series item and such in words: it stays private. ``outside`` in it, as
            `archiver.retention.disposal` has it, makes it wait for an authority outside;
            ``extraordinary`` makes it one that no schedule asks for.
        requester: the key of who asks: a records manager, and none of the approvers.
        not_before: the first moment that law and certificate allow.
    """
    outside = told_of.get("outside")
    members = {
        "order": new_handle(archive.chance),
        "requester": requester.handle,
        "root": frozen.root,
        "from": spelled(not_before),
        **({"days": str(outside["days"])} if outside else {}),
    }
    document = {"act": "order", **told_of, "records": list(frozen.records)}
    act = ASKED[outside["kind"]] if outside else "order"
    act = EXTRAORDINARY if "extraordinary" in told_of else act
    return draft(archive, act, members, document, frozen[1:3]).signed([requester])


def begin(archive: Archive, name: str, on: LedgerState | None = None) -> Draft:
    """Return the beginning of an order, unsigned.

    ``on``: the log that it was evaluated on, None for the log as it is now: what was decided
    since keeps it from beginning.

    Raises `RefusedError` (``order-waits``) for what stands in its way, `UsageError` for no
    such order.
    """
    state = read_state(archive)
    custody = custody_of(archive, state)
    known = find(custody.orders, name)
    made = draft(archive, "begin", evaluated(on or state, known))
    now = max(moment(canonical_time(archive.clock.now())), moment(state.controls[-1][1]["time"]))
    why = custody.why_not_begin(Moment(state.size, now), made.act.statement)
    if why:
        raise RefusedError(
            f"the order can't begin: {why}",
            where=name,
            code="order-waits",
            mend="apply the holds (`archiver hold apply`), anchor, wait, and evaluate it again",
        )
    return made


def evaluated(state: LedgerState, known: Order) -> dict[str, str]:
    """Return what a beginning of an order says, were it evaluated on the log as it is."""
    since = [
        str(index)
        for index, body in state.controls
        if body["t"] == "anchor" and body["kind"] != REHASH and body["size"] > known.entry
    ]
    return {
        "order": known.handle,
        "size": str(state.size),
        "covers": known.covers,
        "root": state.frontier.root().hex(),
        "times": " ".join(since[-SOURCES:]),
    }


def halt(archive: Archive, name: str, reason: str) -> Draft:
    """Return the decision that an order is halted. Raises `UsageError` for no such order."""
    find(custody_of(archive, read_state(archive)).orders, name)
    return draft(archive, "halt", {"order": name}, {"act": "halt", "reason": reason})


def find(orders: Mapping[str, Order], name: str) -> Order:
    """Return an order by its handle. Raises `UsageError` for no such order."""
    if name not in orders:
        raise UsageError(
            "no such order",
            where=name,
            code="order-unknown",
            mend="see `archiver disposition list`",
        )
    return orders[name]


def document_of(documents: Mapping[str, Mapping[str, Any]], order: Order) -> Mapping[str, Any]:
    """Return what an order says in words, of the documents that this home can read.

    Raises `RefusedError` where it can't.
    """
    if order.subject not in documents:
        raise RefusedError(
            "what this order is about can't be read in this home",
            where=order.handle,
            code="order-unreadable",
            mend="use a home that has the keys of the workflow stream",
        )
    return documents[order.subject]


def records_of(
    order: Order, acts: Deciding, documents: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the ids of an order's records, or of those that the authority outside left in it.

    Raises `RefusedError` where the order's document can't be read.
    """
    document = document_of(documents, order)
    for one in acts.made:
        mine = one.act == "outcome" and one.statement["order"] == order.handle
        if mine and one.statement["covers"] == order.covers:
            answer = documents.get(str(one.statement["subject"]), {})
            if answer.get("goes") == "named":
                return sorted(map(str, answer["records"]))
    return sorted(map(str, document["records"]))
