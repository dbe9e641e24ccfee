"""One thing of a list: its stream, its id, who may see it, what it leads to."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.capture.connector import Follow
from archiver.capture.platforms.bluesky.addresses import at_uri, parameter
from archiver.capture.platforms.bluesky.cut import read
from archiver.capture.platforms.bluesky.heads import (
    Feed,
    Found,
    Notification,
    Person,
    Post,
    Record,
    owner,
)
from archiver.capture.platforms.bluesky.listings import (
    COLLECTIONS,
    VIEWS,
    about,
    blob,
    sensitivity_of,
    thread,
)
from archiver.capture.platforms.bluesky.shown import seen_by
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.connector import Listing, Site

    Maker = Callable[[Site, Listing, bytes], "Thing | None"]

__all__ = ["MAKERS", "Thing", "record"]

_FEED = msgspec.json.Decoder(Feed)
_FOUND = msgspec.json.Decoder(Found)
_NOTIFICATION = msgspec.json.Decoder(Notification)
_PERSON = msgspec.json.Decoder(Person)
_POST = msgspec.json.Decoder(Post)
_RECORD = msgspec.json.Decoder(Record)
_CID = re.compile(r"[A-Za-z0-9+/=_-]{20,200}", re.ASCII)
_WORD = re.compile(r"[a-z-]{1,64}", re.ASCII)


class Thing(NamedTuple):
    """What an item is, but for where it lies."""

    stream: str
    native_id: str
    sensitivity: str
    follow: tuple[Follow, ...] = ()


def record(site: Site, listing: Listing, data: bytes) -> Thing | None:
    """Return a record of a repository, with the files that it names."""
    del listing
    head = read(_RECORD, data)
    address = at_uri(head.uri) if head else None
    if head is None or address is None:
        return None
    stream = COLLECTIONS.get(address.collection, Stream.PAGES)
    who = sensitivity_of(stream)
    cids = _blobs(head.value) if b'"blob"' in data else ()
    return Thing(stream, head.uri, who, tuple(blob(site, address.did, cid, who) for cid in cids))


def _blobs(value: object) -> tuple[str, ...]:
    """Return the files that a record refers to (atproto.com/specs/data-model, blob)."""
    found: dict[str, None] = {}
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            link = one.get("ref")
            cid = link.get("$link") if isinstance(link, dict) else None
            if one.get("$type") == "blob" and isinstance(cid, str) and _CID.fullmatch(cid):
                found[cid] = None
            left += one.values()
    return tuple(sorted(found))


def _view(site: Site, listing: Listing, data: bytes) -> Thing | None:
    """Return how the network shows a post of the account, or a post that it reposted."""
    head = read(_FEED, data)
    if head is None or at_uri(head.post.uri) is None:
        return None
    uri = head.post.uri
    if head.reason.type.endswith("#reasonRepost"):
        named = at_uri(head.reason.uri) is not None
        return Thing(Stream.POSTS, f"{head.reason.uri if named else uri}/view", seen_by(data))
    every = listing.name == VIEWS
    follow: tuple[Follow, ...] = (
        _listed(about(site, "likes", uri, head.post.likes), every=every),
        _listed(about(site, "reposts", uri, head.post.reposts), every=every),
        _listed(about(site, "quotes", uri, head.post.quotes), every=every),
    )
    if owner(head.post.root) != owner(uri):  # it begins a thread, or joins one of somebody else
        joins = head.post.root != ""
        stated = None if joins and not head.post.replies else head.post.replies
        one = thread(site, uri, above=joins, stated=stated)
        follow = (_listed(one, every=every), *follow)
    return Thing(Stream.MODERATION, f"{uri}/view", Sensitivity.PRIVATE, follow)


def _listed(listing: Listing, *, every: bool) -> Follow:
    return Follow("listing", listing.stream, listing=listing, always=every, ages=True)


def _like(site: Site, listing: Listing, data: bytes) -> Thing | None:
    del site
    head = read(_FOUND, data)
    return _reaction(listing, "like", head.actor, data) if head else None


def _repost(site: Site, listing: Listing, data: bytes) -> Thing | None:
    del site
    head = read(_PERSON, data)
    return _reaction(listing, "repost", head, data) if head else None


def _reaction(listing: Listing, what: str, person: Person, data: bytes) -> Thing | None:
    uri = parameter(listing.request.url, "uri")
    if not person.valid or at_uri(uri) is None:
        return None
    return Thing(Stream.REACTIONS, f"{uri}/{what}/{person.did}", seen_by(data))


def _quote(site: Site, listing: Listing, data: bytes) -> Thing | None:
    del site, listing
    head = read(_POST, data)
    if head is None or at_uri(head.uri) is None:
        return None
    return Thing(Stream.COMMENTS, f"{head.uri}/quote", seen_by(data))


def _person(stream: Stream, before: str) -> Maker:
    """Return a maker of things that are people; ``before`` stands before the DID."""

    def make(site: Site, listing: Listing, data: bytes) -> Thing | None:
        del site, listing
        head = read(_PERSON, data)
        known = head is not None and head.valid
        return Thing(stream, f"{before}{head.did}", Sensitivity.PRIVATE) if head and known else None

    return make


def _list(site: Site, listing: Listing, data: bytes) -> Thing | None:
    del site, listing
    head = read(_FOUND, data)
    known = head is not None and at_uri(head.uri) is not None
    private = Sensitivity.PRIVATE
    return Thing(Stream.MODERATION, f"list-mute/{head.uri}", private) if head and known else None


def _notification(site: Site, listing: Listing, data: bytes) -> Thing | None:
    """Return a notification; one of an answer leads to the thread it was given in."""
    del listing
    head = read(_NOTIFICATION, data)
    if head is None or at_uri(head.uri) is None or _WORD.fullmatch(head.reason) is None:
        return None
    follow: tuple[Follow, ...] = ()
    if head.reason == "reply" and at_uri(head.subject) is not None:
        root = head.record.reply.root.uri
        own = owner(root) == owner(head.subject)
        follow = (_listed(thread(site, root if own else head.subject), every=False),)
    native_id = f"notification/{head.reason}/{head.uri}"
    return Thing(Stream.MESSAGES, native_id, Sensitivity.PRIVATE, follow)


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "records": record,
        "feed": _view,
        "likes": _like,
        "repostedBy": _repost,
        "posts": _quote,
        "followers": _person(Stream.SUBSCRIBERS, "follower/"),
        "follows": _person(Stream.SUBSCRIBERS, "following/"),
        "mutes": _person(Stream.MODERATION, "mute/"),
        "blocks": _person(Stream.MODERATION, "block/"),
        "lists": _list,
        "notifications": _notification,
    }
)
"""Member that holds the items -> how one of them is read."""
