"""The unsigned head of the log, and the staged bundle that leads to it. Pure.

The head is the one object of a ledger that is swapped by compare-and-swap before anything
else of a step is written. It names the bundle from which whoever comes next can write
the rest again (``docs/formats/ledger.md``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from archiver.errors import FormatError, IntegrityError
from archiver.layout import HEAD, staging_key
from archiver.ledger.tree import Frontier

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
    """What leads from one head to the next: the old frontier, and signed batches in order.

    It holds no entries: who goes on from it admits the batches again, and gets the
    entries that way or not at all.
    """

    frontier: Frontier
    batches: list[bytes]

    def encode(self) -> bytes:
        """Return the stored form."""
        batches = [batch.decode("ascii") for batch in self.batches]
        return json.dumps({"frontier": self.frontier.to_json(), "batches": batches}).encode()

    @classmethod
    def decode(cls, data: bytes, key: str) -> Bundle:
        """Return the bundle that `encode` wrote. Raises `IntegrityError`."""
        try:
            document = json.loads(data)
            batches = [str(text).encode("ascii") for text in document["batches"]]
            bundle = cls(Frontier.from_json(document["frontier"]), batches)
        except (ValueError, KeyError, TypeError, RecursionError, FormatError) as error:
            raise IntegrityError(f"a staged bundle can't be read: {error!r}", where=key) from None
        if bundle.encode() != data:
            raise IntegrityError("a staged bundle is not in its one spelling", where=key)
        return bundle

    def head(self, after: Frontier) -> Head:
        """Return the head that the bundle leads to; ``after`` is the tree with its entries."""
        # By its digest: two ways to one head are two bundles, and each keeps its own key.
        key = staging_key(after.size, sha256(self.encode()).hexdigest())
        return Head(after.size, after.root(), key)
