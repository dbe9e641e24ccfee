"""A response that is one thing as a whole, a file: whether it is, and what it says of it. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from archiver.capture.answers import status_problem
from archiver.capture.items import Problem
from archiver.capture.problems import Action, kind_of
from archiver.capture.urls import same_origin
from archiver.formats.excerpts_json import UNREADABLE
from archiver.formats.http1 import parse_response

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Exchange

__all__ = ["file_problem", "file_row"]

_PAGE_TYPES = ("text/html", "application/xhtml")
_PAGE_ENDINGS = frozenset({"", "htm", "html", "xhtml", "shtml", "php", "asp", "aspx"})
_ERRORS = ("error", "errors")
_LONGEST_ERROR = 1 << 16


def file_problem(site: Site, exchange: Exchange, response: HttpResponse) -> Problem | None:
    """Return why a response is not the file, or None where it is.

    A 401 tells of our login where that was sent (RFC 9110 §15.5.2), elsewhere of the file.
    A web page under another kind of file's name, or at the end of a redirect, is what
    servers show in place of a file: a login form, a notice. Not where it is said to be a
    file to be kept (``Content-Disposition``, RFC 6266), as somebody's own page is in a chat.
    Nor is an error document the file, where an interface says with status 200 that it failed.
    """
    if response.status in {404, 410}:
        return Problem("missing", response.status_line)
    if response.status != 200:  # noqa: PLR2004 - HTTP OK
        problem = status_problem(response)
        wanted = {Action.RETRY, Action.WAIT}
        if response.status == 401 and _had_login(site, exchange):  # noqa: PLR2004 - HTTP Unauthorized
            wanted.add(Action.REAUTHORISE)
        telling = problem is not None and kind_of(problem).action in wanted
        return problem if telling else Problem("forbidden", response.status_line)
    stated = exchange.purpose.get("size", "")
    if stated and not _is_framed(response) and str(len(response.body)) != stated:
        return Problem("transient", f"{len(response.body)} of {stated} bytes came")
    return None if response.header("content-disposition") else _instead(exchange, response)


def _instead(exchange: Exchange, response: HttpResponse) -> Problem | None:
    """Return what came in place of a file, if anything did."""
    ending = urlsplit(exchange.url).path.rpartition("/")[2].rpartition(".")[2].lower()
    page = response.header("content-type").lower().startswith(_PAGE_TYPES)
    if page and ("hop" in exchange.purpose or ending not in _PAGE_ENDINGS):
        return Problem("schema", "a web page in place of a file")
    if ending != "json" and _is_error(response):
        return Problem("transient", "an error document in place of a file")
    return None


def _is_error(response: HttpResponse) -> bool:
    """Tell whether a response is a JSON object that says what went wrong."""
    if "json" not in response.header("content-type").lower():
        return False
    if len(response.body) > _LONGEST_ERROR:
        return False
    try:
        said = msgspec.json.decode(response.body)
    except UNREADABLE:
        return False
    return isinstance(said, dict) and any(said.get(name) for name in _ERRORS)


def _had_login(site: Site, exchange: Exchange) -> bool:
    """Tell whether our login was sent: to the account's own origin, or to that of its API."""
    head = exchange.request.partition(b"\r\n\r\n")[0]
    return same_origin(exchange.url, site.url) or b"\r\nauthorization:" in head.lower()


def _is_framed(response: HttpResponse) -> bool:
    """Tell whether a response says itself where it ends (RFC 9112 §6.3)."""
    return bool(response.header("content-length") or response.header("transfer-encoding"))


def file_row(url: str, response: bytes, *, decoded: bool) -> dict[str, str]:
    """Return the row of a file: what the HTTP response that brought it says of it.

    ``decoded``: the body was stored without its codings (`archiver.formats.replacement`).
    """
    parsed = parse_response(response, decoded=decoded)
    content_type = {name.lower(): value for name, value in parsed.headers}.get("content-type", "")
    return {
        "url": url,
        "media_type": content_type.partition(";")[0].strip(),
        "file_name": unquote(urlsplit(url).path.rpartition("/")[2]),
        "file_sha256": sha256(parsed.body).hexdigest(),
    }
