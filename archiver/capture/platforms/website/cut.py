"""Cutting an answer of a website: the thing that it is, and what it leads to."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from archiver.capture.answers import status_problem
from archiver.capture.connector import Follow, Item, Listing, Page, Problem, Span
from archiver.capture.jsonitem import Row
from archiver.capture.platforms.website.addresses import (
    canonical,
    id_of,
    in_scope,
    is_file,
    is_under,
)
from archiver.capture.platforms.website.markup import css_references, decoded, references, tags
from archiver.capture.platforms.website.rows import MOST_NAMED, is_html
from archiver.capture.platforms.website.scope import scope_of
from archiver.capture.text import unescaped
from archiver.limits import LARGEST_PAGE
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.capture.connector import Site
    from archiver.capture.platforms.website.markup import Reference
    from archiver.formats.http1 import HttpResponse

__all__ = ["GROUP", "cut", "part"]

GROUP = "pages"
"""Of all pages: those that nothing leads to any more are asked for one by one."""
_LOCATION = re.compile(r"<(?:\w+:)?loc>\s*+([^<]{1,2000})", re.IGNORECASE)
_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_NAMED = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_START = "start"
_RENDERED = "r"
"""Begins what a request carries whose answer is a browser's; the depth in links follows."""
_GONE = frozenset({404, 410})


def _page_listing(url: str, depth: int) -> Listing:
    """Return the listing that reads one page; ``url`` is canonical, ``depth`` in links."""
    name = f"page {id_of(url)}"
    request = Request(url, carried=str(depth), fenced=True)
    return Listing(name, Stream.PAGES, request, Sensitivity.PUBLIC, group=name, exhaustive=False)


def cut(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut an answer. Never raises."""
    url = canonical(listing.request.url, site.url)
    if listing.request.carried.startswith(_RENDERED):
        return _rendered(site, listing, response, url)
    problem = _problem(site, listing, response, url)
    if problem is not None:
        return Page(problem=problem)
    style = listing.name.startswith("style ")
    kind = response.header("content-type").partition(";")[0].strip()
    leads = dict.fromkeys(_styles(site, response, url) if style else _leads(site, response, url))
    html = is_html(response.header("content-type"), response.body)
    depth = _depth(listing) + html  # what a list of pages names is no further than the list
    follow = [one for lead in leads if (one := _follow(site, lead, depth)) is not None]
    if not style and _is_rendered(site, response, url):
        follow.append(_rendering(url, _depth(listing)))
    return Page(
        (
            Item(
                Stream.MEDIA if style else Stream.PAGES,
                id_of(url),
                Kind.PRESENT,
                Sensitivity.PUBLIC,
                (Span("item", 0, len(response.body)),),
                kind if kind.isascii() and kind else "application/octet-stream",
                page_url=url,
                follow=tuple(follow),
                group="" if style else GROUP,
                whole=True,
            ),
        )
    )


def _problem(site: Site, listing: Listing, response: HttpResponse, url: str) -> Problem | None:
    """Return why an answer is no page of the site."""
    if response.status in _GONE:
        led = listing.request.carried and listing.name != _START  # else it is asked for by itself
        code = "end" if led else "missing"
        return Problem(code, response.status_line)
    problem = status_problem(response)
    if problem is not None:
        kept = problem.code in {"rate", "transient"}
        return problem if kept else Problem("forbidden", response.status_line[:200])
    if not url:
        return Problem("bounds", "its address is too long, or none of the web")
    if listing.name.startswith("style ") or in_scope(url, site.url, scope_of(site.scope)):
        return None
    return Problem("redirect", f"it leads out of the site, to {url}")


def _leads(site: Site, response: HttpResponse, url: str) -> Iterator[tuple[str, str]]:
    """Yield what a page leads to: role and canonical address."""
    content_type = response.header("content-type")
    text = ""
    if url.endswith("/robots.txt"):
        text, _ = decoded(response.body, content_type)
        yield from _addressed("link", (one[1] for one in _NAMED.finditer(text)), url)
        return
    if is_html(content_type, response.body):
        text, _ = decoded(response.body, content_type)
        found = list(tags(text))
        base = next((tag.attributes["href"] for tag in found if tag.name == "base"
                     and tag.attributes.get("href")), "")  # fmt: skip
        yield from _referred(references(iter(found)), canonical(base, url) or url)
        return
    body = _unpacked(response.body) if url.endswith(".gz") else response.body
    text, _ = decoded(body[:LARGEST_PAGE], "" if url.endswith(".gz") else content_type)
    if _SITEMAP.search(text[:4096]):
        places = (unescaped(one[1]).strip() for one in _LOCATION.finditer(text))
        yield from _addressed("link", places, site.url)


def _styles(_site: Site, response: HttpResponse, url: str) -> Iterator[tuple[str, str]]:
    text, _ = decoded(response.body, response.header("content-type"))
    yield from _referred(css_references(text), url)


def _unpacked(body: bytes) -> bytes:
    """Return what a gzipped sitemap holds, as far as it is one and no bomb."""
    try:
        return zlib.decompressobj(31).decompress(body, LARGEST_PAGE)
    except zlib.error:
        return body


def _referred(found: Iterable[Reference], base: str) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(found):
        if number >= MOST_NAMED:
            return
        yield from _addressed(one.role, [one.url], base)


def _addressed(role: str, urls: Iterable[str], base: str) -> Iterator[tuple[str, str]]:
    yield from ((role, url) for one in urls if (url := canonical(one, base)))


def _follow(site: Site, lead: tuple[str, str], depth: int) -> Follow | None:
    """Return the request for what a page leads to; None where that is not of the site."""
    role, url = lead
    scope = scope_of(site.scope)
    own = in_scope(url, site.url, scope)
    if role == "link" and not own:
        return None
    if not own and (scope.resources == "site" or _weaker(url, site.url)):
        return None
    known = id_of(url)
    if role == "link" and not is_file(url):
        return Follow(
            "listing", Stream.PAGES, known, listing=_page_listing(url, depth), always=True
        )
    if role == "style":
        name = f"style {known}"
        request = Request(url, carried=str(depth), fenced=True)
        sheet = Listing(name, Stream.MEDIA, request, Sensitivity.PUBLIC, name, exhaustive=False)
        return Follow("listing", Stream.MEDIA, known, listing=sheet, always=True)
    return Follow("file", Stream.MEDIA, known, Sensitivity.PUBLIC, Request(url, fenced=True))


def part(site: Site, url: str, kind: str) -> Follow | None:
    """Return how a part of a page is asked for that a browser shows, None where it is not."""
    address = canonical(url, url)
    role = {"document": "link", "stylesheet": "style"}.get(kind, "resource")
    return _follow(site, (role, address), 0) if address else None


def _weaker(url: str, site_url: str) -> bool:
    """Tell whether an address would be asked in clear where the site is not."""
    return site_url.startswith("https:") and url.startswith("http:")


def _is_rendered(site: Site, response: HttpResponse, url: str) -> bool:
    """Tell whether a browser is to render a page, too."""
    places = scope_of(site.scope).browser
    html = is_html(response.header("content-type"), response.body)
    return html and is_under(url, places)


def _depth(listing: Listing) -> int:
    told = listing.request.carried.removeprefix(_RENDERED)
    return int(told) if told.isdecimal() else 0


def _rendering(url: str, depth: int) -> Follow:
    name = f"rendered {id_of(url)}"
    request = Request(url, carried=f"{_RENDERED}{depth}", fenced=True, rendered="dom")
    made = Listing(name, Stream.PAGES, request, Sensitivity.PUBLIC, name, exhaustive=False)
    return Follow("listing", Stream.PAGES, f"{id_of(url)}/rendered", listing=made, always=True)


def _rendered(site: Site, listing: Listing, response: HttpResponse, url: str) -> Page:
    """Cut what our browser made of a page: first what it showed as text, then how it looked."""
    if response.status != 200:  # noqa: PLR2004 - the browser's process has done it
        return Page(problem=Problem("browser", response.status_line[:200]))
    if not url:
        return Page(problem=Problem("bounds", "its address is too long, or none of the web"))
    shown = response.body.startswith(b"\x89PNG")
    role, part = ("screenshot", "screenshot") if shown else ("rendered", "rendered")
    follow: list[Follow] = []
    depth = _depth(listing)
    if not shown:
        row = Row()
        dom = "".join(row.text(n, v) for n, v in row.members(response.body) if n == "dom")
        leads = dict.fromkeys(_referred(references(tags(dom)), url))
        follow = [one for lead in leads if (one := _follow(site, lead, depth + 1)) is not None]
    item = Item(
        Stream.PAGES,
        f"{id_of(url)}/{part}",
        Kind.PRESENT,
        Sensitivity.PUBLIC,
        (Span(role, 0, len(response.body)),),
        "image/png" if shown else "application/json",
        page_url=url,
        follow=tuple(follow),
    )
    carried = f"{_RENDERED}{depth}"
    more = Request(f"{url}#screenshot", carried=carried, fenced=True, rendered="png")
    return Page((item,), next=None if shown else more)
