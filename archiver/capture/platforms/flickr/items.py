"""Cutting an answer of Flickr's API into items: ``{"photos": {…}, "stat": "ok"}``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from archiver.capture.connector import Contained, Follow, Page, Problem
from archiver.capture.enveloped import Head, envelope_of, is_id, item_of, problem_of
from archiver.capture.paging import by_parameter, parameter_of
from archiver.capture.platforms.flickr import asking
from archiver.capture.urls import web_address
from archiver.record import Request, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]

__all__ = ["split"]

_CODES = {
    "1": "missing", "95": "schema", "98": "authorisation", "99": "authorisation",
    "100": "authorisation", "105": "transient", "106": "transient", "112": "sunset",
}  # fmt: skip
"""Numbers of errors that methods share, and 1, *not found*, of those that are asked here."""
_PAGED = "page pages perpage per_page total"
_LISTS = {
    "people.getPublicPhotos": ("photos", "photo", _PAGED),
    "photosets.getList": ("photosets", "photoset", f"{_PAGED} cancreate"),
    "photosets.getPhotos": ("photoset", "photo", f"{_PAGED} id primary owner ownername title"),
    "photos.comments.getList": ("comments", "comment", "photo_id"),
    "photos.getFavorites": ("photo", "person", f"{_PAGED} id secret server farm"),
}
"""Method -> the object, its list of items, and what stands beside that."""
_ONE = {"urls.lookupUser": "user", "people.getInfo": "person"}


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    head = Head(response.body) if response.body.lstrip()[:1] == b"{" else Head(b"")
    told = head.text("code") if head.text("stat") == "fail" else ""
    problem = problem_of(response, told, _CODES)
    if problem is None and head.text("stat") == "fail":
        problem = Problem("schema", f"{response.status} error {told}"[:200])
    if problem is not None:
        return Page(problem=problem)
    method = parameter_of(listing.request.url, "method").removeprefix("flickr.")
    if method in _ONE:
        return _one(site, listing, response.body, _ONE[method])
    if method not in _LISTS:
        return Page(problem=Problem("schema", "an answer to what is never asked"))
    return _list(site, listing, response.body, _LISTS[method])


def _one(site: Site, listing: Listing, body: bytes, name: str) -> Page:
    """Take the account's user: what names it, or its profile."""
    found = envelope_of(body, (), (name, "stat"))
    claim = next((one for one in found.claims if one.name == name), None)
    head = Head(body)
    user = head.text(name, "id")
    if claim is None or not is_id(user):
        return Page(problem=Problem("schema", f"an answer without a {name}"))
    start = claim.end - len(head.raw(name))
    kept = tuple(one for one in found.claims if one is not claim)
    claims = (*kept, claim._replace(end=start, value=""))
    cut = (start, claim.end)
    if name == "person":
        return Page((item_of(listing, user, cut, page_url=site.url),), claims)
    follow = asking.of_user(site, listing, user)
    return Page((item_of(listing, f"{user}/address", cut, follow=follow),), claims)


def _list(site: Site, listing: Listing, body: bytes, how: tuple[str, str, str]) -> Page:
    outer, inner, beside = how
    array = f"{outer}.{inner}"
    found = envelope_of(body, (array,), ("stat", *(f"{outer}.{one}" for one in beside.split())))
    if not any(one.name == outer for one in found.claims):
        return Page(problem=Problem("schema", f"an answer without {outer}"))
    items = tuple(one for cut in found.at(array) for one in _thing(site, listing, body, cut))
    total = found.values.get(f"{outer}.total", "")
    page, pages = (found.values.get(f"{outer}.{name}", "") for name in ("page", "pages"))
    more = page.isdecimal() and pages.isdecimal() and int(page) < int(pages)
    following = by_parameter(listing.request.url, "page", str(int(page) + 1)) if more else None
    return Page(items, found.claims, total if total.isdecimal() else "", next=following)


def _thing(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    head = Head(body[slice(*cut)])
    one, of = head.text("id"), listing.group.partition(" ")[2]
    if listing.group == "photos" and is_id(one):
        comments, faves = head.number("count_comments"), head.number("count_faves")
        follow = (*asking.of_photo(site, one, comments, faves), *_file(site, listing, head, one))
        page = web_address(f"{site.url.rstrip('/')}/{one}")
        yield item_of(listing, one, cut, follow=follow, page_url=page)
    elif listing.group == "sets" and is_id(one):
        photos = head.number("photos") + head.number("videos")
        yield item_of(listing, f"set/{one}", cut, follow=(asking.of_set(site, one, photos),))
    elif listing.group.startswith("set ") and is_id(one) and is_id(of):
        holds = (Contained(Stream.POSTS, one),)
        yield item_of(listing, f"set/{of}/photo/{one}", cut, contains=holds)
    elif listing.group.startswith("comments ") and is_id(one):
        yield item_of(listing, one, cut, page_url=web_address(head.text("permalink")))
    elif listing.group.startswith("faves ") and is_id(head.text("nsid")) and is_id(of):
        yield item_of(listing, f"{of}/{head.text('nsid')}", cut)


def _file(site: Site, listing: Listing, head: Head, one: str) -> Iterator[Follow]:
    """Yield the largest file that is shown to all; the key is not sent there."""
    url = web_address(head.text("url_o") or head.text("url_l"))
    name = quote(urlsplit(url).path.rpartition("/")[2], safe="")
    if asking.is_file(url, site) and is_id(name):
        request = Request(url, anonymous=True)
        yield Follow("file", Stream.POSTS, f"{one}/file/{name}", listing.sensitivity, request)
