"""People in a real archive: names are private, typed names decide nothing, acts are signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from archiver.edges.clock import SystemClock
from archiver.edges.personkey import PersonKeyFile
from archiver.errors import RefusedError, UsageError
from archiver.flows import accounts, people
from archiver.flows.documents import seal_documents
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.flows.workflow import workflow_document
from archiver.ids import new_handle
from archiver.ledger import entry
from archiver.record import Kind
from archiver.registry.accounts import ACCOUNT_DOCUMENT, Status
from archiver.registry.acts import Act
from archiver.registry.people import Registry, fold
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.doubles import SeededRandomness
from tests.flows.conftest import Silent, opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.registry.acts import Verifies

CHANCE = SeededRandomness("people")
FEED = {"name": "news", "platform": "feed", "url": "http://127.0.0.1:9/feed"}


def key_of(folder: Path, name: str) -> PersonKeyFile:
    """Return the key of a person, made the first time."""
    path = folder / "people" / f"{name}.key"
    return PersonKeyFile.load(path) if path.exists() else PersonKeyFile.create(path, _handle())


def _handle() -> str:
    return new_handle(CHANCE)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with a requested account, and nobody enrolled."""
    made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    accounts.add(made, FEED, {})
    return made


@pytest.fixture
def office(archive: Archive, tmp_path: Path) -> Archive:
    """The same, governed by a clerk and a counsel."""
    people.enrol(archive, key_of(tmp_path, "clerk"), "R. Alvarez", "City Clerk", FIRST)
    people.enrol(archive, key_of(tmp_path, "counsel"), "C. Okafor", "Counsel", ["counsel"])
    people.enrol(archive, key_of(tmp_path, "officer"), "P. Lindqvist", "", [])
    return archive


FIRST = ("records-manager", "approver")


def test_a_signed_approval_counts(office: Archive, tmp_path: Path) -> None:
    """An approver's signature approves, and any home reads so from the records alone."""
    made = accounts.approve(office, "news", "", key_of(tmp_path, "clerk"))
    assert made.decided_by == "R. Alvarez, City Clerk"
    assert accounts.find(office, "news").status == "approved"
    report = verify(office, Silent(), deep=True)
    assert report.findings == []
    assert report.rederived == report.records


def test_a_typed_name_decides_nothing(office: Archive) -> None:
    """Once somebody is enrolled, a name without a signature is refused."""
    with pytest.raises(RefusedError) as caught:
        accounts.approve(office, "news", "R. Alvarez, City Clerk")
    assert caught.value.code == "signature-needed"


@pytest.mark.parametrize("name", ["counsel", "officer", "stranger"])
def test_others_approve_nothing(office: Archive, tmp_path: Path, name: str) -> None:
    """A key without the role approves nothing, enrolled or not."""
    with pytest.raises(RefusedError):
        accounts.approve(office, "news", "R. Alvarez", key_of(tmp_path, name))
    assert accounts.find(office, "news").status == "requested"


def test_a_forged_approval_counts_for_nothing(office: Archive, tmp_path: Path) -> None:
    """Whoever may seal but not approve leaves the account as it was, whatever is sealed."""
    account = accounts.find(office, "news")
    typed = account.decide(Status.APPROVED, "R. Alvarez, City Clerk", "2026-11-20T09:00:00.000000Z")
    other = accounts.approve(office, "news", "", key_of(tmp_path, "clerk"))
    retired = other.decide(Status.RETIRED, "R. Alvarez", other.changed_at, other.decision)
    for number, forged in enumerate((replace(typed, url="http://evil.example/"), retired), 1):
        accounts._record(office, forged, Kind.EDITED)
        assert accounts.find(office, "news") == other
        found = verify(office, Silent(), deep=True).findings
        assert [one.code for one in found] == ["act-without-authority"] * number


def test_an_approval_is_used_once(office: Archive, tmp_path: Path) -> None:
    """Whoever may seal brings no approval back after the account was retired."""
    clerk = key_of(tmp_path, "clerk")
    approved = accounts.approve(office, "news", "", clerk)
    retired = accounts.retire(office, "news", "", clerk)
    accounts._record(office, retired, Kind.EDITED)  # said twice: nothing to find
    assert verify(office, Silent(), deep=True).findings == []
    accounts._record(office, approved, Kind.EDITED)
    assert accounts.find(office, "news") == retired
    (finding,) = verify(office, Silent(), deep=True).findings
    assert (finding.code, finding.found) == (
        "act-without-authority",
        "its statement was used before",
    )


def test_why_an_account_is_retired_is_signed(office: Archive, tmp_path: Path) -> None:
    """The reason that overrides what is unexplained is the signer's: nobody puts another there."""
    clerk = key_of(tmp_path, "clerk")
    accounts.approve(office, "news", "", clerk)
    retired = accounts.retire(office, "news", "", clerk, "its host is shut down")
    statement = Act.decode(retired.decision.encode()).statement
    assert statement["anyway"] == retired.anyway == "its host is shut down"
    assert accounts.find(office, "news") == retired
    for other in ("nobody asked", ""):
        accounts._record(office, replace(retired, anyway=other), Kind.EDITED)
        assert accounts.find(office, "news") == retired
    found = verify(office, Silent(), deep=True).findings
    assert [one.code for one in found] == ["act-without-authority"] * 2


def test_a_request_takes_nothing_away(office: Archive, tmp_path: Path) -> None:
    """Nobody signs a request: one for a name that is taken changes nothing of the account."""
    approved = accounts.approve(office, "news", "", key_of(tmp_path, "clerk"))
    again = replace(approved, status=Status.REQUESTED, url="http://evil.example/", decision="")
    accounts._record(office, again, Kind.EDITED)
    assert accounts.find(office, "news") == approved


def test_what_is_no_account_ends_nothing(office: Archive, tmp_path: Path) -> None:
    """A document that whoever may seal made of nothing leaves all accounts readable."""
    approved = accounts.approve(office, "news", "", key_of(tmp_path, "clerk"))
    for name, data, row in (
        (ACCOUNT_DOCUMENT, b"{}", {"extra": "{}"}),
        (ACCOUNT_DOCUMENT, b"", {"title": "nothing"}),
        ("person/x", b"", {"title": "nothing"}),
    ):
        made = workflow_document(office, approved, name, Kind.EDITED, data, row)
        with office.open_spool(approved.handle):
            seal_settled(office, read_state(office), approved.handle, made)
    assert accounts.registry(office) == {"news": approved}
    assert people.listed(office)[0]["name"] == "R. Alvarez"


def test_what_was_approved_before_stays_approved(archive: Archive, tmp_path: Path) -> None:
    """Approvals by name count where nobody was enrolled when they were sealed."""
    accounts.approve(archive, "news", "R. Alvarez, City Clerk")
    people.enrol(archive, key_of(tmp_path, "clerk"), "R. Alvarez", "City Clerk", FIRST)
    assert accounts.find(archive, "news").status == "approved"


def test_two_people_give_a_role(office: Archive, tmp_path: Path) -> None:
    """An act goes from one signer to the next as a file, and counts after the waiting time."""
    act = people.sign(people.change(office, "P. Lindqvist", "hold"), [key_of(tmp_path, "clerk")])
    with pytest.raises(RefusedError):
        people.seal_act(office, act)
    signed = people.sign(people.read_act(act.encode()), [key_of(tmp_path, "counsel")])
    people.seal_act(office, signed)
    state = read_state(office)
    registry = people.people_of(office, state)
    key = key_of(tmp_path, "officer").verifier_key
    assert not people.holds(office, registry, state, key, ["hold"])
    (_, _, officer) = people.listed(office)
    assert (officer["name"], officer["roles"][0]["counts"]) == ("P. Lindqvist", False)
    later = replace(office, clock=Later())
    assert people.holds(later, registry, state, key, ["hold"])


class Later:
    """A clock four days ahead of this machine's."""

    def now(self) -> datetime:
        """Return a time four days from now."""
        return SystemClock().now() + timedelta(days=4)

    def sleep(self, seconds: float) -> None:
        """Never wait."""


def test_the_ledger_has_no_name(office: Archive) -> None:
    """Names and offices stand in private records, never in an entry."""
    state = read_state(office)
    entries = b"".join(entry.control(body) for _, body in state.controls)
    for word in (b"Alvarez", b"Clerk", b"Okafor", b"Lindqvist"):
        assert word not in entries
    assert len([body for _, body in state.controls if body["t"] == "role"]) == 7


def test_an_act_without_authority_is_a_finding(office: Archive, tmp_path: Path) -> None:
    """Whoever holds the signing key can seal an act; it counts for nothing and is named."""
    act = people.sign(people.change(office, "P. Lindqvist", "purge"), [key_of(tmp_path, "officer")])
    seal_documents(office, {}, [{"t": "role", **act.document()}])
    (finding,) = verify(office, Silent(), deep=False).findings
    assert (finding.code, finding.where) == (
        "act-without-authority",
        f"entry {read_state(office).size - 1}",
    )
    assert people.listed(office)[2]["roles"] == []


def test_a_recipient_without_authority_is_a_finding(office: Archive, tmp_path: Path) -> None:
    """Whoever holds the signing key can seal that keys go to somebody; it is named."""
    told = {"recipient": _handle(), "subject": "ab" * 32}
    act = people.new_statement(office, "add-recipient", **told)
    signed = people.sign(act, [key_of(tmp_path, "officer")])
    seal_documents(office, {}, [{"t": "rekey", **signed.document()}])
    (finding,) = verify(office, Silent(), deep=False).findings
    assert (finding.code, finding.where) == (
        "act-without-authority",
        f"entry {read_state(office).size - 1}",
    )


def test_what_was_done_already_is_no_finding(office: Archive, tmp_path: Path) -> None:
    """Two processes that seal the same act at once leave nothing to find."""
    keys = [key_of(tmp_path, "clerk"), key_of(tmp_path, "counsel")]
    act = people.sign(people.change(office, "P. Lindqvist", "hold"), keys)
    people.seal_act(office, act)
    seal_documents(office, {}, [{"t": "role", **act.document()}])
    assert verify(office, Silent(), deep=False).findings == []


def test_a_name_that_was_exchanged_is_nobody(office: Archive, tmp_path: Path) -> None:
    """A document about a person that the ledger did not commit to says nothing."""
    clerk = key_of(tmp_path, "clerk").handle
    false = {"person": clerk, "name": "Mallory", "office": "", "salt": "00" * 32}
    seal_documents(office, {f"person/{clerk}": false}, [])
    for broken in ({}, {"salt": "xyz"}, {**false, "salt": 7}, {"name": 1e400, "salt": "00"}):
        seal_documents(office, {f"person/{clerk}": broken}, [])
    assert people.listed(office)[0]["name"] == "R. Alvarez"


def test_wrong_wishes_are_explained(office: Archive, tmp_path: Path) -> None:
    """No such role, nobody of that name, no name at all."""
    with pytest.raises(UsageError):
        people.change(office, "P. Lindqvist", "emperor")
    with pytest.raises(UsageError):
        people.change(office, "Nobody", "hold")
    with pytest.raises(UsageError):
        people.enrol(office, key_of(tmp_path, "new"), " ", "", [])
    people.enrol(office, key_of(tmp_path, "twin"), "P. Lindqvist", "", [])
    with pytest.raises(UsageError) as caught:
        people.change(office, "P. Lindqvist", "hold")
    assert "several" in caught.value.message


def test_people_are_folded_once_a_process(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only new entries are taken in; what one caller does with its registry no other sees."""
    archive = opened(copy)
    clerk, counsel = key_of(copy, "clerk"), key_of(copy, "counsel")
    people.enrol(archive, clerk, "R. Alvarez", "", ["records-manager"])
    people.enrol(archive, counsel, "C. Okafor", "", ["counsel"])
    state = read_state(archive)
    fresh = fold(Registry(archive.identity.id), state.controls, people.verifies)
    spoilt = people.people_of(archive, state)
    spoilt.people[clerk.handle].grants.clear()
    spoilt.moments.clear()
    assert people.people_of(archive, state) == fresh
    fewer = state.copy()
    del fewer.controls[-2:]
    before = fold(Registry(archive.identity.id), fewer.controls, people.verifies)
    assert people.people_of(archive, fewer) == before != fresh
    taken: list[int] = []
    take = Registry.take

    def counted(registry: Registry, index: int, body: Mapping[str, Any], by: Verifies) -> None:
        taken.append(index)
        take(registry, index, body, by)

    monkeypatch.setattr(Registry, "take", counted)
    assert people.people_of(archive, state) == fresh
    assert people.people_of(archive, state) == fresh
    assert taken == [index for index, _ in state.controls[-2:]]
