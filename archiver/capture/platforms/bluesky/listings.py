"""What to ask a personal data server: listings, what their items lead to, single things.

The server answers for its repositories itself and passes on what only the network's
AppView knows (``app.bsky.*``). Every listing is read from the newest end, page by page
with a cursor; repositories by record key, so that nothing shifts between pages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.bluesky.addresses import actor_of, at_uri, is_did, xrpc
from archiver.capture.platforms.bluesky.blocks import VERSION
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = [
    "COLLECTIONS",
    "DEPTH",
    "VIEWS",
    "about",
    "blob",
    "car",
    "collection",
    "commit",
    "direct",
    "listings",
    "sensitivity_of",
    "thread",
]

DEPTH = "100"
"""Levels of answers that one request for a thread asks for; deeper ones are asked apart."""
HEIGHT = "100"
"""Posts that it asks for above the one that is asked about."""
VIEWS, NOTIFICATIONS = "views", "notifications"
_LIMIT = "100"  # the most that the lexicons allow
_PRIVATE = frozenset({Stream.SUBSCRIBERS, Stream.MODERATION, Stream.MESSAGES})

COLLECTIONS = {
    "app.bsky.feed.post": Stream.POSTS,
    "app.bsky.feed.repost": Stream.REACTIONS,
    "app.bsky.feed.like": Stream.REACTIONS,
    "app.bsky.graph.follow": Stream.SUBSCRIBERS,
    "app.bsky.graph.block": Stream.MODERATION,
    "app.bsky.graph.list": Stream.MODERATION,
    "app.bsky.graph.listitem": Stream.MODERATION,
    "app.bsky.graph.listblock": Stream.MODERATION,
    "app.bsky.feed.threadgate": Stream.MODERATION,
    "app.bsky.feed.postgate": Stream.MODERATION,
    "app.bsky.actor.profile": Stream.PROFILE,
    "app.bsky.actor.status": Stream.PROFILE,
    "app.bsky.feed.generator": Stream.PAGES,
    "app.bsky.graph.starterpack": Stream.PAGES,
    "app.bsky.labeler.service": Stream.MODERATION,
}
"""Collection of a repository -> stream. Those of other applications are pages."""


class _Query(NamedTuple):
    """One listing of the AppView: name, stream, method, whether it names everything."""

    name: str
    stream: Stream
    nsid: str
    exhaustive: bool = True
    actor: bool = False


_QUERIES = (
    _Query("followers", Stream.SUBSCRIBERS, "app.bsky.graph.getFollowers", actor=True),
    _Query("follows", Stream.SUBSCRIBERS, "app.bsky.graph.getFollows", actor=True),
    _Query("mutes", Stream.MODERATION, "app.bsky.graph.getMutes"),
    _Query("blocks", Stream.MODERATION, "app.bsky.graph.getBlocks"),
    _Query("list mutes", Stream.MODERATION, "app.bsky.graph.getListMutes"),
    # What a notification told of may be gone and its notification with it: no proof.
    _Query(
        NOTIFICATIONS,
        Stream.MESSAGES,
        "app.bsky.notification.listNotifications",
        exhaustive=False,
    ),
)
_ABOUT = {
    "likes": (Stream.REACTIONS, "app.bsky.feed.getLikes"),
    "reposts": (Stream.REACTIONS, "app.bsky.feed.getRepostedBy"),
    "quotes": (Stream.COMMENTS, "app.bsky.feed.getQuotes"),
}


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate; names ending in `` newest`` ask no more than what is new.

    A handle is whoever bears it today. With a login the session says whose it is; without
    one only a DID names an account, and of a handle the DID alone is asked for.
    """
    newest = " newest" if mode == "incremental" else ""
    if not site.authorised and not is_did(actor_of(site)):
        return (_repository(site, newest),)
    found = [_repository(site, newest), *(collection(site, nsid) for nsid in COLLECTIONS)]
    if site.authorised:
        actor = actor_of(site)
        profile = xrpc(site, "app.bsky.actor.getProfile", actor=actor)
        found.append(_single("profile view", Stream.PROFILE, profile))
        feed = xrpc(site, "app.bsky.feed.getAuthorFeed", actor=actor, limit=_LIMIT)
        found.append(_listing(f"{VIEWS}{newest}", VIEWS, Stream.MODERATION, feed))
        for query in _QUERIES:
            who = {"actor": actor} if query.actor else {}
            url = xrpc(site, query.nsid, **who, limit=_LIMIT)
            one = _listing(query.name, query.name, query.stream, url, exhaustive=query.exhaustive)
            found.append(one)
    return tuple(found)


def polled(site: Site) -> tuple[Listing, ...]:
    """Return the account's notifications, which hold the replies of others; none without a login.

    Streams are filtered by whose repository it is, never by whom a post answers, so that theirs
    tell of nobody else.
    """
    told = (query for query in _QUERIES if query.name == NOTIFICATIONS)
    return tuple(
        _listing(
            one.name, one.name, one.stream, xrpc(site, one.nsid, limit=_LIMIT),
            exhaustive=one.exhaustive,
        )
        for one in told if site.authorised
    )  # fmt: skip


def collection(site: Site, nsid: str) -> Listing:
    """Return the listing of one collection of the account's repository."""
    where = {"repo": actor_of(site), "collection": nsid, "limit": _LIMIT}
    url = xrpc(site, "com.atproto.repo.listRecords", **where)
    # Keys of records are times of their making, but for those that are names.
    return _listing(nsid, nsid, COLLECTIONS.get(nsid, Stream.PAGES), url, dated=True)


def thread(
    site: Site, uri: str, *, deep: bool = False, above: bool = False, stated: int | None = None
) -> Listing:
    """Return the listing of all answers to a post; ``deep``: to one far down in a thread.

    ``above``: also of what the post answers.
    """
    name = f"{'replies' if deep else 'comments'} {uri}"
    where = {"uri": uri, "depth": DEPTH, "parentHeight": HEIGHT if above else "0"}
    url = xrpc(site, "app.bsky.feed.getPostThread", **where)
    return _listing(name, name, Stream.COMMENTS, url, stated=stated)


def about(site: Site, what: str, uri: str, stated: int) -> Listing:
    """Return the listing of ``likes``, ``reposts`` or ``quotes`` of a post."""
    stream, nsid = _ABOUT[what]
    name = f"{what} {uri}"
    one = _listing(name, name, stream, xrpc(site, nsid, uri=uri, limit=_LIMIT), stated=stated)
    return replace(one, counted=True)


def commit(site: Site, did: str) -> Listing:
    """Return the listing of one: the head of the signed repository."""
    url = xrpc(site, "com.atproto.sync.getLatestCommit", did=did)
    return _single("commit", Stream.PROFILE, url)


def car(site: Site, did: str, rev: str) -> Follow:
    """Return the whole repository at a revision, a file (atproto.com/specs/repository)."""
    request = Request(xrpc(site, "com.atproto.sync.getRepo", did=did))
    return Follow("file", Stream.MEDIA, f"repository/{rev}", Sensitivity.PRIVATE, request)


def blob(site: Site, did: str, cid: str, sensitivity: str) -> Follow:
    """Return a picture, a recording or another file of a repository."""
    request = Request(xrpc(site, "com.atproto.sync.getBlob", did=did, cid=cid))
    return Follow("file", Stream.MEDIA, cid, sensitivity, request)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing itself, or None where the network has no such."""
    uri, mark, cid = native_id.partition(VERSION)
    if at_uri(uri) is not None and (mark or stream != Stream.COMMENTS):
        return _record(site, uri, cid)
    whole, _, part = native_id.rpartition("/")
    if part == "view" and stream == Stream.POSTS:
        return _record(site, whole)
    if part in {"view", "quote"}:
        native_id = whole
    if at_uri(native_id) is not None:
        where = {"uri": native_id, "depth": "0", "parentHeight": "0"}
        return Request(xrpc(site, "app.bsky.feed.getPostThread", **where))
    return _relation(site, stream, native_id.rpartition("/")[2])


def _record(site: Site, uri: str, cid: str = "") -> Request | None:
    thing = at_uri(uri)
    if thing is None:
        return None
    where = {"repo": thing.did, "collection": thing.collection, "rkey": thing.rkey}
    version = {"cid": cid} if cid else {}
    return Request(xrpc(site, "com.atproto.repo.getRecord", **where, **version))


def _relation(site: Site, stream: str, did: str) -> Request | None:
    """Return the question whether somebody follows, is followed, muted or blocked."""
    if not is_did(did) or not site.authorised:
        return None
    if stream == Stream.SUBSCRIBERS:
        where = {"actor": actor_of(site), "others": did}
        return Request(xrpc(site, "app.bsky.graph.getRelationships", **where))
    if stream == Stream.MODERATION:
        return Request(xrpc(site, "app.bsky.actor.getProfile", actor=did))
    return None


def _repository(site: Site, newest: str) -> Listing:
    url = xrpc(site, "com.atproto.repo.describeRepo", repo=actor_of(site))
    return _single(f"repository{newest}", Stream.PROFILE, url)


def _single(name: str, stream: Stream, url: str) -> Listing:
    """Return a listing of one thing; its absence would prove nothing."""
    return Listing(name, stream, Request(url), Sensitivity.PUBLIC, name, exhaustive=False)


def _listing(  # noqa: PLR0913 - the parts of a listing, each once
    name: str,
    group: str,
    stream: Stream,
    url: str,
    *,
    exhaustive: bool = True,
    stated: int | None = None,
    dated: bool = False,
) -> Listing:
    return Listing(
        name=name,
        stream=stream,
        request=Request(url),
        sensitivity=sensitivity_of(stream),
        group=group,
        exhaustive=exhaustive,
        newest_first=True,
        stated=stated,
        dated=dated,
    )


def sensitivity_of(stream: str) -> Sensitivity:
    """Return who may read what a stream holds, where the thing itself says nothing else."""
    return Sensitivity.PRIVATE if stream in _PRIVATE else Sensitivity.PUBLIC
