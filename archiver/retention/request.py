"""How long a records request keeps what it asks for, by a rule that is data. Pure.

A *law* is an object as ``schemas/holds/`` has them: after which answers which days are waited,
which proceedings keep it open until what. The code knows no state by name. The result is the
first day on which the request keeps nothing any more, or that nobody knows it yet.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["EVENTS", "OPENS", "Answer", "Lapse", "lapse"]

OPENS = frozenset(("received", "review-filed", "suit-filed"))
"""What may only lengthen: one person says so, and it counts at once."""

EVENTS = (*sorted(OPENS), "granted", "partial", "denied", "order", "appeal-over")
"""All that may happen to a request."""


class Answer(NamedTuple):
    """Something that happened to a request, on a day of the city's calendar."""

    name: str
    day: date


class Lapse(NamedTuple):
    """The first day on which a request keeps nothing, None where it is not known; and why."""

    day: date | None
    why: str


def lapse(law: Mapping[str, Any], answers: Iterable[Answer], *, confined: bool) -> Lapse:
    """Return how long a request keeps what it asks for.

    Args:
        law: the rule.
        answers: what happened, in any order.
        confined: whether who asks is committed or incarcerated.

    Raises `FormatError` for a rule that is none.
    """
    told: dict[str, list[date]] = {}
    for one in answers:
        told.setdefault(one.name, []).append(one.day)
    try:
        return _lapse(law, told, confined=confined)
    except (KeyError, TypeError, OverflowError) as error:
        raise FormatError(f"not a rule for requests: {error!r}") from error


def _lapse(law: Mapping[str, Any], told: Mapping[str, Sequence[date]], *, confined: bool) -> Lapse:
    cites = f"({law['citation']})"
    ends: list[tuple[date, str]] = []
    for one in law["proceedings"]:
        if one["opened"] in told:
            over = _over(one, told)
            if over is None:
                return Lapse(None, f"{one['opened']}, and not over yet {cites}")
            ends.append((over, f"{one['opened']} is over"))
    answered = [name for name in map(str, law["answers"]) if name in told]
    if not answered:
        return Lapse(None, f"the request is not answered yet {cites}")
    ends += [(max(told[name]), f"answered ({name})") for name in answered]
    for wait in law["waits"]:
        after = [day for name in wait["after"] for day in told.get(name, ())]
        if after:
            days = wait["days_confined"] if confined else wait["days"]
            ends.append((max(after) + timedelta(days=days), f"{days} days after the last answer"))
    day, why = max(ends)
    return Lapse(day, f"{why}: {day} {cites}")


def _over(proceeding: Mapping[str, Any], told: Mapping[str, Sequence[date]]) -> date | None:
    """Return the day on which a proceeding was over, None where it is not."""
    opened = max(told[proceeding["opened"]])
    closed = [[day for day in told.get(n, ()) if day >= opened] for n in proceeding["closed"]]
    return max(max(days) for days in closed) if all(closed) else None
