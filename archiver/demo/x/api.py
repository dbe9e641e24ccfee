"""The API of the stand-in X: addresses, scopes, pages (docs.x.com/x-api)."""

from __future__ import annotations

import json
import re
from base64 import b32hexdecode, b32hexencode
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from archiver.demo.answer import Answer
from archiver.demo.x.gathering import Json, problem, suspended
from archiver.demo.x.limits import Limits, refusal
from archiver.demo.x.tokens import Tokens
from archiver.demo.x.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked
    from archiver.demo.x.network import Network
    from archiver.demo.x.things import Person, Post

__all__ = ["XApi"]

_SCOPES = {
    "followers": "follows.read",
    "following": "follows.read",
    "liking_users": "like.read",
    "liked_tweets": "like.read",
    "blocking": "block.read",
    "muting": "mute.read",
    "owned_lists": "list.read",
    "lists": "list.read",
    "dm_events": "dm.read",
    "chat": "dm.read",
}
"""Segment of a path -> the scope that it takes; ``tweet.read`` and ``users.read`` besides."""
_CONVERSATION = re.compile(r"conversation_id:(\d+)")
Rows = list[tuple[int, Any]]
"""Things by what they are ordered by, each with what says it."""


class XApi:
    """Answers requests below ``/2/`` and for files; ``log`` has what was asked and answered.

    ``most`` is the most a page holds. ``archive_search``: the plan has full-archive search.
    """

    def __init__(self, network: Network, *, most: int = 1000) -> None:
        self.network = network
        self.most = most
        self.tokens = Tokens()
        self.limits = Limits()
        self.archive_search = True
        self.log: list[tuple[str, Json]] = []

    def answer(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None for an address that is no API's."""
        if asked.path.startswith("/media/"):
            return self._file(asked)
        if not asked.path.startswith("/2/"):
            return None
        if asked.path == "/2/oauth2/token":
            return self.tokens.answer(asked)
        return self._refused(asked) or self._answered(asked)

    def _refused(self, asked: Asked) -> Answer | None:
        """Return why a request gets no answer, None where it gets one."""
        if not self.tokens.admits(asked):
            return refusal(401, "Unauthorized", "Unauthorized")
        parts = asked.path.split("/")
        needed = {"tweet.read", "users.read"} | {_SCOPES[one] for one in parts if one in _SCOPES}
        refused = self.limits.refuse()
        if refused is None and not needed <= self.tokens.scopes:
            return refusal(403, "Forbidden", "Forbidden")
        return refused

    def _answered(self, asked: Asked) -> Answer:
        parts = [unquote(one) for one in asked.path.split("/")[2:]]
        answer = _Call(self, asked, parts).answer()
        return Answer(answer.status, (*answer.headers, *self.limits.headers()), answer.body)

    def _file(self, asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        medium = self.network.media.get(name.partition(".")[0])
        if medium is None:
            return Answer(404, (("Content-Type", "text/plain"),), b"Not Found")
        kind = "image/png" if name.endswith(".png") else "video/mp4"
        return Answer(200, (("Content-Type", kind),), medium.file)


class _Call:
    """One request to the API."""

    def __init__(self, api: XApi, asked: Asked, parts: list[str]) -> None:
        self._api = api
        self._here = api.network
        self._path = asked.path
        self._parts = parts
        self._query = {name: one[0] for name, one in parse_qs(asked.query).items()}
        wanted: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        wanted |= {name: frozenset(one.split(",")) for name, one in self._query.items()}
        self._view = Views(self._here, asked.base, wanted)

    def answer(self) -> Answer:
        what, *rest = self._parts
        routes = {
            "users": self._users,
            "tweets": self._posts,
            "dm_events": self._letters,
            "chat": self._chats,
            "lists": self._roll,
        }
        return routes[what](rest) if what in routes else _NO_ADDRESS

    def _roll(self, parts: list[str]) -> Answer:
        roll = self._here.rolls.get(_number(parts[0]))
        return self._one(self._view.roll(roll)) if roll else self._missing("list", parts[0])

    def _posts(self, parts: list[str]) -> Answer:
        if parts == ["search", "all"]:
            return self._search()
        return self._post(parts[0], parts[1] if len(parts) > 1 else "")

    # ── Users ────────────────────────────────────────────────────────────────────────
    def _users(self, parts: list[str]) -> Answer:
        here = self._here
        if parts == ["me"]:
            return self._one(self._view.user(here.city))
        if parts[:2] == ["by", "username"]:
            names = {one.name.lower(): one for one in here.people.values()}
            found = names.get(parts[2].lower())
        else:
            found = here.people.get(_number(parts[0]))
        if found is None:
            return self._missing("user", parts[-1])
        if found.suspended:
            return self._say({"errors": [suspended(found)]})
        if len(parts) != 2 or parts[0] == "by":  # noqa: PLR2004 - who, and what
            return self._one(self._view.user(found))
        return self._of_user(found, parts[1])

    def _of_user(self, person: Person, what: str) -> Answer:
        here, view = self._here, self._view
        people = {
            "followers": lambda: here.related("follow", whom=person.id),
            "following": lambda: here.related("follow", who=person.id),
            "blocking": lambda: here.related("block", who=person.id),
            "muting": lambda: here.related("mute", who=person.id),
        }
        if what in people:
            return self._page([(n, lambda p=p: view.user(p)) for n, p in people[what]()])
        if what == "owned_lists":
            return self._page([(n, lambda r=r: view.roll(r)) for n, r in here.rolls.items()])
        posts, limits = list(here.posts.values()), self._api.limits
        own = [one for one in posts if one.author == person.id]
        told = [one for one in posts if person.id in here.mentioned(one)]
        liked = [one for one in posts if person.id in one.likes and here.is_shown(one)]
        rows = {
            "tweets": self._newest(own, limits.posts),
            "mentions": self._newest(told, limits.mentions),
            "liked_tweets": [(one.likes[person.id], self._saying(one)) for one in liked],
        }
        return self._page(rows[what]) if what in rows else _NO_ADDRESS

    # ── Posts ────────────────────────────────────────────────────────────────────────
    def _newest(self, posts: list[Post], most: int) -> Rows:
        """Return the newest posts, as many as X names at all; of those what it shows."""
        posts = sorted(posts, key=lambda one: one.last.id, reverse=True)[:most]
        return [(one.last.id, self._saying(one)) for one in posts if self._here.is_shown(one)]

    def _saying(self, post: Post) -> Callable[[], Json]:
        return lambda: self._view.post(post)

    def _search(self) -> Answer:
        if not self._api.archive_search:
            kind = "https://api.x.com/2/problems/client-forbidden"
            return refusal(403, "Client Forbidden", "This endpoint takes another plan.", kind)
        asked = _CONVERSATION.fullmatch(self._query.get("query", ""))
        if asked is None:
            told = problem("invalid-request", "Invalid Request", "The query is not understood.")
            return self._say({"errors": [told]}, 400)
        return self._page(self._newest(list(self._here.below(int(asked[1]))), 1 << 30))

    def _post(self, number: str, what: str) -> Answer:
        here, view = self._here, self._view
        found = here.version(_number(number))
        if found is None:
            return self._missing("tweet", number)
        post, place = found
        if not here.is_shown(post):
            told = problem(
                "not-authorized-for-resource", "Authorization Error",
                f"Sorry, you are not authorized to see the Tweet with id: [{number}].",
                resource_type="tweet", parameter="id", resource_id=number, value=number,
            )  # fmt: skip
            return self._say({"errors": [told]})
        if not what:
            if (
                "edit_history_post_ids" in view.asked["expansions"]
                and place < len(post.versions) - 1
            ):
                last = view.post(post, expand=False)
                view.posts[last["id"]] = last
            return self._one(view.post(post, place))
        if what == "quote_tweets":
            quotes = [one for one in here.posts.values() if one.quotes == post.id]
            return self._page(self._newest(quotes, 1 << 30))
        seen = [one for one in here.posts.values() if here.is_shown(one)]
        people = {
            "liking_users": dict(post.likes),
            "retweeted_by": {one.author: one.id for one in seen if one.reposts == post.id},
        }
        if what not in people:
            return _NO_ADDRESS
        shown = [(n, here.people[who]) for who, n in people[what].items()]
        return self._page([(n, lambda p=p: view.user(p)) for n, p in shown if not p.suspended])

    # ── Messages ─────────────────────────────────────────────────────────────────────
    def _letters(self, _parts: list[str]) -> Answer:
        here = self._here
        since = here.now - timedelta(days=self._api.limits.days)
        shown = [
            (one.id, lambda one=one: self._view.letter(one))
            for one in here.letters.values()
            if str(here.city.id) in one.talk.split("-") and one.at > since
        ]
        return self._page(shown)

    def _chats(self, parts: list[str]) -> Answer:
        here, view = self._here, self._view
        own = [one for one in here.chats.values() if here.city.id in one.people]
        parts = parts[1:]
        if not parts:
            return self._page([(n, lambda c=c: view.chat(c)) for n, c in enumerate(own)])
        chat = here.chats.get(parts[0])
        if chat is None:
            return self._missing("conversation", parts[0])
        return self._page(
            [(n, lambda n=n: view.chat_event(chat, n)) for n in range(len(chat.events))]
        )

    # ── Answers ──────────────────────────────────────────────────────────────────────
    def _page(self, rows: Rows) -> Answer:
        """Return a page of things, newest first, and the token of the next one."""
        limit = min(int(self._query.get("max_results", "100")), self._api.most)
        name = "next_token" if "search" in self._parts else "pagination_token"
        top = _untoken(self._query.get(name, ""))
        ordered = sorted(rows, key=lambda row: row[0], reverse=True)
        ordered = [row for row in ordered if top is None or row[0] < top]
        shown = ordered[:limit]
        data = [say() for _, say in shown]
        meta: Json = {"result_count": len(data)}
        if len(ordered) > limit:
            meta["next_token"] = _token(shown[-1][0])
        body: Json = {"data": data} if data else {}
        return self._say(body | self._beside() | {"meta": meta}, things=len(data))

    def _one(self, data: Json) -> Answer:
        return self._say({"data": data} | self._beside(), things=1)

    def _beside(self) -> Json:
        includes, errors = self._view.includes(), self._view.errors
        return ({"includes": includes} if includes else {}) | ({"errors": errors} if errors else {})

    def _missing(self, kind: str, number: str) -> Answer:
        told = problem(
            "resource-not-found", "Not Found Error", f"Could not find {kind} with id: [{number}].",
            resource_type=kind, parameter="id", resource_id=number, value=number,
        )  # fmt: skip
        return self._say({"errors": [told]})

    def _say(self, body: Json, status: int = 200, *, things: int = 0) -> Answer:
        self._api.log.append((self._path, body))
        self._api.limits.spend(things)
        said = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Answer(status, (("Content-Type", "application/json; charset=utf-8"),), said)


_NO_ADDRESS = refusal(404, "Not Found", "Not Found")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1


def _token(key: int) -> str:
    """Return a page token: base32hex, which nobody is to read anything from."""
    return b32hexencode(str(key).encode()).decode().rstrip("=").lower()


def _untoken(token: str) -> int | None:
    if not token:
        return None
    text = token.upper() + "=" * (-len(token) % 8)
    return int(b32hexdecode(text))
