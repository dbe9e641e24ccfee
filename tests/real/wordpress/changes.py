"""One busy day on the blog of `tests.real.wordpress.life`, and exactly what it changed.

`change` writes down what it does as it does it, from the answers of the REST API and from
WordPress's documented rules; it never compares two states of the database. A test that
compares them (`tests.real.wordpress.diff`) therefore checks both.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.real.wordpress import oracle
from tests.real.wordpress.diff import Changes
from tests.real.wordpress.life import call, commenter, upload
from tests.real.wordpress.pictures import png
from tests.real.wordpress.words import article, remark, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from tests.real.wordpress.diff import StreamChanges
    from tests.real.wordpress.oracle import Truth
    from tests.real.wordpress.server import WordPress

__all__ = ["change"]

SEED = 20260401


def change(wp: WordPress) -> Changes:
    """Live the day on a site that `life.found` made; return what changed."""
    with wp.client() as client:
        day = _Day(client, Random(SEED), oracle.read(wp))
        day.edit_posts()
        day.move_posts()
        day.remove_posts()
        day.pages()
        day.moderate()
        day.edit_comments()
        day.remove_comments()
        day.pictures()
        day.add()
        day.people()
    return day.done


class _Day:
    """Picks things nobody has picked yet, acts on them, and notes what that means."""

    def __init__(self, client: httpx.Client, rng: Random, before: Truth) -> None:
        self.client = client
        self.rng = rng
        self.before = before
        self.done = Changes()
        self.revised = set(before.revisions)
        """Revisions known so far."""
        uploaded = {medium.post for medium in before.media.values()}
        self.posts = [
            number
            for number, post in before.posts.items()
            if post.status == "publish" and not post.password and number not in uploaded
        ]
        """Published posts that nothing has happened to; the first ones carry the threads."""
        self.lost_page = max(page.parent for page in before.pages.values())
        """A page with pages below it."""
        self.quiet = [
            number
            for number, comment in before.comments.items()
            if comment.post in {*self.posts[:5], *before.pages} - {self.lost_page}
            and comment.type == "comment"
        ]
        """Comments whose posts stay as they are."""
        self.rng.shuffle(self.quiet)
        self.posts = self.posts[5:]
        self.talked = [post for post in self.posts if self._below(post)]
        self.rng.shuffle(self.talked)

    def edit_posts(self) -> None:
        """Edit nine posts, three of them twice."""
        for number in range(9):
            post = self.talked.pop()
            for version in range(1 + (number < 3)):
                text = f"{article(self.rng, number)}\nCorrected {version}"
                self._post(post, content=text, title=title(self.rng, 500 + number))
            self.done.posts.edited.add(post)

    def move_posts(self) -> None:
        """Publish, withdraw and hide posts, and bring one back from the trash."""
        moves = (
            ("draft", "publish"),
            ("pending", "publish"),
            ("publish", "draft"),
            ("publish", "private"),
            ("private", "publish"),
            ("trash", "publish"),
        )
        for old, new in moves:
            post = self._in_state(old)
            self._post(post, status=new)
            self.done.posts.states[post] = (old, new)

    def remove_posts(self) -> None:
        """Trash three posts and delete two for good, each with all that belongs to it."""
        for _ in range(3):
            post = self.talked.pop()
            self._post(post, method="DELETE")
            self.done.posts.states[post] = ("publish", "trash")
            for number, comment in self._below(post).items():
                self.done.comments.states[number] = (comment.status, "post-trashed")
        illustrated = min(medium.post for medium in self.before.media.values() if medium.post)
        for post in (self.talked.pop(), illustrated):
            call(self.client, f"/posts/{post}?force=true", method="DELETE")
            self.done.posts.deleted.add(post)
            self.done.comments.deleted.update(self._below(post))
            self.done.revisions.deleted |= _where(self.before.revisions, post=post)
            self.done.media.touched |= _where(self.before.media, post=post)

    def pages(self) -> None:
        """Edit a page, and delete one for good; the pages below it move up."""
        page = min(number for number, page in self.before.pages.items() if page.parent)
        self._post(page, route="pages", content=article(self.rng, page))
        self.done.pages.edited.add(page)
        call(self.client, f"/pages/{self.lost_page}?force=true", method="DELETE")
        self.done.pages.deleted.add(self.lost_page)
        self.done.pages.touched |= _where(self.before.pages, parent=self.lost_page)
        self.done.comments.deleted.update(self._below(self.lost_page))
        self.done.revisions.deleted |= _where(self.before.revisions, post=self.lost_page)

    def moderate(self) -> None:
        """Approve, hold, mark and clear comments, and restore one from the trash."""
        moves = (
            *(("hold", "approve"),) * 6,
            *(("approve", "hold"),) * 7,
            *(("approve", "spam"),) * 4,
            *(("hold", "spam"),) * 2,
            *(("spam", "approve"),) * 2,
            *(("approve", "trash"),) * 5,
            ("trash", "approve"),
        )
        for old, new in moves:
            comment = self._comment(old)
            call(self.client, f"/comments/{comment}", status=new)
            self.done.comments.states[comment] = (old, new)

    def edit_comments(self) -> None:
        """Edit ten comments, and an eleventh while holding it."""
        for number in range(10):
            comment = self._comment("approve")
            call(self.client, f"/comments/{comment}", content=remark(self.rng, 1000 + number))
            self.done.comments.edited.add(comment)
        comment = self._comment("approve")
        call(self.client, f"/comments/{comment}", content="I was wrong.", status="hold")
        self.done.comments.edited.add(comment)
        self.done.comments.states[comment] = ("approve", "hold")

    def remove_comments(self) -> None:
        """Delete six comments for good; answers move up to the comment above."""
        parents = {comment.parent for comment in self.before.comments.values()}
        answered = [number for number in self.quiet if number in parents]
        gone = [*answered[:3], self._comment("spam"), self._comment("trash")]
        for comment in gone:
            call(self.client, f"/comments/{comment}?force=true", method="DELETE")
            self.done.comments.deleted.add(comment)
            self.done.comments.touched |= _where(self.before.comments, parent=comment)
        self.done.comments.touched -= self.done.comments.deleted
        self.quiet = [number for number in self.quiet if number not in gone]

    def pictures(self) -> None:
        """Delete a picture, describe another better, upload a third."""
        loose = [number for number, medium in self.before.media.items() if not medium.post]
        call(self.client, f"/media/{loose[0]}?force=true", method="DELETE")
        self.done.media.deleted.add(loose[0])
        call(self.client, f"/media/{loose[1]}", alt_text="A lime tree, not an oak")
        self.done.media.edited.add(loose[1])
        picture = png(self.rng, 40, 40)
        made = upload(self.client, "ribbon.png", picture, alt_text="A ribbon", caption="")
        self.done.media.new.add(made)

    def add(self) -> None:
        """Write four posts, one of them long before today, and fifteen comments."""
        for number in range(4):
            made = call(
                self.client,
                "/posts",
                title=title(self.rng, 900 + number),
                content=article(self.rng, 900 + number),
                status="draft" if number == 2 else "publish",
                **({"date_gmt": "2017-07-07T07:07:07"} if number == 0 else {}),
            )
            self.done.posts.new.add(made["id"])
        for number in range(15):
            above = self._comment("approve")
            made = call(
                self.client,
                "/comments",
                post=self.before.comments[above].post,
                parent=above if number % 2 else 0,
                content=remark(self.rng, 2000 + number),
                status=("approved", "approved", "hold", "spam")[number % 4],
                **commenter(number),
            )
            self.done.comments.new.add(made["id"])

    def people(self) -> None:
        """Two people join, one takes another name, a reader and an author go."""
        for name in ("newcomer", "neighbour"):
            about = {"email": f"{name}@residents.example", "password": f"a password of {name}"}
            made = call(self.client, "/users", username=name, roles=["subscriber"], **about)
            self.done.users.new.add(made["id"])
        by_login = {user.login: number for number, user in self.before.users.items()}
        call(self.client, f"/users/{by_login['resident03']}", name="Chidi O’Dowd-Lis")
        self.done.users.edited.add(by_login["resident03"])
        for login in ("resident11", "parks"):
            self._leave(by_login[login])

    def _leave(self, user: int) -> None:
        """Delete a user; everything they wrote but their comments passes to the first user."""
        call(self.client, f"/users/{user}?force=true&reassign=1", method="DELETE")
        self.done.users.deleted.add(user)
        for name in ("posts", "pages", "revisions", "media"):
            done: StreamChanges = getattr(self.done, name)
            done.touched |= _where(getattr(self.before, name), author=user) - done.deleted

    def _post(self, post: int, *, method: str = "POST", route: str = "posts", **body: str) -> None:
        """Act on a post and note the revisions that WordPress stored because of it."""
        call(self.client, f"/{route}/{post}", method=method, **body)
        kept = call(self.client, f"/{route}/{post}/revisions?per_page=100", method="GET")
        new = {revision["id"] for revision in kept} - self.revised
        self.done.revisions.new |= new
        self.revised |= new

    def _in_state(self, status: str) -> int:
        if status == "publish":
            return self.talked.pop()
        return max(
            number
            for number, post in self.before.posts.items()
            if post.status == status and number not in self.done.posts.states
        )

    def _comment(self, status: str) -> int:
        """Take a comment in that state that nothing has happened to, and will not."""
        number = next(n for n in self.quiet if self.before.comments[n].status == status)
        self.quiet.remove(number)
        return number

    def _below(self, post: int) -> dict[int, oracle.Comment]:
        return {n: c for n, c in self.before.comments.items() if c.post == post}


def _where(things: Mapping[int, Any], **wanted: int) -> set[int]:
    """Return the ids of the things that have these values."""
    return {
        number
        for number, thing in things.items()
        if all(getattr(thing, name) == value for name, value in wanted.items())
    }
