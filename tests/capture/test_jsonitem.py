"""Rows out of JSON items: verbatim, complete, and never refusing bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.jsonitem import Row, object_text

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler


def _row(data: bytes, handlers: dict[str, Handler] | None = None) -> dict[str, str]:
    row = Row()
    row.fill(row.members(data), handlers or {})
    return row.finished()


def _title(row: Row, name: str, value: bytes) -> None:
    row.put("title", row.text(name, value))


def test_unknown_members_stay_as_they_were_spelt() -> None:
    """Numbers, escapes and order are the source's own."""
    data = b'{"b":1.00,"a":1e-7,"s":"\\u00e9\\/","n":123456789012345678901234567890}'
    assert _row(data) == {"extra": data.decode()}


def test_white_space_changes_nothing_but_itself() -> None:
    """An indented item gives the same members as a compact one."""
    assert _row(b'{ "a" : [1, 2] ,\n"title":"T" }', {"title": _title}) == {
        "title": "T",
        "extra": '{"a":[1, 2]}',
    }


def test_of_duplicates_the_last_counts_and_none_is_lost() -> None:
    """Earlier members of one name go to extra, and the row says so."""
    row = _row(b'{"title":"one","title":"two"}', {"title": _title})
    assert row == {
        "title": "two",
        "extra": '{"title":"one"}',
        "flags": '["duplicate title"]',
    }


def test_escaped_names_are_the_names_they_spell() -> None:
    """A name with an escape is handled like the plain one."""
    assert _row(b'{"titl\\u0065":"T"}', {"title": _title}) == {"title": "T"}


def test_a_lone_surrogate_stays_as_its_escape() -> None:
    """Text that no UTF-8 holds is kept readable, and flagged."""
    row = _row(b'{"title":"half \\ud83d","x":"\\udc00"}', {"title": _title})
    assert row["title"] == "half \\ud83d"
    assert row["extra"] == '{"x":"\\udc00"}'
    assert row["flags"] == '["lone-surrogate title"]'


def test_bytes_that_are_no_utf_8_are_kept_and_flagged() -> None:
    """A stray byte becomes the escape that PEP 383 gives it."""
    row = _row(b'{"title":"caf\xe9","x":"\xff"}', {"title": _title})
    assert row["title"] == "caf\\udce9"
    assert json.loads(row["extra"]) == {"x": "\udcff"}
    assert json.loads(row["flags"])[0] == "not-utf-8 title"


def test_values_that_are_no_json_become_strings() -> None:
    """Extra is always JSON, even where the item is not."""
    row = _row(b'{"a":NaN,"b":"\\q","c":[1}')
    assert json.loads(row["extra"]) == {"a": "NaN", "b": '"\\q"'}
    assert json.loads(row["flags"]) == ["not-json a", "not-json b"]


def test_text_of_other_types_is_their_spelling() -> None:
    """Null is empty, numbers and lists are as spelt."""
    row = Row()
    assert [row.text("x", value) for value in (b"null", b"1.50", b"true", b"[1, 2]")] == [
        "",
        "1.50",
        "true",
        "[1, 2]",
    ]


def test_control_characters_in_strings_are_read() -> None:
    """A raw line feed inside a string is damage that loses nothing."""
    assert _row(b'{"title":"a\nb"}', {"title": _title})["title"] == '"a\nb"'


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_extra_is_the_whole_object_where_nothing_is_known(value: dict[str, object]) -> None:
    """Whatever comes in is there, in order."""
    data = json.dumps(value, separators=(",", ":")).encode()
    extra = _row(data).get("extra", "{}")
    assert json.loads(extra) == value
    assert list(json.loads(extra)) == list(value)


@given(st.binary() | st.text('{}[]",:\\ua1 ').map(str.encode))
def test_any_bytes_give_a_row_that_can_be_stored(data: bytes) -> None:
    """Nothing raises, and every value is UTF-8."""
    for value in _row(data, {"a": _title}).values():
        assert value.encode()


def test_object_text_quotes_names() -> None:
    """A name with a quotation mark is still one name."""
    assert object_text([('a"b', "1")]) == '{"a\\"b":1}'
