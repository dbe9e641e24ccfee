"""What an answer of the AppView holds of other things: posts it shows within a post.

A record of a repository names others by address and CID alone. The AppView puts their
content beside it: quoted posts, feeds and lists in ``embed``, the posts that an entry of
a feed answers in ``reply``, the record that a notification is about. An address of the
account's own is that of its record; of another's nobody can tell from the bytes whether
the archive keeps it as an answer, a quote or a shared post.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Contained
from archiver.capture.platforms.bluesky.addresses import actor_of, at_uri
from archiver.capture.platforms.bluesky.heads import owner
from archiver.capture.platforms.bluesky.listings import COLLECTIONS, sensitivity_of
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Site

__all__ = ["contained_in"]

_MARKS = (b'"embed"', b'"embeds"', b'"reply"', b'"reason"', b'"post"')
_CONTENT = ("value", "record", "creator")
"""Members of which a view with an address has one where it shows content."""


def contained_in(site: Site, data: bytes, sensitivity: str) -> tuple[Contained, ...]:
    """Return what an item of that sensitivity holds of others. Never raises."""
    if not any(mark in data for mark in _MARKS):
        return ()
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
        found = list(_inside(site, value))
    except (ValueError, RecursionError):  # what can't be read may hold anything
        return (Contained(),)
    public = sensitivity == Sensitivity.PUBLIC
    return tuple(
        Contained() if public and one.stream and not _is_public(one.stream) else one
        for one in found
    )


def _is_public(stream: str) -> bool:
    return sensitivity_of(Stream(stream)) == Sensitivity.PUBLIC


def _inside(site: Site, item: Any) -> Iterator[Contained]:  # noqa: ANN401 - any JSON value
    if not isinstance(item, dict):
        return
    if "reasonSubject" in item or isinstance(item.get("reason"), str):
        yield from _notified(item)
    post = item.get("post")
    if isinstance(post, dict):
        yield _named(site, post)
        yield from _embedded(site, post)
    reply = item.get("reply")
    above = [reply.get(name) for name in ("root", "parent")] if isinstance(reply, dict) else []
    for answered in above:
        if isinstance(answered, dict) and "record" in answered:
            yield _named(site, answered)
            yield from _embedded(site, answered)
    yield from _embedded(site, item)


def _notified(item: dict[str, Any]) -> Iterator[Contained]:
    """Yield what a notification is about: the answer, quote, like or follow itself."""
    uri, subject, reason = (item.get(name) for name in ("uri", "reasonSubject", "reason"))
    if not isinstance(item.get("record"), dict) or not isinstance(uri, str):
        return
    if at_uri(uri) is None:
        yield Contained()
    elif reason == "reply":
        yield Contained(Stream.COMMENTS, uri)
    elif reason == "quote":
        yield Contained(Stream.COMMENTS, f"{uri}/quote")
    elif reason == "follow":
        yield Contained(Stream.SUBSCRIBERS, f"follower/{owner(uri)}")
    elif reason in {"like", "repost"} and isinstance(subject, str) and at_uri(subject):
        yield Contained(Stream.REACTIONS, f"{subject}/{reason}/{owner(uri)}")
    else:
        yield Contained()


def _embedded(site: Site, view: dict[str, Any]) -> Iterator[Contained]:
    """Yield what a view shows within itself (lexicons app.bsky.embed, ``…#view``)."""
    left = [view.get("embed"), view.get("embeds")]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += reversed(one)
        elif isinstance(one, dict):
            if isinstance(one.get("uri"), str) and any(name in one for name in _CONTENT):
                yield _named(site, one)
            left += [
                member for name, member in reversed(one.items()) if name not in {"value", "author"}
            ]


def _named(site: Site, view: dict[str, Any]) -> Contained:
    """Return under which id the account's archive keeps what a view shows, if that is told."""
    address = at_uri(view["uri"]) if isinstance(view.get("uri"), str) else None
    who = view.get("author", view.get("creator"))
    names = {who.get("did"), who.get("handle")} if isinstance(who, dict) else set()
    if address is None or actor_of(site) not in {address.did, *names}:
        return Contained()
    return Contained(COLLECTIONS.get(address.collection, Stream.PAGES), view["uri"])
