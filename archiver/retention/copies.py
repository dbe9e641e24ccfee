"""Which copies of an archive an order has to be gone of, by the ledger alone. Pure.

A copy is told of before anything is copied into it, so none that has something is left out: not
where no settings name it any more. Two people retire one of which nothing can be asked; to tell
of it again takes that back. The archive itself always counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.ledger.deciding import HERE, check_copy, copy_handle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.registry.deciding import Decided

__all__ = ["Copies", "Retired"]


class Retired(NamedTuple):
    """That a copy was retired: the entry, the commitment to what was said, when it counts."""

    copy: str
    entry: int
    subject: str
    counts: datetime


@dataclass(slots=True)
class Copies:
    """``told``: handle of a copy -> the last entry that told of it.

    ``retirements``: all that were made, in the order of the log; ``overtaken``: entries of those
    that were taken back, as somebody told of the copy again.
    """

    told: dict[str, int] = field(default_factory=dict)
    retirements: list[Retired] = field(default_factory=list)
    overtaken: set[int] = field(default_factory=set)

    def tell(self, entry: int, body: Mapping[str, Any]) -> str:
        """Take in an entry that tells of a copy; return why it counts for nothing, or ""."""
        try:
            check_copy(body)
        except FormatError as error:
            return error.message
        handle = body["copy"]
        self.told[handle] = entry
        self.overtaken.update(one.entry for one in self.retirements if one.copy == handle)
        return ""

    def cleared(self, entry: int, handle: str) -> None:
        """Take in that something is said to be gone of a copy: so there is one."""
        self.told.setdefault(handle, entry)

    def retire(self, one: Decided) -> str:
        """Take in that a copy is retired; return why that counts for nothing, or ""."""
        handle, size = str(one.statement["copy"]), int(one.statement["size"])
        if handle == copy_handle(str(one.statement["archive"]), HERE):
            return "the archive itself is no copy that is retired"
        if handle not in self.told:
            return "nobody told of such a copy"
        if not self.told[handle] < size <= one.entry:
            return "somebody told of the copy since it was signed"
        made = Retired(handle, one.entry, str(one.statement["subject"]), one.counts)
        self.retirements.append(made)
        return ""

    def retired(self, handle: str) -> Retired | None:
        """Return the first retirement of a copy that nothing took back; None where it has none."""
        standing = (one for one in self.retirements if one.entry not in self.overtaken)
        return next((one for one in standing if one.copy == handle), None)

    def asked(self, archive: str, when: datetime) -> set[str]:
        """Return the handles of all that an order has to be gone of at a moment."""
        found = {handle for handle in self.told if not self._over(handle, when)}
        return {*found, copy_handle(archive, HERE)}

    def _over(self, handle: str, when: datetime) -> bool:
        made = self.retired(handle)
        return made is not None and made.counts <= when
