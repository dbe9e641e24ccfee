"""What Synapse really holds: read from its own tables, never through its API.

Everything in a `Truth` is what the city's account may read: all events of the rooms it is
in, those until it left or was banned of rooms it was in, and nothing of others. Rooms here
show their whole history to members (``shared``, ``world_readable``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.real.matrix.life import CITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.real.helpers import Seen
    from tests.real.matrix.server import Synapse

__all__ = ["Thing", "Told", "Truth", "differences", "read", "told"]

Thing = tuple[str, str]
STREAMS = {
    "m.room.message": "messages",
    "m.room.encrypted": "messages",
    "m.reaction": "reactions",
    "m.room.member": "subscribers",
}
KINDS = {"join": "present", "invite": "held", "leave": "removed", "ban": "removed"}


class Told(NamedTuple):
    """What a thing is and says: kind, and whatever else can be compared."""

    kind: str
    says: object


Truth = dict[Thing, Told]


class Event(NamedTuple):
    """One row of Synapse's events."""

    id: str
    kind: str
    sender: str
    when: int
    order: int
    content: dict[str, Any]
    state_key: str | None


def read(server: Synapse) -> Truth:
    """Read everything that the city's account may see."""
    city = server.user(CITY)
    (profile,) = server.rows(
        "select displayname, fields from profiles where full_user_id = ?", city
    )
    shown = {"displayname": profile[0], **json.loads(profile[1] or "{}")}
    truth: Truth = {("profile", city): Told("present", shown)}
    for (content,) in server.rows(
        "select content from account_data where user_id = ? and account_data_type = 'm.direct'",
        city,
    ):
        truth["profile", f"{city}/m.direct"] = Told("present", json.loads(content))
    for room, membership, order in server.rows(
        "select room_id, membership, room_memberships.event_stream_ordering"
        " from local_current_membership join room_memberships using"
        " (event_id, room_id, user_id, membership) where user_id = ? and forgotten = 0",
        city,
    ):
        banned = membership == "ban"
        truth["profile", room] = Told(KINDS[membership], "leave" if banned else membership)
        if membership != "invite":
            # A room that bans somebody shows them nothing any more: what was seen stands.
            until = {"leave": order, "ban": order - 1}.get(membership, 2**60)
            truth |= _room(server, room, until)
    return truth


def _room(server: Synapse, room: str, until: int) -> Truth:
    found = [
        Event(one[0], one[1], one[2], one[3], one[4], json.loads(one[5])["content"], one[6])
        for one in server.rows(
            "select event_id, type, sender, origin_server_ts, stream_ordering, json, state_key"
            " from events join event_json using (event_id) where events.room_id = ?"
            " and outlier = 0 and rejection_reason is null and stream_ordering <= ?"
            " order by stream_ordering",
            room,
            until,
        )
    ]
    events = {one.id: one for one in found}
    redacted = {
        one[0]
        for one in server.rows("select redacts, event_id from redactions")
        if one[0] in events and one[1] in events
    }
    truth: Truth = {}
    for event in found:
        stream = STREAMS.get(event.kind, "moderation")
        kind = "removed" if event.id in redacted else "present"
        said = "" if event.id in redacted else _text(event, found, redacted)
        about = (event.sender, event.when, event.kind, said)
        truth[stream, f"{room}/{event.id}"] = Told(kind, about)
        if event.id in redacted and stream == "messages":
            about = (event.sender, event.when, event.kind, _text(event, found, redacted))
            truth[stream, f"{room}/{event.id} unredacted"] = Told("hidden", about)
        elif event.id not in redacted:
            truth |= _file(server, event)
    return truth | _state(room, found)


def _text(event: Event, found: list[Event], redacted: set[str]) -> str:
    """Return what an event says now: after its latest edit, if there is one."""
    edits = [
        one
        for one in found
        if one.content.get("m.relates_to", {}).get("rel_type") == "m.replace"
        and one.content["m.relates_to"]["event_id"] == event.id
        and one.id not in redacted
    ]
    said = max([*edits], key=lambda one: (one.when, one.id), default=event).content
    if event.kind == "m.reaction":
        return str(said["m.relates_to"]["key"])
    content = said.get("m.new_content", said)
    if event.kind == "m.room.message":
        return str(content["body"])
    return _plainly(content)


def _plainly(content: dict[str, Any]) -> str:
    """Return a content as text; what it redacts is beside it in rooms before version 11."""
    rest = {name: value for name, value in content.items() if name != "redacts"}
    return json.dumps(rest, sort_keys=True)


def _file(server: Synapse, event: Event) -> Truth:
    uri = str(event.content.get("url", ""))
    if not uri.startswith("mxc://"):
        return {}
    rows = server.rows(
        "select sha256 from local_media_repository where media_id = ?", uri.rpartition("/")[2]
    )
    return {("media", uri[6:]): Told("present", rows[0][0])}


def _state(room: str, found: list[Event]) -> Truth:
    """Return the room and its members, from the last event of each part of its state."""
    state = {(one.kind, one.state_key): one for one in found if one.state_key is not None}
    truth: Truth = {}
    for (kind, key), event in state.items():
        if kind == "m.room.member":
            membership = event.content["membership"]
            name = event.content.get("displayname", "")
            truth["subscribers", f"{room}/{key}"] = Told(KINDS[membership], (membership, name))
    parts = {(kind, key, one.id) for (kind, key), one in state.items() if kind != "m.room.member"}
    truth["pages", room] = Told("present", sorted(parts))
    return truth


def told(seen: Mapping[Thing, Seen]) -> Truth:
    """Return what sealed observations of the platform's things say, in the oracle's terms."""
    return {
        thing: Told(_kind(one), _says(thing, one))
        for thing, one in seen.items()
        if one.kind != "residue"
    }


def _kind(seen: Seen) -> str:
    shown = dict.fromkeys(("edited", "extended", "restored"), "present")
    return shown.get(seen.kind, seen.kind)


def _says(thing: Thing, seen: Seen) -> object:
    stream, native_id = thing
    row = seen.row
    if stream == "media":
        return row["file_sha256"]
    if stream == "pages":
        extra = json.loads(row["extra"])
        return sorted(
            (name.partition(" ")[0], name.partition(" ")[2], one["event_id"])
            for name, one in extra.items()
        )
    if stream == "profile":
        return _profile(native_id, seen)
    if "/@" in native_id:
        return row["state"], row.get("name", "")
    event = seen.item
    said = row.get("text", "")
    if event["type"] == "m.reaction":
        said = event["content"].get("m.relates_to", {}).get("key", "")
    elif event["type"] != "m.room.message":
        said = _plainly(event["content"])
    sender = row.get("author_id", event["sender"])
    return sender, int(row["created"]), event["type"], said


def _profile(native_id: str, seen: Seen) -> object:
    if native_id[0] == "!":
        return seen.row["state"]
    return seen.item["content"] if native_id.endswith("/m.direct") else seen.item


def differences(before: Truth, after: Truth) -> dict[Thing, str]:
    """Return the one observation that each change between two truths makes."""
    found: dict[Thing, str] = {}
    for thing, (kind, says) in after.items():
        old = before.get(thing)
        if old is None or (old.kind != kind and (kind != "present" or old.kind == "held")):
            found[thing] = kind
        elif old.kind != kind:
            found[thing] = "restored"
        elif old.says != says:
            found[thing] = "extended" if _is_more(old.says, says) else "edited"
    return found


def _is_more(before: object, after: object) -> bool:
    """Tell whether an object says all that it said, and more."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    return before.items() <= after.items()
