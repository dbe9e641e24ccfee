"""Why a query is refused: where in it, and what to write instead. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Stretch", "ambiguous", "cut", "refused"]

Stretch = tuple[int, int]
"""Where something stands in a query: its first character, and the one after its last."""


def refused(query: str, at: int, why: str, mend: str, code: str = "query-syntax") -> UsageError:
    """Return a refusal that shows the place in a query."""
    return UsageError(why, where=f"{query}\n{' ' * at}^", code=code, mend=mend)


def ambiguous(query: str, at: int, why: str, readings: Iterable[str]) -> UsageError:
    """Return a refusal of what can be read in two ways, with both."""
    mend = "write what you mean: " + "   or   ".join(dict.fromkeys(readings))
    return refused(query, at, why, mend, "query-ambiguous")


def cut(query: str, changes: Iterable[tuple[Stretch, str]]) -> str:
    """Return a query with other text at some places, which don't overlap."""
    for (start, end), text in sorted(changes, reverse=True):
        query = query[:start] + text + query[end:]
    return query
