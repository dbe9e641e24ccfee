"""What will be due: a forecast by year or month, and how two evaluations differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """Return how many records go from which state, series and blockers to which."""
    counts: Counter[tuple[str, ...]] = Counter()
    for old, new in zip(before.rulings, after.rulings, strict=True):
        if old != new:
            counts[(*_told(old), *_told(new))] += 1
    names = [f"{way}_{what}" for way in ("from", "to") for what in ("state", "series", "blockers")]
    return [
        dict(zip((*names, "records"), (*key, count), strict=True))
        for key, count in sorted(counts.items())
    ]


def _told(ruled: Mapping[str, Any]) -> tuple[str, str, str]:
    return ruled["state"], ruled["series"], ", ".join(ruled["blockers"])
