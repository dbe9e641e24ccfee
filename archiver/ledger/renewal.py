"""Whether old time-stamps still prove something, and which must be renewed. Pure.

A token stands as long as its certificate runs and what it relies on is unbroken, or as
long as a later token stands that was made over it before either ended (RFC 4998 §5.2:
time-stamp renewal). So evidence outlives its algorithms as long as it is renewed in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.ledger.anchor import MOST_STAMPED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from archiver.ledger.timestamp import Stamp

__all__ = ["Dated", "due", "fallen", "proven_since"]


class Dated(NamedTuple):
    """A verified time-stamp: its file, the files under it, what it says."""

    file: str
    of: tuple[str, ...]
    stamp: Stamp


def _sound(stamp: Stamp, at: datetime, broken: Mapping[str, datetime]) -> bool:
    """Tell whether nobody could forge the token at a moment.

    ``broken``: what can be forged, by the names of `Stamp.relies_on`, and since when.
    """
    weak = (broken[name] for name in stamp.relies_on if name in broken)
    return at < stamp.ends and all(at < since for since in weak)


def fallen(stamps: Sequence[Dated], now: datetime, broken: Mapping[str, datetime]) -> list[Dated]:
    """Return the time-stamps that prove nothing any more, in the order given (the log's)."""
    standing: dict[str, datetime] = {}
    lost: list[Dated] = []
    for one in reversed(stamps):
        renewed = standing.get(one.file)
        if _sound(one.stamp, now, broken) or (
            renewed is not None and _sound(one.stamp, renewed, broken)
        ):
            for name in one.of:
                earliest = standing.get(name, one.stamp.time)
                standing[name] = min(earliest, one.stamp.time)
        else:
            lost.append(one)
    return lost[::-1]


def proven_since(
    stamps: Sequence[Dated], file: str, now: datetime, broken: Mapping[str, datetime]
) -> datetime | None:
    """Return the earliest time at which a file is proven to have been there, or None."""
    lost = {one.file for one in fallen(stamps, now, broken)}
    times = [one.stamp.time for one in stamps if file in one.of and one.file not in lost]
    return min(times, default=None)


def due(
    stamps: Sequence[Dated],
    now: datetime,
    margin: timedelta,
    broken: Mapping[str, datetime],
) -> list[tuple[str, ...]]:
    """Return which files to stamp anew, as lists in order: one new time-stamp for each.

    Due is a token that would fall within ``margin`` and that no later, longer-lived one
    covers; with it goes everything that it stamped. What has fallen is not renewed: a new
    stamp can't say since when it was there.
    """
    lost = {one.file for one in fallen(stamps, now, broken)}
    kept = [one for one in stamps if one.file not in lost]
    ageing = fallen(kept, now + margin, broken)
    lists: list[dict[str, None]] = []
    for one in ageing:
        wanted = dict.fromkeys((*one.of, one.file))
        if not lists or len(lists[-1].keys() | wanted.keys()) > MOST_STAMPED:
            lists.append({})
        lists[-1].update(wanted)
    return [tuple(names) for names in lists]
