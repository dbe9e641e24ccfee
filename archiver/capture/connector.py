"""What a connector is: a table and pure functions.

A connector never does I/O. It says what to ask (`listings`, `direct`, and the requests
that a `Page` or an `Item` carries), how to cut an answer into items (`split`), and what
an item's bytes say (`parse`). The session asks; settling cuts and parses again from
the stored exchange, and must come to the same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = [
    "Capability",
    "Claim",
    "Connector",
    "Contained",
    "Digest",
    "Follow",
    "Item",
    "Listing",
    "Login",
    "Page",
    "Problem",
    "Site",
    "Span",
]


@dataclass(frozen=True, slots=True)
class Site:
    """Where an account lives: its name here, its address, and whether we may log in.

    ``cursors``: by listing name, where the last complete run left off (`Page.cursor`).
    They are a cache: without one, a listing starts at its beginning and finds the same.
    """

    account: str
    url: str
    authorised: bool
    cursors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """One step of logging in: what to send next, or the headers that do it.

    Steps are not recorded, for their answers are nothing but secrets. A login that took
    steps is made anew once the platform says that it has run out.

    Args:
        headers: what every request then carries; final where there is no ``request``.
        request: what to send now.
        take: reads the answer to ``request`` and returns the step after it.
        secrets: what came that must never be stored (a token), by name: lower case
            letters and digits with ``. _ -`` -> value.
        refused: why the platform lets us not in, in its words; nothing more is sent.
    """

    headers: tuple[tuple[str, str], ...] = ()
    request: Request | None = None
    take: Callable[[HttpResponse], Login] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One enumeration of one stream.

    ``name`` is unique within the connector and stable (``comments status=hold``).
    ``group`` names the set of listings that together enumerate the same things (a
    comment moves from ``status=approve`` to ``status=hold``, both of group
    ``comments``); a thing is missing only when the whole group was listed without it.
    ``exhaustive``: the pages name everything there is, so an absence means something.
    ``newest_first``: an incremental capture may stop at a page with nothing new.
    ``stated``: how many things the item that named the listing says it has; where the
    archive knows another number, the listing is asked for again.
    """

    name: str
    stream: str
    request: Request
    sensitivity: str
    group: str
    exhaustive: bool = True
    newest_first: bool = False
    stated: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """A further request that an item asks for.

    ``role`` is ``file`` (the response as a whole is one observation, with the id and
    stream given here) or ``listing`` (`listing` is enumerated like any other). A part of
    the item, which goes with it (a version, a file), has the item's stream and as its id
    that of the item, a slash and its own; the listing of parts is a group by its own name.
    ``always``: asked for in every run (the messages of a room), not only where the item
    is news or the archive lacks what it names.
    ``size``: bytes that the platform says a file has; where nothing else tells whether all
    of it came, fewer are a cut one.
    """

    role: str
    stream: str
    native_id: str = ""
    sensitivity: str = ""
    request: Request | None = None
    listing: Listing | None = None
    always: bool = False
    size: int | None = None


class Span(NamedTuple):
    """A range of the decoded body that becomes an excerpt: role, start, end."""

    role: str
    start: int
    end: int


class Claim(NamedTuple):
    """A declared envelope value: its name, range in the decoded body, and text."""

    name: str
    start: int
    end: int
    value: str


class Contained(NamedTuple):
    """Another thing whose content an item's bytes hold: a boosted or quoted post.

    ``stream`` and ``native_id`` are those under which the account's archive keeps that
    thing, if it keeps it; both empty where the bytes don't say, or where they would tell
    in a public item of a private one. A mere link, and whoever wrote or did it, is not
    contained.
    """

    stream: str = ""
    native_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found in an answer. ``kind`` is what its own state says (present, held …).

    ``contains``: what else its bytes hold the content of, in the order in which it stands.
    """

    stream: str
    native_id: str
    kind: str
    sensitivity: str
    spans: tuple[Span, ...]
    content_type: str
    page_url: str = ""
    follow: tuple[Follow, ...] = ()
    contains: tuple[Contained, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer is not a page of content.

    ``code``: ``missing`` (a direct 404: the thing is gone), ``end`` (past the last page),
    ``authorisation``, ``forbidden``, ``rate`` (wait ``retry_after`` seconds),
    ``transient``, ``too-large``, ``redirect``, ``schema`` (not what the platform documents),
    ``withheld`` (there is more that we don't get, and no other try brings it: the run says so
    and goes on).
    """

    code: str
    message: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, cut. Bytes that are neither item, claim nor frame are residue.

    ``total`` is the platform's own count of the whole listing, as it spelt it.
    ``next`` is the following page's request; None ends the listing. ``cursor`` is where a
    later run may go on (`Site.cursors`), empty where the platform has no such thing.
    """

    items: tuple[Item, ...] = ()
    claims: tuple[Claim, ...] = ()
    total: str = ""
    next: Request | None = None
    problem: Problem | None = None
    cursor: str = ""


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

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return how to log in with the stored credential. Pure."""
        ...

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate in ``mode``: incremental, reconcile, backfill, snapshot."""
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
