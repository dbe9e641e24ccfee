"""The demo city as a program of its own: it goes on living while others capture it.

::

    python -m archiver.demo.live FILE [SECONDS]

FILE receives its address. Every so many seconds (60 unless told; 0: never) a resident
comments on the blog, and whoever likes comments by ``POST /say?name=NAME&text=TEXT``.
It ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archiver.demo import texts
from archiver.demo.answer import Answer
from archiver.demo.city import City
from archiver.demo.founding import written
from archiver.demo.server import CityServer

if TYPE_CHECKING:
    from archiver.demo.answer import Asked, Service
    from archiver.demo.things import Comment

__all__ = ["LiveCity", "main"]

SAY = "/say"
EVERY = 60.0


class LiveCity(CityServer):
    """A city's server on which people comment while it is being read."""

    def __init__(self, city: City, *services: Service) -> None:
        super().__init__(city, *services)
        self._turn = Lock()

    def say(self, text: str = "", name: str = "") -> Comment:
        """Leave a comment on the first post; without words, those of some resident."""
        with self._turn:
            number = len(self.city.comments)
            resident = texts.RESIDENTS[number % len(texts.RESIDENTS)]
            post = next(p.id for p in self.city.posts.values() if p.kind == "post")
            return self.city.comment(post, text or written(number), name=name or resident)

    def answer(self, asked: Asked) -> Answer:
        """Answer a request; nothing is said while a listing is drawn up."""
        if asked.path == SAY:
            return self._said(asked)
        with self._turn:
            return super().answer(asked)

    def _said(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return _json(405, {"message": "comments are posted"})
        query = {name: value[0] for name, value in parse_qs(urlsplit(asked.target).query).items()}
        comment = self.say(query.get("text", ""), query.get("name", ""))
        return _json(201, {"id": comment.id, "text": comment.text, "name": comment.name})


def _json(status: int, document: dict[str, object]) -> Answer:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status, (("Content-Type", "application/json"),), body)


def main(arguments: list[str]) -> None:
    """Serve a new city until a signal comes."""
    place, every = Path(arguments[0]), float(arguments[1]) if arguments[1:] else EVERY
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with LiveCity(City()) as server:
        place.write_text(f"{server.url}\n", "utf-8")
        while not ended.wait(every or None):
            server.say()


if __name__ == "__main__":
    main(sys.argv[1:])
