"""What Facebook's webhooks tell, from the stand-in's body to sealed records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms.facebook import Facebook as Connector
from archiver.demo.facebook import hooks
from archiver.flows import run
from archiver.flows.verify import verify
from tests.chaos.truth import Quiet
from tests.demo.facebook import ACCOUNT, Stage, held, history, staged, wrong
from tests.demo.graph import PLACE, hand_in
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.capture.connector import Listing, Site


class Hooked(Connector):
    """The connector, with its deliveries where streams are listened to."""

    def streams(self, site: Site) -> tuple[Listing, ...]:
        """Return the deliveries, at an address of the stand-in's."""
        listing = self.deliveries(site)
        url = listing.request.url.replace("/v26.0/me", PLACE)
        return (replace(listing, request=replace(listing.request, url=url)),)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The Page, served, with an archive that has captured it once."""
    monkeypatch.setattr(run, "connector", lambda _platform: Hooked())
    with memory_folder() as folder, staged(folder) as made:
        made.capture("backfill")
        yield made


def deliver(
    stage: Stage, act: Callable[[], object], *, order: int = 1, copies: int = 1, each: int = 1
) -> None:
    """Let something happen, and hand in what is told of it, in the order wanted.

    ``each``: so many changes stand in one delivery.
    """
    told: list[hooks.Change] = []
    stage.page.listeners.append(told.append)
    act()
    stage.page.listeners.clear()
    number, sent, told = stage.page.city.id, int(stage.page.now.timestamp()), told[::order]
    bodies = [
        hooks.delivery(number, told[start : start + each], sent)
        for start in range(0, len(told), each)
    ] * copies
    hand_in(stage.archive, ACCOUNT, stage.service, bodies)


def kinds(stage: Stage, name: str) -> list[str]:
    """Return the kinds of all observations of a thing and of the events that tell of it."""
    return [
        f"{native_id.removeprefix(name)} {row['kind']}".strip()
        for (_, native_id), seen in history(stage.archive).items()
        if native_id == name or native_id.startswith(f"{name}/event/")
        for row in seen
    ]


@pytest.mark.parametrize(("order", "copies"), [(1, 1), (-1, 2)])
def test_a_comment_deleted_after_30_seconds_is_there_in_both_states(
    stage: Stage, order: int, copies: int
) -> None:
    """Also where its events come out of order, or several times."""
    page = stage.page
    post, said = next(iter(page.posts)), []

    def act() -> None:
        said.append(page.comment(post, page.crowd[0], "You will regret this").id)
        page.delete_comment(said[0])

    deliver(stage, act, order=order, copies=copies)
    found = kinds(stage, said[0])
    assert sorted(one.partition(" ")[2] or one for one in found) == ["absent", "present"]
    event = next(row for (_, name), (row, *_) in history(stage.archive).items()
                 if name.startswith(f"{said[0]}/event/add"))  # fmt: skip
    assert event["text"] == "You will regret this"
    assert wrong(page, stage.archive) == []
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def test_an_earlier_text_is_in_the_event_where_the_thing_has_the_later(stage: Stage) -> None:
    """Two edits within a minute: every text is there, and no edit that did not happen."""
    page = stage.page
    said = next(one for one in page.comments.values() if one.shown and not one.answers)
    first = said.text

    def act() -> None:
        page.edit_comment(said.id, "Second words")
        page.edit_comment(said.id, "Third words")

    deliver(stage, act)
    seen = history(stage.archive)
    assert [row["text"] for row in seen["comments", said.id]] == [first, "Third words"]
    texts = {rows[0].get("text") for (_, name), rows in seen.items() if f"{said.id}/event" in name}
    assert texts == {"Second words", "Third words"}
    assert wrong(page, stage.archive) == []


def test_hiding_is_seen_at_once(stage: Stage) -> None:
    """The event leads to the comment itself, which says that it is hidden, then shown again."""
    page = stage.page
    said = next(one for one in page.comments.values() if one.shown and not one.hidden)
    deliver(stage, lambda: page.hide(said.id))
    assert kinds(stage, said.id)[:2] == ["present", "hidden"]
    deliver(stage, lambda: page.hide(said.id, hidden=False))
    assert [row["kind"] for row in history(stage.archive)["comments", said.id]] == [
        "present", "hidden", "restored",
    ]  # fmt: skip


def test_messages_beyond_the_readable_ones_are_there_by_their_events(stage: Stage) -> None:
    """Thirty within a minute: of ten no list shows the content, the events have it."""
    page = stage.page
    person = page.crowd[1]
    deliver(stage, lambda: [page.write(person, f"Line {number}") for number in range(30)], each=10)
    stage.capture("backfill")
    seen = history(stage.archive)
    texts = {row.get("text") for rows in seen.values() for row in rows}
    assert {f"Line {number}" for number in range(30)} <= texts
    assert wrong(page, stage.archive) == []


def test_an_unsent_message_keeps_what_it_said(stage: Stage) -> None:
    """It is absent as a message; its content stays as it was."""
    page = stage.page
    message = next(iter(page.conversations.values())).messages[-1]
    deliver(stage, lambda: page.unsend(message.id))
    seen = history(stage.archive)
    assert [row["kind"] for row in seen["messages", message.id]] == ["present", "absent"]
    assert held(stage.archive)["messages", f"{message.id}/content"]["text"] == message.text


def test_all_that_a_week_brings_is_told(stage: Stage) -> None:
    """Events of every kind are cut without residue, and what follows agrees with the Page."""
    deliver(stage, stage.page.change, each=7)
    stage.capture("backfill")
    assert wrong(stage.page, stage.archive) == []
    streams = {stream for stream, name in history(stage.archive) if "/event/" in name}
    assert streams >= {"posts", "comments", "reactions", "messages"}
