"""What to ask a WordPress site: listings, single things, next pages.

Addresses use ``index.php?rest_route=``, which works with and without pretty permalinks.
Logged in, every listing of content carries ``context=edit``: WordPress silently treats
a wrong password as no login, and only that parameter makes it say so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from archiver.capture.connector import Listing, Site
from archiver.capture.paging import linked, parameter_of
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["direct", "listings", "me", "next_page", "refuses", "revisions"]

PER_PAGE = "100"  # the most WordPress gives
_FIELDS = "name,description,url,home,gmt_offset,timezone_string,site_logo,site_icon,site_icon_url"
_OLDEST = {"orderby": "id", "order": "asc"}  # new things come at the end: pages do not shift
_NEWEST = {"orderby": "id", "order": "desc"}
_CHANGED = {"orderby": "modified", "order": "desc"}
_ROUTES = {
    Stream.POSTS: "/wp/v2/posts",
    Stream.PAGES: "/wp/v2/pages",
    Stream.COMMENTS: "/wp/v2/comments",
    Stream.SUBSCRIBERS: "/wp/v2/users",
    Stream.MEDIA: "/wp/v2/media",
}
_INSIDE = re.compile(r"/wp-[^/]*|/[^/]*\.php/?$", re.IGNORECASE)
"""A place within a site: its interface, its administration, a script."""
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_REVISION = re.compile(r"([^/]+)/revision/([^/]+)")


class _Query(NamedTuple):
    """One listing: its name after that of the stream, its parameters, its flags."""

    suffix: str
    parameters: dict[str, str]
    exhaustive: bool = True
    newest_first: bool = False
    dated: bool = False


_ANY = {"status": "any"}  # all but the bin, also the states that plugins add
_TRASH = {"status": "trash"}
_FILES = {"status": "inherit,private,trash"}
_ALL_COMMENTS = {"status": "any", "type": "all"}
_WRITING = (_Query("", _ANY | _OLDEST), _Query(" trash", _TRASH | _OLDEST))
_NEW_WRITING = (
    _Query(" newest", _ANY | _NEWEST, newest_first=True),
    # Moving a post to the bin sets its time of change.
    _Query(" trash newest", _TRASH | _CHANGED, newest_first=True),
    # Shows the same things as the first, by time of change: never counted with it.
    _Query(" changed", _ANY | _CHANGED, exhaustive=False, newest_first=True),
)
_FULL = {
    Stream.POSTS: _WRITING,
    Stream.PAGES: _WRITING,
    Stream.COMMENTS: (_Query("", _ALL_COMMENTS | _OLDEST),),
    Stream.SUBSCRIBERS: (_Query("", _OLDEST),),
    Stream.MEDIA: (_Query("", _FILES | _OLDEST),),
}
_INCREMENTAL = {
    Stream.POSTS: _NEW_WRITING,
    Stream.PAGES: _NEW_WRITING,
    Stream.COMMENTS: (_Query(" newest", _ALL_COMMENTS | _NEWEST, newest_first=True),),
    Stream.SUBSCRIBERS: (_Query(" newest", _NEWEST, newest_first=True),),
    Stream.MEDIA: (
        _Query(" newest", _FILES | _NEWEST, newest_first=True),
        _Query(" changed", _FILES | _CHANGED, exhaustive=False, newest_first=True),
    ),
}
_NEW_FIRST = _Query(" newest", _ANY | _NEWEST, newest_first=True, dated=True)
_SWEEP = {
    Stream.POSTS: (_NEW_FIRST, _Query(" trash", _TRASH | _OLDEST)),
    Stream.PAGES: (_NEW_FIRST, _Query(" trash", _TRASH | _OLDEST)),
    Stream.COMMENTS: (_Query(" newest", _ALL_COMMENTS | _NEWEST, newest_first=True, dated=True),),
    Stream.SUBSCRIBERS: _FULL[Stream.SUBSCRIBERS],
    Stream.MEDIA: (_Query(" newest", _FILES | _NEWEST, newest_first=True, dated=True),),
}
"""Full listings, but from the newest on: ids rise with time, but for what is dated back."""
_TABLES = {"incremental": _INCREMENTAL, "sweep": _SWEEP}
_PUBLIC_STREAMS = (Stream.POSTS, Stream.PAGES, Stream.COMMENTS, Stream.MEDIA)
_NOT_PUBLIC = frozenset({"status", "type"})


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate. Without a login: what is published, and no users."""
    table = _TABLES.get(mode, _FULL)
    result = [_profile(site)]
    for stream, queries in table.items():
        if site.authorised:
            result += [_listing(site, stream, query) for query in queries]
        elif stream in _PUBLIC_STREAMS:
            public = (query for query in queries if query.parameters.get("status") != "trash")
            result += [_listing(site, stream, query) for query in public]
    return tuple(result)


def _listing(site: Site, stream: Stream, query: _Query) -> Listing:
    parameters = query.parameters
    if not site.authorised:
        parameters = {k: v for k, v in parameters.items() if k not in _NOT_PUBLIC}
    return Listing(
        name=f"{stream}{query.suffix}",
        stream=stream,
        request=_request(site, _ROUTES[stream], per_page=PER_PAGE, **parameters),
        sensitivity=Sensitivity.PRIVATE if site.authorised else Sensitivity.PUBLIC,
        group=stream,
        exhaustive=query.exhaustive,
        newest_first=query.newest_first,
        dated=query.dated,
    )


def _profile(site: Site) -> Listing:
    """Return the listing of the site's own name and description."""
    request = Request(f"{_base(site)}/&_fields={_FIELDS}")
    stream = Stream.PROFILE
    return Listing(stream, stream, request, Sensitivity.PUBLIC, stream, exhaustive=False)


def revisions(site: Site, stream: str, parent: str, stated: int | None = None) -> Listing:
    """Return the listing of all stored revisions of a post or page, ``stated`` in number."""
    route = f"{_ROUTES[Stream(stream)]}/{parent}/revisions"
    name = f"{stream} {parent} revisions"
    request = _request(site, route, per_page=PER_PAGE, **_NEWEST)
    return Listing(
        name, stream, request, Sensitivity.PRIVATE, name, newest_first=True, stated=stated
    )


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None for the profile and for files."""
    if stream not in _ROUTES:
        return None
    route = _ROUTES[Stream(stream)]
    revision = _REVISION.fullmatch(native_id)
    if revision is not None:
        parts = [quote(part, safe="") for part in revision.groups()]
        return _request(site, f"{route}/{parts[0]}/revisions/{parts[1]}")
    if "/" in native_id:
        return None
    return _request(site, f"{route}/{quote(native_id, safe='')}")


def next_page(site: Site, listing: Listing, response: HttpResponse) -> Request | None:
    """Return the request for the page that WordPress calls next, None on the last.

    Only the page's number is taken from the ``Link`` header: the address in it may name
    another host, and is another one where permalinks are pretty.
    """
    number = parameter_of(linked(response), "page")
    first = _first_page(site, listing) if _NUMBER.fullmatch(number) else None
    if first is None:
        return None
    return Request(f"{first.url}&page={int(number)}")


def _first_page(site: Site, listing: Listing) -> Request | None:
    """Return a listing's first request, found by its name, for only that is stored."""
    if listing.name.endswith(" revisions") and len(listing.name.split(" ")) == 3:  # noqa: PLR2004 - stream, id, word
        stream, parent, _ = listing.name.split(" ")
        return revisions(site, stream, parent).request if stream in _ROUTES else None
    return _first_pages(site.url, authorised=site.authorised).get(listing.name)


@lru_cache(maxsize=64)  # asked for page by page
def _first_pages(url: str, *, authorised: bool) -> dict[str, Request]:
    """Return the first request of every listing of a site, by the listing's name."""
    site = Site("", url, authorised)
    every = (*listings(site, "incremental"), *listings(site, "reconcile"))
    return {one.name: one.request for one in every}


def refuses(url: str) -> str:
    """Return why an address is not that of a site's own beginning, empty where it is."""
    inside = _INSIDE.search(urlsplit(url).path)
    if inside or "?" in url:
        what = inside[0] if inside else "?"
        return f"the address of a WordPress site is that of its front page, without {what}"
    return ""


def _base(site: Site) -> str:
    return f"{site.url.rstrip('/')}/index.php?rest_route="


def me(site: Site) -> Request:
    """Return the request in which a user asks what he may."""
    return _request(site, "/wp/v2/users/me", _fields="id,capabilities")


def _request(site: Site, route: str, **parameters: str) -> Request:
    context = "edit" if site.authorised else "view"
    query = urlencode({"context": context, **parameters}, safe=",")
    return Request(f"{_base(site)}{route}&{query}")
