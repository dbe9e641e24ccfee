"""The stand-in for Tumblr: a blog, its posts and notes, the API that tells of it, and a week."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.picture import striped_png

if TYPE_CHECKING:
    from archiver.demo.answer import Asked

__all__ = ["Tumblr", "life"]

Json = dict[str, Any]
_TYPE = (("Content-Type", "application/json; charset=utf-8"),)
_NAME, _UUID = "quillwater", "t:0aY0xL2Fi1OFJg4YxpmegQ"
_MOST = 3
"""Things of a list: few, so that there are pages."""
_PICTURE = "/media/mill-road.png"


@dataclass(slots=True)
class Post:
    """A post; ``notes``: kind, blog, moment, text."""

    id: int
    text: str
    at: int
    state: str = "published"
    picture: bool = False
    notes: list[tuple[str, str, int, str]] = field(default_factory=list)


class Tumblr:
    """Answers requests to the API, for tokens and for pictures."""

    path = f"/standin/{_NAME}"

    def __init__(self) -> None:
        self.credential = {
            "client_id": "quill-tumblr-key",
            "client_secret": "quill-tumblr-secret-0001",
            "refresh_token": "quill-tumblr-refresh-0001",
        }
        self.service = self
        self._token = "quill-tumblr-access-0001"  # noqa: S105 - opens nothing but this
        self._ids, self._now = count(741000000000000001), 1_793_610_000
        self.posts: dict[int, Post] = {}
        self.asks: dict[int, Post] = {}
        self.followers = ["maya", "tom", "ferry", "loans"]
        self.blocked = ["rude"]
        mill = self.write("Mill Road closes on Monday")
        mill.picture = True
        mill.notes = [("like", "maya", self._now, ""), ("reply", "tom", self._now, "For long?")]
        for number in range(6):
            self.write(f"Note {number}")
        self.write("Not yet", "draft")
        self.write("On Friday", "queued")
        self.ask("Is the library open?")

    def write(self, text: str, state: str = "published") -> Post:
        """Write a post."""
        self._now += 60
        one = next(self._ids)
        self.posts[one] = Post(one, text, self._now, state)
        return self.posts[one]

    def ask(self, text: str) -> Post:
        """Ask the blog something."""
        self._now += 60
        one = next(self._ids)
        self.asks[one] = Post(one, text, self._now, "submission")
        return self.asks[one]

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass. Returns what a complete capture then finds: stream, id, kind."""
        self._now += 6 * 86_400
        mill, first, second, *_ = self.posts.values()
        first.text = "Note 0, corrected"
        del self.posts[second.id]
        new = self.write("Mill Road is open")
        mill.notes.append(("reply", "ferry", new.at, "Thank you"))
        asked = self.ask("When is the council?")
        self.followers.remove("loans")
        self.followers.append("anna")
        self.blocked.append("loans")
        return {
            "posts": {str(first.id): "edited", str(second.id): "deleted", str(new.id): "present"},
            "comments": {f"{mill.id}/reply-ferry-{new.at}": "present"},
            "messages": {str(asked.id): "held"},
            "subscribers": {"follower/anna": "present", "follower/loans": "absent"},
            "moderation": {"block/loans": "present"},
        }

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not Tumblr's."""
        if asked.path == "/v2/oauth2/token":
            return self._logged_in(asked)
        if asked.path == _PICTURE:
            return Answer(200, (("Content-Type", "image/png"),), striped_png(9))
        start = f"/v2/blog/{_NAME}/"
        if not asked.path.startswith(start):
            return None
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return _answer([], 401, "Unauthorized")
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        found = self._found(asked.path.removeprefix(start), query, asked.base)
        return _answer([], 404, "Not Found") if found is None else _answer(found)

    def _logged_in(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form != {**self.credential, "grant_type": "refresh_token"}:
            return Answer(400, _TYPE, b'{"error": "invalid_grant"}')
        told = {"access_token": self._token, "expires_in": 2520, "token_type": "bearer",
                "scope": "basic offline_access"}  # fmt: skip
        return Answer(200, _TYPE, json.dumps(told).encode())

    def _found(self, method: str, query: dict[str, str], base: str) -> Json | None:
        if method == "posts" and "id" in query:
            one = self.posts.get(int(query["id"]))
            return {"blog": self._blog(), "posts": [_post(one, base)], "total_posts": 1} if (
                one is not None
            ) else None  # fmt: skip
        if method == "notes":
            one = self.posts.get(int(query["id"]))
            return _notes(one) if one else None
        if method == "info":
            return {"blog": self._blog()}
        states = {"posts": "published", "posts/queue": "queued", "posts/draft": "draft"}
        if method in states:
            newest = [one for one in reversed(self.posts.values()) if one.state == states[method]]
            page = _page("posts", [_post(one, base) for one in newest], query, method)
            more = {"blog": self._blog(), "total_posts": len(newest)}
            return page | more if method == "posts" else page
        lists: dict[str, tuple[str, list[Json], Json]] = {
            "posts/submission": ("posts", [_post(one, base) for one in self.asks.values()], {}),
            "followers": ("users", [_person(one) | {"following": False} for one in self.followers],
                          {"total_users": len(self.followers)}),
            "following": ("blogs", [_person("county")], {"total_blogs": 1}),
            "blocks": ("blocked_tumblelogs", [_person(one) for one in self.blocked], {}),
        }  # fmt: skip
        if method not in lists:
            return None
        name, things, more = lists[method]
        return _page(name, things, query, method) | more

    def _blog(self) -> Json:
        return {"name": _NAME, "uuid": _UUID, "title": "Quillwater", "ask": True,
                "ask_anon": False, "posts": len(self.posts), "updated": self._now,
                "description": "<p>The city's blog</p>", "url": f"https://{_NAME}.tumblr.com/",
                "theme": {"header_image": "https://assets.tumblr.com/h.png"}}  # fmt: skip


def _page(name: str, things: list[Json], query: dict[str, str], method: str) -> Json:
    start = int(query.get("offset", "0"))
    page: Json = {name: things[start : start + _MOST]}
    if start + _MOST < len(things):
        offset = start + _MOST
        href = f"/v2/blog/{_NAME}/{method}?offset={offset}"
        page["_links"] = {"next": {"href": href, "method": "GET",
                                   "query_params": {"offset": str(offset)}}}  # fmt: skip
    return page


def _post(one: Post, base: str) -> Json:
    media = [{"url": f"{base}{_PICTURE}", "type": "image/png", "width": 9, "height": 9}]
    blocks: list[Json] = [{"type": "text", "text": one.text}]
    blocks += [{"type": "image", "media": media, "alt_text": "The road"}] if one.picture else []
    return {
        "object_type": "post", "type": "blocks", "blog_name": _NAME, "id": one.id,
        "id_string": str(one.id), "post_url": f"https://{_NAME}.tumblr.com/post/{one.id}",
        "timestamp": one.at, "state": one.state, "format": "html", "reblog_key": "k7",
        "tags": ["city"], "summary": one.text, "note_count": len(one.notes), "content": blocks,
        "layout": [], "trail": [], "is_blocks_post_format": True, "liked": False,
    }  # fmt: skip


def _notes(one: Post) -> Json:
    notes: list[Json] = [
        {"type": kind, "timestamp": at, "blog_name": who, "blog_uuid": f"t:{who}",
         "blog_url": f"https://{who}.tumblr.com/", "followed": False, "avatar_shape": "square",
         **({"reply_text": text} if text else {})}
        for kind, who, at, text in reversed(one.notes)
    ]  # fmt: skip
    return {"notes": notes, "total_notes": len(notes)}


def _person(name: str) -> Json:
    return {"name": name, "url": f"https://{name}.tumblr.com/", "updated": 1308781073}


def _answer(response: object, status: int = 200, words: str = "OK") -> Answer:
    document = {"meta": {"status": status, "msg": words}, "response": response}
    return Answer(status, _TYPE, json.dumps(document).encode())


def life() -> Tumblr:
    """Return a new blog and what answers for it."""
    return Tumblr()
