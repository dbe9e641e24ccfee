"""What ``/sync`` tells the city's account: its rooms, or those with news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.demo.matrix.views import client_event, stripped

if TYPE_CHECKING:
    from archiver.demo.matrix.chat import Homeserver
    from archiver.demo.matrix.rooms import Event, Room

__all__ = ["rooms_of"]


def rooms_of(chat: Homeserver, since: int | None, *, plain: bool = False) -> dict[str, Any]:
    """Return the answer to a sync with the connector's filter: ids of newest events only.

    ``plain``: as of a homeserver that knows no filters but the length of a timeline.
    """
    sections: dict[str, dict[str, Any]] = {}
    for room in chat.rooms.values():
        section = room.membership(chat.user)
        section = "leave" if section == "ban" else section
        shown = _room(chat, room, section, since)
        if shown is not None and plain and "timeline" in shown:
            _show_all(room, shown)
        if shown is not None:
            sections.setdefault(section, {})[room.id] = shown
    answer: dict[str, Any] = {"next_batch": f"s{chat.count}_3_0_1"}
    if chat.direct and (since is None or chat.direct_changed > since):
        event = {"type": "m.direct", "content": chat.direct}
        answer["account_data"] = {"events": [event]}
    answer["device_one_time_keys_count"] = {"signed_curve25519": 0}
    answer["device_unused_fallback_key_types"] = []
    if sections:
        answer["rooms"] = {
            name: sections[name] for name in ("join", "invite", "leave") if name in sections
        }
    return answer


def _room(chat: Homeserver, room: Room, section: str, since: int | None) -> dict[str, Any] | None:
    """Return what is told of one room; None where there is nothing new, or no tie to it."""
    if section == "invite":
        invited = room.state["m.room.member", chat.user]
        news = since is None or invited.place > since
        return {"invite_state": {"events": stripped(room)}} if news else None
    if not section:
        return None
    events = chat.shown(room) if section == "join" else room.until_gone(chat.user)
    newest = max(events or (), key=lambda one: one.place)  # as they came, not where they stand
    if since is not None and newest.place <= since:
        return None
    shown: dict[str, Any] = {
        "timeline": _timeline(newest, limited=since is None or len(events or ()) > 1),
        "state": {"events": []},
        "account_data": {"events": []},
    }
    if section == "join":
        shown["ephemeral"] = {"events": []}
        shown["unread_notifications"] = {"notification_count": 0, "highlight_count": 0}
        shown["summary"] = {}
    return shown


def _timeline(newest: Event, *, limited: bool) -> dict[str, Any]:
    return {
        "events": [{"event_id": newest.id}],
        "prev_batch": f"s{newest.place - 1}_3_0_1",
        "limited": limited,
    }


def _show_all(room: Room, shown: dict[str, Any]) -> None:
    """Put in whole events, the room's state, who is typing and how far the account has read."""
    (newest,) = shown["timeline"]["events"]
    event = room.find(newest["event_id"])
    if event is not None:
        shown["timeline"]["events"] = [client_event(room, event, event.when)]
    shown["state"]["events"] = [client_event(room, one, one.when) for one in room.state.values()]
    read = {"type": "m.fully_read", "content": {"event_id": newest["event_id"]}}
    shown["account_data"]["events"] = [read]
    if "ephemeral" in shown:
        typing = {"type": "m.typing", "content": {"user_ids": [room.events[0].sender]}}
        shown["ephemeral"]["events"] = [typing]
