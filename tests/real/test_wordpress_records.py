"""Searching and showing the records of a real WordPress, against its own database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.reading import STREAMS, words
from tests.real.story import ACCOUNT

if TYPE_CHECKING:
    from tests.real.story import Story

pytestmark = pytest.mark.real


def versions(story: Story) -> list[tuple[str, Any]]:
    """Return every version of every thing that any capture met: record id and truth."""
    names = {"users": "subscribers"}
    found: list[tuple[str, Any]] = []
    for truth in story.truths.values():
        for stream in STREAMS:
            for native, thing in getattr(truth, stream).items():
                place = f"{names.get(stream, stream)}:{native}"
                if stream == "revisions":
                    route = "posts" if thing.post in truth.posts else "pages"
                    place = f"{route}:{thing.post}%2Frevision%2F{native}"
                found.append((f"wordpress:{ACCOUNT}:{place}", thing))
    return found


@pytest.mark.parametrize(
    "text",
    ["555-0142", "630-555-0117", "בעברית", "المكتبة", "駐車場", "Фаина", "岩田", "Őrsi", "Lis"],
)
def test_search_finds_every_version_that_says_it(story: Story, text: str) -> None:
    """A search over everything finds exactly the records whose texts or authors say it."""
    spoken = {
        record
        for record, thing in versions(story)
        for name in ("title", "content", "excerpt", "author_name", "display_name", "caption")
        if says(text, words(str(getattr(thing, name, ""))))
    }
    assert spoken
    found = story.office.done("search", text, "--account", ACCOUNT, "--private").data
    assert {hit["record_id"] for hit in found["hits"]} == spoken
    assert set(found["not_searched"]) == {"workflow"}


def says(text: str, said: list[str]) -> bool:
    """Tell whether a text says a word; in a script without spaces anywhere in a word."""
    spaced = not re.search("[\u3040-\u9fff]", text)
    edge = r"(?:^|$|[^\w\u0300-\u036f])" if spaced else ""
    return re.search(edge + re.escape(text) + edge, " ".join(said), re.IGNORECASE) is not None


def test_search_finds_what_a_comment_said_before_its_edit(story: Story) -> None:
    """The old text of an edited comment is found, and said to be an earlier version."""
    before, after = story.truths["reread"].comments, story.truths["busy"].comments
    old = {
        n: found[0]
        for n in story.busy.comments.edited
        if (found := re.findall(r"\(#(\d+)\)", before[n].content))
    }
    assert old
    for comment, words_before in old.items():
        assert f"(#{words_before})" not in after[comment].content
        hits = story.office.done("search", f"#{words_before}", "--private").data["hits"]
        record = f"wordpress:{ACCOUNT}:comments:{comment}"
        hit = next(one for one in hits if one["record_id"] == record)
        assert hit["latest"] is False


def history(story: Story, stream: str, native: int) -> list[dict[str, Any]]:
    """Return what `show --history` says of a record."""
    record = f"wordpress:{ACCOUNT}:{stream}:{native}"
    found: list[dict[str, Any]] = story.office.done("show", record, "--history").data[
        "observations"
    ]
    return found


def test_history_of_an_edited_comment_shows_before_and_after(story: Story) -> None:
    """Both texts stand side by side, as the database had them."""
    before, after = story.truths["reread"].comments, story.truths["busy"].comments
    comment = min(story.busy.comments.edited - set(story.busy.comments.states))
    first, second = history(story, "comments", comment)
    assert (first["kind"], second["kind"]) == ("present", "edited")
    assert second["changed"]["markup"] == {
        "before": before[comment].content,
        "after": after[comment].content,
    }


@pytest.mark.parametrize(("new", "kind"), [("hold", "held"), ("spam", "hidden")])
def test_history_of_a_moderated_comment_shows_both_states(
    story: Story, new: str, kind: str
) -> None:
    """A comment that was withdrawn or marked is shown as it was and as it is."""
    comment = min(
        n
        for n, states in story.busy.comments.states.items()
        if states == ("approve", new) and n not in story.busy.comments.edited
    )
    first, second = history(story, "comments", comment)
    assert (first["kind"], second["kind"]) == ("present", kind)
    assert second["changed"]["state"] == {"before": "approved", "after": new}
    assert second["fields"]["markup"] == story.truths["busy"].comments[comment].content


def test_history_of_a_deleted_comment_keeps_it_and_shows_the_proof(story: Story) -> None:
    """The text stays, and the deletion names two listings and the 404."""
    before = story.truths["reread"].comments
    comment = min(n for n in story.busy.comments.deleted if before[n].status == "approve")
    *content, last = history(story, "comments", comment)
    assert content[-1]["fields"]["markup"] == before[comment].content
    assert last["kind"] == "deleted"
    assert [line.split(" ")[0] for line in last["evidence"]] == ["listing", "listing", "missing"]
    found = story.office.done("show", f"wordpress:{ACCOUNT}:comments:{comment}", "--as-of",
                              content[-1]["captured_at"]).data["observations"]  # fmt: skip
    assert found[-1]["kind"] == "present"


def test_public_search_does_not_call_a_withdrawn_post_present(story: Story) -> None:
    """A post withdrawn since is found by its public version and said to be what it is now."""
    before = story.truths["reread"].posts
    now = {"draft": "held", "private": "held", "trash": "removed"}
    withdrawn = {n: now[new] for n, (_, new) in story.busy.posts.states.items() if new in now}
    assert set(withdrawn.values()) == {"held", "removed"}
    for post, state in withdrawn.items():
        assert before[post].status == "publish"
        (file,) = re.findall(r"File no\. \d+/\d+", before[post].content)
        hits = story.office.done("search", f'"{file}"', "--account", ACCOUNT).data["hits"]
        (hit,) = [one for one in hits if one["record_id"] == f"wordpress:{ACCOUNT}:posts:{post}"]
        assert (hit["state"], hit["latest"]) == (state, False)
