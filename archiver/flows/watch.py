"""Watching accounts for a take-over: what was archived since the last look, held against before.

It goes by the ledger, so that it sees what any home captured and what was delivered, and a run
that was killed before it loses no sign: the next one looks from the same place.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.capture.watching import COLUMNS, Watch, Watched
from archiver.flows.connectors import connector
from archiver.flows.finished import finished_at
from archiver.flows.known import known_key
from archiver.flows.ledger import read_state
from archiver.flows.rows import by_leaf, catalog
from archiver.flows.segments import read_table
from archiver.formats.parquet import canonical_time, rows_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.watching import Alarm
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ledger.state import LedgerState, Segment
    from archiver.registry.accounts import Account

__all__ = ["alarms", "look"]

TOLD = timedelta(days=30)
"""How long `archiver status` goes on telling of a sign."""
_MOST = 50
_COLUMNS = frozenset(
    ("stream", "native_id", "kind", "generation_of", "author_id", "roles", "extra", "volatile")
)


def look(archive: Archive, account: Account, report: CaptureReport) -> None:
    """Look at what was sealed for an account since the last time; tell the report of signs.

    Until a run over the account has ended, all that is seen is the beginning that later
    things are held against. Raises `KeyStoreError` where a key is not in this home.
    """
    watch: Watch | None = getattr(connector(account.platform), "watch", None)
    if watch is None:
        return
    state, kept = read_state(archive), _read(archive, account.handle)
    watched = Watched(watch, known_key(archive), kept["seen"])
    found: dict[str, Alarm] = {}
    for row in _rows(archive, state, account.handle, watch, kept["leaf"]):
        for alarm in watched.take(row):
            found.setdefault(alarm.message, alarm)
    now = canonical_time(archive.clock.now())
    signs = sorted(found.values()) if kept["armed"] else []
    told = [_told(one, account.name) for one in signs]
    report.concerns += told
    made = {
        "leaf": state.size,
        "armed": kept["armed"] or finished_at(state, account.handle) is not None,
        "seen": watched.document(),
        "alarms": [*kept["alarms"], *({"at": now, **one} for one in told)][-_MOST:],
    }
    archive.home.write(_name(account.handle), json.dumps(made).encode())


def alarms(archive: Archive, account: Account) -> list[dict[str, str]]:
    """Return the signs of the last 30 days as findings, with the time at which each was told."""
    since = archive.clock.now() - TOLD
    return [
        one
        for one in _read(archive, account.handle)["alarms"]
        if datetime.fromisoformat(one["at"]) >= since
    ]


def _rows(
    archive: Archive, state: LedgerState, handle: str, watch: Watch, leaf: int
) -> Iterator[dict[str, str]]:
    """Yield the rows from a leaf on of the streams that are watched, in ledger order."""
    streams = {str(Stream.PROFILE), *([watch.people.stream] if watch.people else [])}
    streams |= {str(Stream.POSTS)} if watch.client else set()
    segments = [
        one.segment
        for one in catalog(archive, state)
        if one.segment.account == handle and one.stream in streams
        if one.segment.leaves[-1][1] > leaf
    ]

    def read(segment: Segment) -> list[dict[str, str]]:
        return list(rows_of(read_table(archive, segment, _COLUMNS | set(COLUMNS))))

    for place, row in by_leaf(segments, read):
        if place >= leaf:
            yield row


def _told(one: Alarm, name: str) -> dict[str, str]:
    where = f"{name}: {one.what}"
    return {"code": one.code, "message": one.message, "where": where, "mend": one.mend}


def _name(handle: str) -> str:
    return f"watch/{handle}.json"


def _read(archive: Archive, handle: str) -> dict[str, Any]:
    data = archive.home.read(_name(handle))
    empty = {"leaf": 0, "armed": False, "seen": {}, "alarms": []}
    return empty if data is None else dict(json.loads(data))
