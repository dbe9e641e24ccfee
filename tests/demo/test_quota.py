"""Captures of a channel that cost more than a day's quota: each day goes on where one ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.youtube.seed import Town
from archiver.flows.accounts import find
from archiver.flows.capture import capture
from archiver.flows.exposure import exposures, runs
from archiver.flows.ledger import read_state
from tests.chaos.truth import Quiet
from tests.demo.youtube import ACCOUNT, Stage, held, history, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.capture_report import CaptureReport

DAY = 86_400.0
UNITS = 9
"""Of a day: reading the channel costs four times as much."""
MOST = 60
"""Days after which no run will ever end."""
READ = ("reported", "seen", "unexplained", "whole", "stopped", "broken")
"""Counts that no repetition changes."""


class KilledError(BaseException):
    """The process ends here: nothing above it may tidy up."""


class Killer(Quiet):
    """Ends a run before one of its requests."""

    def __init__(self, before: int) -> None:
        self._left = before

    def step(self, done: int, total: int | None, what: str) -> None:
        """Count down to the last request."""
        del done, total, what
        self._left -= 1
        if self._left < 0:
            raise KilledError


def channel() -> Town:
    """Return a channel without captions, each of which costs as much as 200 pages."""
    town = Town()
    town.captions.clear()
    return town


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The channel, served, and an archive in memory with its account."""
    with memory_folder() as folder, staged(folder, channel()) as made:
        yield made


@pytest.fixture(scope="module")
def whole() -> tuple[dict[str, Any], dict[tuple[str, str], list[str]], int]:
    """What one uninterrupted run counts and holds, and how often it asks."""
    with memory_folder() as folder, staged(folder, channel()) as made:
        report = made.capture("backfill")
        return counted(report), kinds(made), len(made.asked())


def counted(report: CaptureReport) -> dict[str, Any]:
    """Return the counts of a run that no repetition changes."""
    return {stream: [one[name] for name in READ] for stream, one in report.streams.items()}


def kinds(stage: Stage) -> dict[tuple[str, str], list[str]]:
    """Return the history of each thing, as kinds."""
    return {thing: [row["kind"] for row in seen] for thing, seen in history(stage.archive).items()}


def day(stage: Stage, mode: str = "backfill", killed: int = -1) -> CaptureReport | None:
    """Capture with a new day's quota; None where the run was killed before so many requests."""
    stage.service.left = UNITS
    stage.clock.sleep(DAY)
    if killed < 0:
        return capture(stage.archive, ACCOUNT, mode, Quiet())
    with pytest.raises(KilledError):
        capture(stage.archive, ACCOUNT, mode, Killer(killed))
    return None


def until_whole(stage: Stage, kills: Iterator[int]) -> tuple[CaptureReport, int]:
    """Capture day by day until nothing is left open; return the last run, and days."""
    for number in range(MOST):
        report = day(stage, killed=next(kills))
        if report is not None and not report.incomplete:
            return report, number + 1
    raise AssertionError("no run ever ended")


@pytest.mark.parametrize("kills", [(), (5, -1, 3, -1, 8, -1)])
def test_days_of_quota_come_to_what_one_run_comes_to(
    stage: Stage, whole: tuple[dict[str, Any], Any, int], kills: tuple[int, ...]
) -> None:
    """The same things, histories and counts; no page but unfinished lists' is read twice."""
    report, days = until_whole(stage, iter([*kills, *[-1] * MOST]))
    assert days > 3
    assert wrong(stage.studio, stage.archive) == []
    counts, told, asked = whole
    assert kinds(stage) == told
    assert counted(report) == counts
    assert report.resumed
    ours = [one for one in stage.asked() if "/token" not in one]
    assert len(ours) <= asked + days * 7
    found = list(runs(read_state(stage.archive), find(stage.archive, ACCOUNT).handle))
    assert [body["ended"] for body in found] == [False] * (len(found) - 1) + [True]
    assert len({body["began"] for body in found[-3:]}) == 1


def test_what_was_read_before_is_as_old_as_the_first_part(stage: Stage) -> None:
    """Whatever came since the first day is not said to have been looked for."""
    first = day(stage)
    assert first is not None
    began = next(runs(read_state(stage.archive), find(stage.archive, ACCOUNT).handle))["began"]
    report, _ = until_whole(stage, iter([-1] * MOST))
    assert report.resumed == began
    exposed = exposures(read_state(stage.archive), find(stage.archive, ACCOUNT).handle)
    assert {one.new_since for one in exposed.values()} <= {began, ""}
    later = day(stage, "incremental")
    assert later is not None
    assert later.resumed == ""


def test_only_what_reads_as_much_goes_on(stage: Stage) -> None:
    """A mode that reads more begins anew; an hourly run goes on with the backfill."""
    day(stage)
    begun = day(stage, "snapshot")
    assert begun is not None
    assert begun.resumed == ""
    went_on = day(stage, "incremental")
    assert went_on is not None
    assert (went_on.mode, bool(went_on.resumed)) == ("snapshot", True)


def test_without_the_note_everything_is_read_again(stage: Stage) -> None:
    """It is a cache: damaged or lost, it costs requests and changes no answer."""
    day(stage)
    path = f"cache/progress/{find(stage.archive, ACCOUNT).handle}"
    note = stage.archive.home.read(path)
    assert note is not None
    stage.archive.home.write(path, note[:-1] + b"?")
    again = day(stage)
    assert again is not None
    assert again.resumed == ""
    stage.archive.home.remove(path)
    stage.service.left = None
    stage.clock.sleep(DAY)
    stage.capture("backfill")
    assert wrong(stage.studio, stage.archive) == []
    assert Counter(one["kind"] for one in held(stage.archive).values())["present"] > 0
