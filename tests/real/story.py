"""One real WordPress, captured again and again while it lives: what other tests look at.

The site is founded and captured; read twice without change; lives through a busy day and
is captured; has a small extra change and is captured incrementally. Before each capture
its database is read, so that every capture has its truth beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.helpers import Office, Seen
from tests.real.wordpress import changes, life, oracle
from tests.real.wordpress.diff import Changes
from tests.real.wordpress.pictures import png
from tests.real.wordpress.server import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ACCOUNT", "Story", "tell"]

ACCOUNT = "city-blog"
SECRET = "CITY_BLOG_PASSWORD"
USER = "CITY_BLOG_USER"


@dataclass(slots=True)
class Story:
    """The site, the archive, and by the name of each capture its truth and its report.

    ``sizes``: entries in the ledger after it. ``busy`` and ``extra`` say what changed
    before the captures of these names.
    """

    site: WordPress
    office: Office
    truths: dict[str, oracle.Truth] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    busy: Changes = field(default_factory=Changes)
    extra: Changes = field(default_factory=Changes)
    seen: list[Seen] = field(default_factory=list)

    def capture(self, name: str, mode: str) -> None:
        """Read the database, then capture the site."""
        self.truths[name] = oracle.read(self.site)
        self.reports[name] = self.office.capture(ACCOUNT, mode)
        self.sizes[name] = self.office.size()

    def during(self, name: str) -> list[Seen]:
        """Return what a capture sealed, in ledger order."""
        names = list(self.sizes)
        before = names.index(name) - 1
        first = self.sizes[names[before]] if before >= 0 else 0
        return [one for one in self.seen if first <= one.leaf < self.sizes[name]]


def tell(folder: Path) -> Iterator[Story]:
    """Live and capture it all; the site answers until the story is closed."""
    with WordPress(folder / "site") as site, pytest.MonkeyPatch.context() as patch:
        patch.setenv(USER, site.user)
        patch.setenv(SECRET, site.password)
        life.found(site)
        story = Story(site, Office(folder / "archive", folder / "home"))
        story.office.done("init")
        story.office.add(
            ACCOUNT, "wordpress", site.url, f"user=env:{USER}", f"password=env:{SECRET}"
        )
        story.capture("first", "incremental")
        story.capture("again", "incremental")
        story.capture("reread", "reconcile")
        story.busy = changes.change(site)
        story.capture("busy", "reconcile")
        story.extra = _extra(site, story.truths["busy"])
        story.capture("extra", "incremental")
        story.capture("calm", "reconcile")
        story.capture("still", "reconcile")
        story.seen = story.office.seen(ACCOUNT)
        yield story


def _extra(site: WordPress, before: oracle.Truth) -> Changes:
    """Do what an incremental capture can see; return what changed."""
    done = Changes()
    untouched = [n for n, post in before.posts.items() if post.status == "publish"]
    with site.client() as client:
        edited = untouched[-1]
        life.call(client, f"/posts/{edited}", content="<p>Put right the same evening.</p>")
        done.posts.edited.add(edited)
        kept = life.call(client, f"/posts/{edited}/revisions", method="GET")
        done.revisions.new |= {one["id"] for one in kept} - set(before.revisions)
        post = life.call(client, "/posts", title="Late", content="<p>Late.</p>", status="publish")
        done.posts.new.add(post["id"])
        for state in ("approved", "hold"):
            about = {"status": state, "content": f"Late and {state}", **life.commenter(7)}
            made = life.call(client, "/comments", post=post["id"], **about)
            done.comments.new.add(made["id"])
        person = {"username": "latecomer", "email": "late@residents.example", "password": "p w"}
        done.users.new.add(life.call(client, "/users", roles=["subscriber"], **person)["id"])
        picture = png(Random(7), 30, 30)
        done.media.new.add(life.upload(client, "late.png", picture, alt_text="A late picture"))
    return done
