"""What an exchange shows of which things, as today's parser cuts it. Pure.

More than settling makes of it: things seen again unchanged, things that others contain, things
that an event says are gone, and the thing that was asked for, whatever the answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from archiver.capture.problems import kind_of
from archiver.capture.reading import read
from archiver.errors import ArchiverError
from archiver.formats.http1 import DELIVERY, response_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from archiver.capture.connector import Connector, Item, Site
    from archiver.capture.known import Thing
    from archiver.capture.reading import Reading
    from archiver.record import Exchange

__all__ = ["BROKEN", "Names", "Shown", "address_of", "is_below", "shown"]

_UNFIT = (ArchiverError, ArithmeticError, AttributeError, LookupError, RecursionError)
BROKEN = (*_UNFIT, TypeError, ValueError)
"""What a parser that breaks its promise may raise, or a purpose that is none of ours."""
_WORD = re.compile(rb"[0-9A-Za-z_]+")


class Shown(NamedTuple):
    """What an exchange shows.

    ``things`` as (stream, native id). ``led``: names of listings about one thing, and that
    thing. ``claimed``: what of the envelope is more than a value, as objects beside the items
    that these refer to. ``residue``: whether the answer has bytes that nothing claims.
    ``unread``: why nobody can tell what else it shows, or "".
    """

    things: frozenset[Thing]
    led: tuple[tuple[str, Thing], ...] = ()
    claimed: bytes = b""
    residue: bool = False
    unread: str = ""


def shown(connector: Connector | None, site: Site, exchange: Exchange) -> Shown:
    """Return what an exchange shows; None: nothing here can cut it.

    Never raises, whatever the connector does.
    """
    asked = _asked(exchange)
    if not _has_body(exchange):
        return Shown(asked)
    if connector is None:
        return Shown(asked, unread="no connector")
    try:
        reading = read(connector, site, exchange)
        why = "" if exchange.purpose["role"] == "file" else _unread(exchange, reading)
    except BROKEN as error:
        return Shown(asked, unread=f"its parser fails: {type(error).__name__}")
    page = reading.page
    items = {(one.stream, one.native_id) for one in page.items}
    held = {(c.stream, c.native_id) for one in page.items for c in one.contains if c.native_id}
    told = {(stream, one.native_id) for one in page.gone for stream in one.streams}
    led = tuple(pair for one in page.items for pair in _led(one))
    claims = (reading.body[one.start : one.end].strip() for one in page.claims)
    claimed = b"\n".join(one for one in claims if one.startswith((b"{", b"[", b"<")))
    return Shown(asked | items | held | told, led, claimed, bool(reading.residue), why)


class Names:
    """Finds ids of things in bytes, each as a word of its own."""

    def __init__(self, native_ids: Iterable[str]) -> None:
        self._by_word = defaultdict[bytes, list[bytes]](list)
        for one in set(native_ids):
            text = one.encode("utf-8", "replace")
            first = _WORD.search(text)
            self._by_word[first[0] if first else b""].append(text)

    def are_in(self, text: bytes) -> bool:
        """Tell whether one of the ids is in a text."""
        words = {b"", *_WORD.findall(text)} if self._by_word else ()
        return any(_is_in(one, text) for word in words for one in self._by_word.get(word, ()))


def _is_in(name: bytes, text: bytes) -> bool:
    at = text.find(name)
    while at >= 0:
        before, after = text[max(at - 1, 0) : at], text[at + len(name) :][:1]
        if not _WORD.match(before) and not _WORD.match(after):
            return True
        at = text.find(name, at + 1)
    return False


def address_of(connector: Connector, site: Site, thing: Thing) -> str:
    """Return the address below which all is about one thing; "" where the platform has none.

    Below that of a profile is all that the account has.
    """
    if thing[0] == Stream.PROFILE:
        return ""
    try:
        request = connector.direct(site, *thing)
    except BROKEN:  # no id that the platform gives: a listing, residue
        return ""
    parts = urlsplit(request.url) if request else None
    if parts is None or not _named(thing[1]).are_in(unquote(parts.path).encode()):
        return ""  # what is asked with its id in the query alone may be about many
    return f"{parts.netloc}{parts.path.rstrip('/')}"


def is_below(url: str, addresses: AbstractSet[str]) -> bool:
    """Tell whether an address is one of some (`address_of`), or below it."""
    parts = urlsplit(url)
    at = f"{parts.netloc}{parts.path.rstrip('/')}"
    while at and at not in addresses:
        at = at.rpartition("/")[0]
    return bool(at)


def _named(native_id: str) -> Names:
    """Return what finds a thing's id, or its own part of it."""
    return Names({native_id, native_id.rpartition("/")[2]} - {""})


def _asked(exchange: Exchange) -> frozenset[Thing]:
    """Return the thing that was asked for itself: a file, a direct look, a part."""
    purpose = exchange.purpose
    if "native_id" not in purpose or "stream" not in purpose:
        return frozenset()
    return frozenset([(purpose["stream"], purpose["native_id"])])


def _has_body(exchange: Exchange) -> bool:
    """Tell whether the platform sent anything behind a head."""
    told = exchange.purpose.get("role") == DELIVERY
    return bool((exchange.request if told else exchange.response).partition(b"\r\n\r\n")[2])


def _unread(exchange: Exchange, reading: Reading) -> str:
    """Return why an answer was not cut, or "": it is none of content, or was cut."""
    problem = reading.page.problem
    if problem is None or reading.page.items:
        return ""
    if kind_of(problem).is_content:
        return problem.code if reading.residue else ""
    return "" if response_of(exchange).complete else problem.code


def _led(item: Item) -> Iterator[tuple[str, Thing]]:
    """Yield the listings that an item leads to and that are about it: named after its id."""
    if item.stream == Stream.PROFILE:
        return
    name = _named(item.native_id) if item.follow else Names(())
    for one in item.follow:
        listing = one.listing
        if listing is not None and name.are_in(listing.name.encode()):
            yield listing.name, (item.stream, item.native_id)
