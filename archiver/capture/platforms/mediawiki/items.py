"""Cutting a MediaWiki answer into items: pages, revisions, file versions, log entries, users."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim, Item, Page, Problem, Span
from archiver.capture.platforms.mediawiki import elsewhere, follows, heads
from archiver.capture.platforms.mediawiki.answers import problem_of
from archiver.capture.platforms.mediawiki.cutting import (
    container,
    items_of,
    members_of,
    value_claim,
)
from archiver.capture.platforms.mediawiki.listings import NEWEST_LOG, REVISION, is_direct
from archiver.capture.platforms.mediawiki.logs import is_public
from archiver.capture.platforms.mediawiki.requests import OPEN, continued, script
from archiver.capture.platforms.mediawiki.wholeness import lack_of
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Follow, Listing, Site
    from archiver.formats.excerpts_json import Member
    from archiver.formats.http1 import HttpResponse

__all__ = ["split"]

_MARKS = (b'hidden":true', b'"suppressed":true')
"""How hidden text, author, comment, file and action are marked. A quotation mark inside a
text is escaped, so no text can look like this."""
_ENVELOPE = frozenset(
    {"batchcomplete", "limits", "requestid", "warnings", "servedby", "curtimestamp"}
)
_ABOUT = frozenset({"normalized", "redirects", "converted", "interwiki", "badrevids", "usergroups"})
_LISTS = {
    "logevents": "_entry",
    "allusers": "_user",
    "users": "_user",
    "filearchive": "_archived",
    "pages": "_page",
    "allrevisions": "_page",
    "alldeletedrevisions": "_page",
}
_IN_PAGES = {"revisions": "_revision", "deletedrevisions": "_revision", "imageinfo": "_file"}
_DELETED = frozenset({"deletedrevisions", "alldeletedrevisions", "filearchive"})

_CONTINUE = msgspec.json.Decoder(dict[str, str | int])


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What is not understood is not claimed, and so becomes residue."""
    problem = problem_of(response)
    if problem is not None:
        return Page(problem=problem)
    lack = lack_of(listing.request.url, response.body)
    if lack:
        return Page(problem=Problem("schema", f"an answer without {lack}"))
    if elsewhere.is_elsewhere(listing):
        return elsewhere.split(listing, response.body)
    cut = _Cut(site, listing, response.body)
    cut.answer()
    if cut.gone and not cut.items and is_direct(listing):
        return Page(problem=Problem("missing", f"{response.status} the wiki has none"))
    return Page(
        tuple(cut.items),
        tuple(cut.claims),
        next=continued(listing.request.url, cut.going_on, public=cut.public),
        cursor=cut.cursor,
    )


class _Cut:
    """One answer being cut into ``items`` and ``claims``.

    ``going_on`` are the members of ``continue``; ``gone``: the wiki says that something
    asked for is not there; ``public``: it says that anybody may read it.
    """

    def __init__(self, site: Site, listing: Listing, body: bytes) -> None:
        self._site = site
        self._listing = listing
        self._body = body
        self._deleted = False
        self.items: list[Item] = []
        self.claims: list[Claim] = []
        self.going_on: dict[str, str] = {}
        self.cursor = ""
        self.gone = False
        self.public = not site.authorised or OPEN in listing.request.url

    def answer(self) -> None:
        """Cut the whole body."""
        text = self._body.rstrip(b" \t\r\n")
        for member in members_of(self._body, 0, len(text)):
            if member.key == "continue":
                self._continue(member)
            elif member.key == "query" and self._listing.stream == Stream.PROFILE:
                self._site_itself(member)
            elif member.key == "query":
                self._query(member)
            elif member.key in _ENVELOPE:
                self._claim(member)

    def _continue(self, member: Member) -> None:
        try:
            values = _CONTINUE.decode(self._body[member.value_start : member.value_end])
        except UNREADABLE:
            return  # not claimed: the listing then counts as incomplete
        self.going_on = {name: str(value) for name, value in values.items()}
        self._claim(member)

    def _site_itself(self, member: Member) -> None:
        """Take the description of the wiki as one item."""
        cut = member.value_start, member.value_end
        self._who_reads(members_of(self._body, *cut))
        numbers = heads.namespaces(self._body[slice(*cut)])
        self.claims.append(container(member))
        self.cursor = " ".join(map(str, numbers))
        follow = follows.more_namespaces(self._site, numbers)
        self._add("site", cut, Kind.PRESENT, page_url=self._site.url, follow=follow)

    def _query(self, query: Member) -> None:
        self.claims.append(container(query))
        members = members_of(self._body, query.value_start, query.value_end)
        self._who_reads(members)
        for member in members:
            handler = _LISTS.get(member.key)
            if handler is not None:
                self.claims.append(container(member))
                self._deleted = member.key in _DELETED
                for cut in items_of(self._body, member.value_start, member.value_end):
                    getattr(self, handler)(cut)
            elif member.key in _ABOUT:
                self.gone |= member.key == "badrevids"
                self._claim(member)

    def _who_reads(self, members: list[Member]) -> None:
        for member in members:
            if member.key == "usergroups":
                self.public |= heads.anybody_reads(
                    self._body[member.value_start : member.value_end]
                )

    # ── items ────────────────────────────────────────────────────────────────────────
    def _page(self, cut: tuple[int, int]) -> None:
        """Cut one page: its revisions or file versions, or take the page itself."""
        members = members_of(self._body, *cut)
        inside = [member for member in members if member.key in _IN_PAGES]
        others = [member for member in members if member.key not in _IN_PAGES]
        head = heads.read(self._body, cut)
        if not inside and head is not None and head.pageid and head.lastrevid:
            if self._listing.stream == Stream.PAGES:
                self._add(str(head.pageid), cut, Kind.PRESENT, page_url=head.fullurl)
            return
        context = _joined(self._body, others)
        listed, found = self._deleted, 0
        for member in inside:
            self.claims.append(container(member))
            self._deleted = listed or member.key in _DELETED
            for one in items_of(self._body, member.value_start, member.value_end):
                found += 1
                getattr(self, _IN_PAGES[member.key])(one, head, context)
        self._deleted = listed
        if not found and head is not None:
            # A page without the version asked for, or none: nothing but its name.
            self.gone |= head.missing or self._listing.stream == Stream.MEDIA
            for member in others:
                self._claim(member)

    def _revision(
        self, cut: tuple[int, int], _page: heads.Head | None, context: tuple[Span, ...]
    ) -> None:
        head = heads.read(self._body, cut)
        if head is not None and head.revid is not None:
            url = f"{script(self._site)}?oldid={head.revid}"
            self._add(f"{REVISION}{head.revid}", cut, self._kind(cut), url, context=context)

    def _file(
        self, cut: tuple[int, int], page: heads.Head | None, context: tuple[Span, ...]
    ) -> None:
        """Take one version of a file; its bytes are asked for where they are shown."""
        head = heads.read(self._body, cut)
        native_id = heads.file_id(page, head)
        if head is None or not native_id:
            return
        kind = self._kind(cut)
        sensitivity = self._sensitivity(kind)
        follow = follows.file_of(self._site, native_id, head.url, sensitivity, head.size)
        self._add(native_id, cut, kind, head.descriptionurl, context=context, follow=follow)

    def _archived(self, cut: tuple[int, int]) -> None:
        """Take one deleted version of a file, of which there are no bytes to be had."""
        head = heads.read(self._body, cut)
        native_id = heads.file_id(head, head)
        if native_id:
            self._add(native_id, cut, self._kind(cut))

    def _entry(self, cut: tuple[int, int]) -> None:
        entry = heads.entry(self._body, cut)
        if entry is None:
            return
        newest = self._listing.name == NEWEST_LOG
        follow = follows.after_entry(self._site, entry) if newest else ()
        url = f"{script(self._site)}?title=Special:Log&logid={entry.logid}"
        self._add(str(entry.logid), cut, self._kind(cut), url, follow=follow)
        if not is_public(entry.type):
            self.items[-1] = replace(self.items[-1], sensitivity=Sensitivity.PRIVATE)

    def _user(self, cut: tuple[int, int]) -> None:
        head = heads.read(self._body, cut)
        if head is None or head.userid is None:
            return
        if head.missing:
            self.gone = True
            self.claims.append(Claim("missing user", *cut, str(head.userid)))
        else:
            self._add(str(head.userid), cut, self._kind(cut))

    # ── parts ────────────────────────────────────────────────────────────────────────
    def _add(
        self,
        native_id: str,
        cut: tuple[int, int],
        kind: Kind,
        page_url: str = "",
        *,
        context: tuple[Span, ...] = (),
        follow: tuple[Follow, ...] = (),
    ) -> None:
        self.items.append(
            Item(
                stream=self._listing.stream,
                native_id=native_id,
                kind=kind,
                sensitivity=self._sensitivity(kind),
                spans=(Span("item", *cut), *context),
                content_type="application/json",
                page_url=web_address(page_url),
                follow=follow,
            )
        )

    def _kind(self, cut: tuple[int, int]) -> Kind:
        if self._deleted:
            return Kind.REMOVED
        hidden = any(self._body.find(mark, *cut) >= 0 for mark in _MARKS)
        return Kind.HIDDEN if hidden else Kind.PRESENT

    def _sensitivity(self, kind: Kind) -> Sensitivity:
        shown = kind == Kind.PRESENT and self._listing.sensitivity == Sensitivity.PUBLIC
        return Sensitivity.PUBLIC if shown and self.public else Sensitivity.PRIVATE

    def _claim(self, member: Member) -> None:
        self.claims.append(value_claim(self._body, member))


def _joined(body: bytes, members: list[Member]) -> tuple[Span, ...]:
    """Return the ranges of members, with a comma between two as part of one range."""
    ranges: list[tuple[int, int]] = []
    for member in members:
        if ranges and body[ranges[-1][1] : member.key_start] == b",":
            ranges[-1] = ranges[-1][0], member.value_end
        else:
            ranges.append((member.key_start, member.value_end))
    return tuple(Span("page", *one) for one in ranges)
