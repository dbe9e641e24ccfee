"""A clerk is asked for hidden comments and the block list: both states, and when each began.

By webhooks, through ``webhook serve`` itself, and by captures alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.facebook.life import CityPage
from archiver.flows.capture import capture
from archiver.formats.parquet import canonical_time
from tests.chaos.truth import Quiet
from tests.cli.terminal import run
from tests.edges.store_helpers import memory_folder
from tests.receiver.platforms import facebook, settled, standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMENT, BLOCK = "facebook:facebook:comments:", "facebook:facebook:moderation:block%2F"


class Moderated:
    """A Page whose staff has hidden two comments, and unblocked the author of one.

    ``told`` was hidden while webhooks came; ``polled`` and ``person`` between two captures.
    ``moments`` stand before the first of it, between the two, and after all of it.
    """

    def __init__(self, folder: Path, told: str, polled: str, person: str) -> None:
        self.folder = folder
        self.told, self.polled, self.person = told, polled, person
        self.moments: list[str] = []

    def tick(self) -> None:
        """Note that it is now."""
        self.moments.append(canonical_time(datetime.now(UTC)))

    def history(self, record: str) -> list[dict[str, Any]]:
        """Return every observation that ``show --history`` prints."""
        ran = run(self.folder, "show", record, "--history", "--json")
        assert ran.code == 0, ran.text
        found: list[dict[str, Any]] = ran.document["data"]["observations"]
        return found

    def found(self, *words: str) -> dict[str, str]:
        """Return the records that ``search`` prints, each with its state."""
        ran = run(self.folder, "search", *words, "--private", "--json")
        assert ran.code == 0, ran.text
        return {hit["record_id"]: hit["state"] for hit in ran.document["data"]["hits"]}


@pytest.fixture(scope="module")
def town() -> Iterator[Moderated]:
    """Hide, unblock, capture."""
    page = CityPage()
    shown = [one for one in page.comments.values() if one.shown and not one.hidden]
    person = page.crowd[7]
    with memory_folder() as folder, standing(folder, {"facebook": facebook(page)}) as here:
        made = Moderated(folder, shown[0].id, shown[1].id, person.id)
        made.tick()
        page.hide(made.told)
        settled(here, "facebook", made.told, "hidden")
        made.tick()
        page.listeners.clear()
        page.hide(made.polled)
        page.unblock(person)
        assert here.stop() == 0
        assert capture(here.archive(), "facebook", "backfill", Quiet()).incomplete == {}
        made.tick()
        yield made


def test_a_comment_that_was_hidden_while_webhooks_came(town: Moderated) -> None:
    """It is hidden from the delivery on, before any capture looks."""
    before, after = town.history(COMMENT + town.told)
    assert (before["kind"], after["kind"]) == ("present", "hidden")
    assert before["captured_at"] < town.moments[0] < after["captured_at"] < town.moments[1]
    assert before["fields"]["text"] == after["fields"]["text"]


def test_a_comment_that_was_hidden_between_two_captures(town: Moderated) -> None:
    """It is hidden from the second capture on."""
    before, after = town.history(COMMENT + town.polled)
    assert (before["kind"], after["kind"]) == ("present", "hidden")
    assert before["captured_at"] < town.moments[0]
    assert town.moments[1] < after["captured_at"] < town.moments[2]


def test_who_was_blocked_and_is_no_more(town: Moderated) -> None:
    """Facebook sends nothing of it: the list has the person once, and then no more."""
    before, *later = town.history(BLOCK + town.person)
    assert before["kind"] == "present"
    assert [one["kind"] for one in later] in (["absent"], ["deleted"])
    assert before["captured_at"] < town.moments[0]
    assert town.moments[1] < later[-1]["captured_at"] < town.moments[2]


def test_a_search_finds_each_as_it_was_at_any_moment(town: Moderated) -> None:
    """``--as-of``: present, then hidden; blocked, then not."""
    told, polled, block = COMMENT + town.told, COMMENT + town.polled, BLOCK + town.person
    then = town.found("", "--as-of", town.moments[0])
    assert (then[told], then[polled], then[block]) == ("present", "present", "present")
    between = town.found("", "--as-of", town.moments[1])
    assert (between[told], between[polled], between[block]) == ("hidden", "present", "present")
    hidden = town.found("", "--stream", "comments", "--state", "hidden")
    assert {told, polled} <= hidden.keys()
    gone = town.found("", "--stream", "moderation")
    assert gone[block] in {"absent", "deleted"}
