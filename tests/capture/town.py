"""A platform for tests: a town's board with pages of JSON items, and a run over it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.capture.connector import (
    Capability,
    Digest,
    Follow,
    Item,
    Listing,
    Login,
    Page,
    Problem,
    Site,
    Span,
)
from archiver.capture.known import Known
from archiver.capture.reading import Answer, read
from archiver.capture.session import Session
from archiver.capture.settling import Settler
from archiver.formats.excerpts_json import json_items
from archiver.record import Exchange, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Observation

SITE = Site("board", "http://town.test", authorised=True)
PER_PAGE = 3


class TownConnector:
    """Items ``{"id", "text", "state"}``; states open, waiting, spam, bin."""

    platform = "town"
    parser = "town/1"
    title = "Town board"
    credential_fields: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    digests: tuple[Digest, ...] = ()
    legal: tuple[LegalNote, ...] = ()
    inconclusive: frozenset[str] = frozenset()
    address_form = "http://town.test"

    def refuses(self, url: str) -> str:
        """Take any address."""
        assert url
        return ""

    def __init__(self, *, newest_first: bool = False, exhaustive: bool = True) -> None:
        self.newest_first = newest_first
        self.exhaustive = exhaustive

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Log in with nothing."""
        assert site
        return Login(tuple(credential.items()))

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Enumerate the one board, in any mode."""
        assert mode
        return (
            Listing(
                "board", "posts", Request(f"{site.url}/?page=1"), "public", "board",
                exhaustive=self.exhaustive, newest_first=self.newest_first,
            ),
        )  # fmt: skip

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Ask for one item."""
        return Request(f"{site.url}/{stream}/{native_id}")

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a page; anything but JSON is not what the town documents."""
        assert listing
        if response.status == 404:
            return Page(problem=Problem("missing", response.status_line))
        try:
            ranges = json_items(response.body)
            found = [json.loads(response.body[a:b]) for a, b in ranges]
            items = tuple(
                self._item(site, one, *span) for one, span in zip(found, ranges, strict=True)
            )
        except (ValueError, KeyError, TypeError):
            return Page(problem=Problem("schema", "not a board"))
        following = response.header("X-Next")
        return Page(
            items=items,
            total=response.header("X-Total"),
            next=Request(f"{site.url}/?page={following}") if following else None,
        )

    def _item(self, site: Site, one: dict[str, str], start: int, end: int) -> Item:
        kinds = {"open": "present", "waiting": "held", "spam": "hidden", "bin": "removed"}
        file = Follow(
            "file", "media", f"{one['id']}/file", "public", Request(f"{site.url}/f/{one['id']}")
        )
        return Item(
            stream="posts",
            native_id=str(one["id"]),
            kind=kinds[one["state"]],
            sensitivity="public" if one["state"] == "open" else "private",
            spans=(Span("item", start, end),),
            content_type="application/json",
            follow=(file,) if one.get("file") else (),
        )

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the text; ``seen`` is volatile."""
        assert context
        one = json.loads(excerpts[0].data)
        return {
            "text": str(one.get("text", "")),
            "state": str(one["state"]),
            "volatile": str(one.get("seen", "")),
        }


@dataclass
class Town:
    """The board's content, and how its server answers."""

    items: dict[str, dict[str, str]] = field(default_factory=dict)
    extra: bytes = b""
    total: bool = True
    gone: set[str] = field(default_factory=set)
    endless: bool = False

    def put(self, number: object, text: str, state: str = "open", **more: str) -> None:
        """Write or change an item."""
        self.items[str(number)] = {"id": str(number), "text": text, "state": state, **more}

    def answer(self, url: str) -> bytes:
        """Return a raw HTTP response."""
        path = url.removeprefix(SITE.url)
        if path.startswith("/f/"):
            return http(200, b"file of " + path[3:].encode(), "Content-Type: image/png\r\n")
        if path.startswith("/posts/"):
            one = self.items.get(path.removeprefix("/posts/"))
            return http(200, json.dumps([one]).encode()) if one else http(404, b"[]")
        page = int(path.removeprefix("/?page="))
        shown = [one for key, one in self.items.items() if key not in self.gone]
        part = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
        head = f"X-Total: {len(shown)}\r\n" if self.total else ""
        if self.endless or page * PER_PAGE < len(shown):
            head += f"X-Next: {1 if self.endless else page + 1}\r\n"
        return http(200, json.dumps(part).encode() + self.extra, head)


def http(status: int, body: bytes, head: str = "") -> bytes:
    """Return a raw HTTP response."""
    return (
        f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nETag: secret-digest\r\n{head}\r\n"
    ).encode() + body


@dataclass
class Run:
    """One run over the town: what was asked, settled, and left incomplete."""

    exchanges: list[Exchange]
    settled: list[tuple[str, Observation]]
    settler: Settler
    incomplete: dict[str, str]
    torn: bool
    since: Mapping[str, str] = field(default_factory=dict)

    def kinds(self, stream: str = "posts") -> list[tuple[str, str]]:
        """Return (native id, kind) of what was settled, but for listings and residue."""
        return [
            (one.native_id, str(one.kind))
            for _, one in self.settled
            if one.stream == stream and one.kind not in ("listing", "residue")
        ]

    def of_kind(self, kind: str) -> list[Observation]:
        """Return the observations of a kind."""
        return [one for _, one in self.settled if one.kind == kind]


def empty() -> Known:
    """Return the knowledge of an archive that has nothing."""
    return Known({}, b"k" * 32)


def fold(runs: Sequence[Run]) -> Known:
    """Fold what runs settled, as `rebuild` does from rows."""
    rows = []
    for one in runs:
        for uuid, seen in one.settled:
            context = {
                "stream": seen.stream, "native_id": seen.native_id, "kind": str(seen.kind),
                "observation_id": uuid, "group": seen.group, "sensitivity": seen.sensitivity,
                "parser": seen.parser, "page_url": seen.page_url,
                "captured_at": seen.captured_at,
            }  # fmt: skip
            rows.append((context, seen.row))
    return Known.fold(rows, b"k" * 32)


def run(
    town: Town,
    known: Known,
    mode: str = "reconcile",
    connector: TownConnector | None = None,
    *,
    mend: bool = False,
    reaches: Mapping[str, str] | None = None,
) -> Run:
    """Capture the town; ``known`` is carried on."""
    own = connector or TownConnector()
    numbers = iter(range(10**6))
    settler = Settler(own, SITE, known, lambda: f"uuid-{id(settler)}-{next(numbers)}")
    session = Session(own, SITE, settler, mode, mend=mend, reaches=reaches)
    asking, answer, exchanges = session.run(), None, list[Exchange]()
    while True:
        try:
            ask = asking.send(answer) if answer else next(asking)
        except StopIteration:
            break
        exchange = Exchange(
            "lane", len(exchanges) + 1, ask.request.url, "2026-11-20T10:00:00.000000Z",
            b"GET / HTTP/1.1\r\n\r\n", town.answer(ask.request.url), purpose=dict(ask.purpose),
        )  # fmt: skip
        exchanges.append(exchange)
        reading = read(own, SITE, exchange)
        answer = Answer(reading, settler.take(exchange, reading))
    observations = settler.drain().observations
    claims = session.sweep.claims
    return Run(exchanges, observations, settler, session.incomplete, session.troubles.torn, claims)
