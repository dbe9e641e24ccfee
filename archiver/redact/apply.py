"""What stays closed of a record because of its marks, and what is left to show. Pure.

A mark names a place in one version. What that place says is closed in every version, field and
header line (`archiver.ledger.withholding`); fields in which a platform says the same once more in
its own way are closed as a whole, and so are digests: ADR 0153. What is shown afterwards is read
back from the checked proof (`pieces`), so nothing that is not proven can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.columns import COLUMNS
from archiver.errors import RefusedError
from archiver.ledger.commitment import TEXT
from archiver.ledger.disclosure import disclose
from archiver.ledger.folding import spans, word_spans
from archiver.ledger.withholding import (
    disclose_all,
    disclose_part,
    hidden_leaves,
    impossible,
    overlapped,
    still_shown,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from archiver.ledger.commitment import Leaf
    from archiver.ledger.disclosed import Parts
    from archiver.ledger.withholding import Trees
    from archiver.redact.withheld import Codes, Sought, Withheld

    Pieces = tuple[str | tuple[int, Codes], ...]
    """A text as it may be shown: words, and how many are withheld under which exemptions."""

__all__ = ["REPEATING", "Redacted", "native_part", "pieces", "redacted"]

MOST_WORDS = 1 << 16
"""Words that a version with marks may show: a proof of more is refused by its readers."""

REPEATING = frozenset(("markup", "extra", "volatile"))
"""Fields in which a platform says again what others say, in spellings of its own."""

_TOLD = (b"WARC/1.1", b"Archive-Kind:", b"WARC-Date:")
"""Header lines that a record opens of which all else is withheld."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """One observation with its marks applied.

    ``shown``: its three trees, as far as they are disclosed. ``why``: by the number of a leaf, the
    codes under which it is closed. ``codes``: all of the record's. ``named``: its proof says of
    which record it is.
    """

    shown: Mapping[str, Any]
    why: Mapping[int, frozenset[str]]
    codes: Codes
    named: bool = True


def redacted(
    trees: Trees, place: tuple[str, str], marks: Withheld, digests: Collection[str]
) -> Redacted:
    """Return what is disclosed of an observation.

    Args:
        trees: its leaves.
        place: its record's id, and its own.
        marks: what is withheld of the record.
        digests: its fields in which a digest of content stands.

    Raises `RefusedError` (``withhold-impossible``) where the record's id says what is withheld, or
    more words than `MOST_WORDS` are left.
    """
    record, observation = place
    if marks.whole:
        return _nothing(trees, marks)
    if marks.said_by(native_part(record)):
        raise impossible(record)
    why = _reasons(trees[2], observation, marks, digests)
    words = [one for leaf in trees[2] if leaf.number not in why for one in leaf.tokens]
    if sum(one.number not in why for one in words) > MOST_WORDS:
        raise RefusedError(
            "a version has too many words to prove them one by one",
            where=record,
            code="withhold-impossible",
            mend="withhold its longest field as a whole, or the record",
        )
    every = marks.all_sought
    names = [leaf.name for leaf in trees[2]]
    shown = disclose_part(trees, names, why.keys(), every.texts, every.words)
    if any(still_shown(shown[name], every.texts, every.words) for name in ("context", "fields")):
        raise impossible(record)
    return Redacted(shown, why, marks.codes)


def native_part(record: str) -> str:
    """Return the part of a record id that is the platform's: all others name the city's account."""
    return record.rpartition(":")[2]


def _reasons(
    values: Sequence[Leaf], observation: str, marks: Withheld, digests: Collection[str]
) -> dict[int, frozenset[str]]:
    """Return the numbers of fields and words that stay closed, each with its codes."""
    why: dict[int, frozenset[str]] = {}
    for leaf in values:
        codes = marks.fields.get(leaf.name, frozenset())
        if leaf.name in digests or leaf.name in REPEATING:
            codes |= set(marks.codes)
        if codes:
            why[leaf.number] = codes
    for code, sought in marks.sought.items():
        for number in _hidden(values, sought, _stretches(marks, observation, code)):
            why[number] = why.get(number, frozenset()) | {code}
    return why


def _nothing(trees: Trees, marks: Withheld) -> Redacted:
    """Return that a version was there, of which kind and when, and nothing else of it.

    Not even which record it is of: its id may lead to what is withheld.
    """
    source, context, values = trees
    told = {at for at, one in enumerate(context) if one.value.startswith(_TOLD)}
    shown = {
        "source": disclose_all(source, large=True),
        "context": disclose(context, told),
        "fields": disclose_all(values, large=True),
    }
    return Redacted(shown, {}, tuple(sorted(marks.whole)), named=False)


def _stretches(marks: Withheld, observation: str, code: str) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches that a code's marks name in an observation, by field."""
    found: dict[str, list[tuple[int, int]]] = {}
    for (own, name), stretches in marks.places.items():
        if own == observation:
            found[name] = [(start, end) for start, end, by in stretches if by == code]
    return {name: one for name, one in found.items() if one}


def _hidden(
    values: Sequence[Leaf], sought: Sought, places: Mapping[str, Sequence[tuple[int, int]]]
) -> set[int]:
    """Return the numbers of the leaves and words that close under one exemption."""
    hidden = hidden_leaves(values, sought.texts, sought.words)
    for leaf in values:
        if leaf.name in places:
            hidden |= overlapped(leaf, places[leaf.name]) if leaf.kind == TEXT else {leaf.number}
        elif COLUMNS[leaf.name].type == "json" and _says_a_part(leaf, sought):
            hidden.add(leaf.number)
    return hidden


def _says_a_part(leaf: Leaf, sought: Sought) -> bool:
    """Tell whether JSON has a word of what is withheld: it may have the others elsewhere.

    Or a file in itself, of which nobody can tell.
    """
    text = leaf.value.decode("utf-8", "replace")
    return ";base64," in text or bool(spans(text, sought.parts) or word_spans(text, sought.words))


def pieces(
    made: Redacted, values: Sequence[Leaf], parts: Parts
) -> tuple[dict[str, Pieces], dict[str, Codes]]:
    """Return what is shown, by column, and under which codes the other columns are closed.

    Args:
        made: of `redacted`.
        values: the fields of the observation.
        parts: what its checked proof shows: nothing else is.
    """
    fields, closed = dict[str, Any](), dict[str, Any]()
    for leaf in values:
        if leaf.name in parts:
            fields[leaf.name] = _text(made, leaf, parts[leaf.name])
        else:
            closed[leaf.name] = _why(made, [leaf, *leaf.tokens])
    return fields, closed


def _text(made: Redacted, leaf: Leaf, parts: Sequence[str | int]) -> Pieces:
    found: list[str | tuple[int, Codes]] = []
    at = 0
    for part in parts:
        if isinstance(part, int):
            found.append((part, _why(made, leaf.tokens[at : at + part])))
            at += part
            continue
        at += 1
        if found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


def _why(made: Redacted, leaves: Iterable[Leaf]) -> Codes:
    """Return the codes under which some leaves are closed; all, where none is closed by itself."""
    found = {code for one in leaves for code in made.why.get(one.number, ())}
    return tuple(sorted(found)) or made.codes
