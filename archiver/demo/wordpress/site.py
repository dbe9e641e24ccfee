"""A blog at an address, and the addresses of what is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from archiver.demo.blog import Blog
    from archiver.demo.things import Post

__all__ = ["COLLECTIONS", "Site"]

COLLECTIONS = {"post": "posts", "page": "pages", "attachment": "media"}
"""Kind of a post -> its collection in the REST API."""
_HIDDEN = frozenset({"draft", "pending", "future", "trash"})


class Site(NamedTuple):
    """A blog at an address, shown in a context: ``view``, ``embed`` or ``edit``.

    ``answered`` are the comments with answers that readers see, where somebody has looked.
    """

    blog: Blog
    base: str
    context: str = "view"
    answered: frozenset[int] | None = None

    @property
    def edit(self) -> bool:
        """Whether what only editors see is shown."""
        return self.context == "edit"

    def api(self, path: str) -> str:
        """Return the address of a path below ``wp/v2``."""
        return f"{self.base}/wp-json/wp/v2/{path}"

    def item(self, post: Post) -> str:
        """Return the address of a post, page or file in the API."""
        return self.api(f"{COLLECTIONS[post.kind]}/{post.id}")

    def page(self, post: Post) -> str:
        """Return the address where people read a post, page or file."""
        if post.status in _HIDDEN:
            return f"{self.base}/?p={post.id}"
        parent = self.blog.posts.get(post.parent)
        above = f"{parent.slug}/" if parent and parent.status == "publish" else ""
        return f"{self.base}/{above}{post.slug}/"

    def guid(self, post: Post) -> str:
        """Return the identifier that WordPress gave a post when it was made."""
        if post.kind == "attachment":
            return self.file(post)
        name = "page_id" if post.kind == "page" else "p"
        return f"{self.base}/?{name}={post.id}"

    def file(self, post: Post) -> str:
        """Return the address of an uploaded file itself."""
        return f"{self.base}/wp-content/uploads/{post.path}"
