"""Shapes: what came that was never there before, told without a word of what it says."""

from __future__ import annotations

import json
from itertools import product
from string import ascii_lowercase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.shapes import DEEPEST, FEWEST_SEEN, MOST_SHAPES, MOST_WORDS, Shapes

KEY = b"k" * 32
THEN, NOW = "2026-11-20T09:00:00.000000Z", "2026-11-27T09:00:00.000000Z"


def again(shapes: Shapes) -> Shapes:
    """Return what the next run knows."""
    return Shapes(shapes.encode(), KEY)


def taken(shapes: Shapes, *things: Any, stream: str = "posts", when: str = NOW) -> Shapes:  # noqa: ANN401 - any JSON
    """Let items pass."""
    for thing in things:
        shapes.take(stream, [json.dumps(thing).encode()], when)
    return shapes


def test_the_first_run_is_the_beginning() -> None:
    """Nothing is drift where nothing was known; the fingerprint is that of the shapes."""
    shapes = taken(Shapes(b"", KEY), {"id": "1", "n": 2}, when=THEN)
    assert (shapes.news, shapes.first) == ({}, {})
    assert len(shapes.fingerprint) == 64
    assert again(shapes).fingerprint == shapes.fingerprint
    assert Shapes(b"", KEY).fingerprint == ""


def test_new_members_and_types_are_told_by_path() -> None:
    """Of nested ones each; how many items had them, and when the first one did."""
    shapes = again(taken(Shapes(b"", KEY), {"id": "1", "by": {"name": "a"}}, when=THEN))
    odd = {"id": 7, "by": {"name": "a", "badge": ["gold"]}}
    taken(shapes, odd, {"id": "2", "by": {"name": "b"}}, odd)
    assert shapes.news == {
        "posts .id number": 2,
        "posts .by.badge array": 2,
        "posts .by.badge[] string": 2,
    }
    assert set(shapes.first.values()) == {NOW}
    later = again(shapes)
    assert taken(later, odd).news == {}
    assert later.first == shapes.first


def test_null_is_no_type_of_its_own() -> None:
    """A member that is empty now and then is the same member."""
    shapes = again(taken(Shapes(b"", KEY), {"id": "1"}, when=THEN))
    assert taken(shapes, {"id": None, "other": None}).news == {}


def test_a_stream_begins_with_its_first_thing() -> None:
    """The first comment there ever was is no drift."""
    shapes = again(taken(Shapes(b"", KEY), {"id": "1"}, when=THEN))
    assert taken(shapes, {"id": "1", "reply_to": "2"}, stream="comments").news == {}
    assert taken(again(shapes), {"spam": True}, stream="comments").news == {
        "comments .spam boolean": 1
    }


def test_a_new_word_of_a_fixed_set_is_told_without_saying_it() -> None:
    """Where few words were seen often; where there are many, or it is early, none is new."""
    shapes = Shapes(b"", KEY)
    for number in range(FEWEST_SEEN + 1):
        word = ("public", "private")[number % 2]
        thing = {
            "visibility": word,
            "title": word,
            "slug": f"word{number}",
            "text": f"a b {number}",
        }
        taken(shapes, thing, when=THEN)
    shapes = again(shapes)
    taken(shapes, {"visibility": "friends", "title": "else", "slug": "other", "text": "c d"})
    assert shapes.news == {"posts .visibility: a word never seen there": 1}
    for said in (b"public", b"private", b"friends", b"word1"):
        assert said not in shapes.encode()
    early = taken(again(taken(Shapes(b"", KEY), {"type": "x"}, when=THEN)), {"type": "y"})
    assert early.news == {}
    kinds = json.loads(again(shapes).encode())["words"]
    assert kinds.keys() == {"posts .visibility"}
    many = Shapes(b"", KEY)
    for number in range(MOST_WORDS + 1):
        taken(many, {"type": "t" * (number + 1)}, when=THEN)
    assert json.loads(many.encode())["words"]["posts .type"]["digests"] == []


def test_names_that_are_content_are_not_told() -> None:
    """Ids, addresses and what people write stand as ``*``, however they are used as names."""
    shapes = again(taken(Shapes(b"", KEY), {"id": "1"}, when=THEN))
    named = ("did:plc:abc", "ann@example.org", "@ann:example.gov", "#hall:example.gov", "Ünlü")
    taken(shapes, {"members": dict.fromkeys(named, 1)})
    assert shapes.news == {"posts .members object": 1, "posts .members.* number": 1}


def test_elements_of_xml_are_shapes_too() -> None:
    """By their names."""
    shapes = Shapes(b"", KEY)
    shapes.take("posts", [b"<item><title>a</title></item>"], THEN)
    shapes = again(shapes)
    shapes.take("posts", [b'<item><title/><media:hash algo="x">1</media:hash></item>'], NOW)
    assert shapes.news == {"posts <media:hash>": 1}


def test_there_is_an_end_to_what_is_remembered() -> None:
    """Deep things are looked into so far, and a platform whose names are endless is given up."""
    deep: Any = "x"
    for _ in range(50):
        deep = {"a": deep}
    shapes = taken(Shapes(b"", KEY), deep)
    assert shapes.encode().count(b"object") == DEEPEST + 1
    names = ["".join(letters) for letters in product(ascii_lowercase, repeat=3)]
    assert len(names) > MOST_SHAPES
    taken(shapes, dict.fromkeys(names, 1))
    assert shapes.encode().count(b"posts ") == MOST_SHAPES


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_break_it(kept: bytes, data: bytes) -> None:
    """Neither those of an item nor those of a damaged cache."""
    shapes = Shapes(kept, KEY)
    shapes.take("posts", [data], NOW)
    assert again(shapes).fingerprint == shapes.fingerprint
