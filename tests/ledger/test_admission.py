"""What may enter the log: entries of closed form, and nothing else however well signed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest

from archiver.capture.settled import Counts
from archiver.errors import FormatError
from archiver.ledger.admission import COUNTS, admit, check_form
from archiver.ledger.batch import Batch
from archiver.ledger.signed import sign_batch
from archiver.ledger.state import LedgerState
from tests.ledger.note_signer import MemorySigner
from tests.ledger.seals import TIME, seal, segment

SIGNER = MemorySigner("archive.example/log")
ROLE = {"t": "role", "role": "log-signer", "keys": ["k"], "document": "ab" * 32, "time": TIME}
ONE = {**dict.fromkeys(COUNTS, 0), "reported": None}
REPEAT = {
    "t": "repeat",
    "account": "acct",
    "counts": {"posts": ONE},
    "began": TIME,
    "ended": True,
    "time": TIME,
}
GAP = {
    "t": "gap",
    "time": TIME,
    "account": "acct",
    "stream": "posts",
    "cause": "events-lost",
    "since": TIME,
    "until": TIME,
    "lane": "l",
    "exchange": 7,
}
OF_RUN = {"mode": "reconcile", "again": 0, "since": {"posts": TIME}}
LATER = "2027-01-01T00:00:00.000000Z"
HEARD = {"told": {"posts": 2}, "untold": {}, "listened": {"posts": [[TIME, LATER]]}}
HEARD |= {"stated": {"posts": {"stated": 3, "held": 3, "unexplained": 0}}}
INTAKE_SEGMENT = {**segment(), "sensitivity": "private", "objects": {"warc.gz.c256": "ab" * 32}}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return an entry as a worker writes it: without its batch's id, and others."""
    return {name: value for name, value in body.items() if name not in ("id", *names)}


INTAKE = without(seal(stage="intake", segments=[INTAKE_SEGMENT]), "batch")
SETTLE = without(seal(segments=[segment()]))


def check(body: dict[str, Any], first: int = 1) -> None:
    """Check a batch of one entry."""
    check_form(Batch("B1", (), (deepcopy(body),)), first)


def test_what_is_written_today() -> None:
    """Both seals, with a lane and without, what a run saw, and the founding entry."""
    check({**REPEAT, **OF_RUN, **HEARD})
    swept = {**REPEAT, **OF_RUN}
    for body in (INTAKE, SETTLE, without(SETTLE, "lane", "exchanges"), REPEAT, swept):
        check(body)
    late = {**without(GAP, "lane", "exchange"), "cause": "overdue"}
    for body in (GAP, {**GAP, "cause": "withheld"}, late):
        check(body)
    check(ROLE, first=0)


def test_counts_are_those_that_a_run_has() -> None:
    """The members of counts are the ones that capture counts."""
    assert {field.name for field in fields(Counts)} == COUNTS


def test_a_role_is_the_founding_entry_alone() -> None:
    """It stands first or nowhere, and nothing else does."""
    with pytest.raises(FormatError):
        check(ROLE, first=1)
    with pytest.raises(FormatError):
        check(REPEAT, first=0)
    for others in ((ROLE, ROLE), (ROLE, REPEAT)):
        with pytest.raises(FormatError):
            check_form(Batch("B1", (), others), 0)
    with pytest.raises(FormatError):
        check_form(Batch("B1", (bytes(32),), (ROLE,)), 0)


@pytest.mark.parametrize("body", [INTAKE, SETTLE, REPEAT, ROLE])
def test_no_member_more_and_none_less(body: dict[str, Any]) -> None:
    """An entry with a note in it, or without one of its members, is refused."""
    first = 0 if body is ROLE else 1
    with pytest.raises(FormatError):
        check({**body, "note": "Jane Doe 555-0142"}, first)
    for name in body.keys() - {"lane", "exchanges"}:
        with pytest.raises(FormatError):
            check(without(body, name), first)


@pytest.mark.parametrize(
    "body",
    [
        {**SETTLE, "account": "Jane Doe"},
        {**SETTLE, "lane": "jane@city.example"},
        {**SETTLE, "lane": ["l"]},
        {**SETTLE, "segments": [{**segment(), "note": "x"}]},
        {**SETTLE, "segments": [{**segment(), "series": "Jane Doe"}]},
        {**SETTLE, "segments": [{**segment(), "period": "x"}]},
        {**SETTLE, "segments": [{**segment(), "sensitivity": "secret"}]},
        {**SETTLE, "segments": [{**segment(), "objects": []}]},
        {**SETTLE, "segments": [7]},
        {**SETTLE, "segments": 7},
        {**INTAKE, "segments": []},
        {**INTAKE, "segments": [INTAKE_SEGMENT, INTAKE_SEGMENT]},
        {**INTAKE, "segments": [segment()]},
        {**INTAKE, "segments": [{**INTAKE_SEGMENT, "leaves": [[0, 1]]}]},
        {**INTAKE, "exchanges": []},
        {**INTAKE, "exchanges": [[1, 2], [3, 4]]},
        {**INTAKE, "batch": 1},
        {**REPEAT, "account": "Jane Doe"},
        {**REPEAT, "began": "Jane Doe"},
        {**REPEAT, "began": "2026-02-30T09:00:00.000000Z"},
        {**REPEAT, "ended": "Jane Doe"},
        {**REPEAT, "counts": {"Jane Doe": ONE}},
        {**REPEAT, "counts": {"posts": {**ONE, "note": 1}}},
        {**REPEAT, "counts": {"posts": {**ONE, "seen": "Jane"}}},
        {**REPEAT, "counts": {"posts": {**ONE, "seen": -1}}},
        {**REPEAT, "counts": {"posts": {**ONE, "seen": True}}},
        {**REPEAT, "counts": {"posts": []}},
        {**REPEAT, "counts": []},
        {**REPEAT, **OF_RUN, "mode": "Jane Doe"},
        {**REPEAT, **OF_RUN, "again": -1},
        {**REPEAT, **OF_RUN, "since": [TIME]},
        {**REPEAT, **OF_RUN, "since": {"posts": "yesterday"}},
        {**REPEAT, **OF_RUN, "since": {"Jane Doe": TIME}},
        {**REPEAT, **OF_RUN, "since": {"pages": TIME}},
        {**REPEAT, **OF_RUN, "note": "x"},
        {**REPEAT, **HEARD},
        {**REPEAT, **OF_RUN, "told": {}},
        {**REPEAT, **OF_RUN, **HEARD, "told": {"Jane Doe": 1}},
        {**REPEAT, **OF_RUN, **HEARD, "stated": {"posts": {"stated": 3, "held": 3}}},
        {**REPEAT, **OF_RUN, **HEARD, "stated": {"posts": 3}},
        {**REPEAT, **OF_RUN, **HEARD, "untold": {"posts": -1}},
        {**REPEAT, **OF_RUN, **HEARD, "listened": {"posts": [TIME]}},
        {**REPEAT, **OF_RUN, **HEARD, "listened": {"posts": [[LATER, TIME]]}},
        {**REPEAT, **OF_RUN, **HEARD, "listened": {"posts": [[TIME, "Jane Doe"]]}},
        {**REPEAT, "mode": "reconcile"},
        {**GAP, "note": "Jane Doe"},
        {**GAP, "account": "Jane Doe"},
        {**GAP, "stream": "Jane Doe"},
        {**GAP, "cause": "Jane Doe"},
        {**GAP, "cause": ["withheld"]},
        {**GAP, "cause": "overdue"},
        {**without(GAP, "lane", "exchange"), "cause": "withheld"},
        {**GAP, "since": "yesterday"},
        {**GAP, "until": "2026-11-20T08:59:59.000000Z"},
        {**GAP, "lane": "jane@city.example"},
        {**GAP, "exchange": 0},
        {**GAP, "exchange": True},
        {**GAP, "exchange": 2**53},
        {**without(GAP, "stream")},
        {**REPEAT, "t": "order"},
        {**REPEAT, "t": ["repeat"]},
    ],
)
def test_other_forms_are_refused(body: dict[str, Any]) -> None:
    """Free text has no place in the log, nor has a seal that claims without holding."""
    with pytest.raises(FormatError):
        check(body)


@pytest.mark.parametrize(
    "change",
    [{"role": "purge-officer"}, {"keys": []}, {"keys": [7]}, {"keys": "k"}, {"document": "x"}],
)
def test_other_roles_are_refused(change: dict[str, Any]) -> None:
    """The founding entry names keys and the digest of archive.json."""
    with pytest.raises(FormatError):
        check({**ROLE, **change}, first=0)


def test_admission_leaves_no_trace_of_what_it_refuses() -> None:
    """A refused batch gives a reason and no entries, and the state stays as it was."""
    state = LedgerState()
    keys = [SIGNER.verifier_key]
    founding = sign_batch(Batch("B0", (), (ROLE,)), SIGNER)
    assert admit(state, founding, keys, "B0")[1] == ""
    before = state.copy()
    refused = [
        (b"garbage", ""),
        (sign_batch(Batch("B1", (), (REPEAT,)), MemorySigner("other")), ""),
        (sign_batch(Batch("B1", (), (REPEAT,)), SIGNER), "B2"),
        (sign_batch(Batch("B1", (), (ROLE,)), SIGNER), ""),
        (sign_batch(Batch("B1", (), (SETTLE,)), SIGNER), ""),  # not in intake
        (founding, ""),
    ]
    for data, name in refused:
        entries, why = admit(state, data, keys, name)
        assert entries == []
        assert why
        assert state == before
    assert admit(state, sign_batch(Batch("B1", (), (REPEAT,)), SIGNER), keys, "B1")[1] == ""
    assert state.size == 2


PRIVATE = {"sensitivity": "private", "objects": {"map.c256": "ab" * 32}}


@pytest.mark.parametrize(
    ("placed", "why"),
    [
        ({"segment": "s1"}, "files that another seal named"),
        ({"sensitivity": "private", "unit": "u2"}, "private files that are plain"),
        ({"objects": {"map.c256": "ab" * 32}}, "public ones that are not"),
        (PRIVATE, "a unit of two series"),
        ({"series": "police"}, "a unit of two series"),
    ],
)
def test_segments_are_admitted_in_their_place_alone(placed: dict[str, Any], why: str) -> None:
    """A unit has one sensitivity, private files are encrypted, sealed ones not sealed again."""
    state, keys = LedgerState(), [SIGNER.verifier_key]
    lane_less = without(SETTLE, "lane", "exchanges")
    other = {**lane_less, "batch": 2, "segments": [{**segment("s2"), **placed}]}
    second = Batch("B2", (), (other,))
    for batch in (Batch("B0", (), (ROLE,)), Batch("B1", (), (lane_less,))):
        assert admit(state, sign_batch(batch, SIGNER), keys)[1] == ""
    assert why in admit(state, sign_batch(second, SIGNER), keys)[1]
    # Whoever is ruled out for ever takes its files back: these belong to another seal.
    assert bool(state.ruled_out(second)) == (why != "files that another seal named")
    well = Batch("B2", (), ({**other, "segments": [segment("s2")]},))
    assert admit(state, sign_batch(well, SIGNER), keys)[1] == ""


def test_intake_has_no_more_numbers_than_a_file() -> None:
    """One signed entry can't make all numbers of a lane count as taken in."""
    state, keys = LedgerState(), [SIGNER.verifier_key]
    assert admit(state, sign_batch(Batch("B0", (), (ROLE,)), SIGNER), keys)[1] == ""
    for end, why in (((1 << 53) - 1, "more exchanges than a spool file holds"), (1 << 20, "")):
        body = {**INTAKE, "exchanges": [[1, end]]}
        assert admit(state, sign_batch(Batch("B1", (), (body,)), SIGNER), keys)[1] == why
