"""Cutting what names rooms: ``/sync``, which says where there is news, and a room's state."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archiver.capture.connector import Claim, Contained, Follow, Item, Page, Problem, Span
from archiver.capture.platforms.matrix import requests
from archiver.capture.platforms.matrix.answers import error_of
from archiver.capture.platforms.matrix.cutting import Cut, text_of
from archiver.capture.platforms.matrix.events import Event, content_of, files_of, head_of
from archiver.capture.platforms.matrix.quoting import in_room
from archiver.capture.platforms.matrix.terms import Terms, terms_of
from archiver.capture.text import storable
from archiver.formats.excerpts_json import json_items
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.formats.excerpts_json import Member
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Request

__all__ = ["restart", "split_room", "split_sync"]

_STANDING = {
    "join": Kind.PRESENT,
    "invite": Kind.HELD,
    "knock": Kind.HELD,
    "leave": Kind.REMOVED,
    "ban": Kind.REMOVED,
}
_COUNTS = (
    "device_one_time_keys_count",
    "device_unused_fallback_key_types",
    "org.matrix.msc2732.device_unused_fallback_key_types",
    "device_lists",
    "to_device",
    "presence",
)
"""What a sync says of the device that asks, not of any conversation."""
_ROOM_COUNTS = (
    "unread_notifications",
    "unread_thread_notifications",
    "org.matrix.msc2654.unread_count",
    "summary",
)
_EMPTY = ("state", "account_data", "ephemeral")
"""What our filter asks the homeserver to leave out."""
_THIRD_PARTY = "m.room.third_party_invite"


# ── the rooms of an account ──────────────────────────────────────────────────────────────


def restart(site: Site, listing: Listing, response: HttpResponse) -> Page | None:
    """Begin anew where the homeserver no longer knows the token we left off at."""
    if response.status != 400 or not _since(listing):  # noqa: PLR2004 - HTTP Bad Request
        return None
    claim = Claim("error", 0, len(response.body), error_of(response.body))
    return Page(claims=(claim,), next=requests.sync(site))


def split_sync(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut a sync: the rooms it names, and which of them are direct conversations."""
    cut = Cut(response.body)
    members = cut.members(*cut.whole())
    if "next_batch" not in members:
        return Page(problem=Problem("schema", "an answer without next_batch"))
    cursor = cut.claim("next_batch", members.get("next_batch"))
    cut.claim_all("", (members.get(name) for name in _COUNTS))
    items = _account_data(site, cut, members.get("account_data"))
    rooms = cut.members(*cut.enter(members.get("rooms")))
    for word in _STANDING:
        section = rooms.get(word)
        if section is not None:
            items += [
                _standing(site, cut, (section, one), newest=not listing.exhaustive)
                for one in cut.members(*cut.enter(section)).values()
                if requests.is_room_id(one.key)
            ]
    following = _following(site, listing, cursor) if items else None
    return Page(tuple(items), tuple(cut.claims), next=following, cursor=cursor)


def _following(site: Site, listing: Listing, cursor: str) -> Request | None:
    """Return the request for what happened since an answer that told something.

    That answer may have come out of a cache; one that tells nothing new ends the listing.
    """
    known = requests.is_token(cursor) and cursor != _since(listing)
    return requests.sync(site, cursor) if known else None


def _since(listing: Listing) -> str:
    return parse_qs(urlsplit(listing.request.url).query).get("since", [""])[0]


def _account_data(site: Site, cut: Cut, member: Member | None) -> list[Item]:
    """Return which rooms are direct conversations, and with whom (``m.direct``)."""
    events = cut.members(*cut.enter(member)).get("events")
    items = []
    for start, end in cut.items(events):
        kind = cut.members(start, end).get("type")
        if kind and text_of(cut.body, kind.value_start, kind.value_end) == "m.direct":
            native_id = f"{requests.account_of(site).user}/m.direct"
            items.append(_item(Stream.PROFILE, native_id, Kind.PRESENT, (start, end)))
    return items


def _standing(site: Site, cut: Cut, where: tuple[Member, Member], *, newest: bool) -> Item:
    """Return that the account is in a room, invited to it, or has left it."""
    section, room = where
    members = cut.members(*cut.enter(room))
    spans = [_name(cut, "membership", section), _name(cut, "item", room)]
    invited = False
    for name in ("invite_state", "knock_state"):
        stripped = cut.members(*cut.enter(members.get(name))).get("events")
        if stripped is not None:
            cut.enter(stripped)
            spans.append(Span("invitation", stripped.value_start, stripped.value_end))
            invited = True  # with parts of the room's state, which have no ids
    latest = _timeline(cut, room.key, members.get("timeline"))
    cut.claim_all(f"{storable(room.key)} ", (members.get(name) for name in _ROOM_COUNTS))
    for name in _EMPTY:
        events = cut.members(*cut.enter(members.get(name))).get("events")
        _pointers(cut, f"{storable(room.key)} {name}", events)
    kind = _STANDING[section.key]
    follow: tuple[Follow, ...] = ()
    if kind != Kind.HELD:
        # A room that was left is read once more, and never after: one that banned us shows
        # nothing, and that would be said anew in every run.
        here = kind == Kind.PRESENT
        terms = Terms(room.key, newest=newest, latest=latest if newest else "")
        listing = requests.room(site, terms)
        follow = (Follow("listing", Stream.SUBSCRIBERS, listing=listing, always=here),)
    return Item(
        stream=Stream.PROFILE,
        native_id=room.key,
        kind=kind,
        sensitivity=Sensitivity.PRIVATE,
        spans=tuple(spans),
        content_type="application/json",
        follow=follow,
        contains=(Contained(),) if invited else (),
    )


def _timeline(cut: Cut, room_id: str, member: Member | None) -> str:
    """Claim the newest event's id, all that we ask a sync to tell of what was said; return it."""
    timeline = cut.members(*cut.enter(member))
    latest = _pointers(cut, f"{storable(room_id)} newest", timeline.get("events"))
    names = ("prev_batch", "limited")
    cut.claim_all(f"{storable(room_id)} ", (timeline.get(name) for name in names))
    return latest


def _pointers(cut: Cut, name: str, events: Member | None) -> str:
    """Claim events as what they are here, news of themselves; return the last one's id.

    Some homeservers leave our filter aside and show more than the id. What was said and
    decided is read in the room itself; the rest is for devices (typing, read receipts).
    """
    latest = ""
    for start, end in cut.items(events):
        event = head_of(cut.body[start:end])
        if event is None or not (event.event_id or event.type):
            continue
        cut.claims.append(Claim(name, start, end, event.event_id or event.type))
        latest = event.event_id if requests.is_event_id(event.event_id) else ""
    return latest


def _name(cut: Cut, role: str, member: Member) -> Span:
    """Return a member's name, with its quotation marks, as a span."""
    end = cut.body.rindex(b'"', member.key_start, member.value_start) + 1
    return Span(role, member.key_start, end)


# ── one room ─────────────────────────────────────────────────────────────────────────────


def split_room(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut a room's current state: the room itself, and each of its members."""
    body, terms = response.body, terms_of(listing)
    if not requests.is_room_id(terms.room):
        return Page()
    items: list[Item] = []
    state: list[tuple[Event, tuple[int, int]]] = []
    for cut in json_items(body):
        event = head_of(body[slice(*cut)])
        if event is None or not event.type or event.state_key is None:
            continue
        person = _person(terms.room, event, cut)
        if person is not None:
            items.append(person)
        elif event.type != "m.room.member":
            state.append((event, cut))
    if not state:
        return Page(problem=Problem("schema", "an answer without the state of a room"))
    return Page((*items, _room(site, terms, state)))


def _person(room_id: str, event: Event, cut: tuple[int, int]) -> Item | None:
    """Return somebody's membership, or an invitation by e-mail that nobody has taken up."""
    key = event.state_key or ""
    if event.type == "m.room.member" and requests.is_user_id(key):
        kind = _STANDING.get(content_of(event).membership, Kind.HELD)
        held = in_room(room_id, Stream.SUBSCRIBERS, event.event_id)
        return _item(Stream.SUBSCRIBERS, f"{room_id}/{key}", kind, cut, held)
    if event.type == _THIRD_PARTY and is_plain(key):
        kind = Kind.REMOVED if bytes(event.content).strip() == b"{}" else Kind.HELD
        held = in_room(room_id, Stream.SUBSCRIBERS, event.event_id)
        return _item(Stream.SUBSCRIBERS, f"{room_id}/{_THIRD_PARTY} {key}", kind, cut, held)
    return None


def _room(site: Site, terms: Terms, state: list[tuple[Event, tuple[int, int]]]) -> Item:
    """Return the room: all of its state but its members. Only an open room is public."""
    opening = _opening([event for event, _ in state])
    sensitivity = Sensitivity.PRIVATE if opening is None else Sensitivity.PUBLIC
    since = None
    if opening is not None:
        since = max(opening.origin_server_ts, 0)
        terms = terms._replace(open_since=since, opened=opening.event_id)
    messages = requests.messages(site, terms)
    avatars = [
        file
        for event, _ in state
        if event.type == "m.room.avatar"
        for file in files_of(site, event, content_of(event), sensitivity)
    ]
    return Item(
        stream=Stream.PAGES,
        native_id=terms.room,
        kind=Kind.PRESENT,
        sensitivity=sensitivity,
        spans=tuple(Span("item", *cut) for _, cut in state),
        content_type="application/json",
        follow=(*avatars, Follow("listing", Stream.MESSAGES, listing=messages, always=True)),
        contains=tuple(
            in_room(terms.room, Stream.MODERATION, event.event_id)
            if since is None or event.origin_server_ts >= since
            else Contained()
            for event, _ in state
        ),
    )


def _opening(state: list[Event]) -> Event | None:
    """Return the event since which anybody may read a room without joining, or None."""
    encrypted = any(event.type == "m.room.encryption" for event in state)
    for event in state:
        if event.type == "m.room.history_visibility" and not encrypted and not event.state_key:
            opened = content_of(event).history_visibility == "world_readable"
            return event if opened and requests.is_event_id(event.event_id) else None
    return None


def _item(
    stream: Stream, native_id: str, kind: Kind, cut: tuple[int, int], *held: Contained
) -> Item:
    """Return a private item; ``held`` is what it holds of other things."""
    return Item(
        stream=stream,
        native_id=native_id,
        kind=kind,
        sensitivity=Sensitivity.PRIVATE,
        spans=(Span("item", *cut),),
        content_type="application/json",
        contains=held,
    )
