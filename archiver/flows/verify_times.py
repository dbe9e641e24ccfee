"""Verifying the times of entries: none may be later than what proves that it was there.

A waiting time counts from the ledger's own times, which are those of whoever seals. So a
clock that is set forward shortens one. That can't be hidden for long: the next daily
checkpoint, cosignature or time-stamp over the entry says an earlier time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from archiver.layout import DAILY, anchor_key
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.finding import Finding
from archiver.registry.people import moment, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.flows.evidence import Evidence
    from archiver.ledger.state import LedgerState

__all__ = ["SKEW", "Seen", "ahead", "days", "outside"]

SKEW = timedelta(hours=1)
"""By how much the clocks of honest machines may differ."""

_LAST = datetime(9999, 1, 1, tzinfo=UTC)
"""As no entry is later, it makes no difference; and an hour can still be added."""


class Seen(NamedTuple):
    """That the first ``size`` entries were there at a time, as an object of that key says."""

    size: int
    time: datetime
    where: str


def days(sizes: Mapping[str, int]) -> Iterator[Seen]:
    """Yield what daily checkpoints say: by the end of its day each was signed.

    ``sizes``: entries under each whole one, by its key.
    """
    for key, size in sizes.items():
        begun = datetime.fromisoformat(key.removeprefix(DAILY)).replace(tzinfo=UTC)
        yield Seen(size, min(begun, _LAST) + timedelta(days=1), key)


def outside(evidence: Evidence, keys: Sequence[str]) -> Iterator[Seen]:
    """Yield what witnesses (by their pinned keys) and time-stamp authorities say."""
    for one in evidence.cosigned:
        for made in cosignatures(one.note, keys):
            told = datetime.fromtimestamp(min(made.time, _LAST.timestamp()), UTC)
            yield Seen(one.anchor.size, told, anchor_key(one.anchor.file))
    sizes = {one.anchor.file: one.anchor.size for one in evidence.cosigned}
    for stamped in evidence.stamps:
        for name in stamped.of:
            if name in sizes:
                yield Seen(sizes[name], stamped.stamp.time, anchor_key(stamped.file))


def ahead(state: LedgerState, seen: Iterable[Seen]) -> Iterator[Finding]:
    """Name entries that are later than the earliest time at which they were there.

    One finding, of the first entry, for all that one object bears witness against.
    """
    left = sorted(seen)
    told: dict[str, Finding] = {}
    least: Seen | None = None
    for index, body in reversed(state.controls):
        while left and left[-1].size > index:
            one = left.pop()
            least = one if least is None or one.time < least.time else least
        if least is not None and moment(body["time"]) > min(least.time, _LAST) + SKEW:
            expected = f"there by {spelled(least.time)}, says {least.where}"
            told[least.where] = Finding("time-ahead", f"entry {index}", expected, body["time"])
    yield from reversed(told.values())
