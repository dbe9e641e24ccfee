"""Gaps: what a run finds was lost, as entries of the ledger.

What the platform says is not to be had cites the exchange that says so. What was read too
late cites nothing: the runs before it stand in the ledger. Entries are written with what
was settled, in one batch, so none comes twice, whatever is killed when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.capture.bounds import shown_for
from archiver.capture.connector import Listens
from archiver.capture.coverage import Promise
from archiver.capture.losses import WITHHELD
from archiver.errors import FormatError
from archiver.flows.exposure import Exposure
from archiver.formats.parquet import canonical_time
from archiver.ledger.gap import OVERDUE, check_gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.connector import Connector, Site
    from archiver.capture.losses import Loss
    from archiver.flows.archive import Archive
    from archiver.flows.settle import RunCounts
    from archiver.ledger.state import LedgerState

__all__ = ["NIGHT", "Gaps", "gaps_of", "promise_of"]

NIGHT = timedelta(days=1)
"""What may pass until the next run after everything is due: nights are when it is read."""


def promise_of(archive: Archive, connector: Connector) -> Promise:
    """Return within what time the streams of a platform are looked at."""
    return Promise(archive.longest_unread, NIGHT, shown_for(connector))


def gaps_of(state: LedgerState, account: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the gaps of an account (its handle), each with its index, in ledger order.

    One of another form than is admitted counts for nothing.
    """
    for index, body in state.controls:
        if body["t"] == "gap" and body.get("account") == account and _is_gap(body):
            yield index, body


def _is_gap(body: Mapping[str, Any]) -> bool:
    try:
        check_gap(body)
    except FormatError:  # nobody admitted it: verification names what stands there all the same
        return False
    return True


@dataclass(slots=True)
class Gaps:
    """What one run over an account (its handle) finds was lost.

    ``exposed``: since when what could have come and gone before the run.
    """

    archive: Archive
    account: str
    connector: Connector
    site: Site
    exposed: Mapping[str, Exposure]
    _told: dict[tuple[str, str], str] = field(default_factory=dict)

    def entries(self, losses: Sequence[Loss], saw: RunCounts | None) -> list[dict[str, Any]]:
        """Return the entries for what is settled now; ``saw``: what the whole run saw."""
        found = [one for loss in losses for one in self._of_loss(loss)]
        return [*found, *(self._overdue(saw) if saw else ())]

    def _of_loss(self, loss: Loss) -> Iterator[dict[str, Any]]:
        """Yield what was said not to be had, for each stream that the listing shows.

        It was lost after the run before looked, or after what this run said of it already.
        """
        for stream in self._streams(loss):
            before = self._told.get((stream, loss.cause))
            if before is not None and loss.cause == WITHHELD:
                continue
            since = before or self.exposed.get(stream, Exposure()).new_since or loss.at
            self._told[stream, loss.cause] = loss.at
            cited = {"lane": loss.lane, "exchange": loss.exchange}
            yield self._entry(stream, loss.cause, min(since, loss.at), loss.at) | cited

    def _streams(self, loss: Loss) -> tuple[str, ...]:
        """Return the streams of a listing: what is listened to says which, others have one."""
        heard = self.connector.streams(self.site) if isinstance(self.connector, Listens) else ()
        found = (listing.streams for listing in heard if listing.name == loss.listing)
        return next(found, (loss.stream,))

    def _overdue(self, saw: RunCounts) -> Iterator[dict[str, Any]]:
        """Yield the streams that this run read after nobody had for longer than was promised."""
        promised = promise_of(self.archive, self.connector)
        for stream, counts in saw.counts.items() if saw.ended else ():
            read = counts.whole + counts.stopped and not counts.broken
            last = self.exposed.get(stream, Exposure()).new_since
            if not read or not last or (stream, OVERDUE) in self._told:
                continue
            promise = promised.of(stream)
            due = datetime.fromisoformat(last) + promise.longest
            if datetime.fromisoformat(saw.began) > due + promise.late:
                self._told[stream, OVERDUE] = saw.began
                yield self._entry(stream, OVERDUE, canonical_time(due), saw.began)

    def _entry(self, stream: str, cause: str, since: str, until: str) -> dict[str, Any]:
        now = canonical_time(self.archive.clock.now())
        return {
            "t": "gap", "time": now, "account": self.account, "stream": stream,
            "cause": cause, "since": since, "until": until,
        }  # fmt: skip
