"""Sets of leaves in files: one spelling, named by an entry, and nothing else passes for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.ledger.ranges import from_numbers
from archiver.ledger.sets import SetFile, encode_set, parse_set, set_files

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "01KAGT1EB0E0F4QZB3N5T7R9XW"
OPENING = "ab" * 32 + " 07"


@given(
    st.sets(st.integers(0, 1 << 62), min_size=1, max_size=20),
    st.text("0123456789abcdef", min_size=1, max_size=9).map(str.encode),
)
def test_a_set_comes_back(numbers: set[int], padding: bytes) -> None:
    """What is written is read, and is the one spelling of it."""
    leaves = from_numbers(numbers)
    data = encode_set(leaves, b"n" * 32, padding)
    assert parse_set(data) == leaves
    assert encode_set(parse_set(data), b"n" * 32, padding) == data


@pytest.mark.parametrize(
    "text",
    ["", OPENING, f"{OPENING}\n", f"{OPENING}\n1 2", f"{OPENING}\n2 1\n", f"{OPENING}\n01 2\n",
     f"{OPENING}\n1 2\n2 3\n", f"{OPENING}\n1 2\n\n", f"{OPENING}\n1 2 3\n", f"{OPENING}\n-1 2\n",
     f"{OPENING}\n5 6\n1 2\n", "ab 07\n1 2\n", f"{OPENING}\n1 2\r\n", f"{OPENING}\n1 \u0662\n"],
)  # fmt: skip
def test_another_spelling_is_refused(text: str) -> None:
    """Cut, unsorted, touching, without its nonce, or in other numerals."""
    with pytest.raises(FormatError):
        parse_set(text.encode())


@pytest.mark.parametrize("leaves", [[], [[2, 1]], [[1, 2], [2, 3]], [[3, 4], [1, 2]]])
def test_only_a_set_is_written(leaves: list[list[int]]) -> None:
    """Ranges that are none, or that say the same twice, make no file."""
    with pytest.raises(FormatError):
        encode_set(leaves, b"n" * 32, b"a")


def test_an_entry_names_its_sets() -> None:
    """In any member of its own; ranges and other members are none."""
    body = {
        "t": "order",
        "leaves": {"set": NAME, "sha256": "ab" * 32},
        "more": {"a": 1},
        "x": [[1, 2]],
    }
    assert list(set_files(body)) == [SetFile(NAME, "ab" * 32)]


@pytest.mark.parametrize(
    "value",
    [{"set": "x", "sha256": "ab" * 32}, {"set": NAME}, {"set": NAME, "sha256": "AB" * 32},
     {"set": NAME, "sha256": "ab" * 32, "more": 1}, {"set": 1, "sha256": "ab" * 32}],
)  # fmt: skip
def test_half_a_name_is_refused(value: Mapping[str, Any]) -> None:
    """A set is its ULID and SHA-256, and nothing beside."""
    with pytest.raises(FormatError):
        list(set_files({"t": "hold", "leaves": value}))
