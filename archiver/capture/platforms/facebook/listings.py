"""What to ask for: lists, single nodes, and what nodes lead to in turn.

A list's group begins with the kind of its nodes, by which an answer is cut (`items`). Names
end in `NEWEST` in an incremental run, so that what hangs on nodes is asked for sparingly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.facebook import nodes
from archiver.capture.platforms.facebook.addresses import PAGE
from archiver.capture.platforms.graph.addresses import api, is_node
from archiver.capture.platforms.graph.threads import CONVERSATION, LISTED, NEWEST, is_full
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = [
    "DELIVERIES",
    "OWNER",
    "comments_of",
    "deliveries",
    "direct",
    "hanging",
    "listings",
    "node",
    "of_page",
]

OWNER = "owner"
"""The part of a post that Facebook tells its owner alone."""
DELIVERIES = "deliveries"
_MOST = "100"
"""Nodes of a page: more than 100 posts are refused (docs/graph-api/reference/page/feed)."""


class _Edge(NamedTuple):
    """A list of the Page's: name, stream, path below the Page, fields, further parameters.

    ``exhaustive``: it names all there is. ``newest_first``, ``dated``: see `Listing`.
    """

    name: str
    stream: Stream
    path: str
    fields: str
    parameters: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never written
    exhaustive: bool = True
    newest_first: bool = True
    dated: bool = False
    shows: tuple[Stream, ...] = ()


_HIDDEN = {"include_hidden": "true", "show_expired": "true"}
_POSTS_SHOW = (Stream.MEDIA,)
_EDGES = (
    _Edge("settings", Stream.PROFILE, "settings", nodes.SETTING, newest_first=False),
    _Edge("roles", Stream.PROFILE, "roles", nodes.ROLE, newest_first=False),
    # Graph shows some 600 posts a year here, by rank: what is missing is asked for itself.
    _Edge("posts", Stream.POSTS, "published_posts", nodes.POST, _HIDDEN, dated=True),
    _Edge(
        "visitor_posts", Stream.POSTS, "visitor_posts", nodes.POST, _HIDDEN, dated=True,
        shows=_POSTS_SHOW,
    ),
    _Edge("feed", Stream.POSTS, "feed", nodes.POST, _HIDDEN, exhaustive=False, shows=_POSTS_SHOW),
    _Edge("tagged", Stream.POSTS, "tagged", nodes.POST, exhaustive=False, shows=_POSTS_SHOW),
    _Edge("scheduled", Stream.POSTS, "scheduled_posts", nodes.POST, newest_first=False),
    # A story is listed for a day, then only where the Page keeps an archive of them.
    _Edge("stories", Stream.POSTS, "stories", nodes.STORY, exhaustive=False, shows=_POSTS_SHOW),
    _Edge("live", Stream.POSTS, "live_videos", nodes.LIVE),
    _Edge("photos", Stream.MEDIA, "photos", nodes.PHOTO, {"type": "uploaded"}),
    _Edge("videos", Stream.MEDIA, "videos", nodes.VIDEO, {"type": "uploaded"}),
    _Edge("reels", Stream.MEDIA, "video_reels", nodes.VIDEO),
    _Edge("albums", Stream.MEDIA, "albums", nodes.ALBUM, newest_first=False),
    _Edge("ratings", Stream.COMMENTS, "ratings", nodes.RATING),
    _Edge("blocked", Stream.MODERATION, "blocked", nodes.BLOCKED),
)  # fmt: skip
_FOLDERS = ("inbox", "page_done", "other", "pending", "spam")
"""Folders of conversations: the one that is asked for without a word, done, requests, spam.

Their names have no published list (general knowledge); one that there is none of is empty.
"""
_FIELDS = {
    "posts": nodes.POST, "comments": nodes.COMMENT, "photos": nodes.PHOTO, "live": nodes.LIVE,
    "videos": nodes.VIDEO, "albums": nodes.ALBUM, "conversations": CONVERSATION,
    "messages": LISTED,
}  # fmt: skip
_PREFIXED = {
    "live": "live", "video": "videos", "album": "albums", "conversation": "conversations",
}  # fmt: skip
_PLAIN = {
    Stream.POSTS: "posts", Stream.COMMENTS: "comments", Stream.MEDIA: "photos",
    Stream.MESSAGES: "messages",
}  # fmt: skip


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what is asked for first: whose the token is. That leads to everything else."""
    suffix = NEWEST if mode == "incremental" else ""
    me = api(site, "me", fields=nodes.PAGE)
    return (
        Listing(
            PAGE + suffix, Stream.PROFILE, me, Sensitivity.PUBLIC, PAGE, exhaustive=False,
        ),
    )  # fmt: skip


def of_page(site: Site, listing: Listing, page: str) -> tuple[Follow, ...]:
    """Return all lists of a Page, asked for in every run."""
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    found = [_edge(site, page, one, suffix) for one in _EDGES]
    found += [_folder(site, page, one, suffix) for one in _FOLDERS]
    details = api(site, page, fields=nodes.DETAILS)
    found.append(
        Listing(
            f"details{suffix}", Stream.PROFILE, details, Sensitivity.PUBLIC, "details",
            exhaustive=False,
        )
    )  # fmt: skip
    return tuple(Follow("listing", one.stream, always=True, listing=one) for one in found)


def comments_of(
    site: Site, listing: Listing, number: str, stated: str, *, live: bool = False
) -> Follow:
    """Return the comments on a node with the replies to them, newest first."""
    full = is_full(listing)
    asked = {"filter": "stream", "order": "reverse_chronological"}
    asked |= {"live_filter": "no_filter"} if live else {}
    one = Listing(
        name=f"comments {number}" + ("" if full else NEWEST),
        stream=Stream.COMMENTS,
        request=api(
            site, f"{number}/comments", fields=nodes.COMMENT, limit=_MOST, summary="total_count",
            **asked,
        ),
        sensitivity=Sensitivity.PRIVATE,
        group=f"comments {number}",
        newest_first=not full,
        dated=True,
        stated=int(stated) if stated else None,
        shows=(Stream.MEDIA,),
    )  # fmt: skip
    return Follow("listing", one.stream, listing=one, always=full and one.stated != 0, ages=True)


def hanging(site: Site, listing: Listing, kind: str, number: str, stated: str) -> Follow:
    """Return who reacted to a post (``reactions``), or who shared it (``shares``)."""
    reacted = kind == "reactions"
    path, fields = ("reactions", nodes.REACTION) if reacted else ("sharedposts", nodes.POST)
    total = {"summary": "total_count"} if reacted else {}
    one = Listing(
        name=f"{kind} {number}",
        stream=Stream.REACTIONS if reacted else Stream.POSTS,
        request=api(site, f"{number}/{path}", fields=fields, limit=_MOST, **total),
        sensitivity=Sensitivity.PRIVATE,
        group=f"{kind} {number}",
        exhaustive=reacted,
        stated=int(stated) if stated else None,
    )
    always = is_full(listing) and bool(one.stated)
    return Follow("listing", one.stream, listing=one, always=always, ages=True)


def node(site: Site, kind: str, number: str, group: str) -> Follow:
    """Return one node itself, of which an event told; ``group`` would list it."""
    stream = Stream.COMMENTS if kind == "comments" else Stream.POSTS
    request = api(site, number, fields=_FIELDS[kind])
    who = Sensitivity.PRIVATE
    one = Listing(f"node {number}", stream, request, who, group, exhaustive=False)
    return Follow("listing", stream, listing=one, always=True)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one node; None for what is no node, or is asked for once only."""
    head, slash, rest = native_id.partition("/")
    kind = _PREFIXED.get(head, "") if slash else _PLAIN.get(Stream(stream), "")
    number = rest if slash else head
    if rest == OWNER:  # it goes with its post
        kind, number = "posts", head
    if not kind or not is_node(number):
        return None
    return api(site, number, fields=_FIELDS[kind])


def deliveries(site: Site) -> Listing:
    """Return the listing under which the bodies of webhooks are cut."""
    request = api(site, "me")
    who = Sensitivity.PRIVATE
    return Listing(DELIVERIES, Stream.MESSAGES, request, who, DELIVERIES, exhaustive=False)


def _edge(site: Site, page: str, one: _Edge, suffix: str) -> Listing:
    request = api(site, f"{page}/{one.path}", fields=one.fields, limit=_MOST, **one.parameters)
    return Listing(
        name=one.name + suffix,
        stream=one.stream,
        request=request,
        sensitivity=Sensitivity.PRIVATE,
        group=one.name,
        exhaustive=one.exhaustive,
        newest_first=bool(suffix) and one.newest_first,
        dated=one.dated,
        shows=one.shows,
    )


def _folder(site: Site, page: str, folder: str, suffix: str) -> Listing:
    """Return the conversations of a folder.

    Requests that nobody answered for 30 days are not listed any more, so that an absence
    from their folder means nothing.
    """
    idle = folder in {"other", "pending"}
    group = f"conversations {folder}" if idle else "conversations"
    asked = {} if folder == "inbox" else {"folder": folder}
    request = api(
        site, f"{page}/conversations", platform="messenger", fields=CONVERSATION,
        limit=_MOST, **asked,
    )  # fmt: skip
    who = Sensitivity.PRIVATE
    return Listing(
        f"conversations {folder}{suffix}", Stream.MESSAGES, request, who, group,
        exhaustive=not idle, newest_first=bool(suffix),
    )  # fmt: skip
