"""One request to a node or an edge of the stand-in's Graph API."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from archiver.demo.facebook.answers import document, error, missing
from archiver.demo.facebook.fieldlist import parse
from archiver.demo.facebook.views import ALBUM, READABLE
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.demo.answer import Answer
    from archiver.demo.facebook.api import Facebook
    from archiver.demo.facebook.fieldlist import Wanted
    from archiver.demo.facebook.views import Views

__all__ = ["IDLE", "VERSION", "Call"]

VERSION = "v26.0"
_NEEDS = {
    "conversations": "pages_messaging",
    "messages": "pages_messaging",
    "settings": "pages_manage_metadata",
    "roles": "pages_manage_metadata",
    "blocked": "pages_manage_metadata",
    "visitor_posts": "pages_read_user_content",
    "tagged": "pages_read_user_content",
    "comments": "pages_read_user_content",
    "ratings": "pages_read_user_content",
}
IDLE = timedelta(days=30)
Node = dict[str, Any]
Row = tuple[Node, bool]
"""A node, and whether the Page is shown it: what privacy takes out of a page leaves a gap."""


class Call:
    """One request to a node or an edge."""

    def __init__(self, api: Facebook, views: Views, query: dict[str, str], base: str) -> None:
        self._api = api
        self._page = api.page
        self._views = views
        self._query = query
        self._base = base

    def answer(self, parts: list[str]) -> Answer:
        """Answer for the parts of a path after the version."""
        wanted = parse(self._query.get("fields", "id"))
        number = self._page.city.id if parts[0] == "me" else parts[0]
        if len(parts) == 1:
            found = self._node(number)
            if found is None:
                return missing(number)
            return document(self._select(found, wanted, number))
        scope = _NEEDS.get(parts[1], "pages_read_engagement")
        if scope not in self._api.scopes:
            return error(200, f"Requires {scope} permission to manage the object", status=403)
        rows = self._edge(number, parts[1])
        if rows is None:
            return missing(number)
        return self._paged(rows, wanted, number, parts[1])

    # ── Nodes ────────────────────────────────────────────────────────────────────────
    def _node(self, number: str) -> Node | None:
        page, views = self._page, self._views
        if number in page.posts:
            return views.post(page.posts[number])
        if number in page.comments:
            return views.comment(page.comments[number])
        if number == page.city.id:
            return views.page()
        return self._medium(number) or self._talk(number)

    def _medium(self, number: str) -> Node | None:
        page, views = self._page, self._views
        if number in page.photos:
            return views.photo(page.photos[number])
        if number in page.videos:
            return views.video(page.videos[number])
        if number in page.lives:
            return views.live(page.lives[number])
        return views.album() if number == ALBUM else None

    def _talk(self, number: str) -> Node | None:
        talk = self._page.conversations.get(number)
        return self._views.conversation(talk) if talk else self._message(number)

    def _message(self, number: str) -> Node | None:
        for talk in self._page.conversations.values():
            recent = talk.messages[-READABLE:]
            for message in recent:
                if message.id == number:
                    return self._views.message(message, talk, readable=True)
        return None

    # ── Edges ────────────────────────────────────────────────────────────────────────
    def _edge(self, number: str, edge: str) -> list[Row] | None:
        page, views = self._page, self._views
        if number == page.city.id:
            make = self._of_page().get(edge)
            return None if make is None else make()
        if edge == "comments":
            return self._comments(number)
        post = page.posts.get(number)
        if edge == "reactions" and post:
            people = [(page.people[who], kind) for who, kind in post.reactions.items()]
            return [(views.reaction(who, kind), True) for who, kind in people]
        if edge == "sharedposts" and post:
            return [(views.post(one), True) for one in post.shares]
        talk = page.conversations.get(number)
        if edge == "messages" and talk:
            recent = {one.id for one in talk.messages[-READABLE:]} if self._api.inline else set()
            return [
                (views.message(one, talk, readable=one.id in recent), True)
                for one in reversed(talk.messages)
            ]
        return None

    def _of_page(self) -> dict[str, Callable[[], list[Row]]]:
        page, views = self._page, self._views
        return {
            "published_posts": lambda: self._posts("own"),
            "feed": lambda: self._posts("own", "visitor"),
            "visitor_posts": lambda: self._posts("visitor"),
            "tagged": lambda: self._posts("tagged"),
            "scheduled_posts": lambda: [
                (views.post(one), True) for one in page.posts.values() if one.due
            ],
            "stories": lambda: [(views.story(one), True) for one in page.stories.values()],
            "live_videos": lambda: [(views.live(one), True) for one in page.lives.values()],
            "photos": lambda: [(views.photo(one), True) for one in page.photos.values() if one.own],
            "videos": lambda: self._videos(reel=False),
            "video_reels": lambda: self._videos(reel=True),
            "albums": lambda: [(views.album(), True)],
            "ratings": lambda: [(views.rating(one), True) for one in page.ratings.values()],
            "blocked": lambda: [(views.blocked(one), True) for one in page.blocked.values()],
            "settings": lambda: [
                ({"setting": name, "value": value}, True) for name, value in page.settings.items()
            ],
            "roles": lambda: [
                ({"id": who, "name": name}, True) for who, name in page.roles.items()
            ],
            "conversations": self._conversations,
        }

    def _posts(self, *edges: str) -> list[Row]:
        found = [one for one in self._page.posts.values() if one.edge in edges and not one.due]
        found.sort(key=lambda one: one.created, reverse=True)
        shown = found[: self._page.cap] if self._page.cap else found
        return [(self._views.post(one), True) for one in shown]

    def _videos(self, *, reel: bool) -> list[Row]:
        found = [one for one in self._page.videos.values() if one.reel == reel]
        return [(self._views.video(one), True) for one in found]

    def _comments(self, number: str) -> list[Row] | None:
        page = self._page
        if not any(number in one for one in (page.posts, page.photos, page.videos, page.lives)):
            return None
        found = [one for one in page.comments.values() if one.on == number]
        found.sort(key=lambda one: one.created, reverse=True)
        return [(self._views.comment(one), one.shown) for one in found]

    def _conversations(self) -> list[Row]:
        folder = self._query.get("folder", "inbox")
        idle = self._page.now - IDLE
        found = [
            one
            for one in self._page.conversations.values()
            if one.folder == folder and (folder == "inbox" or one.updated >= idle)
        ]
        found.sort(key=lambda one: one.updated, reverse=True)
        return [(self._views.conversation(one), True) for one in found]

    # ── Answers ──────────────────────────────────────────────────────────────────────
    def _paged(self, rows: list[Row], wanted: Sequence[Wanted], number: str, edge: str) -> Answer:
        limit = min(int(self._query.get("limit", "25")), self._api.most)
        begin = _place(self._query.get("after", ""))
        page = rows[begin : begin + limit]
        data = [
            self._select(node, wanted, str(node.get("id", ""))) for node, shown in page if shown
        ]
        end = begin + len(page)
        found: Node = {"data": data}
        if page:
            cursors = {"before": _cursor(begin), "after": _cursor(end)}
            found["paging"] = {"cursors": cursors}
            if end < len(rows):
                query = {**self._query, "access_token": self._api.token, "after": _cursor(end)}
                found["paging"]["next"] = (
                    f"{self._base}/{VERSION}/{number}/{edge}?{urlencode(query)}"
                )
        if "summary" in self._query:
            found["summary"] = self._summary(number, edge, len(rows))
        return document(found)

    def _summary(self, number: str, edge: str, rows: int) -> Node:
        counted = self._page.posts[number].counted if number in self._page.posts else 0
        if edge == "comments":
            return {"order": "reverse_chronological", "total_count": rows}
        return {"total_count": rows + counted}

    def _select(self, node: Node, wanted: Sequence[Wanted], number: str) -> Node:
        """Return what is wanted of a node; counts of edges below it as Graph expands them."""
        found: Node = {}
        for one in wanted:
            if one.name in {"comments", "reactions"} and one.modifiers:
                value = self._expanded(number, one)
            else:
                value = node.get(one.name)
            if value is not None:
                found[one.alias] = _narrowed(value, one.below)
        if "id" in node:
            found.setdefault("id", node["id"])
        return found

    def _expanded(self, number: str, one: Wanted) -> Node | None:
        if one.name == "comments":
            rows = self._comments(number)
            return None if rows is None else {"data": [], "summary": {"total_count": len(rows)}}
        post = self._page.posts.get(number)
        if post is None:
            return None
        kind = one.modifiers.get("type")
        kinds = [each for each in post.reactions.values() if kind in {None, each}]
        total = len(kinds) + (post.counted if kind in {None, "LIKE"} else 0)
        return {"data": [], "summary": {"total_count": total}}


def _narrowed(value: object, below: Sequence[Wanted]) -> object:
    """Return what is wanted below a field; ids come unasked."""
    if not below:
        return value
    if isinstance(value, list):
        return [_narrowed(one, below) for one in value]
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        return {**value, "data": [_narrowed(one, below) for one in value["data"]]}
    if not isinstance(value, dict):
        return value
    named = {one.name: one.below for one in below}
    return {
        name: _narrowed(one, named.get(name, ()))
        for name, one in value.items()
        if name in named or name == "id"
    }


def _cursor(place: int) -> str:
    return urlsafe_b64encode(f"QV{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(urlsafe_b64decode(cursor.encode()).decode().removeprefix("QV") or "0")
    except ValueError as error:
        raise UsageError("Invalid cursor", where=cursor[:20]) from error
