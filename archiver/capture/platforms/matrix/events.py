"""Cutting events: which stream an event belongs to, in what state it is, what it asks for.

Everything that happens in a room is an event, and each becomes a record of its own, with
the id ``!room/$event``: messages (edits are messages of their own), reactions, changes of
membership, redactions and other changes of the room's state.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.capture.connector import Follow, Item, Span
from archiver.capture.platforms.matrix import requests
from archiver.capture.platforms.matrix.quoting import contained_in
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.matrix.terms import Terms

__all__ = ["Content", "Event", "Place", "content_of", "event_item", "files_of", "head_of"]


class _Relation(msgspec.Struct):
    rel_type: str = ""
    event_id: str = ""


class _File(msgspec.Struct):
    """A file that its sender encrypted (EncryptedFile)."""

    url: str = ""


class _Info(msgspec.Struct):
    thumbnail_url: str = ""
    thumbnail_file: _File | None = None


class Content(msgspec.Struct):
    """What cutting looks at in a content of any type."""

    url: str = ""
    file: _File | None = None
    info: _Info | None = None
    relates_to: _Relation | None = msgspec.field(name="m.relates_to", default=None)
    new_content: msgspec.Raw = msgspec.field(name="m.new_content", default=msgspec.Raw(b""))
    redacts: str = ""
    membership: str = ""
    history_visibility: str = ""


class Unsigned(msgspec.Struct):
    """What the homeserver adds: whether somebody took the event's content back."""

    redacted_because: msgspec.Raw = msgspec.Raw(b"")


class Event(msgspec.Struct):
    """What cutting needs to know of an event. ``state_key`` None: no part of the state."""

    event_id: str = ""
    type: str = ""
    state_key: str | None = None
    sender: str = ""
    origin_server_ts: int = 0
    redacts: str = ""
    content: msgspec.Raw = msgspec.Raw(b"{}")
    unsigned: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def redacted(self) -> bool:
        """Whether somebody took its content back."""
        if b"redacted_because" not in memoryview(self.unsigned).tobytes():
            return False
        try:
            return memoryview(_UNSIGNED.decode(self.unsigned).redacted_because).nbytes > 0
        except UNREADABLE:
            return False


class Place(NamedTuple):
    """Where an event was found: site, listing, what its name says, ids of the same answer."""

    site: Site
    listing: Listing
    terms: Terms
    beside: frozenset[str] = frozenset()


_EVENT = msgspec.json.Decoder(Event)
_CONTENT = msgspec.json.Decoder(Content)
_UNSIGNED = msgspec.json.Decoder(Unsigned)
_NO_CONTENT = Content()
_TEXTS = ("event_id", "type", "state_key", "sender", "redacts")
_PEOPLE = frozenset({"m.room.member", "m.room.third_party_invite"})


def head_of(data: bytes) -> Event | None:
    """Read what cutting needs; whatever is not of its documented type counts as not given."""
    try:
        return _EVENT.decode(data)
    except UNREADABLE:
        pass  # tried again below, tolerantly
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    texts = {name: storable(value[name]) for name in _TEXTS if isinstance(value.get(name), str)}
    when = value.get("origin_server_ts")
    event = Event(origin_server_ts=when if type(when) is int else 0)
    for name, text in texts.items():
        setattr(event, name, text)
    for name in ("content", "unsigned"):
        if isinstance(value.get(name), dict):
            setattr(event, name, msgspec.Raw(json.dumps(value[name]).encode()))
    return event


def content_of(event: Event) -> Content:
    """Read a content as far as it is of the documented types."""
    return _content(event.content)


def _content(raw: msgspec.Raw) -> Content:
    try:
        return _CONTENT.decode(raw)
    except UNREADABLE:
        return _NO_CONTENT


def event_item(place: Place, event: Event, cut: tuple[int, int]) -> Item:
    """Return the item of an event whose id is one."""
    stream, content = _stream_of(event), content_of(event)
    sensitivity = _sensitivity(place, event, stream)
    room_id = place.terms.room
    return Item(
        stream=stream,
        native_id=f"{room_id}/{event.event_id}",
        kind=Kind.REMOVED if event.redacted else Kind.PRESENT,
        sensitivity=sensitivity,
        spans=(Span("item", *cut),),
        content_type="application/json",
        follow=(
            *files_of(place.site, event, content, sensitivity),
            *_changed(place, event, content),
            *_taken_back(place, event, stream),
            *_said_before(place, event, stream),
        ),
        contains=contained_in(event, room_id, stream, sensitivity),
    )


def _stream_of(event: Event) -> Stream:
    if event.type in _PEOPLE:
        return Stream.SUBSCRIBERS
    if event.type == "m.reaction":
        return Stream.REACTIONS
    if event.type == "m.room.redaction" or event.state_key is not None:
        return Stream.MODERATION
    return Stream.MESSAGES


def _sensitivity(place: Place, event: Event, stream: Stream) -> Sensitivity:
    """Return public only for what anybody may read without joining.

    That is what stands in the room's order before the event that opened it, being newer
    (`history`), and is newer by its sender's clock as well: where servers lost sight of each
    other, what was said meanwhile in the closed room may stand anywhere.
    """
    since = place.terms.open_since
    hidden = stream == Stream.SUBSCRIBERS or event.redacted or event.type == "m.room.encrypted"
    if place.listing.sensitivity != Sensitivity.PUBLIC or since is None or hidden:
        return Sensitivity.PRIVATE
    return Sensitivity.PUBLIC if event.origin_server_ts >= since else Sensitivity.PRIVATE


def files_of(
    site: Site, event: Event, content: Content, sensitivity: Sensitivity
) -> tuple[Follow, ...]:
    """Return the files that an event names; those of an edit are in its new content."""
    if b"mxc:" not in memoryview(event.content).tobytes():
        return ()
    contents = [content]
    if memoryview(content.new_content).nbytes:
        contents.append(_content(content.new_content))
    uris: list[str] = []
    for one in contents:
        info = one.info or _Info()
        files = (one.file, info.thumbnail_file)
        uris += [one.url, info.thumbnail_url, *(file.url for file in files if file is not None)]
    unique = dict.fromkeys(uris)
    return tuple(follow for uri in unique for follow in requests.file(site, uri, sensitivity))


def _changed(place: Place, event: Event, content: Content) -> tuple[Follow, ...]:
    """Return, among news, the older event that an edit or redaction changed."""
    if not place.terms.newest:
        return ()  # every event is read anyhow
    target = event.redacts or content.redacts
    if content.relates_to is not None and content.relates_to.rel_type == "m.replace":
        target = content.relates_to.event_id
    if target in place.beside or not requests.is_event_id(target):
        return ()
    listing = requests.event(place.site, place.terms.room, target)
    return (Follow("listing", Stream.MESSAGES, listing=listing),)


def _taken_back(place: Place, event: Event, stream: Stream) -> tuple[Follow, ...]:
    """Return the request for what a redacted message said, for servers that show it."""
    if not event.redacted or stream != Stream.MESSAGES:
        return ()
    listing = requests.unredacted(place.site, place.terms.room, event.event_id)
    return (Follow("listing", Stream.MESSAGES, listing=listing),)


def _said_before(place: Place, event: Event, stream: Stream) -> tuple[Follow, ...]:
    """Return, among news, the request for what the sender of a redacted message said.

    Where it was an edit, the message that it was of says again what it said before. Which
    one that is, the redacted event does not tell; but only its sender can have edited it.
    """
    news = place.terms.newest or place.listing.name.startswith("event ")
    message = event.redacted and stream == Stream.MESSAGES
    if not news or not message or not requests.is_user_id(event.sender):
        return ()
    listing = requests.said_by(place.site, place.terms.room, event.sender)
    return (Follow("listing", Stream.MESSAGES, listing=listing),)
