"""A notice board: a stand-in platform whose answers are lines, and an archive of what it showed.

A line is ``stream id text``. Behind ``|`` stand ids of posts that it contains (``?``: nobody knows
which), behind ``+`` the name of a listing that it leads to. ``- stream id`` is an event that says
it is gone; a line that begins with ``~`` is one that no parser claims, with ``{`` one that it
claims as what goes with others, with ``!`` one that breaks the parser. An answer that begins with
``?`` is of no form that it knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.capture.connector import (
    Claim,
    Contained,
    Follow,
    Gone,
    Item,
    Listing,
    Page,
    Problem,
    Site,
    Span,
)
from archiver.capture.platforms.feed import Feed
from archiver.capture.reading import read
from archiver.capture.settling import Settler
from archiver.flows import accounts, connectors
from archiver.flows.accounts import find
from archiver.flows.compact import seal_controls
from archiver.flows.known import known_now
from archiver.flows.ledger import read_state
from archiver.flows.settle import seal_intake, seal_settled
from archiver.formats.exchanges import certificate_parts, exchange_parts
from archiver.ids import new_uuid
from archiver.record import Exchange, Request
from tests.flows.helpers import founded, open_archive
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

URL = "https://board.example/city"
LANE = "lane"
OK, GONE = b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found"


class Board(Feed):
    """The connector. ``claims``: it takes unknown lines for items of the stream ``pages``."""

    platform = "stand-in"
    parser = "stand-in/1"

    def __init__(self, *, claims: bool = False) -> None:
        self.claims = claims

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one thing; what is left over has no address."""
        if native_id.startswith("residue/"):
            raise ValueError(native_id)
        return Request(f"{site.url}/{stream}/{quote(native_id)}")

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut an answer line by line."""
        del site
        if response.status == 404:
            return Page(problem=Problem("missing", response.status_line))
        if response.body.startswith(b"?"):
            return Page(problem=Problem("schema", "nobody knows this"))
        items, gone, claims, at = [], [], [], 0
        for line in response.body.splitlines(keepends=True):
            span = (Span("item", at, at + len(line.rstrip(b"\n"))),)
            at += len(line)
            if line.startswith(b"!"):
                raise ValueError(line)
            words = line.decode().split()
            if words[0].startswith("{"):
                claims.append(Claim("included", *span[0][1:], ""))
            elif words[0] == "-":
                gone.append(Gone(words[2], (words[1],), span, "text/plain", words[1]))
            elif words[0] != "~" or self.claims:
                stream, name = ("pages", "found") if words[0] == "~" else words[:2]
                items.append(_item(stream, name, span, words, listing))
        return Page(items=tuple(items), gone=tuple(gone), claims=tuple(claims))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the text."""
        del context
        return {"text": excerpts[0].data.decode(), "state": "public"}


def _item(
    stream: str, name: str, span: tuple[Span, ...], words: Sequence[str], listing: Listing
) -> Item:
    held = words[words.index("|") + 1 :] if "|" in words else []
    told = [word[1:] for word in words if word.startswith("+")]
    follow = [
        Follow(
            "listing",
            "comments",
            listing=replace(listing, name=one.replace("_", " "), request=Request(URL)),
        )
        for one in told
    ]
    contains = [Contained() if one == "?" else Contained("posts", one) for one in held]
    return Item(
        stream, name, "present", "public", span, "text/plain", URL,
        follow=tuple(follow), contains=tuple(contains),
    )  # fmt: skip


def asked(text: str, listing: str = "posts", **purpose: str) -> Exchange:
    """Return what came for a page of a listing, or for what the purpose says."""
    about = {
        "role": "listing", "listing": listing, "stream": "posts", "group": listing,
        "sensitivity": "public", "exhaustive": "no", "pass": "1", "page": "1",
    }  # fmt: skip
    return _exchange(OK, text.encode(), about | purpose)


def probed(stream: str, native_id: str, role: str = "direct", text: str = "") -> Exchange:
    """Return what came for one thing itself: a file or a direct look; no text: there is none."""
    about = {
        "role": role, "listing": stream, "stream": stream, "group": stream, "native_id": native_id,
        "sensitivity": "public", "exhaustive": "no", "pass": "1",
    }  # fmt: skip
    return _exchange(OK if text else GONE, text.encode() or b"none", about)


def sent(text: str) -> Exchange:
    """Return a delivery."""
    body = text.encode()
    head = f"POST /hook HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    told = asked("", "deliveries", role="delivery", scheme="none")
    return replace(
        told, request=head + body, response=b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    )


def _exchange(status: bytes, body: bytes, purpose: Mapping[str, str]) -> Exchange:
    kind = b"text/plain" if purpose["role"] != "file" else b"image/png"
    head = status + b"\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
    return Exchange(
        lane="", number=0, url=URL, captured_at="2026-11-20T09:00:00.000000Z",
        request=b"GET /city HTTP/1.1\r\n\r\n", response=head + body, purpose=purpose,
    )  # fmt: skip


class _File:
    """A spool with one closed file, for `seal_intake`."""

    def __init__(self, lane: str, exchanges: Sequence[Exchange], data: bytes) -> None:
        self.lane, self.data = lane, data
        self.first, self.last = exchanges[0].number, exchanges[-1].number

    def raw(self, file: object) -> bytes:
        """Return the file."""
        del file
        return self.data


def spool_file(exchanges: Sequence[Exchange], certificates: Sequence[bytes] = ()) -> bytes:
    """Return a spool file; each certificate stands before the first exchange."""
    chain = [certificate_parts(one, "2026-11-20T09:00:00.000000Z") for one in certificates]
    every = (*chain, *map(exchange_parts, exchanges))
    return b"".join(part for parts in every for part in parts)


@dataclass
class Posted:
    """An archive of an account on the board."""

    archive: Archive
    connector: Board
    name: str = "city"
    last: dict[str, int] = field(default_factory=dict)

    @property
    def handle(self) -> str:
        """The account's handle."""
        return find(self.archive, self.name).handle

    def take(
        self,
        *came: Exchange,
        lane: str = LANE,
        settle: bool = True,
        certificates: Sequence[bytes] = (),
    ) -> list[int]:
        """Have exchanges come, sealed as one file, and settle them; return their numbers."""
        first = self.last.get(lane, 0) + 1
        chain = tuple(sha256(one).hexdigest() for one in certificates)
        numbered = [
            replace(one, lane=lane, number=number, certificates=chain)
            for number, one in enumerate(came, start=first)
        ]
        self.last[lane] = numbered[-1].number
        file = _File(lane, numbered, spool_file(numbered, certificates))
        seal_intake(self.archive, read_state(self.archive), self.handle, file, file)  # type: ignore[arg-type]  # reads only
        if settle:
            self._settle(numbered, lane)
        return [one.number for one in numbered]

    def end(self) -> None:
        """Say that the run is over: what it sealed may be merged."""
        told = {"t": "repeat", "account": self.handle, "counts": {}, "began": TIME, "ended": True}
        seal_controls(self.archive, [told])

    @classmethod
    def founded(cls, home: Path, monkeypatch: pytest.MonkeyPatch) -> Posted:
        """Return a new archive with the account, of which nothing was taken in yet."""
        return cls.opened(open_archive(founded(home), home), monkeypatch)

    @classmethod
    def opened(
        cls, archive: Archive, monkeypatch: pytest.MonkeyPatch, board: Board | None = None
    ) -> Posted:
        """Return an archive that there is, with the account."""
        board = board or Board()
        monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": board})
        accounts.add(archive, {"name": "city", "platform": "stand-in", "url": URL}, {})
        return cls(archive, board)

    def _settle(self, exchanges: Sequence[Exchange], lane: str) -> None:
        archive, state = self.archive, read_state(self.archive)
        site = Site(self.name, URL, authorised=False)
        known = known_now(archive, state, self.handle, self.connector)
        settler = Settler(self.connector, site, known, lambda: new_uuid(archive.chance))
        for one in exchanges:
            settler.take(one, read(self.connector, site, one))
        covers = lane, [[exchanges[0].number, exchanges[-1].number + 1]]
        seal_settled(archive, state, self.handle, settler.drain(), covers=covers)
