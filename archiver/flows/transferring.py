"""What a transfer to an archive authority asks of an order: to whom, and that it was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.copies import now_of
from archiver.flows.custody import decided
from archiver.flows.deciding import told
from archiver.registry.deciding import SHORTENS
from archiver.retention.disposal import RECEIVED, TRANSFER, Disposal, received
from archiver.retention.outside import NOTICED
from archiver.retention.schedule import Then

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Deciding
    from archiver.retention.order import Order
    from archiver.retention.standing import Standing

__all__ = [
    "GOING",
    "latest_answer",
    "receipt_from",
    "receiver",
    "receiving",
    "require_received",
    "unmet",
]

GOING = (Then.DESTROY, Then.TRANSFER)
"""What rows say of records that go when their period is over."""


def receiving(series: str, standing: Standing, to: str) -> Then:
    """Return what a row has done with its records.

    Raises `UsageError` where they are transferred to nobody, or destroyed and yet to somebody.
    """
    if standing.row is None:  # rows that let nothing go were refused before
        raise AssertionError
    then = standing.row.then
    if then == Then.TRANSFER and not to:
        raise UsageError(
            "to whom are they transferred?", where=series, mend="give --to, the authority"
        )
    if then != Then.TRANSFER and to:
        raise UsageError(
            f"its records are not to be transferred: {then}", where=series, mend="leave out --to"
        )
    return then


def receipt_from(to: str, standing: Standing, asked: Disposal | None) -> Disposal:
    """Return what a transfer waits for in the ledger.

    The receipt, after the days that a pack asks for; where a pack asks somebody else, their answer
    as the pack says: then the receipt is asked for besides (`unmet`).
    """
    if asked is not None and asked.to != to:
        return asked
    row = standing.row
    if row is None:
        raise AssertionError
    return received(to, asked.days if asked else 0, row.citation, str(row.confidence))


def receiver(document: Mapping[str, Any]) -> str:
    """Return who takes an order's records over, by its document."""
    return str(document.get("receiver") or document["outside"]["to"])


def latest_answer(archive: Archive, state: LedgerState, order: str) -> Mapping[str, Any]:
    """Return the document of the latest answer about an order; empty where none is readable."""
    outcomes = [
        one
        for one in decided(archive, state).made
        if one.act == "outcome" and one.statement["order"] == order
    ]
    documents = told(archive, state) if outcomes else {}
    return documents.get(str(outcomes[-1].statement["subject"]), {}) if outcomes else {}


def unmet(
    order: Order, acts: Deciding, documents: Mapping[str, Mapping[str, Any]], now: datetime
) -> str:
    """Return what an order lacks that is to be transferred, or "".

    The log says that an answer let it go, and not whose: the documents do. Where one authority
    takes the records over and another is asked, the latest answer of each has to count by now.
    """
    document = documents.get(order.subject, {})
    if document.get("then") != TRANSFER:
        return ""
    answers = [
        (one, str(documents.get(str(one.statement["subject"]), {}).get("answer", "")))
        for one in acts.made
        if one.act == "outcome" and one.statement["order"] == order.handle
    ]
    if "receiver" not in document:
        last = answers[-1][1] if answers else ""
        return "" if last == RECEIVED else "no receipt for its records is recorded"
    receipts = [one for one, answer in answers if answer == RECEIVED]
    if not receipts or receipts[-1].counts > now:
        return f"no receipt of {document['receiver']} is recorded that counts"
    own = [one for one, answer in answers if answer != RECEIVED]
    lets = bool(own) and own[-1].statement["effect"] == SHORTENS and own[-1].counts <= now
    if not lets and not (not own and _over(order, now)):
        return f"no answer of {document['outside']['to']} is recorded that counts"
    return ""


def _over(order: Order, now: datetime) -> bool:
    """Tell whether an order waits for the days of a notice alone, and they are over."""
    outside = order.outside
    until = outside.until() if outside is not None and outside.act == NOTICED else None
    return until is not None and until <= now


def require_received(archive: Archive, state: LedgerState, order: Order) -> None:
    """Raise `RefusedError` where an order is to be transferred, and something lacks (`unmet`)."""
    acts, documents = decided(archive, state), told(archive, state)
    why = unmet(order, acts, documents, now_of(archive, state))
    if why:
        raise RefusedError(
            f"its records are to be transferred: {why}",
            where=order.handle,
            code="transfer-not-received",
            mend="archiver transfer make --order, then transfer receipt; see `disposition list`",
        )
