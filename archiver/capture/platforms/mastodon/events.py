"""Events of the account's ``user`` stream (docs.joinmastodon.org/methods/streaming).

The stream is that of the home timeline: what people write whom the account follows comes
with it. Of statuses only the account's own and those that name it may be stored. Events
have no positions: what happens while nobody listens is left to listings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from archiver.capture.connector import Claim, Gone, Item, Listing, Page, Problem, Span
from archiver.capture.platforms.mastodon.addresses import api, handle, local_name
from archiver.capture.platforms.mastodon.answers import problem_of
from archiver.capture.platforms.mastodon.heads import Account, Conversation, Plain, head_of, is_id
from archiver.capture.platforms.mastodon.listings import of_conversation
from archiver.capture.platforms.mastodon.statuses import notification_items, status_items
from archiver.formats.event_stream import Event, events
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterable[Item]]

__all__ = ["NAME", "concerns", "event_status", "heard", "streams"]

NAME = "events"
_STATUSES = frozenset({"update", "status.update"})
_PLAIN = frozenset({"filters_changed", "notifications_merged", "announcement.reaction"})
"""Events that tell of nothing that has a record: a count, or that something is to be read anew."""
_JSON = "application/json"
_HEARTBEATS = re.compile(rb"(?::[^\r\n]*+(?:\r\n|\r|\n|\Z))*+")
"""Comment lines by which a server shows that it is alive; no empty line follows them."""


class _Urls(msgspec.Struct):
    streaming: str = ""


class _Configuration(msgspec.Struct):
    urls: _Urls = msgspec.field(default_factory=_Urls)


class _Instance(msgspec.Struct):
    """What a server says of itself (entity Instance)."""

    configuration: _Configuration


class _Mention(msgspec.Struct):
    acct: str = ""


class _Named(Plain):
    """A status, as far as it says whose it is and whom it names."""

    account: Account = msgspec.field(default_factory=Account)
    mentions: list[_Mention] = msgspec.field(default_factory=list)


_INSTANCE = msgspec.json.Decoder(_Instance)


def streams(site: Site) -> tuple[Listing, ...]:
    """Return the account's stream; the server's description says where that is."""
    if not site.authorised:
        return ()
    where = api(site, "v2/instance")
    return (Listing(NAME, Stream.MESSAGES, where, Sensitivity.PRIVATE, NAME, exhaustive=False),)


def heard(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut the stream, or the description that leads to it."""
    streamed = response.header("content-type").lower().startswith("text/event-stream")
    if streamed and response.status == 200:  # noqa: PLR2004 - HTTP OK
        return _cut_events(site, listing, response.body)
    problem = problem_of(response)
    return Page(problem=problem) if problem else _led(site, response.body)


def _led(site: Site, body: bytes) -> Page:
    """Read where a server streams. The token goes to the account's own origin alone."""
    try:
        streaming = _INSTANCE.decode(body).configuration.urls.streaming
        parts = urlsplit(streaming)
    except (*UNREADABLE, ValueError):
        return Page(problem=Problem("schema", "the server does not say where it streams"))
    own = urlsplit(site.url)
    if parts.netloc != own.netloc:
        told = f"its streams are on another host ({parts.netloc[:80]!r}), which gets no token"
        return Page(problem=Problem("forbidden", told))
    request = api(site, "v1/streaming/user")
    choose = partial(_choose, handle(site))
    claim = Claim("instance", 0, len(body), streaming)
    return Page(claims=(claim,), next=replace(request, listen=1.0, choose=choose))


def _choose(own: str, found: Sequence[bytes]) -> list[bytes]:
    """Say which events may be stored: all but statuses that are none of the account's."""
    return [one if _concerns(own, one) else b"" for one in found]


def _concerns(own: str, block: bytes) -> bool:
    for event in events(block):
        if event.type not in _STATUSES:
            continue
        return concerns(own, b"\n".join(block[a:b] for a, b in event.data))
    return True


def concerns(own: str, status: bytes) -> bool:
    """Say whether a status is the account's (its name) or names it; so is what can't be read."""
    head = head_of(status, _Named)
    names = [] if head is None else [head.account.acct, *(one.acct for one in head.mentions)]
    return head is None or own in map(local_name, names)


def _cut_events(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut a stream into what it shows and what it says is gone."""
    items: list[Item] = []
    claims: list[Claim] = []
    gone: list[Gone] = []
    end = 0
    for event in events(body):
        end = event.end
        found = _cut(site, listing, body, event)
        if found is None:
            continue
        items += (one for one in found if isinstance(one, Item))
        gone += (one for one in found if isinstance(one, Gone))
        claims.append(Claim("event", event.begin, event.end, event.type))
    beats = _HEARTBEATS.match(body, end)
    if beats:
        claims.append(Claim("heartbeat", end, beats.end(), ""))
    return Page(tuple(items), tuple(claims), gone=tuple(gone))


def _cut(site: Site, listing: Listing, body: bytes, event: Event) -> list[Item | Gone] | None:
    """Return what an event is about, or None where it is not understood."""
    if event.type in _PLAIN or not event.type:
        return []
    if len(event.data) != 1:
        return None
    cut = event.data[0]
    if event.type in _GONE:
        return _gone(body, cut, event.type)
    cutter = _CUTTERS.get(event.type)
    found = list(cutter(site, listing, body, cut)) if cutter else []
    return list(found) or None


def _gone(body: bytes, cut: Cut, kind: str) -> list[Item | Gone] | None:
    """Return what is said to be gone: an event that has nothing but an id."""
    native_id = body[slice(*cut)].decode("utf-8", "replace").strip().strip('"')
    prefix, streams = _GONE[kind]
    if not is_id(native_id) or not native_id.isascii():
        return None
    return [Gone(prefix + native_id, streams, (Span("event", *cut),), "text/plain")]


def event_status(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a status, in the group of the listing that shows it: own ones, or who named us."""
    head = head_of(body[slice(*cut)], _Named)
    own = head is not None and local_name(head.account.acct) == handle(site)
    for item in status_items(site, listing, body, cut):
        yield replace(item, group="statuses" if own else "notifications")


def _notification(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    for item in notification_items(site, listing, body, cut):
        yield replace(item, group="notifications")


def _conversation(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    head = head_of(body[slice(*cut)], Conversation)
    if head is not None:
        follow = of_conversation(site, listing, head)
        yield replace(_plain(f"conversation/{head.id}", "conversations", cut), follow=follow)


def _announcement(_site: Site, _listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a notice of the server's to everybody on it: no listing enumerates them."""
    head = head_of(body[slice(*cut)], Plain)
    if head is not None:
        yield _plain(f"announcement/{head.id}", "announcements", cut)


def _plain(native_id: str, group: str, cut: Cut) -> Item:
    spans, who = (Span("item", *cut),), Sensitivity.PRIVATE
    return Item(Stream.MESSAGES, native_id, Kind.PRESENT, who, spans, _JSON, group=group)


_GONE = {
    "delete": ("", (Stream.MESSAGES, Stream.POSTS, Stream.COMMENTS)),
    "announcement.delete": ("announcement/", (Stream.MESSAGES,)),
}
"""Event that tells of a deletion -> what stands before the id, and the streams it may be in."""
_CUTTERS: dict[str, Cutter] = {
    "update": event_status,
    "status.update": event_status,
    "notification": _notification,
    "conversation": _conversation,
    "announcement": _announcement,
}
