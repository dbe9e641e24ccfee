"""Doctor: what this store and this home enforce, proven by trying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.ledger import read_state
from archiver.ids import new_ulid
from archiver.ports import Check

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["examine"]


def examine(archive: Archive) -> list[Check]:
    """Try everything we rely on."""
    return [
        *archive.store.preflight(),
        _ledger(archive),
        _signing(archive),
        _keys(archive),
        _witness(),
    ]


def _ledger(archive: Archive) -> Check:
    name = "the ledger extends what this home has seen"
    try:
        state = read_state(archive)
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, True, f"{state.size} entries lead to the signed head")  # noqa: FBT003 - held


def _signing(archive: Archive) -> Check:
    name = "this home can sign for the archive"
    try:
        archive.signer.sign(b"archiver doctor\n")
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, True, archive.signer.verifier_key)  # noqa: FBT003 - held


def _keys(archive: Archive) -> Check:
    name = "file keys can be made, read back and destroyed"
    probe = f"probe/{new_ulid(archive.clock, archive.chance)}"
    try:
        kept = archive.keys.new_key(probe, "probe") == archive.keys.key(probe)
        archive.keys.shred(probe)
    except ArchiverError as error:
        return Check(name, False, str(error))  # noqa: FBT003 - held
    return Check(name, kept, "made, read and shredded one")


def _witness() -> Check:
    return Check(
        "an independent witness cosigns the ledger",
        False,  # noqa: FBT003 - held
        "no independent witness: who holds bucket and signing key could show different "
        "people different histories",
        needed=False,
    )
