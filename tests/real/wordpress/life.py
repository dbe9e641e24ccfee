"""A city's blog over eleven years, made on a real WordPress; the same on every run.

`found` makes everything, through WordPress's REST code: in bulk inside one PHP process,
and over HTTP for uploads, edits and removals. Ids depend on the order alone, so two new
sites get the same ones. What happens later is in `tests.real.wordpress.changes`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.real.wordpress.pictures import png
from tests.real.wordpress.words import NAMES, article, remark, title

if TYPE_CHECKING:
    import httpx

    from tests.real.wordpress.server import WordPress

__all__ = ["call", "commenter", "found", "quiet", "upload"]

SEED = 20150401
POSTS = {"publish": 108, "draft": 11, "pending": 6, "private": 8, "future": 6}
TRASHED = 7
"""Published posts that go to the trash, with their comments."""
PAGES = 9
SUBSCRIBERS = 27
COMMENTS = 340
STATES = ("approved",) * 15 + ("hold",) * 3 + ("spam",) * 2 + ("trash",)
"""A comment's state is drawn from these."""
SMALL_PICTURES = 13
LARGE = (860, 800)
"""Width and height of a picture of a little over 2 MB."""


@dataclass(slots=True)
class _Bulk:
    """REST calls to run in order; each returns the mark that stands for its id."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, route: str, **body: object) -> str:
        self.calls.append((route, body))
        return f"@{len(self.calls) - 1}"

    def run(self, wp: WordPress) -> dict[str, int]:
        """Return the id that each mark came to stand for."""
        ids: list[int] = json.loads(wp.php("bulk.php", json.dumps(self.calls).encode()))
        return {f"@{number}": made for number, made in enumerate(ids)}


def found(wp: WordPress) -> None:
    """Fill a new site: see the constants above for how much of what."""
    rng = Random(SEED)
    bulk = _Bulk()
    authors = _people(bulk)
    posts = _posts(bulk, rng, authors)
    pages = _pages(bulk, rng)
    shown = [mark for mark, status in posts if status in {"publish", "private"}]
    comments = _comments(bulk, rng, [*shown, *pages])
    ids = bulk.run(wp)
    wp.php("direct.php")
    published = [ids[mark] for mark, status in posts if status == "publish"]
    with wp.client() as client:
        _pictures(client, rng, published)
        _edits(client, rng, published, [ids[mark] for mark in pages])
        for comment in rng.sample(comments, 12):
            call(client, f"/comments/{ids[comment]}", content=f"Corrected. {ids[comment]}")
        for post in published[20 : 20 + TRASHED]:
            call(client, f"/posts/{post}", method="DELETE")


def quiet(wp: WordPress) -> None:
    """Let time pass: people read, and nobody writes."""
    with wp.client() as client:
        for path in ("/posts", "/pages", "/comments", "/users", "/media"):
            call(client, path, method="GET")


def call(client: httpx.Client, path: str, *, method: str = "POST", **body: object) -> Any:  # noqa: ANN401 - whatever JSON the server answers
    """Make one REST call over HTTP and return its JSON. Raises where it is refused."""
    answer = client.request(method, path, json=body or None)
    if not answer.is_success:
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
    return answer.json()


def upload(client: httpx.Client, name: str, data: bytes, **about: object) -> int:
    """Upload a PNG file and describe it; return its id."""
    headers = {
        "Content-Type": "image/png",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    answer = client.post("/media", content=data, headers=headers)
    if not answer.is_success:
        raise RuntimeError(f"upload of {name}: {answer.status_code} {answer.text[:500]}")
    made = int(answer.json()["id"])
    call(client, f"/media/{made}", method="POST", **about)
    return made


def commenter(number: int) -> dict[str, str]:
    """Return who writes comment ``number`` without an account, as REST fields."""
    return {
        "author_name": NAMES[number % len(NAMES)],
        "author_email": f"resident{number % 61}@residents.example",
        "author_url": "" if number % 5 else f"http://residents.example/{number % 61}",
        "author_ip": f"203.0.113.{number % 254 + 1}",
        "author_user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
    }


def _people(bulk: _Bulk) -> list[str]:
    """Make subscribers, two authors and an editor; return the marks of the authors."""
    for number in range(SUBSCRIBERS):
        bulk.add(
            "/users",
            username=f"resident{number:02}",
            name=f"{NAMES[number % len(NAMES)]} {number}",
            email=f"resident{number}@residents.example",
            password=f"a password {number}",
            roles=["subscriber"],
        )
    staff = (("works", "author"), ("parks", "author"), ("press", "editor"))
    made = [
        bulk.add(
            "/users",
            username=name,
            name=f"City {name.title()}",
            email=f"{name}@city.example",
            password=f"a password of {name}",
            roles=[role],
        )
        for name, role in staff
    ]
    return made[:2]


def _posts(bulk: _Bulk, rng: Random, authors: list[str]) -> list[tuple[str, str]]:
    """Make posts in every state; return each one's mark and state."""
    states = [status for status, count in POSTS.items() for _ in range(count)]
    made = []
    for number, status in enumerate(states):
        extra: dict[str, object] = {}
        if status == "publish" and number % 40 == 7:
            extra["password"] = "for the council only"
        if number == 3:
            extra["sticky"] = True
        mark = bulk.add(
            "/posts",
            title=title(rng, number),
            content=article(rng, number),
            excerpt=f"In short: {number}" if number % 3 == 0 else "",
            status=status,
            author=authors[number // 4 % 2] if number % 4 == 0 else 1,
            date_gmt=_moment(number, rng, 2035 if status == "future" else 2015),
            comment_status="open",
            **extra,
        )
        made.append((mark, status))
    return made


def _pages(bulk: _Bulk, rng: Random) -> list[str]:
    """Make pages, some below others."""
    made: list[str] = []
    for number in range(PAGES):
        made.append(
            bulk.add(
                "/pages",
                title=f"Page {number}: {title(rng, number)}",
                content=article(rng, number),
                status="publish" if number % 4 else "draft",
                parent=made[number // 2] if number > 1 else 0,
                date_gmt=_moment(number, rng, 2015),
                comment_status="open",
            )
        )
    return [mark for number, mark in enumerate(made) if number % 4]


def _comments(bulk: _Bulk, rng: Random, places: list[str]) -> list[str]:
    """Make comments, many below others, a third of them under one post; return the approved."""
    threads: dict[str, list[str]] = {}
    approved = []
    for number in range(COMMENTS):
        place = places[0] if number % 3 == 0 else rng.choice(places)
        above = threads.setdefault(place, [])
        status = rng.choice(STATES)
        mark = bulk.add(
            "/comments",
            post=place,
            parent=rng.choice(above) if above and rng.random() < 0.5 else 0,
            content=remark(rng, number),
            status=status,
            date_gmt=_moment(number, rng, 2016),
            **(_member(number) if number % 11 == 0 else commenter(number)),
        )
        if status == "approved":
            above.append(mark)
            approved.append(mark)
    return approved


def _member(number: int) -> dict[str, str]:
    """Return a subscriber who is logged in; the people are the first marks of all."""
    return {"author": f"@{number % SUBSCRIBERS}", "author_ip": "203.0.113.77"}


def _pictures(client: httpx.Client, rng: Random, posts: list[int]) -> None:
    for number in range(SMALL_PICTURES):
        upload(
            client,
            f"picture-{number:02}.png",
            png(rng, 24 + number, 24),
            alt_text=f"An oak “{number}” & a bench 🌳",
            caption=f"Seen by {NAMES[number % len(NAMES)]}",
            post=posts[30 + number] if number % 2 else 0,
        )
    upload(client, "map.png", png(rng, *LARGE), alt_text="A map of the city", caption="")


def _edits(client: httpx.Client, rng: Random, posts: list[int], pages: list[int]) -> None:
    """Edit posts once to three times and a page, and leave two edits unsaved."""
    for number, post in enumerate(posts[2:20]):
        for version in range(number % 3 + 1):
            call(client, f"/posts/{post}", content=f"{article(rng, number)}\nVersion {version}")
    call(client, f"/pages/{pages[0]}", title="A page with a better title")
    for post in posts[4:6]:
        call(client, f"/posts/{post}/autosaves", title="Unsaved", content=article(rng, post))


def _moment(number: int, rng: Random, year: int) -> str:
    """Return a time of day, days and days after the start of ``year``; UTC, ISO 8601."""
    start = datetime(year, 4, 1, 9, 0, 0)  # noqa: DTZ001 - REST wants UTC spelt without a zone
    return (start + timedelta(days=11 * number, seconds=rng.randrange(30000))).isoformat()
