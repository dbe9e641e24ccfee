"""The end of due periods in a bucket under whose keys nothing is wrapped any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.perioddir import periods_of
from archiver.formats import keyfile
from archiver.keyring import Shredded

if TYPE_CHECKING:
    from collections.abc import Collection

    from archiver.edges.bucketperiod import ErasingStore, Periods
    from archiver.edges.bucketwraps import Wraps

__all__ = ["end_empty"]


def end_empty(
    store: ErasingStore, periods: Periods, wraps: Wraps, due: str, streams: Collection[str]
) -> Shredded:
    """Destroy the keys of a due period, as `archiver.keyring.KeyStore.end_empty`.

    A place holder counts as a wrap. Who puts one there after that was looked at, and reads the key
    before it goes, has its wrap found when it went: then the key is put back as it was.
    """
    there = set(periods.names())
    kept = [one for one in periods_of(due) if keyfile.period_name(one) in there]
    named = {f"{due}/{name}" for name in streams}
    done = [made for one in kept if one in named and (made := _end(store, periods, wraps, one))]
    return Shredded.together(done, periods.destroy(due) if len(done) == len(kept) else "")


def _end(store: ErasingStore, periods: Periods, wraps: Wraps, period: str) -> Shredded | None:
    """End one period; None where something is wrapped under its key."""
    name = keyfile.period_name(period)
    found = periods.load(name)
    if found is None or any(True for _ in wraps.of_periods([name])):
        return None
    gone = periods.erase(name)
    late = list(wraps.of_periods([name]))
    for one in late:
        if one.pending:
            store.erase(one.key)  # its writer begins again, with the key that there is then
    if any(not one.pending for one in late):
        periods.put(found.document, None)
        return None
    handles, survives = gone or (frozenset[str](), ())
    return Shredded((), (period,), tuple(sorted(handles)), tuple(survives))
