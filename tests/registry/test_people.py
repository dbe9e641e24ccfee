"""People and roles: two keys and a waiting time for every change, whatever the clock says."""

from __future__ import annotations

import copy
import itertools
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.registry.acts import message
from archiver.registry.roles import ROLES, WAITING, Role, clash
from tests.registry.signers import ARCHIVE, Office, founded, handle, signer

TWO = "it needs signatures of two people who hold a governing role"


def test_founding_roles_count_at_once() -> None:
    """The first two people who govern sign for themselves."""
    office = founded()
    assert office.may("clerk", "records-manager")
    assert office.may("counsel", "counsel")
    assert office.people().founded is not None
    assert office.people().refused == []


def test_founding_needs_the_own_signature() -> None:
    """While founding, nobody gets a role that the person did not sign for."""
    office = Office()
    office.enrol("clerk")
    office.enrol("mallory")
    assert "own signature" in office.grant("clerk", "records-manager", "mallory")
    assert not office.may("clerk", "records-manager")


@pytest.mark.parametrize("signers", ["", "clerk", "officer", "clerk officer", "officer mallory"])
def test_one_key_changes_nothing(signers: str) -> None:
    """Once founded, a role needs two people who govern; nobody's own word counts."""
    office = founded()
    office.enrol("mallory")
    assert office.grant("officer", "purge", signers) != ""
    assert not office.may("officer", "purge", 30)


def test_one_person_with_two_signatures_is_one() -> None:
    """The same key signs once."""
    office = founded()
    act = office.act("clerk", "grant", person=handle("officer"), role="purge")
    (one,) = act.signatures
    twice = type(act)(act.statement, (one, one))
    assert office.seal(twice) == TWO


def test_one_key_under_two_handles_does_not_govern() -> None:
    """Who enrolled one key twice while founding is still one person."""
    office = Office()
    own = signer("clerk")
    public = own.verifier_key.split("+", 2)[2]
    name = f"{handle('twin')}\n".encode() + b"\x01" + own.public
    key = f"{handle('twin')}+{sha256(name).hexdigest()[:8]}+{public}"
    assert office.enrol("clerk") == office.grant("clerk", "records-manager", "clerk") == ""
    act = office.act("", "enrol", person=handle("twin"), key=key, reading="", subject="ab" * 32)
    assert office.seal(act.signed(key, own.sign(message(act.statement)))) == ""
    both = office.act("", "grant", person=handle("twin"), role="counsel")
    assert office.seal(both.signed(key, own.sign(message(both.statement)))) == ""
    office.enrol("officer")
    taken = office.act("clerk", "grant", person=handle("officer"), role="purge")
    assert office.seal(taken.signed(key, own.sign(message(taken.statement)))) == TWO


def test_a_new_role_waits() -> None:
    """A role given by two counts after the waiting time, and not a moment before."""
    office = founded()
    office.day = 10
    assert office.grant("officer", "purge", "clerk counsel") == ""
    assert WAITING.days == 3
    assert [office.may("officer", "purge", day) for day in (10, 12, 13)] == [False, False, True]
    (grant,) = office.people().people[handle("officer")].grants
    when = grant.counts
    key = signer("officer").verifier_key
    assert office.people().who([key], ["purge"], 99, when)
    assert not office.people().who([key], ["purge"], 99, when.replace(hour=8))


def test_a_clock_set_back_shortens_no_wait() -> None:
    """An entry that claims an earlier day than one before it waits from the later one."""
    office = founded()
    office.day = 10
    office.enrol("late")
    act = office.act("clerk counsel", "grant", person=handle("officer"), role="purge")
    assert office.seal(act, day=2) == ""
    assert [office.may("officer", "purge", day) for day in (5, 12, 13)] == [False, False, True]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_no_order_of_times_shortens_a_wait(days: list[int]) -> None:
    """Whatever times entries claim, a role waits from the latest that the ledger had seen."""
    office = founded()
    for number, day in enumerate(days):
        key = signer(f"p{number}")
        members = {"person": handle(f"p{number}"), "key": key.verifier_key}
        act = office.act(f"p{number}", "enrol", reading="ab" * 32, subject="ab" * 32, **members)
        assert office.seal(act, day=day) == ""
    act = office.act("clerk counsel", "grant", person=handle("officer"), role="purge")
    office.seal(act, day=days[-1])
    (grant,) = office.people().people[handle("officer")].grants
    assert grant.counts - office.people().moments[-1] == WAITING
    assert office.people().moments[-1].day == max(days)


def test_who_waits_does_not_sign() -> None:
    """A governor whose role does not count yet signs for nobody."""
    office = founded()
    office.day = 10
    assert office.grant("officer", "counsel", "clerk counsel") == ""
    assert office.grant("clerk", "auditor", "clerk officer") == TWO
    office.day = 13
    assert office.grant("clerk", "auditor", "clerk officer") == ""


def test_a_revocation_counts_at_once_and_leaves_two() -> None:
    """Two people take a role at once; two who govern always remain."""
    office = founded()
    assert office.revoke("counsel", "counsel", "clerk counsel").startswith("two people")
    office.grant("officer", "counsel", "clerk counsel")
    office.day = 20
    assert office.revoke("counsel", "counsel", "clerk") == TWO
    assert office.revoke("counsel", "counsel", "clerk officer") == ""
    assert not office.may("counsel", "counsel")
    assert office.grant("clerk", "auditor", "clerk counsel") == TWO


def test_what_was_decided_before_stays_decided() -> None:
    """A role that was taken later counted when it counted: the position decides."""
    office = founded()
    office.grant("officer", "counsel", "clerk counsel")
    office.day = 20
    before = len(office.controls) * 2
    office.revoke("counsel", "counsel", "clerk officer")
    registry = office.people()
    key = [signer("counsel").verifier_key]
    assert registry.who(key, ["counsel"], before, registry.at(before))
    assert not registry.who(key, ["counsel"], before + 2, registry.moments[-1])


@pytest.mark.parametrize(("held", "wanted"), [("hold", "purge"), ("settler", "verifier")])
def test_some_roles_are_apart(held: str, wanted: str) -> None:
    """Who destroys does not decide on holds, and nobody verifies the own work."""
    for first, second in itertools.permutations((held, wanted)):
        office = founded()
        assert office.grant("officer", first, "clerk counsel") == ""
        assert "may not be" in office.grant("officer", second, "clerk counsel")
    assert clash(["auditor"], Role.PURGE) == ""


def test_a_statement_is_used_once() -> None:
    """A grant that was taken back is not given again by the same paper."""
    office = founded()
    act = office.act("clerk counsel", "grant", person=handle("officer"), role="auditor")
    assert office.seal(act) == ""
    office.revoke("officer", "auditor", "clerk counsel")
    assert office.seal(act) == "the statement was used before"
    assert not office.may("officer", "auditor", 30)


def test_every_changed_part_of_an_act_is_refused() -> None:
    """No member of a signed statement can be another: it counts for nothing then."""
    office = founded()
    act = office.act("clerk counsel", "grant", person=handle("officer"), role="auditor")
    others = {
        "person": handle("clerk"),
        "role": "purge",
        "statement": handle("other"),
        "archive": "archive2",
        "act": "revoke",
        "time": "2026-11-02T09:00:00.000000Z",
    }
    assert others.keys() == act.statement.keys()
    for name, value in others.items():
        changed = type(act)({**act.statement, name: value}, act.signatures)
        assert copy.deepcopy(office).seal(changed) != "", name
    more = type(act)({**act.statement, "note": "x"}, act.signatures)
    assert copy.deepcopy(office).seal(more) != ""
    assert office.seal(act) == ""


def test_an_act_of_another_archive_says_nothing_here() -> None:
    """Signatures name the archive they are for."""
    office = founded()
    act = office.act("clerk counsel", "grant", person=handle("officer"), role="auditor")
    foreign = office.act("clerk counsel", "grant", person=handle("officer"), role="auditor",
                         archive="archive2")  # fmt: skip
    assert foreign.statement["archive"] != ARCHIVE
    assert office.seal(foreign) == "it is about another archive"
    assert office.seal(act) == ""


@pytest.mark.parametrize(
    ("act", "members"),
    [
        ("grant", {"person": handle("officer"), "role": "emperor"}),
        ("grant", {"person": handle("nobody"), "role": "auditor"}),
        ("grant", {"person": handle("officer")}),
        ("promote", {"person": handle("officer"), "role": "auditor"}),
    ],
)
def test_other_acts_are_refused(act: str, members: dict[str, str]) -> None:
    """No unknown role, person or act is taken in."""
    office = founded()
    assert office.seal(office.act("clerk counsel", act, **members)) != ""


def test_a_key_is_enrolled_once_and_by_its_owner() -> None:
    """Nobody enrols another's key, nor a key a second time."""
    office = founded()
    assert "enrolled already" in office.enrol("clerk")
    key = signer("victim")
    members = {"person": handle("victim"), "key": key.verifier_key, "reading": "ab" * 32}
    act = office.act("clerk counsel", "enrol", subject="ab" * 32, **members)
    assert office.seal(act) == "the person's own key did not sign"


def test_malformed_entries_count_for_nothing() -> None:
    """What is no act is refused by name and stops nobody."""
    office = founded()
    forms: tuple[dict[str, object], ...] = (
        {},
        {"statement": 7, "signatures": []},
        {"statement": {}, "signatures": {}},
    )
    for broken in forms:
        body = {"t": "role", "time": "2026-11-02T09:00:00.000000Z", "statement": {}, **broken}
        office.controls.append((len(office.controls) * 2 + 1, body))
    assert len(office.people().refused) == 3
    assert office.may("clerk", "records-manager")


def test_roles_are_those_of_the_design() -> None:
    """There is a role for each office, and a reader of each stream and of intake."""
    assert {"records-manager", "counsel", "hold", "purge", "verifier", "auditor"} <= set(ROLES)
    assert {"reader-messages", "reader-subscribers", "reader-intake"} <= set(ROLES)


def test_a_time_of_no_calendar_moves_nothing() -> None:
    """An entry whose time has the form and is no time leaves the ledger's time as it was."""
    office = founded()
    before = office.people().moments[-1]
    office.controls.append((99, {"t": "repeat", "time": "2026-13-45T99:99:99.000000Z"}))
    assert office.people().moments[-1] == before
    assert office.may("clerk", "records-manager")


def test_nobody_is_enrolled_under_another_s_handle() -> None:
    """A key that bears a handle which is not its owner's would pass for the other's decisions."""
    office = founded()
    false = signer("clerk", "mallory's own")
    members = {"person": handle("mallory"), "key": false.verifier_key, "reading": "ab" * 32}
    act = office.act("", "enrol", subject="ab" * 32, **members)
    signed = act.signed(false.verifier_key, false.sign(message(act.statement)))
    assert "another name" in office.seal(signed)
    assert handle("mallory") not in office.people().people
