"""What will be due: a forecast by year or month, and what an adoption would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.ruling import rulings
from archiver.retention.decisions import Adoption, OptIn, Reading
from archiver.retention.due import Engine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.flows.retention import Evaluation
    from archiver.retention.decisions import Decisions
    from archiver.retention.schedule import Pack

__all__ = ["plan", "supposed"]

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
    for one in found.rulings:
        day = one["not_before"]
        if day is not None and day <= until:
            in_force = found.engine.docket.rows[one["series"]].in_force
            span = str(max(day, first))[:letters]
            counts[span, one["series"], one["then"], in_force] += 1
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
    """Return how many records go from which state and series to which."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for old, new in zip(before.rulings, after.rulings, strict=True):
        was, now = (old["state"], old["series"]), (new["state"], new["series"])
        if was != now or old["not_before"] != new["not_before"]:
            counts[(*was, *now)] += 1
    names = ("from_state", "from_series", "to_state", "to_series", "records")
    return [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())]


def supposed(
    archive: Archive,
    found: Evaluation,
    schedules: Collection[str],
    packs: Sequence[Pack],
    decisions: Decisions,
) -> Evaluation:
    """Return the evaluation as it would be if schedules were adopted, opted in to and confirmed.

    Raises `UsageError` for a schedule that is not at hand. Nothing is recorded.
    """
    unknown = sorted(set(schedules) - {one.schedule for one in packs})
    if unknown:
        raise UsageError(
            "there is no such schedule",
            where=", ".join(unknown),
            mend="see `archiver schedule list`",
        )
    old = found.engine
    day = old.as_of - timedelta(days=1)
    moment = datetime.combine(day, time(), UTC) - timedelta(days=1)
    chosen = [one for one in packs if one.schedule in schedules]
    adoptions = [_adoption(one, moment, day) for one in chosen]
    opt_ins = [
        OptIn(
            entry=-1,
            by=(),
            counts=moment,
            schedule=one.schedule,
            version=one.version,
            instrument="supposed",
            effective=day,
        )
        for one in chosen
    ]
    more = replace(
        decisions,
        adoptions=(*decisions.adoptions, *adoptions),
        opt_ins=(*decisions.opt_ins, *opt_ins),
    )
    engine = Engine(packs, more, old.city, old.as_of)
    with archive.engine() as database:
        return replace(found, engine=engine, rulings=rulings(database, engine, found.facts))


def _adoption(pack: Pack, moment: datetime, day: date) -> Adoption:
    return Adoption(
        entry=-1,
        by=(),
        counts=moment,
        schedule=pack.schedule,
        version=pack.version,
        digest=pack.digest,
        authority="supposed",
        instrument="supposed",
        effective=day,
        readings=tuple(Reading(one.id, one.sha256, "", day) for one in pack.sources),
        confirmed=frozenset(row.code for row in pack.rows),
    )
