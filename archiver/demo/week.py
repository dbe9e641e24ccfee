"""One eventful week on the blog: edits, hides, deletions, additions, and what each means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.blog import Blog
    from archiver.demo.things import Post

__all__ = ["Changes", "spend"]

Changes = dict[str, dict[str, str]]
"""Stream -> native id -> kind of the observation that the change leads to."""


def spend(blog: Blog) -> Changes:
    """Let the week happen to ``blog`` and return everything that changed in it.

    Edits make revisions, and so does the trash for a post that was never edited; they are
    named ``post/revision/number``. The comment with the telephone number is left as it is.
    """
    comments: dict[str, str] = {}
    before = _revisions(blog)
    changes: Changes = {
        Stream.POSTS: _posts(blog, comments),
        Stream.PAGES: _pages(blog),
        Stream.COMMENTS: comments | _comments(blog),
        Stream.SUBSCRIBERS: _subscribers(blog),
        Stream.MEDIA: _media(blog),
    }
    after = _revisions(blog)
    for name in sorted(after.keys() - before.keys()):
        changes[after[name]][name] = Kind.PRESENT
    for name in sorted(before.keys() - after.keys()):
        changes[before[name]][name] = Kind.DELETED
    return changes


def _revisions(blog: Blog) -> dict[str, str]:
    """Return the stream of every revision, by the revision's name."""
    streams = {"post": Stream.POSTS, "page": Stream.PAGES}
    return {
        f"{revision.parent}/revision/{revision.id}": streams[blog.posts[revision.parent].kind]
        for revision in blog.revisions.values()
    }


def _posts(blog: Blog, comments: dict[str, str]) -> dict[str, str]:
    """Edit two posts, publish two, trash one, and delete one with its ``comments``."""
    shown = [p for p in blog.posts.values() if p.kind == "post" and p.status == "publish"]
    edited, retitled = shown[1], shown[9]
    blog.edit_post(edited.id, text=f"{edited.text}\n\nThe hearing is now at 6:30 p.m.")
    blog.edit_post(retitled.id, title=f"{retitled.title}: postponed")
    new = [blog.publish("Ferry Street culvert repaired", "The road is open again. 🎉")]
    new.append(blog.publish("Zebranie po polsku", "W czwartek o 18:00 w bibliotece.", author=4))
    silent = blog.trash_post(next(p for p in shown[10:] if not _talk(blog, p)).id)
    spoken = next(p for p in shown[10:] if 0 < len(_talk(blog, p)) < 4)  # noqa: PLR2004 - few
    comments |= {str(number): Kind.DELETED for number in _talk(blog, spoken)}
    blog.delete_post(spoken.id)
    return {
        str(edited.id): Kind.EDITED,
        str(retitled.id): Kind.EDITED,
        **{str(post.id): Kind.PRESENT for post in new},
        str(silent.id): Kind.REMOVED,
        str(spoken.id): Kind.DELETED,
    }


def _talk(blog: Blog, post: Post) -> list[int]:
    return [comment.id for comment in blog.comments.values() if comment.post == post.id]


def _pages(blog: Blog) -> dict[str, str]:
    page = next(p for p in blog.posts.values() if p.kind == "page")
    blog.edit_post(page.id, text=f"{page.text} City hall closes at 4 p.m. on Fridays.")
    return {str(page.id): Kind.EDITED}


def _comments(blog: Blog) -> dict[str, str]:
    """Edit three comments, moderate six, delete two, bring three back, write four."""
    quiet = _unanswered(blog)
    edited = [blog.edit_comment(next(quiet), f"Edited: {texts.MIDDLES[n]}") for n in range(3)]
    held = [blog.hold_comment(next(quiet)) for _ in range(2)]
    spam = [blog.spam(next(quiet)) for _ in range(2)]
    trashed = [blog.trash_comment(next(quiet)) for _ in range(2)]
    gone = [blog.delete_comment(next(quiet)) for _ in range(2)]
    rescued = [blog.restore(_with_status(blog, status)) for status in ("trash", "spam")]
    approved = [blog.restore(_with_status(blog, "hold", skip=held[0].id))]
    post = blog.comments[next(quiet)].post
    new = [blog.comment(post, texts.WHOLE_COMMENTS[n], user=5 + n) for n in range(3)]
    new.append(blog.comment(post, "¡Gracias!", user=9, parent=new[0].id))
    outcomes = (
        (edited, Kind.EDITED),
        (held, Kind.HELD),
        (spam, Kind.HIDDEN),
        (trashed, Kind.REMOVED),
        (gone, Kind.DELETED),
        (rescued, Kind.RESTORED),
        (approved + new, Kind.PRESENT),
    )
    return {str(comment.id): kind for some, kind in outcomes for comment in some}


def _unanswered(blog: Blog) -> Iterator[int]:
    """Yield approved comments that nobody answered, spread over the whole year."""
    answered = {comment.parent for comment in blog.comments.values()}
    quiet = [
        comment.id
        for comment in blog.comments.values()
        if comment.status == "approved"
        and comment.id not in answered
        and texts.PHONE not in comment.text
    ]
    return iter(quiet[3::7])


def _with_status(blog: Blog, status: str, *, skip: int = 0) -> int:
    """Return the first comment in ``status``."""
    return next(c.id for c in blog.comments.values() if c.status == status and c.id != skip)


def _subscribers(blog: Blog) -> dict[str, str]:
    leaving = next(u.id for u in blog.users.values() if u.role == "subscriber")
    blog.remove_user(leaving)
    new = (blog.add_user("ines", "Inés Caldera"), blog.add_user("kuba", "Jakub Wrona"))
    return {str(leaving): Kind.DELETED, **{str(user.id): Kind.PRESENT for user in new}}


def _media(blog: Blog) -> dict[str, str]:
    old = next(p for p in blog.posts.values() if p.kind == "attachment")
    blog.remove_media(old.id)
    new = blog.upload("Repaired culvert", "A new concrete pipe under Ferry Street")
    return {str(old.id): Kind.DELETED, str(new.id): Kind.PRESENT}
