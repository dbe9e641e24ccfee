"""What to ask X: the account first, then what goes by its id, then what hangs on its posts.

Who mentions the account is asked for before its own posts: so that a comment belongs to
that listing, which tells when it is gone. Names of listings end in `NEWEST` in an
incremental run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.x import fields
from archiver.capture.platforms.x.addresses import api, handle, quoted
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site
    from archiver.capture.platforms.x.heads import Person, Post
    from archiver.record import Request

__all__ = [
    "ACCOUNT",
    "ANSWERED",
    "BEYOND",
    "DELIVERIES",
    "MENTIONS",
    "NEWEST",
    "POSTS",
    "RELATIONS",
    "TIMELINE",
    "direct",
    "listings",
    "of_account",
    "of_chat",
    "of_post",
]

NEWEST = " newest"
ACCOUNT, POSTS, BEYOND, DELIVERIES = "account", "posts", "posts beyond the limit", "deliveries"
ANSWERED = "answered "
TIMELINE, MENTIONS = 3200, 800
"""The newest posts and mentions of an account that X names (docs.x.com/x-api/posts/timelines)."""

RELATIONS = {"block": "blocking", "mute": "muting"}
"""What ``connection_status`` of a user calls the relation that a record is named by."""

_PAGE = {"max_results": "100"}
_PEOPLE = fields.PEOPLE | {"max_results": "1000"}
_SEARCH = {"max_results": "500"}
_ID = re.compile(r"[0-9]{1,25}")


class _Query(NamedTuple):
    """One listing that goes by the account's id: ``{}`` in the path.

    ``shows``: other streams of which it has things. ``whole``: names all there is.
    """

    name: str
    stream: Stream
    path: str
    parameters: Mapping[str, str]
    sensitivity: Sensitivity = Sensitivity.PRIVATE
    dated: bool = False
    whole: bool = True
    shows: tuple[Stream, ...] = ()


_HANGING = (Stream.COMMENTS, Stream.REACTIONS, Stream.MEDIA)
_OF_ACCOUNT = (
    _Query(
        "mentions", Stream.COMMENTS, "users/{}/mentions", fields.POSTS | _PAGE,
        Sensitivity.PUBLIC, dated=True, shows=(Stream.MEDIA,),
    ),
    # What hangs on a post is asked for with it, so that it is read as far back as posts are.
    _Query(
        POSTS, Stream.POSTS, "users/{}/tweets", fields.OWN_POSTS | _PAGE,
        Sensitivity.PUBLIC, dated=True, shows=_HANGING,
    ),
    _Query("likes", Stream.REACTIONS, "users/{}/liked_tweets", fields.POSTS | _PAGE),
    _Query("followers", Stream.SUBSCRIBERS, "users/{}/followers", _PEOPLE),
    _Query("following", Stream.SUBSCRIBERS, "users/{}/following", _PEOPLE),
    _Query("blocking", Stream.MODERATION, "users/{}/blocking", _PEOPLE),
    _Query("muting", Stream.MODERATION, "users/{}/muting", _PEOPLE),
    _Query("lists", Stream.PROFILE, "users/{}/owned_lists", fields.XLISTS | _PAGE),
    # Of 30 days only: what is no longer named is not gone.
    _Query(
        "messages", Stream.MESSAGES, "dm_events", fields.MESSAGES | _PAGE,
        whole=False, shows=(Stream.MEDIA,),
    ),
    _Query(
        "chats", Stream.MESSAGES, "chat/conversations",
        {"chat_conversation__fields": fields.CHATS} | _PAGE, whole=False,
    ),
)  # fmt: skip
_STATED = {"followers": "followers_count", "following": "following_count"}


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to ask first: the account, whose id leads to everything else.

    Without a login X gives nothing, and says so.
    """
    suffix = NEWEST if mode == "incremental" else ""
    parameters = fields.PEOPLE | {"expansions": "pinned_post_id"}
    request = api(site, f"users/by/username/{handle(site)}", **parameters)
    return (_single(ACCOUNT + suffix, Stream.PROFILE, request),)


def of_account(site: Site, listing: Listing, account: Person) -> tuple[Follow, ...]:
    """Return the listings that go by the account's id, asked for in every run."""
    newest = listing.name.endswith(NEWEST)
    found = [_listing(site, query, account, newest=newest) for query in _OF_ACCOUNT]
    counts = account.public_metrics
    if not newest and max(counts.post_count, counts.tweet_count) > TIMELINE:
        request = api(site, f"users/{quoted(str(account.id))}", user__fields="public_metrics")
        found.append(_single(BEYOND, Stream.PROFILE, request))
    return tuple(Follow("listing", one.stream, always=True, listing=one) for one in found)


def of_post(site: Site, listing: Listing, post: Post) -> tuple[Follow, ...]:
    """Return what hangs on a post of the account's own that its timeline shows.

    In a full run replies and quotes are asked for wherever there are any, for they may be
    edited or gone while their number stays; who likes and reposts, at ten times the price,
    where the number is not the known one.
    """
    if post.refers("retweeted"):
        return ()
    counts, native_id = post.public_metrics, post.first
    last = quoted(str(post.id))
    reposts = max(counts.repost_count, counts.retweet_count)
    hanging = [
        _hanging(site, f"liking_users {native_id}", Stream.REACTIONS, f"tweets/{last}/liking_users",
                 fields.PEOPLE | _PAGE, counts.like_count, Sensitivity.PRIVATE),
        _hanging(site, f"retweeted_by {native_id}", Stream.REACTIONS, f"tweets/{last}/retweeted_by",
                 fields.PEOPLE | _PAGE, reposts, Sensitivity.PUBLIC),
        _hanging(site, f"quotes {native_id}", Stream.COMMENTS, f"tweets/{last}/quote_tweets",
                 fields.POSTS | _PAGE, counts.quote_count, Sensitivity.PUBLIC),
    ]  # fmt: skip
    if post.conversation_id in {"", *post.versions}:
        query = {"query": f"conversation_id:{native_id}"} | _SEARCH
        hanging.append(
            _hanging(site, f"conversation {native_id}", Stream.COMMENTS, "tweets/search/all",
                     fields.POSTS | query, counts.reply_count, Sensitivity.PUBLIC)
        )  # fmt: skip
    full = not listing.name.endswith(NEWEST)
    follows = [
        Follow(
            "listing",
            one.stream,
            listing=one,
            always=full and one.stream == Stream.COMMENTS and bool(one.stated),
        )
        for one in hanging
    ]
    return (*follows, *_answered(site, post))


def _answered(site: Site, post: Post) -> tuple[Follow, ...]:
    """Return the post of somebody else that one of the account's own answers."""
    above = post.refers("replied_to")
    if not _ID.fullmatch(above) or post.in_reply_to_user_id in {"", post.author_id}:
        return ()
    name = f"{ANSWERED}{above}"
    request = api(site, f"tweets/{above}", **fields.POSTS)
    one = Listing(name, Stream.COMMENTS, request, Sensitivity.PUBLIC, name, exhaustive=False)
    return (Follow("listing", Stream.COMMENTS, listing=one),)


def of_chat(site: Site, conversation: str) -> tuple[Follow, ...]:
    """Return the listing of an encrypted conversation's events."""
    name = f"chat {conversation}"
    path = f"chat/conversations/{quoted(conversation)}/events"
    request = api(site, path, **fields.CHAT_EVENTS, **_PAGE)
    one = Listing(name, Stream.MESSAGES, request, Sensitivity.PRIVATE, name, exhaustive=False)
    return (Follow("listing", Stream.MESSAGES, listing=one, always=True),)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None where none tells whether it still is.

    A follower or a like that is gone is told by two complete listings alone: to be told
    more costs a cent for each, and says no more.
    """
    kind, _, rest = native_id.partition("/")
    if stream in {Stream.POSTS, Stream.COMMENTS} and _ID.fullmatch(native_id):
        return api(site, f"tweets/{native_id}", **fields.POSTS)
    if kind in RELATIONS and _ID.fullmatch(rest):
        return api(site, f"users/{rest}", user__fields="connection_status,id,username")
    if kind == "list" and _ID.fullmatch(rest):
        return api(site, f"lists/{rest}", **fields.XLISTS)
    return None


def _single(name: str, stream: Stream, request: Request) -> Listing:
    """Return the listing of one thing, which proves no absence."""
    group = name.removesuffix(NEWEST)
    return Listing(name, stream, request, Sensitivity.PUBLIC, group, exhaustive=False)


def _listing(site: Site, query: _Query, account: Person, *, newest: bool) -> Listing:
    path = query.path.format(quoted(str(account.id)))
    stated = getattr(account.public_metrics, _STATED.get(query.name, ""), None)
    return Listing(
        name=query.name + (NEWEST if newest else ""),
        stream=query.stream,
        request=api(site, path, **query.parameters),
        sensitivity=query.sensitivity,
        group=query.name,
        exhaustive=query.whole,
        newest_first=newest,
        stated=stated,
        dated=query.dated,
        shows=query.shows,
        counted=stated is not None,
    )


def _hanging(  # noqa: PLR0913, PLR0917 - the parts of a listing
    site: Site, name: str, stream: Stream, path: str, parameters: Mapping[str, str], stated: int,
    sensitivity: Sensitivity,
) -> Listing:  # fmt: skip
    return Listing(
        name=name,
        stream=stream,
        request=api(site, path, **parameters),
        sensitivity=sensitivity,
        group=name,
        stated=stated,
        shows=(Stream.MEDIA,) if stream == Stream.COMMENTS else (),
        counted=stream == Stream.REACTIONS,
    )
