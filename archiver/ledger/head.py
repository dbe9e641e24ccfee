"""The unsigned head of the log, and the staged bundle that leads to it. Pure.

The head is the one object of a ledger that is swapped by compare-and-swap before anything
else of a step is written. It names the bundle from which whoever comes next can write
the rest again (``docs/formats/ledger.md``).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import sha256

from archiver.errors import FormatError, IntegrityError
from archiver.layout import HEAD, staging_key
from archiver.ledger.tree import Frontier, leaf_hash

__all__ = ["Bundle", "Head"]


@dataclass(frozen=True, slots=True)
class Head:
    """Size and root of the log, and the key of the staged bundle that leads there."""

    size: int
    root: bytes
    staging: str

    def encode(self) -> bytes:
        """Return the stored form."""
        document = {"size": self.size, "root": self.root.hex(), "staging": self.staging}
        return json.dumps(document).encode()

    @classmethod
    def decode(cls, data: bytes) -> Head:
        """Return the head that `encode` wrote. Raises `IntegrityError`."""
        try:
            document = json.loads(data)
            head = cls(
                int(document["size"]), bytes.fromhex(document["root"]), str(document["staging"])
            )
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
            raise _unreadable(f"{error!r}") from None
        if head.encode() != data:
            raise _unreadable("not in its one spelling")
        return head


def _unreadable(why: str) -> IntegrityError:
    return IntegrityError(
        f"the ledger's head can't be read: {why}",
        where=HEAD,
        mend="find out who changed it, then remove it: it is made again from the checkpoint",
    )


@dataclass(frozen=True, slots=True)
class Bundle:
    """What leads from one head to the next: old frontier, new entries, where batches land.

    ``batches`` maps the id of each batch to the index of its first entry.
    """

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
            batches = {str(name): int(first) for name, first in document["batches"].items()}
            return cls(Frontier.from_json(document["frontier"]), entries, batches)
        except (
            *(ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError),
            FormatError,
        ) as error:
            raise IntegrityError(f"a staged bundle can't be read: {error!r}", where=key) from None

    def head(self) -> Head:
        """Return the head that the bundle leads to."""
        after = self.frontier.extend([leaf_hash(entry) for entry in self.entries])
        # By its digest: two ways to one head are two bundles, and each keeps its own key.
        key = staging_key(after.size, sha256(self.encode()).hexdigest())
        return Head(after.size, after.root(), key)
