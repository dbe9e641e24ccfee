"""A comment that was deleted before anybody looked is in the archive in both states.

Where a platform sends comments, through ``webhook serve`` itself; the streams of those that are
listened to are in `tests.demo.test_mastodon_listening` and `tests.demo.test_bluesky_listening`.
Elsewhere how much may have come and gone unseen is printed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Listens
from archiver.capture.delivery import Receives
from archiver.capture.platforms import CONNECTORS
from archiver.demo.facebook.life import CityPage
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from archiver.formats.parquet import canonical_time
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet
from tests.cli.terminal import run
from tests.conformance.standins import subjects
from tests.edges.store_helpers import memory_folder
from tests.receiver.platforms import (
    WORDS,
    facebook,
    instagram,
    mastodon,
    observed,
    settled,
    standing,
    x,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.receiver.serving import Served

SENDING = ("facebook", "instagram", "mastodon", "x")
LISTENED = {"bluesky", "mastodon"}
ONLY_POSTS = {"feed", "youtube"}
"""Platforms whose pushes (WebSub) tell of posts and videos, never of a comment."""


class Said:
    """What was said and taken back on each platform, and where that is archived."""

    def __init__(self, here: Served) -> None:
        self.here = here
        self.ids: dict[str, str] = {}


@pytest.fixture(scope="module")
def said() -> Iterator[Said]:
    """Somebody comments on each platform and takes it back before any listing is read."""
    makers = {"facebook": facebook(CityPage()), "instagram": instagram(), "mastodon": mastodon(),
              "x": x()}  # fmt: skip
    with memory_folder() as folder, standing(folder, makers) as here:
        made = Said(here)
        for name, one in makers.items():
            made.ids[name] = one.comment()
        for name, one in makers.items():
            settled(here, name, made.ids[name], "present")
            one.delete(made.ids[name])
        settled(here, "facebook", made.ids["facebook"], "absent")  # the one that tells of it
        assert here.stop() == 0
        for name in makers:
            capture(here.archive(), name, "backfill", Quiet())
        yield made


def test_every_connector_that_hears_is_looked_at() -> None:
    """A new one that receives or listens has to be named above, and shown to do this."""
    sending = {name for name, one in CONNECTORS.items() if isinstance(one, Receives)}
    assert sending == {*SENDING, *ONLY_POSTS}
    assert {name for name, one in CONNECTORS.items() if isinstance(one, Listens)} == LISTENED


@pytest.mark.parametrize("platform", SENDING)
def test_both_states_are_there(said: Said, platform: str) -> None:
    """What it said, since its delivery; and that it is gone, since an event or the next capture."""
    name = said.ids[platform]
    about = observed(said.here.archive(), platform, name)
    assert {row["stream"] for row in about} == {"comments"}
    own = [row for row in about if row["native_id"] == name]
    assert [row["kind"] for row in own] in (
        ["present", "deleted"],
        ["present", "absent", "deleted"],
    )
    assert WORDS in own[0]["text"]
    assert own[0]["captured_at"] < own[-1]["captured_at"]


def test_all_of_it_verifies(said: Said) -> None:
    """In depth, every account."""
    checked = verify(said.here.archive(), Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.mark.parametrize("platform", sorted(CONNECTORS.keys() - {*SENDING, *LISTENED}))
def test_elsewhere_what_may_have_been_missed_is_printed(tmp_path: Path, platform: str) -> None:
    """By `capture`, since the run before; and by `coverage`, stream by stream."""
    city, life = subjects("")[platform].start()
    services = [life.service] if life.service else []
    archive = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    with CityServer(city, *services) as server:
        about = {"name": "city", "platform": platform, "url": server.url + life.path}
        at_once = {"scope": "pause=0"} if platform == "website" else {}
        accounts.add(archive, about | at_once, life.credential)
        accounts.approve(archive, "city", "Clerk")
        before = canonical_time(datetime.now(UTC))
        capture(archive, "city", "backfill", Quiet())
        after = canonical_time(datetime.now(UTC))
        printed = run(tmp_path, "capture", "city").text
    told = re.search(r"Not seen: what came and went again since the runs before \((.*)Z\)", printed)
    assert told is not None, printed
    assert before[:16] <= told[1] <= after[:16]
    (covered,) = run(tmp_path, "coverage", "city", "--json").document["data"]
    assert any(one["new_since"] >= after for one in covered["streams"].values())
