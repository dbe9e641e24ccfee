"""The grammar of queries: what is a word, a sign, a group. Pure; meaning is in `reading`."""

from __future__ import annotations

from lark import Lark

__all__ = ["FIELDS", "PARSER"]

FIELDS = (
    *("account", "author", "custodian", "date", "file", "has", "hold"),
    *("in", "platform", "series", "state", "stream"),
)

_GRAMMAR = r"""
start: group?
group: _item (_sign? _item)*
_item: not_* (WORD | PHRASE | FIELD | inner)
inner: "(" group ")"
not_: NOT
_sign: AND | OR | NEAR

NEAR.5: /(NOT[ ]+W|W|PRE)\/[0-9]+(?=[ ()"]|$)/i
AND.4: /AND(?=[ ()"]|$)/
OR.4: /OR(?=[ ()"]|$)/
NOT.4: /NOT(?=[ ()"]|$)/
FIELD.3: /[A-Za-z]+:(?!\/\/)("[^"]*"|[^ ()"]*)/
PHRASE.2: /"[^"]*"/
WORD.1: /[^ ()"]+/
%ignore " "
"""

PARSER = Lark(_GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True)
"""Reads a query whose white space is all spaces and whose quotation marks are all ``"``."""
