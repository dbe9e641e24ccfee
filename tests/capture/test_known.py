"""The known state: marks, and the indexes over it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archiver.capture.known import LIVE, Known, KnownRecord, fingerprint, mark_of, verdict
from archiver.record import Kind

KEY = b"k" * 32
rows = st.dictionaries(st.sampled_from(["text", "title", "flags"]), st.text(max_size=4))
values = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _seen(kind: str, group: str) -> KnownRecord:
    return KnownRecord(kind, b"", "uuid", group, "public", "town/1", "", "", "", ())


@given(rows, rows)
def test_fingerprints_are_equal_exactly_where_rows_are(
    one: dict[str, str], two: dict[str, str]
) -> None:
    """Names and values count, their order and what is volatile do not."""
    assert (fingerprint(one, KEY) == fingerprint(two, KEY)) == (one == two)
    turned = dict(reversed(one.items())) | {"volatile": "7", "reported": "8", "listed": "[]"}
    assert fingerprint(turned, KEY) == fingerprint(one, KEY)
    assert fingerprint(one, b"another key") != fingerprint(one, KEY)


def _told(extra: object, **row: str) -> KnownRecord:
    mark = fingerprint({**row, "extra": json.dumps(extra)}, KEY)
    return _seen("present", "")._replace(mark=mark)


def _verdict(before: KnownRecord, after: KnownRecord) -> str | None:
    return verdict(before, "present", after.mark)


@given(st.dictionaries(st.text(), values), st.text(), values, st.text())
def test_members_that_are_new_are_no_edit(
    extra: dict[str, Any], name: str, value: object, text: str
) -> None:
    """A platform's newer software says more: that is told from somebody's edit."""
    before = _told(extra, text=text)
    assert _verdict(before, _told(dict(reversed(extra.items())), text=text)) is None
    assume(name not in extra and value != {})
    more = _told({**extra, name: value}, text=text)
    assert _verdict(before, more) == "extended"
    assert _verdict(more, before) == "edited"
    assert _verdict(before, _told({**extra, name: value}, text=text + "!")) == "edited"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, "edited"),
        ({"a": 1}, {"b": 1}, "edited"),
        ({"a": 1, "b": 2}, {"a": 1}, "edited"),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, "extended"),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 2}}, "edited"),
        ({"a": [1]}, {"a": [1, 2]}, "edited"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, "edited"),
        ({}, {"a": 10**30}, "extended"),
    ],
)
def test_what_was_said_must_stand(before: object, after: object, expected: str) -> None:
    """More is no edit only where all that was there is there still."""
    assert _verdict(_told(before), _told(after)) == expected


@pytest.mark.parametrize(
    "extra",
    ["", "{", "[" * 100_000, '{"a":' * 100_000, '"\\ud800"', "1e999"],
    ids=["nothing", "cut", "lists", "objects", "surrogate", "number"],
)
def test_no_row_is_too_odd_for_a_mark(extra: str) -> None:
    """Whatever a parser leaves in a row, it has a mark, and another row another one."""
    assert fingerprint({"extra": extra}, KEY) != fingerprint({"extra": extra + "x"}, KEY)


def test_the_mark_of_a_listing_is_its_control_count() -> None:
    """What else it says may change without news."""
    one = mark_of(Kind.LISTING, {"reported": "7", "listed": "[1]"}, KEY)
    assert one == mark_of(Kind.LISTING, {"reported": "7", "listed": "[2]"}, KEY)
    assert one != mark_of(Kind.LISTING, {"reported": "8", "listed": "[1]"}, KEY)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "1/note"]),
            st.sampled_from([k for k in Kind if k != Kind.SNAPSHOT]),
            st.sampled_from(["", "board", "notes"]),
        )
    )
)
def test_groups_have_what_their_listings_should_show(steps: list[tuple[str, Kind, str]]) -> None:
    """The index by group is what looking at every record would give, after any history."""
    known = Known({}, KEY)
    for native_id, kind, group in steps:
        known.observe(("posts", native_id), kind, _seen(kind, group))
    for again in (known, Known(dict(known.items()), KEY)):
        for group in ("", "board", "notes"):
            assert again.live(group) == {
                thing
                for thing, record in again.items()
                if record.group == group and record.state in {*LIVE, Kind.ABSENT}
            }
            absent = {thing for thing, one in again.items() if one.state == Kind.ABSENT}
            assert again.size(group) == len(again.live(group) - absent)


def test_a_part_is_below_its_whole_in_the_same_stream() -> None:
    """Neither a longer number nor the same number of another stream is taken for it."""
    known = Known({}, KEY)
    for stream, native_id in (
        ("posts", "4"), ("posts", "4/revision/7"), ("posts", "4/file"), ("posts", "4/file/small"),
        ("posts", "42/file"), ("media", "4/file"),
    ):  # fmt: skip
        known.observe((stream, native_id), "present", _seen("present", ""))
    known.observe(("posts", "4/file/small"), "deleted", _seen("deleted", ""))
    whole = ("posts", "4")
    assert known.parts({whole}) == {("posts", "4/revision/7"): whole, ("posts", "4/file"): whole}
    assert known.parts(set()) == {}
    assert known.gone() == {("posts", "4/file/small")}


def test_a_file_is_known_by_its_address() -> None:
    """Of a file it is kept where it was fetched; of other things nothing can be asked so."""
    context = {
        "kind": "present", "stream": "media", "observation_id": "u", "sensitivity": "public",
        "page_url": "http://town.test/a.png", "captured_at": "2026-11-20T10:00:00.000000Z",
    }  # fmt: skip
    known = Known.fold(
        [
            ({**context, "native_id": "7/file", "parser": "file/1"}, {}),
            ({**context, "native_id": "7", "parser": "town/1"}, {}),
        ],
        KEY,
    )
    found = {native_id: record.address for (_, native_id), record in known.items()}
    assert found == {"7/file": "http://town.test/a.png", "7": ""}
