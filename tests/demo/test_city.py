"""Tests of the invented city, its verbs and its eventful week."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.texts import PHONE
from archiver.errors import UsageError
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Callable


KINDS = {"post": Stream.POSTS, "page": Stream.PAGES, "attachment": Stream.MEDIA}


def state(city: City) -> dict[str, dict[str, object]]:
    """Return a copy of everything on the blog, by stream and native id."""
    whole: dict[str, dict[str, object]] = {stream: {} for stream in Stream}
    for post in city.posts.values():
        whole[KINDS[post.kind]][str(post.id)] = deepcopy(post)
    for revision in city.revisions.values():
        stream = KINDS[city.post(revision.parent).kind]
        whole[stream][f"{revision.parent}/revision/{revision.id}"] = revision
    for comment in city.comments.values():
        whole[Stream.COMMENTS][str(comment.id)] = deepcopy(comment)
    for user in city.users.values():
        whole[Stream.SUBSCRIBERS][str(user.id)] = deepcopy(user)
    return {stream: things for stream, things in whole.items() if things}


def test_a_city_is_always_the_same() -> None:
    """Two cities are equal, before and after the week."""
    one, other = City(), City()
    assert (state(one), one.news) == (state(other), other.news)
    assert one.change() == other.change()
    assert state(one) == state(other)


def test_the_city_has_something_of_every_kind() -> None:
    """Posts, pages, files and comments come in every state, people in every role."""
    city = City()
    statuses = Counter((post.kind, post.status) for post in city.posts.values())
    assert statuses["post", "publish"] == 56
    assert {status for kind, status in statuses if kind == "post"} == {
        "publish", "draft", "future", "pending", "private", "trash",
    }  # fmt: skip
    assert statuses["page", "publish"] == 4
    assert statuses["attachment", "inherit"] == 6
    comments = Counter(comment.status for comment in city.comments.values())
    assert set(comments) == {"approved", "hold", "spam", "trash"}
    assert 240 <= comments.total() <= 300
    roles = Counter(user.role for user in city.users.values())
    assert roles == {"administrator": 1, "editor": 1, "author": 2, "subscriber": 15}
    assert len(city.revisions) > 10


def test_comments_are_nested_two_deep() -> None:
    """Some comments answer an answer."""
    comments = City().comments
    answers = [one for one in comments.values() if one.parent]
    assert any(comments[answer.parent].parent for answer in answers)
    assert all(comments[answer.parent].post == answer.post for answer in answers)


def test_one_comment_gives_the_telephone_number() -> None:
    """The number stands in exactly one comment, once, and stays there through the week."""
    city = City()
    for _ in range(2):
        callers = [c for c in city.comments.values() if PHONE in c.text]
        assert [c.text.count(PHONE) for c in callers] == [1]
        assert callers[0].status == "approved"
        city.change()


def test_people_write_in_three_languages_and_emoji() -> None:
    """The texts hold Spanish, Polish and emoji."""
    words = " ".join(comment.text for comment in City().comments.values())
    assert all(part in words for part in ("¿", "Dziękuję", "👏"))


def outcome(before: object, after: object) -> str:
    """Return the kind of observation that something new or different should give."""
    hidden = {"hold": Kind.HELD, "spam": Kind.HIDDEN, "trash": Kind.REMOVED}
    old, new = (getattr(thing, "status", "") for thing in (before, after))
    if before is not None and old == new:
        return Kind.EDITED
    if new == "approved" and old in {"spam", "trash"}:
        return Kind.RESTORED
    return hidden.get(new, Kind.PRESENT)


def test_the_week_changes_what_it_says_and_nothing_else() -> None:
    """The list of `change` names exactly the things that differ, each with its kind."""
    city = City()
    before = state(city)
    told = city.change()
    after = state(city)
    assert told.keys() == after.keys() == before.keys()
    for stream, things in after.items():
        old = before[stream]
        seen = {
            name: outcome(old.get(name), thing)
            for name, thing in things.items()
            if old.get(name) != thing
        }
        gone = dict.fromkeys(old.keys() - things.keys(), Kind.DELETED)
        assert seen | gone == told[stream]


def test_the_week_has_every_kind_of_change() -> None:
    """Among the comments there are edits, hides, deletions, restorations and additions."""
    assert set(City().change()[Stream.COMMENTS].values()) == {
        Kind.EDITED, Kind.HELD, Kind.HIDDEN, Kind.REMOVED, Kind.DELETED, Kind.RESTORED,
        Kind.PRESENT,
    }  # fmt: skip


def test_news_change_what_they_say() -> None:
    """One item is new, one corrected, under its old identifier."""
    city = City()
    before = {item.guid: deepcopy(item) for item in city.news}
    told = city.change_news()[Stream.POSTS]
    changed = {item.guid for item in city.news if before.get(item.guid) != item}
    assert changed == set(told)
    assert {guid for guid in changed if guid not in before} == {
        guid for guid, kind in told.items() if kind == Kind.PRESENT
    }


def test_answers_move_up_when_their_comment_is_deleted() -> None:
    """Deleting a comment for good gives its answers its own parent."""
    city = City()
    top = city.comment(5, "top", name="A")
    middle = city.comment(5, "middle", name="B", parent=top.id)
    low = city.comment(5, "low", name="C", parent=middle.id)
    city.delete_comment(middle.id)
    assert low.parent == top.id


def test_a_deleted_post_takes_its_comments_and_revisions_along() -> None:
    """What belonged to a deleted post is gone; its file stays, attached to nothing."""
    city = City()
    post = city.publish("Title", "text")
    file = city.upload("Picture", "alt", parent=post.id)
    comment, revision = city.comment(post.id, "hi", name="A"), city.edit_post(post.id, text="new")
    city.delete_post(post.id)
    assert post.id not in city.posts
    assert comment.id not in city.comments
    assert revision.id not in city.revisions
    assert file.parent == 0


def test_slugs_are_ascii_and_unique() -> None:
    """Two posts of one title get different addresses; accents are dropped."""
    city = City()
    one, other = (city.publish("Łódź: dzień & noc", "x") for _ in range(2))
    assert (one.slug, other.slug) == ("lodz-dzien-noc", "lodz-dzien-noc-2")


@pytest.mark.parametrize(
    "act",
    [
        lambda city: city.edit_post(9999, text="x"),
        lambda city: city.comment(9999, "x", name="A"),
        lambda city: city.spam(9999),
        lambda city: city.delete_comment(9999),
        lambda city: city.remove_user(9999),
        lambda city: city.remove_media(9999),
        lambda city: city.correct("nothing", "x"),
    ],
)
def test_verbs_refuse_numbers_that_are_not_there(act: Callable[[City], object]) -> None:
    """A verb on something unknown raises `UsageError`, and changes nothing."""
    city = City()
    before = state(city)
    with pytest.raises(UsageError):
        act(city)
    assert state(city) == before
