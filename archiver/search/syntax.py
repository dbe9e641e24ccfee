"""What a query asks, as a tree, and its one spelling. Pure.

Each tree is spelled so that reading it gives the same tree: what people are told of how they were
understood can be copied and asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "LANGUAGE",
    "And",
    "Everything",
    "Exact",
    "Field",
    "Fuzzy",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Spanning",
    "Stem",
    "Term",
    "Wild",
    "spelled",
    "terms_of",
]


LANGUAGE = "1"
"""Version of the language. What keeps a query says it: read by another one, it could find less."""


@dataclass(frozen=True, slots=True)
class Exact:
    """One word as it is."""

    word: str


@dataclass(frozen=True, slots=True)
class Wild:
    """A word with ``*`` for any letters, also none, and ``?`` for one."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Stem:
    """Every form of a word that the stemmer of English makes the same."""

    word: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word with up to ``changes`` letters added, left out or changed, after its first ones."""

    word: str
    first: int
    changes: int


Term = Exact | Wild | Stem | Fuzzy
"""What one word of a text is held against."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words right after one another; most often one.

    ``author``: in the names of authors alone. ``file``: in the text of files alone.
    """

    terms: tuple[Term, ...]
    author: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Two passages with at most ``within`` - 1 words between them.

    ``ordered``: the left one first. ``never``: a left one with no right one so near.
    """

    left: Spanning
    right: Spanning
    within: int
    ordered: bool = False
    never: bool = False


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of several."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All of several, somewhere in one version of a record."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Versions in which it is not."""

    part: Node


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of a record beside its words: ``name:value``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Everything:
    """No condition."""


Node = Phrase | Near | Or | And | Not | Field | Everything
Spanning = Phrase | Near | Or
"""What is a passage of a text, so that something can be near it: of an `Or` each part must be."""


def terms_of(node: Node) -> Iterator[Term]:
    """Yield every term of a tree, from left to right."""
    match node:
        case Phrase(terms):
            yield from terms
        case Near(left, right):
            yield from terms_of(left)
            yield from terms_of(right)
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms_of(part)
        case Not(part):
            yield from terms_of(part)
        case Field() | Everything():
            pass


def spelled(node: Node) -> str:  # noqa: PLR0911 - one for each kind
    """Return a tree as a query."""
    match node:
        case Phrase(terms, author, file):
            return ("author:" if author else "file:" if file else "") + _phrase(terms)
        case Near(left, right, within):
            how = "PRE" if node.ordered else "NOT W" if node.never else "W"
            return f"{_inner(left)} {how}/{within} {_inner(right)}"
        case And(parts):
            return " AND ".join(_inner(part) for part in parts)
        case Or(parts):
            return " OR ".join(_inner(part) for part in parts)
        case Not(part):
            return f"NOT {_inner(part)}"
        case Field(name, value):
            return f'{name}:"{value}"' if set(value) & set(" ()") else f"{name}:{value}"
        case Everything():
            return ""


def _inner(node: Node) -> str:
    """Return a part of a tree, in parentheses where it has parts of its own."""
    whole = isinstance(node, (Field, Everything)) or (
        isinstance(node, Phrase) and (len(node.terms) == 1 or _all_exact(node.terms))
    )
    return spelled(node) if whole else f"({spelled(node)})"


def _phrase(terms: tuple[Term, ...]) -> str:
    if len(terms) > 1 and _all_exact(terms):
        return '"' + " ".join(one.word for one in terms if isinstance(one, Exact)) + '"'
    return "-".join(map(_term, terms))


def _all_exact(terms: tuple[Term, ...]) -> bool:
    return all(isinstance(one, Exact) for one in terms)


def _term(term: Term) -> str:
    match term:
        case Exact(word):
            return f'"{word}"' if word in {"and", "or", "not"} else word
        case Wild(pattern):
            return pattern
        case Stem(word):
            return f"{word}~"
        case Fuzzy(word, first, changes):
            return word[:first] + "%" * changes + word[first:]
