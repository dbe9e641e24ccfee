"""Submitting a batch: objects first, then ``pending/``, then the sequencer's marker.

A journal in the home says how far a batch has come, so that the next run finishes it
after a crash between any two writes: while it is ``uploading`` nobody else can know of
its objects, and they are taken back; once it is ``submitting`` it is handed in again,
for as long as the ledger does not say what became of it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import AlreadyExistsError, IntegrityError, RefusedError
from archiver.flows.ledger import read_state
from archiver.flows.sequence import sequence
from archiver.layout import pending_key, sealed_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.batch import Batch

__all__ = ["recover", "submit"]


@dataclass(frozen=True, slots=True)
class _Journal:
    """One batch on its way. ``batch`` is empty while its objects are being stored.

    Journals are kept by account: whoever holds an account's spool owns its journals.
    """

    account: str
    name: str
    objects: list[str]
    batch: str

    @property
    def path(self) -> str:
        return f"journal/{self.account}/{self.name}"

    def write(self, archive: Archive, phase: str) -> None:
        document = {"phase": phase, "id": self.name, "objects": self.objects, "batch": self.batch}
        archive.home.write(self.path, json.dumps(document).encode())

    def remove(self, archive: Archive) -> None:
        archive.store.delete(sealed_key(self.name))
        archive.home.remove(self.path)


def submit(archive: Archive, account: str, batch: Batch, objects: Mapping[str, bytes]) -> int:
    """Seal a batch: store its objects, append its entries. Returns its first index.

    The caller holds the spool of the account (its handle), so nobody else submits for it.
    Raises `RefusedError` where the ledger does not admit it; its objects are gone then.
    """
    journal = _Journal(account, batch.id, list(objects), "")
    journal.write(archive, "uploading")
    for key, data in objects.items():
        _create(archive, key, data)
    journal = _Journal(account, batch.id, list(objects), batch.encode().decode())
    journal.write(archive, "submitting")
    return _hand_in(archive, journal)


def _create(archive: Archive, key: str, data: bytes) -> None:
    try:
        archive.store.create(key, data)
    except AlreadyExistsError:
        if sha256(archive.store.get(key)).digest() != sha256(data).digest():
            raise


def _hand_in(archive: Archive, journal: _Journal) -> int:
    name = journal.name
    if archive.store.load(sealed_key(name)) is None:
        with suppress(AlreadyExistsError):  # handed in before a crash
            archive.store.create(pending_key(name), journal.batch.encode())
        sequence(archive)
    marker = archive.store.load(sealed_key(name))
    if marker is None:
        raise IntegrityError(
            "a batch was handed in and neither sealed nor refused",
            where=pending_key(name),
            mend="run the command again; if it stays, run `archiver verify`",
        )
    outcome = json.loads(marker.data)
    if "refused" in outcome:
        _take_back(archive, journal)
        raise RefusedError(
            f"the ledger refused a batch: {outcome['refused']}",
            where=name,
            code="seal-refused",
            mend="run the command again; it settles against the newer state",
        )
    journal.remove(archive)
    return int(outcome["first"])


def _take_back(archive: Archive, journal: _Journal) -> None:
    """Remove the objects of a batch that is not and will not be in the ledger."""
    for key in journal.objects:
        archive.store.delete(key)
        archive.keys.shred(key)
    journal.remove(archive)


def recover(archive: Archive, account: str) -> None:
    """Finish or take back what this home left behind for an account in a crash.

    The caller holds the account's spool.
    """
    archive.store.sweep()
    sequence(archive)
    names = archive.home.names(f"journal/{account}/")
    if not names:
        return
    sealed = read_state(archive).sealed
    for name in names:
        document = json.loads(archive.home.read(name) or b"{}")
        journal = _Journal(account, document["id"], document["objects"], document["batch"])
        if journal.name in sealed:
            archive.store.delete(pending_key(journal.name))
            journal.remove(archive)
        elif document["phase"] == "uploading":
            _take_back(archive, journal)
        else:
            _finish(archive, journal)


def _finish(archive: Archive, journal: _Journal) -> None:
    try:
        _hand_in(archive, journal)
    except RefusedError:  # taken back; its exchanges are still in the spool and settle anew
        return
