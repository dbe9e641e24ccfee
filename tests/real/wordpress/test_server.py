"""The real WordPress, its scripted life, and the reading of its database, against each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.real.wordpress import changes, diff, life, oracle
from tests.real.wordpress.rest import (
    COMMENT_STATES,
    LISTINGS,
    POST_STATES,
    counted,
    listing,
    reported,
)
from tests.real.wordpress.server import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

STREAMS = tuple(item.name for item in fields(oracle.Truth))


@dataclass(frozen=True)
class Day:
    """A site, its truth before and after a day, and what was done on that day."""

    site: WordPress
    founded: oracle.Truth
    founded_counts: dict[str, int]
    expected: diff.Changes
    after: oracle.Truth


RUN_SPECIFIC = {"modified_gmt", "registered", "url", "file"}
"""Fields that tell when and where a site was made."""
SHIPPED = {"posts": 1, "pages": 3, "comments": 1}
"""Ids up to these are WordPress's own examples, which name the site's address."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A site of this module's own that has lived through its first day."""
    with WordPress(tmp_path_factory.mktemp("day")) as site:
        life.found(site)
        founded, counts = oracle.read(site), reported(site)
        expected = changes.change(site)
        yield Day(site, founded, counts, expected, oracle.read(site))


def timeless(truth: oracle.Truth) -> dict[str, dict[int, dict[str, object]]]:
    """Return the truth without what every run has of its own."""
    return {
        stream: {
            number: {
                name: value for name, value in asdict(thing).items() if name not in RUN_SPECIFIC
            }
            for number, thing in getattr(truth, stream).items()
            if number > SHIPPED.get(stream, 0)
        }
        for stream in STREAMS
    }


def test_site_starts_from_nothing_and_answers(day: Day) -> None:
    """The site tells its version, knows the administrator, and has pretty permalinks."""
    with day.site.client() as client:
        me = client.get("/users/me", params={"context": "edit"}).json()
        post = client.get("/posts", params={"per_page": "1"}).json()[0]
    assert day.site.version
    assert me["roles"] == ["administrator"]
    assert "?" not in post["link"]
    assert httpx.get(post["link"]).status_code == httpx.codes.OK


def test_life_is_as_large_as_promised(day: Day) -> None:
    """The founded site holds at least what tests of captures rely on, in every state."""
    truth, counts = day.founded, counted(day.founded)
    assert len(truth.posts) >= 130
    assert len(truth.comments) >= 300
    assert len(truth.users) >= 25
    assert len(truth.media) >= 12
    assert len(truth.revisions) >= 40
    assert max(medium.size for medium in truth.media.values()) > 2_000_000
    assert all(counts[f"posts {state}"] for state in POST_STATES)
    assert all(counts[f"comments {state}"] for state in COMMENT_STATES)
    assert {comment.type for comment in truth.comments.values()} > {"comment", "pingback"}
    assert any("-autosave-" in revision.slug for revision in truth.revisions.values())


def test_reported_totals_equal_the_database_when_founded(day: Day) -> None:
    """WordPress's totals per stream and state equal the rows of its tables."""
    assert day.founded_counts == counted(day.founded)


def test_reported_totals_equal_the_database_after_changes(day: Day) -> None:
    """After a day of changes they still do."""
    assert reported(day.site) == counted(day.after)


def test_listed_posts_and_pages_equal_the_database(day: Day) -> None:
    """Ids, states, titles and texts of the listings are those of the tables."""
    for name in ("posts", "pages"):
        with day.site.client() as client:
            items = listing(client, f"/{name}", **LISTINGS[name])
        shown = {
            item["id"]: (
                item["status"],
                item["title"]["raw"],
                item["content"]["raw"],
                item["modified_gmt"].replace("T", " "),
            )
            for item in items
        }
        truth = getattr(day.after, name).items()
        assert shown == {n: (p.status, p.title, p.content, p.modified_gmt) for n, p in truth}


def test_listed_comments_equal_the_database(day: Day) -> None:
    """Every comment in every state is listed with the text and place the table has."""
    with day.site.client() as client:
        items = listing(client, "/comments", **LISTINGS["comments"])
    shown = {
        item["id"]: (
            item["post"],
            item["parent"],
            item["status"].replace("approved", "approve"),
            item["author_name"],
            item["author_email"],
            item["content"]["raw"],
            item["date_gmt"].replace("T", " "),
        )
        for item in items
    }
    assert shown == {
        n: (c.post, c.parent, c.status, c.author_name, c.author_email, c.content, c.date_gmt)
        for n, c in day.after.comments.items()
    }


def test_listed_users_equal_the_database(day: Day) -> None:
    """Every account is listed, subscribers without posts too."""
    with day.site.client() as client:
        items = listing(client, "/users", **LISTINGS["users"])
    shown = {
        item["id"]: (item["username"], item["name"], item["email"], tuple(item["roles"]))
        for item in items
    }
    assert shown == {
        n: (u.login, u.display_name, u.email, u.roles) for n, u in day.after.users.items()
    }


def test_listed_revisions_equal_the_database(day: Day) -> None:
    """The revisions of all posts and pages together are those of the table."""
    owners = [("posts", n) for n in day.after.posts] + [("pages", n) for n in day.after.pages]
    with day.site.client() as client:
        shown = {
            item["id"]: (item["parent"], item["title"]["raw"], item["content"]["raw"])
            for route, number in owners
            for item in listing(client, f"/{route}/{number}/revisions")
        }
    assert shown == {n: (r.post, r.title, r.content) for n, r in day.after.revisions.items()}


def test_served_files_equal_the_files_on_disk(day: Day) -> None:
    """What a media item's address serves is the uploaded file, with its description."""
    with day.site.client() as client:
        items = listing(client, "/media", **LISTINGS["media"])
        assert {item["id"] for item in items} == set(day.after.media)
        for item in items:
            medium = day.after.media[item["id"]]
            served = client.get(item["source_url"]).content
            on_disk = day.site.site / "wp-content" / "uploads" / medium.file
            assert served == on_disk.read_bytes()
            assert (item["alt_text"], item["caption"]["raw"]) == (medium.alt_text, medium.caption)


def test_oracle_explains_every_row_it_leaves_out(day: Day) -> None:
    """A row of wp_posts is read, or left out for a reason that `UNSEEN` states."""
    reasons = set(oracle.left_out(day.site).values())
    assert {"auto-draft", "customize_changeset", "nav_menu_item", "wp_block"} <= reasons
    assert reasons <= set(oracle.UNSEEN)


@pytest.mark.parametrize("stream", STREAMS)
def test_expected_changes_are_exactly_what_the_database_shows(day: Day, stream: str) -> None:
    """New, changed, moved and deleted things are those that `change` said, and no others."""
    seen = diff.between(day.founded, day.after)[stream]
    said: diff.StreamChanges = getattr(day.expected, stream)
    assert (seen.new, seen.deleted) == (said.new, said.deleted)
    assert seen.states == said.states
    assert seen.changed == said.changed


def test_change_uses_every_kind_of_change(day: Day) -> None:
    """The day holds edits, hides, spam, trash, deletions, restores and side effects."""
    done = day.expected
    moves = set(done.comments.states.values())
    assert {("approve", "hold"), ("hold", "approve"), ("approve", "spam")} <= moves
    assert {("approve", "trash"), ("trash", "approve"), ("approve", "post-trashed")} <= moves
    assert all((done.posts.new, done.comments.new, done.users.new, done.media.new))
    assert all((done.posts.edited, done.comments.edited, done.pages.edited, done.users.edited))
    assert all((done.posts.deleted, done.comments.deleted, done.users.deleted, done.media.deleted))
    assert all((done.posts.touched, done.comments.touched, done.media.touched))


def test_deleted_things_answer_404(day: Day) -> None:
    """A direct request for a thing deleted for good says that there is no such id."""
    with day.site.client() as client:
        for stream in ("posts", "pages", "comments", "users", "media"):
            for number in getattr(day.expected, stream).deleted:
                answer = client.get(f"/{stream}/{number}", params={"context": "edit"})
                assert answer.status_code == httpx.codes.NOT_FOUND
                assert answer.json()["code"].endswith("_invalid_id")


def test_nothing_changes_while_nobody_writes(day: Day) -> None:
    """Reading leaves no trace in what is captured."""
    before = oracle.read(day.site)
    life.quiet(day.site)
    assert oracle.read(day.site) == before


def test_life_is_the_same_on_every_site(day: Day, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second site gets the same ids, texts and states, but for its own clock."""
    with WordPress(tmp_path_factory.mktemp("twin")) as twin:
        life.found(twin)
        again = oracle.read(twin)
    assert timeless(again) == timeless(day.founded)
