"""Cutting a live chat: what is said while a broadcast is live, and what is taken back.

YouTube lists the chat's latest messages, oldest first, then what came since; once the chat
has ended it lists nothing. Messages are comments here, for everybody reads them; that
somebody was put out of the chat is moderation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Gone, Item, Span
from archiver.capture.platforms.youtube.envelope import following
from archiver.capture.platforms.youtube.heads import ChatMessage, head_of, is_id
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing, Page, Site

    Cut = tuple[int, int]

__all__ = ["message", "page"]

_JSON = "application/json"
_BANNED = "userBannedEvent"
_TOMBSTONE = "tombstone"


def message(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item | Gone]:
    """Yield a message or an event; one that takes a message back also says that it is gone.

    A tombstone stands in the place of a message, under its id, once that was taken away.
    """
    head = head_of(body[slice(*cut)], ChatMessage)
    if head is None:
        return
    snippet = head.snippet
    taken = [snippet.deleted.id, snippet.retracted.id]
    if snippet.type == _TOMBSTONE:
        taken.append(head.id)
    else:
        yield Item(
            stream=Stream.MODERATION if snippet.type == _BANNED else Stream.COMMENTS,
            native_id=f"chat/{head.id}",
            kind=Kind.PRESENT,
            sensitivity=listing.sensitivity,
            spans=(Span("item", *cut),),
            content_type=_JSON,
        )
    for gone in filter(is_id, taken):
        spans = (Span("event", *cut),)
        yield Gone(f"chat/{gone}", (Stream.COMMENTS,), spans, _JSON, listing.group)


def page(listing: Listing, cut: Page, token: str) -> Page:
    """Return a page of a chat: there is always a next one, which is empty while nobody speaks."""
    more = bool(cut.items or cut.gone)
    return replace(cut, next=following(listing.request, token)) if more else cut
