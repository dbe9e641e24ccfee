"""What each stored object of an archive has to be: one check for each. Pure.

`archiver verify` builds these from the log and holds every object against its own. All but
a few small ones are held against a digest, which takes their bytes in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from archiver.errors import ArchiverError, FormatError
from archiver.layout import CHECKPOINT, HEAD
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.finding import Finding
from archiver.ledger.head import Head
from archiver.ledger.tiles import parse_bundle
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Iterator, Sequence

    from archiver.ledger.tree import ReadHash

__all__ = [
    "BundleCheck",
    "Check",
    "CheckpointCheck",
    "DailyCheck",
    "DigestCheck",
    "HeadCheck",
]


class Check(Protocol):
    """One object's check. ``key`` is where it is stored."""

    @property
    def key(self) -> str:
        """The object's key."""
        ...

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield what is wrong with the object's bytes."""
        ...

    def missing(self) -> Finding:
        """Return what is said where there is no such object."""
        ...


@dataclass(frozen=True, slots=True)
class DigestCheck:
    """Held against the SHA-256 (hex) of its bytes; ``changed`` and ``gone`` are codes."""

    key: str
    sha256: str
    changed: str = "object-changed"
    gone: str = "object-missing"

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield the finding where the bytes are others."""
        return self.finish(sha256(data))

    def finish(self, taken: HASH) -> Iterator[Finding]:
        """Yield the finding where what a SHA-256 has taken in are other bytes."""
        found = taken.hexdigest()
        if found != self.sha256:
            yield Finding(self.changed, self.key, self.sha256, found)

    def missing(self) -> Finding:
        """Return that it is gone."""
        return Finding(self.gone, self.key, self.sha256, "nothing")


@dataclass(frozen=True, slots=True)
class BundleCheck:
    """A bundle of entries, held against the hashes of their leaves."""

    key: str
    hashes: Sequence[bytes]

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield the finding where the entries are not the leaves' own."""
        expected = f"{len(self.hashes)} entries that hash to their tile"
        try:
            found = [leaf_hash(entry) for entry in parse_bundle(data)]
        except FormatError as error:
            yield Finding("log-entries", self.key, expected, str(error))
            return
        if found != list(self.hashes):
            yield Finding("log-entries", self.key, expected, "others")

    def missing(self) -> Finding:
        """Return that it is gone."""
        return Finding("log-entries", self.key, f"{len(self.hashes)} entries", "nothing")


@dataclass(frozen=True, slots=True)
class CheckpointCheck:
    """The signed head of the log."""

    origin: str
    keys: Sequence[str]
    key: str = CHECKPOINT

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield the finding where no key of the archive signed it for this log."""
        try:
            self.opened(data)
        except ArchiverError as error:
            yield Finding("checkpoint-bad", self.key, "a signed checkpoint", str(error))

    def opened(self, data: bytes) -> Checkpoint:
        """Return the checkpoint. Raises `FormatError`, `IntegrityError`."""
        found = open_checkpoint(data, self.keys)
        signatures = data.rpartition(b"\n\n")[2].splitlines()
        if found.origin != self.origin:
            raise FormatError("the checkpoint of another log", where=found.origin)
        if len(set(signatures)) != len(signatures):
            raise FormatError("a signature stands twice in the checkpoint")
        return found

    def missing(self) -> Finding:
        """Return that it is gone."""
        return Finding("checkpoint-missing", self.key, "a signed checkpoint", "nothing")


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """The first checkpoint of a day, held against the log as ``read`` tells it.

    Of a log shorter than ``first`` its signature alone is looked at. ``sizes`` takes in how
    many entries a whole one has. ``ahead``: size and root of a head that is not signed yet, but
    may be under the day's.
    """

    key: str
    signed: CheckpointCheck
    read: ReadHash
    first: int = 0
    sizes: dict[str, int] = field(default_factory=dict, compare=False)
    ahead: tuple[int, bytes] = (0, b"")

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield the finding where it is not signed, or of another log."""
        try:
            daily = self.signed.opened(data)
            if daily.size < self.first:
                return
            size, next_root = self.ahead
            after = daily.size == size > 0
            root = next_root if after else Frontier.at(daily.size, self.read).root()
        except ArchiverError as error:
            yield Finding("checkpoint-daily", self.key, "a signed checkpoint", str(error))
            return
        if daily.root != root:
            yield Finding("checkpoint-daily", self.key, root.hex(), daily.root.hex())
            return
        self.sizes[self.key] = daily.size

    def missing(self) -> Finding:
        """Return that it is gone."""
        return Finding("checkpoint-daily", self.key, "a checkpoint of that day", "none")


@dataclass(frozen=True, slots=True)
class HeadCheck:
    """The unsigned head: size and root of the signed one, and one of the keys of ``staged``.

    ``staged``: bundles that lead to it. Where none is there, any key will do.
    """

    size: int
    root: bytes
    staged: Sequence[str]
    key: str = HEAD

    def judge(self, data: bytes) -> Iterator[Finding]:
        """Yield the finding where it can't be read or says otherwise."""
        try:
            head = Head.decode(data)
        except ArchiverError as error:
            yield Finding("head-differs", self.key, "a head", str(error))
            return
        if (head.size, head.root) != (self.size, self.root):
            expected = f"{self.size} {self.root.hex()}"
            yield Finding("head-differs", self.key, expected, f"{head.size} {head.root.hex()}")
        elif self.staged and head.staging not in self.staged:
            yield Finding("head-differs", self.key, f"staged as {self.staged[0]}", head.staging)

    def missing(self) -> Finding:
        """Return that it is gone."""
        return Finding("head-missing", self.key, "the head of the log", "none")
