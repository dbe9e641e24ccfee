"""Cutting a thread: what a status answers, and what answers it (entities/Context).

A thread may also be asked for without the account's login, as strangers see it, for what
the login hides. The account's own statuses are known by the login, and some of their
members are for their author alone: there they are claimed, and no items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim, Page, Problem
from archiver.capture.platforms.mastodon.addresses import api, handle, local_name, quoted
from archiver.capture.platforms.mastodon.heads import Status, head_of
from archiver.capture.platforms.mastodon.listings import REPLIES_FOR_ALL
from archiver.capture.platforms.mastodon.statuses import status_items
from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.capture.connector import Listing, Site

    Cut = tuple[int, int]

__all__ = ["context", "judged"]


class _Thread(msgspec.Struct):
    ancestors: msgspec.Raw
    descendants: msgspec.Raw


_THREAD = msgspec.json.Decoder(_Thread)
_PARTS = ["ancestors", "descendants"]


def context(site: Site, listing: Listing, path: tuple[str, ...], body: bytes) -> Page:
    """Cut a thread into the statuses above and below the one that was asked about.

    In a conversation the way leads from its last message to its first, and from there
    to all.
    """
    claims, items, first = [], [], ""
    lists = _lists(body)
    if sorted(name for name, _, _ in lists) != _PARTS:
        return Page(problem=Problem("schema", "an answer that is no thread"))
    for name, start, place in lists:
        cuts = [(place.start + a, place.start + b) for a, b in json_items(body[place])]
        claims.append(Claim(name, start, place.start, str(len(cuts))))
        if listing.name.endswith(REPLIES_FOR_ALL):
            own, cuts = _own_and_others(site, body, cuts)
            claims += own
        found = [item for cut in cuts for item in status_items(site, listing, body, cut)]
        items += found
        if name == "ancestors" and found:
            first = found[0].native_id
    conversation = listing.group.startswith("messages ")
    further = f"v1/statuses/{quoted(first)}/context" if conversation and first else ""
    if further and first == path[1]:
        further = ""
    return Page(tuple(items), tuple(claims), next=api(site, further) if further else None)


def judged(listing: Listing, problem: Problem) -> Problem:
    """Return a refusal of strangers as one: it says nothing of the account's login."""
    if problem.code != "authorisation" or not listing.name.endswith(REPLIES_FOR_ALL):
        return problem
    return Problem("forbidden", f"{problem.message} (asked without the login)")


def _own_and_others(site: Site, body: bytes, cuts: Iterable[Cut]) -> tuple[list[Claim], list[Cut]]:
    """Return the account's own statuses as claims, and where those of others lie."""
    own: list[Claim] = []
    others: list[Cut] = []
    for cut in cuts:
        head = head_of(body[slice(*cut)], Status)
        if head is not None and local_name(head.account.acct) == handle(site):
            own.append(Claim("own", *cut, str(head.id)))
        else:
            others.append(cut)
    return own, others


def _lists(body: bytes) -> list[tuple[str, int, slice]]:
    """Return a thread's two lists: name, where the name begins, where the list lies."""
    try:
        above, below = map(bytes, msgspec.structs.astuple(_THREAD.decode(body)))
    except UNREADABLE:
        above = below = b""
    head, middle = b'{"ancestors":', b',"descendants":'
    if above and body == b"".join((head, above, middle, below, b"}")):
        end = len(head) + len(above)
        start = end + len(middle)
        return [
            ("ancestors", 1, slice(len(head), end)),
            ("descendants", end + 1, slice(start, start + len(below))),
        ]
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    return [
        (member.key, member.key_start, slice(member.value_start, member.value_end))
        for member in json_members(body, start, len(body.rstrip(b" \t\r\n")))
        if member.key in _PARTS
    ]
