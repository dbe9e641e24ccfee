"""What to ask of an Instagram account: lists, single nodes, and what nodes lead to in turn.

The token is that of the Facebook Page that the account is linked to; conversations are the
Page's (docs/messenger-platform/conversations). Fields are those of the published lists
(facebook-business 26.0.3: IGUser, IGMedia, IGComment).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.graph.addresses import api, is_node
from archiver.capture.platforms.graph.threads import CONVERSATION, LISTED, NEWEST, is_full
from archiver.capture.platforms.instagram.addresses import ACCOUNT
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = [
    "DELIVERIES",
    "comments_of",
    "deliveries",
    "direct",
    "listings",
    "mention",
    "node",
    "of_account",
    "replies_of",
]

DELIVERIES = "deliveries"
PROFILE = (
    "id,ig_id,username,name,biography,website,profile_picture_url,followers_count,"
    "follows_count,media_count"
)
_FILES = "id,media_type,media_url,thumbnail_url,alt_text"
MEDIA = (
    "id,caption,alt_text,media_type,media_product_type,media_url,thumbnail_url,permalink,"
    "shortcode,timestamp,username,is_comment_enabled,is_shared_to_feed,like_count,comments_count,"
    f"children{{{_FILES}}}"
)
_COMMENT = "id,text,timestamp,username,from,hidden,like_count,parent_id,user"
COMMENT = f"{_COMMENT},replies.limit(50){{{_COMMENT}}}"
STORY = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp"
LIVE = "id,media_type,media_product_type,permalink,timestamp,username,live_status,video_title"
TAGGED = "id,caption,media_type,media_url,permalink,timestamp,username,like_count,comments_count"
_MOST = "50"
_FIELDS = {
    "media": MEDIA, "comments": _COMMENT, "conversations": CONVERSATION, "messages": LISTED,
}  # fmt: skip
_PLAIN = {Stream.POSTS: "media", Stream.COMMENTS: "comments", Stream.MESSAGES: "messages"}


class _Edge(NamedTuple):
    """A list of the account's: its name and path, fields, and what may be said of it."""

    name: str
    fields: str
    exhaustive: bool = True
    dated: bool = False


_EDGES = (
    # The 10,000 newest (docs/instagram-platform/reference/ig-user/media).
    _Edge("media", MEDIA, dated=True),
    _Edge("stories", STORY, exhaustive=False),  # for 24 hours
    _Edge("live_media", LIVE, exhaustive=False),  # while it is broadcast
    _Edge("tags", TAGGED, exhaustive=False),
)


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what is asked for first: whose the token is. That leads to everything else."""
    suffix = NEWEST if mode == "incremental" else ""
    me = api(site, "me", fields=f"id,name,instagram_business_account{{{PROFILE}}}")
    return (
        Listing(
            ACCOUNT + suffix, Stream.PROFILE, me, Sensitivity.PUBLIC, ACCOUNT, exhaustive=False,
        ),
    )  # fmt: skip


def of_account(site: Site, listing: Listing, account: str, page: str) -> tuple[Follow, ...]:
    """Return all lists of the account and its Page, asked for in every run."""
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    found = [
        _list(
            one.name, suffix, Stream.POSTS,
            api(site, f"{account}/{one.name}", fields=one.fields, limit=_MOST), one,
        )
        for one in _EDGES
    ]  # fmt: skip
    talks = api(
        site, f"{page}/conversations", platform="instagram", fields=CONVERSATION, limit=_MOST
    )
    # Requests that nobody answered for 30 days are not listed, and nothing tells them apart.
    about = _Edge("conversations", CONVERSATION, exhaustive=False)
    found.append(_list("conversations", suffix, Stream.MESSAGES, talks, about))
    return tuple(Follow("listing", one.stream, always=True, listing=one) for one in found)


def comments_of(site: Site, listing: Listing, number: str, stated: str) -> Follow:
    """Return the comments on a post, newest first, each with the replies to it."""
    full = is_full(listing)
    one = Listing(
        name=f"comments {number}" + ("" if full else NEWEST),
        stream=Stream.COMMENTS,
        request=api(site, f"{number}/comments", fields=COMMENT, limit=_MOST),
        sensitivity=Sensitivity.PRIVATE,
        group=f"comments {number}",
        newest_first=False,  # a reply to an old comment is on the page of that
        stated=int(stated) if stated else None,
    )
    return Follow("listing", one.stream, listing=one, always=full and one.stated != 0, ages=True)


def replies_of(site: Site, number: str) -> Follow:
    """Return all replies to a comment that has more than stand beside it."""
    name, request = (
        f"replies {number}",
        api(site, f"{number}/replies", fields=_COMMENT, limit=_MOST),
    )
    one = Listing(name, Stream.COMMENTS, request, Sensitivity.PRIVATE, name)
    return Follow("listing", one.stream, listing=one, always=True)


def node(site: Site, kind: str, number: str, group: str) -> Follow:
    """Return one node itself, of which an event told; ``group`` would list it."""
    stream = Stream.COMMENTS if kind == "comments" else Stream.POSTS
    request, who = api(site, number, fields=_FIELDS[kind]), Sensitivity.PRIVATE
    one = Listing(f"node {number}", stream, request, who, group, exhaustive=False)
    return Follow("listing", stream, listing=one, always=True)


def mention(site: Site, account: str, comment: str) -> Follow:
    """Return a comment that names the account on somebody else's post."""
    fields = f"mentioned_comment.comment_id({comment}){{id,text,timestamp,like_count,media{{id}}}}"
    name, who = f"mentions {comment}", Sensitivity.PRIVATE
    request = api(site, account, fields=fields)
    one = Listing(name, Stream.COMMENTS, request, who, name, exhaustive=False)
    return Follow("listing", Stream.COMMENTS, listing=one, always=True)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one node; None for what is no node, or is asked for once only."""
    head, slash, rest = native_id.partition("/")
    kind, number = _PLAIN.get(Stream(stream), ""), head
    if slash:
        kind, number = ("conversations" if head == "conversation" else ""), rest
    return api(site, number, fields=_FIELDS[kind]) if kind and is_node(number) else None


def deliveries(site: Site) -> Listing:
    """Return the listing under which the bodies of webhooks are cut."""
    request, who = api(site, "me"), Sensitivity.PRIVATE
    return Listing(DELIVERIES, Stream.MESSAGES, request, who, DELIVERIES, exhaustive=False)


def _list(name: str, suffix: str, stream: Stream, request: Request, about: _Edge) -> Listing:
    return Listing(
        name=name + suffix,
        stream=stream,
        request=request,
        sensitivity=Sensitivity.PRIVATE,
        group=name,
        exhaustive=about.exhaustive,
        newest_first=bool(suffix),
        dated=about.dated,
        shows=(Stream.MEDIA,) if stream == Stream.POSTS else (),
    )
