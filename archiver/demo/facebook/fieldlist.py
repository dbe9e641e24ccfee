"""The parameter ``fields``: names, what they are narrowed to, and what is wanted below them.

``id,from{name},comments.filter(stream).limit(0).summary(total_count).as(heard)`` (field
expansion, developers.facebook.com/docs/graph-api/guides/field-expansion).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archiver.errors import UsageError

__all__ = ["Wanted", "parse"]

_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_MODIFIER = re.compile(r"\.([a-z_]+)\(([^()]*)\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One wanted field; ``alias`` is the name under which it comes."""

    name: str
    alias: str
    modifiers: dict[str, str] = field(default_factory=dict)
    below: tuple[Wanted, ...] = ()


def parse(text: str) -> tuple[Wanted, ...]:
    """Return what is wanted. Raises `UsageError` for what no such list is."""
    found, rest = _list(text)
    if rest:
        raise UsageError("not a list of fields", where=rest[:40])
    return found


def _list(text: str) -> tuple[tuple[Wanted, ...], str]:
    found = []
    while True:
        one, text = _one(text)
        found.append(one)
        if not text.startswith(","):
            return tuple(found), text
        text = text[1:]


def _one(text: str) -> tuple[Wanted, str]:
    name = _NAME.match(text)
    if name is None:
        raise UsageError("not the name of a field", where=text[:40])
    text, modifiers = text[name.end() :], {}
    while (modifier := _MODIFIER.match(text)) is not None:
        modifiers[modifier[1]] = modifier[2]
        text = text[modifier.end() :]
    below: tuple[Wanted, ...] = ()
    if text.startswith("{"):
        below, text = _list(text[1:])
        text = text.removeprefix("}")
    return Wanted(name[0], modifiers.pop("as", name[0]), modifiers, below), text
