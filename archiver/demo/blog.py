"""A WordPress blog's content, and what people do to it.

Each verb changes the content as WordPress 6.1 changes its database (measured on one),
including what happens on the side. The blog has its own clock, which every verb moves
forward, so that the same verbs always make the same blog.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from archiver.demo.picture import striped_png
from archiver.demo.things import Comment, Post, Revision, User
from archiver.errors import UsageError

__all__ = ["Blog", "slug"]

OPENED = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
_STEP = timedelta(minutes=17)


def slug(title: str) -> str:
    """Return a title as WordPress spells it in addresses: ASCII, lower case, hyphens."""
    plain = unicodedata.normalize("NFKD", title.replace("ł", "l").replace("Ł", "L"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\s_-]+", "-", re.sub(r"[^\w\s-]", "", ascii_only)).strip("-")


class Blog:
    """Posts, pages, files, revisions, comments and users, each by number.

    ``now`` is the blog's clock. Verbs return what they made or changed, and raise
    `UsageError` for a number that is not there.
    """

    def __init__(self) -> None:
        self.now = OPENED
        self.posts: dict[int, Post] = {}
        self.revisions: dict[int, Revision] = {}
        self.comments: dict[int, Comment] = {}
        self.users: dict[int, User] = {}
        self._last_post = self._last_comment = self._last_user = 0

    # ── Posts and pages ──────────────────────────────────────────────────────────────
    def publish(
        self,
        title: str,
        text: str,
        *,
        author: int = 1,
        status: str = "publish",
        kind: str = "post",
        date: datetime | None = None,
    ) -> Post:
        """Write a post (or ``kind`` page) in ``status``, dated now unless ``date`` is given."""
        when = date or self._tick()
        name = "" if status in {"draft", "pending"} else self._free_slug(title)
        self._last_post += 1
        post = Post(self._last_post, kind, status, title, text, name, author, when, when)
        self.posts[post.id] = post
        return post

    def edit_post(self, number: int, *, title: str = "", text: str = "") -> Revision:
        """Give a post or page a new title, text or both; WordPress keeps the new text."""
        post = self.post(number)
        post.title, post.text = title or post.title, text or post.text
        post.modified = self._tick()
        return self._keep_revision(post)

    def trash_post(self, number: int) -> Post:
        """Move a post to the trash; its comments can then only be seen as ``post-trashed``.

        A post that was never edited gets its first revision by this.
        """
        post = self.post(number)
        post.status, post.slug = "trash", f"{post.slug}__trashed"
        post.modified = self._tick()
        if not any(revision.parent == number for revision in self.revisions.values()):
            self._keep_revision(post)
        for comment in self._comments_on(number):
            comment.status = "post-trashed"
        return post

    def delete_post(self, number: int) -> Post:
        """Delete a post or page for good, with its revisions and comments; files stay."""
        post = self.post(number)
        self._tick()
        for comment in self._comments_on(number):
            del self.comments[comment.id]
        for revision in [r for r in self.revisions.values() if r.parent == number]:
            del self.revisions[revision.id]
        for child in [p for p in self.posts.values() if p.parent == number]:
            child.parent = post.parent
        del self.posts[number]
        return post

    # ── Files ────────────────────────────────────────────────────────────────────────
    def upload(self, title: str, alt_text: str, *, parent: int = 0, author: int = 1) -> Post:
        """Upload a new small picture, attached to the post ``parent``."""
        medium = self.publish(title, "", kind="attachment", status="inherit", author=author)
        medium.file = striped_png(medium.id)
        medium.path = f"{medium.date:%Y/%m}/{medium.slug}.png"
        medium.parent, medium.alt_text = parent, alt_text
        return medium

    def remove_media(self, number: int) -> Post:
        """Delete an uploaded file for good: WordPress has no trash for files."""
        return self.delete_post(number)

    # ── Comments ─────────────────────────────────────────────────────────────────────
    def comment(
        self, post: int, text: str, *, user: int = 0, name: str = "", parent: int = 0
    ) -> Comment:
        """Leave a comment on ``post``, by ``user`` or by a guest of that ``name``."""
        who = self.users.get(user)
        name = who.name if who else name
        email = who.email if who else f"{slug(name)}@mail.example"
        self._last_comment += 1
        number, when = self._last_comment, self._tick()
        self.post(post)
        made = Comment(number, post, parent, user, name, email, when, text, "approved")
        self.comments[number] = made
        return made

    def edit_comment(self, number: int, text: str) -> Comment:
        """Change what a comment says. WordPress leaves no trace of it but the text."""
        self._tick()
        comment = self.comment_by_number(number)
        comment.text = text
        return comment

    def hold_comment(self, number: int) -> Comment:
        """Hide a comment until a moderator decides."""
        return self._moderate(number, "hold")

    def spam(self, number: int) -> Comment:
        """Mark a comment as spam."""
        return self._moderate(number, "spam")

    def trash_comment(self, number: int) -> Comment:
        """Move a comment to the trash."""
        return self._moderate(number, "trash")

    def restore(self, number: int) -> Comment:
        """Approve a comment that was held, marked as spam or in the trash."""
        return self._moderate(number, "approved")

    def delete_comment(self, number: int) -> Comment:
        """Delete a comment for good; answers to it move up to its parent."""
        comment = self.comment_by_number(number)
        self._tick()
        for answer in [c for c in self.comments.values() if c.parent == number]:
            answer.parent = comment.parent
        return self.comments.pop(number)

    # ── People ───────────────────────────────────────────────────────────────────────
    def add_user(self, login: str, name: str, *, role: str = "subscriber") -> User:
        """Make an account."""
        self._last_user += 1
        email = f"{login}@{'quillwater' if role != 'subscriber' else 'mail'}.example"
        user = User(self._last_user, login, name, email, role, self._tick())
        self.users[user.id] = user
        return user

    def remove_user(self, number: int, *, heir: int = 1) -> User:
        """Delete an account; posts go to ``heir``, comments keep the dead number."""
        if number not in self.users:
            raise UsageError("the stand-in blog has no such user", where=str(number))
        self._tick()
        for post in [p for p in self.posts.values() if p.author == number]:
            post.author = heir
        return self.users.pop(number)

    # ── Looking things up ────────────────────────────────────────────────────────────
    def post(self, number: int) -> Post:
        """Return a post, page or file."""
        if number not in self.posts:
            raise UsageError("the stand-in blog has no such post", where=str(number))
        return self.posts[number]

    def comment_by_number(self, number: int) -> Comment:
        """Return a comment."""
        if number not in self.comments:
            raise UsageError("the stand-in blog has no such comment", where=str(number))
        return self.comments[number]

    def _keep_revision(self, post: Post) -> Revision:
        self._last_post += 1
        number = self._last_post
        kept = Revision(number, post.id, post.author, post.modified, post.title, post.text)
        self.revisions[number] = kept
        return kept

    def _comments_on(self, post: int) -> list[Comment]:
        return [comment for comment in self.comments.values() if comment.post == post]

    def _moderate(self, number: int, status: str) -> Comment:
        comment = self.comment_by_number(number)
        self._tick()
        comment.status = status
        return comment

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now

    def _free_slug(self, title: str) -> str:
        """Return the slug of a title, with a number where it is taken already."""
        taken = {post.slug for post in self.posts.values()}
        wanted = free = slug(title)
        count = 1
        while free in taken:
            count += 1
            free = f"{wanted}-{count}"
        return free
