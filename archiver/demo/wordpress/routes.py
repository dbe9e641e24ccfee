"""The routes of the REST API, each with its permissions, as WordPress 6.1.9 has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from archiver.demo.wordpress import listing
from archiver.demo.wordpress.call import Reply, refuse
from archiver.demo.wordpress.index import index, namespace
from archiver.demo.wordpress.items import comment_item, post_item, revision_item, user_item
from archiver.demo.wordpress.links import answered
from archiver.demo.wordpress.parameters import RestError
from archiver.demo.wordpress.site import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.demo.things import Comment, Post
    from archiver.demo.wordpress.call import Call
    from archiver.demo.wordpress.rules import Value

__all__ = ["dispatch"]

_KINDS = {collection: kind for kind, collection in COLLECTIONS.items()}
_COLLECTION_METHODS = "GET, POST"


def dispatch(call: Call, method: str, route: str) -> Reply:
    """Answer a call to ``route`` (``/wp/v2/posts/12``). Raises `RestError`."""
    if method in {"GET", "HEAD"}:
        for pattern, handler in _ROUTES:
            if found := pattern.fullmatch(route.rstrip("/") or "/"):
                return handler(call, *found.groups())
    message = "No route was found matching the URL and request method."
    raise RestError(404, "rest_no_route", message)


def _posts(call: Call, collection: str) -> Reply:
    call = call.of(collection)
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit posts in this post type")
    found = listing.posts(call.blog, _KINDS[collection], call.values)
    part = listing.cut(len(found), call.values)
    if part.total and "offset" in call.values and part.start >= part.total:
        part = listing.cut(0, call.values)  # an offset past the end makes WordPress count none
    if part.total and int(str(call.values["page"])) > part.pages:
        raise _no_such_page("post")
    items = [post_item(call.site, p) for p in found[part.start : part.stop] if call.reads(p)]
    return call.listed(collection, items, part, _COLLECTION_METHODS)


def _post(call: Call, collection: str, number: str) -> Reply:
    call = call.of("item")
    post = call.blog.posts.get(int(number))
    if post is None or post.kind != _KINDS[collection]:
        raise RestError(404, "rest_post_invalid_id", "Invalid post ID.")
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit this post")
    if not call.reads(post):
        raise refuse("rest_forbidden", "do that")
    return call.single(post_item(call.site, post), call.site.page(post))


def _revisions(call: Call, collection: str, number: str) -> Reply:
    call = call.of("revisions")
    post = _parent(call, collection, number)
    found = listing.revisions(call.blog, post.id, call.values)
    part = listing.cut(len(found), call.values)
    if part.total and "offset" in call.values and part.start >= part.total:
        message = (
            "The offset number requested is larger than or equal to the number of available "
            "revisions."
        )
        raise RestError(400, "rest_revision_invalid_offset_number", message)
    if part.total and int(str(call.values["page"])) > part.pages:
        raise _no_such_page("revision")
    items = [revision_item(call.site, one) for one in found[part.start : part.stop]]
    return call.listed(f"{collection}/{post.id}/revisions", items, part, "GET")


def _revision(call: Call, collection: str, parent: str, number: str) -> Reply:
    call = call.of("item")
    _parent(call, collection, parent)
    revision = call.blog.revisions.get(int(number))
    if revision is None:
        raise RestError(404, "rest_post_invalid_id", "Invalid revision ID.")
    return Reply(revision_item(call.site, revision))


def _comments(call: Call) -> Reply:
    call = call.of("comments")
    for number in cast("list[int]", call.values.get("post") or []):
        post = call.blog.posts.get(number)
        if post and not call.reads(post):
            raise refuse("rest_cannot_read_post", "read the post for this comment")
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit comments")
    if not call.login:
        _refuse_protected(call)
    found = listing.comments(call.blog, call.values)
    part = listing.cut(len(found), call.values)
    shown = [one for one in found[part.start : part.stop] if _reads_comment(call, one)]
    site = call.site._replace(answered=answered(call.blog))
    items = [comment_item(site, one) for one in shown]
    methods = _COLLECTION_METHODS if call.values.get("post") else "GET"
    return call.listed("comments", items, part, methods)


def _refuse_protected(call: Call) -> None:
    plain = {"status": "approve", "type": "comment"}
    protected = ("author", "author_exclude", "author_email", "type", "status")
    bad = [n for n in protected if call.values.get(n, "") not in (plain.get(n, ""), [])]
    if bad:
        message = f"Query parameter not permitted: {', '.join(bad)}"
        raise RestError(401, "rest_forbidden_param", message)


def _comment(call: Call, number: str) -> Reply:
    call = call.of("item")
    comment = call.blog.comments.get(int(number))
    if comment is None:
        raise RestError(404, "rest_comment_invalid_id", "Invalid comment ID.")
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit comments")
    if not _reads_comment(call, comment):
        raise refuse("rest_cannot_read", "read this comment")
    return call.single(comment_item(call.site, comment))


def _reads_comment(call: Call, comment: Comment) -> bool:
    seen = comment.status == "approved" and call.reads(call.blog.post(comment.post))
    return call.login or seen


def _users(call: Call) -> Reply:
    call = call.of("users")
    if not call.login and call.values.get("roles"):
        raise refuse("rest_user_cannot_view", "filter users by role")
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit users")
    if not call.login and call.values["orderby"] in {"email", "registered_date"}:
        raise refuse("rest_forbidden_orderby", "order users by this parameter")
    found = listing.users(call.blog, call.values, login=call.login)
    part = listing.cut(len(found), call.values)
    items = [user_item(call.site, one) for one in found[part.start : part.stop]]
    return call.listed("users", items, part, _COLLECTION_METHODS)


def _user(call: Call, number: str) -> Reply:
    call = call.of("item")
    user = call.blog.users.get(int(number))
    if user is None:
        raise RestError(404, "rest_user_invalid_id", "Invalid user ID.")
    if call.strange_edit():
        raise refuse("rest_forbidden_context", "edit this user")
    if not call.login and user not in listing.users(call.blog, _ALL_USERS, login=False):
        raise refuse("rest_user_cannot_view", "list users")
    return call.single(user_item(call.site, user))


def _me(call: Call) -> Reply:
    call = call.of("item")
    if not call.login:
        raise RestError(401, "rest_not_logged_in", "You are not currently logged in.")
    return call.single(user_item(call.site, call.blog.users[1]))


def _parent(call: Call, collection: str, number: str) -> Post:
    """Return the post whose revisions are asked for, if the caller may see them."""
    post = call.blog.posts.get(int(number))
    if post is None or post.kind != _KINDS[collection]:
        raise RestError(404, "rest_post_invalid_parent", "Invalid post parent ID.")
    if not call.login:
        raise refuse("rest_cannot_read", "view revisions of this post")
    return post


def _no_such_page(what: str) -> RestError:
    message = "The page number requested is larger than the number of pages available."
    return RestError(400, f"rest_{what}_invalid_page_number", message)


_ALL_USERS: Mapping[str, Value] = {"order": "asc", "orderby": "id"}
_ROUTES: tuple[tuple[re.Pattern[str], Callable[..., Reply]], ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        (r"/", index),
        (r"/wp/v2", namespace),
        (r"/wp/v2/(posts|pages|media)", _posts),
        (r"/wp/v2/(posts|pages|media)/(\d+)", _post),
        (r"/wp/v2/(posts|pages)/(\d+)/revisions", _revisions),
        (r"/wp/v2/(posts|pages)/(\d+)/revisions/(\d+)", _revision),
        (r"/wp/v2/comments", _comments),
        (r"/wp/v2/comments/(\d+)", _comment),
        (r"/wp/v2/users", _users),
        (r"/wp/v2/users/me", _me),
        (r"/wp/v2/users/(\d+)", _user),
    )
)
