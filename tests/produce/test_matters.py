"""Matters as the log has them: what counts, whatever order and sets entries have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import MissingObjectError
from archiver.ledger import ranges
from archiver.ledger.deciding import set_digest
from archiver.produce.matters import Matters, common, fold_matters
from archiver.registry.deciding import Decided
from tests.registry.signers import handle

if TYPE_CHECKING:
    from archiver.ledger.ranges import Ranges

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PRIVATE = [[20, 30]]
SIZE = 50


def act(
    entry: int, name: str, matter: str = "m", leaves: Ranges | None = None, **more: str
) -> Decided:
    """Return an act that counts, with a set that was signed where it has one."""
    said = {"act": name, "matter": handle(matter), "subject": f"{entry:064x}", **more}
    if leaves is not None:
        said |= {"size": str(SIZE), "covers": set_digest(leaves)} | more
    return Decided(entry, said, leaves, frozenset({handle("fay")}), NOW, NOW)


def fold(*acts: Decided) -> Matters:
    """Return matters after some acts."""
    return fold_matters(read, PRIVATE, acts)


def read(value: object) -> Ranges:
    """Read a set; a file is gone."""
    if not isinstance(value, list):
        raise MissingObjectError("no such set")
    return value


def why(*acts: Decided) -> list[str]:
    """Return why acts count for nothing."""
    return [one.why for one in fold(*acts).refused]


OPEN = act(100, "open-matter")
LEAVES = [[1, 5]]


def test_a_matter_is_opened_once_and_closed_once() -> None:
    """Of the same handle the first counts; what comes before it, or after its end, is of none."""
    again, close = act(101, "open-matter"), act(102, "close-matter")
    found = fold(act(99, "tag", leaves=LEAVES), OPEN, again, close, act(103, "close-matter"))
    assert [one.why for one in found.refused] == [
        "there is no such matter", "a matter of that handle was opened before",
        "the matter is closed",
    ]  # fmt: skip
    case = found.matters[handle("m")]
    assert (case.entry, case.closed, case.taggings) == (100, 102, [])


@pytest.mark.parametrize("name", ["tag", "export-approve", "export"])
def test_a_set_is_what_was_signed(name: str) -> None:
    """Another set, one beyond its log, or a file that is gone counts for nothing."""
    more = {"requester": handle("fay"), "volume": "1"}
    assert why(OPEN, act(101, name, leaves=LEAVES, **more)) == []
    bad = [
        act(101, name, leaves=LEAVES, **more, covers="0" * 64),
        act(101, name, leaves=LEAVES, **more, size="4"),
        act(101, name, leaves=LEAVES, **more, size="102"),
        replace(act(101, name, leaves=LEAVES, **more), leaves={"set": "gone"}),
    ]
    for one in bad:
        assert why(OPEN, one) == ["its set is not what was signed"]


def test_private_leaves_go_out_as_they_were_approved_before() -> None:
    """Exactly those of the export, in the same matter, by an entry before it; not claw-backs."""
    volume = act(103, "export", leaves=[[1, 5], [20, 23]], volume="1")
    approval = act(101, "export-approve", leaves=[[20, 23]], requester="")
    why_not = ["its private records are not what somebody approved"]
    assert why(OPEN, approval, volume) == []
    assert why(OPEN, volume, approval) == why_not
    for other in ([[20, 24]], [[20, 22]], [[21, 23]], [[1, 5], [20, 23]]):
        assert why(OPEN, act(101, "export-approve", leaves=other, requester=""), volume) == why_not
    other_case = act(102, "export-approve", "n", [[20, 23]], requester="")
    assert why(OPEN, act(101, "open-matter", "n"), other_case, volume) == why_not
    two = act(102, "export-approve", leaves=[[25, 26]], requester="")
    assert why(OPEN, approval, two, volume) == []
    first = act(101, "export", leaves=LEAVES, volume="1")
    back = act(102, "claw-back", leaves=[[20, 23]], volume="2", of="1")
    assert why(OPEN, first, back) == []


def test_volumes_are_numbered_in_order() -> None:
    """Each matter for itself; what is about a volume names one that was handed over."""
    first = act(101, "export", leaves=LEAVES, volume="1")
    assert why(OPEN, act(101, "export", leaves=LEAVES, volume="2")) != []
    assert why(OPEN, first, act(102, "export", leaves=LEAVES, volume="1")) != []
    for name in ("export-replacing", "claw-back"):
        assert why(OPEN, first, act(102, name, leaves=LEAVES, volume="2", of="1")) == []
        assert why(OPEN, first, act(102, name, leaves=LEAVES, volume="2", of="2")) != []
        assert why(OPEN, first, act(102, name, "n", LEAVES, volume="1", of="1")) != []
    back = act(102, "claw-back", leaves=LEAVES, volume="2", of="1")
    assert why(OPEN, first, back, act(103, "claw-back", leaves=LEAVES, volume="3", of="2")) != []


def test_asking_back_outlives_the_matter() -> None:
    """Nothing else does."""
    first, close = act(101, "export", leaves=LEAVES, volume="1"), act(102, "close-matter")
    back = act(103, "claw-back", leaves=LEAVES, volume="2", of="1")
    assert why(OPEN, first, close, back) == []
    later = [
        act(103, "export", leaves=LEAVES, volume="2"),
        act(103, "export-replacing", leaves=LEAVES, volume="2", of="1"),
        act(103, "bates", series=handle("s"), first="1", last="5"),
        act(103, "export-approve", leaves=LEAVES, requester=""),
        act(103, "tag", leaves=LEAVES),
    ]
    for one in later:
        assert why(OPEN, first, close, one) == ["the matter is closed"]


TAKEN = st.lists(
    st.tuples(st.sampled_from("st"), st.sampled_from("mn"), st.integers(1, 30), st.integers(0, 9)),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(TAKEN)
def test_numbers_of_a_series_go_on_and_never_overlap(
    taken: list[tuple[str, str, int, int]],
) -> None:
    """Whatever is asked for, what counts is one row of numbers without a gap."""
    acts = [
        act(102 + n, "bates", matter, series=series, first=str(first), last=str(first + count))
        for n, (series, matter, first, count) in enumerate(taken)
    ]
    found = fold(OPEN, act(101, "open-matter", "n"), *acts)
    pages = [one for case in found.matters.values() for one in case.pages]
    for series in "st":
        own = sorted((one for one in pages if one.series == series), key=lambda one: one.entry)
        assert all(a.last + 1 == b.first for a, b in pairwise(own))
        assert found.series.get(series, 0) == (own[-1].last if own else 0)
    assert len(pages) + len(found.refused) == len(taken)
    firsts = {series for series, *_ in taken}
    assert {one.series for one in pages} == firsts


def test_no_numbers_are_none() -> None:
    """A range that ends before it begins takes none."""
    one = act(101, "bates", series=handle("s"), first="5", last="4")
    assert why(OPEN, one) == ["it reserves no numbers"]


SETS = st.sets(st.integers(0, 40)).map(ranges.from_numbers)


@given(SETS, SETS)
def test_common_is_what_both_have(left: Ranges, right: Ranges) -> None:
    """As sets of numbers."""
    both = set(ranges.numbers(left)) & set(ranges.numbers(right))
    assert common(left, right) == ranges.from_numbers(both)
