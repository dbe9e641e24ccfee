"""Fields that are digests of content are declared, and found in a row."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Digest
from archiver.capture.digests import digest_fields, is_declared, leaves_of
from archiver.capture.platforms import CONNECTORS
from archiver.columns import COLUMNS

NAMES = st.lists(st.sampled_from(["a", "b", "cid"]), max_size=4)


@given(NAMES, NAMES, NAMES)
def test_stars_stand_for_any_names(first: list[str], between: list[str], last: list[str]) -> None:
    """Names are matched from both ends; without stars the whole place is meant."""
    where = Digest((*first, "**", *last), "x")
    assert is_declared([where], (*first, *between, *last))
    assert is_declared([where], (*first, *last))
    assert is_declared([where], (*first, *between, *last, "other")) != bool(last)
    exact = Digest(tuple(first), "x")
    assert is_declared([exact], first)
    assert not is_declared([exact], [*first, "a"])


@given(st.recursive(st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(
    st.text(max_size=2), inner, max_size=3), max_leaves=8))  # fmt: skip
def test_every_text_of_a_row_has_its_place(value: object) -> None:
    """What stands anywhere in a column's JSON is found, under the names that lead to it."""
    marked = {"x": [{"cid": "mark"}], "y": value}
    found = dict(leaves_of("extra", json.dumps(marked)))
    assert found["extra", "x", "cid"] == "mark"
    assert dict(leaves_of("text", "{}")) == {("text",): "{}"}


def test_the_fields_that_hold_one_are_named() -> None:
    """Declared ones, ours, and those whose JSON nobody can read; no others."""
    digests = [Digest(("**", "cid"), "x")]
    row = {"extra": '{"a":[{"cid":"b"}]}', "volatile": '{"id":"b"}', "tags": "{", "text": "cid",
           "file_sha256": "00"}  # fmt: skip
    assert digest_fields(digests, row) == {"extra", "tags", "file_sha256"}


@pytest.mark.parametrize("platform", sorted(CONNECTORS))
def test_each_declaration_can_be_met(platform: str) -> None:
    """It begins with a column or stars, has stars once at most, and says whose it is."""
    for where, of in CONNECTORS[platform].digests:
        assert where[0] in {*COLUMNS, "**"}
        assert where.count("**") <= 1
        assert of
