"""The sequencer: from batches left in ``pending/`` to a longer, signed log.

Any number of processes may run it. The one linearisation point is the compare-and-swap
of the unsigned head; everything after it is redone by whoever comes next
(``docs/ARCHITECTURE.md`` §3).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    FormatError,
    IntegrityError,
    MissingObjectError,
    StoreError,
)
from archiver.flows.ledger import checkpoint, prove_consistent, state_at, trust_checkpoint
from archiver.formats.parquet import canonical_time
from archiver.layout import (
    CHECKPOINT,
    HEAD,
    PENDING,
    STAGING,
    daily_checkpoint_key,
    pending_key,
    refused_key,
)
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, sign_note
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import grow_bundles, grow_tiles, partial_keys
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["sequence"]

ATTEMPTS = 50
"""Lost races for the head after which a sequencer gives up; each was somebody's success."""


def sequence(archive: Archive) -> int:
    """Append every admissible pending batch to the log. Returns how many were appended.

    Finishes first what an earlier sequencer left undone. On return every batch that was
    pending at the call is in the signed log or refused.
    """
    appended = lost = 0
    while lost < ATTEMPTS:
        try:
            head, version = _current(archive)
            bundle = _gather(archive, head)
            if bundle is None:
                return appended
            _move(archive, bundle, version)
        except ConflictError:
            lost += 1
            continue
        appended += len(bundle.batches)
    raise StoreError(
        "the ledger's head changed again and again",
        where=archive.store.describe(),
        mend="run the command again; nothing is lost",
    )


def _current(archive: Archive) -> tuple[Head | None, str | None]:
    """Return the head, published, and its version; None for a new ledger.

    A head that was lost or set back is made again from the checkpoint: the checkpoint is
    read first, and never runs ahead of the head. Raises `ConflictError`.
    """
    signed = checkpoint(archive)
    stored = archive.store.load(HEAD)
    head = None if stored is None else Head.decode(stored.data)
    version = None if stored is None else stored.version
    if signed is not None and (head is None or head.size < signed.size):
        read = LogReader(archive.store, signed.size).hashes()
        bundle = Bundle(Frontier.at(signed.size, read), [], {})
        _require(bundle.frontier.root() == signed.root, "the tiles do not lead to the checkpoint")
        return _move(archive, bundle, version)
    if head is not None:
        if signed is not None and head.size == signed.size:
            _require(head.root == signed.root, "the head is not what was signed for its size")
        _publish(archive, head)
    return head, version


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise IntegrityError(
            message,
            where=HEAD,
            code="ledger-fork",
            mend="run `archiver verify`; nothing was signed",
        )


def _move(archive: Archive, bundle: Bundle, version: str | None) -> tuple[Head, str]:
    """Swap the head for the one a bundle leads to, and publish it. Raises `ConflictError`."""
    head = bundle.head()
    _create_same(archive, head.staging, bundle.encode())
    new_version = archive.store.swap(HEAD, head.encode(), version)
    _publish(archive, head)
    return head, new_version


def _gather(archive: Archive, head: Head | None) -> Bundle | None:
    """Return the bundle of all pending batches that may be appended, or None.

    Only what the head itself rules out is refused, as that can't change any more. What
    the batches before it in this bundle rule out waits until those are in the log.
    """
    names = [found.key.removeprefix(PENDING) for found in archive.store.list(PENDING)]
    if not names:
        return None
    state = LedgerState() if head is None else state_at(archive, head.size, head.root)
    bundle = Bundle(state.frontier, [], {})
    for name in names:
        if name in state.sealed:  # a late retry of a write that had succeeded
            archive.store.delete(pending_key(name))
            continue
        try:
            data = archive.store.get(pending_key(name))
        except MissingObjectError:
            continue
        first = state.size
        entries, refusal = _admit(state, name, data)
        if not refusal:
            bundle.entries.extend(entries)
            bundle.batches[name] = first
        elif not bundle.batches:
            _refuse(archive, name, refusal)
    return bundle if bundle.entries else None


def _admit(state: LedgerState, name: str, data: bytes) -> tuple[list[bytes], str]:
    """Return a batch's entries, taken into ``state``, or why it is refused."""
    try:
        batch = Batch.decode(data)
        entries = batch.entries(state.size)
    except FormatError as error:
        return [], error.message
    refusal = "it bears another name" if batch.id != name else state.refusal(batch)
    if not refusal:
        state.extend(entries)
    return entries, refusal


def _refuse(archive: Archive, name: str, why: str) -> None:
    """Leave the marker before the batch goes, so that its worker learns of it."""
    with suppress(AlreadyExistsError):  # another sequencer came to the same end
        archive.store.create(refused_key(name), why.encode())
    archive.store.delete(pending_key(name))


def _publish(archive: Archive, head: Head) -> None:
    """Bring tiles and checkpoint up to a head, and clear away what led there. Idempotent."""
    try:
        bundle = Bundle.decode(archive.store.get(head.staging), head.staging)
    except MissingObjectError:
        signed = checkpoint(archive)
        if signed is not None and signed.size >= head.size:
            return  # collected by whoever went on from there
        raise
    after = bundle.head()
    _require((after.size, after.root) == (head.size, head.root), "staging leads to another head")
    signed = checkpoint(archive)
    if signed is None or signed.size < head.size:
        _write_tiles(archive, bundle)
        _sign(archive, head, signed)
    for name in bundle.batches:
        archive.store.delete(pending_key(name))
    _collect(archive, bundle, head)


def _write_tiles(archive: Archive, bundle: Bundle) -> None:
    reader = LogReader(archive.store, bundle.frontier.size)
    hashes = [leaf_hash(entry) for entry in bundle.entries]
    for one, data in grow_bundles(bundle.frontier, bundle.entries, reader.bundle):
        _create_same(archive, one.key, data)
    for tile, data in grow_tiles(bundle.frontier, hashes, reader.tile):
        _create_same(archive, tile.key, data)


def _create_same(archive: Archive, key: str, data: bytes) -> None:
    """Create an object, or find that it is there already with the same bytes."""
    try:
        archive.store.create(key, data)
    except AlreadyExistsError:
        try:
            found = archive.store.get(key)
        except MissingObjectError:  # collected meanwhile: the log is past it
            return
        if found != data:
            raise IntegrityError(
                "a part of the ledger differs from what the log says",
                where=key,
                code="ledger-fork",
                mend="run `archiver verify`; nothing was signed",
            ) from None


def _sign(archive: Archive, head: Head, signed: Checkpoint | None) -> None:
    """Sign a head, after proving that it extends the checkpoint of bucket and home."""
    new = Checkpoint(archive.identity.origin, head.size, head.root)
    if signed is not None:
        prove_consistent(archive, signed, new)
    note = sign_note(new.body(), archive.signer)
    day = canonical_time(archive.clock.now())[:10]
    with suppress(AlreadyExistsError):  # the first of the day is the one that is kept
        archive.store.create(daily_checkpoint_key(day), note)
    _swap_upward(archive, note, head.size)
    trust_checkpoint(archive, note)


def _swap_upward(archive: Archive, note: bytes, size: int) -> None:
    """Replace the checkpoint unless a larger one is there already."""
    while True:
        stored = archive.store.load(CHECKPOINT)
        if stored is not None:
            current = open_checkpoint(stored.data, archive.identity.keys)
            if current.size >= size:
                return
        try:
            archive.store.swap(CHECKPOINT, note, None if stored is None else stored.version)
        except ConflictError:
            continue
        return


def _collect(archive: Archive, bundle: Bundle, head: Head) -> None:
    """Remove what is superfluous by now: partial tiles of older heads, older staging."""
    signed = checkpoint(archive)
    kept = partial_keys(head.size if signed is None else signed.size)
    written = partial_keys(bundle.frontier.size) | partial_keys(head.size)
    for key in sorted(written - kept):
        archive.store.delete(key)
    for found in archive.store.list(STAGING):
        size = found.key.removeprefix(STAGING).partition("-")[0]
        if found.key != head.staging and size.isdecimal() and int(size) <= head.size:
            archive.store.delete(found.key)
