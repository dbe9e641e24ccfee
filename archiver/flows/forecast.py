"""What will be due: a forecast by year or month, and how two evaluations differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from archiver.flows.retention import Evaluation

__all__ = ["plan"]

MOST_MONTHS = 36
"""A forecast of more months than this is told by years."""


def plan(found: Evaluation, until: date, *, before: Evaluation | None = None) -> dict[str, Any]:
    """Return how many records fall due when, and how that differs from another evaluation.

    ``until``: the last day of the forecast. What is due already is told in its first span.
    Raises `UsageError` for a forecast that ends before it begins.
    """
    first = found.engine.as_of
    if until < first:
        raise UsageError(
            "the forecast ends before it begins", where=f"{until}", mend="give --until a later day"
        )
    months = (until.year - first.year) * 12 + until.month - first.month
    letters = len("2026") if months > MOST_MONTHS else len("2026-11")
    counts: Counter[tuple[str, str, str, bool]] = Counter()
    for kind, day, records in found.ruling.days():
        if day <= until:
            in_force = found.engine.docket.rows[kind.series].in_force
            span = str(max(day, first))[:letters]
            counts[span, kind.series, kind.then, in_force] += records
    names = ("span", "series", "then", "in_force", "records")
    return {
        **found.about(),
        "until": str(until),
        "forecast": [
            dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())
        ],
        "changes": [] if before is None else _changes(before, found),
    }


def _changes(before: Evaluation, after: Evaluation) -> list[dict[str, Any]]:
    """Return how many records go from which state, series and blockers to which."""
    told = {
        f"{way}_{name}": column
        for way, one in (("from", before.ruled), ("to", after.ruled))
        for name, column in _told(one).items()
    }
    both = pa.table(list(told.values()), names=list(told))
    same = [pc.equal(both[f"from_{name}"], both[f"to_{name}"]) for name in _told(before.ruled)]
    changed = both.filter(pc.invert(pc.and_(pc.and_(same[0], same[1]), pc.and_(same[2], same[3]))))
    names = [f"{way}_{what}" for way in ("from", "to") for what in ("state", "series", "blockers")]
    counted = changed.group_by(names).aggregate([([], "count_all")]).to_pylist()
    return sorted(
        ({**{name: one[name] for name in names}, "records": one["count_all"]} for one in counted),
        key=lambda one: tuple(one[name] for name in names),
    )


def _told(ruled: pa.Table) -> dict[str, Any]:
    days: Any = ruled["not_before"].cast(pa.string())
    return {
        "state": ruled["state"],
        "series": ruled["series"],
        "blockers": pc.binary_join(ruled["blockers"], ", "),
        "day": days.fill_null(""),
    }
