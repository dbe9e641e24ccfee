"""JSON ranges: exact, tolerant of damage, and never wrong about what they claim."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.excerpts_json import json_items, json_members

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
LAYOUTS = st.sampled_from(
    [
        {"separators": (",", ":")},
        {"indent": 2},
        {"ensure_ascii": False},
        {"separators": (" ,\t", "\n: ")},
    ]
)


def _clean(value: object) -> bool:
    """Say whether UTF-8 can hold every text in a value."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _dump(value: object, layout: dict[str, object]) -> bytes:
    return json.dumps(value, **layout).encode()  # type: ignore[arg-type]


@given(st.lists(JSON.filter(_clean)), LAYOUTS)
def test_items_read_again_alone_give_the_value_of_the_whole(
    items: list[object], layout: dict[str, object]
) -> None:
    """Each range holds exactly the bytes of one item, at any layout."""
    body = _dump(items, layout)
    found = [json.loads(body[start:end]) for start, end in json_items(body)]
    assert found == json.loads(body)


@given(st.lists(JSON), LAYOUTS, st.sampled_from([b"", b" \n", b"\xef\xbb\xbf"]))
def test_items_are_found_at_a_path(
    items: list[object], layout: dict[str, object], before: bytes
) -> None:
    """An array inside objects is found by its members' names."""
    body = before + _dump({"x": [1], "data": {"y": 2, "items": items}}, layout)
    found = [json.loads(body[start:end]) for start, end in json_items(body, ("data", "items"))]
    assert found == json.loads(json.dumps(items))


@given(st.dictionaries(st.text(), JSON), LAYOUTS)
def test_members_give_back_the_object(value: dict[str, object], layout: dict[str, object]) -> None:
    """Names and value ranges together are the object."""
    body = _dump(value, layout)
    members = json_members(body, 0, len(body))
    assert {m.key: json.loads(body[m.value_start : m.value_end]) for m in members} == json.loads(
        body
    )
    assert all(body[m.key_start : m.key_start + 1] == b'"' for m in members)


def test_duplicate_members_are_all_given() -> None:
    """A name that comes twice is two members, in order."""
    body = b'{"a": 1, "b": [2], "a": {"c": 3}}'
    members = json_members(body, 0, len(body))
    assert [(m.key, body[m.value_start : m.value_end]) for m in members] == [
        ("a", b"1"),
        ("b", b"[2]"),
        ("a", b'{"c": 3}'),
    ]


def test_the_last_of_two_arrays_of_one_name_counts() -> None:
    """A path means what every common reader takes it for."""
    assert json_items(b'{"a":[1,2],"a":[3]}', ("a",)) == [(16, 17)]


def test_one_lone_surrogate_does_not_hide_a_page() -> None:
    """Items that a strict reader refuses are found like the others."""
    body = b'[{"a":"\\ud83d"},{"b":1}, {"c":"\\q"} ,NaN,"\x01"]'
    assert [body[start:end] for start, end in json_items(body)] == [
        b'{"a":"\\ud83d"}',
        b'{"b":1}',
        b'{"c":"\\q"}',
        b"NaN",
        b'"\x01"',
    ]


def test_of_a_cut_array_the_items_before_the_cut_are_given() -> None:
    """What is not closed is not claimed."""
    assert json_items(b'[{"a":1},{"b":[2') == [(1, 8)]
    assert json_items(b'[{"a":1},"never ends') == [(1, 8)]
    assert json_items(b'[{"a":1},{"b":1]') == [(1, 8)]


def test_wide_encodings_have_no_ranges() -> None:
    """UTF-16 and UTF-32 are left whole for residue."""
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        assert json_items('[{"a":1}]'.encode(encoding)) == []


def test_deep_nesting_is_no_trouble() -> None:
    """Brackets nested deeper than any stack are still cut."""
    deep = b"[" * 100_000 + b"]" * 100_000
    assert json_items(b"[" + deep + b",2]") == [(1, 200_001), (200_002, 200_003)]


@given(
    st.binary() | st.text('[]{},:"\\ 1a').map(str.encode), st.lists(st.text(max_size=2), max_size=2)
)
def test_any_bytes_give_ordered_ranges_inside(body: bytes, path: list[str]) -> None:
    """Nothing raises, and ranges neither overlap nor leave the body."""
    position = 0
    for start, end in json_items(body, tuple(path)):
        assert position <= start < end <= len(body)
        position = end
    for member in json_members(body, 0, len(body)):
        assert 0 <= member.key_start < member.value_start < member.value_end <= len(body)
