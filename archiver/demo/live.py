"""The demo city as a program of its own: it goes on living while others capture it.

::

    python -m archiver.demo.live FILE [SECONDS]

FILE receives its address. Every so many seconds (60 unless told; 0: never) a resident says
something, on one presence after the other, and whoever likes does so at ``/say``
(`archiver.demo.saying`). It ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from archiver.demo import saying, texts, voices
from archiver.demo.city import City
from archiver.demo.founding import written
from archiver.demo.presences import BLOG, presences
from archiver.demo.server import CityServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archiver.demo.answer import Answer, Asked, Service
    from archiver.demo.presences import Presence

__all__ = ["LiveCity", "main"]

EVERY = 60.0


class LiveCity(CityServer):
    """A city's server on which people speak while it is being read.

    Args:
        city: whose blog and news these are.
        services: what else it serves.
        places: further presences, each served and spoken on; without any, the blog alone.
    """

    def __init__(self, city: City, *services: Service, places: Sequence[Presence] = ()) -> None:
        super().__init__(city, *services, *(one.service for one in places if one.service))
        self._turn = Lock()
        self._said = 0
        self.voices: Mapping[str, Callable[[str, str], None]] = {
            BLOG: partial(voices.on_blog, city),
            **{one.name: one.say for one in places},
        }

    @classmethod
    def whole(cls) -> LiveCity:
        """Return a new city with all its presences."""
        city = City()
        return cls(city, places=presences(city))

    def say(self, text: str = "", name: str = "", on: str = "") -> saying.Said:
        """Let somebody say something; what is not given is some resident's, and on the blog."""
        with self._turn:
            number = self._said = self._said + 1
            name = name or texts.RESIDENTS[number % len(texts.RESIDENTS)]
            said = saying.Said(on or BLOG, name, text or written(number))
            self.voices[said.on](said.name, said.text)
            return said

    def speak(self) -> saying.Said:
        """Let a resident say something where none has for longest."""
        return self.say(on=list(self.voices)[self._said % len(self.voices)])

    def answer(self, asked: Asked) -> Answer:
        """Answer a request; nothing is said while a listing is drawn up."""
        if asked.path == saying.PATH:
            return saying.answer(asked, list(self.voices), self.say)
        with self._turn:
            return super().answer(asked)


def main(arguments: list[str]) -> None:
    """Serve a new city until a signal comes."""
    place, every = Path(arguments[0]), float(arguments[1]) if arguments[1:] else EVERY
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with LiveCity.whole() as server:
        place.write_text(f"{server.url}\n", "utf-8")
        while not ended.wait(every or None):
            server.speak()


if __name__ == "__main__":
    main(sys.argv[1:])
