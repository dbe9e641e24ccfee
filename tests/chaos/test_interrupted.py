"""A run that breaks off: the next run brings what the broken one had only begun."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from archiver.capture.platforms.wordpress import WordPress
from archiver.demo.faults import expired_token, server_error
from archiver.errors import AuthorisationError, StoreError
from archiver.flows import connectors
from archiver.flows.capture import capture
from tests.chaos.helpers import BLOG, second_home
from tests.chaos.town import Stage, staged
from tests.chaos.truth import Quiet, assert_whole, disagreements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.ports import Store


POSTS = "/index.php?rest_route=/wp/v2/posts"
COMMENTS = (
    "/index.php?rest_route=/wp/v2/comments&context=edit&per_page=100"
    "&status=any&type=all&orderby=id&order=desc"
)


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    """A city that is served, and an archive with its accounts."""
    with staged(folder) as made:
        yield made


def test_what_known_items_name_is_asked_for_after_a_broken_run(stage: Stage) -> None:
    """Posts were sealed, their revisions were not asked for: the next run asks."""
    stage.server.fail("/index.php?rest_route=/wp/v2/posts/", expired_token())
    with pytest.raises(AuthorisationError):
        capture(stage.archive, BLOG, "incremental", Quiet())
    assert any("revision" in one for one in disagreements(stage.archive, stage.city))
    report = stage.capture("incremental")
    assert report[BLOG].mode == "reconcile"
    assert_whole(stage.place, stage.city)
    assert stage.capture("incremental")[BLOG].mode == "incremental"


def test_a_page_that_failed_is_asked_for_by_the_next_incremental_run(stage: Stage) -> None:
    """New comments fill two pages, the second fails: the next run does not stop at the first."""
    stage.capture("incremental")
    for number in range(120):
        stage.city.comment(5, f"Number {number}", name="Inés")
    for _ in range(5):
        stage.server.fail(f"{COMMENTS}&page=2", server_error())
    report = stage.capture("incremental")[BLOG]
    assert report.incomplete == {"comments newest": "transient: HTTP/1.1 500 Internal Server Error"}
    assert disagreements(stage.archive, stage.city) != []
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


def _broken_off(stage: Stage) -> None:
    """Capture the first page of 120 new comments; the login runs out before the second."""
    for number in range(120):
        stage.city.comment(5, f"Number {number}", name="Inés")
    stage.server.fail(f"{COMMENTS}&page=2", expired_token())
    with pytest.raises(AuthorisationError):
        capture(stage.archive, BLOG, "incremental", Quiet())
    assert disagreements(stage.archive, stage.city) != []


def test_another_home_reads_everything_again_after_a_broken_run(stage: Stage, folder: Path) -> None:
    """The ledger says that the last run did not end, whoever asks; afterwards homes take turns."""
    stage.capture("incremental")
    twin = second_home(stage.place, folder / "twin", shared=("keystore",))
    _broken_off(stage)
    report = capture(twin.opened(), BLOG, "incremental", Quiet())
    assert report.mode == "reconcile"
    assert disagreements(twin.opened(), stage.city) == []
    for archive in (stage.archive, twin.opened(), stage.archive):
        assert capture(archive, BLOG, "incremental", Quiet()).mode == "incremental"


class Newer(WordPress):
    """The connector, in its next version."""

    parser = "wordpress/2"


def test_a_new_parser_reads_everything_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may understand what the one before could not; nothing looks edited for it."""
    stage.capture("incremental")
    monkeypatch.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})
    report = capture(stage.archive, BLOG, "incremental", Quiet())
    assert (report.mode, report.observations) == ("reconcile", {})
    assert capture(stage.archive, BLOG, "incremental", Quiet()).mode == "incremental"


def test_parts_are_gone_after_a_run_that_broke_off_between(stage: Stage) -> None:
    """A post's deletion was sealed, its revisions were not asked for: the next run asks."""
    stage.capture("incremental")
    post = next(iter(stage.city.revisions.values())).parent
    stage.city.delete_post(post)
    stage.server.fail(f"{POSTS}/{post}/revisions/", expired_token())
    with pytest.raises(AuthorisationError):
        capture(stage.archive, BLOG, "backfill", Quiet())
    assert any("invented" in one for one in disagreements(stage.archive, stage.city))
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


def test_a_file_that_did_not_come_is_reported_and_comes_later(stage: Stage) -> None:
    """A picture fails five times: the report says so, the next run has it."""
    for _ in range(5):
        stage.server.fail("/wp-content/uploads/", server_error())
    report = stage.capture("incremental")[BLOG]
    assert len(report.incomplete) == 1
    assert all(name.endswith("/file") for name in report.incomplete)
    stage.capture("incremental")
    assert_whole(stage.place, stage.city)


class BreakingStore:
    """A store whose ``at``-th write fails, before or after it was done."""

    def __init__(self, store: Store, at: int, *, done: bool) -> None:
        self._store, self._left, self._done = store, at, done

    def __getattr__(self, name: str) -> object:
        """Pass everything on; count what writes."""
        method = getattr(self._store, name)
        if name not in {"create", "swap", "delete"}:
            return cast("object", method)

        def write(*arguments: object) -> object:
            self._left -= 1
            if self._left == 0 and not self._done:
                raise StoreError("the disk is full")
            result = method(*arguments)
            if self._left == 0:
                raise StoreError("the answer was lost")
            return result

        return write


@pytest.mark.parametrize("at", [1, 4, 9, 16, 25, 40, 60, 85, 115, 150])
def test_a_store_that_fails_once_loses_and_doubles_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Sealing in the middle of a run fails: what was settled for it is settled again."""
    monkeypatch.setattr("archiver.flows.run.SEGMENT_BYTES", 100_000)
    store = BreakingStore(stage.archive.store, at, done=at % 2 == 0)
    broken = replace(stage.archive, store=cast("Store", store))
    with pytest.raises(StoreError):
        capture(broken, BLOG, "incremental", Quiet())
    stage.city.change()
    stage.capture("incremental")
    stage.capture("backfill")
    assert_whole(stage.place, stage.city)
