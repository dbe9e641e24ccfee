"""The bodies of Facebook's webhooks (docs/graph-api/webhooks/reference/page, messenger-platform).

What a webhook tells has another shape than the thing itself: fewer fields, other spellings.
So each event is a record of its own, a part of the thing it tells of (``ID/event/…``), never
an edit of it; the thing itself is then asked for (ADR 0085). That a thing is gone is said of
the thing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Claim, Gone, Item, Page, Problem, Span
from archiver.capture.platforms.facebook.addresses import page_id
from archiver.capture.platforms.facebook.listings import content_of, node
from archiver.capture.platforms.facebook.posts import file_of
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import items_at, node_of
from archiver.capture.times import unix_time
from archiver.formats.excerpts_json import json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Follow, Site

    Cut = tuple[int, int]
    Found = Item | Gone

__all__ = ["told"]

_JSON = "application/json"
_GONE = frozenset({"remove", "delete"})
_REACTIONS = frozenset({"reaction", "like"})
_LISTS = ("changes", "messaging", "standby")
_FIELDS = {"ratings": Stream.COMMENTS, "mention": Stream.POSTS, "live_videos": Stream.POSTS}
"""Streams of changes of the Page that tell of no post or comment; others are of its profile."""
_OF_MESSAGES = (
    "message", "message_edit", "reaction", "read", "delivery", "postback", "optin", "referral",
)  # fmt: skip


def told(site: Site, body: bytes) -> Page:
    """Cut a delivery. What it tells of other Pages is claimed, and kept nowhere but in intake."""
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    cut = start, len(body.rstrip(b" \t\r\n"))
    entries = items_at(body, cut, "entry")
    if node_of(body[slice(*cut)]).get("object") != "page" or not entries:
        return Page(problem=Problem("schema", "a delivery that is not about a Page"))
    own = _own(site, body, entries)
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
            claims.append(Claim("entry of another Page", *entry, number if is_node(number) else ""))
        elif own:
            claims += _envelope(body, entry)
            found += _entry(site, body, entry)
    return Page(
        tuple(one for one in found if isinstance(one, Item)),
        tuple(claims),
        gone=tuple(one for one in found if isinstance(one, Gone)),
    )


def _own(site: Site, body: bytes, entries: list[Cut]) -> str:
    """Return the Page's number; where nothing says it, the only one that there is.

    Where neither tells, nothing is taken: the delivery is residue until the Page is read.
    """
    known = page_id(site)
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


def _entry(site: Site, body: bytes, entry: Cut) -> Iterator[Found]:
    sent = str(node_of(body[slice(*entry)]).get("time", ""))
    for cut in items_at(body, entry, "changes"):
        yield from _change(site, node_of(body[slice(*cut)]), cut, sent)
    for name in _LISTS[1:]:
        for cut in items_at(body, entry, name):
            yield from _messaging(site, node_of(body[slice(*cut)]), cut)


# ── Changes of the Page and what is on it ────────────────────────────────────────────────


def _change(site: Site, change: dict[str, Any], cut: Cut, sent: str) -> Iterator[Found]:
    field, value = change.get("field"), change.get("value")
    if not is_node(field) or not isinstance(value, dict):
        return
    happened = str(value.get("created_time") or sent)
    name = f"{value.get('verb') or 'update'}-{happened}"
    if field != "feed" or not is_node(name):
        about = value.get("post_id") or value.get("open_graph_story_id") or value.get("id")
        subject = f"{about}/event" if is_node(about) else "event"
        if is_node(name):
            stream = _FIELDS.get(str(field), Stream.PROFILE)
            yield _event(stream, f"{subject}/{field}-{name}", cut)
        return
    yield from _feed(site, value, cut, name, unix_time(happened).at)


def _feed(site: Site, value: dict[str, Any], cut: Cut, name: str, at: str) -> Iterator[Found]:
    """Yield what happened to a post, a comment or a reaction."""
    post, comment = value.get("post_id"), value.get("comment_id")
    what, verb = value.get("item"), value.get("verb")
    subject = comment if is_node(comment) else post
    if not is_node(subject):
        yield _event(Stream.POSTS, f"event/feed-{name}", cut)
    elif what in _REACTIONS:
        yield from _reaction(value, cut, str(subject), name, at)
    elif is_node(comment):
        group = f"comments {post}" if is_node(post) else "comments"
        if verb in _GONE:
            yield _gone(Stream.COMMENTS, str(comment), group, cut, at)
        else:
            follow = (node(site, "comments", str(comment), group),)
            yield _event(Stream.COMMENTS, f"{comment}/event/{name}", cut, follow)
    elif verb in _GONE:
        yield _gone(Stream.POSTS, str(post), "posts", cut, at)
    else:
        follow = (node(site, "posts", str(post), "posts"),)
        yield _event(Stream.POSTS, f"{post}/event/{name}", cut, follow)


def _reaction(value: dict[str, Any], cut: Cut, subject: str, name: str, at: str) -> Iterator[Found]:
    person = value.get("from")
    who = person.get("id") if isinstance(person, dict) else value.get("sender_id")
    if value.get("verb") in _GONE and is_node(who):
        yield _gone(Stream.REACTIONS, f"{subject}/reaction/{who}", f"reactions {subject}", cut, at)
    else:
        about = f"{subject}/event/{who}-{name}" if is_node(who) else f"{subject}/event/{name}"
        yield _event(Stream.REACTIONS, about, cut)


# ── Messages ─────────────────────────────────────────────────────────────────────────────


def _messaging(site: Site, event: dict[str, Any], cut: Cut) -> Iterator[Found]:
    """Yield one event of a conversation."""
    kind = next((one for one in _OF_MESSAGES if isinstance(event.get(one), dict)), "")
    when, told_of = str(event.get("timestamp", "")), event.get(kind)
    if not kind or not is_node(when) or not isinstance(told_of, dict):
        return
    mid = told_of.get("mid")
    if not is_node(mid):
        sender = event.get("sender")
        who = sender.get("id") if isinstance(sender, dict) else ""
        prefix = f"event/{who}" if is_node(who) else "event"
        yield _event(Stream.MESSAGES, f"{prefix}-{when}-{kind}", cut)
        return
    if kind == "message" and told_of.get("is_deleted") is True:
        group = "messages"
        yield _gone(Stream.MESSAGES, str(mid), group, cut, unix_time(when).at)
        return
    item = _event(Stream.MESSAGES, f"{mid}/event/{when}-{kind}", cut)
    if kind in {"message", "message_edit"}:
        files = _files(site, str(mid), told_of)
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


def _event(stream: Stream, name: str, cut: Cut, follow: tuple[Follow, ...] = ()) -> Item:
    """Return an event. It is never replaced by a later one, so that no moment undoes it."""
    return Item(
        stream, name, Kind.PRESENT, Sensitivity.PRIVATE, (Span("event", *cut),), _JSON,
        follow=follow, group="events",
    )  # fmt: skip


def _gone(stream: Stream, number: str, group: str, cut: Cut, at: str) -> Gone:
    return Gone(number, (stream,), (Span("event", *cut),), _JSON, group, at)
