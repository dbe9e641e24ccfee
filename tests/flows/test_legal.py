"""Legal notes in decisions: that they were shown is signed, and can't be changed afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.flows import accounts
from archiver.flows.connectors import connectors
from archiver.flows.ledger import read_state
from archiver.flows.legal import digest_of, legal_notes
from archiver.flows.settle import seal_settled
from archiver.flows.workflow import workflow_document
from archiver.record import Kind
from archiver.registry.accounts import ACCOUNT_DOCUMENT, Account, decided
from archiver.registry.acts import Act
from tests.flows.test_people import archive, key_of, office

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

__all__ = ["archive", "office"]

PLATFORMS = [str(one["platform"]) for one in connectors()]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_digest_is_that_of_the_notes(platform: str) -> None:
    """Computed from what is shown, by the standard library (their JSON has texts alone)."""
    shown = json.dumps(
        legal_notes(platform), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert digest_of(platform) == sha256(shown.encode()).hexdigest()


def test_an_approval_says_which_notes_were_shown(archive: Archive) -> None:
    """In the account's document; one that showed none says none."""
    made = accounts.approve(archive, "news", "Clerk", notes=digest_of("feed"))
    assert made.notes == digest_of("feed")
    assert accounts.find(archive, "news").notes == made.notes
    retired = accounts.retire(archive, "news", "Clerk")
    assert retired.notes == made.notes


def test_it_is_signed(office: Archive, tmp_path: Path) -> None:
    """The digest is a member of the statement; retiring signs nothing of it."""
    key = key_of(tmp_path, "clerk")
    made = accounts.approve(office, "news", "", key, notes=digest_of("feed"))
    assert Act.decode(made.decision.encode()).statement["notes"] == digest_of("feed")
    assert accounts.find(office, "news").status == "approved"
    retired = accounts.retire(office, "news", "", key)
    assert "notes" not in Act.decode(retired.decision.encode()).statement
    assert accounts.find(office, "news").status == "retired"


@pytest.mark.parametrize("notes", ["", "0" * 64])
def test_nobody_changes_it_afterwards(office: Archive, tmp_path: Path, notes: str) -> None:
    """A document that says otherwise than what was signed counts for nothing."""
    made = accounts.approve(office, "news", "", key_of(tmp_path, "clerk"), notes=digest_of("feed"))
    accounts.retire(office, "news", "", key_of(tmp_path, "clerk"))
    forged = replace(made, notes=notes)
    document = workflow_document(
        office, forged, ACCOUNT_DOCUMENT, Kind.EDITED, forged.document(), forged.row()
    )
    seal_settled(office, read_state(office), made.handle, document)
    assert accounts.find(office, "news").status == "retired"


def test_documents_of_before_read_as_they_were() -> None:
    """Without notes the document and what is signed have no such member."""
    one = Account("a", "feed", "http://x", "h", "no", "approved", "", "", "", "Clerk", "")
    assert b"notes" not in one.document()
    assert Account.from_document(one.document()) == one
    assert "notes" not in decided(one)
    assert decided(replace(one, notes="0" * 64))["notes"] == "0" * 64
