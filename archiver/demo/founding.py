"""Fills an empty blog with ten months of a city's life, the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.blog import OPENED, slug

if TYPE_CHECKING:
    from archiver.demo.blog import Blog
    from archiver.demo.things import Comment, Post

__all__ = ["found", "written"]

POSTS = 56
"""Published posts; drafts and the like come on top."""
SCHEDULED = datetime(2036, 7, 4, 15, 0, tzinfo=UTC)
"""Far enough ahead to stay scheduled."""
_MONTHS = ("January", "March", "April", "June", "September", "October")
_FLOODED = 5
"""Which post the comment with the telephone number stands under."""


def found(blog: Blog) -> None:
    """Fill ``blog`` with people, pages, posts, files, comments, edits and moderation."""
    _people(blog)
    for title, text in texts.PAGES:
        blog.publish(title, text, kind="page")
    posts = [_month(blog, number) for number in range(POSTS)]
    _unpublished(blog)
    for number, (title, alt_text) in enumerate(texts.PICTURES):
        blog.upload(title, alt_text, parent=posts[number * 3].id if number % 2 else 0)
    _edits(blog, posts)
    _moderation(blog)


def written(number: int, name: str = "") -> str:
    """Return the text of comment ``number``; with a ``name``, as an answer to that person."""
    if name:
        answer = texts.REPLIES[number % len(texts.REPLIES)]
        return f"{answer.format(name=name)} {texts.MIDDLES[number % len(texts.MIDDLES)]}"
    if number % 6 == 5:  # noqa: PLR2004 - every sixth comment is one of those written whole
        return texts.WHOLE_COMMENTS[number // 6 % len(texts.WHOLE_COMMENTS)]
    parts = (texts.OPENERS, texts.MIDDLES, texts.CLOSERS)
    return " ".join(part[number % len(part)] for part in parts)


def _people(blog: Blog) -> None:
    for login, name, role in texts.STAFF:
        blog.add_user(login, name, role=role)
    for name in texts.RESIDENTS:
        blog.add_user(slug(name), name)


def _month(blog: Blog, number: int) -> Post:
    """Publish one post and let residents comment on it."""
    blog.now = OPENED + timedelta(days=1 + 5 * number)
    title, text = texts.TOPICS[number % len(texts.TOPICS)]
    blanks = {
        "street": texts.STREETS[number % len(texts.STREETS)],
        "other": texts.STREETS[(number * 3 + 4) % len(texts.STREETS)],
        "month": _MONTHS[number % len(_MONTHS)],
        "day": str(1 + number * 11 % 28),
        "phone": f"555-01{10 + number % 30}",
    }
    author = 1 + number % len(texts.STAFF)
    text = text.format(**blanks)
    if number % 4 == 0:
        text = _as_blocks(text)
    post = blog.publish(title.format(**blanks), text, author=author)
    for turn in range(number * 5 % 7):
        _conversation(blog, post.id, turn)
    if number == _FLOODED:
        blog.comment(post.id, texts.PHONE_COMMENT, name=texts.RESIDENTS[0])
    return post


def _as_blocks(text: str) -> str:
    """Return paragraphs as WordPress's block editor saves them."""
    return "\n\n".join(
        f"<!-- wp:paragraph -->\n<p>{paragraph}</p>\n<!-- /wp:paragraph -->"
        for paragraph in text.replace("&", "&amp;").split("\n\n")
    )


def _conversation(blog: Blog, post: int, turn: int) -> None:
    """Let somebody comment, and every third time be answered, and answer back."""
    first = _says(blog, post)
    if turn % 3 == 1:
        answer = _says(blog, post, first)
        _says(blog, post, answer)


def _says(blog: Blog, post: int, before: Comment | None = None) -> Comment:
    number = len(blog.comments)
    name = texts.RESIDENTS[number * 4 % len(texts.RESIDENTS)]
    text = written(number, before.name.split()[0] if before else "")
    parent = before.id if before else 0
    if number % 2:
        return blog.comment(post, text, name=name, parent=parent)
    user = next(user.id for user in blog.users.values() if user.name == name)
    return blog.comment(post, text, user=user, parent=parent)


def _unpublished(blog: Blog) -> None:
    """Write what the public does not see: a draft, a scheduled, a pending … post."""
    blog.publish("Draft: water rates 2027", "Numbers to come.", status="draft")
    blog.publish("Fourth of July parade", "It starts at 10.", status="future", date=SCHEDULED)
    blog.publish("Proposed fence ordinance", "For review.", status="pending", author=3)
    blog.publish("Staff only: radio codes", "See binder 4.", status="private")
    blog.trash_post(blog.publish("Posted by mistake", "Please ignore.").id)


def _edits(blog: Blog, posts: list[Post]) -> None:
    for post in posts[::6]:
        blog.edit_post(post.id, text=f"{post.text}\n\nUpdate: the time has been corrected.")
    for post in posts[::12]:
        blog.edit_post(post.id, title=f"{post.title} (corrected)")


def _moderation(blog: Blog) -> None:
    """Hold, mark as spam and trash some of the comments that nobody answered."""
    answered = {comment.parent for comment in blog.comments.values()}
    for comment in [c for c in blog.comments.values() if c.id not in answered]:
        if texts.PHONE in comment.text:
            continue
        if comment.id % 13 == 0:
            advert = texts.SPAM[comment.id % len(texts.SPAM)]
            blog.edit_comment(comment.id, f"{advert} (offer {comment.id})")
            blog.spam(comment.id)
        elif comment.id % 11 == 0:
            blog.hold_comment(comment.id)
        elif comment.id % 17 == 0:
            blog.trash_comment(comment.id)
