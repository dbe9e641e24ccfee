"""Months of a blog with lost nights and lost pages: coverage against what really happened."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.capture.coverage import Promise, Run, StreamCoverage, coverage
from archiver.capture.timeline import State
from archiver.demo.answer import Answer, Asked
from archiver.formats.parquet import canonical_time
from tests.capture.months import DAY, nights
from tests.capture.test_months import blog

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.answer import Service
    from archiver.demo.city import City
    from tests.capture.months import Archive

NIGHTS = 48
LOST = range(8, 40)
"""Nights in which nobody looks: longer than is promised."""


@dataclass
class Failing:
    """A service that fails to list comments while it is ``down``."""

    service: Service
    down: bool = False

    def answer(self, asked: Asked) -> Answer | None:
        """Answer, or fail."""
        if self.down and "/comments" in asked.path:
            return Answer(503)
        return self.service.answer(asked)


@dataclass
class Life:
    """When each comment came and went, by its number."""

    city: City
    rng: random.Random
    came: dict[int, datetime] = field(default_factory=dict)
    went: dict[int, datetime] = field(default_factory=dict)

    def goes_on(self, now: datetime) -> None:
        """Let comments come, and some of them go."""
        self.city.now = now
        post = self.rng.choice(sorted(self.city.posts))
        for _ in range(self.rng.randrange(3)):
            self.came[self.city.comment(post, f"Remark of {now}", name="Devon Marsh").id] = now
        for number in sorted(self.came.keys() - self.went.keys()):
            if self.rng.random() < 0.15:
                self.city.delete_comment(number)
                self.went[number] = now


def lived(seed: int) -> tuple[Life, Archive, datetime]:
    """Return months of a blog, and its archive."""
    city, archive = blog()
    rng = random.Random(seed)
    life, failing = Life(city, rng), Failing(archive.service)
    archive.service = failing
    archive.run(city.now, "backfill")
    for number, night in enumerate(nights(city.now, NIGHTS)):
        for hours in (20, 12, 4):
            life.goes_on(night - timedelta(hours=hours))
        failing.down = rng.random() < 0.2
        if number not in LOST and rng.random() < 0.8:
            mode = rng.choice(("incremental", "reconcile", "backfill"))
            archive.run(night, mode, lossy=failing.down)
        failing.down = False
    return life, archive, night


@pytest.fixture(scope="module", params=range(2))
def months(request: pytest.FixtureRequest) -> tuple[Life, Archive, datetime]:
    """Months that both tests look at."""
    return lived(request.param)


def comments(archive: Archive, end: datetime) -> StreamCoverage:
    """Return the coverage of comments until then."""
    runs = [
        Run(n, one["began"], one["ended"], one["counts"], one["since"])
        for n, one in enumerate(archive.runs)
    ]
    window = archive.runs[0]["began"], canonical_time(end)
    cells = archive.connector.capabilities
    found = coverage(runs, (), cells, window, Promise(timedelta(days=28), timedelta(days=1)))
    return next(one for one in found if one.stream == "comments")


def test_what_is_covered_is_there_unless_it_was_short(
    months: tuple[Life, Archive, datetime],
) -> None:
    """What came in a covered time and is missing lived for less than the bound."""
    life, archive, end = months
    found = comments(archive, end)
    missing = {n for n in life.came if archive.known.get(("comments", str(n))) is None}
    covered = dict[int, bool]()
    for number, came in life.came.items():
        moment = canonical_time(came)
        spans = [one for one in found.spans if one.since <= moment < one.until]
        covered[number] = [one.state for one in spans] == [State.COVERED]
        if number in missing and covered[number]:
            (span,) = spans
            assert life.went[number] - came < timedelta(seconds=span.bound)
    assert any(covered[number] for number in missing)
    assert sum(covered.values()) > len(covered) / 3
    causes = {one.cause for one in found.spans if one.state == State.GAP}
    assert "overdue" in causes
    assert timedelta(seconds=found.bound) > DAY


def test_nothing_that_stayed_is_missing_from_what_is_covered(
    months: tuple[Life, Archive, datetime],
) -> None:
    """Whatever is still there at the last good reading, and came before it, is in the archive."""
    life, archive, end = months
    found = comments(archive, end)
    last = max(one.until for one in found.spans if one.state == State.COVERED)
    stayed = {
        n
        for n, came in life.came.items()
        if canonical_time(came) < last
        and (n not in life.went or canonical_time(life.went[n]) > last)
    }
    assert stayed
    assert all(archive.known.get(("comments", str(n))) for n in stayed)
