"""Deliveries that wait in the inbox: read in the order of their receipt, a portion at a time.

Each has its number since it was received, in a lane of its own (`docs/formats/intake.md`). A
portion is sealed into intake, its observations into records, in one settling batch that names
those numbers: the ledger admits each number once, so that a kill between any two steps
leaves files that are settled again, or found to be settled. What deliveries lead to is asked
for afterwards; where that fails, or is cut short, the next reading of the platform shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.listened import Listened
from archiver.capture.listening import led_to
from archiver.capture.reading import read
from archiver.capture.session import Session
from archiver.errors import CaptureError, TransientError
from archiver.flows.exposure import DELIVERIES
from archiver.flows.settle import RunCounts
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.limits import ROLL_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Answer, Ask
    from archiver.capture.settled import Counts
    from archiver.capture.settling import Settler
    from archiver.flows.asking import Line
    from archiver.flows.capture_report import CaptureReport
    from archiver.flows.positions import Positions
    from archiver.ports import Clock, Spool, SpoolFile
    from archiver.record import Exchange

__all__ = ["MOST_FILES", "Brisk", "Deliveries", "Telling", "untold"]

_TOLD = "streams that deliveries told of"
"""The name in an account's positions under which these are kept (`archiver.flows.positions`)."""

LONGEST_WAIT = 4.0
"""Seconds to wait at most before something that deliveries led to is asked for again."""
MOST_FILES = 256
"""Files of one settling batch, so that none grows without bounds."""


class Brisk:
    """A clock of somebody who waits a little, but not for a platform that is away.

    The deliveries of other accounts wait meanwhile; what was not asked for, listings show.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Return the current time."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise `TransientError` where that would be long."""
        if seconds > LONGEST_WAIT:
            mend = "nothing; the next capture sees to it"
            raise TransientError(f"the platform asks us to wait for {seconds:.0f} s", mend=mend)
        self._clock.sleep(seconds)


class Telling:
    """What deliveries tell, as the ledger has it: with each of their batches, what is new in it.

    Args:
        report: is told of what they tell.
        positions: remember of which streams.
        up: since when the receiver was up, and has not been said to be.
        now: when settling them begins.
        whole: the run before them ended, and they take nothing from that.
    """

    def __init__(
        self, report: CaptureReport, positions: Positions, up: datetime, now: datetime,
        *, whole: bool,
    ) -> None:  # fmt: skip
        self._report, self._positions = report, positions
        self._up, self._now, self._whole = up, now, whole
        self._before = dict(report.told)

    def entry(self) -> RunCounts:
        """Return what was told since the last call; remember of which streams."""
        told = {s: n - self._before.get(s, 0) for s, n in self._report.told.items()}
        self._before, listened = dict(self._report.told), Listened()
        _note_told(self._positions, self._report)
        listened.note(_told_of(self._positions), self._up, self._now)
        self._up = self._now
        return RunCounts(
            DELIVERIES, canonical_time(self._now), self._whole, {}, {}, 0,
            told={stream: count for stream, count in told.items() if count},
            listened=listened.document(),
        )  # fmt: skip


class Deliveries:
    """Settles deliveries of one account, and asks for what they led to.

    Args:
        connector: of the platform.
        site: the account.
        settler: what is known.
        report: is told what came, and what was not understood.
    """

    def __init__(
        self, connector: Connector, site: Site, settler: Settler, report: CaptureReport
    ) -> None:
        self._connector = connector
        self._site = site
        self._settler = settler
        self._report = report
        self._session = Session(connector, site, settler, "incremental")

    def settle(
        self, inbox: Spool, files: Sequence[SpoolFile], covered: ranges.Ranges
    ) -> Iterator[Sequence[SpoolFile]]:
        """Settle the deliveries of files, but for numbers that are settled already.

        Yields the files of each portion when it is to be sealed, so that none grows without
        bounds.
        """
        some: list[SpoolFile] = []
        size = 0
        for file in files:
            some.append(file)
            size += self._file(inbox, file, covered)
            if size > ROLL_SIZE or len(some) == MOST_FILES:
                yield some
                some, size = [], 0
        if some:
            yield some

    def ask(self, line: Callable[[], AbstractContextManager[Line]]) -> bool:
        """Ask for what deliveries led to; say whether there was any such thing.

        What fails is told: listings show it later.
        """
        asking = led_to(self._connector, self._site, self._settler, self._session)
        first = next(asking, None)  # nobody logs in where nothing is to be asked
        if first is not None:
            try:
                with line() as opened:
                    opened.run(self._settler, _resumed(first, asking), lambda: None)
            except CaptureError as error:
                self._report.unheard["what deliveries led to"] = f"not asked for: {error.message}"
        self._report.unheard |= self._session.incomplete
        return first is not None

    def _file(self, inbox: Spool, file: SpoolFile, covered: ranges.Ranges) -> int:
        """Settle the deliveries of one file; return how many bytes they have."""
        before, size = _news(self._settler), 0
        for exchange in inbox.read(file):
            size += len(exchange.request)
            if not ranges.overlap(covered, [[exchange.number, exchange.number + 1]]):
                self._one(exchange)
        for stream, count in _news(self._settler).items():
            news = count - before.get(stream, 0)
            if news:
                self._report.told[stream] = self._report.told.get(stream, 0) + news
        return size

    def _one(self, exchange: Exchange) -> None:
        reading = read(self._connector, self._site, exchange)
        verdicts = self._settler.take(exchange, reading, late=True)
        self._session.follows.take(reading.page.items, verdicts, every=False)
        self._report.events += 1
        why = ""
        if reading.page.problem is not None:
            why = f"{reading.page.problem.code}: {reading.page.problem.message}"
        elif reading.residue:
            why = "schema: a part of a delivery was not understood"
        if exchange.purpose.get("unrouted"):
            why = f"unrouted: it tells of {exchange.purpose['unrouted']}, no account of ours"
        if why:
            self._report.unheard[exchange.id] = why


def _note_told(positions: Positions, report: CaptureReport) -> None:
    """Remember of which streams deliveries tell."""
    told = {*_told_of(positions), *report.told}
    positions.note({_TOLD: " ".join(sorted(told))})


def _told_of(positions: Positions) -> list[str]:
    """Return the streams of which deliveries have told."""
    return positions.latest.get(_TOLD, "").split()


def untold(positions: Positions, counts: Mapping[str, Counts]) -> dict[str, int]:
    """Return how much listings showed to be news in streams that deliveries tell of, by stream."""
    told = [name for name in _told_of(positions) if name in counts]
    found = {name: counts[name].new + counts[name].changed for name in told}
    return {name: number for name, number in found.items() if number}


def _resumed(first: Ask, asking: Generator[Ask, Answer, None]) -> Generator[Ask, Answer, None]:
    """Go on with a generator that has asked for something already."""
    answer = yield first
    while True:
        try:
            ask = asking.send(answer)
        except StopIteration:
            return
        answer = yield ask


def _news(settler: Settler) -> dict[str, int]:
    return {name: one.new + one.changed for name, one in settler.counts.items()}
