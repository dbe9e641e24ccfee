"""A blog on the day of the storm, and who captures it, each in a process of its own.

    python -m tests.chaos.storm_day COMMENTS

serves a blog with so many comments until its standard input is closed, and prints how its
account is registered. Its pages are those of the stand-in, with other numbers. And

    python -m tests.cli.measured tests.chaos.storm_day NAME BYTES

captures the account of that name, of the archive that the environment names, and seals
whenever so many BYTES have come.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archiver.cli.main import main as command
from archiver.demo.answer import Answer
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import run
from tests.bench.pages import PER_PAGE, BenchSite

if TYPE_CHECKING:
    from archiver.demo.answer import Asked

__all__ = ["main"]

_NUMBERED = re.compile(rb'("id":|#comment-|/wp/v2/comments/)(\d+)')
_STEP = 1_000_000
"""What is added to the numbers of a page's comments for each page before it."""


class Blog:
    """Answers listings of comments; every other list is empty."""

    def __init__(self, comments: int) -> None:
        self.site = BenchSite(1)
        self.comments = comments
        self._made: dict[str, Answer] = {}

    def answer(self, asked: Asked) -> Answer:
        """Return a page of comments, or what the stand-in has."""
        query = parse_qs(urlsplit(asked.target).query)
        number = int(query.get("page", ["1"])[0])
        plain = asked.target.replace(f"&page={number}", "")
        if plain not in self._made:
            self._made[plain] = self.site.answer(plain, asked.base)
        good = self._made[plain]
        if "X-WP-Total" not in dict(good.headers) or good.body == b"[]":
            return good
        pages = self.comments // PER_PAGE
        counts = {"X-WP-Total": str(self.comments), "X-WP-TotalPages": str(pages)}
        headers = tuple((name, counts.get(name, value)) for name, value in good.headers)
        if number < pages:
            link = f'<{asked.base}{plain}&page={number + 1}>; rel="next"'
            headers += (("Link", link),)
        return Answer(good.status, headers, _moved(good.body, (number - 1) * _STEP))


def _moved(body: bytes, by: int) -> bytes:
    """Return a page whose comments have other numbers."""
    return _NUMBERED.sub(lambda found: found[1] + b"%d" % (int(found[2]) + by), body)


def _serve(comments: int) -> None:
    blog = Blog(comments)
    login = {"user": blog.site.city.user, "password": blog.site.city.secret}
    with CityServer(City(), blog) as server:
        sys.stdout.write(json.dumps({"url": server.url, "credential": login}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def main(arguments: list[str]) -> int:
    """Capture, and seal whenever so many bytes have come."""
    name, size = arguments[:2]
    run.SEGMENT_BYTES = int(size)
    command(["capture", name, "--mode", "backfill", "--json"])
    return 0


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
