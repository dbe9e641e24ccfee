"""The Client-Server API of the stand-in homeserver, as far as the city's account uses it.

Paths and answers as Synapse 1.163 gives them (held against it in ``tests/real``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from archiver.demo.answer import Answer
from archiver.demo.matrix.syncing import rooms_of
from archiver.demo.matrix.views import client_event, document

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked
    from archiver.demo.matrix.chat import Homeserver
    from archiver.demo.matrix.rooms import Event, Room

__all__ = ["Matrix", "refusal"]

_PAGE = 40
"""Events of a page at most, whatever is asked for."""
_JSON = (("Content-Type", "application/json"), ("Server", "Synapse/1.163.2"))
_UNREDACTED = "fi.mau.msc2815.include_unredacted_content"


def refusal(status: int, code: str, message: str, **more: object) -> Answer:
    """Return the standard error response."""
    headers: tuple[tuple[str, str], ...] = _JSON
    if "retry_after_ms" in more:
        wait = -(-int(str(more["retry_after_ms"])) // 1000)
        headers = (*_JSON, ("Retry-After", str(wait)))
    return Answer(status, headers, document({"errcode": code, "error": message, **more}))


class Matrix:
    """The service. Tokens run out after ``lifetime`` requests; every ``throttle``th must wait.

    0 means never. ``plain``: it leaves the filter of a sync aside, as simple homeservers do.
    """

    def __init__(
        self, chat: Homeserver, *, lifetime: int = 0, throttle: int = 0, plain: bool = False
    ) -> None:
        self.chat = chat
        self.lifetime = lifetime
        self.throttle = throttle
        self.plain = plain
        self.logins = 0
        self._used: dict[str, int] = {}
        self._asked = 0

    def answer(self, asked: Asked) -> Answer | None:
        """Answer what is Matrix's; None for other addresses."""
        if not asked.path.startswith("/_matrix/"):
            return None
        self._asked += 1
        if self.throttle and self._asked % self.throttle == 0:
            return refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms=1500)
        parts = [unquote(part) for part in asked.path.split("/")[2:]]
        query = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        if parts == ["client", "v3", "login"] and asked.method == "POST":
            return self._login(asked.body)
        if parts[:3] == ["client", "v3", "profile"]:
            return self._profile(parts[3])
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return self._without(token) or self._answer(parts, query)

    def expire(self) -> None:
        """Let every token run out."""
        self._used.clear()

    def _login(self, body: bytes) -> Answer:
        given = json.loads(body)
        user = given["identifier"]["user"]
        named = user in (self.chat.user, self.chat.user[1:].partition(":")[0])
        if not named or given["password"] != self.chat.secret:
            return refusal(403, "M_FORBIDDEN", "Invalid username or password")
        self.logins += 1
        token = f"syt_Y2l0eQ_{self.logins:020}"
        self._used = {token: 0}  # one device: a new login ends the one before
        session = {"user_id": self.chat.user, "access_token": token, "device_id": "DEVICE"}
        return Answer(200, _JSON, document(session))

    def _without(self, token: str) -> Answer | None:
        """Refuse a request without a token that still holds."""
        if not token:
            return refusal(401, "M_MISSING_TOKEN", "Missing access token")
        if token not in self._used:
            text = "Invalid access token passed."
            return refusal(401, "M_UNKNOWN_TOKEN", text, soft_logout=False)
        self._used[token] += 1
        if self.lifetime and self._used[token] > self.lifetime:
            del self._used[token]
            text = "Access token has expired"
            return refusal(401, "M_UNKNOWN_TOKEN", text, soft_logout=True)
        return None

    def _answer(self, parts: list[str], query: dict[str, str]) -> Answer:
        if parts[:4] == ["client", "v1", "media", "download"]:
            return self._file("/".join(parts[4:]))
        routes: dict[str, Callable[[], Answer]] = {
            "sync": lambda: self._sync(query),
            "rooms": lambda: self._room(parts[3:], query),
            "account": lambda: _found({"user_id": self.chat.user, "device_id": "DEVICE"}),
            "user": lambda: self._account_data(parts[5:]),
        }
        route = routes.get(parts[2] if len(parts) > 2 else "")  # noqa: PLR2004 - client, version, what
        return route() if route else refusal(404, "M_UNRECOGNIZED", "Unrecognized request")

    def _profile(self, user: str) -> Answer:
        name = self.chat.names.get(user)
        if name is None:
            return refusal(404, "M_UNKNOWN", "No row found (profiles)")
        return _found({"displayname": name})

    def _account_data(self, kind: list[str]) -> Answer:
        if kind != ["m.ignored_user_list"] or self.chat.ignored is None:
            return refusal(404, "M_NOT_FOUND", "Account data not found")
        return _found({"ignored_users": {user: {} for user in sorted(self.chat.ignored)}})

    def _file(self, place: str) -> Answer:
        kind, data = self.chat.files.get(place, ("", b""))
        if not kind:
            return refusal(404, "M_NOT_FOUND", f"Not found '{place}'")
        headers = (("Content-Type", kind), ("Content-Disposition", "inline"), ("ETag", "1"))
        return Answer(200, headers, data)

    def _sync(self, query: dict[str, str]) -> Answer:
        since = query.get("since", "")
        number = since.removeprefix("s").partition("_")[0]
        if since and not number.isdigit():
            return refusal(400, "M_UNKNOWN", "Invalid stream token")
        return _found(rooms_of(self.chat, int(number) if number else None, plain=self.plain))

    def _room(self, parts: list[str], query: dict[str, str]) -> Answer:
        room = self.chat.rooms.get(parts[0])
        events = self.chat.shown(room) if room else None
        if room is None or events is None:
            text = f"User {self.chat.user} not in room {parts[0]}, and room previews are disabled"
            return refusal(403, "M_FORBIDDEN", text)
        now = self._now()
        if parts[1] == "messages":
            return self._messages(room, events, query)
        if parts[1] == "state":
            places = {event.id for event in events}
            latest = {(e.type, e.state_key): e for e in events if e.state_key is not None}
            shown = [event for event in latest.values() if event.id in places]
            return _found([client_event(room, event, now) for event in shown])
        event = next((one for one in events if one.id == parts[2]), None)
        if event is None:
            return refusal(404, "M_NOT_FOUND", "Event not found.")
        unredacted = query.get(_UNREDACTED) == "true"
        if unredacted and event.id in room.redacted and not room.may_moderate(self.chat.user):
            text = "You don't have permission to view redacted events in this room."
            return refusal(403, "M_FORBIDDEN", text)
        return _found(client_event(room, event, now, unredacted=unredacted))

    def _messages(self, room: Room, events: list[Event], query: dict[str, str]) -> Answer:
        """Return a page of a room's history, newest first, before the token ``from``."""
        token = query.get("from", "")
        order = {event.id: number for number, event in enumerate(room.events, 1)}
        before = int(token[1:].partition("-")[0]) if token else len(order)
        senders = json.loads(query.get("filter", "{}")).get("senders")
        asked = [
            one
            for one in events
            if order[one.id] <= before and (senders is None or one.sender in senders)
        ]
        page = asked[::-1][: min(int(query.get("limit", "10")), _PAGE)]
        shown: dict[str, Any] = {
            "chunk": [client_event(room, event, self._now()) for event in page],
            "start": token or f"t{before}-1_0_0",
        }
        if page:
            shown["end"] = f"t{order[page[-1].id] - 1}-1_0_0"
        return _found(shown)

    def _now(self) -> int:
        """Return the time of the answer: later with each request, so that ages differ."""
        return int(self.chat.now.timestamp() * 1000) + 1000 * self._asked


def _found(value: object) -> Answer:
    return Answer(200, _JSON, document(value))
