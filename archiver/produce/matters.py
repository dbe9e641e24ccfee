"""Matters as the ledger has them: a fold over what people decided about them. Pure.

A matter is a request, a case or an audit: records are looked for, tagged and handed over in
volumes whose pages are numbered. What it is about stands in private documents; here are numbers,
and who signed. Numbers go on where the last ended, of volumes as of pages, so none is used twice
and none is left out: of two that are taken at once, the one that is first in the log counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.ledger import ranges
from archiver.registry.deciding import APPROVES, VOLUMES
from archiver.registry.people import Refused
from archiver.retention.signed_set import signed_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from archiver.ledger.ranges import Ranges
    from archiver.registry.deciding import Decided

    Resolve = Callable[[object], Ranges]

__all__ = [
    "CLAW_BACK",
    "REPLACING",
    "Approval",
    "Case",
    "Matters",
    "Pages",
    "Tagging",
    "Volume",
    "common",
    "fold_matters",
]

REPLACING, CLAW_BACK = "export-replacing", "claw-back"
_NO_MATTER = "there is no such matter"
_CLOSED = "the matter is closed"
_OTHER_SET = "its set is not what was signed"


@dataclass(frozen=True, slots=True)
class Tagging:
    """An act that tags records, takes a tag back or notes something: its document says which."""

    entry: int
    subject: str
    by: frozenset[str]
    sealed: datetime
    leaves: Ranges


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval of an export of private records: of exactly these leaves."""

    entry: int
    subject: str
    requester: str
    by: frozenset[str]
    leaves: Ranges


@dataclass(frozen=True, slots=True)
class Pages:
    """Numbers that are reserved: of which series, from the first to the last, both included."""

    entry: int
    subject: str
    series: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: its number, what it is, the one that it takes the place of or asks back."""

    entry: int
    subject: str
    number: int
    act: str
    of: int | None
    by: frozenset[str]
    sealed: datetime
    leaves: Ranges


@dataclass(slots=True)
class Case:
    """One matter. ``closed``: the entry that closed it, None where it is open."""

    handle: str
    entry: int
    subject: str
    by: frozenset[str]
    opened: datetime
    closed: int | None = None
    taggings: list[Tagging] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    pages: list[Pages] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)

    def approval(self, leaves: Ranges) -> Approval | None:
        """Return the latest approval of exactly these leaves."""
        return next((one for one in reversed(self.approvals) if one.leaves == leaves), None)


@dataclass(slots=True)
class Matters:
    """Matters by handle, the last number of each series, and what counts for nothing.

    ``private``: the leaves of private streams, of which nothing goes out without an approval.
    """

    resolve: Resolve
    private: Ranges
    matters: dict[str, Case] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def take(self, one: Decided) -> None:
        """Take in an act that counts; those about something else are passed over."""
        how: dict[str, Callable[[Decided], str]] = {
            "open-matter": self._open,
            "close-matter": self._close,
            "tag": self._tag,
            "bates": self._reserve,
            APPROVES: self._approve,
            **dict.fromkeys(VOLUMES, self._volume),
        }
        why = how[one.act](one) if one.act in how else ""
        if why:
            self.refused.append(Refused(one.entry, why))

    def _open(self, one: Decided) -> str:
        handle = one.statement["matter"]
        if handle in self.matters:
            return "a matter of that handle was opened before"
        self.matters[handle] = Case(handle, one.entry, one.statement["subject"], one.by, one.sealed)
        return ""

    def _case(self, one: Decided, *, closed: bool = False) -> tuple[Case | None, str]:
        """Return the matter of an act, or why there is none; ``closed``: it may be so."""
        case = self.matters.get(one.statement["matter"])
        if case is None:
            return None, _NO_MATTER
        return (None, _CLOSED) if case.closed is not None and not closed else (case, "")

    def _close(self, one: Decided) -> str:
        case, why = self._case(one)
        if case:
            case.closed = one.entry
        return why

    def _tag(self, one: Decided) -> str:
        case, why = self._case(one)
        leaves = signed_leaves(self.resolve, one)
        if case and leaves is not None:
            subject = one.statement["subject"]
            case.taggings.append(Tagging(one.entry, subject, one.by, one.sealed, leaves))
        return why or ("" if leaves is not None else _OTHER_SET)

    def _reserve(self, one: Decided) -> str:
        case, why = self._case(one)
        said = one.statement
        series, first, last = said["series"], int(said["first"]), int(said["last"])
        if case is None:
            return why
        if last < first:
            return "it reserves no numbers"
        if first != self.series.get(series, first - 1) + 1:
            return "it does not begin after the last number that was reserved"
        self.series[series] = last
        case.pages.append(Pages(one.entry, said["subject"], series, first, last))
        return ""

    def _approve(self, one: Decided) -> str:
        case, why = self._case(one)
        leaves = signed_leaves(self.resolve, one)
        if case and leaves is not None:
            told = one.statement["subject"], one.statement["requester"], one.by
            case.approvals.append(Approval(one.entry, *told, leaves))
        return why or ("" if leaves is not None else _OTHER_SET)

    def _volume(self, one: Decided) -> str:
        case, why = self._case(one, closed=one.act == CLAW_BACK)
        leaves = signed_leaves(self.resolve, one)
        why = why or ("" if leaves is not None else _OTHER_SET)
        if case is None or leaves is None:
            return why
        number, of = int(one.statement["volume"]), one.statement.get("of")
        if number != len(case.volumes) + 1:
            return "its number is not the next of the matter"
        if of is not None and not any(
            one.number == int(of) and one.act != CLAW_BACK for one in case.volumes
        ):
            return "the matter has no volume of the number that it is about"
        private = common(leaves, self.private)
        if one.act != CLAW_BACK and private and not case.approval(private):
            return "its private records are not what somebody approved"
        about = None if of is None else int(of)
        subject = one.statement["subject"]
        case.volumes.append(
            Volume(one.entry, subject, number, one.act, about, one.by, one.sealed, leaves)
        )
        return ""


def common(left: Ranges, right: Ranges) -> Ranges:
    """Return what is in both sets."""
    return ranges.minus(left, ranges.minus(left, right))


def fold_matters(resolve: Resolve, private: Ranges, decided: Iterable[Decided]) -> Matters:
    """Return matters as the ledger has them.

    Args:
        resolve: reads a set of leaves; raises `ArchiverError` where it is not there.
        private: all leaves of private streams.
        decided: the acts that count, in the order of the ledger.
    """
    found = Matters(resolve, private)
    for one in decided:
        found.take(one)
    return found
