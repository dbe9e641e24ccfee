"""The city's homeserver: who is there, which rooms, and everything that can happen in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.demo.blog import OPENED
from archiver.demo.matrix.rooms import Event, Room, name_of
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.week import Changes

__all__ = ["SERVER", "Homeserver"]

SERVER = "quillwater.example"
_STREAMS = {
    "m.room.message": Stream.MESSAGES,
    "m.room.encrypted": Stream.MESSAGES,
    "m.reaction": Stream.REACTIONS,
    "m.room.member": Stream.SUBSCRIBERS,
}
_KINDS = {"join": Kind.PRESENT, "invite": Kind.HELD}


class Homeserver:
    """What is stored. Everything that happens is noted in ``noted`` (`week.Changes`).

    ``user`` is the city's own; the notes say what a capture of its account finds.
    """

    user = f"@city:{SERVER}"
    secret = "a chat password for this demo only"  # noqa: S105 - opens nothing but the stand-in

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.direct: dict[str, list[str]] = {}
        self.direct_changed = 0
        self.ignored: set[str] | None = None
        self.names: dict[str, str] = {self.user: "City of Quillwater"}
        self.noted: Changes = {}
        self.now: datetime = OPENED
        self.count = 0

    def open_room(self, name: str, creator: str, *, topic: str = "", world: bool = False) -> str:
        """Make a room with its usual first events; ``world``: anybody may read it."""
        room = Room(name_of("!", len(self.rooms) + 1))
        self.rooms[room.id] = room
        self._state(room.id, creator, "m.room.create", {"room_version": "11"})
        self.member(room.id, creator, "join")
        levels = {"ban": 50, "kick": 50, "redact": 50, "users": {creator: 100, self.user: 100}}
        self._state(room.id, creator, "m.room.power_levels", levels)
        rule = {"join_rule": "public" if world else "invite"}
        self._state(room.id, creator, "m.room.join_rules", rule)
        seen = {"history_visibility": "world_readable" if world else "shared"}
        self._state(room.id, creator, "m.room.history_visibility", seen)
        if name:
            self._state(room.id, creator, "m.room.name", {"name": name})
        if topic:
            self._state(room.id, creator, "m.room.topic", {"topic": topic})
        return room.id

    def converse(self, person: str) -> str:
        """Begin a direct conversation between the city and somebody."""
        room = self.open_room("", self.user)
        self.member(room, person, "invite", by=self.user)
        self.member(room, person, "join")
        kind = Kind.EDITED if person in self.direct else Kind.EXTENDED
        self.direct.setdefault(person, []).append(room)
        self.direct_changed = self.count
        self._note(Stream.PROFILE, f"{self.user}/m.direct", kind)
        return room

    def member(self, room: str, user: str, membership: str, *, by: str = "", why: str = "") -> str:
        """Let somebody join, leave, be invited or banned."""
        content = {"membership": membership}
        if membership in ("join", "invite"):
            content["displayname"] = self.names.setdefault(user, user[1:].partition(":")[0])
        if why:
            content["reason"] = why
        before = self.rooms[room].membership(user)
        event = self._state(room, by or user, "m.room.member", content, user)
        kind = _KINDS.get(membership, Kind.REMOVED)
        if user == self.user:
            self._note(Stream.PROFILE, room, kind)
            if kind == Kind.PRESENT and before != "join":
                self._note_all(room)
        if kind == Kind.PRESENT and before in ("leave", "ban"):
            kind = Kind.RESTORED
        self._note(Stream.SUBSCRIBERS, f"{room}/{user}", kind)
        return event

    def say(self, room: str, user: str, text: str, **more: Any) -> str:  # noqa: ANN401 - any JSON value
        """Write a message."""
        content = {"msgtype": "m.text", "body": text, **more}
        return self._happen(room, user, "m.room.message", content)

    def reply(self, room: str, user: str, to: str, text: str) -> str:
        """Answer a message."""
        relation = {"m.in_reply_to": {"event_id": to}}
        return self.say(room, user, text, **{"m.relates_to": relation})

    def edit(self, room: str, user: str, event_id: str, text: str) -> str:
        """Change a message."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        more = {"m.new_content": new, "m.relates_to": relation}
        edit = self.say(room, user, f"* {text}", **more)
        self._note(Stream.MESSAGES, f"{room}/{event_id}", Kind.EDITED)
        return edit

    def react(self, room: str, user: str, event_id: str, sign: str) -> str:
        """Set a sign under a message."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": sign}
        return self._happen(room, user, "m.reaction", {"m.relates_to": relation})

    def redact(self, room: str, user: str, event_id: str, why: str = "") -> str:
        """Take back what an event said; moderators still find it where MSC2815 is there."""
        content = {"redacts": event_id, **({"reason": why} if why else {})}
        redaction = self._happen(room, user, "m.room.redaction", content, redacts=event_id)
        event = self.rooms[room].find(event_id)
        stream = Stream.REACTIONS if event and event.type == "m.reaction" else Stream.MESSAGES
        self._note(stream, f"{room}/{event_id}", Kind.REMOVED)
        if stream == Stream.MESSAGES:
            self._note(stream, f"{room}/{event_id} unredacted", Kind.HIDDEN)
        return redaction

    def share(self, room: str, user: str, file: bytes, name: str) -> str:
        """Send a picture."""
        number = f"media{len(self.files) + 1:04}"
        self.files[f"{SERVER}/{number}"] = ("image/png", file)
        info = {"mimetype": "image/png", "size": len(file)}
        self._note(Stream.MEDIA, f"{SERVER}/{number}", Kind.PRESENT)
        url = f"mxc://{SERVER}/{number}"
        content = {"msgtype": "m.image", "body": name, "info": info, "url": url}
        return self._happen(room, user, "m.room.message", content)

    def whisper(self, room: str, user: str, ciphertext: str) -> str:
        """Write a message that only its readers' devices can read."""
        content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": ciphertext}
        return self._happen(room, user, "m.room.encrypted", content)

    def change_state(self, room: str, user: str, kind: str, content: dict[str, Any]) -> str:
        """Change a room: name, topic, encryption, replacement …."""
        return self._state(room, user, kind, content)

    def ignore(self, *people: str) -> None:
        """Let the city ignore these people, and nobody else."""
        self.ignored = set(people)

    def shown(self, room: Room) -> list[Event] | None:
        """Return what the city may read of a room, without what those say whom it ignores."""
        events = room.seen_by(self.user)
        ignored = self.ignored or ()
        if events is None:
            return None
        return [one for one in events if one.state_key is not None or one.sender not in ignored]

    def arrive_late(self, room: str, user: str, text: str, *, back: int) -> str:
        """Say something that other servers hear of only after ``back`` other events."""
        said = self.say(room, user, text)
        events = self.rooms[room].events
        events.insert(len(events) - 1 - back, events.pop())
        return said

    def _state(
        self, room: str, user: str, kind: str, content: dict[str, Any], key: str = ""
    ) -> str:
        event = self._happen(room, user, kind, content, state_key=key)
        if kind != "m.room.member":
            self._note(Stream.PAGES, room, Kind.EDITED)
        return event

    def _happen(
        self,
        room: str,
        user: str,
        kind: str,
        content: dict[str, Any],
        *,
        state_key: str | None = None,
        redacts: str = "",
    ) -> str:
        self.count += 1
        self.now += timedelta(minutes=7, milliseconds=self.count)
        when = int(self.now.timestamp() * 1000)
        event = Event(
            name_of("$", self.count), self.count, kind, user, when, content, state_key, redacts
        )
        self.rooms[room].add(event)
        self._note(_STREAMS.get(kind, Stream.MODERATION), f"{room}/{event.id}", Kind.PRESENT)
        return event.id

    def _note_all(self, room: str) -> None:
        """Note what the city may read now that it has joined."""
        here = self.rooms[room]
        for event in here.events:
            self._note(
                _STREAMS.get(event.type, Stream.MODERATION), f"{room}/{event.id}", Kind.PRESENT
            )
        for (kind, user), event in here.state.items():
            if kind == "m.room.member":
                standing = _KINDS.get(event.content["membership"], Kind.REMOVED)
                self._note(Stream.SUBSCRIBERS, f"{room}/{user}", standing)
        self._note(Stream.PAGES, room, Kind.PRESENT)

    def _note(self, stream: str, native_id: str, kind: str) -> None:
        """Note what a capture will find; what is new is not edited or restored as well."""
        noted = self.noted.setdefault(stream, {})
        if kind in (Kind.EDITED, Kind.RESTORED) and native_id in noted:
            return
        noted[native_id] = kind
