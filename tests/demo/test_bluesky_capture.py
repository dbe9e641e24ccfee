"""Whole captures of the stand-in network: its content, its changes, its misbehaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.network import POST
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.truth import Quiet
from tests.demo.bluesky import ACCOUNT, Stage, history, staged, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.faults import Fault


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The network, served, and an archive with its account."""
    with staged(tmp_path) as made:
        yield made


def test_first_capture_holds_everything(stage: Stage) -> None:
    """Every stream equals the network's state; nothing is left over, the archive verifies."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert wrong(stage.network, stage.archive) == []
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.mark.parametrize("mode", ["incremental", "backfill"])
def test_second_capture_stores_nothing(stage: Stage, mode: str) -> None:
    """Where nothing changed, not one observation is made."""
    stage.capture("backfill")
    assert stage.capture(mode).observations == {}


def test_capture_after_the_day_shows_exactly_its_changes(stage: Stage) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.network.change()
    stage.capture("backfill")
    assert stage.news(before) == told
    assert wrong(stage.network, stage.archive) == []
    assert stage.capture("backfill").observations == {}


def test_incremental_capture_sees_what_is_new(stage: Stage) -> None:
    """A late answer deep in an old thread is found through its notification."""
    stage.capture("backfill")
    before = history(stage.archive)
    network = stage.network
    old = next(one for one in network.posts if network.answers(one))
    answer = network.post(network.people[3], "Is this still so?", to=network.answers(old)[0])
    mine = network.post(network.city, "It is.", to=network.answers(old)[0])
    late = network.post(network.people[3], "Thank you.", to=mine)
    stage.capture("incremental")
    assert stage.news(before) == {
        "posts": {mine: "present"},
        "moderation": {f"{mine}/view": "present"},
        "comments": dict.fromkeys((answer, mine, late), "present"),
        "messages": {f"notification/reply/{uri}": "present" for uri in (answer, late)},
    }


def test_without_a_login_the_repository_is_captured(tmp_path: Path) -> None:
    """What the city itself published needs no credential; who follows it does."""
    with staged(tmp_path, login=False) as stage:
        stage.capture("backfill")
        assert wrong(stage.network, stage.archive, login=False) == []
        assert stage.capture("backfill").observations == {}


def test_tokens_expire_and_limits_are_kept(tmp_path: Path) -> None:
    """New tokens are asked for, pauses are made; what is captured is the same."""
    with staged(tmp_path, uses=23, throttle=17) as stage:
        stage.capture("backfill")
        assert wrong(stage.network, stage.archive) == []
        assert sum(one.path.endswith("createSession") for one in stage.server.log) > 5
        assert sum(one.status == 429 for one in stage.server.log) > 5
        assert stage.capture("backfill").observations == {}


TROUBLES = {
    "too many": faults.too_many_requests(2),
    "error": faults.server_error(),
    "cut": faults.truncated(700),
    "reset": faults.reset(),
    "gzip": faults.gzipped(),
    "chunks": faults.chunked(),
}


@pytest.mark.parametrize("name", sorted(TROUBLES))
def test_trouble_loses_nothing(stage: Stage, name: str) -> None:
    """Whatever goes wrong on the way, everything is there and nothing is invented."""
    fault: Fault = TROUBLES[name]
    for method in ("repo.listRecords", "repo.describeRepo", "sync.getBlob", "sync.getRepo"):
        stage.server.fail(f"/xrpc/com.atproto.{method}", fault)
    for method in ("feed.getAuthorFeed", "feed.getPostThread", "graph.getFollowers", "feed.getL"):
        stage.server.fail(f"/xrpc/app.bsky.{method}", fault)
    stage.capture("backfill")
    assert stage.server.faults == []
    kept = [row for seen in history(stage.archive).values() for row in seen]
    assert {row["kind"] for row in kept} <= {"present", "hidden", "residue"}
    network, archive = stage.network, stage.archive
    assert [one for one in wrong(network, archive) if "residue/" not in one] == []


def test_a_page_in_place_of_json_proves_nothing(stage: Stage) -> None:
    """A login page or an empty feed for once makes nobody's words disappear."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.server.fail("/xrpc/app.bsky.feed.getPostThread", faults.login_page())
    done = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert list(done.incomplete.values()) == ["schema: not JSON: is this the address of a PDS?"]
    assert {kind for one in stage.news(before).values() for kind in one.values()} == {"residue"}


def test_a_city_network_is_always_the_same() -> None:
    """Two networks are equal, before and after the day."""
    one, other = CityNetwork(), CityNetwork()
    assert one.change() == other.change()
    assert {uri: record.cid for uri, record in one.records.items()} == {
        uri: record.cid for uri, record in other.records.items()
    }
    assert len(one.records) > 300
    assert len(one.of(POST, one.city)) > 50
