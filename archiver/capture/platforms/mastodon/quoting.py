"""What an entity holds of other things: boosted and quoted statuses, and attachments.

A boost has the whole status that it boosts (``reblog``), a quote the one that it quotes
(``quote.quoted_status``, since 4.4), a notification the status that it is about, a
conversation its last one. Each has its attachments, which are records of their own.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Contained
from archiver.capture.platforms.mastodon.addresses import handle, local_name
from archiver.capture.platforms.mastodon.heads import is_id
from archiver.capture.text import storable
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Site

__all__ = ["SHOWN", "contained_in", "contained_like"]

SHOWN = frozenset({"public", "unlisted"})
"""Visibilities that everybody may see."""

_WITHIN = ("reblog", "quoted_status", "status", "last_status")
_HOLDS = re.compile(
    rb'"(?:%b)"\s*:\s*\{|"media_attachments"\s*:\s*\[\s*\{' % "|".join(_WITHIN).encode()
)


def contained_in(site: Site, data: bytes, sensitivity: str) -> tuple[Contained, ...]:
    """Return what an entity of that sensitivity holds of others. Never raises."""
    if _HOLDS.search(data) is None:
        return ()
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
        return tuple(_inside(site, value, public=sensitivity == Sensitivity.PUBLIC, hidden=False))
    except (ValueError, RecursionError):  # what can't be read may hold anything
        return (Contained(),)


def contained_like(site: Site, status: bytes, sensitivity: str) -> tuple[Contained, ...]:
    """Return what a like holds: the status that was liked, and what that one holds."""
    return contained_in(site, b'{"status":%b}' % status, sensitivity)


def _inside(site: Site, value: Any, *, public: bool, hidden: bool) -> Iterator[Contained]:  # noqa: ANN401 - any JSON value
    """Yield what a value holds; ``hidden``: the status it belongs to is not for everybody."""
    if not isinstance(value, dict):
        return
    attachments = value.get("media_attachments")
    for medium in attachments if isinstance(attachments, list) else ():
        native_id = medium.get("id") if isinstance(medium, dict) else None
        yield _named(Stream.MEDIA, native_id, told=not (public and hidden))
    quote = value.get("quote")
    for holder in (value, quote if isinstance(quote, dict) else {}):
        for name in _WITHIN:
            status = holder.get(name)
            if isinstance(status, dict):
                shown = str(status.get("visibility")) in SHOWN
                yield _status(site, status, told=shown or not public)
                yield from _inside(site, status, public=public, hidden=not shown)


def _status(site: Site, status: dict[str, Any], *, told: bool) -> Contained:
    """Return under which id the account's archive keeps a status, if it does."""
    account = status.get("account")
    acct = account.get("acct") if isinstance(account, dict) else None
    if not isinstance(acct, str):
        return Contained()
    writing = Stream.POSTS if local_name(acct) == handle(site) else Stream.COMMENTS
    direct = status.get("visibility") == "direct"
    return _named(Stream.MESSAGES if direct else writing, status.get("id"), told=told)


def _named(stream: Stream, native_id: object, *, told: bool) -> Contained:
    if isinstance(native_id, str):
        native_id = storable(native_id)
    return Contained(stream, str(native_id)) if told and is_id(native_id) else Contained()
