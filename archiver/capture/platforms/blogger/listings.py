"""What to ask of Blogger: the blog by its address, then everything by the blog's id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.blogger.addresses import api
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = ["direct", "listings", "of_blog"]

NEWEST = " newest"
_MOST = "100"
_POSTS = ("LIVE", "DRAFT", "SCHEDULED", "SOFT_TRASHED")
_PAGES = ("LIVE", "DRAFT", "SOFT_TRASHED")
_COMMENTS = ("LIVE", "EMPTIED", "PENDING", "SPAM")
"""All states that the API knows (enums of posts.list, pages.list and comments.listByBlog)."""


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what can be asked before the blog's id is known; nothing without a login."""
    if not site.authorised:
        return ()
    suffix = NEWEST if mode == "incremental" else ""
    parts = urlsplit(site.url)
    front = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    request = api(site, "blogs/byurl", url=front, view="ADMIN")
    name = f"blog{suffix}"
    return (
        Listing(name, Stream.PROFILE, request, Sensitivity.PRIVATE, "blog", exhaustive=False),
    )  # fmt: skip


def of_blog(site: Site, listing: Listing, blog: str) -> tuple[Follow, ...]:
    """Return what goes by the blog's id: posts, pages, comments, how often it was seen.

    Posts are listed by the time of their last change in an incremental run: so an edited old
    one comes first, like a new one.
    """
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    order = "UPDATED" if suffix else "PUBLISHED"
    asked = {
        "posts": (Stream.POSTS, api(
            site, f"blogs/{blog}/posts", *_POSTS, view="ADMIN", orderBy=order, maxResults=_MOST,
            fetchBodies="true", fetchImages="true",
        )),
        "pages": (Stream.PAGES, api(
            site, f"blogs/{blog}/pages", *_PAGES, view="ADMIN", maxResults=_MOST,
            fetchBodies="true",
        )),
        "comments": (Stream.COMMENTS, api(
            site, f"blogs/{blog}/comments", *_COMMENTS, maxResults=_MOST, fetchBodies="true",
        )),
    }  # fmt: skip
    return tuple(
        Follow(
            "listing", stream, always=True,
            listing=Listing(
                name + suffix, stream, request, Sensitivity.PRIVATE, name,
                newest_first=bool(suffix) and name == "posts",
            ),
        )
        for name, (stream, request) in asked.items()
    )  # fmt: skip


_POST = re.compile("([0-9]+)-([0-9]+)")
_COMMENT = re.compile("([0-9]+)-([0-9]+)-([0-9]+)")
_FORMS = {
    Stream.POSTS: (_POST, "blogs/{0}/posts/{1}"),
    Stream.PAGES: (_POST, "blogs/{0}/pages/{1}"),
    Stream.COMMENTS: (_COMMENT, "blogs/{0}/posts/{1}/comments/{2}"),
}
"""What asks for one thing, by the form of its id, in which those stand that it goes by."""


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one post, page or comment; None for what has none of its own."""
    form, path = _FORMS.get(Stream(stream), (_POST, ""))
    found = form.fullmatch(native_id)
    if found is None or not path or not native_id.isascii():
        return None
    return api(site, path.format(*found.groups()), view="ADMIN")
