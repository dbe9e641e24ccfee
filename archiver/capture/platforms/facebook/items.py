"""Cutting an answer into items: by the kind of nodes that its group names, node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Claim, Item, Page, Problem, Span
from archiver.capture.platforms.facebook.addresses import PAGE, is_of, page_id
from archiver.capture.platforms.facebook.events import change
from archiver.capture.platforms.facebook.listings import DELIVERIES, of_page
from archiver.capture.platforms.facebook.media import album_items, photo_items, video_items
from archiver.capture.platforms.facebook.posts import (
    comment_items,
    live_items,
    post_items,
    story_items,
)
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import answer_of, node_of, parted
from archiver.capture.platforms.graph.deliveries import told
from archiver.capture.platforms.graph.errors import problem_of
from archiver.capture.platforms.graph.messages import (
    content_items,
    conversation_items,
    message_items,
    refused,
)
from archiver.capture.platforms.graph.paging import following
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.graph.cutting import Answer
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterable[Item]]

__all__ = ["split"]

UPPER = (
    "summary.total_count can be more than what is listed, which comment privacy and deletion "
    "reduce (developers.facebook.com/docs/graph-api/reference/object/comments)"
)
"""Why a count may be larger than what is shown, in the words of the platform's manual."""
_COUNTS = frozenset({"fan_count", "followers_count"})


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    if listing.name == DELIVERIES:
        return told(site, response.body, "page", page_id(site), change)
    kind, _, about = listing.group.partition(" ")
    problem = problem_of(response)
    if problem is not None and kind == "content":
        return refused(about, response.body, problem)
    if problem is not None:
        return _none(listing, response.body, problem)
    answer = answer_of(response.body)
    if not answer.nodes and not answer.listed:
        return Page(problem=Problem("schema", "an answer that is no node and no list"))
    if kind == PAGE:
        return _page(site, listing, response.body, answer)
    return _listed(site, listing, response.body, answer)


def _none(listing: Listing, body: bytes, problem: Problem) -> Page:
    """Return what an error says. That a thing of which an event told is gone is an answer."""
    if problem.code == "missing" and listing.name.startswith("node "):
        return Page(claims=(Claim("missing", 0, len(body), problem.message),))
    return Page(problem=problem)


def _listed(site: Site, listing: Listing, body: bytes, answer: Answer) -> Page:
    kind = listing.group.partition(" ")[0]
    cutter = _CUTTERS.get(kind, _nothing)
    items = tuple(item for cut in answer.nodes for item in cutter(site, listing, body, cut))
    after = following(listing.request.url, body) if answer.listed else None
    bound = UPPER if answer.total else ""
    if isinstance(after, str):
        return Page(items, answer.claims, answer.total, problem=Problem("schema", after))
    return Page(items, answer.claims, answer.total, next=after, bound=bound)


def _page(site: Site, listing: Listing, body: bytes, answer: Answer) -> Page:
    """Cut the Page's profile, and its dated counts; refuse the token of another Page."""
    (cut,) = answer.nodes
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if answer.listed or not is_node(number):
        return Page(problem=Problem("schema", "an answer that names no Page"))
    if not is_of(site.url, node):
        who = str(node.get("username") or node.get("name") or number)
        who = who if who.isprintable() else "somebody else"
        words = f"the token is that of {who[:80]}, which is not the Page of this address"
        return Page(problem=Problem("authorisation", words))
    left, counts = parted(body, cut, _COUNTS)
    follow = of_page(site, listing, str(number)) if site.authorised else ()
    profile = Item(
        Stream.PROFILE, str(number), Kind.PRESENT, Sensitivity.PUBLIC, left, _JSON, follow=follow
    )
    items = [profile]
    if counts:
        # Nobody is named: the platform tells how many follow, to everybody.
        items.append(Item(Stream.PROFILE, "count", Kind.PRESENT, Sensitivity.PUBLIC, counts, _JSON))
    return Page(tuple(items), cursor=str(number))


def _named(prefix: str, stream: Stream, *path: str) -> Cutter:
    """Return a cutter for private nodes without more to them; ``path`` leads to their ids."""

    def cut_one(_site: Site, _listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
        node = node_of(body[slice(*cut)])
        number = _at(node, path) or _at(node, ("reviewer", "id"))
        if number:
            spans, who = (Span("item", *cut),), Sensitivity.PRIVATE
            yield Item(stream, f"{prefix}/{number}", Kind.PRESENT, who, spans, _JSON)

    return cut_one


def _details(_site: Site, _listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield what the profile says besides what the first request asks for."""
    number = node_of(body[slice(*cut)]).get("id")
    if is_node(number):
        spans, who = (Span("item", *cut),), Sensitivity.PUBLIC
        yield Item(Stream.PROFILE, f"details/{number}", Kind.PRESENT, who, spans, _JSON)


def _reaction(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield one person's reaction to the node that the group names."""
    who = node_of(body[slice(*cut)]).get("id")
    about = listing.group.partition(" ")[2]
    if is_node(who) and is_node(about):
        yield Item(
            Stream.REACTIONS, f"{about}/reaction/{who}", Kind.PRESENT, Sensitivity.PRIVATE,
            (Span("item", *cut),), _JSON,
        )  # fmt: skip


def _at(node: dict[str, Any], path: tuple[str, ...]) -> str:
    value: object = node
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and is_node(value) else ""


def _nothing(_site: Site, _listing: Listing, _body: bytes, _cut: Cut) -> Iterable[Item]:
    return ()


_JSON = "application/json"
_CUTTERS: dict[str, Cutter] = {
    **dict.fromkeys(("posts", "visitor_posts", "feed", "tagged", "scheduled"), post_items),
    "shares": post_items,
    "stories": story_items,
    "live": live_items,
    "comments": comment_items,
    "reactions": _reaction,
    "photos": photo_items,
    "videos": video_items,
    "reels": video_items,
    "albums": album_items,
    "ratings": _named("rating", Stream.COMMENTS, "open_graph_story", "id"),
    "conversations": conversation_items,
    "messages": message_items,
    "content": content_items,
    "details": _details,
    "blocked": _named("block", Stream.MODERATION, "id"),
    "settings": _named("setting", Stream.PROFILE, "setting"),
    "roles": _named("role", Stream.PROFILE, "id"),
}
