"""Verifying what is small in the log: head, staged bundle, daily checkpoints, leftovers."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, MissingObjectError
from archiver.flows.verify_objects import fetch
from archiver.ids import is_ulid
from archiver.layout import (
    DAILY,
    HEAD,
    LATE,
    PENDING,
    REFUSED,
    STAGING,
    daily_checkpoint_key,
    late_checkpoint_key,
    staging_key,
)
from archiver.ledger.checks import DailyCheck, DigestCheck, HeadCheck
from archiver.ledger.finding import Finding
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.signed import open_batch
from archiver.ledger.tiles import grow_bundles, grow_tiles
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ledger.checks import Check, CheckpointCheck
    from archiver.ledger.state import LedgerState
    from archiver.ledger.tree import ReadHash
    from archiver.ledger.view import LogView

__all__ = ["HeadAndBundle", "dailies", "undated"]

MAX_MARKER = 1000
"""Bytes. The reasons that a sequencer gives are one short line."""


class HeadAndBundle:
    """The unsigned head and the bundle that led to the signed one, each named for itself.

    ``checks`` are those of both; ``keys`` are objects in progress that belong there.
    ``ahead``: a true head that is not signed yet. Whoever swapped it in is at work, or was
    stopped: then the next sequencer finishes it, and collects older staging.
    """

    def __init__(self, archive: Archive, checkpoint: Checkpoint, view: LogView) -> None:
        self._archive = archive
        self._checkpoint = checkpoint
        self._view = view
        self._staged = dict(_staged(archive))
        self._added: dict[str, list[bytes]] = {}
        for key, bundle in self._staged.items():
            with suppress(ArchiverError):
                self._added[key] = self._entries(bundle)
        self.keys: set[str] = set()
        self.checks: list[Check] = []
        self.ahead: Head | None = None

    def entries(self) -> Iterator[tuple[int, bytes]]:
        """Yield index and entry of what whole staged bundles hold: the log may have lost it."""
        for key, added in self._added.items():
            yield from enumerate(added, self._staged[key].frontier.size)

    def findings(self) -> Iterator[Finding]:
        """Set up the checks; yield what is wrong beside them."""
        store, size = self._archive.store, self._checkpoint.size
        leading = [key for key, one in self._staged.items() if self._leads(key, one)]
        root = self._checkpoint.root if self._view.led else self._view.root
        self.keys |= {HEAD, *leading}
        self.keys |= {key for key, one in self._staged.items() if self._went_in(key, one)}
        with suppress(ArchiverError):
            self._look_ahead()
        if self.ahead is None:
            self.checks.append(HeadCheck(size, root or self._checkpoint.root, leading))
        named = self._named()
        if named and not leading and self.ahead is None:
            self.keys.add(named)
            found = "a bundle that leads elsewhere" if named in self._staged else "other bytes"
            yield Finding(
                "staging-differs",
                named,
                "the bundle of the last entries",
                "nothing" if fetch(store, named) is None else found,
            )
        for key in leading:
            digest = key.rpartition("-")[2]
            self.checks.append(DigestCheck(key, digest, "staging-differs", "staging-differs"))
        self.keys |= {key for key in self._staged if _size_of(key) > size}  # others at work
        yield from self._leftovers()

    def _look_ahead(self) -> None:
        """Note a head that goes on from the signed one, and the parts of the log it leads to.

        Raises `ArchiverError` where there is none.
        """
        head, end = Head.decode(fetch(self._archive.store, HEAD) or b""), self._checkpoint.size
        bundle = self._staged.get(head.staging)
        if head.staging not in self._added or bundle is None or head.size <= end:
            return
        entries = self._added[head.staging]
        hashes = [leaf_hash(one) for one in entries]
        before = Frontier.at(end, self._view.read)
        if bundle.frontier != before or bundle.head(before.extend(hashes)) != head:
            return
        read = LogReader(self._archive.store, end)
        parts = [
            *((one.key, data) for one, data in grow_bundles(before, entries, read.bundle)),
            *((tile.key, data) for tile, data in grow_tiles(before, hashes, read.tile)),
        ]
        stored = [(key, data) for key, data in parts if fetch(self._archive.store, key) is not None]
        self.checks += [DigestCheck(k, sha256(d).hexdigest(), "log-tile") for k, d in stored]
        self.keys |= {key for key, _ in stored}
        self.ahead = head

    def _went_in(self, key: str, bundle: Bundle) -> bool:
        """Tell whether what a bundle of that name adds is in the signed log, where it was to be."""
        view, start = self._view, bundle.frontier.size
        if key not in self._added:
            return False
        hashes = [leaf_hash(one) for one in self._added[key]]
        try:
            end = start + len(hashes)
            same = end <= view.size and bundle.frontier == Frontier.at(start, view.read)
        except ArchiverError:
            return False
        return same and hashes == [view.hash_of(at) for at in range(start, end)]

    def _named(self) -> str:
        """Return the key of the bundle that the head, or its own name, says leads there."""
        try:
            return Head.decode(fetch(self._archive.store, HEAD) or b"").staging
        except ArchiverError:
            prefix = f"{STAGING}{self._checkpoint.size}-"
            return next((one.key for one in self._archive.store.list(prefix)), "")

    def _entries(self, bundle: Bundle) -> list[bytes]:
        """Return the entries that a bundle adds. Raises `FormatError`, `IntegrityError`."""
        entries: list[bytes] = []
        for data in bundle.batches:
            batch = open_batch(data, self._archive.identity.keys)
            entries += batch.entries(bundle.frontier.size + len(entries))
        return entries

    def _leads(self, key: str, bundle: Bundle) -> bool:
        """Tell whether a bundle of that name led to the signed head."""
        start, view = bundle.frontier.size, self._view
        if key not in self._added:
            return False
        try:
            same = bundle.frontier == Frontier.at(start, view.read)
            after = Frontier.at(view.size, view.read)
        except ArchiverError:
            return False
        hashes = [view.hash_of(at) for at in range(start, view.size)]
        added = [leaf_hash(one) for one in self._added[key]] == hashes
        return same and added and bundle.head(after).staging == key

    def _leftovers(self) -> Iterator[Finding]:
        """Look at what is in progress: it must be ours, and be what it says."""
        keys, store = self._archive.identity.keys, self._archive.store
        for key, name in self._ours(PENDING):
            try:
                batch = open_batch(store.get(key), keys)
            except MissingObjectError:  # appended meanwhile
                continue
            except ArchiverError as error:
                yield Finding("log-leftover", key, "a batch signed by the archive", str(error))
                continue
            if batch.id != name:
                yield Finding("log-leftover", key, "the batch of that name", batch.id)
        for key, _ in self._ours(REFUSED):
            data = fetch(store, key)
            if data is not None and not _is_marker(data):
                yield Finding("log-leftover", key, "one line of text", "other bytes")

    def _ours(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield key and name of all objects below a prefix whose name is a batch's."""
        for found in self._archive.store.list(prefix):
            name = found.key.removeprefix(prefix)
            if is_ulid(name):
                self.keys.add(found.key)
                yield found.key, name


def dailies(
    archive: Archive,
    signed: CheckpointCheck,
    read: ReadHash,
    first: int,
    sizes: dict[str, int],
) -> Iterator[DailyCheck]:
    """Yield a check for each daily checkpoint that is stored; each notes its size.

    Not a late one: it was signed on another day than it stands for.
    """
    for found in archive.store.list(DAILY):
        name = found.key.removeprefix(DAILY)
        if _is_day(name.removesuffix(LATE)):  # others are named as unknown
            yield DailyCheck(found.key, signed, read, first, {} if name.endswith(LATE) else sizes)


def undated(state: LedgerState, keys: set[str]) -> Iterator[Finding]:
    """Yield each day on which something came into the log and no checkpoint was kept."""
    for day in sorted({body["time"][:10] for _, body in state.controls}):
        # A batch of the last second of a day is signed on the next.
        after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        key = daily_checkpoint_key(day)
        if not {key, late_checkpoint_key(day), daily_checkpoint_key(after)} & keys:
            yield Finding("checkpoint-daily", key, "a checkpoint of that day", "none")


def _staged(archive: Archive) -> Iterator[tuple[str, Bundle]]:
    """Yield the staged bundles that are whole, each under its own name."""
    for found in archive.store.list(STAGING):
        data, size = fetch(archive.store, found.key) or b"", _size_of(found.key)
        with suppress(ArchiverError):
            if found.key == staging_key(size, sha256(data).hexdigest()):
                yield found.key, Bundle.decode(data, found.key)


def _size_of(key: str) -> int:
    """Return the size of the log that a staged bundle leads to, by its key; -1 for none."""
    text = key.removeprefix(STAGING).partition("-")[0]
    return int(text) if text.isdecimal() and len(text) < 20 else -1  # noqa: PLR2004 - digits of 2**63


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
