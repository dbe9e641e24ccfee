"""What an event says, column by column (Client-Server API, Room event formats).

The homeserver's additions (``unsigned``, and the copies of it that older formats put
beside it) go to ``volatile``: they tell the age of the answer and what others did since.
Two of them do change what an event says and are read: that it was redacted, and its
latest edit, whose new content then gives text, markup and attachments. What the sender
first wrote stands unchanged in ``extra`` beside it.
"""

from __future__ import annotations

import msgspec

from archiver.capture.jsonitem import Handler, Members, Row, object_text
from archiver.capture.times import epoch_time
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Stream

__all__ = ["event_row"]


_NO_RAW = msgspec.Raw(b"")


class _Relations(msgspec.Struct):
    replace: msgspec.Raw = msgspec.field(name="m.replace", default=_NO_RAW)


class _Unsigned(msgspec.Struct):
    """What the homeserver adds and a row takes up."""

    redacted_because: msgspec.Raw = _NO_RAW
    relations: _Relations | None = msgspec.field(name="m.relations", default=None)


_UNSIGNED = msgspec.json.Decoder(_Unsigned)
_NOTHING = _Unsigned()


def event_row(data: bytes, stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one event."""
    row = Row()
    members = row.members(data)
    room, _, own = native_id.partition("/")
    row.fill(members, _TABLES.get((stream, own[:1] == "$"), _EVENT))
    last = dict(members)
    added = _added(last.get("unsigned", b""))
    content = last.get("content", b"{}")
    if stream == Stream.SUBSCRIBERS:
        _membership(row, content)
    elif stream == Stream.MODERATION:
        _change(row, content)
    elif stream == Stream.REACTIONS:
        _relation(row, dict(row.members(content)).get("m.relates_to", b""))
        row.keep("content", row.raw("content", content))
    else:
        _message(row, content, added)
    _place(row, stream, room)
    if bytes(added.redacted_because):
        _redacted(row, stream)
    return row.finished()


def _redacted(row: Row, stream: str) -> None:
    """Say that somebody took the content back; of a membership the rest still holds."""
    if stream == Stream.SUBSCRIBERS:
        row.keep("redacted", "true")
    else:
        row.put("state", "redacted")


def _added(unsigned: bytes) -> _Unsigned:
    if b"redacted_because" not in unsigned and b"m.replace" not in unsigned:
        return _NOTHING
    try:
        return _UNSIGNED.decode(unsigned)
    except UNREADABLE:
        return _NOTHING


def _place(row: Row, stream: str, room: str) -> None:
    """Say which room the event is in, and of which other record it speaks."""
    if stream == Stream.SUBSCRIBERS:
        return
    row.put("thread_id", room)
    parent = row.fields.get("parent_id")
    if parent:
        row.put("parent_id", f"{room}/{parent}")


# ── messages ─────────────────────────────────────────────────────────────────────────────


def _message(row: Row, content: bytes, added: _Unsigned) -> None:
    """Read what was said; an edit's new content, or the latest edit's, is what counts."""
    members = row.members(content) if content[:1] == b"{" else []
    last = dict(members)
    _relation(row, last.get("m.relates_to", b""))
    replace = bytes(added.relations.replace) if added.relations is not None else b""
    own_edit = last.get("m.new_content", b"")
    if replace and _replaced(row, replace):
        row.keep("content", row.raw("content", content))
    elif own_edit[:1] == b"{":
        _say(row, row.members(own_edit))
        row.keep("content", row.raw("content", content))
    elif content[:1] == b"{":
        _keep(row, "content", _say(row, members))
    else:
        row.keep("content", row.raw("content", content))


def _replaced(row: Row, replacement: bytes) -> bool:
    """Read the latest edit, which the homeserver shows with the message it is of."""
    event = dict(row.members(replacement))
    new = dict(row.members(event.get("content", b""))).get("m.new_content", b"")
    if new[:1] != b"{":
        return False
    rest = _say(row, row.members(new))
    _time("modified")(row, "origin_server_ts", event.get("origin_server_ts", b""))
    if "event_id" in event:
        row.keep("replaced_by", row.raw("event_id", event["event_id"]))
    _keep(row, "m.new_content", rest)
    return True


def _say(row: Row, members: Members) -> Members:
    """Read text, markup and files of a content; return the members that no column takes."""
    rest: Members = []
    files: list[str] = []
    for name, value in members:
        if name == "body":
            row.put("text", row.text(name, value))
        elif name == "formatted_body":
            row.put("markup", row.text(name, value))
        elif name == "url":
            files.append(f'{{"role":"file","url":{row.raw(name, value)}}}')
        elif name == "file":
            files.append(f'{{"role":"encrypted file","file":{row.raw(name, value)}}}')
        else:
            rest.append((name, value))
    row.put("attachments", f"[{','.join(files)}]" if files else "")
    return rest


def _relation(row: Row, value: bytes) -> None:
    """Read which event this one answers, edits or reacts to."""
    if value[:1] != b"{":
        return
    relation = dict(row.members(value))
    answered = dict(row.members(relation.get("m.in_reply_to", b"")))
    for members in (answered, relation):
        if members.get("event_id", b"")[:1] == b'"':
            row.put("parent_id", row.text("event_id", members["event_id"]))
            return


# ── members, and other changes of a room ─────────────────────────────────────────────────


def _membership(row: Row, content: bytes) -> None:
    """Read somebody's membership: in, invited, gone, banned, and as whom."""
    columns = {"displayname": "name", "display_name": "name", "membership": "state"}
    _take(row, content, columns | {"reason": "text"})


def _change(row: Row, content: bytes) -> None:
    """Read a redaction or a change of the room's state."""
    columns = {"reason": "text", "name": "text", "topic": "text", "redacts": "parent_id"}
    _take(row, content, columns)


def _take(row: Row, content: bytes, columns: dict[str, str]) -> None:
    """Put strings of a content into columns, and the rest into ``extra``."""
    rest: Members = []
    for name, value in row.members(content) if content[:1] == b"{" else []:
        if name in columns and value[:1] == b'"':
            row.put(columns[name], row.text(name, value))
        else:
            rest.append((name, value))
    if content[:1] == b"{":
        _keep(row, "content", rest)
    else:
        row.keep("content", row.raw("content", content))


def _keep(row: Row, name: str, members: Members) -> None:
    if members:
        row.keep(name, object_text([(key, row.raw(key, value)) for key, value in members]))


# ── members of an event ──────────────────────────────────────────────────────────────────


def _drop(row: Row, name: str, value: bytes) -> None:
    """Leave out what the record's id repeats, or what is read apart."""


def _metric(row: Row, name: str, value: bytes) -> None:
    row.metric(name, row.raw(name, value))


def _text(column: str) -> Handler:
    return lambda row, name, value: row.put(column, row.text(name, value))


def _sender(row: Row, name: str, value: bytes) -> None:
    """Read who it was: an event has no name but the id, and people search for names."""
    user = row.text(name, value)
    row.put("author_id", user)
    row.put("author_name", user)


def _time(prefix: str) -> Handler:
    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        row.time(prefix, name, text, epoch_time(text))

    return handle


_USUAL = frozenset({b'"m.room.message"', b'"m.reaction"', b'"m.room.member"'})


def _type(row: Row, name: str, value: bytes) -> None:
    """Keep the type of what is not the usual of its stream; say what cannot be read."""
    if value == b'"m.room.encrypted"':
        row.put("state", "encrypted")
    elif value not in _USUAL:
        row.keep(name, row.raw(name, value))


_VOLATILE = (
    "unsigned", "age", "user_id", "room_id", "prev_content", "prev_sender", "replaces_state",
    "redacted_because", "invite_room_state", "knock_room_state",
)  # fmt: skip
"""The homeserver's additions, and copies of them that older event formats have beside it."""
_EVENT: dict[str, Handler] = {
    "event_id": _drop,
    "type": _type,
    "content": _drop,
    "sender": _sender,
    "origin_server_ts": _time("created"),
    **dict.fromkeys(_VOLATILE, _metric),
}
_CHANGE = _EVENT | {"type": _text("title"), "redacts": _text("parent_id")}
_MEMBER = {name: handler for name, handler in _EVENT.items() if name not in ("sender", "event_id")}
_MEMBER |= {"state_key": _text("handle")}
_TABLES: dict[tuple[str, bool], dict[str, Handler]] = {
    (Stream.MODERATION, True): _CHANGE,
    (Stream.SUBSCRIBERS, True): _MEMBER | {"event_id": _drop},
    (Stream.SUBSCRIBERS, False): _MEMBER,
}
"""By stream, and whether the record is the event itself; else it is who somebody is now."""
