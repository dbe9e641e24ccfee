"""Events of the X Activity API, as webhooks bring them (docs.x.com/x-api/activity/event-payloads).

One delivery has one event: ``{"data": {event_uuid, filter, event_type, tag, payload,
includes}}``, in X's older dialect. Things that listings show too have the same record
there and here; what only an event tells (a change of the profile, a direct message's
delivery, a like) has one of its own, named by the event or by what it brought.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Gone, Item, Page, Problem, Span
from archiver.capture.heads import is_id
from archiver.capture.platforms.x.answered import Answered, Cut, include, unwrapped
from archiver.capture.platforms.x.heads import Event, Plain, Post, head_of
from archiver.capture.platforms.x.posts import JSON, Cutting
from archiver.capture.times import internet_time
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import json_items, json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.capture.connector import Listing, Site
    from archiver.formats.excerpts_json import Member

__all__ = ["delivered", "told_to"]

_ENVELOPE = frozenset({"event_uuid", "filter", "event_type", "tag"})
_PASSING = frozenset({"dm.indicate_typing"})
"""Events that tell of nothing that lasts."""
_CIPHERTEXT = "an encrypted message is kept as it came: nobody reads it without the account's keys"


@dataclass(slots=True)
class _Told:
    """One event on its way to what it is about."""

    site: Site
    listing: Listing
    found: Answered
    event: Event
    own: str
    payload: Cut
    kind: Span
    gone: list[Gone] = field(default_factory=list)
    used: set[Cut] = field(default_factory=set)

    def data(self, cut: Cut) -> bytes:
        return self.found.body[slice(*cut)]

    def members(self, cut: Cut) -> dict[str, Member]:
        return {one.key: one for one in json_members(self.found.body, *cut)}

    def claim(self, *members: Member) -> None:
        """Say that names of members were read."""
        for one in members:
            self.found.claims.append(Claim(one.key, one.key_start, one.value_start, ""))

    def item(
        self, stream: Stream, native_id: str, *spans: Span, group: str, public: bool = False
    ) -> Item:
        """Return an item that an event brought; ``group`` of the listings that show it too."""
        who = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
        return Item(stream, native_id, Kind.PRESENT, who, spans, JSON, group=group)

    def person(self, name: str) -> tuple[str, Cut] | None:
        """Return the user that the payload has under a name: his id, and where he lies."""
        member = self.members(self.payload).get(name)
        if member is None:
            return None
        cut = unwrapped(self.found, (member.value_start, member.value_end))
        head = head_of(self.data(cut), Plain)
        if head is None:
            return None
        self.claim(member)
        return str(head.id), cut


def told_to(body: bytes) -> tuple[str, ...]:
    """Return the id of the account that a delivery is for, as its filter names it."""
    start, end = _data_of(body)
    head = head_of(body[start:end], Event)
    account = str(head.filter.get("user_id", "")) if head else ""
    return (account,) if is_id(account) and account.isascii() else ()


def delivered(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut one delivery. An event that is not understood is left as residue."""
    if format_of(body) != "json":
        return Page(problem=Problem("schema", "a delivery that is not JSON"))
    cut = _data_of(body)
    event = head_of(body[slice(*cut)], Event)
    members = {one.key: one for one in json_members(body, *cut)}
    if event is None or not {"payload", "event_type"} <= members.keys():
        return Page(problem=Problem("schema", "a delivery that is no event of the Activity API"))
    found = Answered(body)
    top = next(one for one in _top(body) if one.value_start == cut[0])
    found.claims.append(Claim("data", top.key_start, top.value_start, ""))
    for name, one in members.items():
        if name in _ENVELOPE:
            text = body[one.value_start : one.value_end].decode("utf-8", "replace")
            found.claims.append(Claim(name, one.key_start, one.value_end, text))
    if "includes" in members:
        include(found, members["includes"])
    payload, kind = members["payload"], members["event_type"]
    told = _Told(
        site, listing, found, event, next(iter(told_to(body)), ""),
        unwrapped(found, (payload.value_start, payload.value_end)),
        Span("event_type", kind.value_start, kind.value_end),
    )  # fmt: skip
    told.claim(payload)
    return _page(told)


def _page(told: _Told) -> Page:
    items = tuple(_cutter(told.event.event_type)(told))
    claims = [*told.found.claims, *told.found.unused(told.used)]
    if told.event.event_type in _PASSING:
        claims.append(Claim("payload", *told.payload, ""))
    hidden = bool(items) and told.event.event_type.startswith("chat.")
    problem = Problem("withheld", _CIPHERTEXT) if hidden else None
    return Page(items, tuple(claims), gone=tuple(told.gone), problem=problem)


def _top(body: bytes) -> list[Member]:
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    return [one for one in json_members(body, start, len(body)) if one.key == "data"]


def _data_of(body: bytes) -> Cut:
    found = _top(body)
    return (found[-1].value_start, found[-1].value_end) if found else (0, 0)


# ── What each kind of event is about ─────────────────────────────────────────────────────
def _posted(told: _Told) -> Iterator[Item]:
    """Yield a post: the account's own, one that names it, answers it or quotes it."""
    head = head_of(told.data(told.payload), Post)
    if head is None:
        return
    at = internet_time(head.created_at).at
    cutting = Cutting(told.site, told.listing, told.found, told.own, told.used)
    if told.event.event_type == "post.repost.create" and head.author_id != told.own:
        author = told.found.one("users", head.author_id)
        spans = [Span("item", *told.payload)]
        if author:
            told.used.add(author)
            spans.append(Span("author", *author))
        name = f"repost/{head.id}"
        yield told.item(Stream.REACTIONS, name, *spans, group="reposts", public=True)
        return
    group = "posts" if head.author_id == told.own else "mentions"
    for item in cutting.items([told.payload], at=at):
        yield replace(item, group=item.group or group)


def _deleted(told: _Told) -> Iterator[Item]:
    head = head_of(told.data(told.payload), Plain)
    if head is not None:
        streams = (Stream.POSTS, Stream.COMMENTS)
        spans = (Span("event", *told.payload),)
        told.gone.append(Gone(str(head.id), streams, spans, JSON, group="posts"))
    return iter(())


def _related(told: _Told) -> Iterator[Item]:
    """Yield who follows, blocks or mutes whom, or say that he no longer does."""
    source, target = told.person("source"), told.person("target")
    if source is None or target is None or told.own not in {source[0], target[0]}:
        return
    verb = told.event.event_type.partition(".")[2]
    inbound = target[0] == told.own
    other = source if inbound else target
    name, group, stream = _RELATED[verb.removeprefix("un"), inbound]
    ourselves = target if inbound else source
    told.found.claims.append(Claim("ourselves", *ourselves[1], ""))
    native_id = f"{name}/{other[0]}"
    if verb.startswith("un"):
        spans = (Span("event", *other[1]),)
        told.gone.append(Gone(native_id, (stream,), spans, JSON, group=group))
    else:
        yield told.item(stream, native_id, Span("item", *other[1]), group=group)


_RELATED = {
    ("follow", True): ("follower", "followers", Stream.SUBSCRIBERS),
    ("follow", False): ("following", "following", Stream.SUBSCRIBERS),
    ("block", False): ("block", "blocking", Stream.MODERATION),
    ("block", True): ("blocked_by", "events", Stream.MODERATION),
    ("mute", False): ("mute", "muting", Stream.MODERATION),
    ("mute", True): ("muted_by", "events", Stream.MODERATION),
}
"""(what is done, to us) -> how its record is named, in which listings and stream it is."""


def _message(told: _Told) -> Iterator[Item]:
    """Yield the delivery of each direct message, a part of the message that listings show.

    It is the older form of the same message: other names, another spelling of its time.
    """
    members = told.members(told.payload)
    events, users = members.get("direct_message_events"), members.get("users")
    if events is None:
        return
    told.claim(events)
    people = _people(told, users) if users else {}
    text = told.found.body[events.value_start : events.value_end]
    for a, b in json_items(text):
        cut = events.value_start + a, events.value_start + b
        head = head_of(told.data(cut), Plain)
        if head is None:
            continue
        spans = [Span("item", *cut), *(Span("user", *one) for one in people.values())]
        yield told.item(Stream.MESSAGES, f"{head.id}/delivery", *spans, group="deliveries")


def _people(told: _Told, member: Member) -> dict[str, Cut]:
    """Return the users of a message by id."""
    told.claim(member)
    found = {}
    for one in json_members(told.found.body, member.value_start, member.value_end):
        told.claim(one)
        found[one.key] = unwrapped(told.found, (one.value_start, one.value_end))
    return found


def _encrypted(told: _Told) -> Iterator[Item]:
    head = head_of(told.data(told.payload), Plain)
    if head is not None:
        spans = (Span("item", *told.payload), told.kind)
        name = f"chat/{head.id}/delivery"
        yield told.item(Stream.MESSAGES, name, *spans, group="deliveries")


def _changed(told: _Told) -> Iterator[Item]:
    """Yield a change of the profile: what was there before, and after."""
    spans = (Span("item", *told.payload), told.kind)
    name = f"{told.own}/update/{told.event.id}"
    if told.own:
        yield told.item(Stream.PROFILE, name, *spans, group="updates", public=True)


def _liked(told: _Told) -> Iterator[Item]:
    head = head_of(told.data(told.payload), Plain)
    if head is not None:
        spans = (Span("item", *told.payload), told.kind)
        yield told.item(Stream.REACTIONS, f"like-event/{head.id}", *spans, group="events")


def _other(told: _Told) -> Iterator[Item]:
    """Keep an event of another kind as it came: a space, a read receipt, a lost permission."""
    spans = (Span("item", *told.payload), told.kind)
    yield told.item(Stream.MESSAGES, f"event/{told.event.id}", *spans, group="events")


def _nothing(_told: _Told) -> Iterator[Item]:
    return iter(())


_CUTTERS: dict[str, Callable[[_Told], Iterator[Item]]] = {
    "post.create": _posted,
    "post.mention.create": _posted,
    "post.reply.create": _posted,
    "post.quote.create": _posted,
    "post.repost.create": _posted,
    "post.delete": _deleted,
    "like.create": _liked,
    "dm.received": _message,
    "dm.sent": _message,
    "dm.indicate_typing": _nothing,
    **dict.fromkeys(
        (
            "follow.follow", "follow.unfollow", "block.block", "block.unblock",
            "mute.mute", "mute.unmute",
        ),
        _related,
    ),
}  # fmt: skip


def _cutter(kind: str) -> Callable[[_Told], Iterator[Item]]:
    """Return what cuts an event of a kind."""
    if kind.startswith("chat."):
        return _encrypted
    return _changed if kind.startswith("profile.update.") else _CUTTERS.get(kind, _other)
