"""Which things a listing of WordPress's REST API names, in which order, and on which page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from archiver.demo.wordpress.parameters import RestError
from archiver.demo.wordpress.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from archiver.demo.blog import Blog
    from archiver.demo.things import Comment, Post, Revision, User
    from archiver.demo.wordpress.rules import Value

    Values = Mapping[str, Value]

__all__ = ["Slice", "comments", "cut", "posts", "revisions", "users"]

T = TypeVar("T", bound="Post | Comment | User | Revision")

_ANY = frozenset({"publish", "future", "draft", "pending", "private", "inherit"})
"""What ``status=any`` means for posts: all but the trash."""
_COMMENT_STATUS = {
    "approve": frozenset({"approved"}),
    "1": frozenset({"approved"}),
    "hold": frozenset({"hold"}),
    "0": frozenset({"hold"}),
    "all": frozenset({"approved", "hold"}),
    "any": frozenset({"approved", "hold", "spam", "trash", "post-trashed"}),
}

_NARROWING = ("author", "parent", "post", "search", "after", "before")
"""Parameters that leave some comments out; without any, a long listing is drawn up quickly."""


class Slice(NamedTuple):
    """What of a listing is on one page: from where to where, of how many, on how many pages."""

    start: int
    stop: int
    total: int
    pages: int


def cut(total: int, values: Values) -> Slice:
    """Return the page that ``page``, ``per_page`` and ``offset`` ask for."""
    size = int(cast("int", values.get("per_page", total or 1)))
    page, offset = cast("int", values["page"]), cast("int | None", values.get("offset"))
    start = (page - 1) * size if offset is None else offset
    return Slice(start, start + size, total, -(-total // size))


def posts(blog: Blog, kind: str, values: Values) -> list[Post]:
    """Return the posts, pages or files that a listing names."""
    _check_order(values)
    wanted = cast("list[str]", values["status"])
    allowed = frozenset(wanted) | (_ANY if "any" in wanted else frozenset())
    found = [
        post
        for post in tuple(blog.posts.values())
        if post.kind == kind
        and post.status in allowed
        and _named(values, author=post.author, parent=post.parent, slug=post.slug)
        and _says(values, f"{post.title} {post.text}")
        and _between(values, "", post.date)
        and _between(values, "modified_", post.modified)
    ]
    return _ordered(found, values, _POST_KEYS)


def revisions(blog: Blog, parent: int, values: Values) -> list[Revision]:
    """Return the revisions of a post or page."""
    _check_order(values)
    found = [
        revision
        for revision in tuple(blog.revisions.values())
        if revision.parent == parent and _says(values, f"{revision.title} {revision.text}")
    ]
    return _ordered(found, values, _REVISION_KEYS)


def comments(blog: Blog, values: Values) -> list[Comment]:
    """Return the comments that a listing names."""
    wanted = str(values["status"])
    allowed = _COMMENT_STATUS.get(wanted, frozenset({wanted}))
    kind = values["type"] in {"comment", "all", ""}
    found = [one for one in tuple(blog.comments.values()) if kind and one.status in allowed]
    if "author_email" in values or any(values.get(name) for name in _NARROWING):
        found = [
            comment
            for comment in found
            if _named(values, author=comment.user, parent=comment.parent, post=comment.post)
            and values.get("author_email", comment.email) == comment.email
            and _says(values, comment.text)
            and _between(values, "", comment.date)
        ]
    return _ordered(found, values, _COMMENT_KEYS)


def users(blog: Blog, values: Values, *, login: bool) -> list[User]:
    """Return the users that a listing names; the public sees those who published something."""
    shown = {post.author for post in tuple(blog.posts.values()) if post.status == "publish"}
    found = [
        user
        for user in tuple(blog.users.values())
        if (login or user.id in shown)
        and _named(values, roles=user.role, slug=user.login)
        and _says(values, f"{user.login} {user.name} {user.email if login else ''}")
    ]
    return _ordered(found, values, _USER_KEYS)


def _check_order(values: Values) -> None:
    if values["orderby"] == "relevance" and not values.get("search"):
        message = "You need to define a search term to order by relevance."
        raise RestError(400, "rest_no_search_term_defined", message)
    if values["orderby"] == "include" and not values.get("include"):
        message = "You need to define an include parameter to order by include."
        raise RestError(400, "rest_orderby_include_missing_include", message)


def _named(values: Values, **members: object) -> bool:
    """Tell whether every member is among those that its parameter lists, if it is given."""
    return all(
        member in cast("list[object]", values[name])
        for name, member in members.items()
        if values.get(name)
    )


def _says(values: Values, text: str) -> bool:
    wanted = plain(str(values.get("search", "")))
    return not wanted or wanted in plain(text)


def _between(values: Values, prefix: str, when: datetime) -> bool:
    after = cast("datetime | None", values.get(f"{prefix}after"))
    before = cast("datetime | None", values.get(f"{prefix}before"))
    return (after is None or when > after) and (before is None or when < before)


def _ordered(found: list[T], values: Values, keys: Mapping[str, Callable[[T], object]]) -> list[T]:
    """Return what ``include`` and ``exclude`` leave, in the order asked for."""
    include = cast("list[int]", values.get("include") or [])
    exclude = cast("list[int]", values.get("exclude") or [])
    kept = found
    if include or exclude:
        kept = [x for x in found if x.id not in exclude and (not include or x.id in include)]
    order = str(values["orderby"])
    if order in {"include", "include_slugs"}:
        return sorted(kept, key=lambda one: include.index(one.id) if include else one.id)
    key = cast("Callable[[T], tuple[int]]", keys[order])
    return sorted(kept, key=key, reverse=values["order"] == "desc")


_POST_KEYS: Mapping[str, Callable[[Post], object]] = {
    "author": lambda post: (post.author, -post.id),
    "date": lambda post: (post.date, -post.id),
    "id": lambda post: post.id,
    "modified": lambda post: (post.modified, -post.id),
    "parent": lambda post: (post.parent, -post.id),
    "relevance": lambda post: (post.date, -post.id),
    "slug": lambda post: post.slug,
    "title": lambda post: plain(post.title),
    "menu_order": lambda post: -post.id,
}
_REVISION_KEYS: Mapping[str, Callable[[Revision], object]] = {
    "date": lambda revision: (revision.date, revision.id),
    "id": lambda revision: revision.id,
    "relevance": lambda revision: (revision.date, revision.id),
    "slug": lambda revision: revision.id,
}
_COMMENT_KEYS: Mapping[str, Callable[[Comment], object]] = {
    "date": lambda comment: (comment.date, comment.id),
    "date_gmt": lambda comment: (comment.date, comment.id),
    "id": lambda comment: comment.id,
    "post": lambda comment: (comment.post, comment.id),
    "parent": lambda comment: (comment.parent, comment.id),
    "type": lambda comment: comment.id,
}
_USER_KEYS: Mapping[str, Callable[[User], object]] = {
    "id": lambda user: user.id,
    "name": lambda user: plain(user.name),
    "registered_date": lambda user: (user.registered, user.id),
    "slug": lambda user: user.login,
    "email": lambda user: user.email,
    "url": lambda user: user.id,
}
