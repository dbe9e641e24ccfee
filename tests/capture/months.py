"""Months of nights over a stand-in platform, without network, ledger or waiting."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from archiver.capture.cadence import Cadence
from archiver.capture.known import Known
from archiver.capture.reading import Answer, read
from archiver.capture.session import Session
from archiver.capture.settling import Settler
from archiver.demo.answer import Asked
from archiver.flows.exposure import reaches
from archiver.formats.parquet import canonical_time
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector, Site
    from archiver.capture.known import Thing
    from archiver.capture.reading import Ask
    from archiver.demo.answer import Service
    from archiver.ledger.state import LedgerState
    from archiver.record import Observation

BASE = "http://city.example"
DAY = timedelta(days=1)
CADENCE = Cadence(phase=timedelta(days=3))


@dataclass
class Archive:
    """What an archive knows of one account, and what its runs said of themselves.

    ``seen`` are the observations of all runs, each with the night of its run.
    """

    connector: Connector
    site: Site
    service: Service
    headers: Mapping[str, str]
    known: Known = field(default_factory=lambda: Known({}, b"k" * 32))
    runs: list[dict[str, Any]] = field(default_factory=list)
    seen: list[tuple[datetime, Observation]] = field(default_factory=list)

    def run(self, now: datetime, mode: str, *, lossy: bool = False) -> int:
        """Capture the account; return how many requests that took.

        ``lossy``: the platform may fail to answer; then the run says that it broke off.
        """
        began = canonical_time(now)
        state = cast("LedgerState", SimpleNamespace(controls=[(0, one) for one in self.runs]))
        since = reaches(state, "acct", began, CADENCE) if mode == "reconcile" else {}
        numbers = iter(range(10**6))
        settler = Settler(self.connector, self.site, self.known, lambda: f"{began} {next(numbers)}")
        session = Session(self.connector, self.site, settler, mode, reaches=since)
        asking, asked = session.run(), 0
        ask = next(asking, None)
        while ask is not None:
            asked += 1
            exchange = self._send(ask, asked, began)
            reading = read(self.connector, self.site, exchange)
            answer = Answer(reading, settler.take(exchange, reading))
            try:
                ask = asking.send(answer)
            except StopIteration:
                ask = None
        assert lossy or (session.incomplete == {} and not session.troubles.torn)
        self.seen += [(now, one) for _, one in settler.drain().observations]
        counts = {stream: asdict(one) for stream, one in settler.counts.items()}
        claims = dict(session.sweep.claims)
        self.runs.append(
            {"t": "repeat", "account": "acct", "began": began, "ended": not session.troubles.torn,
             "mode": mode,
             "counts": counts, "since": claims},
        )  # fmt: skip
        return asked

    def _send(self, ask: Ask, number: int, now: str) -> Exchange:
        parts = urlsplit(ask.request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        asked = Asked(ask.request.method, target, BASE, self.headers, ask.request.body)
        found = self.service.answer(asked)
        assert found is not None, target
        lines = [f"HTTP/1.1 {found.status} X", f"Content-Length: {len(found.body)}"]
        lines += [f"{name}: {value}" for name, value in found.headers]
        response = ("\r\n".join(lines) + "\r\n\r\n").encode() + found.body
        return Exchange(
            "lane", number, ask.request.url, now, b"GET / HTTP/1.1\r\n\r\n", response,
            purpose=dict(ask.purpose),
        )  # fmt: skip

    def found(self, thing: Thing, kinds: tuple[str, ...], since: datetime) -> datetime | None:
        """Return when a thing was first observed as one of these since then, None for never."""
        return next(
            (
                night
                for night, one in self.seen
                if night >= since and (one.stream, one.native_id) == thing and one.kind in kinds
            ),
            None,
        )


@dataclass(frozen=True)
class Change:
    """Something that happened to a thing on the platform, and how old that was by then."""

    thing: Thing
    kinds: tuple[str, ...]
    at: datetime
    age: timedelta

    @property
    def bound(self) -> datetime:
        """When the archive must know of it: after the thing's interval, and a night."""
        return self.at + CADENCE.interval(self.age) + DAY


def age_of(archive: Archive, thing: Thing, now: datetime) -> timedelta:
    """Return how old the archive takes a thing to be."""
    record = archive.known.get(thing)
    assert record is not None, thing
    return now - datetime.fromisoformat(record.dated)


def nights(first: datetime, count: int) -> list[datetime]:
    """Return so many nights, each at three."""
    return [first.astimezone(UTC).replace(hour=3, minute=0) + n * DAY for n in range(1, count + 1)]
