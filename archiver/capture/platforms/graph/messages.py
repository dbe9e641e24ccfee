"""Cutting conversations and messages (docs/messenger-platform/conversations).

Graph lists every message of a conversation by id and time, and shows the content of the 20
newest alone. So a message has two records: that it is listed (its id), and what it says
(``ID/content``). Where Graph refuses the content, its refusal is that second record: the
archive then says which message it lacks, and why, in the platform's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Item, Page, Span
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import count_in, node_of
from archiver.capture.platforms.graph.errors import error_of
from archiver.capture.platforms.graph.files import file_of
from archiver.capture.platforms.graph.threads import content_of, messages_of
from archiver.formats.excerpts_json import json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Follow, Listing, Problem, Site

    Cut = tuple[int, int]

__all__ = ["content_items", "conversation_items", "message_items", "refused"]

_JSON = "application/json"
_PRIVATE = Sensitivity.PRIVATE
_LISTED = frozenset({"id", "created_time"})
_DELETED = "deleted"
"""By this word, or as it says of any node that there is none, Graph refuses a message for good."""


def conversation_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a conversation, which leads to its messages."""
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if is_node(number):
        count = count_in(node, "message_count")
        yield Item(
            Stream.MESSAGES, f"conversation/{number}", Kind.PRESENT, _PRIVATE,
            (Span("item", *cut),), _JSON,
            follow=(messages_of(site, listing, str(number), count),),
        )  # fmt: skip


def message_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield that a message is listed, and its content where that stands here as well."""
    del listing
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if not is_node(number):
        return
    shown = bool(node.keys() - _LISTED)
    spans = tuple(
        Span("item", one.key_start, one.value_end)
        for one in json_members(body, *cut)
        if one.key in _LISTED
    )
    follow = () if shown else (content_of(site, str(number)),)
    yield Item(Stream.MESSAGES, str(number), Kind.PRESENT, _PRIVATE, spans, _JSON, follow=follow)
    if shown:
        yield _content(site, str(number), node, cut)


def content_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield what a message says that was asked for itself."""
    del listing
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if is_node(number):
        yield _content(site, str(number), node, cut)


def refused(number: str, body: bytes, problem: Problem) -> Page:
    """Return Graph's refusal to show one message as what the archive knows of its content."""
    final = problem.code == "missing" or _DELETED in str(error_of(body).get("message", ""))
    if not (final and is_node(number)):
        return Page(problem=problem)
    item = Item(
        Stream.MESSAGES, f"{number}/content", Kind.HIDDEN, _PRIVATE,
        (Span("refusal", 0, len(body)),), _JSON, group=f"content {number}",
    )  # fmt: skip
    return Page((item,))


def _content(site: Site, number: str, node: dict[str, Any], cut: Cut) -> Item:
    return Item(
        Stream.MESSAGES, f"{number}/content", Kind.PRESENT, _PRIVATE, (Span("item", *cut),),
        _JSON, follow=_files(site, number, node), group=f"content {number}",
    )  # fmt: skip


def _files(site: Site, number: str, node: dict[str, Any]) -> tuple[Follow, ...]:
    """Return the files attached to a message."""
    held = node.get("attachments")
    found = held.get("data") if isinstance(held, dict) else None
    follow: list[Follow] = []
    for place, one in enumerate(found if isinstance(found, list) else ()):
        url = _address(one) if isinstance(one, dict) else ""
        name = one.get("id") if isinstance(one, dict) and is_node(one.get("id")) else f"n{place}"
        follow += file_of(site, f"{number}/attachment/{name}", url, _PRIVATE)
    return tuple(follow)


def _address(attachment: dict[str, Any]) -> str:
    """Return where an attachment's file is, whatever kind of file it is."""
    for name in ("image_data", "video_data"):
        data = attachment.get(name)
        if isinstance(data, dict) and isinstance(data.get("url"), str):
            return str(data["url"])
    return str(attachment.get("file_url") or "")
