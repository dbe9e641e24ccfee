"""Where leaves stand: in live segments, in superseded ones, and in what counts for nothing."""

from __future__ import annotations

import pytest

from archiver.layout import unit_object_key
from archiver.ledger.batch import Batch
from archiver.ledger.compaction import COMPACT
from archiver.ledger.state import LedgerState
from archiver.ledger.whereabouts import Whereabouts, whereabouts
from tests.ledger.seals import TIME, batch, segment


def merged(name: str, old: list[str], leaves: list[list[int]], unit: str = "u1") -> Batch:
    """Return a batch that puts the segment ``name`` in the place of others."""
    put = {**segment(name, leaves), "unit": unit, "supersedes": old}
    body = {"t": "seal", "time": TIME, "stage": COMPACT, "account": "acct", "segments": [put]}
    return Batch(f"C{name}", (), (body,))


def ledger(*more: Batch) -> LedgerState:
    """Return a ledger of three segments of two records each (0-1, 3-4, 6-7), and more."""
    state = LedgerState()
    sealing = [batch(f"B{n}", 2, batch=n, lane=f"l{n}", exchanges=[]) for n in (1, 2, 3)]
    for made in (*sealing, *more):
        for control in made.controls:
            for one in control.get("segments", ()):
                one["objects"] = segment()["objects"]
        state.extend(made.entries(state.size))
    return state


def names(found: Whereabouts) -> list[list[str]]:
    """Return the names of the segments: live, superseded, void."""
    return [[one.name for one in some] for some in found[:3]]


TWICE = (
    merged("M1", ["sB1", "sB2"], [[0, 2], [3, 5]]),
    merged("M2", ["M1", "sB3"], [[0, 2], [3, 5], [6, 8]]),
)


@pytest.mark.parametrize(
    ("more", "leaves", "found"),
    [
        ((), [[0, 1]], [["sB1"], [], []]),
        ((), [[1, 2], [6, 7]], [["sB1", "sB3"], [], []]),
        ((), [[2, 3]], [[], [], []]),  # a control entry is in no segment
        (TWICE[:1], [[0, 1]], [["M1"], ["sB1"], []]),
        (TWICE[:1], [[6, 7]], [["sB3"], [], []]),
        (TWICE, [[0, 1]], [["M2"], ["sB1", "M1"], []]),
        (TWICE, [[7, 8]], [["M2"], ["sB3"], []]),
    ],
)
def test_every_segment_of_a_leaf_is_found(
    more: tuple[Batch, ...], leaves: list[list[int]], found: list[list[str]]
) -> None:
    """However often its record was merged; a superseded one of others' records is left alone."""
    assert names(whereabouts(ledger(*more), leaves)) == found


def test_what_is_said_gone_is_looked_for_again() -> None:
    """A write that came late may have put it there once more."""
    gone = {"t": "done-part", "time": TIME, "work": COMPACT, "seals": [[9, 10]]}
    state = ledger(TWICE[0], Batch("D", (), (gone,)))
    assert state.is_removed(9)
    assert names(whereabouts(state, [[0, 1]])) == [["M1"], ["sB1"], []]


def test_a_seal_that_counts_for_nothing_may_have_copies() -> None:
    """Whatever leaves it claims, its files in the same unit go; in another unit they do not."""
    lying = merged("lie", ["sB3"], [[6, 7]])  # not all of its leaves
    elsewhere = merged("far", ["sB1"], [[0, 2]], unit="u2")
    state = ledger(TWICE[0], lying, elsewhere)
    assert len(state.void) == 2
    assert names(whereabouts(state, [[0, 1]])) == [["M1"], ["sB1"], ["lie"]]
    assert names(whereabouts(state, [[2, 3]])) == [[], [], []]


def test_a_void_seal_does_not_lead_to_the_files_of_others() -> None:
    """Whoever names a live segment once more can't have its files erased with the victim's."""
    state = ledger(merged("sB3", ["sB1", "sB2"], [[0, 2], [3, 5]]))
    assert len(state.void) == 1
    found = whereabouts(state, [[0, 1]])
    assert names(found) == [["sB1"], [], []]
    assert not any("sB3" in key for key in found.keys)


def test_all_files_of_a_segment_are_named() -> None:
    """By their keys in the archive."""
    keys = whereabouts(ledger(TWICE[0]), [[0, 1]]).keys
    assert sorted(keys) == [
        unit_object_key("u1", name, suffix)
        for name in ("M1", "sB1")
        for suffix in ("idx", "warc.gz")
    ]
