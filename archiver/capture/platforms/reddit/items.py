"""Cutting an answer of Reddit into items: listings of things by kind, and modmail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Page, Problem
from archiver.capture.enveloped import Head, envelope_of, is_id, item_of, whole
from archiver.capture.paging import by_parameter
from archiver.capture.platforms.reddit.addresses import community, path_of
from archiver.capture.platforms.reddit.answers import refusal
from archiver.capture.platforms.reddit.listings import more_children
from archiver.capture.platforms.reddit.modmail import conversations, messages
from archiver.capture.platforms.reddit.things import more_of, thing
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]

__all__ = ["split"]

_DECLARED = (
    "kind", "data.after", "data.before", "data.dist", "data.modhash", "data.geo_filter",
    "json.errors",
)  # fmt: skip
_CHILDREN = "data.children"
_THINGS = "json.data.things"
_PEOPLE = ("moderators", "banned", "muted")


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    problem = refusal(response)
    if problem is not None:
        return Page(problem=problem)
    body, path = response.body, path_of(listing.request.url)
    if path == "api/mod/conversations":
        return conversations(site, listing, body)
    if path.startswith("api/mod/conversations/"):
        return messages(listing, body)
    if path == "api/v1/me" or path.endswith("/about"):
        return _one(site, listing, body)
    if listing.group.startswith("thread ") and path != "api/info":
        return _thread(site, listing, body)
    return _listing(site, listing, body)


def _one(site: Site, listing: Listing, body: bytes) -> Page:
    """Take the community, if it is the account's, or the login's own user."""
    head, cut = Head(body), whole(body)
    if listing.group == "me":
        named = is_id(head.text("name"))
        none = Problem("schema", "an answer that names no user")
        return Page((item_of(listing, "me", cut),)) if named else Page(problem=none)
    name, one = head.text("data", "display_name"), head.text("data", "id")
    if head.text("kind") != "t5" or not is_id(one):
        return Page(problem=Problem("schema", "an answer that is no community"))
    if name.lower() != community(site).lower():
        return Page(problem=Problem("schema", "an answer about another community"))
    return Page((item_of(listing, one, cut, page_url=site.url),))


def _listing(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut a listing of things of any kind, or of people."""
    found = envelope_of(body, (_CHILDREN,), _DECLARED)
    if not any(one.name == _CHILDREN for one in found.claims):
        return Page(problem=Problem("schema", "an answer that is no listing"))
    cuts = found.at(_CHILDREN)
    if not cuts and path_of(listing.request.url) == "api/info":
        return Page(problem=Problem("missing", "200 no such id"))
    if listing.group in _PEOPLE:
        items = tuple(_people(listing, body, cuts))
    else:
        items = tuple(one for cut in cuts for one in thing(site, listing, body, cut))
    after = found.values.get("data.after", "")
    following = by_parameter(listing.request.url, "after", after if after != "null" else "")
    return Page(items, found.claims, next=following)


def _people(listing: Listing, body: bytes, cuts: list[Cut]) -> Iterator[Item]:
    for cut in cuts:
        who = Head(body[slice(*cut)]).text("id")
        if is_id(who):
            yield item_of(listing, f"{listing.group.removesuffix('s')}/{who}", cut)


def _thread(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut the comments on a post: first the page of it, then those that it named by id."""
    post = listing.group.removeprefix("thread ")
    carried = [one for one in listing.request.carried.split(",") if one]
    if path_of(listing.request.url) == "api/morechildren":
        found = envelope_of(body, (_THINGS,), _DECLARED)
        if not any(one.name == _THINGS for one in found.claims):
            return Page(problem=Problem("schema", "an answer without comments"))
        page = _comments(site, listing, body, found.at(_THINGS), carried)
        return replace(page, claims=(*found.claims, *page.claims))
    parts = json_items(body)
    if len(parts) != 2:  # noqa: PLR2004 - the post, and what was said to it
        return Page(problem=Problem("schema", f"an answer that is not about {post}"))
    claims: tuple[Claim, ...] = ()
    pages = []
    for start, end in parts:
        found = envelope_of(body[start:end], (_CHILDREN,), _DECLARED)
        claims += tuple(
            one._replace(start=one.start + start, end=one.end + start) for one in found.claims
        )
        cuts = [(left + start, right + start) for left, right in found.at(_CHILDREN)]
        pages.append(_comments(site, listing, body, cuts, carried))
    items = tuple(item for page in pages for item in page.items)
    told = (*claims, *(claim for page in pages for claim in page.claims))
    return replace(pages[1], items=items, claims=told)


def _comments(
    site: Site, listing: Listing, body: bytes, cuts: list[Cut], carried: list[str]
) -> Page:
    """Cut things of a thread; what it names by id only is asked for next."""
    post = listing.group.removeprefix("thread ")
    items: list[Item] = []
    claims: list[Claim] = []
    left, deeper = list(carried), False
    for cut in cuts:
        more = more_of(body[slice(*cut)])
        if more is None:
            items += thing(site, listing, body, cut)
        else:
            claims.append(Claim("more", *cut, str(len(more))))
            left += more
            deeper |= not more
    following = more_children(site, post, left)
    withheld = Problem("withheld", "answers nested deeper than Reddit's API lists at once")
    problem = withheld if deeper and following is None else None
    return Page(tuple(items), tuple(claims), next=following, problem=problem)
