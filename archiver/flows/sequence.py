"""The sequencer: from batches left in ``pending/`` to a longer, signed log.

Any number of processes may run it. The one linearisation point is the compare-and-swap
of the unsigned head; everything after it is redone by whoever comes next
(``docs/ARCHITECTURE.md`` §3).
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    FormatError,
    IntegrityError,
    MissingObjectError,
    StoreError,
)
from archiver.flows.ledger import (
    prove_consistent,
    state_at,
    trust_checkpoint,
    trusted_checkpoint,
)
from archiver.formats.parquet import canonical_time
from archiver.layout import (
    CHECKPOINT,
    HEAD,
    PENDING,
    STAGING,
    daily_checkpoint_key,
    pending_key,
    sealed_key,
    staging_key,
)
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, sign_note
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import grow_bundles, grow_tiles, partial_keys
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["Bundle", "Head", "sequence"]

ATTEMPTS = 50
"""Lost races for the head after which a sequencer gives up; each was somebody's success."""


@dataclass(frozen=True, slots=True)
class Head:
    """The unsigned head of the log, swapped by compare-and-swap: the linearisation point."""

    size: int
    root: bytes

    @property
    def staging(self) -> str:
        """Where the bundle is that leads to this head."""
        return staging_key(self.size, self.root.hex())

    def encode(self) -> bytes:
        """Return the stored form."""
        document = {"size": self.size, "root": self.root.hex()}
        return json.dumps(document).encode()

    @classmethod
    def decode(cls, data: bytes) -> Head:
        """Return the head that `encode` wrote. Raises `IntegrityError`."""
        try:
            document = json.loads(data)
            return cls(int(document["size"]), bytes.fromhex(document["root"]))
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(
                f"the ledger's head can't be read: {error!r}", where=HEAD
            ) from None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What leads from one head to the next: old frontier, new entries, where batches land."""

    frontier: Frontier
    entries: list[bytes]
    batches: dict[str, int]

    def encode(self) -> bytes:
        """Return the stored form."""
        document = {
            "frontier": self.frontier.to_json(),
            "entries": [base64.b64encode(entry).decode() for entry in self.entries],
            "batches": self.batches,
        }
        return json.dumps(document).encode()

    @classmethod
    def decode(cls, data: bytes, key: str) -> Bundle:
        """Return the bundle that `encode` wrote. Raises `IntegrityError`."""
        try:
            document = json.loads(data)
            entries = [base64.b64decode(text, validate=True) for text in document["entries"]]
            return cls(Frontier.from_json(document["frontier"]), entries, document["batches"])
        except (ValueError, KeyError, TypeError, FormatError) as error:
            raise IntegrityError(f"a staged bundle can't be read: {error!r}", where=key) from None


def sequence(archive: Archive) -> int:
    """Append every admissible pending batch to the log. Returns how many were appended.

    Finishes first what an earlier sequencer left undone.
    """
    for _ in range(ATTEMPTS):
        stored = archive.store.load(HEAD)
        head = None if stored is None else Head.decode(stored.data)
        if head is not None:
            _publish(archive, head)
        bundle = _gather(archive, head)
        if bundle is None:
            return 0
        after = bundle.frontier.extend([leaf_hash(entry) for entry in bundle.entries])
        new = Head(after.size, after.root())
        _create_same(archive, new.staging, bundle.encode())
        try:
            archive.store.swap(HEAD, new.encode(), None if stored is None else stored.version)
        except ConflictError:
            continue
        _publish(archive, new)
        return len(bundle.batches)
    raise StoreError(
        "the ledger's head changed again and again",
        where=archive.store.describe(),
        mend="run the command again; nothing is lost",
    )


def _gather(archive: Archive, head: Head | None) -> Bundle | None:
    """Return the bundle of all pending batches that may be appended, or None."""
    names = [found.key.removeprefix(PENDING) for found in archive.store.list(PENDING)]
    if not names:
        return None
    state = LedgerState() if head is None else state_at(archive, head.size, head.root)
    bundle = Bundle(state.frontier, [], {})
    for name in names:
        if archive.store.load(sealed_key(name)) is not None:
            archive.store.delete(pending_key(name))
            continue
        try:
            data = archive.store.get(pending_key(name))
        except MissingObjectError:
            continue
        first = state.size
        entries, refusal = _admit(state, name, data)
        if refusal:
            _settle_batch(archive, name, {"refused": refusal})
            continue
        bundle.entries.extend(entries)
        bundle.batches[name] = first
    return bundle if bundle.entries else None


def _admit(state: LedgerState, name: str, data: bytes) -> tuple[list[bytes], str]:
    """Return a batch's entries, taken into ``state``, or why it is refused."""
    try:
        batch = Batch.decode(data)
        refusal = "it bears another name" if batch.id != name else state.refusal(batch)
        entries = [] if refusal else batch.entries(state.size)
    except FormatError as error:
        return [], error.message
    state.extend(entries)
    return entries, refusal


def _publish(archive: Archive, head: Head) -> None:
    """Bring tiles, checkpoint and markers up to a head. Idempotent."""
    stored = archive.store.load(CHECKPOINT)
    published = None if stored is None else open_checkpoint(stored.data, archive.identity.keys)
    try:
        bundle = Bundle.decode(archive.store.get(head.staging), head.staging)
    except MissingObjectError:
        if published is not None and published.size >= head.size:
            return
        raise
    after = bundle.frontier.extend([leaf_hash(entry) for entry in bundle.entries])
    if (after.size, after.root()) != (head.size, head.root):
        raise IntegrityError("a staged bundle does not lead to the ledger's head", where=HEAD)
    if published is None or published.size < head.size:
        _write_tiles(archive, bundle)
        _sign(archive, head, published)
    for name, first in bundle.batches.items():
        _settle_batch(archive, name, {"first": first})
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
        if archive.store.get(key) != data:
            raise IntegrityError(
                "a part of the ledger differs from what the log says",
                where=key,
                code="ledger-fork",
                mend="run `archiver verify`; nothing was signed",
            ) from None


def _sign(archive: Archive, head: Head, published: Checkpoint | None) -> None:
    """Sign a head, after proving that it extends every checkpoint we know of."""
    new = Checkpoint(archive.identity.origin, head.size, head.root)
    for known in (trusted_checkpoint(archive), published):
        if known is not None and known.size <= new.size:
            prove_consistent(archive, known, new)
        elif known is not None:
            prove_consistent(archive, new, known)
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


def _settle_batch(archive: Archive, name: str, outcome: dict[str, Any]) -> None:
    """Leave the marker before the batch goes, so that a late retry can't double it."""
    if archive.store.load(sealed_key(name)) is None and (
        "refused" in outcome or archive.store.load(pending_key(name)) is not None
    ):
        with suppress(AlreadyExistsError):  # somebody else finished the same head
            archive.store.create(sealed_key(name), json.dumps(outcome).encode())
    archive.store.delete(pending_key(name))


def _collect(archive: Archive, bundle: Bundle, head: Head) -> None:
    """Remove what this head has made superfluous: partial tiles and older staging."""
    kept = partial_keys(head.size)
    for key in sorted(partial_keys(bundle.frontier.size) - kept):
        archive.store.delete(key)
    for found in archive.store.list(STAGING):
        size = found.key.removeprefix(STAGING).partition("-")[0]
        if found.key != head.staging and size.isdecimal() and int(size) <= head.size:
            archive.store.delete(found.key)
