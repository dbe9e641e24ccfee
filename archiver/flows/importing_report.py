"""What an import took, what it did not understand, and what was passed over."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.settled import Counts

__all__ = ["ImportReport"]

MOST_NAMED = 50
"""Members that are named of those that were not understood: the largest."""


class _Papers(Protocol):
    @property
    def told(self) -> Mapping[str, str]: ...
    @property
    def resumed(self) -> bool: ...


@dataclass(slots=True)
class ImportReport:
    """An import. ``again``: when this export was imported before; nothing was done then.

    ``members``: how many have items, are files, or are kept as the rest. ``streams``: what came of
    the items, by stream. ``left``: bytes that nothing claims, by member; they are kept, encrypted.
    ``odd``: what is no plain file and was passed over.
    """

    account: str
    format: str
    file: str
    bytes: int
    sha256: str
    handle: str = ""
    again: str = ""
    resumed: bool = False
    members: dict[str, int] = field(default_factory=lambda: {"items": 0, "file": 0, "rest": 0})
    streams: dict[str, dict[str, int]] = field(default_factory=dict)
    left_bytes: int = 0
    left_by: dict[str, int] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, account: str, importer: str, papers: _Papers) -> ImportReport:
        """Return the report of an import that begins, or goes on."""
        told = papers.told
        size, digest = int(told["bytes"]), told["sha256"]
        return cls(account, importer, told["file"], size, digest, resumed=papers.resumed)

    def member(self, name: str, taken: Mapping[str, int]) -> None:
        """Count a member by what became of it, and the bytes of the rest."""
        del name
        for what in taken:
            self.members[what] += 1

    def left(self, name: str, size: int) -> None:
        """Count bytes of a member that nothing claims."""
        if size:
            self.left_bytes += size
            self.left_by[name] = self.left_by.get(name, 0) + size

    def count(self, counts: Mapping[str, Counts], odd: Mapping[str, str]) -> None:
        """Take in what was settled, and what was passed over."""
        self.odd = dict(odd)
        for stream, one in sorted(counts.items()):
            told = {"new": one.new, "changed": one.changed, "unchanged": one.repeats}
            if any(told.values()):
                self.streams[stream] = told

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        document = asdict(self)
        largest = sorted(self.left_by.items(), key=lambda one: (-one[1], one[0]))
        document["left_by"] = dict(largest[:MOST_NAMED])
        document["left_members"] = len(self.left_by)
        return document
