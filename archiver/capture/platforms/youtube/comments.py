"""Cutting comments: threads as they are listed, and replies one by one.

A thread holds its first comment and some of the replies. Each is a record of its own, a reply
one that is part of what it replies to: no list shows it any more once that is gone. What the
thread says besides (how many replies there are, whether all may read it) stays with the first
comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Item, Span
from archiver.capture.paging import parameter_of
from archiver.capture.platforms.youtube.addresses import watch_page
from archiver.capture.platforms.youtube.follows import of_thread
from archiver.capture.platforms.youtube.heads import Comment, Thread, head_of, is_id
from archiver.formats.excerpts_json import json_items, json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Follow, Listing, Site

    Cut = tuple[int, int]

__all__ = ["reply", "thread"]

_KINDS = {"heldForReview": Kind.HELD, "likelySpam": Kind.HIDDEN, "rejected": Kind.REMOVED}
"""States of a comment (CommentSnippet.moderationStatus); asked for by its id it tells none."""
_NOT_RATED = frozenset({"", "none"})


def thread(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield the first comment of a thread, with what the thread says, and the replies shown.

    What not everybody may read, what is not published, and what the account has rated is
    private.
    """
    head = head_of(body[slice(*cut)], Thread)
    snippet = _member(body, cut, "snippet")
    first = _member(body, snippet, "topLevelComment") if snippet else None
    comment = head_of(body[slice(*first)], Comment) if first else None
    if head is None or first is None or comment is None:
        return
    replies = _replies(body, cut)
    public = head.snippet.public
    open_to_all = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
    follow = of_thread(site, listing, head, len(replies), open_to_all)
    spans = [Span("item", *first)]
    start = cut[0]
    for hole in sorted([first, *replies]):
        spans.append(Span("thread", start, hole[0]))
        start = hole[1]
    spans.append(Span("thread", start, cut[1]))
    yield _comment(comment, tuple(spans), open_to_all, follow)
    for one in replies:
        answer = head_of(body[slice(*one)], Comment)
        if answer is not None:
            group = f"replies {head.id}"
            alone = (Span("item", *one),)
            yield _comment(answer, alone, open_to_all, parent=head.id, group=group)


def reply(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a reply, or a comment that was asked for by its id."""
    head = head_of(body[slice(*cut)], Comment)
    if head is not None:
        parent = parameter_of(listing.request.url, "parentId")
        yield _comment(head, (Span("item", *cut),), listing.sensitivity, parent=parent)


def _comment(
    comment: Comment,
    spans: tuple[Span, ...],
    sensitivity: str,
    follow: tuple[Follow, ...] = (),
    *,
    parent: str = "",
    group: str = "",
) -> Item:
    kind = _KINDS.get(comment.snippet.moderation, Kind.PRESENT)
    plain = kind == Kind.PRESENT and comment.snippet.rating in _NOT_RATED
    video, told = comment.snippet.video, comment.snippet.parent
    parent = told if is_id(told) else parent
    return Item(
        stream=Stream.COMMENTS,
        native_id=f"{parent}/{comment.id}" if parent else comment.id,
        kind=kind,
        sensitivity=Sensitivity(sensitivity) if plain else Sensitivity.PRIVATE,
        spans=spans,
        content_type="application/json",
        page_url=watch_page(video, comment.id) if video else "",
        follow=follow,
        group=group,
    )


def _replies(body: bytes, cut: Cut) -> list[Cut]:
    """Return where the replies lie that a thread shows."""
    where = _member(body, cut, "replies")
    inner = _member(body, where, "comments") if where else None
    if inner is None:
        return []
    return [(inner[0] + a, inner[0] + b) for a, b in json_items(body[slice(*inner)])]


def _member(body: bytes, cut: Cut, name: str) -> Cut | None:
    """Return where the value of a member lies, of several the last; None where there is none."""
    found = [one for one in json_members(body, *cut) if one.key == name]
    return (found[-1].value_start, found[-1].value_end) if found else None
