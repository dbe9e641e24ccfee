"""Watching for a take-over: signs are told once, whoever captured and whatever was killed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.flows.status import status
from tests.demo.mastodon import ACCOUNT, Stage, staged
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.capture_report import CaptureReport

BOTH = ["account-client-unknown", "account-profile-changed"]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The instance, served, and an archive that has read the account once."""
    with memory_folder() as folder, staged(folder, most=40) as made:
        assert codes(made.capture("backfill")) == []
        yield made


def codes(report: CaptureReport) -> list[str]:
    """Return what a run told of the account."""
    return [one["code"] for one in report.concerns]


def take_over(stage: Stage) -> None:
    """Do what somebody does who has the password: another text, a post by another program."""
    town = stage.town
    town.describe("Buy coins at coins.example")
    town.post(town.city.id, "Coins for everybody!").client = "CoinBot"


def shown(stage: Stage) -> list[str]:
    """Return what status says of the account."""
    (account,) = status(stage.archive)["accounts"]
    return [one["code"] for one in account["concerns"]]


def test_signs_are_told_once_with_what_to_do(stage: Stage) -> None:
    """In the run that saw them, and by status for a month."""
    town = stage.town
    town.post(town.city.id, "The bridge is open again.")
    assert codes(stage.capture("incremental")) == []
    take_over(stage)
    report = stage.capture("incremental")
    assert codes(report) == BOTH
    client, profile = report.concerns
    assert profile["message"] == "its profile was changed on the platform: its description"
    assert client["message"].endswith(": CoinBot")
    assert client["where"].startswith(f"{ACCOUNT}: posts ")
    assert all("change the password, end all sessions" in one["mend"] for one in report.concerns)
    assert "coins.example" not in str(report.concerns)
    assert codes(stage.capture("backfill")) == []
    assert shown(stage) == BOTH
    stage.clock.sleep(timedelta(days=31).total_seconds())
    assert shown(stage) == []


def test_a_run_that_is_killed_before_it_tells_loses_no_sign(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sealed is looked at by the next one, which has nothing new itself."""
    take_over(stage)
    with monkeypatch.context() as patch:
        patch.setattr("archiver.flows.capture.look", _killed)
        with pytest.raises(KeyboardInterrupt):
            stage.capture("incremental")
    report = stage.capture("incremental")
    assert codes(report) == BOTH
    assert not report.observations


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_until_a_run_has_ended_everything_is_a_beginning() -> None:
    """A first run that breaks off leaves half a beginning: the next one completes it."""
    with memory_folder() as folder, staged(folder, most=40) as made:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("archiver.flows.capture.Run._end", _killed)
            with pytest.raises(KeyboardInterrupt):
                made.capture("backfill")
        town = made.town
        town.post(town.city.id, "An early one.").client = "Other"
        assert codes(made.capture("backfill")) == []
        take_over(made)
        assert codes(made.capture("incremental")) == BOTH
