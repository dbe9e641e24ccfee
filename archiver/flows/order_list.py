"""Orders as the ledger has them: where each stands, what it waits for, whom it asks outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows.copies import waited
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.flows.ledger import read_state
from archiver.flows.orders import evaluated
from archiver.flows.transferring import unmet
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.registry.people import moment, spelled
from archiver.retention.order import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Deciding
    from archiver.retention.custody import Custody
    from archiver.retention.order import Order

    Told = Mapping[str, Mapping[str, Any]]

__all__ = ["listed", "outside_of"]

_SUMMARY: dict[str, Any] = {
    **dict.fromkeys(("series", "title", "as_of", "reason"), ""),
    "dates": {"first": "", "last": ""},
}


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Return every order in the ledger, oldest first; what nobody sealed is not among them."""
    state = read_state(archive)
    acts = decided(archive, state)
    custody, documents = custody_of(archive, state, acts), told(archive, state)
    now = max(moment(canonical_time(archive.clock.now())), moment(state.controls[-1][1]["time"]))
    return [
        {
            "order": one.handle,
            "entry": one.entry,
            **_lacking(unmet(one, acts, documents, now), _state(state, custody, one, now)),
            "waits_until": spelled(_until(one)),
            "versions": ranges.count(one.leaves),
            "gone": ranges.count(one.going),
            **_words(one, documents),
            "outside": outside_of(one, acts, documents),
            "waits": _copies(archive, state, one),
        }
        for one in custody.orders.values()
    ]


def _copies(archive: Archive, state: LedgerState, order: Order) -> list[dict[str, Any]]:
    """Return the copies that an order waits for, once all of it is taken out."""
    waits = waited(archive, state, order) if order.running and not order.saved else {}
    return [{"copy": handle, **one._asdict()} for handle, one in waits.items()]


def _until(order: Order) -> datetime:
    """Return the day before which it does not begin, as far as is known now."""
    until = order.outside.until() if order.outside else None
    return max(order.counts, until) if until else order.counts


def _state(state: LedgerState, custody: Custody, order: Order, now: datetime) -> dict[str, str]:
    """Return where an order stands, and why it does not begin."""
    if order.done is not None:
        return {"state": "done", "why": ""}
    if order.halted is not None:
        return {"state": "halted", "why": order.why}
    if order.begun is not None:
        return {"state": "under-way", "why": ""}
    if any(one.stands(now) and one.covers(order.leaves) for one in custody.holds.values()):
        return {"state": "held", "why": "a record of it is on hold"}
    why = custody.why_not_begin(Moment(state.size, now), evaluated(state, order))
    return {"state": "waiting" if why else "ready", "why": why}


def _lacking(why: str, state: dict[str, str]) -> dict[str, str]:
    """Return where an order stands that nothing in the ledger keeps, and something outside may."""
    return {"state": "waiting", "why": why} if why and state["state"] == "ready" else state


def _words(order: Order, documents: Told) -> dict[str, Any]:
    """Return what its document says; empty where this home can't read it."""
    document = documents.get(order.subject)
    told_of = {name: (document or {}).get(name, empty) for name, empty in _SUMMARY.items()}
    return {"readable": document is not None, **told_of}


def outside_of(order: Order, acts: Deciding, documents: Told) -> dict[str, Any] | None:
    """Return whom an order asks outside, since when, and each answer; None for nobody."""
    if order.outside is None:
        return None
    asked = (documents.get(order.subject) or {}).get("outside") or {}
    until = order.outside.until()
    answers = [
        {
            **{
                name: str(documents.get(str(act.statement["subject"]), {}).get(name, ""))
                for name in ("answer", "day", "copy_sha256", "then")
            },
            "counts": spelled(act.counts),
        }
        for act in acts.made
        if act.act == "outcome" and act.statement["order"] == order.handle
    ]
    return {
        "kind": str(asked.get("kind", "")),
        "to": str(asked.get("to", "")),
        "citation": str(asked.get("citation", "")),
        "days": order.outside.days,
        "told": spelled(order.outside.told) if order.outside.told else "",
        "until": spelled(until) if until else "",
        "answers": answers,
    }
