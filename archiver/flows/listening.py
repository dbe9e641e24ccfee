"""Listening after a capture: windows of a stream, each settled and sealed before the next.

A window that brought nothing waits in the spool for one that does, so that silence costs
no seals. Whatever is in the spool when the process dies is settled by the next run.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.capture.connector import Listens, Polls, Problem
from archiver.capture.listening import window
from archiver.capture.problems import told
from archiver.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.connector import Connector, Listing
    from archiver.capture.listened import Listened
    from archiver.capture.listening import Heard
    from archiver.capture.session import Session
    from archiver.capture.settled import Counts
    from archiver.capture.settling import Settler
    from archiver.flows.asking import Line
    from archiver.flows.capture_report import CaptureReport
    from archiver.flows.positions import Positions
    from archiver.ports import Clock

__all__ = ["Listening"]

WINDOW = 30.0
"""Seconds of one window: the most that a kill can take with it."""
POLL = 20.0
"""Seconds between two looks at what tells nothing by itself, while something happens in it."""
SEAL_SECONDS = 15 * 60.0
"""Seconds after which windows without news are sealed, too."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds to wait after a stream that ended early: the first time, and at most."""

Reach = dict[str, tuple[int, int, int]]


@dataclass(slots=True)
class Listening:
    """Listens to the streams of one account, logged in on ``line``, after its listings.

    ``seal`` seals what is settled, and writes the positions with it. ``deliver`` settles and
    seals what was sent meanwhile: nobody else may, while this account is listened to. ``listened``
    is told when each stream was listened to.
    """

    clock: Clock
    connector: Connector
    session: Session
    settler: Settler
    line: Line
    positions: Positions
    report: CaptureReport
    seal: Callable[[], None]
    deliver: Callable[[], None]
    listened: Listened
    _refused: set[str] = field(default_factory=set)

    def run(self, seconds: float) -> None:
        """Listen for so long, or until every stream is refused.

        What the run says of how far it read each stream stays as it is: listening reads
        nothing to its end. Raises `AuthorisationError`.
        """
        reach, known = _reach(self.settler.counts), _news(self.settler.counts)
        began = sealed = self.clock.now()
        until, pause = began + timedelta(seconds=seconds), 0.0
        while began < until:
            listings, polled = self._streams(), self._polled()
            if not listings + polled:
                break
            length = min(POLL if polled else WINDOW, (until - began).total_seconds())
            for listing in listings:
                self._window(listing, length)
            for listing in polled:
                self._window(listing, length, polled=True)
            _restore(self.settler.counts, reach)
            now, news = self.clock.now(), _news(self.settler.counts)
            if news > known or (now - sealed).total_seconds() > SEAL_SECONDS:
                self.seal()
                sealed = now
            self.deliver()
            if listings:
                early = (now - began).total_seconds() < length / 2
                pause = _pause(pause, SHORTEST_PAUSE) if early else 0.0
            else:  # where something happens, more may
                pause = POLL if news > known else _pause(pause, POLL)
            known = _news(self.settler.counts)
            self.clock.sleep(max(min(pause, (until - now).total_seconds()), 0.0))
            began = self.clock.now()

    def _streams(self) -> list[Listing]:
        """Return what is still to be listened to, from where it was left."""
        if not isinstance(self.connector, Listens):
            return []
        self.line.site = replace(self.line.site, cursors=dict(self.positions.latest))
        found = self.connector.streams(self.line.site)
        return [listing for listing in found if listing.name not in self._refused]

    def _polled(self) -> list[Listing]:
        """Return what is still to be asked again and again."""
        found = self.connector.polled(self.line.site) if isinstance(self.connector, Polls) else ()
        return [listing for listing in found if listing.name not in self._refused]

    def _window(self, listing: Listing, seconds: float, *, polled: bool = False) -> None:
        """Listen to one stream once, or ask for the news of a list."""
        began = self.clock.now()
        try:
            heard = self._hear(listing, seconds, polled=polled)
        except TransientError as error:
            self._refused.add(listing.name)
            self.session.incomplete[listing.name] = told(Problem("transient", error.message))
            return
        self.report.listened[listing.name] = self.report.listened.get(listing.name, 0) + 1
        if not heard.refused and not polled:
            self.listened.note(listing.streams, began, self.clock.now())
        if heard.refused:
            self._refused.add(listing.name)

    def _hear(self, listing: Listing, seconds: float, *, polled: bool) -> Heard:
        hearing = window(
            self.connector, self.line.site, self.settler, self.session,
            listing=listing, seconds=seconds, polled=polled,
        )  # fmt: skip
        try:
            ask = next(hearing)
            while True:
                answer = self.line.ask(self.settler, ask)
                if "listen" in ask.purpose:  # noted now: what is asked for next may fail
                    self.positions.note({listing.name: answer.reading.page.cursor})
                ask = hearing.send(answer)
        except StopIteration as ended:
            heard: Heard = ended.value
            return heard


def _pause(before: float, shortest: float) -> float:
    return min(max(before * 2, shortest), LONGEST_PAUSE)


def _news(counts: Mapping[str, Counts]) -> int:
    """Return how many observations a run has made so far."""
    return sum(one.new + one.changed + one.residue for one in counts.values())


def _reach(counts: Mapping[str, Counts]) -> Reach:
    """Return how far a run read each stream."""
    return {stream: (one.whole, one.stopped, one.broken) for stream, one in counts.items()}


def _restore(counts: Mapping[str, Counts], reach: Reach) -> None:
    for stream, one in counts.items():
        one.whole, one.stopped, one.broken = reach.get(stream, (0, 0, 0))
