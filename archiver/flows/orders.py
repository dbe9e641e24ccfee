"""Orders to destroy, as far as the ledger goes: asked for, approved, begun, halted.

Nothing here destroys anything. A beginning is sealed only if the log that it would follow lets it
begin; a hold that is there before it wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_records
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.ledger import ranges
from archiver.ledger.anchor import REHASH
from archiver.registry.people import moment, spelled
from archiver.retention.order import SOURCES, Moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.keyring import PersonKey
    from archiver.retention.order import Order

__all__ = ["begin", "halt", "order"]


def order(
    archive: Archive,
    records: Sequence[str],
    told_of: Mapping[str, Any],
    requester: PersonKey,
    not_before: datetime,
) -> Draft:
    """Return an order, signed by who asks for it; two approvers sign it next.

    Args:
        archive: where.
        records: by id; each goes with all its versions and parts.
        told_of: series item, certificate or notice, in words: it stays private.
        requester: the key of who asks: a records manager, and none of the approvers.
        not_before: the first moment that law and certificate allow.

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
    members = {
        "order": new_handle(archive.chance),
        "requester": requester.handle,
        "root": state.frontier.root().hex(),
        "from": spelled(not_before),
    }
    document = {"act": "order", **told_of, "records": sorted(own)}
    return draft(archive, "order", members, document, (leaves, state.size)).signed([requester])


def begin(archive: Archive, name: str) -> Draft:
    """Return the beginning of an order, unsigned, evaluated on the log as it is now.

    Raises `RefusedError` (``order-waits``) for what stands in its way, `UsageError` for no
    such order.
    """
    state = read_state(archive)
    custody = custody_of(archive, state)
    known = _find(custody.orders, name)
    since = [
        str(index)
        for index, body in state.controls
        if body["t"] == "anchor" and body["kind"] != REHASH and body["size"] > known.entry
    ]
    members = {
        "order": name,
        "size": str(state.size),
        "covers": known.covers,
        "root": state.frontier.root().hex(),
        "times": " ".join(since[-SOURCES:]),
    }
    made = draft(archive, "begin", members)
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


def halt(archive: Archive, name: str, reason: str) -> Draft:
    """Return the decision that an order is halted. Raises `UsageError` for no such order."""
    _find(custody_of(archive, read_state(archive)).orders, name)
    return draft(archive, "halt", {"order": name}, {"act": "halt", "reason": reason})


def _find(orders: Mapping[str, Order], name: str) -> Order:
    if name not in orders:
        raise UsageError("no such order", where=name, mend="see who proposed it, and when")
    return orders[name]
