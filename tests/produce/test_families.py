"""Families and duplicates: what belongs together, what says the same twice."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.produce.families import (
    Thing,
    differently_tagged,
    duplicates,
    families,
    family_of,
    with_relatives,
)
from archiver.produce.matter import Tag
from archiver.record import record_id


def thing(stream: str, native: str, account: str = "acct", **more: object) -> Thing:
    """Return a record."""
    made = Thing(record_id("p", account, stream, native), account, stream, native)
    return replace(made, **more)  # type: ignore[arg-type]  # by name


POST = thing("posts", "1", attached=("9",), words="the culvert")
PHOTO = thing("media", "9", file="ab")
FILE = thing("media", "9/file")
REPLY = thing("comments", "1", thread="1")
ANSWER = thing("comments", "2", parent="1", thread="1")
LIKE = thing("reactions", "5", parent="9")
OTHER = thing("posts", "2", parent="1")
MAIL = thing("messages", "1")
BACK = thing("messages", "2", parent="1", thread="1")
ALL = [POST, PHOTO, FILE, REPLY, ANSWER, LIKE, OTHER, MAIL, BACK]


def names(found: list[tuple[str, ...]]) -> list[list[str]]:
    """Return families by stream and native id."""
    return [[":".join(one.split(":")[2:]) for one in family] for family in found]


def test_media_and_files_go_with_their_post() -> None:
    """Whatever came first; comments and answers stand for themselves."""
    assert names(families([FILE, PHOTO, *ALL[3:], POST])) == [
        ["comments:1"], ["comments:2"], ["reactions:5"], ["posts:2"],
        ["messages:1"], ["messages:2"], ["posts:1", "media:9", "media:9%2Ffile"],
    ]  # fmt: skip


def test_a_thread_hangs_together_where_it_is_asked_for() -> None:
    """Parents first, each after what it answers; the same id in another stream is no parent."""
    assert names(families(ALL, threads=True)) == [
        ["posts:1", "media:9", "media:9%2Ffile", "reactions:5", "comments:1", "comments:2"],
        ["posts:2"],
        ["messages:1", "messages:2"],
    ]


def test_media_names_what_it_was_loaded_for() -> None:
    """Where the post names no media, the media may name the post."""
    found = families([thing("media", "7", parent="1"), POST])
    assert names(found) == [["posts:1", "media:7"]]


def test_what_is_about_something_absent_is_a_family() -> None:
    """Where threads are kept together: under the first, in whatever order records come."""
    lost = [thing("comments", "p", thread="gone"), thing("media", "o", parent="gone")]
    assert names(families(lost, threads=True)) == [["comments:p", "media:o"]]
    assert len(families(lost)) == 2
    chain = [thing("comments", str(n), parent=str(n - 1)) for n in range(1, 40)]
    for seed in range(5):
        some = Random(seed).sample(chain, len(chain))
        assert len(set(family_of(some).values())) == 1


def test_another_account_is_another_family() -> None:
    """Ids repeat from account to account."""
    stranger = thing("comments", "3", "other", thread="1")
    assert names(families([POST, stranger], threads=True)) == [["posts:1"], ["comments:3"]]


THINGS = st.lists(
    st.builds(
        thing,
        st.sampled_from(["posts", "comments", "messages", "media", "reactions"]),
        st.sampled_from([*"1234", "1/2"]),
        st.sampled_from(["a", "b"]),
        parent=st.sampled_from(["", *"1234"]),
        thread=st.sampled_from(["", *"1234"]),
        attached=st.lists(st.sampled_from("1234"), max_size=2).map(tuple),
        words=st.sampled_from(["", "x", "y"]),
    ),
    unique_by=lambda one: one.record,
)


@settings(max_examples=200, deadline=None)
@given(THINGS, st.booleans())
def test_each_record_is_of_one_family(things: list[Thing], threads: bool) -> None:  # noqa: FBT001
    """Also where records answer each other in a circle."""
    found = [record for family in families(things, threads=threads) for record in family]
    assert sorted(found) == sorted(one.record for one in things)


def test_duplicates_say_the_same_at_the_same_moment() -> None:
    """Another word, author, moment or account is no duplicate; neither is what says nothing."""
    one = thing("posts", "1", words="x", author="a", created="t")
    others = [
        replace(one, record="r1", words="y"),
        replace(one, record="r2", author="b"),
        replace(one, record="r3", created="u"),
        replace(one, record="r4", account="c"),
        replace(one, record="r5", file="f"),
    ]
    twin = replace(one, record="twin")
    blank = [thing("reactions", str(n)) for n in range(2)]
    assert duplicates([one, *others, twin, *blank]) == [(one.record, "twin")]
    files = [thing("media", str(n), file="ab") for n in range(2)]
    assert duplicates(files) == [tuple(one.record for one in files)]


def test_with_relatives_brings_all_of_a_group() -> None:
    """Each once, those that were asked for first."""
    groups = [("a", "b"), ("b", "c"), ("d",)]
    assert with_relatives(["b", "x"], groups) == ["b", "a", "c", "x"]
    assert with_relatives([], groups) == []


def test_equal_records_with_other_tags_are_to_be_looked_at() -> None:
    """Also where one has no tag, or another exemption."""

    def tag(name: str, exemption: str = "") -> tuple[Tag, ...]:
        return (Tag(name, exemption, ("clerk",), 7),)

    tags = {
        "a": tag("exempt", "x"),
        "b": tag("exempt", "y"),
        "c": tag("responsive"),
        "d": tag("responsive"),
    }
    groups = [("b", "a"), ("c", "d"), ("c", "e")]
    assert differently_tagged(groups, tags) == [("a", "b"), ("c", "e")]
