"""A stand-in for a WordPress site's REST API, for reading.

It answers as WordPress 6.1.9 does (measured; `tests/real/test_standin_contract.py` keeps
the two together): listings and single items of posts, pages, media, comments, users and
revisions, the index, uploaded files. Not there: writing, ``_embed``, autosaves, other
routes; they answer 404 ``rest_no_route`` as a site without them would. A wrong password
is not refused: as with the real one, the caller is then a stranger.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from archiver.demo.answer import Answer
from archiver.demo.wordpress.call import Call, Reply
from archiver.demo.wordpress.parameters import RestError, parse_query
from archiver.demo.wordpress.routes import dispatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.demo.answer import Asked
    from archiver.demo.city import City
    from archiver.demo.wordpress.items import Json

__all__ = ["WordPress"]

_UPLOADS = "/wp-content/uploads/"
_API_HEADERS = (
    ("Content-Type", "application/json; charset=UTF-8"),
    ("X-Robots-Tag", "noindex"),
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type",
    ),
)
_NO_CACHE = (
    ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
    ("Cache-Control", "no-cache, must-revalidate, max-age=0"),
)
_HTML = ("Content-Type", "text/html; charset=UTF-8")


class WordPress:
    """The site of ``city``; it shows whatever the city holds at the moment of asking."""

    def __init__(self, city: City) -> None:
        self._city = city

    def answer(self, asked: Asked) -> Answer:
        """Answer one request: the API, an uploaded file, the front page, or 404."""
        route = _route(asked)
        if route is not None:
            return self._api(asked, route)
        if asked.path.startswith(_UPLOADS):
            return self._file(asked)
        status = 200 if asked.path in {"/", "/index.php"} else 404
        heading = self._city.name if status == 200 else "Page not found"  # noqa: PLR2004 - HTTP
        page = f"<!DOCTYPE html>\n<html><title>{heading}</title><h1>{heading}</h1></html>\n"
        return Answer(status, (_HTML, _root_link(asked.base)), page.encode())

    def _api(self, asked: Asked, route: str) -> Answer:
        login = self._knows(asked.headers.get("authorization", ""))
        call = Call(self._city, asked.base, self._city.name, asked.query, login, {})
        fixed = _API_HEADERS + (_NO_CACHE if login else (("Vary", "Origin"),))
        try:
            reply = dispatch(call, asked.method, route)
        except RestError as error:
            return Answer(error.status, (*fixed, _root_link(asked.base)), _json(error.body))
        further = (*reply.headers, ("Allow", reply.methods))
        if not any(name == "Link" for name, _ in further):
            further = (*further, _root_link(asked.base))
        return Answer(200, fixed + further, _json(_chosen(reply, asked.query)))

    def _file(self, asked: Asked) -> Answer:
        path = unquote(asked.path[len(_UPLOADS) :])
        for post in tuple(self._city.posts.values()):
            if post.path and post.path == path:
                return Answer(200, (("Content-Type", "image/png"),), post.file)
        return Answer(404, (_HTML, _root_link(asked.base)), b"<!DOCTYPE html>\n<h1>Not found</h1>")

    def _knows(self, authorization: str) -> bool:
        """Tell whether the caller is the administrator (RFC 7617); spaces don't count."""
        scheme, _, coded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            user, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return user == self._city.user and _bare(secret) == _bare(self._city.secret)


def _bare(secret: str) -> str:
    """Return an application password without the spaces people see in it."""
    return re.sub(r"[^A-Za-z0-9]", "", secret)


def _route(asked: Asked) -> str | None:
    """Return the route of the API that a target names, or None."""
    if asked.path == "/wp-json" or asked.path.startswith("/wp-json/"):
        return unquote(asked.path[len("/wp-json") :]) or "/"
    if asked.path in {"/", "/index.php"}:
        route = parse_query(asked.query).get("rest_route")
        return route if isinstance(route, str) and route else None
    return None


def _root_link(base: str) -> tuple[str, str]:
    return ("Link", f'<{base}/wp-json/>; rel="https://api.w.org/"')


def _json(data: object) -> bytes:
    """Return JSON as PHP's json_encode spells it: ASCII, with slashes escaped."""
    return json.dumps(data, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def _chosen(reply: Reply, query: str) -> object:
    """Return the document with only the members that ``_fields`` names."""
    asked = parse_query(query).get("_fields")
    if not asked:
        return reply.data
    names = asked if isinstance(asked, list) else re.split(r"[\s,]+", asked)
    paths = [name.split(".") for name in names if name]
    if isinstance(reply.data, list):
        return [_pick(item, paths) for item in reply.data]
    # Links join a single item only after the choice is made, so they come whole.
    whole = [["_links"] if path[0] == "_links" else path for path in paths]
    return _pick(reply.data, whole)


def _pick(item: Mapping[str, object], paths: list[list[str]]) -> Json:
    picked: Json = {}
    for name, value in item.items():
        below = [path[1:] for path in paths if path[0] == name]
        if [] in below:
            picked[name] = value
        elif below and isinstance(value, dict):
            picked[name] = _pick(value, below)
    return picked
