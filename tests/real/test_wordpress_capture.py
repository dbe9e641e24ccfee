"""Captures of a real WordPress against its own database: nothing missing, nothing invented."""

from __future__ import annotations

import html
import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from archiver.formats.http1 import parse_response
from tests.real.reading import KINDS, STREAMS, held, place, things, words
from tests.real.story import ACCOUNT, SECRET, USER, Story
from tests.real.wordpress import life, oracle

if TYPE_CHECKING:
    from tests.real.helpers import Seen
    from tests.real.wordpress.diff import Changes, StreamChanges

pytestmark = pytest.mark.real

CAPTURES = ("first", "again", "reread", "busy", "extra", "calm", "still")
PUBLIC = ("publish", "private")
"""States of a post with a readable address; the others have ``?p=ID``."""


def moved_comments(before: oracle.Truth, after: oracle.Truth) -> set[int]:
    """Return comments whose address changed with that of their post: no column of theirs."""

    def address(truth: oracle.Truth, post: int) -> str:
        found = {**truth.posts, **truth.pages}[post]
        return found.slug if found.status in PUBLIC else ""

    return {
        n
        for n, comment in after.comments.items()
        if n in before.comments and address(before, comment.post) != address(after, comment.post)
    }


def expected_kinds(
    changes: StreamChanges, before: dict[int, Any], after: dict[int, Any]
) -> dict[int, str]:
    """Return the one observation that each new, changed or deleted thing of a stream makes."""
    kinds = dict.fromkeys(changes.edited | changes.touched, "edited")
    for thing, (old, new) in changes.states.items():
        kinds[thing] = "edited"
        if KINDS[old] != KINDS[new]:
            back = KINDS[new] == "present" and KINDS[old] != "held"
            kinds[thing] = "restored" if back else KINDS[new]
    for thing in changes.new:
        kinds[thing] = KINDS[getattr(after[thing], "status", "publish")]
    assert changes.deleted <= before.keys()
    return kinds | dict.fromkeys(changes.deleted, "deleted")


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("stream", STREAMS)
def test_archive_equals_the_database(story: Story, capture: str, stream: str) -> None:
    """After each capture every thing and every field of a stream is that of the database."""
    assert held(story, capture, stream) == getattr(story.truths[capture], stream)


@pytest.mark.parametrize("capture", CAPTURES)
def test_counts_equal_the_database(story: Story, capture: str) -> None:
    """Reported and seen are the database's numbers, and nothing is unexplained."""
    # Revisions are counted with their posts, where asked for: these are new or changed.
    truth, report = story.truths[capture], story.reports[capture]
    changed = {
        (stream, native)
        for (stream, native), one in things(story.during(capture))
        if one.kind != "deleted"
    }
    revised = Counter(
        stream
        for revision in truth.revisions.values()
        for stream in ("posts", "pages")
        if (stream, revision.post) in changed
    )
    assert report["incomplete"] == {}
    assert set(report["streams"]) == {
        "posts", "pages", "comments", "subscribers", "media", "profile",
    }  # fmt: skip
    for stream, counts in report["streams"].items():
        assert (counts["unexplained"], counts["residue"]) == (0, 0)
        wanted = None
        if stream != "profile":
            listed = getattr(truth, {"subscribers": "users"}.get(stream, stream))
            wanted = len(listed) + revised[stream]
            assert counts["seen"] == wanted
        assert counts["reported"] == wanted


@pytest.mark.parametrize("capture", ["again", "reread", "still"])
def test_capture_without_news_seals_nothing(story: Story, capture: str) -> None:
    """A second capture, incremental or reconciling, makes not one observation."""
    assert story.reports[capture]["observations"] == {}
    assert story.during(capture) == []


def test_reconciling_after_an_incremental_capture_keeps_new_counts_only(story: Story) -> None:
    """What the incremental capture kept is not kept again; a new control count is evidence."""
    assert things(story.during("calm")) == []
    for one in story.during("calm"):
        earlier = [seen for seen in story.seen if seen.thing == one.thing and seen.leaf < one.leaf]
        assert one.row["reported"] != earlier[-1].row["reported"]


@pytest.mark.parametrize("capture", ["busy", "extra"])
@pytest.mark.parametrize("stream", STREAMS)
def test_capture_after_changes_shows_exactly_those(story: Story, capture: str, stream: str) -> None:
    """Each thing that changed makes one observation of the right kind, and no other does."""
    # A change of any column counts: an answer that moved up because the comment above it
    # was deleted, or a comment whose address changed with its post's, is observed too.
    before = story.truths["reread" if capture == "busy" else "busy"]
    after = story.truths[capture]
    changes: Changes = getattr(story, capture)
    expected = expected_kinds(
        getattr(changes, stream), getattr(before, stream), getattr(after, stream)
    )
    if stream == "comments":
        moved = moved_comments(before, after)
        expected = dict.fromkeys(moved, "edited") | expected
    found = [(n, one.kind) for (name, n), one in things(story.during(capture)) if name == stream]
    assert sorted(found) == sorted(expected.items())


def test_file_is_kept_once_and_gone_with_its_medium(story: Story) -> None:
    """A file is fetched once, when its medium is first seen, and deleted when that is."""
    files: dict[int, list[str]] = {}
    for (name, native), one in things(story.seen):
        if name == "files":
            files.setdefault(native, []).append(one.kind)
    every = {n for truth in story.truths.values() for n in truth.media}
    lost = story.busy.media.deleted
    assert lost
    assert files == {n: ["present", "deleted"] if n in lost else ["present"] for n in every}


def test_deletion_names_its_evidence(story: Story) -> None:
    """Two passes over the listings without the thing, and WordPress's 404, prove a deletion."""
    by_uuid = {one.row["observation_id"]: one for one in story.seen}
    missing = story.office.intake()
    deleted = [one for one in story.during("busy") if one.kind == "deleted"]
    assert {place(one)[0] for one in deleted} >= {"posts", "comments", "revisions", "files"}
    for one in deleted:
        earlier = {seen.row["observation_id"] for seen in story.seen if seen.thing == one.thing}
        evidence = [line.split(" ", 1) for line in one.headers["Archive-Evidence"]]
        passes: Counter[str] = Counter()
        for kind, what in evidence[:-1]:
            named = by_uuid[what.removeprefix("<urn:uuid:").removesuffix(">")]
            if kind == "whole":
                # No listing shows a part by itself: what it is part of is proven gone.
                whole = one.row["native_id"].partition("/")[0]
                assert (named.kind, named.thing) == ("deleted", (one.row["stream"], whole))
                continue
            assert (kind, named.kind) == ("listing", "listing")
            assert not earlier & set(json.loads(named.row["listed"]))
            passes[named.thing[1]] += 1
        part = "/" in one.row["native_id"]
        assert set(passes.values()) == (set() if part else {2})
        assert len(evidence) > 1
        assert evidence[-1][0] == "missing"
        assert_missing(story, one, *missing[evidence[-1][1]])
        assert one.block == b""


def assert_missing(story: Story, lost: Seen, url: str, message: bytes) -> None:
    """Assert that an exchange asked for a thing itself, and WordPress said that it is gone."""
    answer = parse_response(message)
    stream, number = place(lost)
    assert answer.status == 404
    if stream == "files":
        assert url in {one.row.get("url") for one in story.seen if one.thing == lost.thing}
        return
    assert f"/{number}&" in url
    code = "_invalid_parent" if stream == "revisions" else "_invalid_id"
    assert json.loads(answer.body)["code"].endswith(code)


def test_private_things_are_stored_encrypted_only(story: Story) -> None:
    """Accounts, comments with their senders, and what nobody may see are encrypted."""
    for (stream, _), one in things(story.seen):
        if stream in {"users", "revisions", "comments"} or KINDS.get(one.row.get("state", "")) in {
            "held", "hidden", "removed",
        }:  # fmt: skip
            assert one.sensitivity == "private"


def test_texts_are_what_a_reader_sees(story: Story) -> None:
    """The plain text of every post and comment has the words that its markup shows."""
    for (stream, _), one in things(story.seen):
        if stream in {"posts", "pages", "comments", "revisions"} and one.block:
            assert one.row.get("text", "").split() == words(one.row.get("markup", ""))
        if stream in {"posts", "pages", "revisions"} and one.block:
            assert one.row.get("title", "").split() == words(one.item["title"]["raw"])
        if stream == "comments" and one.block:
            assert one.row["author_name"] == html.unescape(one.item["author_name"])


def test_times_are_moments_with_their_source(story: Story) -> None:
    """Times stand as WordPress spelt them and as moments in UTC."""
    for (stream, _), one in things(story.seen):
        if stream == "files" or not one.block:
            continue
        member = "registered_date" if stream == "users" else "date_gmt"
        assert one.row["created_source"] == member
        assert one.row["created"] == one.item[member]
        spelt = datetime.fromisoformat(one.row["created"])
        spelt = spelt if spelt.tzinfo else spelt.replace(tzinfo=UTC)
        assert datetime.fromisoformat(one.row["created_at"]) == spelt


def test_archive_of_a_real_site_verifies_in_depth(story: Story) -> None:
    """Every file, record, row and commitment of the whole story holds."""
    report = story.office.done("verify", "--deep").data
    assert report["records"] >= len(story.seen)
    assert report["rederived"] == report["records"]
    assert report["unreadable"] == 0


def public(truth: oracle.Truth) -> dict[str, set[int]]:
    """Return what WordPress shows to anybody, by stream."""
    writing = {**truth.posts, **truth.pages}
    readable = {n for n, post in writing.items() if post.status == "publish"}
    open_to_all = {n for n in readable if not writing[n].password}
    return {
        "posts": readable & truth.posts.keys(),
        "pages": readable & truth.pages.keys(),
        "comments": {
            n
            for n, one in truth.comments.items()
            if one.status == "approve" and one.type == "comment" and one.post in open_to_all
        },
        "media": {
            n
            for n, one in truth.media.items()
            if one.status == "inherit" and (not one.post or one.post in readable)
        },
    }


def test_capture_without_a_credential_keeps_what_is_public(story: Story) -> None:
    """Without a login exactly the public things are captured, and nothing fails."""
    story.office.add("public-blog", "wordpress", story.site.url)
    story.office.capture("public-blog", "incremental")
    seen = story.office.seen("public-blog")
    found: dict[str, set[int]] = {}
    for (stream, native), one in things(seen):
        found.setdefault(stream, set()).add(native)
        assert one.kind == "present"
        assert not one.row.keys() & {"author_email", "author_ip", "author_agent"}
    assert found == {**public(story.truths["still"]), "files": found["media"]}
    assert story.office.capture("public-blog", "reconcile")["observations"] == {}


def test_wrong_password_is_said_and_nothing_is_recorded(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused login ends the capture with a plain error; no record comes of it."""
    monkeypatch.setenv("MISTYPED", "not the password")
    login = (f"user=env:{USER}", "password=env:MISTYPED")
    story.office.add("mistyped-blog", "wordpress", story.site.url, *login)
    for mode in ("incremental", "reconcile"):
        reply = story.office.run("capture", "mistyped-blog", "--mode", mode)
        (finding,) = reply.document["findings"]
        assert (reply.code, reply.document["ok"]) == (3, False)
        assert finding["code"] == "capture-authorisation"
        assert "credential" in finding["mend"]
        assert "not the password" not in json.dumps(reply.document) + reply.errors
    assert things(story.office.seen("mistyped-blog")) == []


def test_login_that_ends_deletes_nothing(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not shown without a login is not taken for deleted, then or once it works again."""
    monkeypatch.setenv(SECRET, "revoked")
    size = len(story.office.seen(ACCOUNT))
    reply = story.office.run("capture", ACCOUNT, "--mode", "reconcile")
    assert reply.document["findings"][0]["code"] == "capture-authorisation"
    assert len(story.office.seen(ACCOUNT)) == size
    monkeypatch.setenv(SECRET, story.site.password)
    story.office.capture(ACCOUNT, "reconcile")
    later = story.office.seen(ACCOUNT)[size:]
    assert {one.kind for one in later} <= {"present", "held", "listing"}


def test_autosave_of_an_unchanged_post_is_captured(story: Story) -> None:
    """An autosave changes nothing of its post but a link's count; it must be captured too."""
    truth = story.truths["still"]
    revised = {one.post for one in truth.revisions.values()}
    post = max(n for n, one in truth.posts.items() if one.status == "publish" and n in revised)
    # A run that mends an interrupted one asks for all revisions: there must be none to mend.
    story.office.capture(ACCOUNT, "reconcile")
    with story.site.client() as client:
        about = {"title": "Unsaved again", "content": "<p>Not published.</p>"}
        made = life.call(client, f"/posts/{post}/autosaves", **about)["id"]
    assert made in oracle.read(story.site).revisions
    story.office.capture(ACCOUNT, "reconcile")
    assert ("revisions", made) in dict(things(story.office.seen(ACCOUNT)))
