"""Passages near each other: which are meant, where signs for it stand in a row. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from archiver.search.refusing import ambiguous, cut, refused
from archiver.search.syntax import And, Near, Or, Phrase, spelled

if TYPE_CHECKING:
    from lark import Token

    from archiver.errors import UsageError
    from archiver.search.refusing import Stretch
    from archiver.search.syntax import Node, Spanning

__all__ = ["Item", "with_near"]

FARTHEST = 255


@dataclass(frozen=True, slots=True)
class Item:
    """An operand: what it asks, where it stands, the words before it that turn it round.

    ``plain``: whether it is typed as a word and nothing else.
    """

    node: Node
    at: Stretch
    nots: int
    begins: int
    plain: bool


def with_near(query: str, items: list[Item], signs: list[Token]) -> Node:
    """Return passages near each other, all of which must occur."""
    for place, (one, other) in enumerate(pairwise(signs)):
        if "NEAR" in (one.type, other.type) and (one.type, other.type) != ("NEAR", "AND"):
            if (one.type, other.type) == ("AND", "NEAR"):
                continue
            raise _chained(query, items[place : place + 3], one, other)
    parts: list[Node] = []
    place = 0
    while place < len(items):
        if place < len(signs) and signs[place].type == "NEAR":
            parts.append(_near(query, items[place], signs[place], items[place + 1]))
            place += 2
        else:
            parts.append(items[place].node)
            place += 1
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _chained(query: str, items: list[Item], one: Token, other: Token) -> UsageError:
    first, second, third = (query[item.begins : item.at[1]] for item in items)
    whole = items[0].begins, items[2].at[1]
    alone = whole == (0, len(query))
    readings = [f"({first} {one} {second}) {other} {third}"]
    if one.type == other.type:
        readings.append(f"({first} {one} {second}) AND ({second} {other} {third})")
    else:
        readings.append(f"{first} {one} ({second} {other} {third})")
    why = f"{one} and {other} beside each other are read in two ways"
    said = [cut(query, [(whole, text if alone else f"({text})")]) for text in readings]
    return ambiguous(query, other.start_pos or 0, why, said)


def _near(query: str, left: Item, sign: Token, right: Item) -> Node:
    kind, _, number = sign.upper().rpartition("/")
    if len(number) > 3 or not 1 <= int(number) <= FARTHEST:  # noqa: PLR2004 - digits of it
        mend = f"give a number from 1 to {FARTHEST}"
        raise refused(query, sign.start_pos or 0, f"{sign} is no distance", mend)
    for one in (left, right):
        if not _is_passage(one.node):
            raise _no_passage(query, left, sign, right, one)
    return Near(
        cast("Spanning", left.node),
        cast("Spanning", right.node),
        int(number),
        ordered=kind == "PRE",
        never=kind.startswith("NOT"),
    )


def _no_passage(query: str, left: Item, sign: Token, right: Item, one: Item) -> UsageError:
    sides = [side.node.parts if isinstance(side.node, And) else (side.node,)
             for side in (left, right)]  # fmt: skip
    if all(_is_passage(part) for side in sides for part in side):
        pairs = (f"({_in(a)} {sign} {_in(b)})" for a in sides[0] for b in sides[1])
        both = [_in(part) for side in sides for part in side]
        either = [" OR ".join(map(_in, side)) for side in sides]
        readings = (
            " AND ".join(pairs),
            f"(({either[0]}) {sign} ({either[1]})) AND {' AND '.join(both)}",
        )
        why = f"{sign} between groups with AND is read in two ways"
        return ambiguous(query, sign.start_pos or 0, why, readings)
    mend = "put words, phrases, or words with OR between them in its place"
    return refused(query, one.begins, f"only words can be near something ({sign})", mend)


def _in(node: Node) -> str:
    text = spelled(node)
    return text if isinstance(node, Phrase) else f"({text})"


def _is_passage(node: Node) -> bool:
    match node:
        case Phrase(_, author):
            return not author
        case Near():
            return True
        case Or(parts):
            return all(map(_is_passage, parts))
        case _:
            return False
