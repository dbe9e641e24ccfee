"""A bucket in memory for key stores, in which others act and processes die at chosen moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.edges.bucketkeys import BucketKeyStore
from archiver.edges.chance import SystemRandomness
from archiver.edges.keks import HomeKeks
from archiver.edges.memory import Fault, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["MemoryBucket", "Moments", "store_in"]


class MemoryBucket(MemoryStore):
    """A store in memory that can be told to forget; ``versioned``: it can't."""

    def erase(self, key: str) -> Sequence[str]:
        """Delete; say which versions are left."""
        self.delete(key)
        left = [one for one in self.versions() if one.key == key and not one.marker]
        return [f"version {one.version} of {key}" for one in left]

    def keeps_versions(self) -> bool:
        """Tell whether it was made so."""
        return self._older is not None

    def bytes(self) -> bytes:
        """Return all that is stored."""
        return b"".join(self._objects.values())

    def names(self) -> list[str]:
        """Return all keys."""
        return list(self._keys)


class Moments:
    """At operation number ``at`` something happens, once: a fault, or what somebody else does."""

    def __init__(self, at: int, event: Fault | Callable[[], Any]) -> None:
        self.at = at
        self.event = event
        self.count = 0
        self.came = False

    def __call__(self, op: str, key: str) -> Fault | None:
        """Count an operation; let the event happen at its moment."""
        del op, key
        if self.came:
            return None
        self.count += 1
        if self.count <= self.at:
            return None
        self.came = True
        if isinstance(self.event, Fault):
            return self.event
        self.event()
        return None


def store_in(bucket: MemoryBucket, folder: Path, **more: Any) -> BucketKeyStore:  # noqa: ANN401 - see the class
    """Return the key store of a home in ``folder``; homes of one folder share what seals."""
    chance = SystemRandomness()
    return BucketKeyStore(bucket, chance, HomeKeks(folder / "keks", chance), **more)
