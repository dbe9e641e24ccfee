"""Batches: what a worker hands in, and the entries that come of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.ledger import entry
from archiver.ledger.batch import Batch
from tests.ledger.seals import TIME, batch, seal, segment

ROLE = {"t": "role", "time": TIME, "role": "log-signer"}


def test_a_batch_s_bytes() -> None:
    """Its name, its commitments in hexadecimal one after the other, its controls."""
    one = Batch("B1", (b"\x01" * 32, b"\x02" * 32), (ROLE,))
    document = {"batch": "B1", "commitments": "01" * 32 + "02" * 32, "controls": [ROLE]}
    assert json.loads(one.encode()) == document
    assert Batch.decode(one.encode()) == one


@given(st.integers(0, 5), st.integers(0, 10**6))
def test_leaves_are_placed(count: int, first: int) -> None:
    """Observations come first, in order; the seal names its own by their place in the log."""
    one = batch("B7", count)
    *observations, control = one.entries(first)
    assert observations == [entry.observation(value) for value in one.commitments]
    parsed = entry.parse(control)
    assert isinstance(parsed, entry.Control)
    assert parsed.body["id"] == "B7"
    leaves = [one["leaves"] for one in parsed.body["segments"]]
    assert leaves == ([[[first, first + count]]] if count else [])


def test_leaves_of_several_segments() -> None:
    """Segments may hold the leaves of a batch in any order, in several ranges."""
    parts = [segment("a", [[0, 1], [3, 4]]), segment("b", [[1, 3]]), segment("c")]
    one = Batch("B1", tuple(bytes(32) for _ in range(4)), (seal(segments=parts),))
    parsed = entry.parse(one.entries(10)[-1])
    assert isinstance(parsed, entry.Control)
    placed = [one["leaves"] for one in parsed.body["segments"]]
    assert placed == [[[10, 11], [13, 14]], [[11, 13]], []]
    assert parts[0]["leaves"] == [[0, 1], [3, 4]]  # what was handed in is untouched


def test_every_control_bears_the_batch_s_id() -> None:
    """So the log says which batches are in it; what the worker wrote there does not count."""
    body = batch("B1").controls[0]
    one = Batch("B1", (), (body, ROLE, {**ROLE, "id": "other"}))
    parsed = [entry.parse(data) for data in one.entries(0)]
    assert [one.body["id"] for one in parsed if isinstance(one, entry.Control)] == ["B1"] * 3


@pytest.mark.parametrize(
    "one",
    [
        Batch("B1", (), ()),
        Batch("B1", (bytes(32),), ()),
        Batch("B1", (bytes(32),), (ROLE,)),
        Batch("B1", (bytes(32),), (seal(),)),
        Batch("B1", (), (seal(), seal(account="other"))),
        Batch("B1", (), (seal(segments=[segment("a", [[0, 1]])]),)),
        Batch("B1", (bytes(32),), (seal(segments=[segment("a", [[0, 2]])]),)),
        Batch("B1", (bytes(32),), (seal(segments=[segment("a", [[1, 2]])]),)),
        Batch(
            "B1",
            (bytes(32), bytes(32)),
            (seal(segments=[segment("a", [[0, 2]]), segment("b", [[1, 2]])]),),
        ),
        Batch("B1", (bytes(32), bytes(32)), (seal(segments=[segment("a", [[0, 1]])]),)),
        Batch("B1", (bytes(31),), (seal(segments=[segment("a", [[0, 1]])]),)),
        Batch("", (), (ROLE,)),
        Batch("B1", (), ({"t": "role"},)),
        Batch("B1", (), ({"t": "seal"},)),
        Batch("B1", (), ({},)),
    ],
)
def test_malformed_batches_have_no_entries(one: Batch) -> None:
    """Each leaf in one segment, one seal at most, controls that are well formed, or nothing."""
    with pytest.raises(FormatError):
        one.entries(5)


@given(st.binary(max_size=60))
def test_garbage_is_a_format_error(data: bytes) -> None:
    """Random bytes are no batch."""
    with pytest.raises(FormatError):
        Batch.decode(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["batch", "commitments", "controls", "t", "segments", "leaves"]),
                inner,
            )
        ),
        max_leaves=10,
    )
)
def test_any_json_is_refused_or_a_batch(value: object) -> None:
    """Nothing but `FormatError` comes of JSON that is no batch, or one without sense."""
    with pytest.raises(FormatError):
        Batch.decode(json.dumps(value).encode()).entries(0)


@pytest.mark.parametrize("leaves", [[[0, 3]], [[1, 3]], [[2, 3]], [[1 << 20, (1 << 20) + 1]]])
def test_a_generation_has_leaves_of_its_batch_alone(leaves: list[list[int]]) -> None:
    """Leaves beyond the batch would be others', or none at all, for ever."""
    (own,) = batch("B1", 2).controls
    count = sum(end - first for first, end in leaves)
    told = {"t": "generation", "time": TIME, "account": "acct", "of": [[1, 1 + count]]}
    made = Batch("B1", (b"a" * 32, b"b" * 32), (own, {**told, "leaves": leaves}))
    with pytest.raises(FormatError):
        made.entries(100)
    own_leaves = {**told, "of": [[1, 2]], "leaves": [[1, 2]]}
    assert Batch("B1", made.commitments, (own, own_leaves)).entries(100)
