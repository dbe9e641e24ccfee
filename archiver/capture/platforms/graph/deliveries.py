"""The bodies of Meta's webhooks (docs/graph-api/webhooks/reference, messenger-platform/webhooks).

What a webhook tells has another shape than the thing itself: fewer fields, other spellings.
So each event is a record of its own, a part of the thing it tells of (``ID/event/…``), never
an edit of it; the thing itself is then asked for (ADR 0085). That a thing is gone is said of
the thing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Claim, Gone, Item, Page, Problem, Span
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import items_at, node_of
from archiver.capture.platforms.graph.files import file_of
from archiver.capture.platforms.graph.threads import content_of
from archiver.capture.times import unix_time
from archiver.formats.excerpts_json import json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.capture.connector import Follow, Site

    Cut = tuple[int, int]
    Found = Item | Gone
    Change = Callable[[Site, dict[str, Any], Cut, str], Iterable[Found]]

__all__ = ["event", "gone", "told"]

_JSON = "application/json"
_LISTS = ("changes", "messaging", "standby")
_OF_MESSAGES = (
    "message", "message_edit", "reaction", "read", "delivery", "postback", "optin", "referral",
)  # fmt: skip


def told(site: Site, body: bytes, kind: str, known: str, change: Change) -> Page:
    """Cut a delivery about a ``kind`` (``page``, ``instagram``).

    What it tells of other accounts is claimed, and kept nowhere but in intake.

    Args:
        site: the account.
        body: as it was signed.
        kind: what the delivery must be about.
        known: the account's number, where anything says it.
        change: yields what one change tells, whose time of sending is its last argument.
    """
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    cut = start, len(body.rstrip(b" \t\r\n"))
    entries = items_at(body, cut, "entry")
    if node_of(body[slice(*cut)]).get("object") != kind or not entries:
        return Page(problem=Problem("schema", f"a delivery that is not about a {kind}"))
    own = _own(known, body, entries)
    claims = [
        Claim(one.key, one.key_start, one.value_end, "")
        for one in json_members(body, *cut)
        if one.key == "object"
    ]
    claims += [
        Claim("entry", one.key_start, one.value_start, str(len(entries)))
        for one in json_members(body, *cut)
        if one.key == "entry"
    ]
    found: list[Found] = []
    for entry in entries:
        number = str(node_of(body[slice(*entry)]).get("id", ""))
        if own and number != own:
            claims.append(
                Claim("entry of another account", *entry, number if is_node(number) else "")
            )
        elif own:
            claims += _envelope(body, entry)
            found += _entry(site, body, entry, change)
    return Page(
        tuple(one for one in found if isinstance(one, Item)),
        tuple(claims),
        gone=tuple(one for one in found if isinstance(one, Gone)),
    )


def _own(known: str, body: bytes, entries: list[Cut]) -> str:
    """Return the account's number; where nothing says it, the only one that there is.

    Where neither tells, nothing is taken: the delivery is residue until the account is read.
    """
    ids = {str(node_of(body[slice(*one)]).get("id", "")) for one in entries}
    return known or (ids.pop() if len(ids) == 1 else "")


def _envelope(body: bytes, entry: Cut) -> Iterator[Claim]:
    """Yield what an entry says beside its events: whose they are, when they were sent."""
    for one in json_members(body, *entry):
        if one.key in {"id", "time"}:
            text = body[one.value_start : one.value_end].decode("utf-8", "replace")
            yield Claim(one.key, one.key_start, one.value_end, text)
        elif one.key in _LISTS:
            yield Claim(one.key, one.key_start, one.value_start, "")


def _entry(site: Site, body: bytes, entry: Cut, change: Change) -> Iterator[Found]:
    sent = str(node_of(body[slice(*entry)]).get("time", ""))
    for cut in items_at(body, entry, "changes"):
        yield from change(site, node_of(body[slice(*cut)]), cut, sent)
    for name in _LISTS[1:]:
        for cut in items_at(body, entry, name):
            yield from _messaging(site, node_of(body[slice(*cut)]), cut)


# ── Messages ─────────────────────────────────────────────────────────────────────────────


def _messaging(site: Site, said: dict[str, Any], cut: Cut) -> Iterator[Found]:
    """Yield one event of a conversation."""
    kind = next((one for one in _OF_MESSAGES if isinstance(said.get(one), dict)), "")
    when, about = str(said.get("timestamp", "")), said.get(kind)
    if not kind or not is_node(when) or not isinstance(about, dict):
        return
    mid = about.get("mid")
    if not is_node(mid):
        sender = said.get("sender")
        who = sender.get("id") if isinstance(sender, dict) else ""
        prefix = f"event/{who}" if is_node(who) else "event"
        yield event(Stream.MESSAGES, f"{prefix}-{when}-{kind}", cut)
    elif kind == "message" and about.get("is_deleted") is True:
        yield gone(Stream.MESSAGES, str(mid), "messages", cut, unix_time(when).at)
    else:
        item = event(Stream.MESSAGES, f"{mid}/event/{when}-{kind}", cut)
        if kind in {"message", "message_edit"}:
            files = _files(site, str(mid), about)
            item = replace(item, follow=(content_of(site, str(mid), always=True), *files))
        yield item


def _files(site: Site, mid: str, message: dict[str, Any]) -> tuple[Follow, ...]:
    found = message.get("attachments")
    follow: tuple[Follow, ...] = ()
    for place, one in enumerate(found if isinstance(found, list) else ()):
        payload = one.get("payload") if isinstance(one, dict) else None
        url = payload.get("url") if isinstance(payload, dict) else ""
        name = f"{mid}/event/attachment/{place}"
        follow += file_of(site, name, str(url or ""), Sensitivity.PRIVATE)
    return follow


def event(stream: Stream, name: str, cut: Cut, follow: tuple[Follow, ...] = ()) -> Item:
    """Return an event. It is never replaced by a later one, so that no moment undoes it."""
    return Item(
        stream, name, Kind.PRESENT, Sensitivity.PRIVATE, (Span("event", *cut),), _JSON,
        follow=follow, group="events",
    )  # fmt: skip


def gone(stream: Stream, number: str, group: str, cut: Cut, at: str) -> Gone:
    """Return that a thing is said to be gone since ``at``; ``group`` would list it."""
    return Gone(number, (stream,), (Span("event", *cut),), _JSON, group, at)
