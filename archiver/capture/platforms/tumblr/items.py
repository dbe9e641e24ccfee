"""Cutting an answer of Tumblr's API into items: ``{"meta", "response"}``, by what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from archiver.capture.connector import Contained, Follow, Page, Problem
from archiver.capture.enveloped import Head, envelope_of, is_id, item_of, problem_of
from archiver.capture.paging import by_offset, by_parameter, parameter_of
from archiver.capture.platforms.tumblr.addresses import is_picture, method_of
from archiver.capture.platforms.tumblr.listings import notes
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import json_items
from archiver.record import Kind, Request, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterator[Item]]

__all__ = ["split"]

_AROUND = ("meta", "response._links")
_LISTS = {
    "posts": ("posts", ("blog", "total_posts")),
    "posts/queue": ("posts", ()),
    "posts/draft": ("posts", ()),
    "posts/submission": ("posts", ()),
    "followers": ("users", ("total_users",)),
    "following": ("blogs", ("total_blogs",)),
    "blocks": ("blocked_tumblelogs", ()),
    "notes": ("notes", ("total_notes", "total_likes", "total_reblogs", "rollup_notes")),
}
"""Method -> where its items lie in the response, and what stands beside them."""
_COUNTS = {"followers": "total_users", "following": "total_blogs"}


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    method, body = method_of(listing.request.url), response.body
    problem = _refusal(listing, response)
    if problem is not None:
        return Page(problem=problem)
    if method == "info":
        return _blog(listing, body)
    array, beside = _LISTS.get(method, ("", ()))
    name = f"response.{array}"
    found = envelope_of(body, (name,), (*_AROUND, *(f"response.{one}" for one in beside)))
    if not array or not any(one.name == name for one in found.claims):
        return Page(problem=Problem("schema", "an answer that is none of Tumblr's"))
    cutter = _CUTTERS.get(array, _person)
    items = tuple(item for cut in found.at(name) for item in cutter(site, listing, body, cut))
    total = found.values.get(f"response.{_COUNTS.get(method, '')}", "")
    total = total if total.isdecimal() else ""
    following = _next(listing.request.url, Head(body), len(found.at(name)), total)
    return Page(items, found.claims, total, next=following)


def _refusal(listing: Listing, response: HttpResponse) -> Problem | None:
    """Return why an answer is no content; a post that was asked for alone may be gone."""
    status = Head(response.body).text("meta", "status")
    alone = parameter_of(listing.request.url, "id") and listing.group == "posts"
    told = "gone" if alone and (response.status, status) == (404, "404") else ""
    return problem_of(response, told, {"gone": "missing"})


def _next(url: str, head: Head, shown: int, total: str) -> Request | None:
    """Return the request for the next page: by the answer's own link, else by what was shown.

    Not all lists are said to have links, so those that go by offset go on until they are shown
    whole, or a page is empty.
    """
    links = Head(head.raw("response", "_links", "next", "query_params"))
    for name in ("before_timestamp", "before_id", "before"):
        if links.text(name):
            return by_parameter(url, name, links.text(name))
    if not parameter_of(url, "offset"):
        return None
    return by_offset(url, "offset", shown, int(total) if total.isdecimal() else None)


def _blog(listing: Listing, body: bytes) -> Page:
    found = envelope_of(body, (), (*_AROUND, "response.blog"))
    claim = next((one for one in found.claims if one.name == "response.blog"), None)
    head = Head(body)
    name = head.text("response", "blog", "uuid") or head.text("response", "blog", "name")
    if claim is None or not is_id(name):
        return Page(problem=Problem("schema", "an answer that names no blog"))
    start = claim.end - len(head.raw("response", "blog"))
    page = web_address(head.text("response", "blog", "url"))
    kept = tuple(one for one in found.claims if one is not claim)
    key = claim._replace(end=start, value="")
    return Page((item_of(listing, name, (start, claim.end), page_url=page),), (*kept, key))


def _post(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    head = Head(body[slice(*cut)])
    one = head.text("id_string") or head.text("id")
    if not is_id(one):
        return
    state, count = head.text("state"), head.number("note_count")
    reblog = head.raw("trail") not in (b"", b"[]", b"null")
    follow = (notes(site, one, count),) if count and listing.stream == Stream.POSTS else ()
    yield item_of(
        listing,
        one,
        cut,
        kind=Kind.PRESENT if state in {"", "published"} else Kind.HELD,
        page_url=web_address(head.text("post_url")),
        follow=(*follow, *_files(site, listing, head, one)),
        contains=(Contained(),) if reblog else (),
    )


def _files(site: Site, listing: Listing, head: Head, one: str) -> Iterator[Follow]:
    """Yield the largest of each picture, which stands first; our login is not sent there."""
    content = head.raw("content")
    for start, end in json_items(content):
        media = Head(content[start:end]).raw("media")
        for left, right in json_items(media)[:1]:
            url = web_address(Head(media[left:right]).text("url"))
            name = quote(urlsplit(url).path.strip("/").replace("/", "_"), safe="")
            if is_picture(url, site) and is_id(name):
                request = Request(url, anonymous=True)
                native_id = f"{one}/file/{name}"
                yield Follow("file", listing.stream, native_id, listing.sensitivity, request)


def _note(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a note: a like once for each blog, anything else by its moment."""
    head = Head(body[slice(*cut)])
    kind, who, at = head.text("type"), head.text("blog_name"), head.text("timestamp")
    post = listing.group.removeprefix("notes ")
    name = f"{kind}-{who}" if kind == "like" else f"{kind}-{who}-{at}"
    if kind and who and is_id(name) and is_id(post):
        stream = Stream.REACTIONS if kind == "like" else Stream.COMMENTS
        yield item_of(listing, f"{post}/{name}", cut, stream=stream)


def _person(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a blog that follows, is followed or is blocked, by its name."""
    name = Head(body[slice(*cut)]).text("name")
    if is_id(name):
        yield item_of(listing, f"{_WORDS.get(listing.group, listing.group)}/{name}", cut)


_WORDS = {"followers": "follower", "blocks": "block"}
_CUTTERS: dict[str, Cutter] = {"posts": _post, "notes": _note}
