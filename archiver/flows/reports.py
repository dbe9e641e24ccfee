"""Reports of retention: what the archive holds, what is due, what keeps it, what went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import UsageError
from archiver.flows.custody import custody_of
from archiver.flows.destroyed import destroyed, known_by
from archiver.flows.ledger import read_state
from archiver.flows.record_facts import as_values
from archiver.flows.record_leaves import stored_sizes
from archiver.flows.retention import about, city_of, evaluation, told_day
from archiver.flows.ruling import leaves_of, tables_of
from archiver.ledger import ranges
from archiver.retention.calendar import day_of
from archiver.retention.due import State
from archiver.retention.reporting import HELD, STATEMENTS, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.retention import Evaluation

__all__ = ["report"]


def report(
    archive: Archive, name: str, as_of: str, *, private: bool = False, grace: int = 0
) -> dict[str, Any]:
    """Return a report: what it is about, and ``rows`` (`archiver.retention.reporting.COLUMNS`).

    Of the same archive, day and readable streams it is the same.

    Args:
        archive: where.
        name: which report.
        as_of: ``YYYY-MM-DD`` by the city's calendar, empty for today.
        private: look into encrypted streams too; the look is noted.
        grace: days after its first day on which what is due is overdue.

    Raises `UsageError` for no such report, and for what is no day.
    """
    if name not in set(Report):
        raise UsageError("no such report", where=name, mend=f"reports: {', '.join(Report)}")
    if name == Report.DESTROYED:
        city = city_of(archive.retention)
        day, state = told_day(archive, city, as_of), read_state(archive)
        told = {**about(city, day, state.size), "not_asked": {}, "unfit_packs": []}
        rows = destroyed(archive, state, city, day)
    else:
        found = evaluation(archive, as_of, private=private)
        told, rows = found.about(), _rows(archive, Report(name), found, grace)
    late = grace if name == Report.OVERDUE else None
    return {"report": name, **told, "grace_days": late, "rows": rows}


def _rows(archive: Archive, name: Report, found: Evaluation, grace: int) -> list[dict[str, Any]]:
    """Return the rows of a report that is about records."""
    tables = {
        "fact": _facts(found),
        "leaf": leaves_of(found.facts),
        "settled": pa.table(
            {"as_of": pa.array([found.engine.as_of], pa.date32()), "grace": [grace]}
        ),
    }
    if name == Report.HELD:
        return _held(archive, found, tables)
    if name == Report.HOLDINGS:
        leaves: list[Any] = tables["leaf"]["leaf"].to_pylist()
        own = ranges.from_numbers(sorted(leaves))
        tables["size"] = stored_sizes(archive, read_state(archive), own)
    elif name == Report.AWAITING:
        tables["awaited"] = _awaited(found)
    elif name in (Report.DUE, Report.OVERDUE):
        tables["ordered"] = _ordered(archive, found)
    with archive.engine() as engine:
        return engine.query(tables, STATEMENTS[name], ()).to_pylist()


def _facts(found: Evaluation) -> pa.Table:
    """Return of each record what is known, and what is said of it: both are in one order."""
    names = ("record", "account", "stream", "first_seen", "created")
    said = ("series", "then", "not_before", "blockers", "state")
    columns = [found.facts[name] for name in names] + [found.ruled[name] for name in said]
    return pa.table(columns, names=[*names, *said])


def _awaited(found: Evaluation) -> pa.Table:
    """Return what each record that waits for an event waits for."""
    waiting = found.facts.filter(pc.equal(found.ruled["state"], pa.scalar(str(State.AWAITING))))
    judged = [found.engine.judge(one) for one in as_values(waiting)]
    return pa.table(
        {
            "record": pa.array([one.record for one in judged], pa.string()),
            "awaits": pa.array([list(one.awaits) for one in judged], pa.list_(pa.string())),
        }
    )


def _ordered(archive: Archive, found: Evaluation) -> pa.Table:
    """Return the leaves of orders that had not ended on the day."""
    city, day = found.engine.city, found.engine.as_of
    orders = custody_of(archive, known_by(read_state(archive), city, day)).orders.values()
    standing = [one.leaves for one in orders if one.done is None and one.halted is None]
    whole = ranges.union([pair for leaves in standing for pair in leaves], [])
    names = ("first", "ends")
    return pa.table(
        {
            name: pa.array([pair[place] for pair in whole], pa.int64())
            for place, name in enumerate(names)
        }
    )


def _held(
    archive: Archive, found: Evaluation, tables: Mapping[str, pa.Table]
) -> list[dict[str, Any]]:
    """Return the holds that stand on the day, oldest first, and how much each is on."""
    rules = tables_of(found.engine)
    with archive.engine() as engine:
        counted = engine.query({**rules, **tables}, HELD, ()).to_pylist()
    by_place = {one["place"]: one for one in counted}
    none = {"records": 0, "due": 0}
    return [
        {
            "hold": one.id,
            "kind": str(one.kind),
            "matter": one.matter,
            "placed": str(day_of(one.counts, found.engine.city.zone)),
            "lapses": str(one.lapses) if one.lapses else None,
            **{key: by_place.get(place, none)[key] for key in none},
            "why": one.why,
        }
        for place, one in enumerate(found.engine.holds)
    ]
