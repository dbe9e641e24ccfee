"""Manners of a crawl: what robots.txt asks for, how much is asked, and how fast. Pure.

Source: RFC 9309. ``Crawl-delay`` is no part of it, but many sites ask for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable
from urllib.parse import quote, unquote_to_bytes

from archiver.capture.connector import Connector
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.capture.connector import Follow, Site
    from archiver.record import Request

__all__ = ["AGENT", "ALL_ALLOWED", "Bounded", "Bounds", "Robots", "check_scope", "robots_of"]

AGENT = "civic-archiver"
"""Our product token (RFC 9309 §2.2.1), as `archiver.edges.http.USER_AGENT` begins."""
MOST_BYTES = 512_000
"""Read of a robots.txt; RFC 9309 §2.5 asks for 500 KiB at least."""
LONGEST_DELAY = 30.0
_MOST_STARS = 20
_LINE = re.compile(r"\s*([a-z-]+)\s*:\s*([^#]*)", re.IGNORECASE)
_DELAY = re.compile(r"\d{1,5}(?:\.\d{1,3})?", re.ASCII)


class Bounds(NamedTuple):
    """How much of a site is asked in one run: pages, and pages of addresses alike.

    ``pause``: seconds between two requests to a host. ``robots``: robots.txt is heeded.
    """

    pages: int
    alike: int
    pause: float
    robots: bool


@runtime_checkable
class Bounded(Connector, Protocol):
    """A platform that is followed from link to link, and may have no end."""

    scope_form: str

    def refuses_scope(self, scope: str) -> str:
        """Return why an account can't have a scope, empty where it can. Pure."""
        ...

    def bounds(self, site: Site) -> Bounds:
        """Return how much may be asked of an account's site. Pure."""
        ...

    def beyond(self, site: Site, request: Request) -> str:
        """Return why an address is not asked for whatever else is, or "". Pure."""
        ...

    def shape(self, url: str) -> str:
        """Return what endlessly many addresses have in common, "" for one of its own. Pure."""
        ...

    def part(self, site: Site, url: str, kind: str) -> Follow | None:
        """Return how a part of a page that is shown is asked for, None where it is not. Pure.

        ``kind``: ``document``, ``stylesheet``, or any other word for any other thing.
        """
        ...


def check_scope(connector: Connector, scope: str) -> None:
    """Raise `UsageError` where no account of a platform can have this scope."""
    problem = "accounts of this platform have no scope" if scope else ""
    mend = "leave it out"
    if isinstance(connector, Bounded):
        problem, mend = connector.refuses_scope(scope), f"write it as {connector.scope_form}"
    if problem:
        raise UsageError(problem, where=scope[:200], code="account-scope", mend=mend)


class Robots(NamedTuple):
    """What a site asks of us: rules (allowed, pattern), and seconds between requests."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float = 0.0

    def forbids(self, target: str) -> str:
        """Return the pattern by which a path and query is not to be read, "" where it is.

        The longest that fits counts; of two as long the one that allows (RFC 9309 §2.2.2).
        """
        path = _plain(target)
        fitting = [(len(one), allowed, one) for allowed, one in self.rules if _fits(one, path)]
        _, allowed, pattern = max(fitting, default=(0, True, ""))
        return "" if allowed else pattern


ALL_ALLOWED = Robots()


def robots_of(body: bytes) -> Robots:
    """Read a robots.txt: the rules of all groups for us by name, else of those for anybody."""
    groups: dict[str, list[tuple[str, str]]] = {}
    named: list[str] = []
    open_group = False
    for line in body[:MOST_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found[1].lower(), found[2].strip()
        if name == "user-agent":
            named = [*(named if open_group else ()), value.lower()]
            open_group = True
            groups.setdefault(value.lower(), [])
        elif name in {"allow", "disallow", "crawl-delay"}:
            open_group = False
            for one in named:
                groups[one].append((name, value))
    told = groups[AGENT] if AGENT in groups else groups.get("*", [])
    delays = [float(value) for name, value in told if name[0] == "c" and _DELAY.fullmatch(value)]
    rules = tuple((name == "allow", _plain(v)) for name, v in told if name[0] != "c" and v)
    return Robots(rules, min(max(delays, default=0.0), LONGEST_DELAY))


def _plain(path: str) -> str:
    """Return a path in the one spelling that paths and patterns are compared in."""
    return quote(unquote_to_bytes(path), safe="!$&'()*+,-./:;=@_~?")


def _fits(pattern: str, path: str) -> bool:
    """Tell whether a pattern fits the beginning of a path, in one walk along it.

    ``*`` is anything, ``$`` at its end the end of the path (RFC 9309 §2.2.3).
    """
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")[: _MOST_STARS + 1]
    if not path.startswith(first):
        return False
    position = len(first)
    for number, one in enumerate(rest):
        if ends and number == len(rest) - 1:
            return path.endswith(one) and len(path) - len(one) >= position
        position = path.find(one, position)
        if position < 0:
            return False
        position += len(one)
    return not ends or position == len(path)
