"""A forecast as a picture: how many records fall due in each span (`archiver.flows.bars`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows.bars import Kind, bars

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["picture"]

KINDS = (
    Kind("due", "due by a row in force"),
    Kind("would be due", "would be due: the row is not in force"),
)


def picture(told: Mapping[str, Any]) -> bytes:
    """Return the picture of a forecast (`archiver.flows.forecast.plan`): an SVG file."""
    counts: dict[str, list[int]] = {}
    for one in sorted(told["forecast"], key=lambda one: one["span"]):
        row = counts.setdefault(one["span"], [0, 0])
        row[0 if one["in_force"] else 1] += one["records"]
    title = f"Records that fall due from {told['as_of']} to {told['until']}"
    return bars(title, KINDS, counts, "Nothing falls due.")
