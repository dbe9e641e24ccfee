"""What a connector is: a table and pure functions.

A connector never does I/O. It says what to ask (`listings`, `direct`, and the requests
that a `Page` or an `Item` carries), how to cut an answer into items (`split`), and what
an item's bytes say (`parse`). The session asks; settling cuts and parses again from
the stored exchange, and must come to the same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from archiver.capture.items import (
    Claim,
    Contained,
    Follow,
    Gone,
    Item,
    Listing,
    Page,
    Problem,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = [
    "Capability",
    "Claim",
    "Connector",
    "Contained",
    "Digest",
    "Follow",
    "Gone",
    "Item",
    "Listens",
    "Listing",
    "Login",
    "Page",
    "Polls",
    "Problem",
    "Site",
    "Span",
]


@dataclass(frozen=True, slots=True)
class Site:
    """Where an account lives: its name here, its address, and whether we may log in.

    ``cursors``: by listing name, where the last complete run left off (`Page.cursor`).
    They are a cache: without one, a listing starts at its beginning and finds the same.
    ``scope``: what of it is captured, in words of its platform (`archiver.capture.manners`).
    """

    account: str
    url: str
    authorised: bool
    cursors: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """One step of logging in: what to send next, or the headers that do it.

    Steps are not recorded, for their answers are nothing but secrets. A login that took
    steps is made anew once the platform says that it has run out.

    Args:
        headers: what every request then carries; final where there is no ``request``.
        parameters: what its address then carries besides, made of the credential: added where
            it is sent, and no part of the address that is kept.
        request: what to send now.
        take: reads the answer to ``request`` and returns the step after it.
        judge: says what is wrong with that answer, as the platform tells it; without one
            its status alone says whether to wait and try again.
        secrets: what came that must never be stored (a token), by name: lower case
            letters and digits with ``. _ -`` -> value.
        refused: why the platform lets us not in, in its words; nothing more is sent.
        origin: where ``headers`` and ``parameters`` are sent, as ``https://host``; the
            account's own address unless the platform's API has another one.
        keep: fields of the credential that the platform has replaced by this login (a
            refresh token that is good for one use): kept before anything else is asked.
        standing: what the platform said of the login where it let us in.
    """

    headers: tuple[tuple[str, str], ...] = ()
    request: Request | None = None
    take: Callable[[HttpResponse], Login] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    judge: Callable[[HttpResponse], Problem | None] | None = None
    origin: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[tuple[str, str], ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """One cell of the capability matrix.

    ``verdict``: ``obtainable partial webhook-only export-only forbidden``;
    ``proved_by``: ``real server``, ``recorded response``, ``simulator only`` or ``cited only``.
    """

    stream: str
    verdict: str
    limit: str
    citation: str
    proved_by: str


class Digest(NamedTuple):
    """A field that is a digest of content, and of whose.

    ``where``: the column, then the names of members down its JSON; ``**`` for any.
    """

    where: tuple[str, ...]
    of: str


class Connector(Protocol):
    """One platform."""

    platform: str
    parser: str
    """Name and version of `split` and `parse` together, e.g. ``wordpress/1``."""
    title: str
    credential_fields: tuple[str, ...]
    """Names of what `account add` asks for, e.g. ``user password``."""
    secret_fields: tuple[str, ...]
    """Those of them that must never be stored in a record, e.g. ``password``."""
    capabilities: tuple[Capability, ...]
    digests: tuple[Digest, ...]
    """Which fields are digests of content (`archiver.capture.digests`)."""
    inconclusive: frozenset[str]
    """Streams in which "there is none" (``missing``) proves no deletion: it may be hidden from
    us, or have another name now. Nothing there is ever ``deleted``, only ``absent``."""
    legal: tuple[LegalNote, ...]
    """What its terms and the law say of capturing it, shown before anybody approves it."""
    address_form: str
    """A good address of an account, as an example: ``https://social.example.gov/@city``."""

    def refuses(self, url: str) -> str:
        """Return why no account can have the address ``url``, empty where one can.

        Asked once, when an account is registered, about what is a web address by all other
        rules (`archiver.capture.urls.check_address`). Pure.
        """
        ...

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return how to log in with the stored credential. Pure."""
        ...

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate in ``mode``: incremental, reconcile, backfill, snapshot.

        Mode ``sweep`` names all that ``reconcile`` does, newest first where that can be.
        """
        ...

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request that asks for one thing itself, or None where there is none.

        Its answer is cut as a page of the group that the thing was found in.
        """
        ...

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut an answer into items. Pure; never raises on any bytes."""
        ...

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item's excerpts: field name -> exact text (`archiver.columns`).

        ``context`` holds ``platform account stream native_id``. Pure; never raises on
        any bytes: what it cannot read stays in ``extra`` or in the excerpt.
        """
        ...


@runtime_checkable
class Listens(Connector, Protocol):
    """A platform that tells what happens while it happens."""

    def streams(self, site: Site) -> tuple[Listing, ...]:
        """Return what to listen to, one listing for each stream. `Site.cursors`: the positions.

        Its pages lead to the answer that is listened to: `Request.listen` is not 0 there,
        and how long it is is not the connector's to say. It proves no absence.
        """
        ...


@runtime_checkable
class Polls(Connector, Protocol):
    """A platform that tells by itself nothing of what comes and goes fast."""

    def polled(self, site: Site) -> tuple[Listing, ...]:
        """Return what to ask again every few seconds while somebody listens, newest first.

        Nothing is asked of it but its news, and it proves no absence.
        """
        ...
