"""The processes of a simulated run, each of which runs the real flows.

A new kind of actor is a subclass of `Actor` whose ``live`` is the life of one process: it
opens the archive (`Actor.boot`) and calls flows; it ends where ``finishing`` is set and its
work is done. It is added to the cast in `tests.sim.episode.CASTS`. What it may raise is
judged in `Actor.judge`; what must hold is in `tests.sim.watch`.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from greenlet import greenlet

from archiver.edges.memory import Killed
from archiver.errors import ArchiverError, RefusedError
from archiver.flows.ledger import read_state
from archiver.flows.ledger_cache import Memory
from archiver.flows.sequence import sequence
from archiver.flows.submit import recover, submit
from archiver.ids import new_ulid
from archiver.layout import unit_object_key
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.state import INTAKE, SETTLE
from tests.ledger.seals import TIME
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from tests.sim.machine import SimHome
    from tests.sim.scheduler import Scheduler
    from tests.sim.watch import Watch

__all__ = ["Actor", "Reader", "Sequencer", "Worker"]

PATIENCE = 400
"""Lives after which an actor that never finishes is a violation."""


class Actor:
    """One process, and the next one each time it died or failed.

    Args:
        name: for the trace.
        archive: as this home has it open; every process gets a memory of its own.
        home: the home of the archive.
        scheduler: draws when it goes on.
        watch: is told what it was told.
    """

    def __init__(
        self, name: str, archive: Archive, home: SimHome, scheduler: Scheduler, watch: Watch
    ) -> None:
        self.name, self.home, self.watch = name, home, watch
        self.scheduler = scheduler
        self.condemned = self.excused = self.finishing = False
        self.waiting: tuple[dict[str, object], str] | None = None
        self.at = ("", "")
        self.lives = 0
        self._archive = archive
        self.greenlet = greenlet(self._exist)

    @property
    def runnable(self) -> bool:
        """Whether it can go on: it has not ended, and waits for no lock unless it must die."""
        held = self.waiting is not None and self.waiting[1] in self.waiting[0]
        return not self.greenlet.dead and (self.condemned or not held)

    def rise(self) -> None:
        """Begin once more, after its end."""
        self.greenlet = greenlet(self._exist)

    def boot(self) -> Archive:
        """Return the archive as a new process has it open."""
        return replace(self._archive, memory=Memory())

    def live(self, archive: Archive) -> bool:
        """Be one process; return whether there is nothing left to do."""
        raise NotImplementedError

    def _exist(self) -> None:
        archive, done = self.boot(), False
        while not done:
            try:
                done = self.live(archive)
            except Killed:
                archive = self.boot()
                self.scheduler.note("died")
            except ArchiverError as error:
                self.scheduler.note(f"failed: {error.code or type(error).__name__} {error}")
                self.judge(error)
                if self.scheduler.chance.random() < 0.5:
                    archive = self.boot()
            except Exception as error:
                raise Violation(f"{self.name} broke: {error!r}") from error
            self.condemned = self.excused = False
            self.lives += self.finishing
            if self.lives > PATIENCE:
                raise Violation(f"{self.name} does not come to an end")

    def judge(self, error: ArchiverError) -> None:
        """Raise `Violation` where nothing that happened excuses an error."""
        if not self.excused:
            raise Violation(f"{self.name} failed for no reason: {error!r} {error}") from error


class Sequencer(Actor):
    """Does nothing but append what others have left."""

    def live(self, archive: Archive) -> bool:
        """Sequence again and again."""
        while True:
            sequence(archive)
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")


class Reader(Actor):
    """Reads the ledger, and never sees it grow smaller."""

    seen = 0

    def live(self, archive: Archive) -> bool:
        """Read again and again."""
        while True:
            state = read_state(archive)
            self.watch.read(state)
            if state.size < self.seen:
                raise Violation(f"{self.name} has seen {self.seen} entries, now {state.size}")
            self.seen = state.size
            if self.finishing:
                return True
            self.scheduler.pause("idle", "")


class Worker(Actor):
    """Takes exchanges into intake and settles them, as a capture does; then says what it did.

    ``account`` and ``lane`` are whose; ``contested``: another home has the same ones, so
    that a batch of the slower one is refused. ``repeats``: how often it only says what it saw.
    """

    account = lane = "a"
    contested = False
    repeats = 0.1

    def live(self, archive: Archive) -> bool:
        """Finish what a dead process left, then seal batch after batch."""
        recover(archive, self.account)
        while True:
            state = read_state(archive)
            self.watch.read(state)
            batch, objects = self._next(archive, state)
            if batch is None:
                return True
            try:
                submit(archive, self.account, batch, objects)
            except RefusedError:
                if not self.contested:
                    raise
                continue
            self.watch.acknowledge(batch.id)

    def judge(self, error: ArchiverError) -> None:
        """Raise `Violation` for a refusal that nobody else can have caused."""
        if not isinstance(error, RefusedError):
            super().judge(error)
        elif not (self.contested or self.scheduler.weather.short):
            raise Violation(f"{self.name} was refused: {error}")

    def _next(self, archive: Archive, state: LedgerState) -> tuple[Batch | None, dict[str, bytes]]:
        """Return the next batch with its objects: what is in intake is settled first."""
        stages = state.covered.get(self.lane, {INTAKE: [], SETTLE: []})
        waiting = ranges.minus(stages[INTAKE], stages[SETTLE])
        name = new_ulid(archive.clock, archive.chance)
        if not waiting and self.finishing:
            return None, {}
        at = self.scheduler.chance.random()
        if at < self.repeats:
            return self._repeat(name), {}
        if waiting:
            return self._settle(name, waiting[0], state)
        last = stages[INTAKE][-1][1] if stages[INTAKE] else 1
        return self._intake(name, [last, last + 1 + int(at * 3)])

    def _repeat(self, name: str) -> Batch:
        body = {"t": "repeat", "account": self.account, "counts": {}, "began": TIME}
        return Batch(name, (), ({**body, "ended": True, "time": TIME},))

    def _intake(self, name: str, numbers: list[int]) -> tuple[Batch, dict[str, bytes]]:
        segment, objects = self._segment(name, "intake", ["warc.gz.c256"], 0)
        return Batch(name, (), (self._seal(INTAKE, numbers, segment),)), objects

    def _settle(
        self, name: str, numbers: list[int], state: LedgerState
    ) -> tuple[Batch, dict[str, bytes]]:
        leaves = tuple(
            sha256(f"{self.lane} {number} {part}".encode()).digest()
            for number in range(*numbers)
            for part in range(1 + number % 3)
        )
        segment, objects = self._segment(name, "unscheduled", ["warc.gz", "idx"], len(leaves))
        seal = self._seal(SETTLE, numbers, segment)
        seal["batch"] = state.settled.get(self.account, 0) + 1
        return Batch(name, leaves, (seal,)), objects

    def _seal(self, stage: str, numbers: list[int], segment: dict[str, Any]) -> dict[str, Any]:
        return {
            "t": "seal",
            "time": TIME,
            "stage": stage,
            "account": self.account,
            "lane": self.lane,
            "exchanges": [numbers],
            "segments": [segment],
        }

    def _segment(
        self, name: str, series: str, suffixes: list[str], count: int
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
        unit = f"u{self.account}" if series == "unscheduled" else f"u{self.account}i"
        data = {suffix: f"{name} {suffix}".encode() for suffix in suffixes}
        segment = {
            "unit": unit,
            "segment": name,
            "series": series,
            "period": "2026-11",
            "sensitivity": "private" if series == "intake" else "public",
            "objects": {suffix: sha256(one).hexdigest() for suffix, one in data.items()},
            "leaves": [[0, count]] if count else [],
        }
        return segment, {unit_object_key(unit, name, s): one for s, one in data.items()}
