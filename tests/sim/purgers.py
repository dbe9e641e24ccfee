"""The processes of an order that has begun: they take in, purge, and put on hold meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.documents import archive_lane
from archiver.flows.executing import execute
from archiver.flows.holds import Scope, place
from archiver.flows.intake import new_opening
from archiver.flows.ledger import read_state
from archiver.flows.segments import Placement, finish
from archiver.flows.submit import submit
from archiver.formats import warc, warc_reading
from archiver.formats.exchanges import exchange_parts
from archiver.ids import new_ulid
from archiver.ledger.batch import Batch
from archiver.ledger.seal import INTAKE
from archiver.record import Exchange
from tests.ledger.seals import TIME
from tests.sim.actors import Actor
from tests.sim.compactors import Compactor, Quiet, Settler
from tests.sim.ordered import PEOPLE, record

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["HOLDABLE", "Holder", "Purger", "Taker"]

HOLDABLE = ("a-1-0", "b-1-1", "a-2-0", "b-2-0")
"""Of the order; shown by an exchange of it; of a segment of it; of nothing of it."""


class Taker(Settler):
    """A settler whose exchanges are real as well: an intake file can be split."""

    def _intake(self, name: str, numbers: list[int]) -> tuple[Batch, dict[str, bytes]]:
        archive = self._archive
        raw = b"".join(part for n in range(*numbers) for part in self._exchange(n))
        members = warc.opening_member(new_opening(archive))
        members += b"".join(map(warc.member, warc_reading.split_records(raw)))
        placement = Placement(f"u{self.account}i", "intake", "2026-11", "private")
        made = finish(archive, placement, {"warc.gz": members}, (), 0)
        return Batch(name, (), (self._seal(INTAKE, numbers, made.segment),)), dict(made.objects)

    def _exchange(self, number: int) -> list[bytes]:
        return exchange_parts(
            Exchange(
                lane=self.lane,
                number=number,
                url="http://city.example/",
                captured_at=TIME,
                request=b"GET / HTTP/1.1\r\n\r\n",
                response=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                purpose={"role": "listing"},
            )
        )

    def take(self, archive: Archive, last: int) -> None:
        """Take in exchanges up to a number, in one file; settle the last one alone."""
        batch, objects = self._intake(new_ulid(archive.clock, archive.chance), [1, last + 1])
        submit(archive, self.account, batch, objects)
        for numbers in ([1, last], [last, last + 1]):
            self.at_once, name = last, new_ulid(archive.clock, archive.chance)
            batch, objects = self._settle(name, numbers, read_state(archive))
            submit(archive, self.account, batch, objects)


class Purger(Compactor):
    """Carries the order on, again and again, and says that it is done."""

    order = ""

    def live(self, archive: Archive) -> bool:
        """Finish what a dead process left, then execute again and again."""
        with archive_lane(archive):
            pass
        while True:
            try:
                made = execute(archive, self.order, PEOPLE["purger"], Quiet())
                self.scheduler.note(f"{made.state}: {made.purged}")
            except RefusedError as error:  # at the end it is asked whether anything explains it
                self.scheduler.note(f"refused: {error}")
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")


class Holder(Actor):
    """Places one hold, from some step on, on something that the order may or may not touch."""

    wanted = ""
    since = 0
    placed = False

    def live(self, archive: Archive) -> bool:
        """Finish what a dead process left, then place the hold when its time has come."""
        with archive_lane(archive):
            pass
        while not self.finishing:
            if self.wanted and not self.placed and self.scheduler.steps >= self.since:
                self._place(archive)
            self.scheduler.pause("idle", "")
        return True

    def _place(self, archive: Archive) -> None:
        scope, told = Scope(records=(record(self.wanted),)), {"kind": "audit", "matter": "audit"}
        try:
            place(archive, scope, told, [PEOPLE["holder"]], Quiet(), snapshot=False)
        except UsageError:  # there is no such record any more
            pass
        except RefusedError:  # another process sealed meanwhile
            return
        self.placed = True
