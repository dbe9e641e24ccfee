"""What every seal has to keep to, whoever let it into the log. Pure.

The sequencer admits no other, but whoever has the signing key needs no sequencer: so
verification asks again, seal by seal, as the ledger stood before each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.ledger.batch import Batch
from archiver.ledger.state import LedgerState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Rules"]

_ENCRYPTED = ".c256"
_PRIVATE = "private"
_Place = tuple[str, str, str]


@dataclass(slots=True)
class Rules:
    """The entries so far, as far as they bind later ones.

    ``units``: what each unit holds: series, period, sensitivity. ``files``: all that seals
    have named. ``last``: the batch of the last entry.
    """

    state: LedgerState = field(default_factory=LedgerState)
    units: dict[str, _Place] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    last: str = ""

    def take(self, index: int, body: Mapping[str, Any]) -> Iterator[str]:
        """Take in the next control entry; yield what it should not have been admitted for."""
        if body["id"] in self.state.sealed and body["id"] != self.last:
            yield "its batch is in the log already"
        if body["t"] == "seal":
            refusal = self.state.refusal(Batch("", (), (dict(body),)))
            yield from [refusal] if refusal else ()
            for one in body["segments"]:
                yield from self._segment(one)
        self.state.replay(index, dict(body))
        self.last = body["id"]

    def _segment(self, one: Mapping[str, Any]) -> Iterator[str]:
        unit, place = one["unit"], (one["series"], one["period"], one["sensitivity"])
        if self.units.setdefault(unit, place) != place:
            yield "a unit of two series, periods or sensitivities"
        names = {f"{unit}/{one['segment']}.{suffix}" for suffix in one["objects"]}
        if names & self.files:
            yield "files that another seal named"
        self.files |= names
        private = one["sensitivity"] == _PRIVATE
        if any(suffix.endswith(_ENCRYPTED) != private for suffix in one["objects"]):
            yield "private files that are plain, or public ones that are not"
