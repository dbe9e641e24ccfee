"""What WordPress really holds: read from its own tables and files, never through REST.

Everything in `Truth` is what an administrator's REST listings with ``context=edit`` can
show. What they cannot show is left out by name, in `UNSEEN`; `left_out` finds any row that
is neither, so that the truth cannot be short without anybody noticing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.real.wordpress.server import WordPress

__all__ = ["UNSEEN", "Comment", "Media", "Post", "Revision", "Truth", "User", "left_out", "read"]

UNSEEN = {
    "auto-draft": "an editor's blank page: a row without content, deleted after a week",
    "customize_changeset": "the theme customizer's working copy; no REST route",
    "custom_css": "the theme's own style sheet; no REST route",
    "nav_menu_item": "an entry of a menu; has routes of its own, not content",
    "oembed_cache": "a cached answer of another site; no REST route",
    "user_request": "a request for export or erasure of personal data; no REST route",
    "wp_block": "a reusable block; has routes of its own, shown inside the posts that use it",
    "wp_global_styles": "the theme's settings; has routes of its own, not content",
    "wp_navigation": "a menu; has routes of its own, not content",
    "wp_template": "a theme's template; has routes of its own, not content",
    "wp_template_part": "a theme's template; has routes of its own, not content",
}
"""Post types and states that no listing of posts, pages, revisions or media shows, and why.

Revisions of these types are left out with them.
"""

SHOWN = "('publish','future','draft','pending','private','trash')"
MODIFIED = "if(post_modified_gmt = 0, post_modified, post_modified_gmt)"
"""A draft without a date has no ``post_modified_gmt``; REST shows its local time, here UTC."""
COMMENT_STATES = {"1": "approve", "0": "hold"}
"""How the database spells two states; the others are spelt the same as in REST."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post or page. Times are UTC, ``YYYY-MM-DD HH:MM:SS``; ``type`` is post or page."""

    type: str
    status: str
    title: str
    content: str
    excerpt: str
    author: int
    parent: int
    password: str
    slug: str
    modified_gmt: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One stored version of a post or page, autosaves too (``slug`` tells them apart)."""

    post: int
    title: str
    content: str
    author: int
    slug: str
    modified_gmt: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, pingback or trackback; ``status``: approve hold spam trash post-trashed."""

    post: int
    parent: int
    status: str
    type: str
    author: int
    author_name: str
    author_email: str
    author_url: str
    author_ip: str
    content: str
    date_gmt: str


@dataclass(frozen=True, slots=True)
class User:
    """An account; ``registered`` is UTC."""

    login: str
    display_name: str
    email: str
    url: str
    roles: tuple[str, ...]
    registered: str


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file; ``file`` is relative to the uploads folder, ``sha256`` hexadecimal."""

    status: str
    file: str
    sha256: str
    size: int
    mime_type: str
    title: str
    alt_text: str
    caption: str
    post: int
    author: int


@dataclass(frozen=True, slots=True)
class Truth:
    """All there is, by stream and id."""

    posts: dict[int, Post]
    pages: dict[int, Post]
    revisions: dict[int, Revision]
    comments: dict[int, Comment]
    users: dict[int, User]
    media: dict[int, Media]


def read(wp: WordPress) -> Truth:
    """Read everything, now."""
    return Truth(
        posts=_posts(wp, "post"),
        pages=_posts(wp, "page"),
        revisions=_revisions(wp),
        comments=_comments(wp),
        users=_users(wp),
        media=_media(wp),
    )


def left_out(wp: WordPress) -> dict[int, str]:
    """Return every row of wp_posts that is not in `read`: id -> its key in `UNSEEN`.

    A row that `UNSEEN` does not explain has ``type/status`` there instead of a key.
    """
    truth = read(wp)
    seen = {*truth.posts, *truth.pages, *truth.revisions, *truth.media}
    rows = wp.sql(
        "select p.ID id, p.post_type type, p.post_status status, ifnull(o.post_type, '') owner"
        " from wp_posts p left join wp_posts o on p.post_type = 'revision' and o.ID = p.post_parent"
    )
    return {int(row["id"]): _reason(row) for row in rows if int(row["id"]) not in seen}


def _reason(row: dict[str, str]) -> str:
    for key in (row["status"], row["type"], row["owner"]):
        if key in UNSEEN:
            return key
    return f"{row['type']}/{row['status']}"


def _posts(wp: WordPress, kind: str) -> dict[int, Post]:
    rows = wp.sql(
        "select ID id, post_type type, post_status status, post_title title,"  # noqa: S608 - ours
        " post_content content, post_excerpt excerpt, post_author author, post_parent parent,"
        f" post_password password, post_name slug, {MODIFIED} modified_gmt"
        f" from wp_posts where post_type = '{kind}' and post_status in {SHOWN}"
    )
    return {
        int(row.pop("id")): Post(
            author=int(row.pop("author")), parent=int(row.pop("parent")), **row
        )
        for row in rows
    }


def _revisions(wp: WordPress) -> dict[int, Revision]:
    rows = wp.sql(
        "select r.ID id, r.post_parent post, r.post_title title,"  # noqa: S608 - no outside text
        " r.post_content content,"
        " r.post_author author, r.post_name slug, r.post_modified_gmt modified_gmt"
        " from wp_posts r join wp_posts p on p.ID = r.post_parent"
        " where r.post_type = 'revision' and r.post_status = 'inherit'"
        f" and p.post_type in ('post','page') and p.post_status in {SHOWN}"
    )
    return {
        int(row.pop("id")): Revision(
            post=int(row.pop("post")), author=int(row.pop("author")), **row
        )
        for row in rows
    }


def _comments(wp: WordPress) -> dict[int, Comment]:
    rows = wp.sql(
        "select comment_ID id, comment_post_ID post, comment_parent parent,"
        " comment_approved status, comment_type type, user_id author,"
        " comment_author author_name, comment_author_email author_email,"
        " comment_author_url author_url, comment_author_IP author_ip,"
        " comment_content content, comment_date_gmt date_gmt from wp_comments"
    )
    return {
        int(row.pop("id")): Comment(
            post=int(row.pop("post")),
            parent=int(row.pop("parent")),
            author=int(row.pop("author")),
            status=COMMENT_STATES.get(state := row.pop("status"), state),
            **row,
        )
        for row in rows
    }


def _users(wp: WordPress) -> dict[int, User]:
    rows = wp.sql(
        "select ID id, user_login login, display_name, user_email email, user_url url,"
        " user_registered registered, ifnull(meta_value, '') roles from wp_users"
        " left join wp_usermeta on user_id = ID and meta_key = 'wp_capabilities'"
    )
    return {
        int(row.pop("id")): User(
            # A serialised PHP array of role name => true.
            roles=tuple(re.findall(r's:\d+:"([^"]+)";b:1', row.pop("roles"))),
            **row,
        )
        for row in rows
    }


def _media(wp: WordPress) -> dict[int, Media]:
    rows = wp.sql(
        "select ID id, post_status status, post_mime_type mime_type, post_title title,"
        " post_excerpt caption, post_parent post, post_author author,"
        " ifnull(f.meta_value, '') file, ifnull(a.meta_value, '') alt_text from wp_posts"
        " left join wp_postmeta f on f.post_id = ID and f.meta_key = '_wp_attached_file'"
        " left join wp_postmeta a on a.post_id = ID and a.meta_key = '_wp_attachment_image_alt'"
        " where post_type = 'attachment' and post_status in ('inherit','private','trash')"
    )
    return {int(row.pop("id")): _medium(wp, row) for row in rows}


def _medium(wp: WordPress, row: dict[str, str]) -> Media:
    data = (wp.site / "wp-content" / "uploads" / row["file"]).read_bytes()
    return Media(
        post=int(row.pop("post")),
        author=int(row.pop("author")),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        **row,
    )
