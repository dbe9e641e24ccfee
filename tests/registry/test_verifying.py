"""Who may call verified what superseded other segments."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.flows.people import verifies
from archiver.registry.verifying import seal_hash, verifications
from tests.ledger.note_signer import MemorySigner
from tests.registry.signers import ARCHIVE, Office, handle, signer

SEAL: dict[str, Any] = {"t": "seal", "stage": "compact", "time": "2026-11-02T09:00:00.000000Z"}
OWN = MemorySigner("archive.example/log").verifier_key


class Town(Office):
    """An office with a verifier and a settler, and a superseding seal."""

    def __init__(self) -> None:
        super().__init__()
        for name, role in (("vera", "verifier"), ("sam", "settler"), ("ruth", "records-manager")):
            self.enrol(name)
            act = self.act(name, "grant", person=handle(name), role=role)
            assert self.seal(act) == ""
        self.place = self.put(SEAL)

    def put(self, body: dict[str, Any]) -> int:
        """Put an entry into the ledger; return its index."""
        index = len(self.controls) * 2 + 1
        self.controls.append((index, body))
        return index

    def verify(self, signers: str, **more: str) -> bool:
        """Put an act of verifying into the ledger; tell whether it counts."""
        members = {"seal": str(self.place), "entry": seal_hash(SEAL), **more}
        act = self.act(signers, "verified", **members)
        return self.said({"t": "verified", **act.document(), "time": SEAL["time"]})

    def said(self, body: dict[str, Any], void: tuple[int, ...] = (), own: str = OWN) -> bool:
        """Put an entry into the ledger; tell whether the seal counts as verified."""
        index = self.put(body)
        found = verifications(ARCHIVE, self.controls, void, verifies, [own])
        assert [one.entry for one in found.refused] == ([] if found.seals else [index])
        return found.seals == {self.place}


def test_a_verifier_verifies() -> None:
    """With the own key, by index and leaf hash of the seal."""
    assert Town().verify("vera")
    assert Town().verify("ruth vera")


@pytest.mark.parametrize("signers", ["", "sam", "ruth", "nobody", "sam ruth"])
def test_nobody_else_does(signers: str) -> None:
    """Neither who settles nor who governs, nor a key that nobody enrolled."""
    assert not Town().verify(signers)


@pytest.mark.parametrize(
    "more",
    [
        {"entry": "ab" * 32}, {"seal": "1"}, {"seal": "999"}, {"seal": "x"}, {"seal": "9" * 5000},
        {"archive": "another"}, {"act": "grant"},
    ],
)  # fmt: skip
def test_an_act_about_something_else_does_not_count(more: dict[str, str]) -> None:
    """It names this seal, by what is in it, in this archive."""
    assert not Town().verify("vera", **more)


def test_a_role_counts_from_its_grant_to_its_end() -> None:
    """Who is a verifier only afterwards, or no longer, verifies nothing."""
    town = Town()
    town.enrol("late")
    assert not town.verify("late")
    town = Town()
    town.enrol("counsel")
    act = town.act("counsel", "grant", person=handle("counsel"), role="counsel")
    assert town.seal(act) == ""
    act = town.act("counsel ruth", "revoke", person=handle("vera"), role="verifier")
    assert town.seal(act) == ""
    assert not town.verify("vera")


def test_the_archives_own_key_is_no_second_role() -> None:
    """Also not where somebody enrolled with it under a name of their own."""
    town = Town()
    same = f"other+00000000+{signer('vera').verifier_key.split('+', 2)[2]}"
    act = town.act("vera", "verified", seal=str(town.place), entry=seal_hash(SEAL))
    assert not town.said({"t": "verified", **act.document(), "time": SEAL["time"]}, own=same)


def test_a_void_seal_is_not_verified() -> None:
    """What counts for nothing can't be called right."""
    town = Town()
    act = town.act("vera", "verified", seal=str(town.place), entry=seal_hash(SEAL))
    body = {"t": "verified", **act.document(), "time": SEAL["time"]}
    assert not town.said(body, void=(town.place,))


def test_a_statement_is_used_once_and_must_be_one() -> None:
    """The same act again is refused, and so is what is none."""
    town = Town()
    act = town.act("vera", "verified", seal=str(town.place), entry=seal_hash(SEAL))
    body = {"t": "verified", **act.document(), "time": SEAL["time"]}
    for _ in range(2):
        town.put(body)
    town.put({"t": "verified", "statement": 1, "time": SEAL["time"]})
    found = verifications(ARCHIVE, town.controls, (), verifies, [OWN])
    assert found.seals == {town.place}
    assert len(found.refused) == 2
