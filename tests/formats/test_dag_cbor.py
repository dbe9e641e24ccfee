"""DAG-CBOR: read as it was written, strictly, with the places of things."""

from __future__ import annotations

import json
from base64 import b32encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.demo.bluesky.encoding import blob_cid, cbor
from archiver.errors import FormatError
from archiver.formats.dag_cbor import Link, cid_text, elements, json_text, parts, read

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53), 2**53)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
).filter(lambda value: not isinstance(value, dict) or set(value) != {"$link"})


@given(VALUES)
def test_what_was_written_is_read(value: object) -> None:
    """Each value comes back, and ends where its bytes end."""
    data = cbor(value)
    assert read(data + b"more") == (value, len(data))


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_members_lie_where_they_are_said_to(value: dict[str, Any]) -> None:
    """The bytes at each place are that member's value."""
    data = b"head" + cbor(value)
    found, end = parts(data, 4)
    assert end == len(data)
    assert {name: read(data[: one.end], one.start)[0] for name, one in found.items()} == value
    listed = b"head" + cbor(list(value.values()))
    assert [read(listed, one.start) for one in elements(listed, 4)] == [
        (one, place.end) for one, place in zip(value.values(), elements(listed, 4), strict=True)
    ]


def test_content_of_bytes_is_found() -> None:
    """Where bytes lie inside their head, of each length."""
    for size in (0, 23, 24, 255, 256, 65_536):
        data = cbor({"blocks": b"x" * size})
        place = parts(data)[0]["blocks"]
        assert data[place.content : place.end] == b"x" * size


def test_links_and_bytes_are_spelt_as_servers_spell_them() -> None:
    """``$link`` and ``$bytes`` of the data model; base64 without padding."""
    cid = blob_cid(b"picture")
    value, _ = read(cbor({"ref": {"$link": cid}}))
    assert isinstance(value, dict)
    assert isinstance(value["ref"], Link)
    assert cid_text(value["ref"].cid) == cid
    assert json_text(value) == f'{{"ref":{{"$link":"{cid}"}}}}'
    assert json_text({"key": b"\xff\xfe\xfd\xfc"}) == '{"key":{"$bytes":"//79/A"}}'
    assert cid_text(b"\1") == "b" + b32encode(b"\1").decode().lower().rstrip("=")


def test_members_stand_in_the_order_of_ecmascript() -> None:
    """Array indices first and by number; all others as the bytes have them."""
    order = ["b", "10", "a", "2", "02", "4294967295", "4294967294", "-1"]
    shown = json.loads(json_text(dict.fromkeys(order, 1)))
    assert list(shown) == ["2", "10", "4294967294", "b", "a", "02", "4294967295", "-1"]


def test_floats_are_read() -> None:
    """Single and double precision, whole ones as JSON has them."""
    assert read(b"\xfb\x3f\xf8" + b"\0" * 6)[0] == 1.5
    assert json_text(read(b"\xfa\x40\x40\0\0")[0]) == "3"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "ends"),
        (b"\x19\x01", "ends"),
        (b"\x62a", "ends"),
        (b"\x5f\x41a\xff", "definite"),
        (b"\x61\xff", "UTF-8"),
        (b"\xa1\x01\x01", "name"),
        (b"\xa2\x61a\x01\x61a\x02", "twice"),
        (b"\xc1\x1a\x51\x4b\x67\xb0", "link"),
        (b"\xd8\x2a\x41\x01", "link"),
        (b"\xd8\x2a\x01", "link"),
        (b"\xf7", "JSON"),
        (b"\xf9\x7e\x00", "JSON"),
        (b"\x81" * 200 + b"\x01", "deeply"),
        (b"\x9b" + b"\xff" * 8, "ends"),
    ],
)
def test_what_is_no_dag_cbor_is_refused(data: bytes, why: str) -> None:
    """Each with a reason, and where."""
    with pytest.raises(FormatError, match=why):
        read(data)


def test_another_kind_of_value_has_no_members_or_elements() -> None:
    """A list is no map, a map no list."""
    with pytest.raises(FormatError, match="no map"):
        parts(cbor([1]))
    with pytest.raises(FormatError, match="no array"):
        elements(cbor({"a": 1}))


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever came: a value, or a `FormatError`."""
    try:
        value, end = read(data)
    except FormatError:
        return
    assert end <= len(data)
    assert json.loads(json_text(value)) is not ...
