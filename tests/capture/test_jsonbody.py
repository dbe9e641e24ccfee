"""Whether JSON came whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.jsonbody import is_closed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
CONTAINER = st.lists(JSON, min_size=1, max_size=3) | st.dictionaries(st.text(max_size=3), JSON)


@given(CONTAINER, st.data())
def test_what_is_cut_anywhere_is_not_closed(value: object, data: st.DataObject) -> None:
    """The whole is; no beginning of it is."""
    body = json.dumps(value).encode()
    assert is_closed(body)
    assert is_closed(b"\xef\xbb\xbf \n" + body + b"\r\n")
    cut = data.draw(st.integers(1, len(body) - 1))
    assert not is_closed(body[:cut])


@pytest.mark.parametrize(
    "body",
    [b'[{"a":"\\ud83d"}]', b'{"a":NaN}', b'{"a":1,"a":2}', b'["\xff"]', b"[]", b"{ }"],
)
def test_what_is_odd_inside_is_closed_all_the_same(body: bytes) -> None:
    """It is content, and is read member by member."""
    assert is_closed(body)
