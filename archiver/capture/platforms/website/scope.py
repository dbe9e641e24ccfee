"""What of a website is captured, and how: the scope that an account was approved with."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

__all__ = ["FORM", "Scope", "problem_of", "scope_of"]

FORM = "depth=20 pages=5000 hosts=docs.example.gov prefix=/news browser=/events"
_NUMBERS = {"depth": 100, "pages": 1_000_000, "alike": 1_000_000, "pause": 60}
_CHOICES = {"robots": ("yes", "no"), "resources": ("all", "site")}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Scope:
    """The bounds of a crawl.

    ``hosts``: besides that of the account's address. ``prefix``: paths, with all under them; none
    for all. ``depth``: links from the start. ``pages``: asked for in one run; ``alike``: the same
    of addresses that differ in numbers alone. ``pause``: seconds between two requests to a host.
    ``robots``: whether robots.txt is heeded. ``resources``: from ``all`` public hosts, or the
    ``site``'s own. ``browser``: paths of pages that a browser renders, too, with all under them.
    """

    hosts: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    browser: tuple[str, ...] = ()
    depth: int = 20
    pages: int = 5000
    alike: int = 500
    pause: float = 1.0
    robots: str = "yes"
    resources: str = "all"


_NAMES = tuple(one.name for one in fields(Scope))


@lru_cache(maxsize=64)
def scope_of(text: str) -> Scope:
    """Return the scope that a text tells; what is no scope in it is passed over."""
    scope = Scope()
    for word in text.split():
        if not _wrong(word):
            name, _, value = word.partition("=")
            told: dict[str, Any] = {name: _value(name, value)}
            scope = replace(scope, **told)
    return scope


def problem_of(text: str) -> str:
    """Return why a text tells no scope, empty where it does."""
    return next((why for why in map(_wrong, text.split()) if why), "")


def _value(name: str, value: str) -> tuple[str, ...] | float | str:
    if name == "pause":
        return float(value)
    if name in _NUMBERS:
        return int(value)
    return value if name in _CHOICES else tuple(value.split(","))


def _wrong(word: str) -> str:
    """Return why a word sets nothing, empty where it does."""
    name, _, value = word.partition("=")
    if name not in _NAMES:
        return f"a scope has no {name}; it has {', '.join(sorted(_NAMES))}"
    if name in _CHOICES:
        right = value in _CHOICES[name]
    elif name in _NUMBERS:
        number = re.fullmatch(r"\d{1,7}(?:\.\d{1,3})?" if name == "pause" else r"\d{1,7}", value)
        right = number is not None and number[0].isascii() and float(value) <= _NUMBERS[name]
    elif name == "hosts":
        right = all(_HOST.fullmatch(one) for one in value.split(","))
    else:
        right = all(one.startswith("/") and one.isascii() for one in value.split(","))
    return "" if right else f"{name} can't be {value or 'nothing'}"
