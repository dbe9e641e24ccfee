"""Fields that are digests of content, their own record's or another's: which there are. Pure.

A digest confirms a guess: who knows all of a comment but a telephone number finds the
number by trying. So it counts as content of what it is made of, wherever it stands:
connectors declare such fields (`Connector.digests`), and where a word is withheld they
stay closed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Digest
from archiver.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["OURS", "digest_fields", "is_declared", "leaves_of"]

OURS = (Digest(("file_sha256",), "the file itself"),)
"""What the archive computes on every platform."""

ANY = "**"


def is_declared(digests: Sequence[Digest], path: Sequence[str]) -> bool:
    """Tell whether a place in a row is declared: column, then names in its JSON (`leaves_of`)."""
    return any(_fits(one.where, path) for one in (*OURS, *digests))


def _fits(where: Sequence[str], path: Sequence[str]) -> bool:
    """Match names from both ends; ``**`` stands for any number of them, at most once."""
    if ANY not in where:
        return tuple(where) == tuple(path)
    at = where.index(ANY)
    first, last = where[:at], where[at + 1 :]
    long = len(path) >= len(first) + len(last)
    ends = tuple(path[len(path) - len(last) :]) == tuple(last)
    return long and tuple(path[:at]) == tuple(first) and ends


def leaves_of(column: str, value: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text in a column with its place; elements of lists have that of the list."""
    left: list[tuple[tuple[str, ...], Any]] = [((column,), value)]
    if COLUMNS[column].type == "json":
        left = [((column,), json.loads(value))]
    while left:
        path, one = left.pop()
        if isinstance(one, dict):
            left += [((*path, name), member) for name, member in one.items()]
        elif isinstance(one, list):
            left += [(path, member) for member in one]
        else:
            yield path, str(one)


def digest_fields(digests: Sequence[Digest], row: Mapping[str, str]) -> frozenset[str]:
    """Return the fields of a row in which a declared digest stands.

    Of a field whose JSON can't be read nobody knows: it counts as one.
    """
    return frozenset(column for column, value in row.items() if _holds(digests, column, value))


def _holds(digests: Sequence[Digest], column: str, value: str) -> bool:
    try:
        return any(is_declared(digests, path) for path, _ in leaves_of(column, value))
    except (ValueError, RecursionError):
        return True
