"""Entries about people, keys and looks have no place for free text."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.ledger.admission import check_form
from archiver.ledger.batch import Batch
from tests.ledger.seals import TIME
from tests.registry.signers import Office, handle, signer

CLERK = signer("clerk")
OFFICE = Office()
ENROL = OFFICE.act(
    "clerk", "enrol", person=handle("clerk"), key=CLERK.verifier_key,
    reading="ab" * 32, subject="cd" * 32,
).document()  # fmt: skip
UNREAD = OFFICE.act(
    "clerk", "enrol", person=handle("clerk"), key=CLERK.verifier_key, reading="", subject="cd" * 32,
).document()  # fmt: skip
GRANT = OFFICE.act("clerk", "grant", person=handle("clerk"), role="reader-messages").document()
ADD = OFFICE.act("clerk", "add-recipient", recipient=handle("r"), subject="cd" * 32).document()
ENTRIES: list[dict[str, Any]] = [
    {"t": "role", "time": TIME, **ENROL},
    {"t": "role", "time": TIME, **UNREAD},
    {"t": "role", "time": TIME, **GRANT},
    {"t": "rekey", "time": TIME, **ADD},
    {"t": "rekey", "time": TIME, "work": "rotated", "periods": 2, "keys": 14},
    {"t": "rekey", "time": TIME, "work": "drilled", "periods": 2, "keys": 9, "files": 9, "lost": 0},
    {"t": "access", "time": TIME, "day": "2026-11-20", "looks": 3},
]


def check(body: dict[str, Any], first: int = 1) -> None:
    """Check a batch of one entry."""
    check_form(Batch("B1", (), (deepcopy(body),)), first)


@pytest.mark.parametrize("body", ENTRIES)
def test_what_is_written_today(body: dict[str, Any]) -> None:
    """Acts, work in numbers and days of looks are admitted, but not as the first entry."""
    check(body)
    with pytest.raises(FormatError):
        check(body, first=0)


@pytest.mark.parametrize("body", ENTRIES)
def test_no_member_more_or_less(body: dict[str, Any]) -> None:
    """A member that is not described has no place, and none may lack."""
    for changed in (
        {**body, "note": "said the clerk"},
        *({k: v for k, v in body.items() if k != name} for name in body if name != "t"),
    ):
        with pytest.raises(FormatError):
            check(changed)


@pytest.mark.parametrize("body", [one for one in ENTRIES if "statement" in one])
def test_no_text_in_a_statement(body: dict[str, Any]) -> None:
    """Every member of a statement and of a signature is a word of ours, a key or a handle."""
    for part in ("statement", "signatures"):
        members = body[part] if part == "statement" else body[part][0]
        for name in members:
            for value in ("R. Alvarez", *([] if name == "reading" else [""]), 7, None, ["x"]):
                changed = {**members, name: value}
                with pytest.raises(FormatError):
                    check({**body, part: changed if part == "statement" else [changed]})


def test_a_key_bears_its_handle_alone() -> None:
    """A name can't be smuggled in as the name of a key."""
    named = {**ENROL["statement"], "key": CLERK.verifier_key.replace(handle("clerk"), "r.alvarez")}
    with pytest.raises(FormatError):
        check({**ENTRIES[0], "statement": named})


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (4, {"periods": -1}), (4, {"keys": True}), (4, {"keys": 1.0}), (4, {"work": "other"}),
        (5, {"lost": "0"}), (6, {"looks": 0}), (6, {"day": "yesterday"}), (6, {"looks": None}),
        (0, {"signatures": []}), (0, {"signatures": 7}), (0, {"signatures": [{}] * 9}),
        (0, {"statement": []}),
    ],
)  # fmt: skip
def test_other_values_are_refused(number: int, change: dict[str, Any]) -> None:
    """Numbers are whole, days are days, and somebody signed."""
    with pytest.raises(FormatError):
        check({**ENTRIES[number], **change})
