"""Reading a query: from what a person types to a tree, or a refusal. Pure.

What can be read in two ways is refused, and both ways are shown: an answer to another question
than was asked looks like any answer. Words beside each other and nothing else must all occur.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, cast

from lark import Token, Tree, UnexpectedInput, UnexpectedToken

from archiver.errors import UsageError
from archiver.search.asking import NO_WORDS, field, phrase, word
from archiver.search.fold import DOUBLE_QUOTES, fold
from archiver.search.grammar import PARSER
from archiver.search.near import Item, with_near
from archiver.search.refusing import ambiguous, cut, refused
from archiver.search.syntax import (
    And,
    Everything,
    Exact,
    Not,
    Or,
    terms_of,
)
from archiver.search.tokens import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.search.refusing import Stretch
    from archiver.search.syntax import Node

__all__ = ["read_query"]

MOST_WORDS = 500
LONGEST_QUERY = 4_000
DEEPEST = 40
_QUOTES = dict.fromkeys(DOUBLE_QUOTES, '"')
_OPERATORS = ("and", "or", "not")
_LONE = re.compile(r'(?<![^ ])[^ "()]+(?![^ ])')


def read_query(text: str) -> Node:
    """Return what a query asks.

    Raises `UsageError` with the place: ``query-ambiguous`` with what to write instead,
    ``query-syntax``, ``query-quote``, ``query-field``, ``query-too-long``.
    """
    query = "".join(_QUOTES.get(one) or _typed(one) for one in text).strip()
    _check_size(query, 0)
    if query.count('"') % 2:
        mend = 'put the phrase between two marks: "town hall"'
        at = query.rindex('"')
        raise refused(query, at, "a quotation mark is not closed", mend, "query-quote")
    read = _LONE.sub(_without_signs, query)
    if query and not read.strip():
        raise refused(query, 0, "nothing in this can be looked for", NO_WORDS)
    try:
        tree = PARSER.parse(read)
    except UnexpectedInput as error:
        raise _unexpected(query, error) from None
    made = _Reading(query).group(cast("Tree[Token]", tree.children[0]), 0) if query else None
    _check_size(query, sum(1 for _ in terms_of(made)) if made else 0)
    return made or Everything()


def _without_signs(found: re.Match[str]) -> str:
    """Return spaces for what stands alone and has no word: an ampersand, a dash."""
    text = found[0]
    return text if "*" in text or "?" in text or words(text) else " " * len(text)


def _typed(one: str) -> str:
    """Return a character as it is read: what nobody sees is nothing, all space is a space."""
    folded = fold(one)
    return folded if folded in ("", " ") else one


def _check_size(query: str, words: int) -> None:
    if words > MOST_WORDS or len(query) > LONGEST_QUERY:
        raise UsageError(
            "the query is too long",
            where=f"{words or 'many'} words, {len(query)} characters",
            code="query-too-long",
            mend=f"at most {MOST_WORDS} words and {LONGEST_QUERY} characters",
        )


def _unexpected(query: str, error: UnexpectedInput) -> UsageError:
    token = error.token if isinstance(error, UnexpectedToken) else None
    if token is None or token.type == "$END":
        what = "a parenthesis is not closed" if query.count("(") > query.count(")") else ""
        why = what or "something is missing at the end"
        return refused(query, len(query), why, "finish it, or put it in quotes to find the words")
    at = token.start_pos or 0
    if token.type == "RPAR":
        why = "nothing is in the parentheses, or nothing opened them"
    else:
        why = f"{token} has nothing before it"
    return refused(query, at, why, "finish it, or put it in quotes to find the words")


class _Reading:
    """One query being read."""

    def __init__(self, query: str) -> None:
        self._query = query

    def group(self, tree: Tree[Token], depth: int) -> Node:
        """Return what stands between two parentheses, or is the whole query."""
        if depth > DEEPEST:
            at = tree.meta.start_pos
            raise refused(self._query, at, "too many parentheses", f"at most {DEEPEST} deep")
        items: list[Item] = []
        signs: list[Token | None] = []
        sign: Token | None = None
        nots: list[int] = []
        for child in tree.children:
            if isinstance(child, Tree) and child.data == "not_":
                nots.append(child.meta.start_pos)
            elif isinstance(child, Token) and child.type in ("AND", "OR", "NEAR"):
                sign = child
            else:
                signs += [sign] if items else []
                items.append(self._item(child, nots, depth))
                sign, nots = None, []
        return self._joined(items, signs)

    def _item(self, child: Tree[Token] | Token, nots: list[int], depth: int) -> Item:
        if isinstance(child, Tree):
            at = child.meta.start_pos, child.meta.end_pos
            node, plain = self.group(cast("Tree[Token]", child.children[0]), depth + 1), False
        else:
            at = child.start_pos or 0, child.end_pos or 0
            read = {"WORD": word, "PHRASE": phrase, "FIELD": field}[child.type]
            node = read(self._query, at)
            plain = child.type == "WORD" and all(isinstance(one, Exact) for one in terms_of(node))
        for _ in range(len(nots) % 2):
            node = Not(node)
        return Item(node, at, len(nots), nots[0] if nots else at[0], plain)

    def _joined(self, items: list[Item], signs: list[Token | None]) -> Node:
        if len(items) == 1:
            return items[0].node
        self._require_signs(items, signs)
        self._require_end_after_not(items)
        kinds = {sign.type for sign in signs if sign is not None}
        if not kinds or kinds == {"AND"}:
            return And(tuple(one.node for one in items))
        if kinds == {"OR"}:
            return Or(tuple(one.node for one in items))
        named = [cast("Token", sign) for sign in signs]
        if kinds == {"AND", "OR"}:
            why = "AND and OR beside each other are read in two ways"
            readings = (self._grouped(items, named, kind) for kind in ("AND", "OR"))
            raise ambiguous(self._query, named[0].start_pos or 0, why, readings)
        return with_near(self._query, items, named)

    def _grouped(self, items: list[Item], signs: list[Token], kind: str) -> str:
        """Return the query with parentheses around what one kind of operator joins."""
        changes: list[tuple[Stretch, str]] = []
        for same, run in groupby(enumerate(signs), lambda one: one[1].type == kind):
            if same:
                places = [place for place, _ in run]
                first, last = items[places[0]].begins, items[places[-1] + 1].at[1]
                changes.append(((first, last), f"({self._query[first:last]})"))
        return cut(self._query, changes)

    def _require_signs(self, items: list[Item], signs: Sequence[Token | None]) -> None:
        """Refuse words beside each other where that may mean more than that all must occur."""
        beside = [place for place, sign in enumerate(signs) if sign is None]
        if not beside:
            return
        if len(beside) == len(signs) and not any(one.nots for one in items):
            self._require_no_operators(items)
            return
        left, right = items[beside[0]], items[beside[0] + 1]
        gap = left.at[1], right.begins
        readings = [cut(self._query, [(gap, f" {one} ")]) for one in ("AND", "OR")]
        if left.plain and right.plain and not right.nots:
            run = (left.at[0], right.at[1])
            readings[1] = cut(self._query, [(run, f'"{self._query[run[0] : run[1]]}"')])
        why = "words beside each other are read in two ways where operators are"
        raise ambiguous(self._query, right.begins, why, readings)

    def _require_no_operators(self, items: list[Item]) -> None:
        """Refuse ``and``, ``or``, ``not`` among words: operators elsewhere, words here."""
        found = [one for one in items if one.plain and self._text(one) in _OPERATORS]
        if not found:
            return
        signs = cut(self._query, [(one.at, self._text(one).upper()) for one in found])
        literal = cut(self._query, [(one.at, f'"{self._text(one)}"') for one in found])
        readings = [literal]
        try:
            read_query(signs)
            readings.insert(0, signs)
        except UsageError:  # as operators they make no sense
            if all(one.plain for one in items):
                readings.insert(0, f'"{self._query[items[0].at[0] : items[-1].at[1]]}"')
        word = self._text(found[0])
        why = f"{word} may be an operator or a word"
        raise ambiguous(self._query, found[0].at[0], why, readings)

    def _require_end_after_not(self, items: list[Item]) -> None:
        for one in items[:-1]:
            if one.nots:
                whole = one.begins, items[-1].at[1]
                own = one.begins, one.at[1]
                rest = self._query[one.at[0] : whole[1]]
                readings = (
                    cut(self._query, [(own, f"({self._query[own[0] : own[1]]})")]),
                    cut(self._query, [(whole, f"NOT ({rest})")]),
                )
                why = "NOT may be about what follows alone, or about all of it"
                raise ambiguous(self._query, one.begins, why, readings)

    def _text(self, one: Item) -> str:
        return self._query[one.at[0] : one.at[1]]
