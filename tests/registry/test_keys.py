"""Offline recipients: added by those who govern, after a wait, and only by them."""

from __future__ import annotations

from datetime import timedelta

from archiver.flows.people import verifies
from archiver.registry.keys import ADD, REMOVE, fold_recipients, recipients
from archiver.registry.roles import WAITING
from tests.registry.signers import Office, founded, handle

SUBJECT = "cd" * 32


def seal(office: Office, signers: str, act: str = ADD, name: str = "state") -> None:
    """Put an act about a recipient into the ledger."""
    made = office.act(signers, act, recipient=handle(name), subject=SUBJECT)
    office.seal(made)
    office.controls[-1][1]["t"] = "rekey"


def found(office: Office) -> dict[str, timedelta]:
    """Return the recipients by name, and how long after the last entry each counts."""
    last = office.people().moments[-1]
    added = recipients(office.people(), office.controls, verifies)
    return {handle: one.counts - last for handle, one in added.items()}


def test_two_add_a_recipient_and_it_waits() -> None:
    """Two people who govern add one; it counts after the waiting time."""
    office = founded()
    seal(office, "clerk counsel")
    assert found(office) == {handle("state"): WAITING}


def test_one_alone_adds_none() -> None:
    """Neither one signature, nor two of people who don't govern."""
    for signers in ("", "clerk", "clerk officer", "officer mallory"):
        office = founded()
        seal(office, signers)
        assert found(office) == {}


def test_while_founding_one_does_and_it_counts_at_once() -> None:
    """Before a second person governs, the first one's signature is enough."""
    office = Office()
    office.enrol("clerk")
    office.grant("clerk", "records-manager", "clerk")
    seal(office, "clerk")
    assert found(office) == {handle("state"): timedelta(0)}
    seal(office, "officer", name="other")
    assert list(found(office)) == [handle("state")]


def test_one_is_removed_at_once_and_by_two() -> None:
    """A removal counts at once; one signature removes nobody."""
    office = founded()
    seal(office, "clerk counsel")
    seal(office, "clerk", REMOVE)
    assert found(office)
    seal(office, "clerk counsel", REMOVE)
    assert found(office) == {}


def test_a_removed_one_does_not_come_back_by_the_same_paper() -> None:
    """A statement is used once, and what is no act is passed over."""
    office = founded()
    act = office.act("clerk counsel", ADD, recipient=handle("state"), subject=SUBJECT)
    for one in (
        act,
        office.act("clerk counsel", REMOVE, recipient=handle("state"), subject=SUBJECT),
        act,
    ):
        office.seal(one)
        office.controls[-1][1]["t"] = "rekey"
    office.controls.append((99, {"t": "rekey", "time": "2026-11-02T09:00:00.000000Z",
                                 "statement": 7, "signatures": []}))  # fmt: skip
    assert found(office) == {}


def test_a_handle_keeps_the_keys_that_it_came_with() -> None:
    """No act puts other keys in the place of a recipient's, and none brings a handle back."""
    office = founded()
    seal(office, "clerk counsel")
    first = recipients(office.people(), office.controls, verifies)
    for act in (ADD, REMOVE, ADD):
        made = office.act("clerk counsel", act, recipient=handle("state"), subject="ef" * 32)
        office.seal(made)
        office.controls[-1][1]["t"] = "rekey"
        told = recipients(office.people(), office.controls, verifies)
        assert told == (first if act == ADD and not _removed(office) else {})


def _removed(office: Office) -> bool:
    return any(one["statement"]["act"] == REMOVE for _, one in office.controls)


def test_what_nobody_may_is_told() -> None:
    """An act without authority is named; one that was done before is not."""
    office = founded()
    seal(office, "clerk")
    act = office.act("clerk counsel", ADD, recipient=handle("state"), subject=SUBJECT)
    for _ in range(2):
        office.seal(act)
        office.controls[-1][1]["t"] = "rekey"
    told = fold_recipients(office.people(), office.controls, verifies).refused
    assert [one.idle for one in told] == [False, True]
