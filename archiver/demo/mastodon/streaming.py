"""The stand-in's stream of events (docs.joinmastodon.org/methods/streaming), for the city.

Nothing is replayed: who does not listen does not hear. Heartbeats are comment lines.
"""

from __future__ import annotations

import json
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.demo.mastodon.entities import Entities

__all__ = ["user_stream"]

_LOOK = 0.02
_HEARTBEAT = 10
"""Looks for what is new after which the server shows that it is alive."""


def user_stream(view: Entities) -> Iterator[bytes]:
    """Return what the city's own stream says from now on, empty while there is nothing."""
    heard: deque[bytes] = deque()

    def listener(event: str, subject: Any) -> None:  # noqa: ANN401 - a status, a notice, an id
        heard.append(b"event: %b\ndata: %b\n\n" % (event.encode(), _said(view, event, subject)))

    listeners = view.instance.listeners
    listeners.append(listener)

    def pieces() -> Iterator[bytes]:
        looks = 0
        try:
            yield b":)\n"
            while True:
                while heard:
                    yield heard.popleft()
                looks += 1
                yield b"" if looks % _HEARTBEAT else b":thump\n"
                time.sleep(_LOOK)
        finally:
            listeners.remove(listener)

    return pieces()


def _said(view: Entities, event: str, subject: Any) -> bytes:  # noqa: ANN401 - as above
    """Return an event's data, as things are at this moment."""
    if event == "delete":
        return str(subject).encode()
    tables: dict[str, Callable[[Any], dict[str, Any]]] = {
        "update": view.status,
        "status.update": view.status,
        "notification": view.notice,
        "conversation": view.conversation,
    }
    said = tables[event](subject) if event in tables else None
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() if said else b""
