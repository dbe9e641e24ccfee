"""The state of the ledger: what may be admitted, and what the entries say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.ledger import entry
from archiver.ledger.state import INTAKE, SETTLE, LedgerState, Segment
from archiver.ledger.tree import leaf_hash, root
from tests.ledger.seals import TIME, batch, seal, segment


def admit(state: LedgerState, name: str, count: int = 0, **more: object) -> str:
    """Admit a batch into the state, or return why it is refused."""
    one = batch(name, count, **more)
    refusal = state.refusal(one)
    if not refusal:
        state.extend(one.entries(state.size))
    return refusal


def intake(state: LedgerState, name: str, exchanges: list[list[int]], lane: str = "lane") -> str:
    """Admit an intake batch, or return why it is refused."""
    one = batch(name, stage="intake", exchanges=exchanges, lane=lane)
    del one.controls[0]["batch"]
    refusal = state.refusal(one)
    if not refusal:
        state.extend(one.entries(state.size))
    return refusal


def test_numbers_are_admitted_once_per_stage() -> None:
    """An exchange number goes into intake once and is settled once, in each lane."""
    state = LedgerState()
    assert intake(state, "I1", [[1, 5]]) == ""
    assert admit(state, "S1", exchanges=[[1, 3]]) == ""
    assert "exchange number" in intake(state, "I2", [[4, 6]])
    assert "exchange number" in admit(state, "S2", exchanges=[[2, 4]], batch=2)
    assert intake(state, "I3", [[5, 6]]) == ""
    assert admit(state, "S3", exchanges=[[3, 6]], batch=2) == ""
    assert intake(state, "I4", [[1, 5]], lane="other") == ""
    assert state.covered == {
        "lane": {INTAKE: [[1, 6]], SETTLE: [[1, 6]]},
        "other": {INTAKE: [[1, 5]], SETTLE: []},
    }


def test_only_what_is_in_intake_is_settled() -> None:
    """Nobody claims the numbers of exchanges that nobody can look up."""
    state = LedgerState()
    assert "not in intake" in admit(state, "S1", exchanges=[[1, 2]])
    assert intake(state, "I1", [[1, 3]]) == ""
    assert "not in intake" in admit(state, "S1", exchanges=[[2, 4]])
    assert "not in intake" in admit(state, "S1", exchanges=[[1, 2]], lane="other")
    assert admit(state, "S1", exchanges=[[1, 3]]) == ""


def test_intake_does_not_go_back() -> None:
    """Numbers of a lane come in order; one that was passed over stays a gap."""
    state = LedgerState()
    assert intake(state, "I1", [[1, 3]]) == ""
    assert intake(state, "I2", [[5, 6]]) == ""
    assert "go back" in intake(state, "I3", [[3, 4]])
    assert intake(state, "I4", [[6, 9]]) == ""


def test_units_in_use() -> None:
    """The first unit of a series, period and sensitivity is the one in use."""
    state = LedgerState()
    assert admit(state, "S1", 1, exchanges=[]) == ""
    assert state.units == {("unscheduled", "2026-11", "public"): "u1"}


def test_a_copy_is_another_state() -> None:
    """What is admitted into a copy is not in the state it was made of."""
    state = LedgerState()
    intake(state, "I1", [[1, 9]])
    admit(state, "S1", exchanges=[[1, 2]])
    before = state.copy()
    twin = state.copy()
    assert admit(twin, "S2", 3, batch=2, exchanges=[[2, 4]]) == ""
    assert state == before != twin


def test_settling_batches_come_in_order() -> None:
    """An account's settling batches are numbered from 1 without a gap."""
    state = LedgerState()
    intake(state, "I1", [[1, 9]])
    assert "came when 1 was due" in admit(state, "S2", batch=2, exchanges=[])
    assert admit(state, "S1", batch=1, exchanges=[[1, 2]]) == ""
    assert "came when 2 was due" in admit(state, "S1b", batch=1, exchanges=[[2, 3]])
    assert admit(state, "X1", batch=1, account="other", exchanges=[[2, 3]]) == ""
    assert admit(state, "S2", batch=2, exchanges=[[3, 4]]) == ""
    assert state.settled == {"acct": 2, "other": 1}


def test_a_batch_is_admitted_once() -> None:
    """A batch that is in the ledger is not admitted again, whatever it has."""
    state = LedgerState()
    intake(state, "I1", [[1, 99]])
    assert admit(state, "S1") == ""
    assert admit(state, "S1", batch=2, exchanges=[[9, 10]]) == "batch is sealed already"
    assert state.sealed == {"I1", "S1"}


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4)), max_size=12))
def test_what_is_refused_stays_refused(tries: list[tuple[int, int, int]]) -> None:
    """No later entry makes a batch admissible that was refused (but for one too early)."""
    state = LedgerState()
    intake(state, "I1", [[1, 99]])
    refused = []
    for number, (first, length, ahead) in enumerate(tries):
        more = {"batch": max(state.settled.get("acct", 0) + 2 - ahead, 1)}
        one = batch(f"S{number}", exchanges=[[first, first + length]], **more)
        if more["batch"] > state.settled.get("acct", 0) + 1:
            continue
        if state.refusal(one):
            refused.append(one)
        else:
            state.extend(one.entries(state.size))
        assert all(state.refusal(other) for other in refused)


def test_the_root_follows_the_entries() -> None:
    """Size and root are those of the tree over all entries, however they came."""
    state = LedgerState()
    for number in range(1, 6):
        admit(state, f"S{number}", number, batch=number, exchanges=[])
    entries = [data for number in range(1, 6) for data in entries_of(number)]
    assert state.size == len(entries) == 20
    again = LedgerState()
    again.extend(entries)
    assert again.frontier.root() == state.frontier.root() == root([leaf_hash(e) for e in entries])
    assert again == state


def entries_of(number: int) -> list[bytes]:
    """Return the entries of the n-th batch of the test above."""
    one = batch(f"S{number}", number, batch=number, exchanges=[])
    return one.entries(sum(range(1, number)) + number - 1)


def test_segments() -> None:
    """Each segment is told with its seal, its account and its own leaves."""
    state = LedgerState()
    admit(state, "S1", 2, exchanges=[])
    admit(state, "S2", 1, batch=2, exchanges=[])
    placement = ("unscheduled", "2026-11", "public")
    assert list(state.segments()) == [
        Segment(seal_at, "acct", SETTLE, "u1", name, *placement, {}, leaves, "lane")
        for seal_at, name, leaves in ((2, "sS1", [[0, 2]]), (4, "sS2", [[3, 4]]))
    ]


@pytest.mark.parametrize("data", [b"", b"\x03", b"\x01short", b'\x02{"t":"seal"}', b"\x02{}"])
def test_malformed_entries_are_refused(data: bytes) -> None:
    """A malformed entry in the log is a `FormatError`, never another."""
    state = LedgerState()
    with pytest.raises(FormatError):
        state.extend([entry.observation(bytes(32)), data])


@pytest.mark.parametrize("leaves", [[[7, 8]], [[1, 8]], [[1, (1 << 53) - 1]]])
def test_an_entry_names_what_comes_before_it(leaves: list[list[int]]) -> None:
    """Leaves at or after their entry are no leaves: no reader goes through all of them."""
    state = LedgerState()
    whole = seal(segments=[segment(leaves=leaves)])
    with pytest.raises(FormatError):
        state.replay(7, whole)
    of = [[1, 2]] if leaves[0][0] == 7 else [[0, 1]]
    told = {"t": "generation", "id": "B1", "time": TIME, "account": "a", "of": of}
    with pytest.raises(FormatError):
        state.replay(7, {**told, "leaves": leaves})
    assert state == LedgerState()
    state.replay(7, seal(segments=[segment(leaves=[[1, 7]])]))
