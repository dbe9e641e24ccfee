"""Verifying the ledger itself: checkpoint, entries, tiles.

A damaged part is named, and what it held is taken from the parts that bear it out
(`archiver.ledger.view`), from the last staged bundle, and from what this home kept. What
nobody can tell any more is known to be lost, and no second finding is made of it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, FormatError, UsageError
from archiver.flows.ledger import state_at, trusted_checkpoint
from archiver.flows.ledger_cache import load
from archiver.flows.verify_basis import basis
from archiver.flows.verify_head import HeadAndBundle, dailies, undated
from archiver.flows.verify_objects import fetch, judged
from archiver.layout import ARCHIVE_FILE, CHECKPOINT, HEAD
from archiver.ledger import ranges
from archiver.ledger.checks import BundleCheck, Check, CheckpointCheck, DigestCheck
from archiver.ledger.entry import Control, control, parse
from archiver.ledger.finding import Finding
from archiver.ledger.head import Bundle, Head
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import (
    TILE_WIDTH,
    encode_tile,
    new_bundles,
    new_tiles,
    parse_bundle,
    parse_tile,
)
from archiver.ledger.tree import Frontier
from archiver.ledger.view import LogView, Parts, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint

__all__ = ["LogCheck"]


class LogCheck:
    """Checks the ledger; afterwards ``view`` and ``state`` are what it says.

    ``checkpoint`` is the head everything was held against; where the stored one is no good,
    the best there is besides. ``checks`` are those of all objects of the log, ``keys`` all
    objects that it accounts for. ``days``: entries under each whole daily checkpoint, by key.
    ``anchored``: the log was held against a checkpoint from
    outside of it. ``skipped``: entries before it were verified before, and what they name;
    those before ``first`` were not read.

    Args:
        archive: whose.
        since: a checkpoint up to which everything was verified before; None: nothing was.
    """

    def __init__(self, archive: Archive, since: Checkpoint | None = None) -> None:
        self._archive = archive
        self._since = since
        self._signed = CheckpointCheck(archive.identity.origin, archive.identity.keys)
        self._bad: list[int] = []
        self._lost: ranges.Ranges | None = None
        self.checkpoint: Checkpoint | None = None
        self.view = LogView(Parts({}, {}), [], 0, Frontier.empty().root())
        self.state = LedgerState()
        self.checks: dict[str, Check] = {}
        self.keys: set[str] = {ARCHIVE_FILE, HEAD, CHECKPOINT}
        self.days: dict[str, int] = {}
        self.anchored = False
        self.first = 0
        self.skipped = 0

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with the ledger."""
        seen = trusted_checkpoint(self._archive)
        self.anchored = (seen or self._since) is not None
        self.checkpoint, wrong = basis(self._archive, self._signed, seen, self.view.read)
        yield from wrong
        if self.checkpoint is None:
            return
        if self._since is not None and not self._goes_on(self._since):
            self.first = 0
        if not self.first:
            self._read(self.checkpoint)
        if seen is not None and seen.size > self.checkpoint.size:
            yield from self._extends(seen)
            self._replayed(seen)
        head = HeadAndBundle(self._archive, self.checkpoint, self.view)
        for index, entry in head.entries():
            self.view.offer(index, entry)
        yield from self._fold()
        yield from self._parts()
        if seen is not None and seen.size <= self.checkpoint.size:
            yield from self._extends(seen)
        wrong = list(self._extends(self._since))
        yield from wrong
        if self._since is not None and self.view.led and not wrong:
            self.skipped = self._since.size
        yield from self._small(head)
        yield from self._identity()

    def _small(self, head: HeadAndBundle) -> Iterator[Finding]:
        """Check head, staged bundle and daily checkpoints; note what else is in progress."""
        yield from head.findings()
        self.keys |= head.keys
        daily = dailies(self._archive, self._signed, self.view.read, self.first, self.days)
        ahead = (head.ahead.size, head.ahead.root) if head.ahead else (0, b"")
        for check in (*head.checks, *(replace(one, ahead=ahead) for one in daily)):
            self.keys.add(check.key)
            self.checks[check.key] = check
            yield from judged(self._archive.store, check)
        self.checks[CHECKPOINT] = self._signed
        if self.complete():
            yield from undated(self.state, self.keys)

    def complete(self) -> bool:
        """Tell whether every entry is read, or is known to be the leaf of a record."""
        lost = self._unread()
        if not lost:
            return True
        claimed = [pair for segment in self.state.segments() for pair in segment.leaves]
        return not ranges.minus(lost, ranges.union(claimed, []))

    def observations(self) -> ranges.Ranges:
        """Return the leaves of records, as far as entries can be read."""
        whole = [[0, self.view.size]] if self.view.size else []
        others = ranges.from_numbers([*(index for index, _ in self.state.controls), *self._bad])
        return ranges.minus(ranges.minus(whole, others), self._unread())

    def hash_of(self, leaf: int) -> bytes | None:
        """Return the hash of a leaf, or None where there is none, or nobody can tell."""
        return self.view.hash_of(leaf) if leaf < self.view.size else None

    def lost(self) -> ranges.Ranges:
        """Return the entries that can't be read, by whatever way."""
        return ranges.union(self._unread(), ranges.from_numbers(self._bad))

    def _unread(self) -> ranges.Ranges:
        if self._lost is None:
            self._lost = self.view.lost(self.first)
        return self._lost

    def _replayed(self, seen: Checkpoint) -> None:
        """Go on with a later head that was seen, where the parts of the log still lead to it."""
        view, stored = self.view, self.checkpoint
        self._read(seen)
        self.checkpoint = seen
        if not self.view.led:
            self.view, self.checkpoint = view, stored

    def _goes_on(self, since: Checkpoint) -> bool:
        """Read what came after an earlier checkpoint; tell whether that was enough."""
        now = self.checkpoint
        begun = self._begun()
        self.first = min(since.size, begun) // TILE_WIDTH * TILE_WIDTH
        if now is None or not self.first <= since.size <= now.size or not self.first:
            return False
        self._read(now)
        try:
            state = state_at(self._archive, now.size, now.root) if self.view.led else None
        except ArchiverError:
            return False
        self.state = state or self.state
        return state is not None

    def _begun(self) -> int:
        """Return at which size the last staged bundle begins: what it added is read again."""
        with suppress(ArchiverError):
            key = Head.decode(fetch(self._archive.store, HEAD) or b"").staging
            return Bundle.decode(fetch(self._archive.store, key) or b"", key).frontier.size
        return 0

    def _read(self, checkpoint: Checkpoint) -> None:
        """Read bundles and tiles, and find out how they lead to a head."""
        size, reader = checkpoint.size, LogReader(self._archive.store, checkpoint.size)
        bundles: dict[int, list[bytes]] = {}
        tiles: dict[tuple[int, int], list[bytes]] = {}
        start = self.first // TILE_WIDTH
        for bundle in new_bundles(0, size):
            if bundle.number >= start:
                with suppress(ArchiverError):
                    bundles[bundle.number] = parse_bundle(reader.bundle(*bundle))
        for tile in new_tiles(0, size):
            if tile.level or tile.number >= start:
                with suppress(ArchiverError):
                    tiles[tile[:2]] = parse_tile(reader.tile(*tile))[: tile.width]
        self.view = resolve(Parts(bundles, tiles), size, checkpoint.root)

    def _parts(self) -> Iterator[Finding]:
        """Hold every bundle and tile against what the log says it is."""
        view, checkpoint = self.view, self.checkpoint
        if checkpoint is not None and not view.led:
            found = view.root.hex() if view.root else "parts of it are missing"
            yield Finding("log-root", CHECKPOINT, checkpoint.root.hex(), found)
        start = self.first // TILE_WIDTH
        for bundle in new_bundles(0, view.size):
            self.keys.add(bundle.key)
            if bundle.number >= start:
                yield from self._part(BundleCheck(bundle.key, view.told(bundle.number)))
        for tile in new_tiles(0, view.size):
            self.keys.add(tile.key)
            if tile.level or tile.number >= start:
                hashes = view.expected(tile)
                digest = sha256(encode_tile(hashes)).hexdigest() if hashes else ""
                yield from self._part(DigestCheck(tile.key, digest, "log-tile", "log-tile"))

    def _part(self, check: Check) -> Iterator[Finding]:
        """Hold one part against its check, unless it was collected as the log grew."""
        self.checks[check.key] = check
        for finding in judged(self._archive.store, check):
            if finding != check.missing() or not self._grew():
                yield finding

    def _grew(self) -> bool:
        """Tell whether the log has grown meanwhile, so that partial parts gave way."""
        stored = fetch(self._archive.store, CHECKPOINT)
        with suppress(ArchiverError):
            now = self._signed.opened(stored or b"")
            return self.checkpoint is not None and now.size > self.checkpoint.size
        return False

    def _fold(self) -> Iterator[Finding]:
        """Take in all entries; one that can't be read is named and left out."""
        if self.first:  # folded already, from entries that lead to the signed root
            return
        self._remembered()
        for index, data in enumerate(self.view.entries):
            try:
                parsed = parse(data) if data is not None else b""
                if isinstance(parsed, Control):
                    self.state.replay(index, parsed.body)
            except FormatError as error:
                self._bad.append(index)
                yield Finding("log-entry", f"entry {index}", "a ledger entry", str(error))
        if self.view.led:
            self.state.frontier = Frontier.at(self.view.size, self.view.read)

    def _remembered(self) -> None:
        """Offer what this home kept of the ledger: it is taken where it hashes to its leaf."""
        if self.view.lost():
            for index, body in load(self._archive.home, self.view.size).state.controls:
                with suppress(FormatError):
                    self.view.offer(index, control(body))

    def _extends(self, older: Checkpoint | None) -> Iterator[Finding]:
        """Hold the log against a checkpoint that was seen before."""
        now = self.checkpoint
        if older is None or now is None:
            return
        expected = f"extends {older.size} entries"
        if older.size > now.size:
            yield Finding("log-history", CHECKPOINT, expected, f"{now.size} entries")
            return
        with suppress(UsageError):  # lost parts tell nothing, and are named
            root = Frontier.at(older.size, self.view.read).root()
            if self.view.led and root != older.root:
                yield Finding("log-history", CHECKPOINT, expected, f"another root: {root.hex()}")

    def _identity(self) -> Iterator[Finding]:
        """Hold ``archive.json`` against the ledger's first entry, which covers it."""
        if self.lost()[:1] and self.lost()[0][0] == 0:
            return
        roles = [body for _, body in self.state.controls if body["t"] == "role"]
        document = roles[0].get("document", "") if roles else "a first role entry"
        check = DigestCheck(ARCHIVE_FILE, str(document), "archive-json", "archive-json")
        self.checks[ARCHIVE_FILE] = check
        yield from judged(self._archive.store, check)
