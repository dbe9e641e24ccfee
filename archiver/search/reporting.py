"""Reports of terms: what is counted for each term of a query. Pure.

A term is a word, a phrase, or passages near each other, as far as the signs AND, OR and NOT part
them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archiver.search.syntax import And, Near, Not, Or, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.search.syntax import Node

__all__ = ["Counted", "counted", "reported"]


class Counted(NamedTuple):
    """Records that a term finds: how many, with their families, and that no other term finds."""

    records: int
    family: int
    unique: int


def reported(node: Node) -> tuple[Node, ...]:
    """Return the terms of a tree, each once, in the order in which they are asked."""
    return tuple(dict.fromkeys(_terms(node)))


def _terms(node: Node) -> Iterator[Node]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)
        case Phrase() | Near():
            yield node
        case _:
            pass


def counted(found: Sequence[set[str]], family: Mapping[str, str]) -> list[Counted]:
    """Return the counts of each term, from the records that it finds.

    ``family``: of every record that may be of one a name of it, the same for all that are of it.
    """
    times = Counter(record for some in found for record in some)
    sizes = Counter(family.values())
    made = []
    for some in found:
        roots = {family[record] for record in some if record in family}
        alone = sum(record not in family for record in some)
        with_family = sum(sizes[root] for root in roots) + alone
        made.append(Counted(len(some), with_family, sum(times[record] == 1 for record in some)))
    return made
