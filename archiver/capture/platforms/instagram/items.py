"""Cutting an answer into items: by the kind of nodes that its group names, node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Claim, Contained, Gone, Item, Page, Problem, Span
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import (
    answer_of,
    count_in,
    items_at,
    member_at,
    node_of,
    parted,
)
from archiver.capture.platforms.graph.deliveries import told
from archiver.capture.platforms.graph.errors import problem_of
from archiver.capture.platforms.graph.files import file_of
from archiver.capture.platforms.graph.messages import (
    content_items,
    conversation_items,
    message_items,
    refused,
)
from archiver.capture.platforms.graph.paging import following
from archiver.capture.platforms.instagram.addresses import ACCOUNT, name_of
from archiver.capture.platforms.instagram.events import change
from archiver.capture.platforms.instagram.listings import (
    DELIVERIES,
    comments_of,
    of_account,
    replies_of,
)
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.graph.cutting import Answer
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterable[Item]]

__all__ = ["split"]

_JSON = "application/json"
_PRIVATE, _PUBLIC = Sensitivity.PRIVATE, Sensitivity.PUBLIC
_COUNTS = frozenset({"followers_count", "follows_count", "media_count"})
_LINKED = "instagram_business_account"


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    body = response.body
    if listing.name == DELIVERIES:
        return told(site, body, "instagram", site.cursors.get(ACCOUNT, ""), change)
    problem = problem_of(response)
    if problem is not None:
        return _refused(listing, body, problem)
    answer = answer_of(body)
    if not answer.nodes and not answer.listed:
        return Page(problem=Problem("schema", "an answer that is no node and no list"))
    if listing.group == ACCOUNT:
        return _account(site, listing, body, answer.nodes[0] if answer.nodes else (0, 0))
    return _listed(site, listing, body, answer)


def _refused(listing: Listing, body: bytes, problem: Problem) -> Page:
    """Return what an error says. That a thing of which an event told is gone is an answer."""
    kind, _, about = listing.group.partition(" ")
    if kind == "content":
        return refused(about, body, problem)
    asked, _, number = listing.name.partition(" ")
    if problem.code == "missing" and asked == "node" and listing.stream == Stream.COMMENTS:
        span = (Span("refusal", 0, len(body)),)
        word = Gone(number, (Stream.COMMENTS,), span, _JSON, listing.group, word="missing")
        return Page(gone=(word,))
    if problem.code == "missing" and kind == "mentions":
        return Page(claims=(Claim("missing", 0, len(body), problem.message),))
    return Page(problem=problem)


def _listed(site: Site, listing: Listing, body: bytes, answer: Answer) -> Page:
    kind = listing.group.partition(" ")[0]
    cutter = _CUTTERS.get(kind, _nothing)
    if kind == "mentions" and not answer.listed:
        answer = answer._replace(claims=_envelope(body, answer.nodes[0], "mentioned_comment"))
    items = tuple(item for cut in answer.nodes for item in cutter(site, listing, body, cut))
    if kind == "comments":
        beside = (claim for cut in answer.nodes for claim in _beside(body, cut))
        answer = answer._replace(claims=(*answer.claims, *beside))
    after = following(listing.request.url, body) if answer.listed else None
    if isinstance(after, str):
        return Page(items, answer.claims, problem=Problem("schema", after))
    return Page(items, answer.claims, next=after)


def _account(site: Site, listing: Listing, body: bytes, cut: Cut) -> Page:
    """Cut the profile out of the Page that it is linked to; refuse the token of another's."""
    page, place = node_of(body[slice(*cut)]), member_at(body, cut, _LINKED)
    if place is None:
        words = "the token's Page has no professional Instagram account that is linked to it"
        return Page(problem=Problem("authorisation", words))
    node = node_of(body[slice(*place)])
    number, owner = node.get("id"), page.get("id")
    if not is_node(number) or not is_node(owner):
        return Page(problem=Problem("schema", "an answer that names no account"))
    who = str(node.get("username") or "")
    if who.lower() != name_of(site.url):
        shown = who[:80] if who.isprintable() else "somebody else"
        return Page(problem=Problem("authorisation", f"the token is that of {shown}"))
    left, counts = parted(body, place, _COUNTS)
    follow = of_account(site, listing, str(number), str(owner)) if site.authorised else ()
    items = [Item(Stream.PROFILE, str(number), Kind.PRESENT, _PUBLIC, left, _JSON, follow=follow)]
    if counts:
        items.append(Item(Stream.PROFILE, "count", Kind.PRESENT, _PUBLIC, counts, _JSON))
    claims = _envelope(body, cut, _LINKED)
    return Page(tuple(items), claims, cursor=str(number))


def _envelope(body: bytes, cut: Cut, name: str) -> tuple[Claim, ...]:
    """Return what stands around the node that is the member ``name`` of another."""
    return tuple(
        Claim(one.key, one.key_start, one.value_start if one.key == name else one.value_end, "")
        for one in json_members(body, *cut)
        if one.key in {"id", "name", name}
    )


def _media(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a post of the account's own, and the pictures of an album."""
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if not is_node(number):
        return
    places = items_at(body, cut, "children", "data")
    found = [(place, node_of(body[slice(*place)])) for place in places]
    children = [(place, one) for place, one in found if is_node(one.get("id"))]
    count = count_in(node, "comments_count")
    yield Item(
        Stream.POSTS, str(number), Kind.PRESENT, _PUBLIC, (Span("item", *cut),), _JSON,
        page_url=web_address(str(node.get("permalink") or "")),
        follow=(
            *file_of(site, f"{number}/file", _file(node), _PUBLIC),
            comments_of(site, listing, str(number), count),
        ),
        contains=tuple(Contained(Stream.MEDIA, str(one["id"])) for _, one in children),
    )  # fmt: skip
    for place, one in children:
        name = str(one["id"])
        yield Item(
            Stream.MEDIA, name, Kind.PRESENT, _PUBLIC, (Span("item", *place),), _JSON,
            follow=file_of(site, f"{name}/file", _file(one), _PUBLIC),
        )  # fmt: skip


def _other(prefix: str, who: Sensitivity) -> Cutter:
    """Return a cutter for stories, live videos and posts of others that name the account."""

    def cut_one(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
        node = node_of(body[slice(*cut)])
        number = node.get("id")
        if not is_node(number):
            return
        name = f"{prefix}{number}"
        follow = file_of(site, f"{name}/file", _file(node), who)
        if prefix == "live/":
            follow += (comments_of(site, listing, str(number), ""),)
        yield Item(
            Stream.POSTS, name, Kind.PRESENT, who, (Span("item", *cut),), _JSON,
            page_url=web_address(str(node.get("permalink") or "")), follow=follow,
        )  # fmt: skip

    return cut_one


def _comments(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a comment, and the replies that stand beside it."""
    del listing
    node = node_of(body[slice(*cut)])
    number, replies = node.get("id"), node.get("replies")
    if not is_node(number):
        return
    left, beside = parted(body, cut, {"replies"})
    paging = replies.get("paging") if isinstance(replies, dict) else None
    more = isinstance(paging, dict) and bool(paging.get("next"))
    follow = (replies_of(site, str(number)),) if more else ()
    yield _comment(node, left or (Span("item", *cut),), str(number), follow=follow)
    for place in items_at(body, cut, "replies", "data") if beside else ():
        reply = node_of(body[slice(*place)])
        if is_node(reply.get("id")):
            yield _comment(reply, (Span("item", *place),), str(reply["id"]))


def _beside(body: bytes, cut: Cut) -> Iterator[Claim]:
    """Yield what stands around the replies beside a comment: their list, where it goes on."""
    place = member_at(body, cut, "replies")
    if place is None or not is_node(node_of(body[slice(*cut)]).get("id")):
        return
    for one in json_members(body, *cut):
        if one.key == "replies":
            yield Claim(one.key, one.key_start, one.value_start, "")
    for one in json_members(body, *place):
        end = one.value_start if one.key == "data" else one.value_end
        yield Claim(f"replies {one.key}", one.key_start, end, "")


def _comment(node: dict[str, Any], spans: tuple[Span, ...], number: str, **more: Any) -> Item:  # noqa: ANN401 - follow alone
    kind = Kind.HIDDEN if node.get("hidden") is True else Kind.PRESENT
    return Item(Stream.COMMENTS, number, kind, _PRIVATE, spans, _JSON, **more)


def _mention(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield the comment on somebody else's post that an event told of."""
    place = member_at(body, cut, "mentioned_comment")
    if place is not None:
        yield from _comments(site, listing, body, place)


def _file(node: dict[str, Any]) -> str:
    return str(node.get("media_url") or node.get("thumbnail_url") or "")


def _nothing(_site: Site, _listing: Listing, _body: bytes, _cut: Cut) -> Iterable[Item]:
    return ()


_CUTTERS: dict[str, Cutter] = {
    "media": _media,
    "stories": _other("story/", _PUBLIC),
    "live_media": _other("live/", _PUBLIC),
    "tags": _other("tagged/", _PRIVATE),
    "comments": _comments,
    "replies": _comments,
    "mentions": _mention,
    "conversations": conversation_items,
    "messages": message_items,
    "content": content_items,
}
