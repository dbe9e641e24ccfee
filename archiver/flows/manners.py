"""Manners: what a site without an end is asked, how much of it, and how fast."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from archiver.capture.items import Listing, Problem
from archiver.capture.manners import ALL_ALLOWED, Bounded, Robots, robots_of
from archiver.capture.purposes import ask_page
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Answer, Ask
    from archiver.flows.archive import Archive

__all__ = ["Manners"]

_ROBOTS = "/robots.txt"
_NONE = frozenset({"end", "missing", "forbidden", "redirect", "authorisation"})
"""There is no robots.txt for us: a 4xx means that all may be read (RFC 9309 §2.3.1.3)."""


class Manners:
    """What one run may ask of a site, and when. Of a platform that has an end anything.

    Args:
        archive: for its clock.
        connector: of the platform.
        site: the account.
    """

    def __init__(self, archive: Archive, connector: Connector, site: Site) -> None:
        self._clock = archive.clock
        self._connector = connector if isinstance(connector, Bounded) else None
        self._site = site
        self._robots: dict[str, Robots | None] = {}
        self._last: dict[str, datetime] = {}
        self._asked: set[str] = set()
        self._alike: Counter[str] = Counter()

    def refusal(self, ask: Ask, send: Callable[[Ask], Answer]) -> Problem | None:
        """Return why something must not be asked, and wait until it may be where it may.

        What was known before and is asked for by itself is within bounds. ``send``: sends a
        request and settles what comes.
        """
        if self._connector is None or not ask.request.fenced:
            return None
        parts = urlsplit(ask.request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        bounds = self._connector.bounds(self._site)
        robots = ALL_ALLOWED
        if parts.path != _ROBOTS and bounds.robots:
            found = self._robots_of(origin, send)
            if found is None:
                return Problem("transient", f"robots.txt of {parts.netloc} can't be read")
            robots = found
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        rule = robots.forbids(target)
        if rule:
            return Problem("forbidden", f"robots.txt asks programs not to read {rule}")
        beyond = self._beyond(ask)
        if not beyond and not ask.request.rendered:
            self._pause(parts.netloc, max(bounds.pause, robots.delay))
        return Problem("bounds", beyond) if beyond else None

    def _robots_of(self, origin: str, send: Callable[[Ask], Answer]) -> Robots | None:
        """Return what a site asks for, read once in a run; None where that can't be told."""
        if origin not in self._robots:
            self._robots[origin] = ALL_ALLOWED  # while it is asked for
            url = urljoin(origin, _ROBOTS)
            name = f"robots {urlsplit(origin).netloc}"
            listing = Listing(
                name, Stream.PAGES, Request(url, fenced=True), Sensitivity.PUBLIC, name,
                exhaustive=False,
            )  # fmt: skip
            reading = send(ask_page(listing, listing.request, "1", 1)).reading
            problem = reading.page.problem
            if problem is None:
                self._robots[origin] = robots_of(reading.body)
            elif problem.code not in _NONE:
                self._robots[origin] = None
        return self._robots[origin]

    def _beyond(self, ask: Ask) -> str:
        """Return why a page lies beyond the bounds, and count it where it does not."""
        one, url = self._connector, ask.request.url
        if one is None or ask.purpose["role"] != "listing" or ask.request.rendered:
            return ""
        if ask.purpose["stream"] != Stream.PAGES or url in self._asked:
            return ""
        bounds, shape = one.bounds(self._site), one.shape(url)
        why = one.beyond(self._site, ask.request)
        if not why and len(self._asked) >= bounds.pages:
            why = f"more than {bounds.pages} pages"
        if not why and shape and self._alike[shape] >= bounds.alike:
            why = f"more than {bounds.alike} addresses like {shape}"
        if not why:
            self._asked.add(url)
            self._alike[shape] += 1
        return why

    def _pause(self, host: str, seconds: float) -> None:
        """Wait until a host may be asked again; note that it is asked now."""
        now = self._clock.now()
        due = self._last.get(host, now - timedelta(days=1)) + timedelta(seconds=seconds)
        if due > now:
            self._clock.sleep((due - now).total_seconds())
        self._last[host] = self._clock.now()
