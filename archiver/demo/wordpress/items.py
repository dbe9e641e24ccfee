"""Posts, comments, users, files and revisions as WordPress's REST API spells them.

Member names, their order and their types are those of WordPress 6.1.9, in the contexts
``view``, ``embed`` and ``edit``.
"""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING

from archiver.demo.blog import slug
from archiver.demo.picture import HEIGHT, WIDTH
from archiver.demo.wordpress.links import comment_links, post_links, revision_links, user_links
from archiver.demo.wordpress.parameters import LOCAL
from archiver.demo.wordpress.roles import capabilities
from archiver.demo.wordpress.text import excerpt, paragraphs, texturize

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.things import Comment, Post, Revision, User
    from archiver.demo.wordpress.site import Site

__all__ = ["Json", "comment_item", "post_item", "revision_item", "user_item"]

Json = dict[str, object]

_EDIT_ONLY = """
password permalink_template generated_slug missing_image_sizes author_email author_ip
author_user_agent username first_name last_name email locale nickname roles registered_date
capabilities extra_capabilities
"""
_RAW = frozenset({"raw", "block_version"})
_EMBED = {
    "post": "id date slug type link title excerpt author featured_media",
    "page": "id date slug type link title excerpt author featured_media",
    "attachment": "id date slug type link title author caption alt_text media_type mime_type "
    "media_details source_url",
    "comment": "id parent author author_name author_url date content link type author_avatar_urls",
    "user": "id name url description link slug avatar_urls",
    "revision": "author date id parent slug title excerpt",
}
_IMAGE_META: Json = {
    "aperture": "0",
    "credit": "",
    "camera": "",
    "caption": "",
    "created_timestamp": "0",
    "copyright": "",
    "focal_length": "0",
    "iso": "0",
    "shutter_speed": "0",
    "title": "",
    "orientation": "0",
    "keywords": [],
}
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) demo"


def post_item(site: Site, post: Post) -> Json:
    """Return a post, a page or a file."""
    rest = _file(site, post) if post.kind == "attachment" else _article(site, post)
    return _shown(site, post.kind, _head(site, post) | rest) | {"_links": post_links(site, post)}


def revision_item(site: Site, revision: Revision) -> Json:
    """Return one revision of a post or page."""
    guid = f"{site.base}/?p={revision.id}"
    item: Json = {
        "author": revision.author,
        "date": _local(revision.date),
        "date_gmt": _utc(revision.date),
        "id": revision.id,
        "modified": _local(revision.date),
        "modified_gmt": _utc(revision.date),
        "parent": revision.parent,
        "slug": f"{revision.parent}-revision-v1",
        "guid": {"rendered": guid, "raw": guid},
        "title": {"raw": revision.title, "rendered": texturize(revision.title)},
        "content": {"raw": revision.text, "rendered": paragraphs(revision.text)},
        "excerpt": {"raw": "", "rendered": ""},
    }
    return _shown(site, "revision", item) | {"_links": revision_links(site, revision)}


def comment_item(site: Site, comment: Comment) -> Json:
    """Return a comment."""
    item: Json = {
        "id": comment.id,
        "post": comment.post,
        "parent": comment.parent,
        "author": comment.user,
        "author_name": comment.name,
        "author_email": comment.email,
        "author_url": "",
        "author_ip": f"192.0.2.{comment.id % 250 + 1}",  # RFC 5737: for documentation
        "author_user_agent": _AGENT,
        "date": _local(comment.date),
        "date_gmt": _utc(comment.date),
        "content": {"rendered": paragraphs(comment.text), "raw": comment.text},
        "link": f"{site.page(site.blog.post(comment.post))}#comment-{comment.id}",
        "status": comment.status,
        "type": "comment",
        "author_avatar_urls": _avatars(comment.email),
        "meta": [],
    }
    return _shown(site, "comment", item) | {"_links": comment_links(site, comment)}


def user_item(site: Site, user: User) -> Json:
    """Return a user."""
    first, _, last = user.name.partition(" ")
    item: Json = {
        "id": user.id,
        "username": user.login,
        "name": user.name,
        "first_name": first,
        "last_name": last,
        "email": user.email,
        "url": "",
        "description": "",
        "link": f"{site.base}/author/{user.login}/",
        "locale": "en_US",
        "nickname": user.login,
        "slug": user.login,
        "roles": [user.role],
        "registered_date": f"{_utc(user.registered)}+00:00",
        "capabilities": capabilities(user.role),
        "extra_capabilities": {user.role: True},
        "avatar_urls": _avatars(user.email),
        "meta": {"persisted_preferences": []} if site.edit else [],
    }
    return _shown(site, "user", item) | {"_links": user_links(site, user)}


def _head(site: Site, post: Post) -> Json:
    """Return the members that posts, pages and files begin with."""
    password = {} if post.kind == "attachment" else {"password": ""}
    private = "Private: " if post.status == "private" else ""
    return {
        "id": post.id,
        "date": _local(post.date),
        "date_gmt": _utc(post.date),
        "guid": {"rendered": site.guid(post), "raw": site.guid(post)},
        "modified": _local(post.modified),
        "modified_gmt": _utc(post.modified),
        **password,
        "slug": post.slug,
        "status": post.status,
        "type": post.kind,
        "link": site.page(post),
        "title": {"raw": post.title, "rendered": private + texturize(post.title)},
    }


def _article(site: Site, post: Post) -> Json:
    """Return the further members of a post or page."""
    page = post.kind == "page"
    place = {"parent": post.parent, "menu_order": 0} if page else {}
    comments = "closed" if page else "open"
    last = {} if page else {"categories": [1], "tags": []}
    blocks = int("<!-- wp:" in post.text)
    return {
        "content": {
            "raw": post.text,
            "rendered": paragraphs(post.text),
            "protected": False,
            "block_version": blocks,
        },
        "excerpt": {"raw": "", "rendered": excerpt(post.text), "protected": False},
        "author": post.author,
        "featured_media": 0,
        **place,
        "comment_status": comments,
        "ping_status": comments,
        **({} if page else {"sticky": False}),
        "template": "",
        **({} if page else {"format": "standard"}),
        "meta": [],
        **last,
        "permalink_template": f"{site.base}/%{'pagename' if page else 'postname'}%/",
        "generated_slug": post.slug or slug(post.title),
    }


def _file(site: Site, post: Post) -> Json:
    """Return the further members of an uploaded picture."""
    url = site.file(post)
    shown = f'<p class="attachment"><a href=\'{url}\'><img src="{url}" /></a></p>\n'
    return {
        "author": post.author,
        "comment_status": "open",
        "ping_status": "closed",
        "template": "",
        "meta": [],
        "permalink_template": f"{site.base}/?attachment_id={post.id}",
        "generated_slug": post.slug,
        "description": {"raw": post.text, "rendered": shown + paragraphs(post.text)},
        "caption": {"raw": "", "rendered": ""},
        "alt_text": post.alt_text,
        "media_type": "image",
        "mime_type": "image/png",
        "media_details": {
            "width": WIDTH,
            "height": HEIGHT,
            "file": post.path,
            "filesize": len(post.file),
            "sizes": {},
            "image_meta": _IMAGE_META,
        },
        "post": post.parent or None,
        "source_url": url,
        "missing_image_sizes": [],
    }


def _shown(site: Site, kind: str, item: Json) -> Json:
    """Return what of an item the site's context shows."""
    if site.edit:
        return item
    names = _EMBED[kind].split() if site.context == "embed" else item.keys() - _EDIT_ONLY.split()
    return {name: _plain(value) for name, value in item.items() if name in names}


def _plain(value: object) -> object:
    """Return a member without what only editors see of it."""
    if isinstance(value, dict) and "raw" in value:
        return {name: part for name, part in value.items() if name not in _RAW}
    return value


def _local(when: datetime) -> str:
    return f"{when.astimezone(LOCAL):%Y-%m-%dT%H:%M:%S}"


def _utc(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}"


def _avatars(email: str) -> dict[str, str]:
    """Return Gravatar's addresses of a face, made of a digest of the e-mail address."""
    digest = md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
    host = f"http://{int(digest[0], 16) % 3}.gravatar.com/avatar/{digest}"
    return {size: f"{host}?s={size}&d=mm&r=g" for size in ("24", "48", "96")}
