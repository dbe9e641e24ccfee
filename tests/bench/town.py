"""A server process for all platforms: the demo city with each of its presences.

``python -m tests.bench.town`` prints one JSON list, how each account is registered, and
serves until its standard input is closed. ``GET /bench/log`` returns the targets that were
asked for since the last time. Its CPU time is nobody's.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from archiver.demo.answer import Answer
from archiver.demo.city import City
from archiver.demo.live import LiveCity
from archiver.demo.presences import presences

if TYPE_CHECKING:
    from archiver.demo.answer import Asked
    from archiver.demo.server import CityServer

__all__: list[str] = []

LOG = "/bench/log"


class _Log:
    """Tells what a server was asked for."""

    server: CityServer

    def answer(self, asked: Asked) -> Answer | None:
        """Return the targets of whole GET answers since the last time, oldest first."""
        if asked.path != LOG:
            return None
        seen = [one.path for one in self.server.log if (one.method, one.status) == ("GET", 200)]
        self.server.log.clear()
        return Answer(200, (("Content-Type", "application/json"),), json.dumps(seen).encode())


def _serve() -> None:
    city, log = City(), _Log()
    everywhere = presences(city)
    services = [one.service for one in everywhere if one.service]
    with LiveCity(city, log, *services) as server:
        log.server = server
        about = [
            {
                "name": one.name,
                "platform": one.platform,
                "url": server.url + one.path,
                "credential": dict(one.credential),
            }
            for one in everywhere
        ]
        sys.stdout.write(json.dumps(about) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
