"""Verifying the ledger itself: head, checkpoints, entries, tiles, leftovers."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, FormatError, IntegrityError, MissingObjectError
from archiver.flows.ledger import prove_consistent, trusted_checkpoint
from archiver.ids import is_ulid
from archiver.layout import (
    ARCHIVE_FILE,
    CHECKPOINT,
    DAILY,
    HEAD,
    PENDING,
    REFUSED,
    STAGING,
    staging_key,
)
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.entry import Control, parse
from archiver.ledger.finding import Finding
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.signed import open_batch
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import (
    TILE_WIDTH,
    Tile,
    encode_bundle,
    encode_tile,
    new_bundles,
    new_tiles,
    tile_hashes,
)
from archiver.ledger.tree import HASH_SIZE, Frontier, leaf_hash, memory_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive

__all__ = ["LogCheck"]

MAX_MARKER = 1000
"""Bytes. The reasons that a sequencer gives are one short line."""


class LogCheck:
    """Checks the ledger; afterwards ``entries`` and ``state`` are what it says.

    ``keys`` are all objects of the store that the ledger accounts for. ``anchored``: the
    ledger was held against a checkpoint from outside of it, the home's own.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.checkpoint: Checkpoint | None = None
        self.entries: list[bytes] = []
        self.state = LedgerState()
        self.keys: set[str] = {ARCHIVE_FILE, HEAD, CHECKPOINT}
        self.anchored = False

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with the ledger."""
        stored = self._archive.store.load(CHECKPOINT)
        seen = trusted_checkpoint(self._archive)
        self.anchored = seen is not None
        if stored is None:
            if seen is not None:
                yield Finding("checkpoint-missing", CHECKPOINT, f"{seen.size} entries", "none")
            return
        try:
            self.checkpoint = open_checkpoint(stored.data, self._archive.identity.keys)
        except ArchiverError as error:
            yield Finding("checkpoint-bad", CHECKPOINT, "a signed checkpoint", str(error))
            return
        if self.checkpoint.origin != self._archive.identity.origin:
            expected = self._archive.identity.origin
            yield Finding("checkpoint-bad", CHECKPOINT, expected, self.checkpoint.origin)
            return
        yield from self._read_entries()
        yield from self._tiles()
        yield from self._consistent(seen)
        yield from self._head()
        yield from self._daily()
        yield from self._identity()
        yield from self._leftovers()

    def _read_entries(self) -> Iterator[Finding]:
        size = self.checkpoint.size if self.checkpoint else 0
        reader = LogReader(self._archive.store, size)
        for bundle in new_bundles(0, size):
            self.keys.add(bundle.key)
            try:
                found = list(
                    reader.entries(
                        bundle.number * TILE_WIDTH, bundle.number * TILE_WIDTH + bundle.width
                    )
                )
                stored = self._archive.store.get(bundle.key)
            except ArchiverError as error:
                yield Finding("log-entries", bundle.key, f"{bundle.width} entries", str(error))
                return
            if stored != encode_bundle(found):
                yield Finding("log-entries", bundle.key, "the bundle in its one spelling", "other")
            self.entries += found
        root = Frontier.empty().extend([leaf_hash(entry) for entry in self.entries]).root()
        if self.checkpoint is not None and root != self.checkpoint.root:
            yield Finding("log-root", CHECKPOINT, self.checkpoint.root.hex(), root.hex())
            yield from self._changed_bundles(reader)
        yield from self._fold()

    def _changed_bundles(self, reader: LogReader) -> Iterator[Finding]:
        """Name the bundles whose entries are not the ones that the hash tiles stand for."""
        for bundle in new_bundles(0, len(self.entries)):
            first = bundle.number * TILE_WIDTH
            hashes = [leaf_hash(one) for one in self.entries[first : first + bundle.width]]
            try:
                tile = reader.tile(0, bundle.number, bundle.width)[: HASH_SIZE * bundle.width]
            except MissingObjectError:  # named by the check of the tiles
                continue
            if tile != encode_tile(hashes):
                yield Finding(
                    "log-entries", bundle.key, "entries that hash to their tile", "others"
                )

    def _fold(self) -> Iterator[Finding]:
        """Take in all entries; one that can't be read is named and left out."""
        for index, data in enumerate(self.entries):
            try:
                parsed = parse(data)
                if isinstance(parsed, Control):
                    self.state.replay(index, parsed.body)
            except FormatError as error:
                yield Finding("log-entry", f"entry {index}", "a ledger entry", str(error))
        self.state.frontier = Frontier.empty().extend([leaf_hash(e) for e in self.entries])

    def _tiles(self) -> Iterator[Finding]:
        hashes = [leaf_hash(entry) for entry in self.entries]
        read = memory_reader(hashes)
        for tile in new_tiles(0, len(hashes)):
            self.keys.add(tile.key)
            yield from self._tile(tile, encode_tile(tile_hashes(tile, read)))

    def _tile(self, tile: Tile, expected: bytes) -> Iterator[Finding]:
        try:
            found = self._archive.store.get(tile.key)
        except MissingObjectError:
            yield Finding("log-tile", tile.key, "a hash tile", "missing")
            return
        if found != expected:
            yield Finding("log-tile", tile.key, sha256(expected).hexdigest(), "other bytes")

    def _consistent(self, seen: Checkpoint | None) -> Iterator[Finding]:
        if seen is None or self.checkpoint is None:
            return
        try:
            prove_consistent(self._archive, seen, self.checkpoint)
        except ArchiverError as error:
            yield Finding("log-history", CHECKPOINT, f"extends {seen.size} entries", str(error))

    def _head(self) -> Iterator[Finding]:
        stored = self._archive.store.load(HEAD)
        if stored is None or self.checkpoint is None:
            yield Finding("head-missing", HEAD, "the head of the log", "none")
            return
        try:
            head = Head.decode(stored.data)
        except IntegrityError as error:
            yield Finding("head-differs", HEAD, "a head", str(error))
            return
        self.keys.add(head.staging)
        if (head.size, head.root) != (self.checkpoint.size, self.checkpoint.root):
            expected = f"{self.checkpoint.size} {self.checkpoint.root.hex()}"
            yield Finding("head-differs", HEAD, expected, f"{head.size} {head.root.hex()}")
            return
        yield from self._staging(head)

    def _staging(self, head: Head) -> Iterator[Finding]:
        """Hold the bundle that led to the signed head against the last entries."""
        try:
            bundle = Bundle.decode(self._archive.store.get(head.staging), head.staging)
        except MissingObjectError:  # gone, or the head names another: both are to be looked at
            yield Finding("head-differs", HEAD, "the key of a staged bundle", head.staging)
            yield Finding("staging-differs", head.staging, "the last bundle", "nothing")
            return
        except ArchiverError as error:
            yield Finding("staging-differs", head.staging, "the last bundle", str(error))
            return
        keys = self._archive.identity.keys
        start = bundle.frontier.size
        entries: list[bytes] = []
        try:
            for data in bundle.batches:
                entries += open_batch(data, keys).entries(start + len(entries))
            frontier = Frontier.at(start, memory_reader([leaf_hash(e) for e in self.entries]))
        except ArchiverError as error:
            yield Finding("staging-differs", head.staging, "signed batches", str(error))
            return
        led = bundle.head(self.state.frontier) == head
        if not led or bundle.frontier != frontier or entries != self.entries[start:]:
            yield Finding("staging-differs", head.staging, "the last entries", "others")

    def _daily(self) -> Iterator[Finding]:
        hashes = [leaf_hash(entry) for entry in self.entries]
        days: set[str] = set()
        for found in self._archive.store.list(DAILY):
            if not _is_day(found.key.removeprefix(DAILY)):
                continue  # named as unknown
            self.keys.add(found.key)
            try:
                daily = open_checkpoint(
                    self._archive.store.get(found.key), self._archive.identity.keys
                )
                root = Frontier.at(daily.size, memory_reader(hashes)).root()
            except ArchiverError as error:
                yield Finding("checkpoint-daily", found.key, "a signed checkpoint", str(error))
                continue
            days.add(found.key.removeprefix(DAILY))
            if daily.root != root:
                yield Finding("checkpoint-daily", found.key, root.hex(), daily.root.hex())
        for day in sorted({body["time"][:10] for _, body in self.state.controls}):
            # A batch of the last second of a day is signed on the next.
            after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
            if not days & {day, after}:
                yield Finding("checkpoint-daily", DAILY + day, "a checkpoint of that day", "none")

    def _identity(self) -> Iterator[Finding]:
        """Hold ``archive.json`` against the ledger's first entry, which covers it."""
        roles = [body for _, body in self.state.controls if body["t"] == "role"]
        expected = roles[0].get("document", "") if roles else "a first role entry"
        found = sha256(self._archive.store.get(ARCHIVE_FILE)).hexdigest()
        if found != expected:
            yield Finding("archive-json", ARCHIVE_FILE, expected, found)

    def _leftovers(self) -> Iterator[Finding]:
        """Look at what is in progress: it must be ours, and be what it says."""
        yield from self._pending()
        for key, _ in self._named(REFUSED):
            with suppress(MissingObjectError):
                if not _is_marker(self._archive.store.get(key)):
                    yield Finding("log-leftover", key, "one line of text", "other bytes")
        size = self.checkpoint.size if self.checkpoint else 0
        for found in self._archive.store.list(STAGING):
            after = found.key.removeprefix(STAGING).partition("-")[0]
            if after.isdecimal() and int(after) > size and self._is_staged(found.key, int(after)):
                self.keys.add(found.key)  # another process is at work

    def _pending(self) -> Iterator[Finding]:
        for key, name in self._named(PENDING):
            try:
                batch = open_batch(self._archive.store.get(key), self._archive.identity.keys)
            except MissingObjectError:  # appended meanwhile
                continue
            except ArchiverError as error:
                yield Finding("log-leftover", key, "a batch signed by the archive", str(error))
                continue
            if batch.id != name:
                yield Finding("log-leftover", key, "the batch of that name", batch.id)

    def _is_staged(self, key: str, size: int) -> bool:
        """Tell whether an object is a bundle under its own name."""
        try:
            data = self._archive.store.get(key)
            Bundle.decode(data, key)
        except ArchiverError:
            return False
        return staging_key(size, sha256(data).hexdigest()) == key

    def _named(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield key and name of all objects below a prefix whose name is a batch's."""
        for found in self._archive.store.list(prefix):
            name = found.key.removeprefix(prefix)
            if is_ulid(name):
                self.keys.add(found.key)
                yield found.key, name


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _is_marker(data: bytes) -> bool:
    """Tell whether bytes are the reason for a refusal, as a sequencer leaves it."""
    try:
        return len(data) <= MAX_MARKER and data.decode().isprintable()
    except UnicodeDecodeError:
        return False
