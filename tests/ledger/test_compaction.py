"""Superseding seals: the same leaves of the same place under other names, each once."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.ledger.admission import check_form
from archiver.ledger.batch import Batch
from archiver.ledger.compaction import COMPACT
from archiver.ledger.state import LedgerState
from tests.ledger.seals import TIME, batch, seal, segment

PUT = {**segment("new", [[0, 1], [2, 3]]), "supersedes": ["sB1", "sB2"]}


def superseding(name: str = "C1", **more: Any) -> Batch:  # noqa: ANN401 - members of JSON
    """Return a batch that puts one segment in the place of two."""
    body = {"t": "seal", "time": TIME, "stage": COMPACT, "account": "acct"}
    return Batch(name, (), ({**body, "segments": [{**PUT, **more}]},))


def enter(made: Batch) -> list[bytes]:
    """Check a batch as the sequencer does, and return its entries."""
    check_form(made, 4)
    return made.entries(4)


def sealed() -> LedgerState:
    """Return a ledger of two segments of one record each: leaves 0 and 2."""
    state = LedgerState()
    for number, name in enumerate(("B1", "B2"), 1):
        made = batch(name, 1, batch=number, lane=f"l{number}", exchanges=[])
        state.extend(made.entries(state.size))
    return state


def test_one_takes_the_place_of_two() -> None:
    """Their leaves stay where they are, and none is added."""
    state = sealed()
    made = superseding()
    check_form(made, state.size)
    assert state.refusal(made) == ""
    state.extend(made.entries(state.size))
    assert state.size == 5
    (live,) = state.segments()
    assert (live.name, live.leaves, live.stage) == ("new", [[0, 1], [2, 3]], COMPACT)
    assert [(one.name, at) for one, at in state.retired()] == [("sB1", 4), ("sB2", 4)]
    assert state.settled == {"acct": 2}


def test_each_is_superseded_once() -> None:
    """The slower of two is ruled out for ever: what it names has gone on elsewhere."""
    state = sealed()
    state.extend(superseding().entries(state.size))
    other = superseding("C2", segment="other")
    assert state.ruled_out(other) == "a segment was superseded before"
    again = superseding("C3", segment="third", supersedes=["new"])
    assert state.refusal(again) == ""


REFUSED: dict[str, dict[str, Any]] = {
    "fewer leaves": {"leaves": [[0, 1]]},
    "more leaves": {"leaves": [[0, 3]]},
    "other leaves": {"leaves": [[0, 1], [3, 4]]},
    "another month": {"period": "2026-12"},
    "another series": {"series": "other"},
    "another kind": {"sensitivity": "private"},
    "another unit": {"unit": "u2"},
    "one of them alone": {"supersedes": ["sB1"]},
    "a name that is taken": {"segment": "sB1"},
    "what is not there": {"supersedes": ["nobody", "sB1"]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_same_is_refused(name: str) -> None:
    """Also where it stands in the log all the same, it counts for nothing."""
    state, made = sealed(), superseding(**REFUSED[name])
    assert state.refusal(made) != ""
    unknown = name in {"what is not there", "another unit"}
    assert (state.ruled_out(made) == "") == unknown  # these may come yet
    before = list(state.segments())
    state.extend(made.entries(state.size))
    assert list(state.segments()) == before
    assert list(state.void) == [4]


def test_another_account_is_refused() -> None:
    """A segment holds one account."""
    state, made = sealed(), superseding()
    body = {**made.controls[0], "account": "other"}
    assert state.ruled_out(Batch("C1", (), (body,))) != ""


def test_a_name_that_two_have_is_not_superseded() -> None:
    """Nobody could tell which of them is meant."""
    state = sealed()
    twin = seal(batch=3, segments=[segment("sB1", [[0, 1]])], lane="l3", exchanges=[])
    state.replay(state.size, {**twin, "id": "B3"})
    assert state.refusal(superseding()) != ""


MALFORMED: dict[str, dict[str, Any]] = {
    "no names": {"supersedes": []},
    "names of no order": {"supersedes": ["sB2", "sB1"]},
    "a name twice": {"supersedes": ["sB1", "sB1"]},
    "names that are none": {"supersedes": [1]},
    "no leaves": {"leaves": []},
    "a word too many": {"note": "free text"},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_other_forms_are_not_admitted(name: str) -> None:
    """One segment, which names those it replaces, sorted."""
    with pytest.raises(FormatError):
        enter(superseding(**MALFORMED[name]))


@pytest.mark.parametrize("more", [{"batch": 1}, {"lane": "l", "exchanges": []}, {"segments": []}])
def test_it_settles_nothing(more: dict[str, Any]) -> None:
    """No settling number, no exchanges; and it has a segment."""
    body = {**superseding().controls[0], **more}
    with pytest.raises(FormatError):
        Batch("C1", (), (body,)).entries(4)


def test_it_brings_no_records() -> None:
    """A commitment beside it is nobody's."""
    with pytest.raises(FormatError):
        Batch("C1", (b"c" * 32,), superseding().controls).entries(4)


def test_what_is_gone_is_said_by_seal() -> None:
    """A part done names the superseding seals whose old files went."""
    state = sealed()
    state.extend(superseding().entries(state.size))
    body = {"t": "done-part", "time": TIME, "work": COMPACT, "seals": [[4, 5]]}
    made = Batch("D1", (), (body,))
    check_form(made, state.size)
    state.extend(made.entries(state.size))
    assert state.is_removed(4)
    assert not state.is_removed(5)
    changes: list[dict[str, Any]] = [{"seals": []}, {"work": "other"}, {"note": "free"}]
    for change in (*changes, {"seals": [[2, 1]]}):
        with pytest.raises(FormatError):
            check_form(Batch("D2", (), ({**body, **change},)), 6)
