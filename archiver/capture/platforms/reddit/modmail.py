"""Conversations with the moderators: objects by id, not lists (api/mod/conversations)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Page, Problem
from archiver.capture.enveloped import Head, is_id, item_of, whole
from archiver.capture.paging import by_parameter
from archiver.capture.platforms.reddit.listings import conversation
from archiver.formats.excerpts_json import json_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.formats.excerpts_json import Member

__all__ = ["conversations", "messages"]

_LISTED = frozenset({"conversationIds", "viewerId", "messages"})
"""Members around conversations; ``messages`` has the last of each, which it is asked for anyway."""
_AROUND = frozenset({"participantSubreddit", "inboxSubreddit"})


def conversations(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut the list of conversations, each of which leads to what was said in it."""
    members = json_members(body, *whole(body))
    found = [one for one in members if one.key == "conversations"]
    if not found:
        return Page(problem=Problem("schema", "an answer without conversations"))
    claims = tuple(_claim(body, one) for one in members if one.key in _LISTED)
    items, keys, last = [], [], ""
    for one in _inner(body, found[-1]):
        name = Head(body[one.value_start : one.value_end]).text("id")
        if is_id(name) and name == one.key:
            count = Head(body[one.value_start : one.value_end]).number("numMessages")
            follow = (conversation(site, name, count),)
            cut = (one.value_start, one.value_end)
            items.append(item_of(listing, name, cut, follow=follow))
            keys.append(Claim("conversation", one.key_start, one.value_start, ""))
            last = name
    name_of = found[-1]
    claims += (Claim("conversations", name_of.key_start, name_of.value_start, ""), *keys)
    return Page(tuple(items), claims, next=by_parameter(listing.request.url, "after", last))


def messages(listing: Listing, body: bytes) -> Page:
    """Cut a conversation: what was said, what moderators did with it, who takes part."""
    one = listing.group.removeprefix("conversation ")
    members = json_members(body, *whole(body))
    items: list[Item] = []
    claims: list[Claim] = []
    for member in members:
        if member.key in {"messages", "modActions"}:
            kind = "" if member.key == "messages" else "action-"
            made = list(_said(listing, body, member, f"{one}/{kind}"))
            items += [item for item, _ in made]
            claims += [Claim(member.key, member.key_start, member.value_start, "")]
            claims += [claim for _, claim in made]
        elif member.key in {"conversation", "user", "participantIsMod"} | _AROUND:
            claims.append(_claim(body, member))
    if not any(member.key == "messages" for member in members):
        return Page(problem=Problem("schema", "an answer without messages"))
    return Page(tuple(items), tuple(claims))


def _said(
    listing: Listing, body: bytes, member: Member, prefix: str
) -> Iterator[tuple[Item, Claim]]:
    for one in _inner(body, member):
        name = Head(body[one.value_start : one.value_end]).text("id")
        if is_id(name):
            cut = (one.value_start, one.value_end)
            claim = Claim("id", one.key_start, one.value_start, "")
            yield item_of(listing, f"{prefix}{name}", cut), claim


def _inner(body: bytes, one: Member) -> list[Member]:
    return json_members(body, one.value_start, one.value_end)


def _claim(body: bytes, one: Member) -> Claim:
    value = body[one.value_start : one.value_end].decode("utf-8", "backslashreplace")
    return Claim(one.key, one.key_start, one.value_end, value)
