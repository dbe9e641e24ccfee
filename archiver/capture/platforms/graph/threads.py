"""What to ask of conversations and their messages (docs/messenger-platform/conversations)."""

from __future__ import annotations

from archiver.capture.connector import Follow, Listing, Site
from archiver.capture.platforms.graph.addresses import api
from archiver.record import Sensitivity, Stream

__all__ = [
    "CONVERSATION",
    "IDLE",
    "LISTED",
    "MESSAGE",
    "NEWEST",
    "READABLE",
    "content_of",
    "is_full",
    "messages_of",
]

NEWEST = " newest"
"""How names of lists end in an incremental run."""
READABLE = "20"
"""Messages of a conversation whose content Graph shows, the newest ones
(developers.facebook.com/docs/messenger-platform/conversations)."""
IDLE = (30 * 86_400.0, "requests that nobody has answered for 30 days are listed no more")
"""Seconds, and why (developers.facebook.com/docs/messenger-platform/conversations)."""
CONVERSATION = (
    "id,link,name,updated_time,message_count,unread_count,participants,"
    "former_participants,senders,can_reply,is_subscribed,folder,scoped_thread_key"
)
MESSAGE = "id,created_time,from,to,message,sticker,tags,attachments,shares"
"""Messages have no published field list (general knowledge)."""
LISTED = "id,created_time"
"""What is told of every message."""


def is_full(listing: Listing) -> bool:
    """Say whether a list is read with all that hangs on its nodes."""
    return not listing.name.endswith(NEWEST) and not listing.name.startswith("node ")


def messages_of(site: Site, listing: Listing, number: str, stated: str) -> Follow:
    """Return the messages of a conversation, newest first.

    The first page has as many as Graph shows the content of.
    """
    full = is_full(listing)
    one = Listing(
        name=f"messages {number}" + ("" if full else NEWEST),
        stream=Stream.MESSAGES,
        request=api(site, f"{number}/messages", fields=MESSAGE, limit=READABLE),
        sensitivity=Sensitivity.PRIVATE,
        group=f"messages {number}",
        newest_first=not full,
        dated=True,
        stated=int(stated) if stated else None,
        shows=(Stream.MEDIA,),
    )
    return Follow("listing", one.stream, listing=one, always=full, ages=True)


def content_of(site: Site, number: str, *, always: bool = False) -> Follow:
    """Return the content of one message: asked for once, whatever the answer is."""
    name = f"content {number}"
    request = api(site, number, fields=MESSAGE)
    who = Sensitivity.PRIVATE
    one = Listing(name, Stream.MESSAGES, request, who, name, exhaustive=False)
    return Follow("listing", one.stream, listing=one, always=always)
