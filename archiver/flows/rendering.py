"""Rendering: a browser shows a page, and gets each part of it through us."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import ExitStack
from typing import TYPE_CHECKING

from archiver.browsing import Part, Wanted
from archiver.capture.manners import Bounded
from archiver.capture.purposes import ask_file, ask_page
from archiver.capture.reading import read
from archiver.errors import CaptureError, UsageError
from archiver.formats.http1 import response_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.browsing import Browser
    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Ask
    from archiver.capture.settling import Settler
    from archiver.flows.archive import Archive
    from archiver.ports import Spool
    from archiver.record import Exchange, Request

__all__ = ["Rendering"]

MOST_KEPT = 64 << 20
"""Bytes of answers that are kept in memory, so that no part of many pages is asked for twice."""
MOST_PARTS = 500
_HOPS = frozenset(
    ("connection", "content-encoding", "content-length", "keep-alive", "set-cookie", "trailer"),
) | {"transfer-encoding", "upgrade"}
"""Headers that are about the connection, or would make one visit lead to another."""


class Rendering:
    """Shows pages of one run; its browser starts once the first one is to be shown.

    Args:
        archive: has the browser, where one is set up.
        connector: of the platform.
        site: the account.
        spool: where exchanges go.
    """

    def __init__(self, archive: Archive, connector: Connector, site: Site, spool: Spool) -> None:
        self._archive = archive
        self._connector = connector
        self._site = site
        self._spool = spool
        self._open = ExitStack()
        self._browser: Browser | None = None
        self._kept: OrderedDict[str, Part] = OrderedDict()
        self._size = 0

    def close(self) -> None:
        """End the browser, if one was started."""
        self._browser = None
        self._open.close()

    def note(self, url: str, exchange: Exchange) -> None:
        """Keep an answer: a browser that wants it gets what was recorded."""
        if self._archive.open_browser is None or len(exchange.response) > MOST_KEPT // 4:
            return
        response = response_of(exchange)
        if not response.complete:
            return
        headers = [(n, v) for n, v in response.headers if n.lower() not in _HOPS]
        if url in self._kept:
            self._size -= len(self._kept.pop(url).body)
        self._kept[url] = Part(response.status, tuple(headers), response.body)
        self._size += len(response.body)
        while self._size > MOST_KEPT:
            self._size -= len(self._kept.popitem(last=False)[1].body)

    def show(
        self,
        ask: Ask,
        send: Callable[[Request, Mapping[str, str]], Exchange],
        settler: Settler,
    ) -> Exchange:
        """Have a page shown; what it is made of is recorded and settled on the way.

        Raises `CaptureError` where there is no browser, or it can't show the page.
        """
        if self._browser is None:
            if self._archive.open_browser is None:
                raise CaptureError("no browser is set up", where=ask.request.url)
            self._browser = self._open.enter_context(self._archive.open_browser(self._spool))
        parts = 0

        def fetch(wanted: Wanted) -> Part:
            nonlocal parts
            parts += 1
            return self._fetch(wanted, send, settler) if parts <= MOST_PARTS else Part()

        return self._browser.show(ask.request, ask.purpose, fetch)

    def _fetch(
        self,
        wanted: Wanted,
        send: Callable[[Request, Mapping[str, str]], Exchange],
        settler: Settler,
    ) -> Part:
        """Return a part of a page; nothing where it may not be asked for, or does not come."""
        one = self._connector
        if wanted.method != "GET" or not isinstance(one, Bounded):
            return Part()
        follow = one.part(self._site, wanted.url, wanted.kind)
        if follow is None:
            return Part()
        listing = follow.listing
        ask = ask_file(follow) if listing is None else ask_page(listing, listing.request, "1", 1)
        if ask.request.url not in self._kept:
            try:
                exchange = send(ask.request, ask.purpose)
            except (CaptureError, UsageError):  # what came is recorded, and said to be refused
                return Part()
            settler.take(exchange, read(one, self._site, exchange))
            self.note(ask.request.url, exchange)
        return self._kept.get(ask.request.url, Part())
