"""What to ask of a forum: listings, what things lead to, and single things.

All listings go by pages of their own number; posts go by id, fifty at a time. Names of
listings are stored: ``likes 12``, ``revisions 7/12``, ``conversation 7``, ``members 41``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.discourse.addresses import get, segment
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = [
    "conversation",
    "direct",
    "listings",
    "of_group",
    "of_person",
    "of_post",
    "subcategories",
]

NEWEST = " newest"
_LIKE = "2"
"""Discourse's number of the action *like* (PostActionType)."""
MEMBERS = "50"


class _Query(NamedTuple):
    """One listing; ``ours``: it is asked for with a login alone."""

    name: str
    stream: Stream
    path: str
    parameters: dict[str, str]
    ours: bool = False
    by_time: bool = False
    shows: tuple[str, ...] = ()


_ALL = (
    _Query("profile", Stream.PROFILE, "site/basic-info.json", {}),
    _Query("me", Stream.PROFILE, "session/current.json", {}, ours=True),
    _Query("categories", Stream.PAGES, "categories.json", {}),
    _Query("topics", Stream.POSTS, "latest.json",
           {"order": "created", "no_definitions": "true", "page": "0"}, by_time=True),
    _Query("posts", Stream.COMMENTS, "posts.json", {}, by_time=True, shows=(Stream.POSTS,)),
    _Query("users", Stream.SUBSCRIBERS, "admin/users/list/active.json",
           {"order": "created", "asc": "true", "page": "1"}, ours=True),
    _Query("groups", Stream.SUBSCRIBERS, "groups.json", {"page": "0"}),
    _Query("log", Stream.MODERATION, "admin/logs/staff_action_logs.json",
           {"page": "0", "limit": "100"}, ours=True),
)  # fmt: skip
_SINGLE = ("profile", "me")
"""Listings of one thing, which prove no absence."""
_SHOWN = frozenset({"profile"})


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate: without a login what strangers see."""
    suffix = NEWEST if mode == "incremental" else ""
    return tuple(_listing(site, one, suffix) for one in _ALL if site.authorised or not one.ours)


def _listing(site: Site, query: _Query, suffix: str) -> Listing:
    # A login shows categories, topics and posts that are not for all, and does not say which.
    private = site.authorised and query.name not in _SHOWN
    return Listing(
        name=query.name + suffix,
        stream=query.stream,
        request=get(site, query.path, **query.parameters),
        sensitivity=Sensitivity.PRIVATE if private else Sensitivity.PUBLIC,
        group=query.name,
        exhaustive=query.name not in _SINGLE,
        newest_first=bool(suffix) and query.by_time,
        dated=query.by_time,
        shows=query.shows,
    )


def _follow(
    site: Site, name: str, stream: Stream, request: Request, *, stated: int | None = None
) -> Follow:
    private = site.authorised or stream in (Stream.REACTIONS, Stream.MESSAGES)
    sensitivity = Sensitivity.PRIVATE if private else Sensitivity.PUBLIC
    made = Listing(name, stream, request, sensitivity, name, stated=stated)
    return Follow("listing", stream, listing=made, always=stated is None)


def subcategories(site: Site, category: str) -> Follow:
    """Return the listing of the categories within one."""
    request = get(site, "categories.json", parent_category_id=category)
    return _follow(site, f"subcategories {category}", Stream.PAGES, request)


def of_post(site: Site, stream: str, name: str, likes: int, version: int) -> tuple[Follow, ...]:
    """Return who likes a post, where anybody does, and its revisions, where it has any.

    ``name``: its record's id, which ends in its own. Revisions are asked for with a login
    alone: their texts may be hidden from others.
    """
    found, post = [], name.rpartition("/")[2]
    if likes:
        request = get(site, "post_action_users.json", id=post, post_action_type_id=_LIKE)
        found.append(_follow(site, f"likes {post}", Stream.REACTIONS, request, stated=likes))
    if version > 1 and site.authorised:
        request = get(site, f"posts/{post}/revisions/latest.json")
        listed = f"revisions {name}"
        found.append(_follow(site, listed, Stream(stream), request, stated=version - 1))
    return tuple(found)


def of_group(site: Site, group: str, name: str, members: int) -> Follow:
    """Return the listing of a group's members, ``members`` in number."""
    request = get(site, f"groups/{segment(name)}/members.json", limit=MEMBERS, offset="0")
    return _follow(site, f"members {group}", Stream.SUBSCRIBERS, request, stated=members)


def of_person(site: Site, user: str) -> tuple[Follow, ...]:
    """Return the listings of conversations that the login's own user is in."""
    who = segment(user)
    boxes = {
        "inbox": f"topics/private-messages/{who}.json",
        "sent": f"topics/private-messages-sent/{who}.json",
        "archived": f"topics/private-messages-archive/{who}.json",
    }
    return tuple(
        Follow(
            "listing", Stream.MESSAGES, always=True,
            listing=Listing(name, Stream.MESSAGES, get(site, path, page="0"),
                            Sensitivity.PRIVATE, "conversations"),
        )
        for name, path in boxes.items()
    )  # fmt: skip


def conversation(site: Site, topic: str, posts: int) -> Follow:
    """Return the listing of what was said in a conversation, ``posts`` in number."""
    request = get(site, f"t/{topic}.json", page="1")
    things = posts + 1  # and what the topic says of itself
    return _follow(site, f"conversation {topic}", Stream.MESSAGES, request, stated=things)


_NUMBER = "([0-9]{1,15})"
_DIRECT = (
    (Stream.POSTS, re.compile(_NUMBER), "t/{0}.json"),
    (Stream.POSTS, re.compile(f"[0-9]+/{_NUMBER}"), "posts/{0}.json"),
    (Stream.COMMENTS, re.compile(_NUMBER), "posts/{0}.json"),
    (Stream.MESSAGES, re.compile(_NUMBER), "t/{0}.json"),
    (Stream.MESSAGES, re.compile(f"[0-9]+/{_NUMBER}"), "posts/{0}.json"),
    (Stream.PAGES, re.compile(f"category/{_NUMBER}"), "c/{0}/show.json"),
    (Stream.SUBSCRIBERS, re.compile(f"user/{_NUMBER}"), "admin/users/{0}.json"),
)


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None where none tells whether it still is."""
    for one, form, path in _DIRECT:
        found = form.fullmatch(native_id) if one == stream else None
        if found is not None:
            return get(site, path.format(*found.groups()))
    return None
