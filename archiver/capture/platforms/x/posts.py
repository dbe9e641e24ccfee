"""Cutting posts: whose each is, which version, and what else its record needs.

A post is known by the id of its first version; an edit makes a new post, and X's listings
then show that one alone. A record has the post without the numbers that only its author
sees, its author, poll and place, and the post that it reposts or quotes; earlier versions
and those numbers are parts with records of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Contained, Follow, Item, Span
from archiver.capture.heads import is_id
from archiver.capture.platforms.x.addresses import file_allowed, handle, page_of
from archiver.capture.platforms.x.heads import Medium, Person, Post, head_of
from archiver.capture.platforms.x.listings import of_post
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import UNREADABLE, json_members
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.x.answered import Answered, Cut

__all__ = ["JSON", "OWN_NUMBERS", "Cutting", "media_items"]

JSON = "application/json"
OWN_NUMBERS = ("non_public_metrics", "organic_metrics", "promoted_metrics")
"""Members of a post that only its author is shown."""


@dataclass(slots=True)
class Cutting:
    """Posts of one answer on their way to items.

    ``own``: the account's id where the answer's address or envelope names it, else found
    among the users that the answer includes. ``used``: what of the includes items have.
    """

    site: Site
    listing: Listing
    found: Answered
    own: str = ""
    used: set[Cut] = field(default_factory=set)
    private: dict[str, bool] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.own:
            self.own = next(self._ourselves(), "")

    def _ourselves(self) -> Iterator[str]:
        name = handle(self.site)
        for native_id, cut in self.found.included.get("users", {}).items():
            head = head_of(self.found.body[slice(*cut)], Person)
            if head is not None and head.username.lower() == name:
                yield native_id

    def items(self, cuts: Iterable[Cut], *, at: str = "") -> Iterator[Item]:
        """Yield what posts are, and the media that they show. ``at``: of an event."""
        for cut in cuts:
            head = head_of(self._data(cut), Post)
            if head is not None:
                yield from self._post(head, cut, at)
        yield from self.parts.values()
        yield from media_items(self.site, self.found, self.private, self.pages, self.used)

    def like(self, cut: Cut) -> Item | None:
        """Return the like of a post by the account."""
        head = head_of(self._data(cut), Post)
        if head is None:
            return None
        contains = (self._named(head),)
        spans = (Span("item", *cut), *self._author(head.author_id))
        native_id = f"like/{head.first}"
        who = Sensitivity.PRIVATE
        return Item(Stream.REACTIONS, native_id, Kind.PRESENT, who, spans, JSON, contains=contains)

    # ── One post ─────────────────────────────────────────────────────────────────────
    def _post(self, head: Post, cut: Cut, at: str) -> Iterator[Item]:
        """Yield a post in its latest version, and its earlier ones, wherever each lies."""
        versions = {str(head.id): cut}
        for one in head.versions:
            there = self.found.one("posts", one)
            if there is not None and one != str(head.id):
                versions[one] = there
        self.used |= set(versions.values())
        for place, one in enumerate(head.versions[:-1], 1):
            if one in versions:
                yield self._version(head, place, versions[one])
        last = versions.get(head.versions[-1])
        current = head if last == cut else (last and head_of(self._data(last), Post))
        if last is None or not current:
            return
        current.author_id = current.author_id or head.author_id
        yield self._current(current, last, at)

    def _current(self, head: Post, cut: Cut, at: str) -> Item:
        others, contains, hidden = self._others(head)
        stream, sensitivity = self._place(head)
        sensitivity = Sensitivity.PRIVATE if hidden else sensitivity
        private = sensitivity == Sensitivity.PRIVATE
        username = self._username(head.author_id)
        page = page_of(self.site, username, str(head.id))
        for key in head.attachments.media_keys:
            self.private[key] = private and self.private.get(key, True)
            self.pages.setdefault(key, page)
        follow: tuple[Follow, ...] = ()
        if self.listing.group == "posts" and stream == Stream.POSTS:
            follow = of_post(self.site, self.listing, head)
        return Item(
            stream=stream,
            native_id=head.first,
            # Of a repost X gives but a beginning where it does not show what it repeats.
            kind=Kind.HIDDEN if head.refers("retweeted") and not others else Kind.PRESENT,
            sensitivity=sensitivity,
            spans=(
                *(Span("item", *one) for one in self._shown(head, cut)),
                *self._author(self._writer(head)),
                *self._side("poll", "polls", head.attachments.poll_ids),
                *self._side("place", "places", [head.geo.place_id]),
                *others,
            ),
            content_type=JSON,
            page_url=web_address(page),
            follow=follow,
            contains=contains,
            at=at,
            version=str(head.id) if at else "",
        )

    def _version(self, head: Post, place: int, cut: Cut) -> Item:
        """Return an earlier version, which X gives beside the latest one."""
        stream, sensitivity = self._place(head)
        one = head_of(self._data(cut), Post) or head
        one.author_id = one.author_id or head.author_id
        spans = tuple(Span("item", *piece) for piece in self._shown(one, cut))
        spans = (*spans, *self._author(head.author_id))
        name = f"{head.first}/edit/{place}"
        return Item(stream, name, Kind.PRESENT, sensitivity, spans, JSON, group="versions")

    def _place(self, head: Post) -> tuple[Stream, Sensitivity]:
        """Return whose a post is, and whether everybody may see it."""
        stream = Stream.POSTS if head.author_id == self.own != "" else Stream.COMMENTS
        hidden = head.scopes.followers or self._protected(head.author_id)
        return stream, Sensitivity.PRIVATE if hidden else Sensitivity.PUBLIC

    def _others(self, head: Post) -> tuple[tuple[Span, ...], tuple[Contained, ...], bool]:
        """Return the posts of others that a post shows, and under which names they are kept.

        Also whether one of them is for followers alone: what shows it is as private.
        """
        spans, contains, hidden = [], [], False
        for kind in ("retweeted", "quoted"):
            cut = self.found.one("posts", head.refers(kind))
            other = head_of(self._data(cut), Post) if cut else None
            if cut and other is not None and str(other.id) not in head.versions:
                self.used.add(cut)
                spans += [Span(kind, *one) for one in self._shown(other, cut)]
                contains.append(self._named(other))
                hidden |= self._place(other)[1] == Sensitivity.PRIVATE
        return tuple(spans), tuple(contains), hidden

    def _named(self, other: Post) -> Contained:
        stream, _ = self._place(other)
        return Contained(stream, other.first)

    def _writer(self, head: Post) -> str:
        """Return who wrote the text: of a repost the author of the post that it repeats."""
        cut = self.found.one("posts", head.refers("retweeted"))
        other = head_of(self._data(cut), Post) if cut else None
        return other.author_id if other is not None and other.author_id else head.author_id

    # ── Its parts ────────────────────────────────────────────────────────────────────
    def _shown(self, head: Post, cut: Cut) -> list[Cut]:
        """Return a post without the values of the numbers that only its author sees.

        They are a part of their own, for each version: private, and never judged missing,
        for X shows them for a while only.
        """
        pieces, start, numbers = [], cut[0], self._numbers(cut)
        for one in numbers:
            pieces.append((start, one.start))
            start = one.end
        if numbers:
            stream, who = self._place(head)[0], Sensitivity.PRIVATE
            name = f"{head.first}/metrics/{head.id}"
            part = Item(stream, name, Kind.PRESENT, who, numbers, JSON, group="metrics")
            self.parts[name] = part
        return [*pieces, (start, cut[1])]

    def _numbers(self, cut: Cut) -> tuple[Span, ...]:
        if b"_metrics" not in self._data(cut):
            return ()
        members = json_members(self.found.body, *cut)
        return tuple(
            Span(one.key, one.value_start, one.value_end)
            for one in members
            if one.key in OWN_NUMBERS
        )

    def _author(self, native_id: str) -> tuple[Span, ...]:
        return self._side("author", "users", [native_id])

    def _side(self, role: str, table: str, ids: Iterable[str]) -> tuple[Span, ...]:
        cuts = [cut for one in ids if (cut := self.found.one(table, one))]
        self.used |= set(cuts)
        return tuple(Span(role, *cut) for cut in cuts)

    def _person(self, native_id: str) -> Person | None:
        cut = self.found.one("users", native_id)
        return head_of(self._data(cut), Person) if cut else None

    def _username(self, native_id: str) -> str:
        person = self._person(native_id)
        own = handle(self.site) if native_id == self.own else ""
        return person.username if person is not None else own

    def _protected(self, native_id: str) -> bool:
        person = self._person(native_id)
        return person is not None and person.protected

    def _data(self, cut: Cut | None) -> bytes:
        return self.found.body[slice(*cut)] if cut else b""


def media_items(
    site: Site,
    found: Answered,
    private: dict[str, bool],
    pages: dict[str, str],
    used: set[Cut],
) -> Iterator[Item]:
    """Yield the media that posts or messages of an answer show, each with its file."""
    for key, cut in found.included.get("media", {}).items():
        head = _medium(found.body[slice(*cut)])
        if key not in private or head is None or not is_id(head.media_key):
            continue
        used.add(cut)
        sensitivity = Sensitivity.PRIVATE if private[key] else Sensitivity.PUBLIC
        url = web_address(head.best)
        follow: tuple[Follow, ...] = ()
        if url and file_allowed(site, url):
            file = Follow("file", Stream.MEDIA, f"{key}/file", sensitivity, Request(url))
            follow = (file,)
        yield Item(
            stream=Stream.MEDIA,
            native_id=key,
            kind=Kind.PRESENT,
            sensitivity=sensitivity,
            spans=(Span("item", *cut),),
            content_type=JSON,
            page_url=web_address(pages.get(key, "")),
            follow=follow,
        )


def _medium(data: bytes) -> Medium | None:
    try:
        return msgspec.json.decode(data, type=Medium)
    except UNREADABLE:
        return None
