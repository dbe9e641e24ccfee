"""A part of an export as an exchange, and an importer as what reads those again. Pure.

Nobody sent what an exchange of an import has: the request names the member, the head of the
response is ours (`200 Imported`), and only its body is of the export. So all that holds of
exchanges holds of it: it is numbered, sealed into intake, cut with byte ranges, found again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from archiver.capture.importers.importer import Given
from archiver.capture.items import Listing, Page
from archiver.capture.known import IMPORTED
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector, Digest, Site
    from archiver.capture.importers.cutting import Part
    from archiver.capture.importers.importer import Importer, Kept
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Imported", "Importing", "exchange_of", "head_of"]

_TYPES = MimeTypes()  # what the standard library knows; never the tables of this machine
_UNKNOWN = "application/octet-stream"


class Imported(NamedTuple):
    """One import: its random handle, when (canonical time), and when the export says it was made.

    ``mapping``: which columns are what, for a table; ``head``: what a later part of a member
    needs to know of its first (`Importer.carry`).
    """

    handle: str
    at: str
    made: str = ""
    mapping: str = ""
    head: str = ""


def head_of(name: str, length: int) -> bytes:
    """Return the head that stands before bytes of an export."""
    kind = _TYPES.guess_type(name, strict=False)[0] or _UNKNOWN
    head = f"HTTP/1.1 200 Imported\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n"
    return f"{head}content-disposition: attachment\r\n\r\n".encode()


def exchange_of(
    importer: Importer, imported: Imported, name: str, kept: Kept, part: tuple[int, Part]
) -> Exchange:
    """Return a part of a member, with its number from 0, fit to be stored; without lane, number."""
    number, (data, torn) = part
    what = "rest" if torn else kept.what
    path = quote(name, safe="/")[:4000]
    carried = {"name": name, "part": number, "what": what}
    carried |= {"mapping": imported.mapping} if imported.mapping else {}
    carried |= {"head": imported.head} if imported.head else {}
    purpose = {
        "role": "file" if what == "file" else IMPORTED,
        "listing": f"{importer.name} {kept.what}",
        "stream": kept.stream,
        "group": IMPORTED,
        "sensitivity": kept.sensitivity,
        "exhaustive": "no",
        "importer": importer.name,
        "import": imported.handle,
        "member": name,
        "part": str(number),
        "carried": json.dumps(carried),
    }
    if imported.made:
        purpose["made"] = imported.made
    if what == "file":
        purpose["native_id"] = kept.native_id
    return Exchange(
        lane="",
        number=0,
        url=f"urn:civic-archive:import:{importer.name}/{path}",
        captured_at=imported.at,
        request=f"IMPORT /{path} HTTP/1.1\r\n\r\n".encode(),
        response=head_of(name, len(data)) + data,
        purpose=purpose,
        clock_source="system clock",
    )


@dataclass(frozen=True, slots=True)
class Importing:
    """An importer in the place of its platform's connector, as reading and settling see one.

    ``made``: when the export was made, where it says so; "": what it tells is as of now.
    """

    importer: Importer
    connector: Connector
    made: str = ""

    @property
    def platform(self) -> str:
        """That of the account."""
        return self.connector.platform

    @property
    def parser(self) -> str:
        """The importer's own."""
        return self.importer.parser

    @property
    def module(self) -> str:
        """Where the importer's source begins."""
        return self.importer.module

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Those of its platform."""
        return self.connector.digests

    @property
    def inconclusive(self) -> frozenset[str]:
        """Those of its platform: an import asks for nothing."""
        return self.connector.inconclusive

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a part of a member: each item is of the group `IMPORTED`, and a version of its own.

        Where the platform itself was read, what an export says of a thing stands beside it as
        ``<id>/version/<format>`` (`archiver.capture.moments`).
        """
        told = json.loads(listing.request.carried)
        if told["what"] != "items":
            return Page()
        mapping, head = told.get("mapping", ""), told.get("head", "")
        given = Given(told["name"], told["part"], response.body, site.account, mapping, head)
        cut = self.importer.split(given)
        items = tuple(
            replace(one, group=IMPORTED, at=self.made, version=self.importer.name, follow=())
            for one in cut.items
        )
        return Page(items, cut.claims)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item's excerpts."""
        return self.importer.parse(excerpts, context)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Ask for nothing."""
        del site, stream, native_id
        return None
