"""Generation entries: as many new leaves as old ones, each after the one it reads anew."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.ledger import entry
from archiver.ledger.admission import check_form
from archiver.ledger.batch import Batch
from archiver.ledger.generation import check_generation, pairs
from tests.ledger.seals import TIME

BODY: dict[str, Any] = {
    "t": "generation", "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "time": TIME, "account": "acct",
    "leaves": [[10, 12]], "of": [[3, 4], [7, 8]],
}  # fmt: skip


def test_each_new_leaf_reads_an_old_one() -> None:
    """In order, one for one; the entry is read back as written."""
    assert list(pairs(BODY)) == [(10, 3), (11, 7)]
    parsed = entry.parse(entry.control(BODY))
    assert isinstance(parsed, entry.Control)
    assert parsed.body == BODY


@pytest.mark.parametrize(
    "change",
    [{"leaves": [[10, 13]]}, {"leaves": []}, {"of": []}, {"of": [[3, 4], [10, 11]]}, {"of": "x"},
     {"account": "A b"}, {"account": 1},
     {"of": {"set": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "sha256": "ab" * 32}}],
)  # fmt: skip
def test_another_form_is_refused(change: dict[str, Any]) -> None:
    """More or fewer leaves than are read anew, leaves to come, or no account."""
    with pytest.raises(FormatError):
        entry.control(BODY | change)


def test_leaves_move_with_their_batch_and_old_ones_stay() -> None:
    """The sequencer says where the batch lands; what is read anew is there already."""
    unplaced = {name: value for name, value in BODY.items() if name != "id"} | {"leaves": [[0, 2]]}
    check_generation(unplaced)
    seal = {"t": "seal", "time": TIME, "stage": "settle", "account": "acct", "batch": 1,
            "segments": [{"unit": "u", "segment": "s", "series": "unscheduled", "period": "2026-11",
                          "sensitivity": "public", "objects": {"idx": "0" * 64},
                          "leaves": [[0, 2]]}]}  # fmt: skip
    batch = Batch(BODY["id"], (b"c" * 32, b"d" * 32), (seal, unplaced))
    placed = entry.parse(batch.entries(8)[-1])
    assert isinstance(placed, entry.Control)
    assert (placed.body["leaves"], placed.body["of"]) == ([[8, 10]], BODY["of"])
    with pytest.raises(FormatError):
        batch.entries(5)  # then one of the old leaves would come after it
    strange = Batch(BODY["id"], batch.commitments, (seal, unplaced | {"parser": "wordpress/2"}))
    assert strange.entries(8)
    with pytest.raises(FormatError, match="not admitted"):
        check_form(strange, 8)  # readers take members they don't know, the log takes none
