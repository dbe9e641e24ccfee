"""Queries answered by looking at every word of every row, and corpora and queries to ask.

It shares the tree with the code under test, and nothing of how a tree is answered.
"""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

import snowballstemmer

from archiver.flows.search_hits import numbers
from archiver.search.matching import HIT
from archiver.search.query import AUTHOR, FILE_TEXT, INDEXED
from archiver.search.syntax import (
    And,
    Everything,
    Exact,
    Field,
    Fuzzy,
    Near,
    Not,
    Or,
    Phrase,
    Stem,
    Wild,
)
from archiver.search.tokens import places

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    import pyarrow as pa

    from archiver.search.syntax import Node, Spanning, Term
    from archiver.search.vocabulary import Finding

Row = tuple[str, list[str], list[str], list[str]]
"""An account, the words of a text, those of an author's name, those of a file."""

STEMMER = snowballstemmer.stemmer("english")
LETTERS = ("a", "b", "ab", "ba", "abs", "aba", "bas", "abed", "市", "#ab")


def found(node: Node, row: Row) -> bool:  # noqa: PLR0911 - one for each kind
    """Tell whether a row is what a query asks."""
    match node:
        case Everything():
            return True
        case And(parts):
            return all(found(part, row) for part in parts)
        case Or(parts):
            return any(found(part, row) for part in parts)
        case Not(part):
            return not found(part, row)
        case Field(name, value):
            assert name == "account"
            return row[0] == value
        case Phrase(_, author, file) if author or file:
            return bool(_spans(node, row[2] if author else row[3]))
        case Phrase() | Near():
            return any(_spans(node, words) for words in row[1:])


def _spans(node: Spanning, words: list[str]) -> set[tuple[int, int]]:
    match node:
        case Phrase(terms):
            return {
                (first, first + len(terms) - 1)
                for first in range(len(words) - len(terms) + 1)
                if all(is_it(one, words[first + n]) for n, one in enumerate(terms))
            }
        case Or(parts):
            return {span for part in parts for span in _spans(part, words)}  # type: ignore[arg-type]
        case Near(left, right, within, ordered, never):
            lefts, rights = _spans(left, words), _spans(right, words)
            pairs = {
                (one, other)
                for one, other in product(lefts, rights)
                if 0 < other[0] - one[1] <= within
                or (not ordered and 0 < one[0] - other[1] <= within)
            }
            if never:
                return lefts - {one for one, _ in pairs}
            return {(min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs}


def is_it(term: Term, word: str) -> bool:
    """Tell whether a term finds a word: a tag is also found without its sign."""
    return any(_is(term, one) for one in (word, word.removeprefix("#")))


def _is(term: Term, word: str) -> bool:
    match term:
        case Exact(own):
            return own == word
        case Wild(pattern):
            text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
            return re.fullmatch(text, word) is not None
        case Stem(own):
            return bool(STEMMER.stemWord(own) == STEMMER.stemWord(word))
        case Fuzzy(own, first, changes):
            return word[:first] == own[:first] and _changes(own, word) <= changes


def _changes(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        above, row = row, [n]
        for m, own in enumerate(other, 1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (letter != own)))
    return row[-1]


def some_row(chance: Random) -> Row:
    """Return a row of few different words, so that much is near much."""
    text = [chance.choice(LETTERS) for _ in range(chance.randrange(9))]
    author = [chance.choice(LETTERS) for _ in range(chance.randrange(3))]
    file = [chance.choice(LETTERS) for _ in range(chance.choice((0, 0, 2, 6)))]
    return chance.choice("xy"), text, author, file


def some_query(chance: Random, depth: int = 3) -> Node:
    """Return a query of any kind."""
    kind = chance.choice("ppppnnaoot" if depth else "pn")
    if kind == "a":
        return And(tuple(some_query(chance, depth - 1) for _ in range(chance.randint(2, 3))))
    if kind == "o":
        return Or(tuple(some_query(chance, depth - 1) for _ in range(chance.randint(2, 3))))
    if kind == "t":
        return Not(some_query(chance, depth - 1))
    if kind == "p" and chance.random() < 0.1:
        asked = chance.choice((Exact("ab"), Exact("b"), Exact("#ab"))), Exact("a")
        by_author = Phrase((Exact("ab"),), author=True)
        in_file = Phrase(asked[: chance.randint(1, 2)], file=True)
        return chance.choice((Field("account", "x"), by_author, in_file))
    return some_passage(chance, depth if kind == "n" else 0)


def some_passage(chance: Random, depth: int) -> Spanning:
    """Return a query for a passage of a text."""
    if depth and chance.random() < 0.7:
        left, right = (some_passage(chance, depth - 1) for _ in range(2))
        kind = chance.randrange(3)
        return Near(left, right, chance.randint(1, 4), ordered=kind == 1, never=kind == 2)
    if depth and chance.random() < 0.4:
        return Or((some_passage(chance, depth - 1), some_passage(chance, depth - 1)))
    if chance.random() < 0.6:
        return Phrase((some_term(chance),))
    plain = (one for one in iter(lambda: some_term(chance), None) if isinstance(one, Exact | Wild))
    return Phrase(tuple(islice(plain, chance.randint(2, 3))))


def some_term(chance: Random) -> Term:
    """Return a term that finds one of the words, or nearly."""
    word = chance.choice([one for one in LETTERS if one.isascii() and one.isalpha()])
    wild = chance.choice([f"{word}*", f"*{word}", f"?{word[0]}", f"{word[0]}?*"])
    fuzzy = Fuzzy(word, 1, chance.randint(1, 2)) if len(word) > 1 else Exact("b")
    return chance.choice([Exact(word), Exact(word), Exact("#ab"), Wild(wild), Stem(word), fuzzy])


def hits_in(finding: Finding, tables: Iterable[pa.Table]) -> pa.Table:
    """Return where in which row a term is found: the table `HIT`."""
    found: list[tuple[int, int, int, int, int]] = []
    for table in tables:
        names = [name for name in INDEXED if name in table.column_names]
        own = frozenset(number for number, name in enumerate(names) if name in AUTHOR)
        file = names.index(FILE_TEXT) if FILE_TEXT in names else None
        if not finding.words or not table.num_rows or not table["searched"][0].as_py():
            continue
        columns = [table[name].to_pylist() for name in names]
        leaves = table["leaf"].to_pylist()
        for leaf, *fields in zip(leaves, *columns, strict=True):
            for token, place, field in places(fields):
                found += (
                    (term, leaf, place, field in own, field == file) for term in finding(token)
                )
    return numbers(HIT, found)
