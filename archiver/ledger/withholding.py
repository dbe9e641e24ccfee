"""What must stay closed so that a proof doesn't show a text, in any spelling. Pure.

`archiver.ledger.folding` says what counts as the same text.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from archiver.ledger.commitment import TEXT
from archiver.ledger.disclosure import opened_leaves, segments_of
from archiver.ledger.folding import spans

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.ledger.commitment import Leaf

__all__ = ["hidden_leaves", "hidden_lines", "still_shown"]


def hidden_leaves(fields: Sequence[Leaf], needles: Collection[str]) -> set[int]:
    """Return the numbers of all tokens that overlap a match, and of plain fields that have one."""
    hidden: set[int] = set()
    for leaf in fields:
        if leaf.kind == TEXT:
            hidden |= _overlapped(leaf.tokens, needles)
        elif spans(_text(leaf), needles):
            hidden.add(leaf.number)
    return hidden


def _overlapped(tokens: Sequence[Leaf], needles: Collection[str]) -> set[int]:
    words = [_text(token) for token in tokens]
    stretches = list(pairwise(accumulate(map(len, words), initial=0)))
    found = spans("".join(words), needles)
    hidden = set()
    place = 0
    for start, end in found:  # sorted by start: no token before `place` can be met again
        while stretches[place][1] <= start:
            place += 1
        at = place
        while at < len(stretches) and stretches[at][0] < end:
            hidden.add(tokens[at].number)
            at += 1
    return hidden


def hidden_lines(lines: Sequence[Leaf], needles: Collection[str]) -> set[int]:
    """Return the places of the header lines whose value shows it."""
    return {place for place, leaf in enumerate(lines) if spans(_value(_text(leaf)), needles)}


def still_shown(tree: Mapping[str, Any], needles: Collection[str]) -> set[int]:
    """Return the places of opened leaves of a disclosure that show it all the same.

    A text is read as its opened tokens joined: a gap keeps nobody from reading across it.
    """
    return {
        opening["place"]
        for opening in opened_leaves(tree)
        if spans(_value(_joined(opening)) if not opening["name"] else _joined(opening), needles)
    }


def _joined(opening: Mapping[str, Any]) -> str:
    return "".join(part for part in segments_of(opening) if isinstance(part, str))


def _value(line: str) -> str:
    """Return the value of a header line; its name says nothing about anybody."""
    return line.partition(": ")[2] or line


def _text(leaf: Leaf) -> str:
    return leaf.value.decode("utf-8", "replace")
