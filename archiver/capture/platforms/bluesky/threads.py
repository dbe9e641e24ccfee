"""Cutting a thread: a tree of posts, each an item; the rest is envelope.

``app.bsky.feed.getPostThread`` gives the answers to one post, nested (app.bsky.feed.defs).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim, Follow, Item, Page, Problem, Span
from archiver.capture.platforms.bluesky.addresses import at_uri
from archiver.capture.platforms.bluesky.cut import claims_of, members_of, read
from archiver.capture.platforms.bluesky.heads import Post
from archiver.capture.platforms.bluesky.listings import thread
from archiver.capture.platforms.bluesky.quoting import contained_in
from archiver.capture.platforms.bluesky.shown import seen_by
from archiver.capture.platforms.bluesky.single import is_listing
from archiver.formats.excerpts_json import json_items
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.formats.excerpts_json import Member

__all__ = ["cut_thread"]


class _Head(msgspec.Struct):
    """What stands in place of a post that is gone or that somebody has blocked."""

    uri: str = ""
    blocked: bool = False
    not_found: bool = msgspec.field(name="notFound", default=False)


_POST = msgspec.json.Decoder(Post)
_HEAD = msgspec.json.Decoder(_Head)


@dataclass(slots=True)
class _Cut:
    """A thread being cut: items and claims so far, and the answers that its author hid."""

    site: Site
    body: bytes
    suffix: str
    items: list[Item] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()

    def members(self, start: int, end: int) -> dict[str, Member]:
        """Return the members of one object by name."""
        return {one.key: one for one in members_of(self.body, start, end)}

    def post(self, member: Member) -> Post | None:
        """Return the post that a member is, or None."""
        return read(_POST, self.body[member.value_start : member.value_end])

    def envelope(self, members: dict[str, Member], containers: tuple[str, ...]) -> None:
        """Claim members that are no items."""
        self.claims += claims_of(self.body, members.values(), containers)

    def node(self, start: int, end: int, *, above: bool = False) -> list[tuple[int, int]]:
        """Take in one post with its answers; return where those lie.

        Where some of its answers are not shown it leads to them, unless it stands ``above``
        the post that was asked about: there only the one way down is shown.
        """
        members = self.members(start, end)
        if "post" not in members:
            self.placeholder(members, start, end)
            return []
        ranges = self.replies(members)
        post = self.post(members["post"])
        if post is None or at_uri(post.uri) is None:
            members.pop("post")  # unclaimed: residue
        else:
            deeper = post.replies > len(ranges) and not above
            self.items.append(self.item(post, members["post"], deeper=deeper))
        self.envelope(members, ("post", "replies", "parent"))
        return ranges

    def above(self, members: dict[str, Member]) -> None:
        """Take in what a post answers, and what that one answers, to the first."""
        while "parent" in members:
            start, end = members["parent"].value_start, members["parent"].value_end
            members = self.members(start, end)
            self.node(start, end, above=True)

    def replies(self, members: dict[str, Member]) -> list[tuple[int, int]]:
        """Return where the answers to a post lie."""
        if "replies" not in members:
            return []
        first = members["replies"].value_start
        found = json_items(self.body[first : members["replies"].value_end])
        return [(start + first, end + first) for start, end in found]

    def item(self, post: Post, member: Member, *, deeper: bool) -> Item:
        """Return an answer; ``deeper``: it leads to its own answers."""
        is_hidden = post.uri in self.hidden
        follow: tuple[Follow, ...] = ()
        if deeper and not self.suffix:
            below = thread(self.site, post.uri, deep=True, stated=post.replies)
            follow = (Follow("listing", Stream.COMMENTS, listing=below, always=True, ages=True),)
        data = self.body[member.value_start : member.value_end]
        sensitivity = Sensitivity.PRIVATE if is_hidden else seen_by(data)
        return Item(
            stream=Stream.COMMENTS,
            native_id=post.uri + self.suffix,
            kind=Kind.HIDDEN if is_hidden else Kind.PRESENT,
            sensitivity=sensitivity,
            spans=(Span("item", member.value_start, member.value_end),),
            content_type="application/json",
            follow=follow,
            contains=contained_in(self.site, data, sensitivity),
        )

    def placeholder(self, members: dict[str, Member], start: int, end: int) -> None:
        """Take in what stands for a post that a block hides, or that is gone."""
        head = read(_HEAD, self.body[start:end])
        if head is None or at_uri(head.uri) is None or not (head.blocked or head.not_found):
            return
        if head.not_found:
            self.envelope(members, ())
            return
        self.items.append(
            Item(
                stream=Stream.COMMENTS,
                native_id=head.uri + self.suffix,
                kind=Kind.HIDDEN,
                sensitivity=Sensitivity.PRIVATE,
                spans=(Span("item", start, end),),
                content_type="application/json",
            )
        )


def cut_thread(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut the answers to a post, or the one post that was asked for."""
    direct = not is_listing(listing)
    suffix = "/quote" if direct and listing.name.startswith("quotes ") else ""
    cut = _Cut(site, body, suffix)
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    members = cut.members(start, len(body.rstrip(b" \t\r\n")))
    if "thread" not in members:
        return Page(problem=Problem("schema", "an answer without thread"))
    top = members["thread"].value_start, members["thread"].value_end
    head = read(_HEAD, body[slice(*top)])
    if head is not None and head.not_found:
        return Page(problem=Problem("missing" if direct else "end", "notFoundPost"))
    cut.envelope(members, ("thread",))
    if direct:
        cut.node(*top)
        return Page(tuple(cut.items), tuple(cut.claims))
    left, unseen = _below(cut, top)
    while left:
        left = [found for one in left for found in cut.node(*one)]
    # The AppView left answers out: it counts more than it shows, and says not which.
    total = str(len(cut.items) + unseen) if unseen else ""
    return Page(tuple(cut.items), tuple(cut.claims), total)


def _below(cut: _Cut, top: tuple[int, int]) -> tuple[list[tuple[int, int]], int]:
    """Claim the post that was asked about, which its own listing has.

    Return where its answers lie, and how many more the post is said to have.
    """
    members = cut.members(*top)
    post = cut.post(members["post"]) if "post" in members else None
    if post is not None:
        cut.hidden = frozenset(post.threadgate.record.hidden)
        member = members["post"]
        cut.claims.append(Claim("post", member.key_start, member.value_end, post.uri))
    elif "post" not in members:
        cut.envelope(members, ())
        return [], 0
    ranges = cut.replies(members)
    members.pop("post")
    cut.envelope(members, ("replies", "parent"))
    cut.above(members)
    return ranges, max(post.replies - len(ranges), 0) if post else 0
