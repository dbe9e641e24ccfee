"""What a superseding seal must have, and when one is admitted. Pure.

A seal of stage ``compact`` puts one new segment in the place of several: the same leaves of
the same account in the same unit, under other names and digests. Its leaves are in the
ledger already, so none is appended. ``docs/formats/ledger.md`` has every member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    Sealed = tuple[Mapping[str, Any], Mapping[str, Any]]
    """A seal, and one of the segments in it."""

__all__ = ["COMPACT", "Refusal", "check_done_part", "check_superseding", "refusal"]

COMPACT = "compact"
_SAME = ("series", "period", "sensitivity")
_DONE_PART = frozenset(("t", "time", "work", "seals"))


class Refusal(NamedTuple):
    """Why a superseding seal is not admitted. ``late``: nor in any longer ledger."""

    why: str
    late: bool = True


def check_superseding(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a seal of this stage has one segment that names others."""
    if {"batch", "lane", "exchanges"} & body.keys():
        raise FormatError("a superseding seal settles nothing")
    if not isinstance(body.get("segments"), list) or len(body["segments"]) != 1:
        raise FormatError("a superseding seal without its one segment")
    (segment,) = body["segments"]
    names = segment.get("supersedes") if isinstance(segment, dict) else None
    texts = isinstance(names, list) and all(isinstance(one, str) for one in names)
    if not texts or not names or names != sorted(set(names)):
        raise FormatError("a superseding segment without the sorted names of those it replaces")
    if not segment.get("leaves"):
        raise FormatError("a superseding segment without leaves")


def refusal(
    body: Mapping[str, Any], sealed: Callable[[str], Sealed | None], superseded: Container[str]
) -> Refusal | None:
    """Return why a superseding seal is not admitted, or None where it is.

    Args:
        body: the seal, its form checked.
        sealed: the seal and segment under a place (``unit/segment``), None for none.
        superseded: places of segments that were superseded before.
    """
    (segment,) = body["segments"]
    unit, leaves = segment["unit"], list[list[int]]()
    if sealed(f"{unit}/{segment['segment']}") is not None:
        return Refusal("a segment of that name is sealed already")
    for name in segment["supersedes"]:
        place = f"{unit}/{name}"
        found = sealed(place)
        if found is None:
            return Refusal("a superseded segment is not in the ledger", late=False)
        seal, old = found
        if place in superseded:
            return Refusal("a segment was superseded before")
        same = seal["account"] == body["account"] and all(old[n] == segment[n] for n in _SAME)
        if not same:
            return Refusal("a superseded segment is of another account, series, month or kind")
        leaves += old["leaves"]
    whole = ranges.union(leaves, [])
    if ranges.count(leaves) != ranges.count(whole) or whole != segment["leaves"]:
        return Refusal("it does not have exactly the leaves of what it supersedes")
    return None


def check_done_part(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an entry says which superseding seals' old files are gone."""
    if body.keys() - {"id"} != _DONE_PART or body["work"] != COMPACT:
        raise FormatError("a part done of no known work, or with other members")
    if not ranges.are_ranges(body["seals"]) or not body["seals"]:
        raise FormatError("a part done of no seals")
