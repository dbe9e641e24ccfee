"""What must hold after every step, held against a second account of the log.

`Watch` is told of every change of the store, of every signature and acknowledgement. It keeps
the log as the checkpoints published it, folds it in a way of its own (sets and dictionaries),
and raises `Violation` at the first step after which one of these does not hold:

- no two signed checkpoints of one size with different roots; each newer extends each older;
- the checkpoint only grows, and the tiles and entries it needs are there, never overwritten;
- nothing acknowledged is lost, no batch, observation or exchange number is there twice;
- objects and keys of a sealed batch, or of one that the head has taken in, are never removed,
  and those of a batch are there, with the right bytes, when it is published;
- a batch leaves ``pending/`` only for the signed log or with a reason left behind;
- each record is in one live segment, and nothing superseded goes before it is verified
  (`tests.sim.compaction`);
- what a process reads as the ledger's state is the fold of the log up to that size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.layout import (
    CHECKPOINT,
    DAILY,
    HEAD,
    PENDING,
    REFUSED,
    STAGING,
    TILES,
    UNITS,
    bundle_key,
    refused_key,
    unit_object_key,
)
from archiver.ledger.checkpoint import Checkpoint
from archiver.ledger.state import LedgerState
from archiver.ledger.tiles import new_bundles, new_tiles, parse_bundle, partial_keys
from archiver.ledger.tree import leaf_hash, pair_up, root
from tests.sim.compaction import Compaction
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["History", "Watch"]

CONTROL = b"\x02"


@dataclass(slots=True)
class History:
    """The published log: its entries' hashes, its fold, and who is in it."""

    hashes: list[bytes] = field(default_factory=list)
    state: LedgerState = field(default_factory=LedgerState)
    batches: dict[str, int] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    numbers: set[tuple[str, str, int]] = field(default_factory=set)
    commitments: set[bytes] = field(default_factory=set)
    roots: dict[int, bytes] = field(default_factory=dict)
    compaction: Compaction = field(default_factory=Compaction)

    def copy(self) -> History:
        """Return one that can go on by itself."""
        return History(
            list(self.hashes),
            self.state.copy(),
            dict(self.batches),
            dict(self.objects),
            set(self.numbers),
            set(self.commitments),
            dict(self.roots),
            self.compaction.copy(),
        )

    def root(self, size: int) -> bytes:
        """Return the root of the first ``size`` entries."""
        if size not in self.roots:
            self.roots[size] = root(self.hashes[:size])
        return self.roots[size]

    def extend(self, entries: list[bytes]) -> dict[str, str]:
        """Take in entries; return the objects they seal. Raises `Violation`."""
        added: dict[str, str] = {}
        before = ""  # the batch of the control entry right before, which may have several
        for at, entry in enumerate(entries, len(self.hashes)):
            if entry[:1] != CONTROL:
                _require(entry not in self.commitments, "an observation is in the log twice")
                self.commitments.add(entry)
                self.compaction.observed[at] = entry
                continue
            body = json.loads(entry[1:])
            new = body["id"] not in self.batches or body["id"] == before
            _require(new, f"batch {body['id']} is in the log twice")
            before = body["id"]
            self.batches[before] = at
            self.compaction.take(at, body)
            if body["t"] == "seal":
                added |= self._seal(body)
        self.hashes += map(leaf_hash, entries)
        self.state.extend(entries)
        self.objects |= added
        return added

    def _seal(self, body: dict[str, Any]) -> dict[str, str]:
        for first, end in body.get("exchanges", []):
            for number in range(first, end):
                one = (body["lane"], body["stage"], number)
                _require(one not in self.numbers, f"an exchange is there twice: {one}")
                intake = (body["lane"], "intake", number)
                settled_first = body["stage"] == "settle" and intake not in self.numbers
                _require(not settled_first, f"an exchange is settled before its intake: {one}")
                self.numbers.add(one)
        return {
            unit_object_key(one["unit"], one["segment"], suffix): digest
            for one in body["segments"]
            for suffix, digest in one["objects"].items()
        }


def _segment(key: str) -> str:
    """Return the segment that a file is of; most often it is called like its batch."""
    return key.rpartition("/")[2].partition(".")[0]


def _require(condition: object, message: str) -> None:
    if not condition:
        raise Violation(message)


class Watch:
    """Looks at every change of one store; ``peek`` looks up an object without a step.

    ``signed`` has each checkpoint that anybody ever signed: size -> root.
    """

    def __init__(self, history: History, origin: str) -> None:
        self.history = history
        self.signed: dict[int, bytes] = {}
        self.acknowledged: set[str] = set()
        self.peek: Callable[[str], bytes | None] = lambda _key: None
        self.quiet = False
        self._origin = origin
        self._unchecked: set[int] = set()
        self._ahead: set[str] = set()
        self._stored: dict[str, int] = {}
        self._taken_back: set[str] = set()
        self._head_size = 0

    def put(self, key: str, data: bytes) -> None:
        """Judge an object that was created or replaced."""
        if key.startswith(UNITS):
            self._stored[_segment(key)] = self._stored.get(_segment(key), 0) + 1
        if self.quiet:
            return
        if key == CHECKPOINT:
            self._publish(_parsed(data))
        elif key == HEAD:
            self._swapped(data)
        elif key.startswith(DAILY):
            self._agree(_parsed(data))

    def replaced(self, key: str) -> None:
        """Judge that an object is about to be overwritten."""
        mutable = key in {HEAD, CHECKPOINT}
        _require(mutable or self.quiet, f"{key} was overwritten")

    def removed(self, key: str) -> None:
        """Judge an object, or the key of one, that was removed."""
        if key.startswith(UNITS):
            self._stored[_segment(key)] = self._stored.get(_segment(key), 0) - 1
        if self.quiet:
            return
        if key.startswith(UNITS):
            may_go = key not in self.history.objects or self.history.compaction.may_go(key)
            _require(may_go, f"an object of a sealed batch went: {key}")
            self.history.compaction.look(self.peek, key)
            _require(key not in self._ahead, f"an object of a batch in the head went: {key}")
        elif key.startswith(TILES):
            _require(not self._needed(key), f"a part of the signed log went: {key}")
        elif key.startswith(PENDING):
            name = key.removeprefix(PENDING)
            told = self.peek(refused_key(name)) is not None
            known = told or name in self.history.batches or name in self._taken_back
            _require(known, f"a batch went nowhere: {name}")
        elif key.startswith(REFUSED):
            # Its worker has read it and removed all files of the batch. A late write may have the
            # network put the batch there once more: it can't be sealed, and anybody may remove it.
            name = key.removeprefix(REFUSED)
            self._taken_back.update([name] if self._stored.get(name, 0) <= 0 else [])
        elif key.startswith(STAGING):
            self._unstaged(key)
        else:
            _require(key not in {HEAD, CHECKPOINT} and not key.startswith(DAILY), f"{key} went")

    def sign(self, message: bytes) -> None:
        """Judge what somebody signs, if it is a checkpoint."""
        if not message.startswith(self._origin.encode()):
            return
        self._agree(Checkpoint.parse(message))

    def acknowledge(self, name: str) -> None:
        """Judge that a worker was told that its batch is sealed."""
        _require(name in self.history.batches, f"acknowledged, but not in the log: {name}")
        self.acknowledged.add(name)

    def read(self, state: LedgerState) -> None:
        """Judge what a process takes for the state of the ledger."""
        size = len(self.history.hashes)
        _require(state.size <= size, "a process has read more than was ever published")
        same = state.frontier.root() == self.history.root(state.size)
        _require(same, "a process has read another log")
        named = {name for name, at in self.history.batches.items() if at < state.size}
        _require(state.sealed == named, "a process takes other batches for sealed")
        _require(state.size < size or state == self.history.state, "a state is no fold of the log")

    def _agree(self, made: Checkpoint) -> None:
        before = self.signed.setdefault(made.size, made.root)
        _require(before == made.root, f"two signed checkpoints of size {made.size}")
        if made.size <= len(self.history.hashes):
            _require(self.history.root(made.size) == made.root, f"{made.size} is of another log")
        else:
            self._unchecked.add(made.size)

    def _publish(self, made: Checkpoint) -> None:
        old = len(self.history.hashes)
        _require(made.size > old, f"the checkpoint went from {old} to {made.size}")
        added = self.history.extend(self._entries(old, made.size))
        _require(self.history.root(made.size) == made.root, "the checkpoint is not of its entries")
        for key, digest in added.items():
            found = self.peek(key)
            whole = found is not None and sha256(found).hexdigest() == digest
            _require(whole, f"published without its object: {key}")
        self.history.compaction.look(self.peek)
        self._agree(made)
        for size in sorted(self._unchecked):
            if size <= made.size:
                same = self.history.root(size) == self.signed[size]
                _require(same, f"a signature for {size} is of another log")
                self._unchecked.discard(size)
        self._check_tiles(old, made.size)
        self._ahead -= added.keys()

    def _entries(self, old: int, size: int) -> list[bytes]:
        entries: list[bytes] = []
        for number in range(old // 256, -(-size // 256)):
            width = min(256, size - number * 256)
            data = self.peek(bundle_key(number, width))
            if data is None:
                raise Violation(f"published without its entries: {bundle_key(number, width)}")
            found = parse_bundle(data)
            _require(len(found) == width, "a bundle of another width")
            entries += found[max(old - number * 256, 0) :]
        return entries

    def _check_tiles(self, old: int, size: int) -> None:
        """Hold the new hash tiles against the second account."""
        level, nodes = 0, self.history.hashes
        for tile in new_tiles(old, size):
            while level < tile.level:
                for _ in range(8):
                    nodes = pair_up(nodes)
                level += 1
            first = tile.number * 256
            expected = b"".join(nodes[first : first + tile.width])
            _require(self.peek(tile.key) == expected, f"published with another tile: {tile.key}")
        _require(all(self.peek(one.key) for one in new_bundles(old, size)), "a bundle is missing")

    def _needed(self, key: str) -> bool:
        size = len(self.history.hashes)
        whole = ".p/" not in key and size
        return bool(whole) or key in partial_keys(size)

    def _swapped(self, data: bytes) -> None:
        """Remember what the head has taken in: from now on it is as good as sealed."""
        document: Mapping[str, Any] = json.loads(data)
        staged = self.peek(document["staging"])
        self._head_size = document["size"]
        self._ahead = set()
        if staged is None:
            _require(self._head_size <= len(self.history.hashes), "a head without its bundle")
            return
        for line in json.loads(staged)["batches"]:
            for body in json.loads(line.partition("\n")[0])["controls"]:
                if body["t"] == "seal":
                    self._ahead |= {
                        unit_object_key(one["unit"], one["segment"], suffix)
                        for one in body["segments"]
                        for suffix in one["objects"]
                    }

    def _unstaged(self, key: str) -> None:
        head = self.peek(HEAD)
        unsigned = head is not None and self._head_size > len(self.history.hashes)
        if head is not None and unsigned:
            _require(json.loads(head)["staging"] != key, "the bundle of an unsigned head went")


def _parsed(note: bytes) -> Checkpoint:
    return Checkpoint.parse(note.partition(b"\n\n")[0] + b"\n")
