"""An invented city's website, made of as many pages as a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.website.addresses import id_of
from archiver.demo.answer import Answer
from archiver.demo.picture import striped_png

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.demo.answer import Asked

__all__ = ["CityWebsite"]

HTML = "text/html; charset=utf-8"
STYLE = "@import 'more.css';\nbody { background: url(/static/logo.png) }\n"
SCRIPT = """
const said = document.createElement("p");
said.id = "made-by-script";
said.textContent = "Made by a script on " + document.title;
document.body.append(said);
"""


class CityWebsite:
    """Pages by path: (type, body); what is not there is answered with 404.

    It is a `archiver.demo.answer.Service`, and what conformance calls a life. ``asked`` has the
    targets that were asked for, in order.
    """

    path = "/"
    credential: Mapping[str, str] = {}

    def __init__(self, pages: int = 12) -> None:
        self.asked: list[str] = []
        self._base = ""
        self.service = self
        self.files: dict[str, tuple[str, bytes]] = {
            "/robots.txt": (
                "text/plain",
                b"User-agent: *\nDisallow: /private/\nAllow: /\n\nSitemap: /maps.xml\n",
            ),
            "/maps.xml": ("application/xml", self._map()),
            "/static/site.css": ("text/css", STYLE.encode()),
            "/static/more.css": ("text/css", b"h1 { color: #246 }\n"),
            "/static/site.js": ("text/javascript", SCRIPT.encode()),
            "/static/logo.png": ("image/png", striped_png(1)),
            "/static/logo-2x.png": ("image/png", striped_png(2)),
        }
        for number in range(1, pages):
            onward = "".join(f'<a href="/news/{n}">News {n}</a> ' for n in _after(number, pages))
            self.page(f"/news/{number}", f"News {number}", f"<p>Notice {number}.</p>{onward}")
        self.page("/", "City of Quillwater", '<p>Welcome.</p><a href="/news/1">News</a>')
        self.page("/only-in-the-map", "Budget hearing", "<p>The hearing is on Monday.</p>")

    def page(self, path: str, title: str, inside: str) -> None:
        """Set a page."""
        self.files[path] = (HTML, _page(title, inside).encode())

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass: two pages say something else, one comes, one goes; return which."""
        self.page("/news/1", "News 1", '<p>Notice 1, corrected.</p><a href="/news/2">N</a>')
        self.page("/", "City of Quillwater", '<p>Welcome.</p><a href="/news/1">News</a> '
                  '<a href="/new">New</a>')  # fmt: skip
        self.page("/new", "New", "<p>A new page.</p>")
        last = max(self.files, key=lambda one: int(one.rpartition("/news/")[2] or -1)
                   if "/news/" in one else -1)  # fmt: skip
        del self.files[last]
        told = {"/": "edited", "/news/1": "edited", "/new": "present", last: "deleted"}
        return {"pages": {id_of(f"{self._base}{path}"): kind for path, kind in told.items()}}

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request."""
        self._base = asked.base
        self.asked.append(asked.target)
        kind, body = self.files.get(asked.target, ("text/html", b""))
        if not body:
            return Answer(404, (("Content-Type", "text/html"),), b"<h1>Not here</h1>")
        return Answer(200, (("Content-Type", kind),), body)

    def _map(self) -> bytes:
        return (
            b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            b"<url><loc>/only-in-the-map</loc></url><url><loc>/</loc></url></urlset>"
        )


def _after(number: int, pages: int) -> range:
    """Return which pages a page leads to: so that none is far from the first one."""
    return range(number * 2, min(number * 2 + 2, pages))


def _page(title: str, inside: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<link rel="stylesheet" href="/static/site.css"></head>'
        f"<body><h1>{title}</h1>{inside}"
        '<img src="/static/logo.png" srcset="/static/logo-2x.png 2x" alt="The city\'s seal">'
        '<script src="/static/site.js"></script></body></html>\n'
    )
