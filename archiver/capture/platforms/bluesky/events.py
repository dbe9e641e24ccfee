"""Events of the account's server (com.atproto.sync.subscribeRepos), from a position on.

A commit brings the records that it makes or changes as blocks of a CAR file, and of those
that it deletes the address. Its trees and its signature are envelope: the whole signed
repository is a file of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Gone, Item, Listing, Page, Problem, Span
from archiver.capture.platforms.bluesky.addresses import (
    actor_of,
    at_uri,
    is_did,
    parameter,
    xrpc,
)
from archiver.capture.platforms.bluesky.blocks import CBOR, record_json
from archiver.capture.platforms.bluesky.frames import Frame, choose, frame_of
from archiver.capture.platforms.bluesky.listings import COLLECTIONS, sensitivity_of
from archiver.capture.platforms.bluesky.things import record
from archiver.capture.times import internet_time
from archiver.errors import FormatError
from archiver.formats.car import blocks, cid_of
from archiver.formats.choosing import messages
from archiver.formats.dag_cbor import Link, cid_text, elements, read
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.formats.choosing import Message
    from archiver.formats.dag_cbor import Part

__all__ = ["NAME", "SUBSCRIPTION", "cut_events", "streams", "subscription"]

NAME = "events"
SUBSCRIPTION = "com.atproto.sync.subscribeRepos"
_ABOUT = ("seq", "rev", "time")
"""Members of a commit that every record of it repeats: where in the stream it stood."""
_NO_RECORDS = b"\xa2\x61e\x80\x61l\xf6"
"""The tree of a repository without records: ``{"e": [], "l": null}``."""
_LOST = frozenset({"OutdatedCursor", "FutureCursor", "ConsumerTooSlow"})


def streams(site: Site) -> tuple[Listing, ...]:
    """Return the server's events; where the address has a handle, first whose it is.

    None without a login for a handle, which is whoever bears it today.
    """
    actor = actor_of(site)
    if not actor or not (site.authorised or is_did(actor)):
        return ()
    whose = Request(xrpc(site, "com.atproto.repo.describeRepo", repo=actor))
    request = subscription(site, actor) if is_did(actor) else whose
    return (Listing(NAME, Stream.POSTS, request, Sensitivity.PRIVATE, NAME, exhaustive=False),)


def subscription(site: Site, did: str) -> Request:
    """Return the request for the events after the last position, or for all that there are.

    Where the account's address does not name it, ``did`` stands in this one: servers
    pass over parameters that they do not know.
    """
    where = {"cursor": site.cursors.get(NAME, "0")}
    if actor_of(site) != did:
        where["did"] = did
    url = xrpc(site, SUBSCRIPTION, **where)
    return Request(url, listen=1.0, websocket=True, choose=partial(choose, did))


@dataclass(slots=True)
class _Cut:
    """A window of events being cut."""

    site: Site
    listing: Listing
    body: bytes
    did: str
    items: list[Item] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    problem: Problem | None = None
    position: int = -1
    anew: bool = False

    def take(self, message: Message) -> None:
        """Cut one message. What is not understood is not claimed."""
        frame = frame_of(self.body, message.start, message.end) if message.start >= 0 else None
        if frame is None:
            return
        self.position = max(self.position, frame.position)
        if frame.kind in {"", "#info"}:
            self.told(frame)
        elif frame.owner == self.did and not self.own(frame):
            return
        value = f"{frame.kind} {frame.position}"
        self.claims.append(Claim("event", message.begin, message.end, value))

    def told(self, frame: Frame) -> None:
        """Take in what the server says of the stream itself."""
        name = frame.text("name") or frame.text("error")
        if name in _LOST or not frame.kind:
            self.lost(f"{name}: {frame.text('message')}")
        self.anew |= name == "FutureCursor"

    def lost(self, why: str) -> None:
        """Say that events are missing from the stream."""
        self.problem = Problem("gap", why[:200])

    def own(self, frame: Frame) -> bool:
        """Take in an event of the account; return whether it was understood."""
        if frame.kind == "#commit":
            return self.commit(frame)
        if frame.kind == "#sync":
            if not self.is_empty(frame):
                self.lost("#sync: the server set the repository anew")
        elif frame.kind in {"#identity", "#account"}:
            native_id = f"{frame.kind[1:]}/{frame.position}"
            span = Span("event", frame.start, frame.end)
            who = Sensitivity.PUBLIC
            self.items.append(
                Item(Stream.PROFILE, native_id, Kind.PRESENT, who, (span,), CBOR, group=NAME)
            )
        else:
            return False
        return True

    def commit(self, frame: Frame) -> bool:
        """Take in what a commit made, changed and deleted."""
        if frame.values.get("tooBig") is True:
            self.lost("tooBig: a commit without its records")
        operations = frame.values.get("ops", [])
        if "ops" not in frame.parts or not isinstance(operations, list):
            return False
        try:
            places = elements(self.body, frame.parts["ops"].start)
            held = self.blocks(frame)
        except FormatError:
            return False
        understood = True
        for operation, place in zip(operations, places, strict=True):
            known = operation if isinstance(operation, dict) else {}
            understood &= self.operation(frame, known, place, held)
        return understood

    def is_empty(self, frame: Frame) -> bool:
        """Say whether a repository was set to have no records, as every new one is."""
        try:
            places = self.blocks(frame).values()
            roots = [read(self.body, start)[0] for start, _ in places]
        except FormatError:
            return False
        trees = [one.get("data") for one in roots if isinstance(one, dict) and "data" in one]
        return trees == [Link(cid_of(_NO_RECORDS))]

    def blocks(self, frame: Frame) -> dict[bytes, tuple[int, int]]:
        """Return where the blocks of a commit lie. Raises `FormatError`."""
        place = frame.parts.get("blocks")
        empty = place is None or place.content == place.end
        return {} if place is None or empty else blocks(self.body, place.content, place.end)

    def operation(
        self,
        frame: Frame,
        known: dict[str, object],
        place: Part,
        held: dict[bytes, tuple[int, int]],
    ) -> bool:
        """Take in one operation; return whether it was understood."""
        uri = f"at://{frame.owner}/{known.get('path')}"
        address, cid = at_uri(uri), known.get("cid")
        if address is None:
            return False
        spans = [Span(name, one.start, one.end) for name, one in self.about(frame)]
        if known.get("action") == "delete":
            stream = COLLECTIONS.get(address.collection, Stream.PAGES)
            event = (Span("event", place.start, place.end), *spans)
            when = internet_time(frame.text("time")).at
            group = address.collection
            self.gone.append(Gone(uri, (stream,), event, CBOR, group=group, at=when))
            return True
        if not isinstance(cid, Link) or cid.cid not in held:
            return False
        start, end = held[cid.cid]
        thing = record(self.site, self.listing, record_json(self.body[start:end], uri))
        if thing is None:
            return False
        self.items.append(
            Item(
                stream=thing.stream,
                native_id=uri,
                kind=Kind.PRESENT,
                sensitivity=sensitivity_of(thing.stream),
                spans=(Span("record", start, end), *spans),
                content_type=CBOR,
                follow=thing.follow,
                group=address.collection,
                at=internet_time(frame.text("time")).at,
                version=cid_text(cid.cid),
            )
        )
        return True

    def about(self, frame: Frame) -> list[tuple[str, Part]]:
        """Return the members that say where in the stream a commit stood."""
        return [(name, frame.parts[name]) for name in _ABOUT if name in frame.parts]


def cut_events(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut what a WebSocket brought into records and deletions of the account."""
    did = parameter(listing.request.url, "did") or actor_of(site)
    cut = _Cut(site, listing, body, did)
    found, control = messages(body)
    for start, end in control:
        cut.claims.append(Claim("control frame", start, end, ""))
    for message in found:
        cut.take(message)
    position = "0" if cut.anew else str(cut.position) if cut.position >= 0 else ""
    return Page(
        tuple(cut.items),
        tuple(cut.claims),
        problem=cut.problem,
        cursor=position,
        gone=tuple(cut.gone),
    )
