"""Where the segments of a seal may be, and what files they may have. Pure.

One unit is one series, period and sensitivity: it is destroyed, locked and encrypted as a
whole. ``docs/formats/ledger.md`` has the rules; the state of the ledger is asked for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.ledger import ranges
from archiver.limits import MOST_EXCHANGES
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

__all__ = ["Kind", "kind_of", "misplaced", "named_before"]

Kind = tuple[str, str, str]
"""Series, period, sensitivity."""

_ENCRYPTED = ".c256"


def kind_of(segment: Mapping[str, Any]) -> Kind:
    """Return what a unit has to be for a segment to be in it."""
    return segment["series"], segment["period"], segment["sensitivity"]


def misplaced(body: Mapping[str, Any], kinds: Mapping[str, Kind]) -> str:
    """Return what is wrong with a seal whatever else the ledger says, or "".

    ``kinds``: what the units so far are.
    """
    if ranges.count(body.get("exchanges", ())) > MOST_EXCHANGES:
        return "more exchanges than a spool file holds"
    own: dict[str, Kind] = {}
    for one in body["segments"]:
        kind, unit = kind_of(one), one["unit"]
        if (kinds.get(unit) or own.setdefault(unit, kind)) != kind:
            return "a unit of two series, periods or sensitivities"
        private = one["sensitivity"] == Sensitivity.PRIVATE
        if any(suffix.endswith(_ENCRYPTED) != private for suffix in one["objects"]):
            return "private files that are plain, or public ones that are not"
    return ""


def named_before(body: Mapping[str, Any], places: Container[str]) -> str:
    """Return that a seal names a segment that a seal has, or names one twice; else "".

    ``places``: ``unit/segment`` of all that are sealed.
    """
    own = [f"{one['unit']}/{one['segment']}" for one in body["segments"]]
    again = len(set(own)) < len(own) or any(place in places for place in own)
    return "files that another seal named" if again else ""
