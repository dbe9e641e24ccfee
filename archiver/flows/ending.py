"""The end of due periods: once no encrypted file is left under them, their own keys go as well.

Nothing new goes into a month that is over: what was sealed in it may be merged, split or read
anew, and all of that rests on what is there. So where nothing is left, nothing can come; a month
whose end another clock may not have seen yet is let be.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from archiver.flows.rows import catalog
from archiver.flows.verified import settlement
from archiver.flows.verify_inventory import keys_of
from archiver.formats.keyfile import due_of
from archiver.layout import UNITS
from archiver.record import Sensitivity, Stream
from archiver.registry.people import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["end_empty", "ended"]

ENDED = "orders/ended.json"
"""Where a home keeps which due periods it ended, and who had their keys to the end."""

COLD = timedelta(days=7)
"""So long a month has to be over: homes whose clocks differ by more are none of ours."""

INTAKE = "intake"
_DUE = re.compile("[0-9a-z]+/[0-9]{4}-(0[1-9]|1[0-2])")
_STREAMS = frozenset((*Stream, INTAKE))


def end_empty(archive: Archive, state: LedgerState) -> None:
    """End the keys of all periods under which nothing is left, and of due periods that have none.

    What they were sealed to is noted before: stopped anywhere, the next run goes on.
    """
    sealed = archive.keys.sealed()
    noted = _noted(archive)
    under_way = {due for due, one in noted.items() if not one["over"]}
    dues = {due_of(one) for one in sealed} | under_way
    cold = {due for due in dues if _DUE.fullmatch(due) and _is_over(due, archive.clock.now())}
    used = _used(archive, state) if cold else {}
    for due in sorted(cold):
        streams = _STREAMS - used.get(due, frozenset())
        mine = {f"{due}/{stream}" for stream in streams} & sealed.keys()
        if mine or due in under_way:
            handles = {one: list(sealed[one]) for one in mine}
            _end(archive, noted, due, handles, streams)


def ended(archive: Archive, dues: Collection[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the periods that ended of some due periods, each with who had its key to the end.

    And in words what may still have it. A period that was made anew has not ended.
    """
    noted, there = _noted(archive), set(archive.keys.periods())
    mine = [noted[due] for due in sorted(noted.keys() & set(dues))]
    periods = {
        name: list(handles)
        for one in mine
        for name, handles in one["periods"].items()
        if name not in there
    }
    words = [f"any copy of the key of {name}, which ended here" for name in periods]
    return periods, [*words, *(text for one in mine for text in one["kept"])]


def _end(
    archive: Archive,
    noted: dict[str, dict[str, Any]],
    due: str,
    handles: Mapping[str, list[str]],
    streams: AbstractSet[str],
) -> None:
    before = noted.get(due, {"periods": {}, "kept": []})
    periods = {**before["periods"], **handles}
    noted[due] = {**before, "periods": periods, "over": False}
    archive.home.write(ENDED, json.dumps(noted).encode())
    kept = archive.keys.end_empty(due, streams).survives
    noted[due] = {"periods": periods, "kept": sorted({*before["kept"], *kept}), "over": True}
    archive.home.write(ENDED, json.dumps(noted).encode())


def _noted(archive: Archive) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(archive.home.read(ENDED) or b"{}")
    return found


def _is_over(due: str, now: datetime) -> bool:
    """Tell whether the month of a due period is over for everybody."""
    year, month = map(int, due.rpartition("/")[2].split("-"))
    after = f"{year + month // 12}-{month % 12 + 1:02}"
    return moment(f"{after}-01T00:00:00.000000Z") + COLD <= now


def _used(archive: Archive, state: LedgerState) -> dict[str, frozenset[str]]:
    """Return by due period the streams of which an encrypted file is left, or may be.

    All streams where a file is needed or stored of which nobody says whether it counts.
    """
    found = defaultdict[str, frozenset[str]](frozenset)
    streams = {one.segment.place: one.stream for one in catalog(archive, state)}
    live = list(_private(state.segments()))
    for one in live:
        stream = streams.get(one.place, INTAKE)
        found[_due(one)] |= {stream} if stream else _STREAMS
    for one in _private(settlement(archive, state).needed):
        found[_due(one)] |= _STREAMS
    units = {unit: f"{series}/{period}" for unit, (series, period, _) in state.kinds.items()}
    known = keys_of(live)
    for stored in archive.store.list(UNITS):
        unit = stored.key.removeprefix(UNITS).partition("/")[0]
        if stored.key not in known and unit in units and stored.key.endswith(".c256"):
            found[units[unit]] |= _STREAMS
    return found


def _private(segments: Iterable[Segment]) -> Iterable[Segment]:
    return (one for one in segments if one.sensitivity == Sensitivity.PRIVATE)


def _due(segment: Segment) -> str:
    return f"{segment.series}/{segment.period}"
