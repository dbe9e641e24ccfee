"""Which query parameters the listings of WordPress's REST API take (6.1.9)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

__all__ = ["Rule", "Value", "rules_of"]

Value = str | int | list[str] | list[int] | datetime
"""What a parameter says once it is read; dates are in UTC."""

_POST_ORDER = "author date id include modified parent relevance slug include_slugs title"
_STATUSES = (
    "publish future draft pending private trash auto-draft inherit request-pending "
    "request-confirmed request-failed request-completed any"
)


class Rule(NamedTuple):
    """One parameter: its name, type, default, allowed values or bounds, and round.

    ``type``: integer, enum, date, integers, words, text, key.
    """

    name: str
    type: str
    default: Value | None = None
    allowed: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    first: bool = False


def _enum(name: str, values: str, default: str) -> Rule:
    return Rule(name, "enum", default, tuple(values.split()))


def _lists(*names: str) -> tuple[Rule, ...]:
    return tuple(Rule(name, "integers") for name in names)


_CONTEXT = Rule("context", "enum", "view", ("view", "embed", "edit"), first=True)
_COMMON = (
    _CONTEXT,
    Rule("page", "integer", 1, low=1, first=True),
    Rule("per_page", "integer", 10, low=1, high=100, first=True),
    Rule("search", "text", first=True),
    *_lists("exclude", "include"),
    Rule("offset", "integer"),
)
_DATES = (Rule("after", "date"), Rule("before", "date"))
_MODIFIED = (Rule("modified_after", "date"), Rule("modified_before", "date"))
_POSTS = (*_COMMON, *_DATES, *_MODIFIED, *_lists("author"), _enum("order", "asc desc", "desc"))

_RULES: dict[str, tuple[Rule, ...]] = {
    "item": (_CONTEXT,),
    "posts": (
        *_POSTS,
        _enum("orderby", _POST_ORDER, "date"),
        Rule("slug", "words"),
        Rule("status", "statuses", ["publish"], tuple(_STATUSES.split())),
    ),
    "pages": (
        *_POSTS,
        _enum("orderby", f"{_POST_ORDER} menu_order", "date"),
        *_lists("parent"),
        Rule("slug", "words"),
        Rule("status", "statuses", ["publish"], tuple(_STATUSES.split())),
    ),
    "media": (
        *_POSTS,
        _enum("orderby", _POST_ORDER, "date"),
        *_lists("parent"),
        Rule("slug", "words"),
        Rule("status", "statuses", ["inherit"], ("inherit", "private", "trash")),
    ),
    "revisions": (
        *(rule._replace(default=None) if rule.name == "per_page" else rule for rule in _COMMON),
        _enum("order", "asc desc", "desc"),
        _enum("orderby", "date id include relevance slug include_slugs title", "date"),
    ),
    "comments": (
        *_COMMON,
        *_DATES,
        *_lists("author", "author_exclude"),
        Rule("author_email", "text"),
        _enum("order", "asc desc", "desc"),
        _enum("orderby", "date date_gmt id include post parent type", "date_gmt"),
        *_lists("parent", "post"),
        Rule("status", "key", "approve", first=True),
        Rule("type", "key", "comment", first=True),
    ),
    "users": (
        *_COMMON,
        _enum("order", "asc desc", "asc"),
        _enum("orderby", "id include name registered_date slug include_slugs email url", "name"),
        Rule("slug", "words"),
        Rule("roles", "words"),
    ),
}


def rules_of(resource: str) -> tuple[Rule, ...]:
    """Return the parameters of a listing, or of a single ``item``."""
    return _RULES[resource]
