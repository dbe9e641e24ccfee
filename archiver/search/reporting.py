"""Reports of terms: what is counted for each term of a query, and which records are a family. Pure.

A term is a word, a phrase, or passages near each other, as far as the signs AND, OR and NOT part
them. A family is what belongs together on a platform: a post, what answers it, their attachments.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archiver.record import Stream
from archiver.search.syntax import And, Near, Not, Or, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.search.syntax import Node

__all__ = ["Counted", "Placed", "counted", "families", "reported"]

_TOP = (Stream.POSTS, Stream.PAGES, Stream.MEDIA, Stream.MESSAGES, Stream.COMMENTS)
_NEAR = (Stream.COMMENTS, Stream.POSTS, Stream.PAGES, Stream.MESSAGES, Stream.MEDIA)


class Placed(NamedTuple):
    """Of a record what tells its family: ids of the platform, "" for none."""

    record: str
    account: str
    stream: str
    native_id: str
    parent_id: str
    thread_id: str


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


def families(records: Iterable[Placed]) -> dict[str, str]:
    """Return of each record a name of its family, the same for all that are of it.

    What states its thread is of that; what states only what it answers or belongs to is of the
    family of that. Where it is not there, those that state it are a family all the same.
    """
    every = list(records)
    known = {(one.account, one.stream, one.native_id): one.record for one in every}
    above: dict[str, str] = {}
    for one in every:
        named, order = (one.thread_id, _TOP) if one.thread_id else (one.parent_id, _NEAR)
        if named:
            there = (known.get((one.account, stream, named)) for stream in order)
            over = next((found for found in there if found), f"{one.account}\n{named}")
            _join(above, one.record, over)
    return {one.record: _root(above, one.record) for one in every}


def _join(above: dict[str, str], one: str, other: str) -> None:
    left, right = _root(above, one), _root(above, other)
    if left != right:
        above[left] = right


def _root(above: dict[str, str], one: str) -> str:
    while one in above:
        if above[one] in above:
            above[one] = above[above[one]]
        one = above[one]
    return one


def counted(found: Sequence[set[str]], family: Mapping[str, str]) -> list[Counted]:
    """Return the counts of each term, from the records that it finds.

    ``family``: of every record that may be of one, as `families` gives it.
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
