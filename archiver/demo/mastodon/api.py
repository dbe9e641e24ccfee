"""The API of the stand-in: addresses, logins, pages, limits (docs.joinmastodon.org/methods)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from archiver.demo.answer import Answer
from archiver.demo.mastodon.entities import Entities, moment
from archiver.demo.mastodon.streaming import user_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked
    from archiver.demo.mastodon.instance import Instance, Status

__all__ = ["Mastodon"]

_SHOWN = ("public", "unlisted")
_THREAD = 60
"""How much of a thread somebody without a login is shown."""
_OF_PEOPLE = {
    "blocks": ("block", "who"),
    "mutes": ("mute", "who"),
    "follow_requests": ("follow_request", "whom"),
    "followers": ("follow", "whom"),
    "following": ("follow", "who"),
}
Rows = list[tuple[int, Any]]


class Mastodon:
    """Answers requests below ``/api/`` and for files; one token is good, the city's.

    ``most`` is the most a page holds. ``knows_suspended``: it can be asked about suspended
    people, as since 4.3. ``allow`` makes it refuse after so many requests. ``scopes`` are
    those that are told of the token.
    """

    def __init__(self, instance: Instance, *, most: int = 40) -> None:
        self.instance = instance
        self.most = most
        self.knows_suspended = True
        self.token = "quill-0123456789abcdef-token"  # noqa: S105 - opens nothing but the stand-in
        self.scopes = ["read"]
        self._left: int | None = None
        self._limit = 0

    def allow(self, requests: int) -> None:
        """Let so many requests pass; then one is refused, and a new window begins."""
        self._left = self._limit = requests

    def revoke(self) -> str:
        """Make the token worthless; return the one that is good from now on."""
        self.token += "-renewed"
        return self.token

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None for an address that is no API's."""
        if asked.path.startswith("/system/media_attachments/files/"):
            return self._file(asked)
        if not asked.path.startswith(("/api/v1/", "/api/v2/")):
            return None
        limits = self._counted()
        if limits is None:
            reset = moment(datetime.now(UTC) + timedelta(seconds=2))
            return _json({"error": "Too many requests"}, 429, (("X-RateLimit-Reset", reset),))
        sent = asked.headers.get("authorization", "")
        if sent and sent != f"Bearer {self.token}":
            return _json({"error": "The access token was revoked"}, 401)
        view = Entities(self.instance, asked.base, login=bool(sent))
        if asked.path == "/api/v1/streaming/user" and sent:
            kind = (("Content-Type", "text/event-stream"), ("Cache-Control", "private, no-store"))
            return Answer(200, kind, stream=user_stream(view))
        answer = _Call(self, view, asked).answer()
        return Answer(answer.status, (*answer.headers, *limits), answer.body)

    def _counted(self) -> tuple[tuple[str, str], ...] | None:
        """Return the headers that say how many requests are left; None where none is."""
        if self._left is None:
            return ()
        if self._left == 0:
            self._left = self._limit
            return None
        self._left -= 1
        left = ("X-RateLimit-Remaining", str(self._left))
        return (("X-RateLimit-Limit", str(self._limit)), left)

    def _file(self, asked: Asked) -> Answer:
        number = asked.path.split("/")[4]
        medium = self.instance.media.get(int(number)) if number.isdecimal() else None
        if medium is None:
            return Answer(404, (("Content-Type", "text/plain"),), b"Not Found")
        return Answer(200, (("Content-Type", "image/png"),), medium.file)


class _Call:
    """One request to the API."""

    def __init__(self, api: Mastodon, view: Entities, asked: Asked) -> None:
        self._here = api.instance
        self._knows_suspended = api.knows_suspended
        self._most = api.most
        self._scopes = api.scopes
        self._view = view
        self._asked = asked
        self._query = parse_qs(asked.query)

    def answer(self) -> Answer:
        parts = self._asked.path.split("/")[3:]
        if parts in (["instance"], ["apps", "verify_credentials"]):
            return self._about(parts[0])
        if parts[0] == "accounts" and len(parts) > 1:
            return self._account(parts[1:])
        if parts[0] == "statuses" and len(parts) > 1:
            return self._status(parts[1], parts[2] if len(parts) > 2 else "")  # noqa: PLR2004 - what hangs on it
        if not self._view.login:
            return _json({"error": "This method requires an authenticated user"}, 422)
        rows = self._owned(parts[0])
        if len(parts) > 1 and rows is not None:
            found = dict(rows).get(_number(parts[1]))
            return _json(found()) if found else _MISSING
        return self._page(rows) if rows is not None else _MISSING

    def _about(self, what: str) -> Answer:
        if what == "apps":
            told = {"id": "1", "name": "archive", "website": None, "scopes": self._scopes}
            return _json(told) if self._view.login else _json({"error": "Invalid token"}, 401)
        streaming = self._asked.base.replace("http", "ws", 1)
        return _json({"title": "Quill", "configuration": {"urls": {"streaming": streaming}}})

    def _account(self, parts: list[str]) -> Answer:
        here, view = self._here, self._view
        if parts == ["lookup"]:
            names = {person.name: person for person in here.people.values()}
            person = names.get(self._query.get("acct", [""])[0])
            return _json(view.account(person)) if person else _MISSING
        if parts == ["relationships"] and view.login:
            told = self._knows_suspended and "with_suspended" in self._query
            hidden = set() if told else here.suspended
            asked = [_number(one) for one in self._query.get("id[]", [])]
            known = [one for one in asked if one in here.people and one not in hidden]
            return _json([view.relationship(one) for one in known])
        if parts == ["verify_credentials"]:
            refused = _json({"error": "The access token is invalid"}, 401)
            return _json(view.settings()) if view.login else refused
        if len(parts) != 2 or _number(parts[0]) not in here.people:  # noqa: PLR2004 - whose, and what
            return _MISSING
        return self._of_account(_number(parts[0]), parts[1])

    def _of_account(self, person: int, what: str) -> Answer:
        if what == "statuses":
            own = [one for one in self._here.statuses.values() if one.author == person]
            return self._page([(one.id, self._say(one)) for one in own if self._shown(one)])
        return self._page(self._people(what, person)) if what in _OF_PEOPLE else _MISSING

    def _owned(self, what: str) -> Rows | None:
        """Return what only the city itself may list: cursor, and what says the thing."""
        here, view = self._here, self._view
        if what in _OF_PEOPLE:
            return self._people(what, here.city.id)
        if what == "conversations":
            talks = [(here.last_of(one), one) for one in here.talks if here.city.id in one[1]]
            said = [(last.id, one) for last, one in talks if last]
            return [(last, lambda one=one: view.conversation(one)) for last, one in said]
        if what == "favourites":
            liked = [one for one in here.statuses.values() if here.city.id in one.likes]
            return [(one.likes[here.city.id], self._say(one)) for one in liked]
        if what == "domain_blocks":
            return [(place, lambda n=n: n) for place, n in enumerate(here.domains)]
        tables: dict[str, Rows] = {
            "notifications": [
                (n, lambda one=one: view.notice(one)) for n, one in here.notices.items()
            ],
            "scheduled_statuses": [(n, lambda n=n: view.scheduled(n)) for n in here.scheduled],
            "filters": [(n, lambda n=n: view.filter(n)) for n in here.filters],
        }
        return tables.get(what)

    def _people(self, what: str, person: int) -> Rows:
        """Return people by their relation to one, by the number of the relation."""
        kind, side = _OF_PEOPLE[what]
        found = [
            (number, whom if side == "who" else who)
            for (one, who, whom), number in self._here.relations.items()
            if one == kind and person == (who if side == "who" else whom)
        ]
        found = [one for one in found if one[1] not in self._here.suspended]
        people, view = self._here.people, self._view
        return [(number, lambda o=other: view.account(people[o])) for number, other in found]

    def _status(self, number: str, what: str) -> Answer:
        status = self._here.statuses.get(_number(number))
        if status is None or not self._shown(status):
            return _MISSING
        here, view = self._here, self._view
        if what == "context":
            below = [one for one in here.answers_to(status.id) if self._listed(one)]
            below = below if view.login else below[:_THREAD]
            above = [one for one in self._above(status) if self._listed(one)]
            said = {"ancestors": above, "descendants": below}
            return _json({name: [view.status(o) for o in some] for name, some in said.items()})
        if what == "history":
            return _json([view.version(status, place) for place in range(len(status.versions))])
        people = {
            "favourited_by": {n: who for who, n in status.likes.items()},
            "reblogged_by": {
                o.id: o.author for o in here.statuses.values() if o.boosts == status.id
            },
        }
        if what in people:
            rows = [(n, lambda w=w: view.account(here.people[w])) for n, w in people[what].items()]
            return self._page(rows)
        return _MISSING if what else _json(view.status(status))

    def _above(self, status: Status) -> list[Status]:
        found: list[Status] = []
        while status.answers:
            status = self._here.statuses[status.answers]
            found.insert(0, status)
        return found

    def _shown(self, status: Status) -> bool:
        """Say whether the reader may see a status."""
        if status.visibility in _SHOWN:
            return True
        city = self._here.city.id
        return self._view.login and (status.author == city or city in status.mentions)

    def _listed(self, status: Status) -> bool:
        """Say whether a thread shows a status: not those of people whom the reader keeps away.

        Nor of people whom the moderators limited, unless the reader follows them
        (app/lib/status_filter.rb).
        """
        here, who = self._here, status.author
        if not self._shown(status) or who in here.suspended:
            return False
        city = here.city.id
        if self._view.login and who == city:
            return True
        kept = [("block", city, who), ("mute", city, who)] if self._view.login else []
        follows = self._view.login and ("follow", city, who) in here.relations
        return not any(one in here.relations for one in kept) and (
            who not in here.limited or follows
        )

    def _say(self, status: Status) -> Callable[[], Any]:
        return lambda: self._view.status(status)

    def _page(self, rows: Rows) -> Answer:
        """Return a page of things, newest first, and where the next one is."""
        limit = min(int(self._query.get("limit", ["20"])[0]), self._most)
        top = self._query.get("max_id", [""])[0]
        ordered = sorted(rows, key=lambda row: row[0], reverse=True)
        ordered = [row for row in ordered if not top or row[0] < int(top)]
        shown = ordered[:limit]
        headers: tuple[tuple[str, str], ...] = ()
        if shown:
            address = f"{self._asked.base}{self._asked.path}"
            links = [f'<{address}?{urlencode({"min_id": shown[0][0]})}>; rel="prev"']
            if len(shown) == limit:
                more = urlencode({"limit": limit, "max_id": shown[-1][0]})
                links.insert(0, f'<{address}?{more}>; rel="next"')
            headers = (("Link", ", ".join(links)),)
        return _json([say() for _, say in shown], 200, headers)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1


def _json(body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    said = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    kind = ("Content-Type", "application/json; charset=utf-8")
    return Answer(status, (kind, *headers), said)


_MISSING = _json({"error": "Record not found"}, 404)
