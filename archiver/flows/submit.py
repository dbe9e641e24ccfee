"""Submitting a batch: objects first, then ``pending/``, then whatever the ledger decides.

A journal in the home says how far a batch has come, so that the next run finishes it
after a crash between any two writes: while it is ``uploading`` nobody else can know of
its objects, and they are taken back; once it is ``submitting`` it is handed in again,
until the signed ledger has it or rules it out. Objects of a batch that the ledger has, or
may have one day, are never taken back, whatever a marker in the bucket says.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import AlreadyExistsError, IntegrityError, RefusedError
from archiver.flows.custody import declined
from archiver.flows.ledger import read_state
from archiver.flows.sequence import sequence
from archiver.ids import is_ulid, ulid
from archiver.layout import REFUSED, pending_key, refused_key
from archiver.ledger.admission import ruled_out
from archiver.ledger.signed import open_batch, sign_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.batch import Batch

__all__ = ["clear_markers", "recover", "submit"]

UPLOADING, SUBMITTING = "uploading", "submitting"
MARKERS_KEPT = timedelta(days=7)


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

    def write(self, archive: Archive) -> None:
        phase = SUBMITTING if self.batch else UPLOADING
        document = {"phase": phase, "id": self.name, "objects": self.objects, "batch": self.batch}
        archive.home.write(self.path, json.dumps(document).encode())

    @classmethod
    def read(cls, archive: Archive, account: str, path: str) -> _Journal:
        document = json.loads(archive.home.read(path) or b"{}")
        try:
            return cls(account, document["id"], document["objects"], document["batch"])
        except KeyError as error:
            raise IntegrityError(
                f"a journal of a batch can't be read: {error!r}",
                where=path,
                mend="restore it from a backup of the home; its batch may be in the ledger or not",
            ) from error

    def remove(self, archive: Archive) -> None:
        archive.store.delete(refused_key(self.name))
        archive.home.remove(self.path)


def submit(archive: Archive, account: str, batch: Batch, objects: Mapping[str, bytes]) -> None:
    """Seal a batch: store its objects, append its entries.

    The caller holds the spool of the account (its handle), so nobody else submits for it.
    Raises `RefusedError` where the ledger does not admit it. Its objects are gone then, or, if
    it came too early, they wait with it for the next `recover`.
    """
    if archive.copy_name:
        raise RefusedError(
            f"this is the copy {archive.copy_name}: what was sealed here would be a second history",
            where=archive.store.describe(),
            code="replica-written",
            mend="give the archive itself; docs/replicas.md says how a copy takes its place",
        )
    if objects:  # else nothing is there yet that could be taken back
        _Journal(account, batch.id, list(objects), "").write(archive)
    for key, data in objects.items():
        _create(archive, key, data)
    journal = _Journal(account, batch.id, list(objects), sign_batch(batch, archive.signer).decode())
    journal.write(archive)
    _hand_in(archive, journal)


def _create(archive: Archive, key: str, data: bytes) -> None:
    try:
        archive.store.create(key, data)
    except AlreadyExistsError:
        if sha256(archive.store.get(key)).digest() != sha256(data).digest():
            raise


def _hand_in(archive: Archive, journal: _Journal) -> None:
    """Have a batch sequenced. Raises `RefusedError`.

    Its objects are taken back only where the signed ledger itself rules it out for ever: a
    marker says what some sequencer thought of what it read, and may be wrong or forged.
    """
    name = journal.name
    with suppress(AlreadyExistsError):  # handed in before a crash
        archive.store.create(pending_key(name), journal.batch.encode())
    sequence(archive, name)
    state = read_state(archive)
    if name in state.sealed:
        journal.remove(archive)
        return
    data, keys = journal.batch.encode(), archive.identity.keys
    why = ruled_out(state, data, keys)
    if why:
        _take_back(archive, journal)
        raise _refused(name, why, "run the command again; it settles against the newer state")
    why = declined(archive, state, open_batch(data, keys))
    if why:  # it may be admissible one day, but then it is to be evaluated anew
        _take_back(archive, journal)
        mend = "see what was decided meanwhile: `archiver hold list`, `archiver matter list`"
        raise _refused(name, why, mend)
    marker = archive.store.load(refused_key(name))
    if marker is None:
        raise IntegrityError(
            "a batch was handed in and neither sealed nor refused",
            where=pending_key(name),
            mend="run the command again; if it stays, run `archiver verify`",
        )
    archive.store.delete(refused_key(name))
    why = marker.data.decode("utf-8", "replace")
    raise _refused(
        name, why, "run the command again: it is handed in once more, it may be its turn"
    )


def _refused(name: str, why: str, mend: str) -> RefusedError:
    return RefusedError(
        f"the ledger refused a batch: {why}", where=name, code="seal-refused", mend=mend
    )


def _take_back(archive: Archive, journal: _Journal) -> None:
    """Remove the objects of a batch that is not and will not be in the ledger."""
    for key in journal.objects:
        archive.store.erase(key)  # in every version: it may be a copy of what an order destroys
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
        journal = _Journal.read(archive, account, name)
        if journal.name in sealed:
            journal.remove(archive)
        elif not journal.batch:
            _take_back(archive, journal)
        else:
            with suppress(RefusedError):  # taken back; its exchanges settle anew from the spool
                _hand_in(archive, journal)


def clear_markers(archive: Archive) -> None:
    """Remove old markers of refused batches.

    Of two sequencers that refuse a batch the slower may leave one that nobody looks at any more.
    A worker that still waits for an old one hands its batch in again, and learns it anew.
    """
    oldest = ulid(archive.clock.now() - MARKERS_KEPT, bytes(10))
    for found in archive.store.list(REFUSED):
        name = found.key.removeprefix(REFUSED)
        if is_ulid(name) and name < oldest:
            archive.store.delete(found.key)
