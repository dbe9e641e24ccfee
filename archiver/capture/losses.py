"""What a platform says is not to be had: events of the past, or all that it keeps back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archiver.capture.reading import Reading
    from archiver.record import Exchange

__all__ = ["CAUSES", "EVENTS_LOST", "WITHHELD", "Loss", "losses_of"]

EVENTS_LOST = "events-lost"
WITHHELD = "withheld"
CAUSES = {"gap": EVENTS_LOST, "withheld": WITHHELD}
"""Problems (`archiver.capture.items.Problem`) by which a platform says so -> cause of a gap."""


class Loss(NamedTuple):
    """What was said not to be had, in the answer for a listing; the exchange that says so.

    ``cause``: one of `CAUSES`. ``at``: when it was said (canonical time).
    """

    listing: str
    stream: str
    cause: str
    lane: str
    exchange: int
    at: str


def losses_of(exchange: Exchange, reading: Reading) -> list[Loss]:
    """Return what an answer says is not to be had: nothing, mostly."""
    problem, purpose = reading.page.problem, exchange.purpose
    cause = CAUSES.get(problem.code) if problem is not None else None
    if cause is None:
        return []
    listing, number = purpose.get("listing", ""), exchange.number
    return [Loss(listing, purpose["stream"], cause, exchange.lane, number, exchange.captured_at)]
