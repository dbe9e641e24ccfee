"""Cutting an answer of X's into items: by the address that was asked, thing by thing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Item, Page, Problem, Span
from archiver.capture.platforms.x.addresses import handle, next_page, path_of
from archiver.capture.platforms.x.answered import Cut, answered
from archiver.capture.platforms.x.answers import problem_of
from archiver.capture.platforms.x.events import delivered
from archiver.capture.platforms.x.heads import Person, Plain, Sent, head_of
from archiver.capture.platforms.x.listings import (
    ACCOUNT,
    ANSWERED,
    BEYOND,
    DELIVERIES,
    RELATIONS,
    TIMELINE,
    of_account,
    of_chat,
)
from archiver.capture.platforms.x.posts import JSON, Cutting, media_items
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archiver.capture.connector import Follow, Listing, Site
    from archiver.capture.platforms.x.answered import Answered
    from archiver.formats.http1 import HttpResponse

__all__ = ["split"]


@dataclass(slots=True)
class _Answer:
    """One answer that has what was asked for."""

    site: Site
    listing: Listing
    path: tuple[str, ...]
    found: Answered
    used: set[Cut] = field(default_factory=set)

    def data(self, cut: Cut) -> bytes:
        return self.found.body[slice(*cut)]

    def item(self, native_id: str, cut: Cut, *more: Span, follow: tuple[Follow, ...] = ()) -> Item:
        """Return an item of the listing's own stream, as private as the listing."""
        who = Sensitivity(self.listing.sensitivity)
        spans = (Span("item", *cut), *more)
        stream = Stream(self.listing.stream)
        return Item(stream, native_id, Kind.PRESENT, who, spans, JSON, follow=follow)

    def author(self, native_id: str) -> tuple[Span, ...]:
        """Return where the user lies by whom something is, if the answer includes him."""
        cut = self.found.one("users", native_id)
        if cut is None:
            return ()
        self.used.add(cut)
        return (Span("author", *cut),)


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    if listing.name == DELIVERIES:
        return delivered(site, listing, response.body)
    problem = problem_of(response)
    if problem is not None:
        judged = _judged(listing, problem)
        whole = (Claim("errors", 0, len(response.body), ""),)  # all that there is, and no residue
        return Page(claims=whole if judged.code == "withheld" else (), problem=judged)
    found = answered(response.body)
    answer = _Answer(site, listing, path_of(listing.request.url), found)
    alone = _alone(answer)
    if alone is not None:
        return alone
    odd = _odd(answer)
    if odd:
        return Page(problem=Problem("schema", odd))
    items = tuple(_cutter(answer.path)(answer))
    claims = (*found.claims, *found.unused(answer.used))
    following = next_page(listing.request.url, found.next_token) if found.next_token else None
    if found.next_token and following is None:
        odd_token = Problem("schema", "the next page has no token that can be sent")
        return Page(items, claims, problem=odd_token)
    return Page(items, claims, next=following)


def _judged(listing: Listing, problem: Problem) -> Problem:
    """Return a problem as one of what was asked: a listing is never ``missing``.

    A post of somebody else that the account answered, and that X does not show, is no gap.
    """
    path = path_of(listing.request.url)
    if listing.group.startswith(ANSWERED) and problem.code in {"missing", "withheld"}:
        return Problem("end", problem.message)
    single = path[:1] in {("tweets",), ("users",), ("lists",)} and len(path) == 2  # noqa: PLR2004 - one thing
    if problem.code != "missing" or single:
        return problem
    return Problem("forbidden", problem.message)


def _odd(answer: _Answer) -> str:
    """Return why an answer can't be what is at a path, empty where it can."""
    if not answer.found.has_data and not answer.found.claims:
        return "an answer without data"
    return ""


def _alone(answer: _Answer) -> Page | None:
    """Judge answers that are about one user: the account itself, its numbers, a relation."""
    group, path = answer.listing.group, answer.path
    if group == ACCOUNT:
        return _account(answer)
    if group == BEYOND:
        return _beyond(answer)
    if path[:1] == ("users",) and len(path) == 2 and group in RELATIONS.values():  # noqa: PLR2004 - one user
        return _relation(answer)
    return None


def _account(answer: _Answer) -> Page:
    """Cut the account itself, which leads to all that goes by its id."""
    head = next((head_of(answer.data(cut), Person) for cut in answer.found.data), None)
    if head is None or head.username.lower() != handle(answer.site):
        return Page(problem=Problem("schema", "an answer that is not about the account"))
    follow = of_account(answer.site, answer.listing, head)
    item = answer.item(str(head.id), answer.found.data[0], follow=follow)
    return Page((item,), (*answer.found.claims, *answer.found.unused(answer.used)))


def _beyond(answer: _Answer) -> Page:
    """Say that the account has more posts than X names."""
    head = next((head_of(answer.data(cut), Person) for cut in answer.found.data), None)
    counts = head.public_metrics if head else None
    total = max(counts.post_count, counts.tweet_count) if counts else 0
    told = (
        f"X names the newest {TIMELINE} posts of an account, and counts {total} of this one: "
        "older ones are here where they were captured before"
    )
    counts_alone = Claim("counts", 0, len(answer.found.body), "")
    return Page(claims=(counts_alone,), problem=Problem("withheld", told))


def _relation(answer: _Answer) -> Page:
    """Read what X says of the relation that a listing no longer shows."""
    cuts = answer.found.data
    head = head_of(answer.data(cuts[0]), Person) if cuts else None
    if head is None or str(head.id) != answer.path[1]:
        return Page(problem=Problem("schema", "the relation of somebody else"))
    if head.connection_status is not None and answer.listing.group not in head.connection_status:
        told = f"200 connection_status has no {answer.listing.group}"
        return Page(problem=Problem("missing", told))
    return Page(claims=(Claim("relation", 0, len(answer.found.body), ""),))


# ── What lies at each path ───────────────────────────────────────────────────────────────
def _posts(answer: _Answer) -> Iterator[Item]:
    own = answer.path[1] if answer.path[:1] == ("users",) else ""
    cutting = Cutting(answer.site, answer.listing, answer.found, own, answer.used)
    if answer.path[-1] == "liked_tweets":
        yield from filter(None, map(cutting.like, answer.found.data))
        return
    yield from cutting.items(answer.found.data)


def _people(prefix: str) -> Callable[[_Answer], Iterable[Item]]:
    """Return a cutter for users, named ``prefix/id``."""

    def cut_all(answer: _Answer) -> Iterator[Item]:
        before = prefix or "/".join([answer.listing.name.rpartition(" ")[2], answer.path[-1]])
        for cut in answer.found.data:
            head = head_of(answer.data(cut), Plain)
            if head is not None:
                yield answer.item(f"{before}/{head.id}", cut)

    return cut_all


def _lists(answer: _Answer) -> Iterator[Item]:
    for cut in answer.found.data:
        head = head_of(answer.data(cut), Plain)
        if head is not None:
            yield answer.item(f"list/{head.id}", cut)


def _messages(answer: _Answer) -> Iterator[Item]:
    """Yield direct messages, and the media that they show: private as they are."""
    private: dict[str, bool] = {}
    for cut in answer.found.data:
        head = head_of(answer.data(cut), Sent)
        if head is not None:
            private |= dict.fromkeys(head.attachments.media_keys, True)
            author = answer.author(head.sender_id)
            item = answer.item(str(head.id), cut, *author)
            # X hides who wrote it where it has suspended him.
            yield item if author else replace(item, kind=Kind.HIDDEN)
    yield from media_items(answer.site, answer.found, private, {}, answer.used)


def _chats(answer: _Answer) -> Iterator[Item]:
    """Yield encrypted conversations, and their events, which nobody reads without the keys."""
    events = answer.path[-1] == "events"
    for cut in answer.found.data:
        head = head_of(answer.data(cut), Plain)
        if head is None:
            continue
        follow = () if events else of_chat(answer.site, str(head.id))
        name = "chat" if events else "conversation"
        yield answer.item(f"{name}/{head.id}", cut, follow=follow)


def _nothing(_answer: _Answer) -> Iterable[Item]:
    return ()


_PEOPLE = {
    "followers": "follower",
    "following": "following",
    "blocking": "block",
    "muting": "mute",
    "liking_users": "",
    "retweeted_by": "",
}
"""Last segment of a path -> what stands before the id; "": the post that it hangs on."""


def _cutter(path: tuple[str, ...]) -> Callable[[_Answer], Iterable[Item]]:
    """Return what cuts the things at a path."""
    what, last = (path[0], path[-1]) if path else ("", "")
    if last in _PEOPLE:
        return _people(_PEOPLE[last])
    if what == "chat":
        return _chats
    if last == "dm_events":
        return _messages
    if what == "lists" or last == "owned_lists":
        return _lists
    is_posts = what == "tweets" or last in {"tweets", "mentions", "liked_tweets"}
    return _posts if is_posts else _nothing
