"""The API of the stand-in for Blogger: tokens, lists, pages of lists, errors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from archiver.demo.answer import Answer
from archiver.demo.blogger.blog import BLOG, Blog

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.answer import Asked
    from archiver.demo.blogger.blog import Comment, Entry

__all__ = ["Blogger", "life"]

Json = dict[str, Any]
Query = dict[str, list[str]]
_TYPE = (("Content-Type", "application/json; charset=UTF-8"),)
_MOST = 4
"""Things of a page: few, so that there are pages."""


class Blogger:
    """Answers requests to the API, for tokens and for pictures."""

    path = "/standin/blog"

    def __init__(self, blog: Blog) -> None:
        self.blog = blog
        self.credential = {
            "client_id": "quillwater-blog.apps.example",
            "client_secret": "quill-blog-secret-0001",
            "refresh_token": "1//quill-blog-refresh-0001",
        }
        self.scopes = "https://www.googleapis.com/auth/blogger.readonly"
        self.service = self
        self.change = blog.change
        self._token = "ya29.quill-blog-access-0001"  # noqa: S105 - opens nothing but this

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not Blogger's."""
        if asked.path == "/token" and asked.method == "POST":
            return self._logged_in(asked)
        if asked.path in self.blog.files:
            return Answer(200, (("Content-Type", "image/png"),), self.blog.files[asked.path])
        if not asked.path.startswith("/v3/"):
            return None
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return _refused(401, "authError", "Invalid Credentials", "UNAUTHENTICATED")
        found = self._found(asked)
        if found is None:
            return _refused(404, "notFound", "Not Found", "NOT_FOUND")
        return Answer(200, _TYPE, json.dumps(found, indent=2).encode())

    def _logged_in(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        wanted = {**self.credential, "grant_type": "refresh_token"}
        if form != wanted:
            return Answer(400, _TYPE, b'{"error": "invalid_grant"}')
        told = {"access_token": self._token, "expires_in": 3599, "scope": self.scopes,
                "token_type": "Bearer"}  # fmt: skip
        return Answer(200, _TYPE, json.dumps(told).encode())

    def _found(self, asked: Asked) -> Json | None:
        path, query = asked.path.removeprefix("/v3/"), parse_qs(asked.query)
        if path == "blogs/byurl":
            return self._blog(asked.base) if self._is_ours(query, asked.base) else None
        found = re.fullmatch(rf"blogs/{BLOG}/(posts|pages|comments)(?:/(\d+))?", path)
        if found is not None:
            return self._single(found[1], found[2], asked) if found[2] else self._list(
                found[1], query, asked
            )  # fmt: skip
        found = re.fullmatch(rf"blogs/{BLOG}/posts/(\d+)/comments/(\d+)", path)
        post = self.blog.posts.get(found[1]) if found else None
        for one in post.comments if post and found else ():
            if one.id == (found[2] if found else ""):
                return _comment(post, one) if post else None
        return None

    def _is_ours(self, query: Query, base: str) -> bool:
        return query.get("url", [""])[0].rstrip("/") == f"{base}{self.path}"

    def _blog(self, base: str) -> Json:
        return {
            "kind": "blogger#blog", "id": BLOG, "status": "LIVE", "name": self.blog.name,
            "description": "Notes of the city", "published": "2026-11-01T09:00:00-07:00",
            "updated": "2026-11-20T09:00:00-07:00", "url": f"{base}{self.path}/",
            "selfLink": f"{base}/v3/blogs/{BLOG}",
            "posts": {"totalItems": len(self.blog.posts), "selfLink": f"{base}/v3/x"},
            "pages": {"totalItems": len(self.blog.pages), "selfLink": f"{base}/v3/y"},
            "locale": {"language": "en", "country": "US", "variant": ""},
        }  # fmt: skip

    def _single(self, what: str, one: str, asked: Asked) -> Json | None:
        entry = {"posts": self.blog.posts, "pages": self.blog.pages}.get(what, {}).get(one)
        return _entry(what, entry, asked.base) if entry else None

    def _list(self, what: str, query: Query, asked: Asked) -> Json:
        wanted = query.get("status", ["LIVE"])
        if what == "comments":
            pairs = [(post, one) for post in self.blog.posts.values() for one in post.comments]
            pairs.sort(key=lambda each: each[1].at, reverse=True)
            shown = [_comment(post, one) for post, one in pairs if one.status in wanted]
        else:
            entries = self.blog.posts if what == "posts" else self.blog.pages
            changed = query.get("orderBy") == ["UPDATED"]
            newest = sorted(
                entries.values(), key=lambda each: each.changed if changed else each.at,
                reverse=True,
            )  # fmt: skip
            shown = [_entry(what, one, asked.base) for one in newest if one.status in wanted]
        start = int(query.get("pageToken", ["0"])[0])
        page: Json = {"kind": f"blogger#{what[:-1]}List", "etag": f'"{what}{start}"'}
        if shown[start : start + _MOST]:
            page["items"] = shown[start : start + _MOST]
        if start + _MOST < len(shown):
            page["nextPageToken"] = str(start + _MOST)
        return page


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S-07:00")


def _author(name: str) -> Json:
    number = str(sum(map(ord, name)) * 7919)
    return {"id": number, "displayName": name, "url": f"https://www.blogger.com/profile/{number}",
            "image": {"url": "//www.blogger.com/img/b16-rounded.gif"}}  # fmt: skip


def _entry(what: str, one: Entry, base: str) -> Json:
    made: Json = {
        "kind": f"blogger#{what[:-1]}", "id": one.id, "status": one.status, "blog": {"id": BLOG},
        "published": _time(one.at), "updated": _time(one.changed),
        "url": f"https://quillwater.blogspot.example/{one.at:%Y/%m}/{one.id}.html",
        "selfLink": f"https://www.googleapis.com/blogger/v3/blogs/{BLOG}/{what}/{one.id}",
        "title": one.title, "content": one.text, "author": _author("City Clerk"),
        "etag": f'"{one.changed:%s}"',
    }  # fmt: skip
    if what == "posts":
        count = sum(each.status == "LIVE" for each in one.comments)
        made["replies"] = {"totalItems": str(count), "selfLink": f"{made['selfLink']}/comments"}
        made |= {"labels": list(one.labels)} if one.labels else {}
        made |= {"images": [{"url": f"{base}{one.picture}"}]} if one.picture else {}
    return made


def _comment(post: Entry, one: Comment) -> Json:
    link = f"https://www.googleapis.com/blogger/v3/blogs/{BLOG}/posts/{post.id}/comments/{one.id}"
    made: Json = {
        "kind": "blogger#comment", "id": one.id, "status": one.status, "post": {"id": post.id},
        "blog": {"id": BLOG}, "published": _time(one.at), "updated": _time(one.at),
        "selfLink": link, "content": one.text, "author": _author(one.author),
    }  # fmt: skip
    return made | ({"inReplyTo": {"id": one.to}} if one.to else {})


def _refused(status: int, reason: str, words: str, name: str) -> Answer:
    told = [{"message": words, "domain": "global", "reason": reason}]
    error = {"code": status, "message": words, "errors": told, "status": name}
    return Answer(status, _TYPE, json.dumps({"error": error}).encode())


def life() -> Blogger:
    """Return a new blog and what answers for it."""
    return Blogger(Blog())
