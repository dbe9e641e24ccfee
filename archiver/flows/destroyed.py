"""What orders destroyed by a day, as the ledger had it when that day was over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.ledger import ranges
from archiver.registry.people import moment
from archiver.retention.calendar import day_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.retention.city import City
    from archiver.retention.order import Order

__all__ = ["destroyed", "known_by"]


def known_by(state: LedgerState, city: City, day: date) -> LedgerState:
    """Return a state with the control entries alone that were sealed by the end of a day."""
    before = state.copy()
    before.controls = [one for one in state.controls if _day(one[1], city) <= day]
    return before


def destroyed(archive: Archive, state: LedgerState, city: City, day: date) -> list[dict[str, Any]]:
    """Return the orders under which something had gone by the end of a day, oldest first.

    ``ended``: when it was done or halted, null where it is under way. ``copies``: how many are
    told of, ``copies_clear`` those of which all that goes is gone. ``certificate``: ``ready``
    where one can be made, ``not-yet`` before the order ends, ``refused`` where something
    went that the order does not allow. Series and title are empty where this home can't read
    what the order is about.
    """
    before = known_by(state, city, day)
    custody, documents = custody_of(archive, before, decided(archive, before)), told(archive, state)
    bodies = dict(before.controls)
    wrong = {str(bodies[one.entry].get("order")) for one in custody.unlawful}

    def on(entry: int | None) -> str | None:
        return None if entry is None else str(_day(bodies[entry], city))

    return [
        {
            "order": one.handle,
            "kind": "extraordinary" if one.extraordinary else "schedule",
            **_words(documents.get(one.subject, {})),
            "state": _state(one),
            "ordered": on(one.entry),
            "begun": on(one.begun),
            "ended": on(one.done if one.done is not None else one.halted),
            "versions": ranges.count(one.leaves),
            "gone": ranges.count(one.going),
            "saved": ranges.count(one.saved),
            "copies": len(one.gone),
            "copies_clear": sum(not ranges.minus(one.going, each) for each in one.gone.values()),
            "certificate": _certificate(one, wrong),
        }
        for one in custody.orders.values()
        if one.going
    ]


def _day(body: Mapping[str, Any], city: City) -> date:
    return day_of(moment(body["time"]), city.zone)


def _words(document: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(document.get(name, "")) for name in ("series", "title")}


def _state(order: Order) -> str:
    if order.done is not None:
        return "done"
    return "under-way" if order.halted is None else "halted"


def _certificate(order: Order, wrong: Collection[str]) -> str:
    if order.handle in wrong:
        return "refused"
    return "not-yet" if _state(order) == "under-way" else "ready"
