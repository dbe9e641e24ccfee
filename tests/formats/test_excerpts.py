"""Every byte of an answer is item, claim, frame or residue."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.formats.excerpts import complement, format_of, is_frame, merged, residue
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from pathlib import Path


class Range(NamedTuple):
    """A range, as spans and claims are."""

    start: int
    end: int


class Item(NamedTuple):
    """An item with its ranges."""

    spans: tuple[Range, ...]


class Page(NamedTuple):
    """An answer, cut."""

    items: tuple[Item, ...] = ()
    claims: tuple[Range, ...] = ()
    gone: tuple[Item, ...] = ()


RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda both: (min(both), max(both)))
)


@given(RANGES, st.integers(0, 50))
def test_gaps_and_ranges_cover_every_byte_once(ranges: list[tuple[int, int]], length: int) -> None:
    """The complement is exactly what no range holds."""
    held = {i for start, end in ranges for i in range(start, end) if i < length}
    gaps = [i for start, end in complement(length, ranges) for i in range(start, end)]
    assert len(gaps) == len(set(gaps))
    assert set(gaps) | held == set(range(length))
    assert not set(gaps) & held


@given(RANGES)
def test_merged_ranges_lie_apart_in_order(ranges: list[tuple[int, int]]) -> None:
    """Joining changes nothing about which bytes are held."""
    joined = merged(ranges)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert {i for s, e in joined for i in range(s, e)} == {
        i for s, e in ranges for i in range(s, e)
    }


@pytest.mark.parametrize(
    ("gap", "form", "frame"),
    [
        (b" [{},:]\r\n\t", "json", True),
        (b",1", "json", False),
        (b'"', "json", False),
        (b"null", "json", False),
        (b" \n</channel>\n</rss >", "xml", True),
        (b"</rdf:RDF>", "xml", True),
        (b"</item>", "xml", False),
        (b"text", "xml", False),
        (b"<!-- x -->", "xml", False),
        (b" \n", "", True),
        (b"{}", "", False),
        (b"", "json", True),
    ],
)
def test_frame_says_nothing(gap: bytes, form: str, *, frame: bool) -> None:
    """Only punctuation, white space and containers' end tags are frame."""
    assert is_frame(gap, form) is frame


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b" \n[1]", "json"),
        (b'\xef\xbb\xbf{"a":1}', "json"),
        (b"<rss>", "xml"),
        (b"plain", ""),
        (b"", ""),
        (b"\xff\xfe[\x00]\x00", ""),
    ],
)
def test_the_format_is_told_by_the_first_byte(body: bytes, form: str) -> None:
    """White space and a byte order mark come before it."""
    assert format_of(body) == form


def test_what_no_parser_claims_is_residue() -> None:
    """A number between two items, and text after the end, are kept apart."""
    body = b'\xef\xbb\xbf[{"id":1},7,{"id":2}]trailing'
    page = Page((Item((Range(4, 12),)), Item((Range(15, 23),))))
    assert [body[start:end] for start, end in residue(body, page)] == [b",7,", b"]trailing"]


def test_claims_are_no_residue() -> None:
    """A declared envelope value is accounted for."""
    body = b'{"next":"x","items":[{"id":1}]}'
    page = Page((Item((Range(21, 29),)),), (Range(1, 11), Range(12, 20)))
    assert residue(body, page) == []


def test_what_is_said_to_be_gone_is_no_residue() -> None:
    """The word of a deletion is accounted for, and nothing beside it."""
    body = b'[{"gone":1},7]'
    assert residue(body, Page(gone=(Item((Range(1, 11),)),))) == [(11, 14)]


@given(st.binary(max_size=40), RANGES)
def test_items_frame_and_residue_are_the_whole_body(
    body: bytes, ranges: list[tuple[int, int]]
) -> None:
    """Nothing of an answer vanishes, whatever was claimed."""
    page = Page((Item(tuple(Range(*one) for one in ranges)),))
    left = residue(body, page)
    form = format_of(body)
    for start, end in complement(len(body), [*ranges, *left]):
        gap = body[start:end]
        assert is_frame(gap, form) or (start == 0 and gap.startswith(b"\xef\xbb\xbf"))


def test_the_worked_example_of_the_format_page_holds(repo_root: Path) -> None:
    """Ranges, bytes and length in docs/formats/excerpts.md are what the code gives."""
    text = (repo_root / "docs" / "formats" / "excerpts.md").read_text()
    example = text.partition("## Worked example")[2]
    lines = re.findall(r"^    (.*)$", example, re.MULTILINE)
    body = "\n".join(lines).encode()
    assert f"The body, {len(body)} bytes" in example
    found = json_items(body)
    ids = [cut for cut in found if body[cut[0] : cut[0] + 1] == b"{"]
    page = Page(tuple(Item((Range(*cut),)) for cut in ids))
    parts = dict.fromkeys(ids, "item") | dict.fromkeys(residue(body, page), "residue")
    parts |= dict.fromkeys(complement(len(body), parts), "frame")
    table = re.findall(r"^\| (\d+)–(\d+) \| (.*) \| (\w+)", example, re.MULTILINE)
    assert [(int(start), int(end), part) for start, end, _, part in table] == [
        (*cut, part) for cut, part in sorted(parts.items())
    ]
    for start, end, shown, _ in table:
        pieces = re.findall(r"`([^`]*)`|LF", shown)
        assert "".join(piece or "\n" for piece in pieces).encode() == body[int(start) : int(end)]
