"""What a transfer to an archive authority asks of an order: to whom, and that it was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import decided
from archiver.flows.deciding import told
from archiver.retention.disposal import RECEIVED, TRANSFER, Disposal, received
from archiver.retention.schedule import Then

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.retention.standing import Standing

__all__ = ["GOING", "latest_answer", "receipt_from", "receiving", "require_received"]

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
    """Return the receipt that a transfer waits for, after the days that a pack asks for.

    Raises `RefusedError` (``two-authorities``) where a pack asks another authority: an order
    waits for one.
    """
    if asked is not None and asked.to != to:
        raise RefusedError(
            f"a rule pack has another authority asked before anything goes: {asked.to}",
            where=to,
            code="two-authorities",
            mend="transfer them to that authority, or have its answer recorded as the pack says",
        )
    row = standing.row
    if row is None:
        raise AssertionError
    return received(to, asked.days if asked else 0, row.citation, str(row.confidence))


def latest_answer(archive: Archive, state: LedgerState, order: str) -> Mapping[str, Any]:
    """Return the document of the latest answer about an order; empty where none is readable."""
    outcomes = [
        one
        for one in decided(archive, state).made
        if one.act == "outcome" and one.statement["order"] == order
    ]
    documents = told(archive, state) if outcomes else {}
    return documents.get(str(outcomes[-1].statement["subject"]), {}) if outcomes else {}


def require_received(
    archive: Archive, state: LedgerState, order: str, document: Mapping[str, Any]
) -> None:
    """Raise `RefusedError` where an order is to be transferred, and its receipt is not recorded.

    The log says that an answer let it go, and not which one: the documents do.
    """
    if document.get("then") != TRANSFER:
        return
    if latest_answer(archive, state, order).get("answer") != RECEIVED:
        raise RefusedError(
            "its records are to be transferred, and no receipt for them is recorded",
            where=order,
            code="transfer-not-received",
            mend="archiver transfer make --order, then transfer receipt",
        )
