"""What a superseding seal must have, and when one is admitted. Pure.

A seal of stage ``compact`` puts one new segment in the place of several, or, where it splits,
two: the same leaves of the same account in the same unit, under other names and digests. Its
leaves are in the ledger already, so none is appended. ``docs/formats/ledger.md`` has every
member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    Sealed = tuple[Mapping[str, Any], Mapping[str, Any]]
    """A seal, and one of the segments in it."""

__all__ = ["COMPACT", "Refusal", "check_done_part", "check_superseding", "refusal"]

COMPACT = "compact"
MOST = 2
"""New segments: one that merges, or two that split."""
_SAME = ("series", "period", "sensitivity")
_DONE_PART = frozenset(("t", "time", "work", "seals"))


class Refusal(NamedTuple):
    """Why a superseding seal is not admitted. ``late``: nor in any longer ledger."""

    why: str
    late: bool = True


def check_superseding(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a seal of this stage has one segment or two that name others."""
    if {"batch", "lane", "exchanges"} & body.keys():
        raise FormatError("a superseding seal settles nothing")
    made = body.get("segments")
    if not isinstance(made, list) or not 0 < len(made) <= MOST:
        raise FormatError("a superseding seal without its one segment, or two")
    for one in made:
        _check_segment(one)
    if any(one["supersedes"] != made[0]["supersedes"] for one in made):
        raise FormatError("a split whose segments do not replace the same")
    if not made[0].get("leaves") and (len(made) < MOST or len(made[0]["supersedes"]) > 1):
        raise FormatError("a superseding segment without leaves, that is no split")


def _check_segment(segment: object) -> None:
    names = segment.get("supersedes") if isinstance(segment, dict) else None
    texts = isinstance(names, list) and all(isinstance(one, str) for one in names)
    if not isinstance(segment, dict) or not texts or not names or names != sorted(set(names)):
        raise FormatError("a superseding segment without the sorted names of those it replaces")
    if ("lane" in segment) != ("exchanges" in segment):
        raise FormatError("a segment names a lane or exchange numbers, not both")
    if "lane" in segment:
        numbers = segment["exchanges"]
        named = isinstance(segment["lane"], str) and segment["lane"]
        if not named or not ranges.are_ranges(numbers) or not numbers or numbers[0][0] < 1:
            raise FormatError("a part of intake without lane and exchange numbers")


def refusal(
    body: Mapping[str, Any], sealed: Callable[[str], Sealed | None], superseded: Container[str]
) -> Refusal | None:
    """Return why a superseding seal is not admitted, or None where it is.

    Args:
        body: the seal, its form checked.
        sealed: the seal and segment under a place (``unit/segment``), None for none.
        superseded: places of segments that were superseded, or destroyed, before.
    """
    made = body["segments"]
    unit = made[0]["unit"]
    if any(one["unit"] != unit or any(one[n] != made[0][n] for n in _SAME) for one in made):
        return Refusal("it splits into different units")
    names = [one["segment"] for one in made]
    if len(set(names)) < len(names) or any(sealed(f"{unit}/{name}") is not None for name in names):
        return Refusal("a segment of that name is sealed already")
    old: list[Mapping[str, Any]] = []
    for name in made[0]["supersedes"]:
        place = f"{unit}/{name}"
        found = sealed(place)
        if found is None:
            return Refusal("a superseded segment is not in the ledger", late=False)
        seal, one = found
        if place in superseded:
            return Refusal("a segment was superseded before")
        if seal["account"] != body["account"] or any(one[n] != made[0][n] for n in _SAME):
            return Refusal("a superseded segment is of another account, series, month or kind")
        old.append({**{n: seal[n] for n in _INTAKE if n in seal}, **one})
    return _whole(made, old)


_INTAKE = ("stage", "lane", "exchanges")


def _whole(made: Sequence[Mapping[str, Any]], old: Sequence[Mapping[str, Any]]) -> Refusal | None:
    """Tell what is in the new segments and not in the old, or otherwise."""
    if not _same_sets([one["leaves"] for one in made], [one["leaves"] for one in old]):
        return Refusal("it does not have exactly the leaves of what it supersedes")
    if len(made) > 1 and any(one["objects"].keys() != old[0]["objects"].keys() for one in made):
        return Refusal("a part has other files than what was split")
    if any(one["leaves"] for one in old):
        split = len(made) > 1 and not all(one["leaves"] for one in made)
        mixed = not all(one["leaves"] for one in old) or any("lane" in one for one in made)
        return Refusal("a part of it has no leaves, or is of intake") if split or mixed else None
    (before,) = old  # what has no leaves is split alone
    was = before.get("lane", "") if _is_intake(before) else ""
    if any(one.get("lane", "") != was for one in made):
        return Refusal("exchanges of another lane, or of what has none")
    if was and not _same_sets([one["exchanges"] for one in made], [before["exchanges"]]):
        return Refusal("it does not have exactly the exchanges of what it supersedes")
    return None


def _is_intake(segment: Mapping[str, Any]) -> bool:
    """Tell whether a segment holds exchanges: sealed as intake, or a part of one that was."""
    return segment["stage"] == "intake" or (segment["stage"] == COMPACT and "lane" in segment)


def _same_sets(
    new: Sequence[Sequence[Sequence[int]]], old: Sequence[Sequence[Sequence[int]]]
) -> bool:
    """Tell whether sets are disjoint on both sides, and together the same."""
    left, right = ([pair for one in side for pair in one] for side in (new, old))
    whole = ranges.union(left, [])
    disjoint = ranges.count(left) == ranges.count(whole) == ranges.count(right)
    return disjoint and whole == ranges.union(right, [])


def check_done_part(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an entry says which superseding seals' old files are gone."""
    if body.keys() - {"id"} != _DONE_PART or body["work"] != COMPACT:
        raise FormatError("a part done of no known work, or with other members")
    if not ranges.are_ranges(body["seals"]) or not body["seals"]:
        raise FormatError("a part done of no seals")
