"""Cutting an answer that is one thing, or that answers one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim, Follow, Item, Page, Problem, Span
from archiver.capture.platforms.bluesky.addresses import actor_of, is_did, parameter
from archiver.capture.platforms.bluesky.cut import read
from archiver.capture.platforms.bluesky.heads import Person, Relation
from archiver.capture.platforms.bluesky.listings import COLLECTIONS, car, collection, commit
from archiver.capture.platforms.bluesky.things import record
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.capture.connector import Listing, Site

__all__ = ["cut_single", "did_of", "is_listing", "told"]


class _Repository(msgspec.Struct):
    """What com.atproto.repo.describeRepo says."""

    did: str
    collections: list[str] = msgspec.field(default_factory=list)


class _Commit(msgspec.Struct):
    """The head of a repository (com.atproto.sync.getLatestCommit)."""

    cid: str
    rev: str


class _Relations(msgspec.Struct):
    """What app.bsky.graph.getRelationships says."""

    relationships: list[Relation]
    actor: str = ""


_REPOSITORY = msgspec.json.Decoder(_Repository)
_COMMIT = msgspec.json.Decoder(_Commit)
_RELATIONS = msgspec.json.Decoder(_Relations)
_PERSON = msgspec.json.Decoder(Person)


def did_of(body: bytes) -> str:
    """Return whose repository a description is of, empty where it does not say."""
    head = read(_REPOSITORY, body)
    return head.did if head is not None and is_did(head.did) else ""


def is_listing(listing: Listing) -> bool:
    """Say whether a thread was asked for as a listing, not one post of it."""
    return parameter(listing.request.url, "depth") != "0"


def cut_single(site: Site, listing: Listing, nsid: str, body: bytes) -> Page:
    """Cut an answer by its method; of an unknown one everything is residue."""
    cut = _CUTS.get(nsid)
    page = cut(site, listing, body) if cut else None
    return page or Page(problem=Problem("schema", "not what the lexicon says"))


def _page(
    body: bytes, stream: str, native_id: str, who: str, follow: tuple[Follow, ...] = ()
) -> Page:
    """Return a page of one thing that the whole body is."""
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    span = Span("item", start, len(body.rstrip(b" \t\r\n")))
    item = Item(
        stream=stream,
        native_id=native_id,
        kind=Kind.PRESENT,
        sensitivity=who,
        spans=(span,),
        content_type="application/json",
        follow=follow,
    )
    return Page((item,))


def told(body: bytes, name: str) -> Page:
    """Return a page that shows nothing new: its whole answer is one value."""
    text = body.decode("utf-8", "replace")
    return Page(claims=(Claim(name, 0, len(body), text),))


def _repository(site: Site, listing: Listing, body: bytes) -> Page | None:
    """Read what a repository holds: other applications' collections, and its signed head."""
    head = read(_REPOSITORY, body)
    if head is None or not is_did(head.did):
        return None
    if not site.authorised and actor_of(site) != head.did:
        words = "without a login the account's address must end in its DID, now"
        return Page(problem=Problem("forbidden", f"{words} /profile/{head.did}"))
    others = [one for one in head.collections if one not in COLLECTIONS and _is_nsid(one)]
    listings = [collection(site, nsid) for nsid in dict.fromkeys(others)]
    if listing.name == "repository":
        listings.append(commit(site, head.did))
    follow = tuple(Follow("listing", one.stream, listing=one, always=True) for one in listings)
    return _page(body, Stream.PROFILE, "repository", Sensitivity.PUBLIC, follow)


def _is_nsid(text: str) -> bool:
    """Say whether a collection's name can be one (atproto.com/specs/nsid)."""
    return len(text) <= 317 and text.isascii() and text.replace(".", "").replace("-", "").isalnum()  # noqa: PLR2004 - the longest that the specification allows


def _head(site: Site, listing: Listing, body: bytes) -> Page | None:
    head = read(_COMMIT, body)
    did = parameter(listing.request.url, "did")
    if head is None or not (head.rev.isascii() and head.rev.isalnum()) or not is_did(did):
        return None
    file = car(site, did, head.rev)
    return _page(body, Stream.PROFILE, "commit", Sensitivity.PUBLIC, (file,))


def _profile(site: Site, listing: Listing, body: bytes) -> Page | None:
    """Read the account's own profile, or whether somebody is still muted or blocked.

    It is over only where the profile is that of whom was asked about, and says how the
    account that is logged in stands to it.
    """
    del site
    head = read(_PERSON, body)
    if head is None or not head.valid:
        return None
    if listing.group not in {"mutes", "blocks"}:
        # It names some of the followers, too.
        return _page(body, Stream.PROFILE, "view", Sensitivity.PRIVATE)
    viewer = head.viewer
    if viewer is None or viewer.muted is None:
        return None
    if head.did != parameter(listing.request.url, "actor"):
        return None
    holds = viewer.muted if listing.group == "mutes" else bool(viewer.blocking)
    return told(body, "viewer") if holds else _over(listing.group)


def _record(site: Site, listing: Listing, body: bytes) -> Page | None:
    """Read one record. Of a repost it says only that what it shows was not taken back."""
    thing = record(site, listing, body)
    if thing is None or (listing.stream == Stream.MODERATION and thing.stream != Stream.MODERATION):
        return told(body, "record") if thing else None
    return _page(body, thing.stream, thing.native_id, thing.sensitivity, thing.follow)


def _relation(site: Site, listing: Listing, body: bytes) -> Page | None:
    """Read whether somebody still follows or is followed.

    It is over only where the AppView tells of the very two accounts. Where it does not
    know one of them (#notFoundActor: closed, suspended, a handle that does not resolve
    now), it says nothing of how they stand.
    """
    found, asked = read(_RELATIONS, body), parameter(listing.request.url, "others")
    if found is None or len(found.relationships) != 1:
        return None
    one, actor = found.relationships[0], actor_of(site)
    if one.not_found and one.actor == asked:
        return told(body, "relationships")
    if one.did != asked or (is_did(actor) and found.actor != actor):
        return None
    holds = one.following if listing.group == "follows" else one.followed_by
    return told(body, "relationships") if holds else _over(listing.group)


def _over(group: str) -> Page:
    """Return the platform's own word that something is no longer so."""
    return Page(problem=Problem("missing", f"not among {group}"))


_CUTS: dict[str, Callable[[Site, Listing, bytes], Page | None]] = {
    "com.atproto.repo.describeRepo": _repository,
    "com.atproto.sync.getLatestCommit": _head,
    "com.atproto.repo.getRecord": _record,
    "app.bsky.actor.getProfile": _profile,
    "app.bsky.graph.getRelationships": _relation,
}
"""Method -> how its answer is read."""
