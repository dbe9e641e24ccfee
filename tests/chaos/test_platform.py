"""A platform that misbehaves: nothing is lost, nothing invented, reports say so, tries end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.errors import AuthorisationError, TransientError
from archiver.flows.asking import TRIES, UNREACHABLE
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.helpers import BLOG, NEWS
from tests.chaos.town import Stage, staged
from tests.chaos.truth import Quiet, assert_whole, disagreements, histories, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Answer, Asked
    from archiver.demo.faults import Fault

API = "/index.php?rest_route=/wp/v2"
PLACES = (f"{API}/posts&", f"{API}/comments&", f"{API}/users&", f"{API}/posts/", "/wp-content/")
"""Targets: three listings, revisions, files."""
PASSING: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(3),
    "500": faults.server_error,
    "cut off": lambda: faults.truncated(60),
    "cut off at once": lambda: faults.truncated(0),
    "reset": faults.reset,
}
ODD: dict[str, Callable[[], Fault]] = {
    "gzip": faults.gzipped,
    "chunked": faults.chunked,
    "redirect": faults.redirected,
}
REFUSING: dict[str, Callable[[], Fault]] = {
    "expired token": faults.expired_token,
    "login page": faults.login_page,
}


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    """A city that is served, and an archive with its accounts."""
    with staged(folder) as made:
        yield made


def spoil(stage: Stage, make: Callable[[], Fault], times: int = 1) -> None:
    """Spoil the next answers at every place, and of the feed."""
    for place in (*PLACES, "/feed"):
        for _ in range(times):
            stage.server.fail(place, make())


def requests(stage: Stage, mode: str) -> int:
    """Capture, and return how many requests came of it."""
    before = len(stage.server.log)
    stage.capture(mode)
    return len(stage.server.log) - before


def invented(stage: Stage) -> list[object]:
    """Name records, and present contents of records, that the city does not have."""
    wanted = truth(stage.city)
    return [
        (thing, row)
        for thing, history in histories(stage.archive).items()
        for row in history
        if row["kind"] not in {"listing", "residue"}
        if thing not in wanted
        or any(row.get(name, "") != value for name, value in wanted[thing].items())
    ]


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_cost_one_more_request_each(stage: Stage, name: str) -> None:
    """Every place fails twice: the same run has everything, after two more requests each."""
    usual = len(PLACES) + 1
    spoil(stage, PASSING[name], times=2)
    asked = requests(stage, "incremental")
    assert stage.server.faults == []
    assert asked == 28 + 1 + 2 * usual  # one asks what the login may
    waits = [3.0, 3.0] if name == "429" else [2.0, 4.0]
    assert stage.clock.waited(*waits * usual)
    assert_whole(stage.place, stage.city)


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_read_as_what_they_are(stage: Stage, name: str) -> None:
    """Codings and redirects change nothing in the rows, and cost no wait."""
    spoil(stage, ODD[name])
    stage.capture("incremental")
    assert stage.server.faults == []
    assert stage.clock.slept == []
    assert_whole(stage.place, stage.city)


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize("place", PLACES)
def test_a_refused_login_is_said_and_never_taken_for_content(
    stage: Stage, name: str, place: str
) -> None:
    """No row comes of an error or a login page; the run says it, and the next has everything."""
    stage.server.fail(place, REFUSING[name]())
    try:
        report = capture(stage.archive, BLOG, "incremental", Quiet())
    except AuthorisationError as error:
        assert "refuses our credential" in error.message  # noqa: PT017 - a file only says so
    else:
        assert any("wp-content" in place and "/file" in name for name in report.incomplete)
    assert stage.server.faults == []
    assert stage.clock.slept == []
    assert invented(stage) == []
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


@pytest.mark.parametrize("name", ["429", "500", "reset"])
def test_failures_that_stay_are_reported_and_prove_no_absence(stage: Stage, name: str) -> None:
    """Comments fail to the end: tries are bounded, and not one comment counts as gone."""
    stage.capture("incremental")
    stage.city.change()
    before, listing = len(stage.server.log), f"{API}/comments&"
    for _ in range(TRIES):
        stage.server.fail(listing, PASSING[name]())
    report = capture(stage.archive, BLOG, "backfill", Quiet())
    assert list(report.incomplete) == ["comments"]
    tried = [one for one in stage.server.log[before:] if one.path.startswith(listing)]
    assert len(tried) == TRIES
    # Whatever is asked next waits for the window, too.
    assert len(stage.clock.slept) == TRIES - 1 + (name == "429")
    gone = [
        thing
        for thing, history in histories(stage.archive).items()
        if thing[1] == "comments" and history[-1]["kind"] in {"absent", "deleted"}
    ]
    assert gone == []
    assert verify(stage.archive, Quiet(), deep=True).findings == []
    stage.capture("backfill")
    assert_whole(stage.place, stage.city)


@pytest.mark.parametrize("place", [f"{API}/comments&", f"{API}/posts/", "/wp-content/"])
def test_one_address_that_never_answers_ends_no_run(stage: Stage, place: str) -> None:
    """It is said to be incomplete, and whatever else there is comes in the same run."""
    for _ in range(TRIES):
        stage.server.fail(place, faults.reset())
    report = capture(stage.archive, BLOG, "incremental", Quiet())
    assert stage.server.faults == []
    assert len(report.incomplete) == 1
    assert disagreements(stage.archive, stage.city) != []
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


@pytest.mark.parametrize(("place", "addresses"), [("/", 1), (f"{API}/posts/", UNREACHABLE)])
def test_a_platform_that_never_answers_ends_the_run(
    stage: Stage, place: str, addresses: int
) -> None:
    """At the first address of all, or where one address after the other fails."""
    for _ in range(TRIES * addresses):
        stage.server.fail(place, faults.reset())
    with pytest.raises(TransientError, match="connection"):
        capture(stage.archive, BLOG, "incremental", Quiet())
    assert stage.server.faults == []
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


def test_a_newer_server_edits_nothing(stage: Stage) -> None:
    """Its software has a new member in every comment: each is kept, and none an edit."""

    def newer(_: Asked, good: Answer) -> Answer:
        items = [{**one, "reading_time": {"minutes": 1}} for one in json.loads(good.body)]
        return replace(good, body=json.dumps(items).encode())

    stage.capture("incremental")
    before = len(histories(stage.archive))
    stage.server.fail(f"{API}/comments&", newer)
    reports = stage.capture("reconcile")
    assert stage.server.faults == []
    assert set(reports[BLOG].observations) <= {"extended", "listing"}
    assert reports[BLOG].observations["extended"] > 50
    assert len(histories(stage.archive)) - before <= reports[BLOG].observations.get("listing", 0)
    assert disagreements(stage.archive, stage.city) == []


def test_a_city_that_is_gone_changes_nothing(stage: Stage) -> None:
    """Every listing answers with an error page: no record is lost, judged or made."""
    stage.capture("incremental")
    before = histories(stage.archive)
    for _ in range(200):
        stage.server.fail("/", faults.server_error())
    reports = stage.capture("backfill")
    stage.server.faults.clear()
    assert all(report.incomplete for report in reports.values())
    assert histories(stage.archive) == before
    assert disagreements(stage.archive, stage.city) == []
    assert NEWS in reports
