"""What an answer of X's costs: it charges for each thing that an answer has, not for requests.

Prices are data of `READ_ON`: the API's console has those of today. A thing is charged once
in a day of UTC, whatever answers it is in (a soft promise), so charges name the thing.
Sources: docs.x.com/x-api/getting-started/pricing (prices, *Owned Reads*, one charge a
day), docs.x.com/x-api/activity/event-pricing (webhooks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archiver.capture.governing import Budget, Charge
from archiver.capture.platforms.x.addresses import path_of
from archiver.capture.platforms.x.answered import answered
from archiver.capture.platforms.x.heads import Plain, head_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BUDGET", "EVENTS", "OWNED", "PRICES", "READ_ON", "charges", "most"]

READ_ON = "2026-11-29"

PRICES = {
    "posts": 5_000,
    "users": 10_000,
    "dm_events": 10_000,
    "follows": 10_000,
    "lists": 5_000,
    "media": 5_000,
}
"""Kind of thing -> millionths of a US dollar for each that is read."""

OWNED = 1_000
"""The same of an owned read: the account of whoever owns the app reads what is its own."""

_OWNED_PATHS = frozenset(
    {
        "blocking",
        "followers",
        "following",
        "liked_tweets",
        "mentions",
        "muting",
        "owned_lists",
        "tweets",
    }
)
"""Last segment of ``users/{id}/…``: what counts as owned. Direct messages are not among it."""

EVENTS = {
    "post.create": 5_000,
    "post.delete": 0,
    "post.mention.create": 5_000,
    "post.reply.create": 5_000,
    "post.quote.create": 5_000,
    "post.repost.create": 5_000,
    "like.create": 1_000,
    "follow.follow": 10_000,
    "follow.unfollow": 10_000,
    "chat.received": 10_000,
    "chat.sent": 0,
    "chat.conversation_join": 0,
    "dm.received": 10_000,
}
"""Event of the Activity API -> millionths of a dollar for each delivery. Changes of the
profile cost 5,000; of kinds that are not here the price was not read."""

_KINDS = {
    "followers": "follows",
    "following": "follows",
    "liking_users": "users",
    "retweeted_by": "users",
    "blocking": "users",
    "muting": "users",
    "dm_events": "dm_events",
    "owned_lists": "lists",
    "events": "dm_events",
    "conversations": "dm_events",
}
"""Last segment of a path -> what its ``data`` is charged as. Of encrypted chats no price was
read: they are taken for direct messages."""
_FIRST = {"users": "users", "lists": "lists", "tweets": "posts"}
_INCLUDED = {"posts": "posts", "users": "users"}
"""Side tables that are charged as well; media and the rest come with their post."""


BUDGET = Budget("USD", 1_000_000, "month", "UTC", 0)
"""Millionths of a dollar, by the month; no limit is usual."""


def charges(url: str, body: bytes) -> Iterator[Charge]:
    """Yield what an answer to ``url`` is charged for; the same thing once. Never raises."""
    kind, price = _priced(url)
    if not path_of(url):
        return
    seen: set[tuple[str, str]] = set()
    found = answered(body)
    told = [
        (kind, str(head.id), price)
        for cut in found.data
        if (head := head_of(body[slice(*cut)], Plain)) is not None
    ]
    for table, name in _INCLUDED.items():
        told += [(name, one, PRICES[name]) for one in found.included.get(table, {})]
    for one in told:
        if one[:2] not in seen:
            seen.add(one[:2])
            yield Charge(one[2], f"{one[0]}/{one[1]}")


def most(url: str) -> int:
    """Return what the ``data`` of an answer to ``url`` can cost at most, in millionths.

    A request that names no number asks for one thing. What posts refer to comes on top:
    authors, and posts that they quote or answer.
    """
    _, price = _priced(url)
    asked = parse_qs(urlsplit(url).query).get("max_results", [""])[-1]
    number = int(asked[:6]) if asked.isascii() and asked.isdigit() else 1
    return price * number if path_of(url) else 0


def _priced(url: str) -> tuple[str, int]:
    """Return what the ``data`` at an address is charged as, and the price of one."""
    path = path_of(url) or ("",)
    kind = _KINDS.get(path[-1]) or ("posts" if path[-1] in _OWNED_PATHS else _FIRST.get(path[0]))
    own = path[0] == "users" and len(path) == 3 and path[-1] in _OWNED_PATHS  # noqa: PLR2004 - users/id/what
    kind = kind or "posts"
    return kind, OWNED if own else PRICES[kind]
