"""What every batch has to keep to, whoever let it into the log. Pure.

The sequencer admits no other, but whoever has the signing key needs no sequencer: so
verification asks again, entry by entry, as the ledger stood before each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.ledger.batch import Batch
from archiver.ledger.state import LedgerState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Rules"]


@dataclass(slots=True)
class Rules:
    """The entries so far, as far as they bind later ones. ``last``: the batch of the last."""

    state: LedgerState = field(default_factory=LedgerState)
    last: str = ""

    def take(self, index: int, body: Mapping[str, Any]) -> Iterator[str]:
        """Take in the next control entry; yield what it should not have been admitted for."""
        if body["id"] in self.state.sealed and body["id"] != self.last:
            yield "its batch is in the log already"
        if body["t"] == "seal":
            yield from self.state.objections(Batch("", (), (dict(body),)))
        self.state.replay(index, dict(body))
        self.last = body["id"]
