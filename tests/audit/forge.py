"""Writing a log by hand, with the archive's own key: what no sequencer would admit.

Whoever holds bucket and signing key can do so; and parts of the format that nothing of
ours writes yet come into a fixture this way.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.flows.ledger import TRUST
from archiver.layout import ANCHORS, CHECKPOINT, DAILY, HEAD, LOG, STAGING
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.entry import CONTROL, parse
from archiver.ledger.head import Bundle
from archiver.ledger.log import LogReader
from archiver.ledger.signed import sign_batch
from archiver.ledger.tiles import encode_bundle, encode_tile, new_bundles, new_tiles, tile_hashes
from archiver.ledger.tree import Frontier, leaf_hash, memory_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archiver.flows.archive import Archive

TIME = "2026-11-20T09:00:00.000000Z"


def entries_of(archive: Archive) -> list[bytes]:
    """Return all entries of the log."""
    size = checkpoint_of(archive).size
    return list(LogReader(archive.store, size).entries(0))


def checkpoint_of(archive: Archive) -> Checkpoint:
    """Return the signed head, unchecked."""
    body = archive.store.get(CHECKPOINT).rpartition(b"\n\n")[0] + b"\n"
    return Checkpoint.parse(body)


def put(archive: Archive, key: str, data: bytes) -> None:
    """Put an object under a key, whatever was there."""
    archive.store.delete(key)
    archive.store.create(key, data)


def written(entry: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a control entry with a change made to its JSON, spelt as it must be."""
    import rfc8785  # noqa: PLC0415 - what the archive spells with

    body = json.loads(entry[1:])
    change(body)
    return CONTROL + rfc8785.dumps(body)


def body(kind: str, /, **members: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a control entry of a kind with these members, each of a batch of its own."""
    own = digest(repr((kind, members)).encode())[:16].upper()
    document = {"t": kind, "id": f"01KAGT1EB0{own}", "time": TIME, **members}
    return written(CONTROL + json.dumps(document).encode(), lambda _: None)


def relog(archive: Archive, entries: Iterable[bytes], *, days: bool = True) -> None:
    """Write the whole log anew, with these entries, signed, and as this home has seen it.

    The staged bundle adds nothing, as after a lost head. ``days``: one daily checkpoint for
    each day that had one, all of the new log. Evidence of outsiders stays.
    """
    every = list(entries)
    kept = [one.key for one in archive.store.list(DAILY)]
    for old in [one.key for one in archive.store.list(LOG)]:
        if not old.startswith(ANCHORS):
            archive.store.delete(old)
    hashes = [leaf_hash(one) for one in every]
    read = memory_reader(hashes)
    for tile in new_tiles(0, len(every)):
        put(archive, tile.key, encode_tile(tile_hashes(tile, read)))
    for bundle in new_bundles(0, len(every)):
        first = bundle.number * 256
        put(archive, bundle.key, encode_bundle(every[first : first + bundle.width]))
    frontier = Frontier.empty().extend(hashes)
    staged = Bundle(frontier, [])
    head = staged.head(frontier)
    put(archive, head.staging, staged.encode())
    put(archive, HEAD, head.encode())
    note = signed(archive, len(every), frontier.root())
    put(archive, CHECKPOINT, note)
    for key in kept if days else ():
        put(archive, key, note)
    archive.home.write(TRUST, note)


def signed(archive: Archive, size: int, root: bytes) -> bytes:
    """Return a checkpoint as the archive's key signs it."""
    made = Checkpoint(archive.identity.origin, size, root)
    return sign_note(made.body(), archive.signer)


def stage(archive: Archive, count: int) -> None:
    """Stage the last batch again as the one that led to the head: ``count`` entries of it."""
    every = entries_of(archive)
    first = len(every) - count
    frontier = Frontier.empty().extend([leaf_hash(one) for one in every[:first]])
    batch = _batch(every[first:], first)
    bundle = Bundle(frontier, [sign_batch(batch, archive.signer)])
    assert batch.entries(first) == every[first:]
    head = bundle.head(Frontier.empty().extend([leaf_hash(one) for one in every]))
    for old in [one.key for one in archive.store.list(STAGING)]:
        archive.store.delete(old)
    put(archive, head.staging, bundle.encode())
    put(archive, HEAD, head.encode())


def _batch(entries: list[bytes], first: int) -> Batch:
    """Return the batch of control entries that makes these entries."""
    bodies = [dict(json.loads(one[1:])) for one in entries]
    assert all(one["t"] not in {"seal", "generation"} for one in bodies), first
    names = {one.pop("id") for one in bodies}
    (name,) = names
    assert all(not isinstance(parse(one), bytes) for one in entries)
    return Batch(name, (), tuple(bodies))


def digest(data: bytes) -> str:
    """Return a SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()
