"""What seals have to keep to, asked of a log that the key's holder wrote without a sequencer."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.ledger.rules import Rules
from tests.ledger.seals import TIME, seal, segment

ENCRYPTED = {"map.c256": "ab" * 32}
INTAKE: dict[str, Any] = {
    "t": "seal", "id": "B0", "time": TIME, "stage": "intake", "account": "acct", "lane": "lane",
    "exchanges": [[1, 5]], "segments": [],
}  # fmt: skip
FIRST = seal(id="B1", segments=[segment("s1", [[1, 3]])])
SECOND = seal(id="B2", batch=2, exchanges=[[3, 5]], segments=[segment("s2", [[4, 6]])])


def found(*bodies: dict[str, Any]) -> list[str]:
    """Return what is wrong with the last of some entries; with those before it nothing is."""
    rules, index = Rules(), 10
    for body in bodies[:-1]:
        assert list(rules.take(index, body)) == []
        index += 10
    return list(rules.take(index, bodies[-1]))


def test_what_a_sequencer_admits_keeps_them() -> None:
    """Two seals of a lane, a batch of two entries, and one that nobody knows yet."""
    repeat = {"t": "repeat", "id": "B2", "time": TIME}
    assert found(INTAKE, FIRST, SECOND, repeat) == []
    assert found(INTAKE, FIRST, SECOND, {"t": "hold", "id": "B3", "time": TIME}) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exchanges": [[1, 2]]}, "an exchange number was admitted for this stage before"),
        ({"exchanges": [[7, 8]]}, "an exchange number is not in intake"),
        ({"batch": 1}, "settling batch 1 of the account came when 2 was due"),
        ({"batch": 3}, "settling batch 3 of the account came when 2 was due"),
        ({"segments": [segment("s1", [[4, 6]])]}, "files that another seal named"),
        ({"segments": [segment("s2", [[4, 6]]), segment("s2")]}, "files that another seal named"),
        (
            {"segments": [segment("s2") | {"series": "police"}]},
            "a unit of two series, periods or sensitivities",
        ),
        (
            {"segments": [segment("s2") | {"unit": "u2", "sensitivity": "private"}]},
            "private files that are plain, or public ones that are not",
        ),
        (
            {"segments": [segment("s2") | {"objects": ENCRYPTED}]},
            "private files that are plain, or public ones that are not",
        ),
    ],
)
def test_what_no_sequencer_admits(changes: dict[str, Any], why: str) -> None:
    """Each rule that a seal can break is named."""
    assert found(INTAKE, FIRST, {**SECOND, **changes}) == [why]


def test_intake_takes_exchanges_in() -> None:
    """A seal of intake without a number, with a lane or without one, is named and read on from."""
    for left_out in ("lane", "exchanges"), ():
        bare = {name: one for name, one in INTAKE.items() if name not in left_out}
        assert found(bare | ({} if left_out else {"exchanges": []})) == [
            "an intake seal of no exchanges"
        ]


def test_intake_of_no_spool_file() -> None:
    """More numbers than a file holds would all count as taken in."""
    giant = {**INTAKE, "exchanges": [[1, (1 << 20) + 2]]}
    assert found(giant) == ["more exchanges than a spool file holds"]


def test_a_batch_is_there_once() -> None:
    """What was sealed is not sealed again, whatever came between."""
    other = {"t": "repeat", "id": "B7", "time": TIME}
    again = {"t": "repeat", "id": "B1", "time": TIME}
    assert found(INTAKE, FIRST, other, again) == ["its batch is in the log already"]
