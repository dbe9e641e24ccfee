"""What to ask of Reddit about a community that the login's user moderates."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.reddit.addresses import api, community
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = ["conversation", "direct", "listings", "more_children", "thread"]

NEWEST = " newest"
_MOST = "100"
_THREAD = "500"


class _Query(NamedTuple):
    """One listing; ``exhaustive``: it names all there is, up to Reddit's limit of 1,000."""

    name: str
    stream: Stream
    path: str
    parameters: dict[str, str]
    exhaustive: bool = True
    newest_first: bool = True
    group: str = ""


_ALL = (
    _Query("community", Stream.PROFILE, "r/{0}/about", {}, exhaustive=False),
    _Query("me", Stream.PROFILE, "api/v1/me", {}, exhaustive=False),
    _Query("posts", Stream.POSTS, "r/{0}/new", {"limit": _MOST}),
    _Query("comments", Stream.COMMENTS, "r/{0}/comments", {"limit": _MOST}, exhaustive=False),
    _Query("removed", Stream.POSTS, "r/{0}/about/spam", {"limit": _MOST}, exhaustive=False),
    _Query("log", Stream.MODERATION, "r/{0}/about/log", {"limit": "500"}, exhaustive=False),
    _Query("moderators", Stream.MODERATION, "r/{0}/about/moderators", {}, newest_first=False),
    _Query("banned", Stream.MODERATION, "r/{0}/about/banned", {"limit": _MOST},
           newest_first=False),
    _Query("muted", Stream.MODERATION, "r/{0}/about/muted", {"limit": _MOST}, newest_first=False),
    _Query("modmail", Stream.MESSAGES, "api/mod/conversations",
           {"entity": "{0}", "limit": _MOST, "sort": "recent", "state": "all"},
           exhaustive=False, newest_first=False),
    _Query("inbox", Stream.MESSAGES, "message/inbox", {"limit": _MOST, "mark": "false"},
           exhaustive=False),
    _Query("sent", Stream.MESSAGES, "message/sent", {"limit": _MOST}, exhaustive=False),
)  # fmt: skip
_SHOWS = {"removed": (Stream.COMMENTS,)}


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate; nothing without a login, for Reddit asks for one."""
    name = community(site)
    if not site.authorised or not name:
        return ()
    suffix = NEWEST if mode == "incremental" else ""
    return tuple(_listing(site, one, name, suffix) for one in _ALL)


def _listing(site: Site, query: _Query, name: str, suffix: str) -> Listing:
    parameters = {key: value.format(name) for key, value in query.parameters.items()}
    return Listing(
        query.name + suffix,
        query.stream,
        api(site, query.path.format(name), **parameters),
        Sensitivity.PRIVATE,
        query.name,
        exhaustive=query.exhaustive,
        newest_first=bool(suffix) and query.newest_first,
        shows=_SHOWS.get(query.name, ()),
    )


def thread(site: Site, post: str, comments: int) -> Follow:
    """Return the listing of all comments on a post, flat, the oldest first."""
    request = api(
        site, f"comments/{post}", threaded="false", sort="old", limit=_THREAD, showmore="true"
    )
    name = f"thread {post}"
    made = Listing(
        name, Stream.COMMENTS, request, Sensitivity.PRIVATE, name, stated=comments
    )  # fmt: skip
    return Follow("listing", Stream.COMMENTS, listing=made, ages=True)


def more_children(site: Site, post: str, children: list[str]) -> Request | None:
    """Return the request for comments that a thread named by id only, a hundred at a time.

    It carries those that are left for the next page.
    """
    if not children:
        return None
    asked, rest = children[: int(_MOST)], children[int(_MOST) :]
    request = api(
        site, "api/morechildren", link_id=f"t3_{post}", children=",".join(asked),
        api_type="json", sort="old", limit_children="false",
    )  # fmt: skip
    return replace(request, carried=",".join(rest))


def conversation(site: Site, one: str, messages: int) -> Follow:
    """Return the listing of what was said in a conversation with the moderators."""
    request = api(site, f"api/mod/conversations/{one}", markRead="false")
    name = f"conversation {one}"
    made = Listing(name, Stream.MESSAGES, request, Sensitivity.PRIVATE, name, stated=messages)
    return Follow("listing", Stream.MESSAGES, listing=made)


_ID = re.compile("[a-z0-9]{1,13}", re.ASCII)
_KINDS = {Stream.POSTS: "t3", Stream.COMMENTS: "t1"}


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one post or comment; None where none tells whether it still is."""
    kind = _KINDS.get(Stream(stream))
    if kind is None or _ID.fullmatch(native_id) is None:
        return None
    return api(site, "api/info", id=f"{kind}_{native_id}")
