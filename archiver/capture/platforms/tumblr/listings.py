"""What to ask of Tumblr about a blog, as its owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.tumblr.addresses import api
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = ["NPF", "direct", "listings", "notes"]

NEWEST = " newest"
NPF = {"npf": "true", "reblog_info": "true"}
_MOST = {"limit": "20", "offset": "0"}
"""The most that Tumblr gives, and where its lists begin."""


class _Query(NamedTuple):
    name: str
    stream: Stream
    method: str
    parameters: dict[str, str]
    group: str = ""


_ALL = (
    _Query("blog", Stream.PROFILE, "info", {}),
    _Query("posts", Stream.POSTS, "posts", {**NPF, **_MOST}),
    _Query("queue", Stream.POSTS, "posts/queue", {"npf": "true", **_MOST}, "posts"),
    _Query("drafts", Stream.POSTS, "posts/draft", {"npf": "true"}, "posts"),
    _Query("submissions", Stream.MESSAGES, "posts/submission", {"npf": "true", "offset": "0"}),
    _Query("followers", Stream.SUBSCRIBERS, "followers", _MOST),
    _Query("following", Stream.SUBSCRIBERS, "following", _MOST),
    _Query("blocks", Stream.MODERATION, "blocks", _MOST),
)


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate; nothing without a login."""
    if not site.authorised:
        return ()
    suffix = NEWEST if mode == "incremental" else ""
    return tuple(
        Listing(
            one.name + suffix,
            one.stream,
            api(site, one.method, **one.parameters),
            Sensitivity.PRIVATE,
            one.group or one.name,
            exhaustive=one.name != "blog",
            newest_first=bool(suffix) and one.name == "posts",
        )
        for one in _ALL
    )


def notes(site: Site, post: str, count: int) -> Follow:
    """Return the listing of who liked, answered or reblogged a post, ``count`` in number."""
    name = f"notes {post}"
    request = api(site, "notes", id=post, mode="all")
    made = Listing(
        name, Stream.COMMENTS, request, Sensitivity.PRIVATE, name, stated=count,
        shows=(Stream.REACTIONS,),
    )  # fmt: skip
    return Follow("listing", Stream.COMMENTS, listing=made, ages=True)


_ID = re.compile("[0-9]{1,20}", re.ASCII)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one post; None for what can't be asked for alone."""
    if stream != Stream.POSTS or _ID.fullmatch(native_id) is None:
        return None
    return api(site, "posts", id=native_id, **NPF)
