"""A store in memory, whose failures are chosen by the test that uses it.

A simulation of crashes needs a store that loses a write, applies one and reports an
error, kills its caller, or lists what was true a moment ago, each at the instant the
test names and the same on every run.
"""

from __future__ import annotations

import io
from bisect import bisect_left, insort
from enum import StrEnum
from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from archiver.edges.storekeys import check_key, check_prefix, clash
from archiver.edges.storeprobe import preflight
from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError, StoreError
from archiver.ports import ObjectVersion, StoredObject, Versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from archiver.ports import Check

__all__ = ["Fault", "Faults", "Killed", "MemoryStore"]

_CHUNK = 1 << 20  # bytes read from a source at a time
_T = TypeVar("_T")


class Fault(StrEnum):
    """What goes wrong with one operation."""

    LOST = "lost"  # not applied; the caller gets a `StoreError`
    APPLIED_THEN_ERROR = "applied-then-error"  # applied; the caller gets a `StoreError`
    KILL_BEFORE = "kill-before"  # not applied; the caller dies
    KILL_AFTER = "kill-after"  # applied; the caller dies
    STALE_LIST = "stale-list"  # a listing as it was before the latest write or delete
    SHORT = "short"  # what is read breaks off, and nobody notices


class Killed(BaseException):
    """Raised where a simulated process dies: no ``except Exception`` may survive it."""


class Faults(Protocol):
    """Decides what goes wrong with operation ``op`` (a method's name) on ``key``."""

    def __call__(self, op: str, key: str) -> Fault | None:
        """Return the fault to suffer, or None."""
        ...


def _error(op: str, key: str) -> StoreError:
    return StoreError(
        f"the connection was lost during {op}",
        where=key,
        mend="it may or may not have been done: run the same command again",
        code="store-uncertain",
    )


def _no_faults(op: str, key: str) -> Fault | None:
    del op, key
    return None


class MemoryStore:
    """A store for tests, for any number of threads.

    Implements `archiver.ports.Store`. The version token is the SHA-256 of the content.

    Args:
        faults: asked once before every operation; ``list`` is asked with its prefix.
        versioned: keep what is replaced or deleted, as a versioned bucket does.

    ``locked``: keys whose versions `erase` may not remove, as under a bucket's lock.
    ``until``: by key, the end of the lock that was asked for; None: this store is not to lock.
    ``held``: keys with a legal hold.
    """

    def __init__(self, faults: Faults = _no_faults, *, versioned: bool = False) -> None:
        self.faults = faults
        self._older: list[ObjectVersion] | None = [] if versioned else None
        self._objects: dict[str, bytes] = {}
        self._keys: list[str] = []  # sorted; keys are ASCII, so text order is byte order
        self._undo: tuple[str, bytes | None] | None = None  # what the latest change replaced
        self.locked: set[str] = set()
        self.until: dict[str, datetime] | None = None
        self.held: set[str] = set()
        self._lock = RLock()

    def describe(self) -> str:
        """Return that this store is in memory."""
        return "memory"

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises `MissingObjectError`."""
        return self._suffer("get", key, lambda fault: self._cut(self._find(key), fault))

    def open(self, key: str) -> BinaryIO:
        """Open the object for reading. Raises `MissingObjectError`."""
        return self._suffer(
            "open", key, lambda fault: io.BytesIO(self._cut(self._find(key), fault))
        )

    def create(self, key: str, data: bytes | BinaryIO) -> None:
        """Store a new object. Raises `AlreadyExistsError`."""
        chunks = (data,) if isinstance(data, bytes) else iter(lambda: data.read(_CHUNK), b"")
        content = b"".join(chunks)
        self._suffer("create", key, lambda _: self._create(key, content))

    def load(self, key: str) -> Versioned | None:
        """Return a mutable object with its version token, or None."""
        return self._suffer("load", key, lambda fault: self._load(key, fault))

    def swap(self, key: str, data: bytes, expected: str | None) -> str:
        """Replace an object whose version is still ``expected``. Raises `ConflictError`."""
        return self._suffer("swap", key, lambda _: self._swap(key, data, expected))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with ``prefix``, in byte order of keys."""
        check_prefix(prefix)
        return iter(self._suffer("list", prefix, lambda fault: self._list(prefix, fault)))

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield older versions and delete markers, oldest first."""
        with self._lock:
            return iter(list(self._older or ()))

    def delete(self, key: str) -> None:
        """Remove an object. Removing one that is not there is no error."""
        self._suffer("delete", key, lambda _: self._delete(key))

    def erase(self, key: str) -> Sequence[str]:
        """Remove an object with its versions and markers, unless it is in ``locked``."""
        return self._suffer("delete", key, lambda _: self._erase(key))

    def lock(self, key: str, until: datetime, *, held: bool | None) -> datetime | None:
        """Note a lock in ``until`` and a hold in ``held``; nothing here keeps to them."""
        if self.until is None:
            return None
        end = self._suffer("lock", key, lambda _: self._lock_until(key, until))
        if held is not None:
            (self.held.add if held else self.held.discard)(key)
        return end

    def sweep(self) -> int:
        """Return 0: a write here leaves nothing half-done."""
        return 0

    def preflight(self) -> Sequence[Check]:
        """Prove by trying what this store enforces (`archiver.edges.storeprobe`)."""
        return preflight(self)

    def _suffer(self, op: str, key: str, act: Callable[[Fault | None], _T]) -> _T:
        """Do ``act(fault)`` under the lock, with what the test wants to go wrong."""
        if op != "list":
            check_key(key)
        fault = self.faults(op, key)
        if fault is Fault.KILL_BEFORE:
            raise Killed(f"killed before {op} {key}")
        if fault is Fault.LOST:
            raise _error(op, key)
        with self._lock:
            result = act(fault)
        if fault is Fault.KILL_AFTER:
            raise Killed(f"killed after {op} {key}")
        if fault is Fault.APPLIED_THEN_ERROR:
            raise _error(op, key)
        return result

    def _find(self, key: str) -> bytes:
        if key not in self._objects:
            raise MissingObjectError("no such object", where=key, mend="run `archiver verify`")
        return self._objects[key]

    def _create(self, key: str, content: bytes) -> None:
        if key in self._objects:
            raise AlreadyExistsError("an object is stored under this key already", where=key)
        self._put(key, content)

    @staticmethod
    def _cut(data: bytes, fault: Fault | None) -> bytes:
        return data[: len(data) // 2] if fault is Fault.SHORT else data

    def _load(self, key: str, fault: Fault | None = None) -> Versioned | None:
        data = self._objects.get(key)
        if data is None:
            return None
        return Versioned(self._cut(data, fault), sha256(data).hexdigest())

    def _swap(self, key: str, data: bytes, expected: str | None) -> str:
        found = self._load(key)
        if (found.version if found else None) != expected:
            raise ConflictError("the object is not the expected version", where=key)
        self._put(key, data)
        return sha256(data).hexdigest()

    def _put(self, key: str, content: bytes) -> None:
        if key not in self._objects:
            self._refuse_clash(key)
            insort(self._keys, key)
        self._undo = (key, self._objects.get(key))
        self._keep(key, marker=False)
        self._objects[key] = content

    def _keep(self, key: str, *, marker: bool) -> None:
        """Keep what is under a key as an older version, if this store has versions."""
        if self._older is None or key not in self._objects:
            return
        version = str(len(self._older))
        size = len(self._objects[key])
        self._older.append(ObjectVersion(key, size, version, latest=False, marker=False))
        if marker:
            version = str(len(self._older))
            self._older.append(ObjectVersion(key, 0, version, latest=True, marker=True))

    def _refuse_clash(self, key: str) -> None:
        """Refuse what a folder cannot hold: a name that is a file and a folder at once."""
        parts = key.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        if any(folder in self._objects for folder in folders) or self._under(key + "/"):
            raise clash(key)

    def _under(self, prefix: str) -> Sequence[str]:
        start = bisect_left(self._keys, prefix)
        end = bisect_left(self._keys, prefix + "\x7f", lo=start)  # beyond any key's bytes
        return self._keys[start:end]

    def _delete(self, key: str) -> None:
        if key in self._objects:
            self._keep(key, marker=True)
            self._undo = (key, self._objects.pop(key))
            del self._keys[bisect_left(self._keys, key)]

    def _erase(self, key: str) -> Sequence[str]:
        if key in self.locked:
            return (f"{key}: locked",)
        self._delete(key)
        if self._older is not None:
            self._older = [one for one in self._older if one.key != key]
        return ()

    def _lock_until(self, key: str, until: datetime) -> datetime | None:
        self._find(key)
        ends = self.until if self.until is not None else {}
        ends[key] = max(until, ends.get(key, until))
        return ends[key]

    def _list(self, prefix: str, fault: Fault | None) -> Sequence[StoredObject]:
        sizes = {key: len(self._objects[key]) for key in self._under(prefix)}
        if fault is Fault.STALE_LIST and self._undo and self._undo[0].startswith(prefix):
            key, before = self._undo
            sizes.pop(key, None)
            if before is not None:
                sizes[key] = len(before)
        return [StoredObject(key, sizes[key]) for key in sorted(sizes)]
