"""The API of the stand-in for Reddit: tokens, listings of things, modmail, errors."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.reddit import shapes
from archiver.demo.reddit.community import Community

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.demo.answer import Asked
    from archiver.demo.reddit.community import Written

__all__ = ["Reddit", "life"]

Json = dict[str, Any]
_TYPE = (("Content-Type", "application/json; charset=UTF-8"),)
_MOST, _SHOWN = 4, 5
"""Things of a listing, and comments that a thread shows at once: few, so that there are more."""
_SCOPES = "identity read modlog modposts modmail privatemessages"


class Reddit:
    """Answers requests to the API, for tokens and for pictures."""

    def __init__(self, community: Community) -> None:
        self.community = community
        self.path = f"/r/{community.name}"
        self.credential = {
            "client_id": "quill-reddit-client",
            "client_secret": "quill-reddit-secret-0001",
            "refresh_token": "quill-reddit-refresh-0001",
        }
        self.service = self
        self.change = community.change
        self._token = "quill-reddit-access-0001"  # noqa: S105 - opens nothing but this

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not Reddit's."""
        if asked.path == "/api/v1/access_token":
            return self._logged_in(asked)
        if asked.path in self.community.files:
            return Answer(200, (("Content-Type", "image/png"),), self.community.files[asked.path])
        if not asked.path.startswith(("/r/", "/api/", "/comments/", "/message/")):
            return None
        if asked.headers.get("authorization", "").lower() != f"bearer {self._token}":
            return _answer({"message": "Unauthorized", "error": 401}, 401)
        found = self._found(asked)
        if found is None:
            return _answer({"message": "Not Found", "error": 404}, 404)
        return _answer(found)

    def _logged_in(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        pair = f"{self.credential['client_id']}:{self.credential['client_secret']}"
        basic = f"Basic {b64encode(pair.encode()).decode()}"
        good = form.get("refresh_token") == self.credential["refresh_token"]
        if asked.headers.get("authorization") != basic or not good:
            return _answer({"message": "Unauthorized", "error": 401}, 401)
        return _answer({"access_token": self._token, "token_type": "bearer", "expires_in": 86400,
                        "scope": _SCOPES})  # fmt: skip

    def _found(self, asked: Asked) -> Json | list[Json] | None:
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        path, own = asked.path.strip("/"), f"r/{self.community.name}"
        if path.startswith("comments/"):
            return self._thread(path.split("/")[1], asked.base)
        if path.startswith("api/mod/conversations"):
            return self._mail(path.removeprefix("api/mod/conversations").strip("/"), query)
        whole: dict[str, Callable[[], Json]] = {
            f"{own}/about": lambda: shapes.community(self.community),
            "api/v1/me": lambda: shapes.me(self.community),
            f"{own}/about/moderators": self._moderators,
            "api/morechildren": lambda: self._more(query),
            "api/info": lambda: self._info(query, asked.base),
        }  # fmt: skip
        if path in whole:
            return whole[path]()
        lists: dict[str, Callable[[str], list[Json]]] = {
            f"{own}/new": self._posts,
            f"{own}/comments": self._comments,
            f"{own}/about/spam": self._removed,
            f"{own}/about/log": lambda _base: shapes.log(self.community),
            f"{own}/about/banned": lambda _base: shapes.banned(self.community.banned),
            f"{own}/about/muted": lambda _base: [],
            "message/inbox": lambda _base: [shapes.letter(one) for one in self._letters()],
            "message/sent": lambda _base: [],
        }
        return _page(lists[path](asked.base), query) if path in lists else None

    def _letters(self) -> list[Written]:
        return list(reversed(self.community.letters))

    def _posts(self, base: str) -> list[Json]:
        newest = reversed(self.community.posts.values())
        return [shapes.post(self.community, one, base) for one in newest if not one.removed]

    def _comments(self, _base: str) -> list[Json]:
        newest = list(reversed(self.community.comments.values()))
        return [shapes.comment(one) for one in newest if not one.removed]

    def _removed(self, base: str) -> list[Json]:
        posts = [one for one in self.community.posts.values() if one.removed]
        comments = [one for one in self.community.comments.values() if one.removed]
        return [shapes.post(self.community, one, base) for one in posts] + [
            shapes.comment(one) for one in comments
        ]

    def _moderators(self) -> Json:
        who = {"name": self.community.clerk, "id": "t2_clerk", "rel_id": "rb_1",
               "date": 1793610000.0, "mod_permissions": ["all"], "author_flair_text": None,
               "author_flair_css_class": None}  # fmt: skip
        return {"kind": "UserList", "data": {"children": [who]}}

    def _of(self, post: str) -> list[Written]:
        return [one for one in self.community.comments.values() if one.post == post]

    def _thread(self, post: str, base: str) -> list[Json] | None:
        if post not in self.community.posts:
            return None
        said = self._of(post)
        shown = [shapes.comment(one) for one in said[:_SHOWN]]
        rest = [one.id for one in said[_SHOWN:]]
        if rest:
            shown.append({"kind": "more", "data": {
                "count": len(rest), "name": f"t1_{rest[0]}", "id": rest[0],
                "parent_id": f"t3_{post}", "depth": 0, "children": rest}})  # fmt: skip
        head = shapes.post(self.community, self.community.posts[post], base)
        return [shapes.listing([head]), shapes.listing(shown)]

    def _more(self, query: dict[str, str]) -> Json:
        wanted = query["children"].split(",")
        found = [self.community.comments[one] for one in wanted if one in self.community.comments]
        things = [shapes.comment(one) for one in found]
        return {"json": {"errors": [], "data": {"things": things}}}

    def _info(self, query: dict[str, str], base: str) -> Json:
        kind, _, one = query["id"].partition("_")
        if kind == "t3" and one in self.community.posts:
            return shapes.listing([shapes.post(self.community, self.community.posts[one], base)])
        if kind == "t1" and one in self.community.comments:
            return shapes.listing([shapes.comment(self.community.comments[one])])
        return shapes.listing([])

    def _mail(self, one: str, query: dict[str, str]) -> Json | None:
        if one:
            mail = self.community.mails.get(one)
            return shapes.conversation(self.community, mail) if mail else None
        return shapes.conversations(self.community, query.get("after", ""))


def _page(things: list[Json], query: dict[str, str]) -> Json:
    names = [shapes.name(one) for one in things]
    after = query.get("after", "")
    start = names.index(after) + 1 if after in names else 0
    shown = things[start : start + _MOST]
    return shapes.listing(shown, names[start + _MOST - 1] if start + _MOST < len(names) else None)


def _answer(document: object, status: int = 200) -> Answer:
    return Answer(status, _TYPE, json.dumps(document).encode())


def life() -> Reddit:
    """Return a new community and what answers for it."""
    return Reddit(Community())
