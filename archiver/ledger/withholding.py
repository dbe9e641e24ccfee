"""What must stay closed so that a proof doesn't show a text, in any spelling. Pure.

`archiver.ledger.folding` says what counts as the same text. What is too short to be looked for
inside of other words (``words``) closes where it stands by itself: a number of that kind in texts
alone, since dates, ids and lengths have it by chance (ADR 0153).
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError
from archiver.ledger.commitment import TEXT, committed_root, hash_of
from archiver.ledger.disclosure import close, disclose, opened_leaves, segments_of
from archiver.ledger.folding import spans, word_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.ledger.commitment import Leaf

    Trees = tuple[Sequence[Leaf], Sequence[Leaf], Sequence[Leaf]]
    """The leaves of an observation: excerpts, header lines, fields."""

__all__ = [
    "TELLING_HEADERS",
    "disclose_all",
    "disclose_part",
    "hidden_leaves",
    "hidden_lines",
    "impossible",
    "overlapped",
    "says",
    "still_shown",
]

TELLING_HEADERS = (b"Content-Length:", b"Archive-Excerpt:")
"""Header lines that give the length of what is withheld."""


def impossible(record_id: str) -> RefusedError:
    """Return the refusal to withhold what a record's id says, or what must stay open."""
    return RefusedError(
        "the text can't be withheld: the record id, or what must stay open, says it",
        where=record_id,
        code="withhold-impossible",
        mend="withhold the whole record, or open single fields of it and withhold no text",
    )


def disclose_all(tree: Sequence[Leaf], *, large: bool = False) -> dict[str, Any]:
    """Return the disclosure of all of a tree, or of none where it is a large one."""
    closed = close(committed_root([hash_of(one) for one in tree]))
    return closed if large else disclose(tree, range(len(tree)))


def disclose_part(
    trees: Trees,
    names: Collection[str],
    hidden: Collection[int],
    needles: Collection[str],
    words: Collection[str] = (),
) -> dict[str, Any]:
    """Return the three disclosed trees, without whatever would show what is withheld.

    Excerpts stay closed, and header lines that give lengths. What still shows something when it is
    read again, across a gap, is closed as a whole; and so is a text of which no word is left,
    since the number of words tells which text it may be.

    Args:
        trees: of the observation.
        names: the fields that may open.
        hidden: numbers of leaves that stay closed in any case (`hidden_leaves`).
        needles: of `archiver.ledger.folding.needles_of`.
        words: what is looked for by itself alone.
    """
    source, context, values = trees
    lines = set(range(len(context))) - hidden_lines(context, needles, words)
    lines -= {at for at, leaf in enumerate(context) if leaf.value.startswith(TELLING_HEADERS)}
    opened = {
        at
        for at, leaf in enumerate(values)
        if leaf.name in names and leaf.number not in hidden
        if not leaf.tokens or any(one.number not in hidden for one in leaf.tokens)
    }
    opened -= still_shown(disclose(values, opened, hidden), needles, words)
    return {
        "source": disclose_all(source, large=True),
        "context": disclose(context, lines),
        "fields": disclose(values, opened, hidden),
    }


def hidden_leaves(
    fields: Sequence[Leaf], needles: Collection[str], words: Collection[str] = ()
) -> set[int]:
    """Return the numbers of all tokens that overlap a match, and of plain fields that have one."""
    hidden: set[int] = set()
    for leaf in fields:
        if leaf.kind == TEXT:
            text = "".join(_text(token) for token in leaf.tokens)
            hidden |= overlapped(leaf, [*spans(text, needles), *word_spans(text, words)])
        elif says(_text(leaf), needles, words):
            hidden.add(leaf.number)
    return hidden


def says(text: str, needles: Collection[str], words: Collection[str] = ()) -> bool:
    """Tell whether something other than a text says it: an id, an address, a header line."""
    letters = [one for one in words if not one.isdecimal()]
    return bool(spans(text, needles) or word_spans(text, letters))


def overlapped(text: Leaf, found: Collection[tuple[int, int]]) -> set[int]:
    """Return the numbers of the tokens of a text that reach into stretches of its code points."""
    tokens = text.tokens
    stretches = list(pairwise(accumulate((len(_text(one)) for one in tokens), initial=0)))
    hidden = set()
    place = 0
    for start, end in sorted(found):  # no token before `place` can be met again
        while stretches[place][1] <= start:
            place += 1
        at = place
        while at < len(stretches) and stretches[at][0] < end:
            hidden.add(tokens[at].number)
            at += 1
    return hidden


def hidden_lines(
    lines: Sequence[Leaf], needles: Collection[str], words: Collection[str] = ()
) -> set[int]:
    """Return the places of the header lines whose value shows it."""
    return {place for place, leaf in enumerate(lines) if says(_value(_text(leaf)), needles, words)}


def still_shown(
    tree: Mapping[str, Any], needles: Collection[str], words: Collection[str] = ()
) -> set[int]:
    """Return the places of opened leaves of a disclosure that show it all the same.

    A text is read as its opened tokens joined: a gap keeps nobody from reading across it.
    """
    return {one["place"] for one in opened_leaves(tree) if _shows(one, needles, words)}


def _shows(opening: Mapping[str, Any], needles: Collection[str], words: Collection[str]) -> bool:
    text = _joined(opening) if opening["name"] else _value(_joined(opening))
    by_itself = opening["kind"] == TEXT and bool(word_spans(text, words))
    return by_itself or says(text, needles, words)


def _joined(opening: Mapping[str, Any]) -> str:
    return "".join(part for part in segments_of(opening) if isinstance(part, str))


def _value(line: str) -> str:
    """Return the value of a header line; its name says nothing about anybody."""
    return line.partition(": ")[2] or line


def _text(leaf: Leaf) -> str:
    return leaf.value.decode("utf-8", "replace")
