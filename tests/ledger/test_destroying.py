"""Splits and destroying seals: nothing is lost by the one, nothing but live ones by the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import FormatError
from archiver.ledger.admission import check_form
from archiver.ledger.batch import Batch
from archiver.ledger.compaction import COMPACT
from archiver.ledger.destroying import DESTROY, MOST_DESTROYED
from archiver.ledger.state import INTAKE, LedgerState
from tests.ledger.seals import TIME, batch, segment

if TYPE_CHECKING:
    from archiver.ledger.ranges import Ranges

ORDER = "a" * 26
STAYS = {**segment("stays", [[0, 1], [2, 3]]), "supersedes": ["sB1"]}
GOES = {**segment("goes", [[1, 2]]), "supersedes": ["sB1"]}
FILE = {"warc.gz.c256": "ab" * 32}


def sealed() -> LedgerState:
    """Return a ledger of two segments of three records: leaves 0 to 2, and 4 to 6."""
    state = LedgerState()
    for number, name in enumerate(("B1", "B2"), 1):
        made = batch(name, 3, batch=number, lane=f"l{number}", exchanges=[])
        for one in made.controls[0]["segments"]:
            one["objects"] = segment()["objects"]
        state.extend(made.entries(state.size))
    return state


def taken_in() -> LedgerState:
    """Return a ledger with one file of five exchanges in intake, and a map."""
    state = LedgerState()
    kind = {"series": "intake", "sensitivity": "private", "objects": FILE}
    one = {**segment("in", []), **kind}
    body = {"t": "seal", "time": TIME, "stage": INTAKE, "account": "acct", "lane": "l1"}
    state.extend(Batch("I1", (), ({**body, "exchanges": [[1, 6]], "segments": [one]},)).entries(0))
    other = {**one, "segment": "map", "objects": {"map.c256": "cd" * 32}}
    whole = {**body, "stage": "settle", "batch": 1, "exchanges": [[1, 6]], "segments": [other]}
    state.extend(Batch("S1", (), (whole,)).entries(1))
    return state


def splitting(*parts: dict[str, Any], name: str = "C1") -> Batch:
    """Return a batch that puts these segments in the place of others."""
    body = {"t": "seal", "time": TIME, "stage": COMPACT, "account": "acct"}
    return Batch(name, (), ({**body, "segments": list(parts)},))


def destroying(*places: str, **more: Any) -> Batch:  # noqa: ANN401 - members of JSON
    """Return a batch that takes segments out."""
    body = {"t": "seal", "time": TIME, "stage": DESTROY, "account": "acct", "order": ORDER}
    whole = {**body, "segments": [], "destroys": list(places), **more}
    return Batch("D1", (), (whole,))


def why(state: LedgerState, made: Batch) -> str:
    """Return why the sequencer would not have a batch."""
    try:
        check_form(made, state.size)
        made.entries(state.size)
    except FormatError as error:
        return error.message
    return state.refusal(made)


def part(name: str, numbers: Ranges, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a part of intake."""
    kind = {"series": "intake", "sensitivity": "private", "objects": FILE}
    told = {"lane": "l1", "exchanges": numbers, "supersedes": ["in"]}
    return {**segment(name, []), **kind, **told, **more}


def test_a_split_loses_nothing() -> None:
    """Two segments have the leaves of one; both are live, and it is not."""
    state = sealed()
    made = splitting(STAYS, GOES)
    assert why(state, made) == ""
    state.extend(made.entries(state.size))
    assert sorted((one.name, one.leaves) for one in state.segments()) == [
        ("goes", [[1, 2]]), ("sB2", [[4, 7]]), ("stays", [[0, 1], [2, 3]]),
    ]  # fmt: skip
    assert [one.name for one, _ in state.retired()] == ["sB1"]


def test_exchanges_are_split_by_their_numbers() -> None:
    """Each part is intake of its own exchanges, in the same lane."""
    state = taken_in()
    made = splitting(part("stays", [[1, 3], [4, 6]]), part("goes", [[3, 4]]))
    assert why(state, made) == ""
    state.extend(made.entries(state.size))
    live = {one.name: one for one in state.segments()}
    assert (live["goes"].stage, live["goes"].lane, live["goes"].exchanges) == (
        INTAKE, "l1", [[3, 4]],
    )  # fmt: skip
    again = splitting(part("x", [[1, 3]], supersedes=["stays"]), part("y", [[4, 6]]))
    assert "do not replace the same" in why(state, again)


@pytest.mark.parametrize(
    "parts",
    [
        (STAYS,),
        (STAYS, STAYS),
        (STAYS, {**GOES, "leaves": [[1, 3]]}),
        (STAYS, {**GOES, "leaves": []}),
        (STAYS, {**GOES, "leaves": [[1, 2], [4, 5]]}),
        (STAYS, {**GOES, "unit": "u2"}),
        (STAYS, {**GOES, "series": "other"}),
        (STAYS, {**GOES, "supersedes": ["sB2"]}),
        (STAYS, {**GOES, "segment": "sB2"}),
        (STAYS, {**GOES, "lane": "l1", "exchanges": [[1, 2]]}),
        (STAYS, GOES, {**GOES, "segment": "third"}),
    ],
)
def test_no_split_has_more_or_less(parts: tuple[dict[str, Any], ...]) -> None:
    """Each leaf in one part, both in the place of the same, all of one kind."""
    assert why(sealed(), splitting(*parts)) != ""


@pytest.mark.parametrize(
    "parts",
    [
        (part("a", [[1, 6]]),),
        (part("a", [[1, 3]]), part("b", [[4, 6]])),
        (part("a", [[1, 4]]), part("b", [[3, 6]])),
        (part("a", [[1, 3]]), part("b", [[3, 7]])),
        (part("a", [[1, 3]]), part("b", [[3, 6]], lane="l2")),
        (part("a", [[1, 3]]), part("b", [[3, 6]], objects={"map.c256": "ab" * 32})),
        (part("a", [[1, 3]]), {**part("b", []), "exchanges": []}),
    ],
)
def test_no_split_of_intake_has_more_or_less(parts: tuple[dict[str, Any], ...]) -> None:
    """Each exchange in one part, all of the lane that they came by."""
    assert why(taken_in(), splitting(*parts)) != ""


def test_a_map_is_split_in_two_maps() -> None:
    """It has neither leaves nor exchanges: only the files tell what it is."""
    one = {**part("a", [[1, 2]]), "objects": {"map.c256": "ab" * 32}, "supersedes": ["map"]}
    del one["lane"], one["exchanges"]
    assert why(taken_in(), splitting(one, {**one, "segment": "b"})) == ""
    assert why(taken_in(), splitting({**one, "supersedes": ["in"]}, one)) != ""
    both = [{**one, "segment": name, "supersedes": ["in", "map"]} for name in ("a", "b")]
    assert "no split" in why(taken_in(), splitting(*both))


def test_what_is_not_live_is_not_destroyed() -> None:
    """Nor what is of another account, or not there, or destroyed already."""
    state = sealed()
    assert why(state, destroying("u1/sB1")) == ""
    assert "another account" in why(state, destroying("u1/sB1", account="other"))
    assert "not in the ledger" in why(state, destroying("u1/none"))
    state.extend(splitting(STAYS, GOES).entries(state.size))
    assert "superseded or destroyed" in why(state, destroying("u1/sB1"))
    state.extend(destroying("u1/goes").entries(state.size))
    assert [(one.name, at) for one, at in state.ended()] == [("goes", 9)]
    assert sorted(one.name for one in state.segments()) == ["sB2", "stays"]
    again = destroying("u1/goes")
    assert "superseded or destroyed" in state.ruled_out(Batch("D2", (), again.controls))
    state.extend(Batch("D2", (), again.controls).entries(state.size))
    assert list(state.void) == [10], "forged into the log it counts for nothing"
    merged = {**STAYS, "segment": "new", "supersedes": ["goes", "stays"], "leaves": [[0, 3]]}
    assert "superseded before" in why(state, splitting(merged, name="C2"))


@pytest.mark.parametrize(
    "more",
    [
        {"order": "none"},
        {"destroys": []},
        {"destroys": ["u1/sB2", "u1/sB1"]},
        {"destroys": ["u1/sB1", "u1/sB1"]},
        {"destroys": ["u1/sB1/../sB2"]},
        {"destroys": [f"u1/s{number:03}" for number in range(MOST_DESTROYED + 1)]},
        {"destroys": "u1/sB1"},
        {"segments": [segment()]},
        {"lane": "l1", "exchanges": [[1, 2]]},
        {"note": "a word of somebody"},
        {"size": 0},
        {"size": "5"},
        {"size": True},
    ],
)
def test_a_destroying_seal_has_one_form(more: dict[str, Any]) -> None:
    """Its members are closed; its places sorted, each once, and not too many for one hold."""
    assert why(sealed(), destroying("u1/sB1", **more)) != ""
