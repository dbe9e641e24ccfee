"""The ``_links`` of each item of WordPress's REST API, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo.wordpress.site import COLLECTIONS

if TYPE_CHECKING:
    from archiver.demo.blog import Blog
    from archiver.demo.things import Comment, Post, Revision, User
    from archiver.demo.wordpress.site import Site

__all__ = ["answered", "comment_links", "post_links", "revision_links", "user_links"]

Links = dict[str, list[dict[str, object]]]

_CURIES: Links = {
    "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
}
_ACTIONS = {
    "post": "publish unfiltered-html sticky assign-author create-categories assign-categories "
    "create-tags assign-tags",
    "page": "publish unfiltered-html assign-author",
    "attachment": "unfiltered-html assign-author",
}


def post_links(site: Site, post: Post) -> Links:
    """Return the links of a post, page or file."""
    me, collection = site.item(post), COLLECTIONS[post.kind]
    links: Links = {
        "self": [{"href": me}],
        "collection": [{"href": site.api(collection)}],
        "about": [{"href": site.api(f"types/{post.kind}")}],
        "author": [_embeddable(site.api(f"users/{post.author}"))],
        "replies": [_embeddable(site.api(f"comments?post={post.id}"))],
    }
    if post.kind != "attachment":
        links |= _history(site, post, me)
        links["wp:attachment"] = [{"href": site.api(f"media?parent={post.id}")}]
    if post.kind == "post":
        links["wp:term"] = [
            {"taxonomy": name, **_embeddable(site.api(f"{path}?post={post.id}"))}
            for name, path in (("category", "categories"), ("post_tag", "tags"))
        ]
    if site.edit:
        links |= {f"wp:action-{act}": [{"href": me}] for act in _ACTIONS[post.kind].split()}
    return links | (_CURIES if any(name.startswith("wp:") for name in links) else {})


def revision_links(site: Site, revision: Revision) -> Links:
    """Return the links of a revision."""
    return {"parent": [{"href": site.item(site.blog.post(revision.parent))}]}


def user_links(site: Site, user: User) -> Links:
    """Return the links of a user."""
    me = site.api(f"users/{user.id}")
    return {"self": [{"href": me}], "collection": [{"href": site.api("users")}]}


def comment_links(site: Site, comment: Comment) -> Links:
    """Return the links of a comment; ``children`` appears with the first answer to it."""
    links: Links = {
        "self": [{"href": site.api(f"comments/{comment.id}")}],
        "collection": [{"href": site.api("comments")}],
    }
    if comment.user:
        links["author"] = [_embeddable(site.api(f"users/{comment.user}"))]
    post = site.blog.post(comment.post)
    up = {"embeddable": True, "post_type": post.kind, "href": site.item(post)}
    links["up"] = [up]
    if comment.parent:
        links["in-reply-to"] = [_embeddable(site.api(f"comments/{comment.parent}"))]
    if comment.id in (answered(site.blog) if site.answered is None else site.answered):
        links["children"] = [_embeddable(site.api(f"comments?parent={comment.id}"))]
    return links


def _history(site: Site, post: Post, me: str) -> Links:
    numbers = [r.id for r in site.blog.revisions.values() if r.parent == post.id]
    links: Links = {"version-history": [{"count": len(numbers), "href": f"{me}/revisions"}]}
    if numbers:
        latest = numbers[-1]
        links["predecessor-version"] = [{"id": latest, "href": f"{me}/revisions/{latest}"}]
    return links


def answered(blog: Blog) -> frozenset[int]:
    """Return the comments that have answers which are approved or held."""
    shown = (one for one in tuple(blog.comments.values()) if one.status in {"approved", "hold"})
    return frozenset(one.parent for one in shown)


def _embeddable(href: str) -> dict[str, object]:
    return {"embeddable": True, "href": href}
