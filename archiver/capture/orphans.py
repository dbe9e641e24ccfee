"""Parts whose wholes are gone: which of them are still to be asked for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.known import LIVE
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Set as AbstractSet

    from archiver.capture.known import Known, Thing

__all__ = ["Orphans"]


class Orphans:
    """Remembers for which news of a whole its parts were named in this run, and names them once."""

    def __init__(self) -> None:
        self._named: set[tuple[Thing, str]] = set()

    def of(
        self, known: Known, went: AbstractSet[Thing], listed: Collection[str], *, every: bool
    ) -> list[tuple[Thing, Thing]]:
        """Return parts of what went, each with its whole.

        Args:
            known: what is known now.
            went: wholes that went in this run.
            listed: groups that this run has enumerated; they speak for themselves.
            every: also what is left of the parts of what went earlier.
        """
        found = []
        for part, whole in sorted(known.parts(went | known.gone() if every else went).items()):
            ours, theirs = known.get(part), known.get(whole)
            if ours is None or theirs is None or ours.group in listed:
                continue
            owed = whole in went or ours.state in LIVE or theirs.state == Kind.DELETED
            if owed and (part, theirs.observation) not in self._named:
                self._named.add((part, theirs.observation))
                found.append((part, whole))
        return found
