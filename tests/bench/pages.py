"""The workload: comment listings of a large city's WordPress, 100 items a page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from archiver.demo.answer import Answer, Asked
from archiver.demo.city import City
from archiver.demo.founding import written
from archiver.demo.texts import RESIDENTS
from archiver.demo.wordpress.api import WordPress

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PER_PAGE", "BenchSite", "page_paths"]

PER_PAGE = 100
_LISTED = {
    "context": "edit",
    "per_page": str(PER_PAGE),
    "status": "any",
    "type": "all",
    "orderby": "id",
    "order": "asc",
}


def page_paths(pages: int) -> list[str]:
    """Return the targets of the comment listing, page by page, as a full capture asks them."""
    first = f"/index.php?rest_route=/wp/v2/comments&{urlencode(_LISTED)}"
    return [first] + [f"{first}&page={number}" for number in range(2, pages + 1)]


class BenchSite:
    """The demo city's simulator with ``pages`` full pages of comments and nothing else.

    Every other listing is empty, so that what is measured is the pages.
    """

    def __init__(self, pages: int) -> None:
        self.city = City()
        self._wordpress = WordPress(self.city)
        self._grow(pages * PER_PAGE)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a request by the site's administrator."""
        login = f"{self.city.user}:{self.city.secret}".encode()
        return {"authorization": f"Basic {base64.b64encode(login).decode()}"}

    def answer(self, target: str, base: str) -> Answer:
        """Return what the simulator answers to its administrator."""
        asked = Asked("GET", target, base, self.headers)
        if "/wp/v2/" in target and "/wp/v2/comments" not in target:
            json = ("Content-Type", "application/json; charset=UTF-8")
            return Answer(200, (json, ("X-WP-Total", "0"), ("X-WP-TotalPages", "0")), b"[]")
        return self._wordpress.answer(asked)

    def _grow(self, wanted: int) -> None:
        city = self.city
        published = [post.id for post in city.posts.values() if post.status == "publish"]
        for number in sorted(city.comments)[wanted:]:
            del city.comments[number]
        for number in range(len(city.comments), wanted):
            name = RESIDENTS[number * 7 % len(RESIDENTS)]
            text = f"{written(number)}\n\n{written(number // 3 + 1)}"
            city.comment(published[number % len(published)], text, name=name)
