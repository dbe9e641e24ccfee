"""How often a thing is looked at again: often while it is young, ever more rarely later.

Every *look* at a stream says when it began and since which moment everything dated was
looked at (``""``: everything). From the looks that were, `reach` says how far back the next
one has to go. Nothing else is remembered: whoever has the ledger comes to the same plan.

A thing is due again after a quarter of the age that it had at its last look, rounded down to
one of the intervals ``longest``, ``longest / 2``, ``longest / 4`` …, and never later than
``longest``; what was too young for the shortest of them is due in every run. Intervals are
counted in fixed cells of time, each of which holds two of the next shorter ones, so that
what is due rarely is due together with what is due often: a look goes from now back to one
moment and leaves out nothing between. Pure; times are canonical.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["EVERYTHING", "Cadence", "Look", "reach", "steps"]

EVERYTHING = ""
"""The reach of a look at everything: it compares as earlier than any moment."""

AGES = 4
"""A thing is due after this part of its age: a month old, it is looked at each week."""

HALVINGS = 5
"""Times the longest interval is halved: four weeks make 21 hours, a night's run and the next."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Look(NamedTuple):
    """One reading of a stream: when it began, since when everything dated was looked at."""

    began: str
    since: str = EVERYTHING


@dataclass(frozen=True, slots=True)
class Cadence:
    """How rarely at most, and where cells of time begin.

    Args:
        longest: after this everything is looked at, whatever its age.
        phase: moves the cells, so that not all accounts are read whole in the same night.
    """

    longest: timedelta = timedelta(days=28)
    phase: timedelta = timedelta(0)

    def interval(self, age: timedelta) -> timedelta:
        """Return after how long a thing is due again that was so old when it was looked at."""
        return next((one for one in self._intervals() if one * AGES <= age), self._shortest)

    def run_out(self, looked: datetime, now: datetime) -> timedelta:
        """Return the longest interval that has run out since a look; the shortest always has."""
        out = (one for one in self._intervals() if self._cell(looked, one) < self._cell(now, one))
        return next(out, self._shortest)

    @property
    def _shortest(self) -> timedelta:
        return self._halved(HALVINGS)

    def _intervals(self) -> Iterator[timedelta]:
        return map(self._halved, range(HALVINGS + 1))

    def _halved(self, times: int) -> timedelta:
        return self.longest // (1 << times)

    def _cell(self, moment: datetime, interval: timedelta) -> int:
        return (moment - _EPOCH + self.phase) // interval


def steps(looks: Iterable[Look]) -> list[Look]:
    """Return the looks that were the last ones at anything, newest first.

    What is dated since the moment of the first was looked at by it; what is older, but
    since the moment of the second, by that; and so on.
    """
    found: list[Look] = []
    for look in sorted(looks, reverse=True):
        if not found or look.since < found[-1].since:
            found.append(look)
    return found


def reach(looks: Iterable[Look], now: str, cadence: Cadence) -> str:
    """Return since which moment all things must be looked at now, or `EVERYTHING`.

    Looks that began later than ``now`` prove nothing: a clock was wrong.
    """
    last = steps(look for look in looks if look.began <= now)
    if not last or last[-1].since != EVERYTHING:
        return EVERYTHING
    return min(_oldest_due(last, datetime.fromisoformat(now), cadence))


def _oldest_due(last: Sequence[Look], now: datetime, cadence: Cadence) -> list[str]:
    """Return the earliest moment of each step that is due; what is newer than all always is."""
    found = [last[0].began]
    above = ""
    for look in last:
        began = datetime.fromisoformat(look.began)
        interval = cadence.run_out(began, now)
        if interval == cadence.longest:
            found.append(look.since)
        else:
            # All that is due after this interval was younger than where the next one begins.
            moment = canonical_time(began - 2 * AGES * interval)
            if not above or moment < above:
                found.append(max(moment, look.since))
        above = look.since
    return found
