"""Calls a stand-in without a network."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from archiver.demo.answer import Answer, Asked
from archiver.demo.wordpress.api import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.city import City

BASE = "http://city.example"
API = "/wp-json/wp/v2"


def basic(user: str, secret: str) -> dict[str, str]:
    """Return the header of HTTP basic authentication."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def ask(city: City, target: str, *, login: bool = True, method: str = "GET") -> Answer:
    """Ask the city's blog, as its administrator or as a stranger."""
    headers = basic(city.user, city.secret) if login else {}
    return WordPress(city).answer(Asked(method, target, BASE, headers))


def read(answer: Answer) -> Any:  # noqa: ANN401 - any JSON value
    """Return the document of an answer."""
    return json.loads(answer.body)


def header(answer: Answer, name: str) -> str:
    """Return a header of an answer, empty where there is none."""
    return dict(answer.headers).get(name, "")


def walk(city: City, listing: str, size: int) -> Iterator[list[Any]]:
    """Yield the pages of a listing, following ``Link: rel="next"``."""
    target = f"{API}/{listing}{'&' if '?' in listing else '?'}per_page={size}"
    while target:
        answer = ask(city, target)
        yield read(answer)
        parts = header(answer, "Link").split(", ")
        following = [part for part in parts if part.endswith('rel="next"')]
        target = following[0].partition(">")[0].removeprefix(f"<{BASE}") if following else ""
