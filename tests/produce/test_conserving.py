"""Conservation: a table adds up if, and only if, each leaf of the scope is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.ledger import ranges
from archiver.produce.conserving import (
    DESTROYED,
    HELD_BACK,
    KINDS,
    NON_RESPONSIVE,
    PRODUCED,
    WITHHELD,
    Captured,
    Given,
    conserve,
)

if TYPE_CHECKING:
    from archiver.ledger.ranges import Ranges

MOST = 24
NAMES = ("a", "b")
PLACES = [(PRODUCED, ""), *((kind, name) for kind in KINDS[1:] for name in NAMES)]
OUTSIDE, NOWHERE = len(PLACES), len(PLACES) + 1

Dealt = dict[int, list[int]]
"""By leaf: the places in which it is told; `OUTSIDE` is out of the scope, `NOWHERE` is none."""


def sets(dealt: Dealt, kind: str) -> dict[str, Ranges]:
    """Return the sets of a kind by name."""
    return {
        name: ranges.from_numbers(leaf for leaf, own in dealt.items() if place in own)
        for place, (known, name) in enumerate(PLACES)
        if known == kind
    }


def told(dealt: Dealt) -> tuple[Captured, Given]:
    """Return what is captured and given where leaves are dealt so."""
    every = ranges.from_numbers(dealt)
    outside = ranges.from_numbers(leaf for leaf, own in dealt.items() if own == [OUTSIDE])
    records = {leaf: f"record {leaf // 2}" for leaf, own in dealt.items() if own != [OUTSIDE]}
    captured = Captured(every, outside, sets(dealt, DESTROYED), records)
    produced = sets(dealt, PRODUCED)[""]
    parts = (sets(dealt, kind) for kind in (WITHHELD, NON_RESPONSIVE, HELD_BACK))
    return captured, Given(produced, *parts)


ONCE = st.integers(0, OUTSIDE).map(lambda place: [place])
DEALT = st.dictionaries(st.integers(0, MOST), ONCE, max_size=MOST)


@settings(max_examples=150, deadline=None)
@given(DEALT)
def test_each_told_once_adds_up(dealt: Dealt) -> None:
    """The lines are together what was captured, of versions and of records."""
    found = conserve(99, *told(dealt))
    assert found.faults == ()
    assert found.ledger == len(dealt)
    assert found.outside == sum(own == [OUTSIDE] for own in dealt.values())
    assert found.captured == found.ledger - found.outside
    assert sum(line.versions for line in found.lines) == found.captured
    assert sum(line.records or 0 for line in found.lines) == found.records
    assert {line.kind for line in found.lines} <= set(KINDS)
    for kind in KINDS:
        own = sum(PLACES[place][0] == kind for (place,) in dealt.values() if place < OUTSIDE)
        assert found.count(kind) == own


@settings(max_examples=150, deadline=None)
@given(DEALT, st.data())
def test_any_one_told_otherwise_does_not(dealt: Dealt, data: st.DataObject) -> None:
    """Forgotten, told twice in two ways, or out of the scope: each is a fault of its own."""
    inside = [leaf for leaf, own in dealt.items() if own != [OUTSIDE]]
    captured, given_ = told(dealt)
    if inside:
        leaf = data.draw(st.sampled_from(inside))
        lost = {**dealt, leaf: [NOWHERE]}
        faults = conserve(99, *told(lost)).faults
        assert [one.code for one in faults] == ["conservation-unaccounted"]
        kind = PLACES[dealt[leaf][0]][0]
        other = data.draw(st.sampled_from([n for n, (k, _) in enumerate(PLACES) if k != kind]))
        twice = {**dealt, leaf: [dealt[leaf][0], other]}
        assert {one.code for one in conserve(99, *told(twice)).faults} == {"conservation-twice"}
    beyond = ranges.union(given_.produced, [[MOST + 1, MOST + 2]])
    found = conserve(
        99, captured, Given(beyond, given_.withheld, given_.non_responsive, given_.held_back)
    )
    assert [one.code for one in found.faults] == ["conservation-beyond"]
    assert f"entries {MOST + 1}" in found.faults[0].what


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.integers(0, MOST), st.sets(st.sampled_from("abc"), min_size=1)))
def test_what_has_several_names_of_one_kind_has_them_all(dealt: dict[int, set[str]]) -> None:
    """Under two exemptions it is counted once, under both."""
    withheld = {
        name: ranges.from_numbers(leaf for leaf, own in dealt.items() if name in own)
        for name in "abc"
    }
    every = ranges.from_numbers(dealt)
    found = conserve(99, Captured(every, [], {}, {}), Given([], withheld))
    assert found.whole
    counts = {line.detail: line.versions for line in found.lines if line.kind == WITHHELD}
    expected: dict[str, int] = {}
    for own in dealt.values():
        expected["; ".join(sorted(own))] = expected.get("; ".join(sorted(own)), 0) + 1
    assert counts == expected


@pytest.mark.parametrize("known", [{0: "x", 1: "x", 2: "y"}, {0: "x", 1: "x"}])
def test_records_are_counted_where_they_are_known(known: dict[int, str]) -> None:
    """One with versions in two lines counts in the first; of what nobody can read, none is told."""
    captured = Captured([[0, 3]], [], {}, known)
    found = conserve(9, captured, Given([[0, 1]], {"x": [[1, 3]]}))
    assert [line[2:] for line in found.lines] == [(1, 1), (2, 1 if len(known) > 2 else None)]
    told = found.document()
    assert (told["captured"], told["records"], told["whole"]) == (3, len(set(known.values())), True)
    assert told["lines"][0] == {"kind": "produced", "detail": "", "versions": 1, "records": 1}
    assert found.whole


def test_a_fault_names_a_few_places() -> None:
    """The first of them, and that there are more: a table is no list of the whole log."""
    captured = Captured(ranges.from_numbers(range(0, 40, 2)), [], {}, {})
    (one,) = conserve(99, captured, Given([])).faults
    assert "20 versions (entries 0, 2, 4, 6, 8 and more) are nowhere" in one.what
    (one,) = conserve(99, Captured([[3, 7]], [], {}, {}), Given([])).faults
    assert "4 versions (entries 3 to 6) are nowhere" in one.what
