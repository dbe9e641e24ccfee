"""Cutting a Mastodon answer into items: by the address that was asked, thing by thing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Item, Page, Problem, Span
from archiver.capture.platforms.mastodon.addresses import (
    api,
    handle,
    local_name,
    next_page,
    path_of,
    points_further,
    quoted,
)
from archiver.capture.platforms.mastodon.answers import problem_of
from archiver.capture.platforms.mastodon.attached import media_items, media_of_versions
from archiver.capture.platforms.mastodon.contexts import context, judged
from archiver.capture.platforms.mastodon.events import NAME, heard
from archiver.capture.platforms.mastodon.heads import (
    Account,
    Conversation,
    Plain,
    Status,
    head_of,
    is_id,
)
from archiver.capture.platforms.mastodon.hooks import NAME as SENT
from archiver.capture.platforms.mastodon.hooks import sent
from archiver.capture.platforms.mastodon.listings import of_account, of_conversation
from archiver.capture.platforms.mastodon.quoting import contained_in, contained_like
from archiver.capture.platforms.mastodon.relations import relation
from archiver.capture.platforms.mastodon.statuses import notification_items, status_items
from archiver.formats.excerpts_json import UNREADABLE, json_items
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.capture.connector import Contained, Follow, Listing, Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterable[Item]]

__all__ = ["split"]


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    if listing.name == NAME:
        return heard(site, listing, response)
    if listing.name == SENT:
        return sent(site, listing, response)
    problem = problem_of(response)
    if problem is not None:
        return Page(problem=judged(listing, problem))
    return _page(site, listing, response)


def _page(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut an answer that has what was asked for."""
    path, body = path_of(listing.request.url), response.body
    whole = _WHOLE.get(path[-1] if path else "")
    if whole is not None:
        return whole(site, listing, path, body)
    odd = _odd(path, body)
    if odd:
        return Page(problem=Problem("schema", odd))
    items = tuple(_items(site, listing, path, body))
    if path[:1] == ("statuses",) and len(path) == 2:  # noqa: PLR2004 - one status
        return _alone(site, listing, path, Page(items), body)
    following = next_page(listing.request.url, response)
    if following is None and points_further(response):
        return Page(items, problem=Problem("schema", "the next page has no max_id"))
    return Page(items, next=following)


def _odd(path: tuple[str, ...], body: bytes) -> str:
    """Return why an answer can't be what is at a path, empty where it can: `{}` is no list."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if len(path) != 2:  # noqa: PLR2004 - one thing of a kind, or the profile
        return "" if start == b"[" else "an answer that is no list"
    return "" if head_of(body, Plain) else "an answer without an id"


def _items(site: Site, listing: Listing, path: tuple[str, ...], body: bytes) -> Iterator[Item]:
    """Yield the items of a listing, or the one thing asked for."""
    cuts, cutter = _ranges(body), _cutter(path)
    for place, cut in enumerate(cuts):
        if path[-1:] == ("history",):
            yield _held(site, _item(listing, f"{path[1]}/edit/{place + 1}", cut), body)
        else:
            yield from cutter(site, listing, body, cut)
    if path[-1:] == ("history",):
        yield from media_items(site, media_of_versions(body, cuts), listing.sensitivity)


def _cutter(path: tuple[str, ...]) -> Cutter:
    """Return what cuts the things at a path."""
    what = path[0] if path else ""
    if what == "accounts":
        what = path[-1]
    elif what == "statuses" and len(path) > 2:  # noqa: PLR2004 - what hangs on one status
        return _reaction(path[1], path[2])
    return _CUTTERS.get(what, _nothing)


def _ranges(body: bytes) -> list[Cut]:
    """Return where the items lie: those of a listing, or the one thing asked for."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"[":
        return json_items(body)
    return [(len(body) - len(text), len(body.rstrip(b" \t\r\n")))]


def _item(
    listing: Listing,
    native_id: str,
    cut: Cut,
    *,
    kind: Kind = Kind.PRESENT,
    follow: tuple[Follow, ...] = (),
) -> Item:
    """Return an item of the listing's own stream, as private as the listing."""
    return Item(
        stream=listing.stream,
        native_id=native_id,
        kind=kind,
        sensitivity=listing.sensitivity,
        spans=(Span("item", *cut),),
        content_type="application/json",
        follow=follow,
    )


def _held(
    site: Site,
    item: Item,
    body: bytes,
    held: Callable[[Site, bytes, str], tuple[Contained, ...]] = contained_in,
) -> Item:
    """Return an item with what it holds of other things."""
    (span,) = item.spans
    return replace(item, contains=held(site, body[span.start : span.end], item.sensitivity))


def _nothing(_site: Site, _listing: Listing, _body: bytes, _cut: Cut) -> Iterable[Item]:
    return ()


def _named(prefix: str, kind: Kind = Kind.PRESENT) -> Cutter:
    """Return a cutter for things with an id of their own, named ``prefix/id``."""

    def cut_one(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
        head = head_of(body[slice(*cut)], Plain)
        if head is not None:
            held = contained_like if prefix == "favourite" else contained_in
            yield _held(site, _item(listing, f"{prefix}/{head.id}", cut, kind=kind), body, held)

    return cut_one


def _reaction(status: str, route: str) -> Cutter:
    """Return a cutter for the people who liked or boosted a status."""

    def cut_one(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
        head = head_of(body[slice(*cut)], Account)
        if head is not None:
            yield _item(listing, f"{status}/{route}/{head.id}", cut)

    return cut_one


def _profile(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    head = head_of(body[slice(*cut)], Account)
    if head is not None:
        follow = () if site.authorised else of_account(site, listing, str(head.id))
        yield _item(listing, str(head.id), cut, follow=follow)


def _settings(site: Site, listing: Listing, _path: tuple[str, ...], body: bytes) -> Page:
    """Cut what a token's owner is shown of himself; refuse the token of somebody else."""
    (cut,) = _ranges(body)[:1] or [(0, 0)]
    head = head_of(body[slice(*cut)], Account)
    if head is None:
        return Page(problem=Problem("schema", "an answer that names no account"))
    if local_name(head.acct) != handle(site):
        who = head.acct if head.acct.isprintable() else "somebody else"
        return Page(problem=Problem("authorisation", f"the token is that of {who[:80]}"))
    follow = of_account(site, listing, str(head.id))
    return Page((_item(listing, f"{head.id}/settings", cut, follow=follow),))


def _conversation(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    head = head_of(body[slice(*cut)], Conversation)
    if head is not None:
        follow = of_conversation(site, listing, head)
        item = _item(listing, f"conversation/{head.id}", cut, follow=follow)
        yield _held(site, item, body)


def _domain(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    try:
        name = msgspec.json.decode(body[slice(*cut)], type=str)
    except UNREADABLE:
        return
    if is_id(name):
        yield _item(listing, f"domain_block/{name}", cut)


def _alone(site: Site, listing: Listing, path: tuple[str, ...], page: Page, body: bytes) -> Page:
    """Read one status: the last of a conversation, or one that a listing no longer shows."""
    if listing.group.startswith("messages "):
        return replace(page, next=api(site, f"v1/statuses/{quoted(path[1])}/context"))
    head = head_of(body, Status)
    if listing.group == "favourites" and head is not None and head.favourited is False:
        return Page(problem=Problem("missing", "200 favourited is false"))
    return page


_CUTTERS: dict[str, Cutter] = {
    "lookup": _profile,
    "statuses": status_items,
    "followers": _named("follower"),
    "following": _named("following"),
    "notifications": notification_items,
    "conversations": _conversation,
    "scheduled_statuses": _named("scheduled", Kind.HELD),
    "favourites": _named("favourite"),
    "follow_requests": _named("follow_request", Kind.HELD),
    "blocks": _named("block"),
    "mutes": _named("mute"),
    "domain_blocks": _domain,
    "filters": _named("filter"),
}
_WHOLE: dict[str, Callable[[Site, Listing, tuple[str, ...], bytes], Page]] = {
    "context": context,
    "relationships": relation,
    "verify_credentials": _settings,
}
