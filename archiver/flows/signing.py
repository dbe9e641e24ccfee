"""Signing a head, and making it the checkpoint: the signer never contradicts itself.

What was signed can't be taken back, so before anything is signed it is held against all that
is known to have been signed: by this signer, as its own home says durably and beforehand, by
whoever wrote the checkpoint of the bucket, and as witnesses know it. The checkpoint is
replaced only in the version it was held against. So every checkpoint that was ever in the
bucket extends all before it, also where heads get lost or come back
(``docs/formats/ledger.md``).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from archiver.errors import AlreadyExistsError, ConflictError, IntegrityError
from archiver.flows.consult import known_checkpoints
from archiver.flows.ledger import prove_consistent, trust_checkpoint
from archiver.formats.parquet import canonical_time
from archiver.layout import CHECKPOINT, daily_checkpoint_key, late_checkpoint_key
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, sign_note
from archiver.ledger.entry import days
from archiver.ledger.log import LogReader
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.flows.archive import Archive

__all__ = ["SIGNED", "publish", "publish_again", "signed_here"]

SIGNED = "trust/signed"
"""The largest checkpoint that this home has signed or was about to sign, without signature."""


def signed_here(archive: Archive) -> Checkpoint | None:
    """Return the largest checkpoint this home may have signed, or None before the first."""
    body = archive.home.read(SIGNED)
    return None if body is None else Checkpoint.parse(body)


def publish(archive: Archive, new: Checkpoint, made: Collection[str]) -> None:
    """Sign a checkpoint and put it in the place of the one in the bucket, only ever upward.

    ``made``: the days of the entries that the one in the bucket is without.

    The caller holds the lock of `archiver.flows.sequence`, and has stored the tiles. Does
    nothing where the log is past it. Raises `IntegrityError` where the new one does not
    extend, or belong to, what was signed before; nothing is signed then.
    """
    while True:
        stored = archive.store.load(CHECKPOINT)
        current = None if stored is None else open_checkpoint(stored.data, archive.identity.keys)
        if current is not None and current.size >= new.size:
            prove_consistent(archive, new, current)
            return
        known = dict.fromkeys((current, *_known(archive)))  # each once, in order
        for older in known:
            if older is not None and older != new:
                prove_consistent(archive, older, new)
        note = _sign(archive, new, made)
        try:
            archive.store.swap(CHECKPOINT, note, None if stored is None else stored.version)
        except ConflictError:  # held against another one than is there: once more
            continue
        trust_checkpoint(archive, note)
        return


def _known(archive: Archive) -> Iterator[Checkpoint | None]:
    """Yield the checkpoints, beside the bucket's, that a new one must extend."""
    yield from known_checkpoints(archive)
    yield signed_here(archive)


def _sign(archive: Archive, new: Checkpoint, made: Collection[str]) -> bytes:
    """Return the signed note, after writing down that it is going to be signed.

    The first of a day is kept for ever; and, as a late one, for an earlier day of which nothing
    was kept because its entries waited. That it comes before the checkpoint contradicts nothing:
    whoever comes next finds it written down, or in the head. Raises `IntegrityError` where the
    key at hand is not the archive's: nobody would believe what it signed.
    """
    archive.home.write(SIGNED, new.body())
    note = sign_note(new.body(), archive.signer)
    open_checkpoint(note, archive.identity.keys)
    today = canonical_time(archive.clock.now())[:10]
    waited = [day for day in sorted(made) if day < today and not _has_daily(archive, day)]
    for key in (*map(late_checkpoint_key, waited), daily_checkpoint_key(today)):
        if archive.store.load(key) is None:
            with suppress(AlreadyExistsError):  # the first of the day is the one that is kept
                archive.store.create(key, note)
    return note


def _has_daily(archive: Archive, day: str) -> bool:
    """Tell whether a checkpoint of a day, or of the next as at midnight, was kept."""
    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    kept = (archive.store.load(daily_checkpoint_key(one)) for one in (day, after))
    return any(one is not None for one in kept)


def publish_again(archive: Archive, signed: Checkpoint | None) -> Checkpoint | None:
    """Publish what this home has signed and nobody else may know of; return the checkpoint.

    Its tiles were there before it was signed; where they are not, this raises
    `IntegrityError`: somebody has taken them away.
    """
    own = signed_here(archive)
    if own is None or (signed is not None and own.size <= signed.size):
        return signed
    log = LogReader(archive.store, own.size)
    if Frontier.at(own.size, log.hashes()).root() != own.root:
        raise IntegrityError(
            "the tiles do not lead to what this home has signed",
            where=f"{own.size} entries",
            code="ledger-fork",
            mend="restore log/tile/ from a replica, and find out who changed it",
        )
    publish(archive, own, days(log.entries(0 if signed is None else signed.size)))
    return own
