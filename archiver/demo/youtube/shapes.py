"""How resources of the YouTube Data API v3 are written: parts, times, tags of their content."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from archiver.demo.youtube.channel import Channel
    from archiver.demo.youtube.things import Person

__all__ = ["Json", "Shapes", "cut", "etag", "moment", "resource"]

Json = dict[str, Any]
_ALWAYS = frozenset({"kind", "etag", "id"})


def moment(when: datetime) -> str:
    """Return a time as the API spells it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def etag(value: object) -> str:
    """Return a text that changes with a value."""
    said = json.dumps(value, sort_keys=True).encode()
    return urlsafe_b64encode(sha256(said).digest()[:20]).decode().rstrip("=")


def cut(resource: Json, parts: Iterable[str]) -> Json:
    """Return a resource with the parts asked for."""
    return {name: value for name, value in resource.items() if name in _ALWAYS or name in parts}


def resource(kind: str, number: str, **parts: object) -> Json:
    """Return a resource; parts that are None are left out, and so is an id that is empty."""
    told = {name: value for name, value in parts.items() if value is not None}
    named = {"id": number} if number else {}
    return {"kind": f"youtube#{kind}", "etag": etag([number, told]), **named, **told}


class Shapes:
    """The resources of one channel; ``base`` is the address of the server."""

    def __init__(self, studio: Channel, base: str) -> None:
        self._studio = studio
        self._base = base

    def profile(self, who: Person) -> Json:
        """Return what others are told of somebody."""
        return {
            "channelId": who.id,
            "channelUrl": f"http://www.youtube.com/channel/{who.id}",
            "displayName": who.name,
            "profileImageUrl": f"{self._base}/face/{who.id}",
        }

    def pictures(self, number: str) -> Json:
        """Return the addresses of a thing's pictures."""
        sizes = {"default": (120, 90), "high": (480, 360)}
        return {
            name: {"url": f"{self._base}/vi/{number}/{name}.png", "width": width, "height": height}
            for name, (width, height) in sizes.items()
        }
