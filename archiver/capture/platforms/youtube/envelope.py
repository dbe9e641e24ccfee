"""The envelope of a list that the API answers with: kind, pages, totals, and where items lie."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.capture.connector import Claim
from archiver.capture.paging import by_parameter
from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members

if TYPE_CHECKING:
    from archiver.formats.excerpts_json import Member
    from archiver.record import Request

    Cut = tuple[int, int]

__all__ = ["Envelope", "envelope_of", "following"]

_KIND = re.compile(r"youtube#\w{1,60}Response", re.ASCII)
_DECLARED = frozenset(
    {
        "kind", "etag", "eventId", "visitorId", "nextPageToken", "prevPageToken", "pageInfo",
        "tokenPagination", "pollingIntervalMillis", "offlineAt", "regionCode",
    },
)  # fmt: skip
"""Members of list responses that are no items (schemas ``…ListResponse``)."""
_POLL = "activePollItem"
"""A live chat's open poll, an item beside the others (LiveChatMessageListResponse)."""
_ITEMS = frozenset({"items", _POLL})


class _PageInfo(msgspec.Struct):
    total: int | None = msgspec.field(name="totalResults", default=None)


class _Head(msgspec.Struct):
    kind: str = ""
    token: str = msgspec.field(name="nextPageToken", default="")
    page: _PageInfo = msgspec.field(name="pageInfo", default_factory=_PageInfo)


_HEAD = msgspec.json.Decoder(_Head)


def following(request: Request, token: str) -> Request | None:
    """Return the request for the page of that token, which carries the same; None without one."""
    made = by_parameter(request.url, "pageToken", token, safe=",")
    return made and replace(made, carried=request.carried)


class Envelope(NamedTuple):
    """A list response: its items' places, its declared values, the next page's token.

    ``token``: of the next page. ``total`` is YouTube's own count. Both are empty without one.
    """

    items: list[Cut]
    claims: tuple[Claim, ...]
    token: str
    total: str


def envelope_of(body: bytes) -> Envelope | None:
    """Read an answer that should be a list; None where it is none. Never raises."""
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    members = json_members(body, start, len(body))
    head = _head(body, members)
    if _KIND.fullmatch(head.kind) is None:
        return None
    claims = tuple(
        Claim(one.key, one.key_start, one.value_end, _told(body, one))
        for one in members
        if one.key in _DECLARED
    )
    claims += tuple(
        Claim(one.key, one.key_start, one.value_start, "") for one in members if one.key in _ITEMS
    )
    items = json_items(body, ("items",))
    items += [(one.value_start, one.value_end) for one in members if one.key == _POLL]
    total = "" if head.page.total is None else str(head.page.total)
    return Envelope(items, claims, head.token, total)


def _head(body: bytes, members: list[Member]) -> _Head:
    """Return what an envelope says; of a damaged one its members alone, one by one."""
    try:
        return _HEAD.decode(body)
    except UNREADABLE:
        told = {one.key: body[one.value_start : one.value_end] for one in members}
        return _Head(_text(told.get("kind", b"")), _text(told.get("nextPageToken", b"")))


def _text(value: bytes) -> str:
    try:
        return msgspec.json.decode(value, type=str)
    except UNREADABLE:
        return ""


def _told(body: bytes, one: Member) -> str:
    return body[one.value_start : one.value_end].decode("utf-8", "backslashreplace")
