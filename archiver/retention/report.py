"""What the execution of an order saw: the copies, the keys, what survives. Pure.

The ledger says which leaves are gone of which copy, and no more. The rest is kept in the home
that executed the order, from where its certificate (`archiver.retention.certificate`) has it.
"""

from __future__ import annotations

import msgspec

from archiver.errors import FormatError
from archiver.ledger.entry import is_time
from archiver.ledger.registrations import HANDLE
from archiver.retention.closed import Closed

__all__ = ["CopyReport", "Report", "Surviving", "report_name"]


class CopyReport(Closed, frozen=True):
    """One copy: its name in the settings, its handle in the ledger, where it is in words.

    ``removed``: objects that were erased there. ``locked``: objects that its store keeps yet.
    ``checked_at``: when it was listed last, as a canonical time.
    """

    name: str
    handle: str
    place: str
    removed: int
    locked: int
    checked_at: str

    def __post_init__(self) -> None:
        """Refuse what the ledger could not say of a copy, or nobody can have counted."""
        if not HANDLE.fullmatch(self.handle) or not is_time(self.checked_at):
            raise ValueError("a copy without handle, or not looked at")
        if min(self.removed, self.locked) < 0:
            raise ValueError("less than none was removed, or locked")


class Surviving(Closed, frozen=True):
    """What still opens what was destroyed, or still is: `archiver.flows.shredding.Survivors`."""

    wraps: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()


class Report(Closed, frozen=True):
    """What was done for an order.

    ``shredded``: how many files' keys went. ``also``: ids of records that stay, in which some
    of it also occurs. ``residue``: parts of answers that no parser claims and that went or
    stay with it, in words without content.
    """

    copies: tuple[CopyReport, ...]
    shredded: int
    survivors: Surviving = Surviving()
    also: tuple[str, ...] = ()
    residue: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts of less than none, and a copy that is there twice."""
        if self.shredded < 0:
            raise ValueError("less than no key was shredded")
        if len({one.handle for one in self.copies}) != len(self.copies):
            raise ValueError("a copy is there twice")

    def encode(self) -> bytes:
        """Return the file, the same bytes for the same report."""
        return msgspec.json.encode(self, order="deterministic") + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> Report:
        """Return the report that `encode` wrote. Raises `FormatError` for anything else."""
        try:
            return msgspec.json.decode(data, type=cls)
        except msgspec.DecodeError as error:
            raise FormatError(
                f"not a report of what was destroyed: {error}",
                mend="take the one that execution wrote; do not edit it",
            ) from error


def report_name(order: str) -> str:
    """Return the name that an order's report has in the home."""
    return f"orders/{order}/report.json"
