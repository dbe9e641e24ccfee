"""What an importer makes of one file, as import reads it: rows by stream and id, and residue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from archiver.capture.connector import Site
from archiver.capture.importers import IMPORTERS
from archiver.capture.importers.cutting import parts
from archiver.capture.importers.exchanges import Imported, Importing, exchange_of
from archiver.capture.reading import read
from archiver.flows.connectors import connector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.items import Item

SITE = Site("city", "https://city.example.gov", authorised=False)
AT = "2026-11-20T09:00:00.000000Z"


class Read(NamedTuple):
    """Rows and items by (stream, id), and the bytes that nothing claims."""

    rows: Mapping[tuple[str, str], Mapping[str, str]]
    items: Mapping[tuple[str, str], Item]
    residue: bytes
    parts: int


def reads(
    form: str, name: str, body: bytes, *, platform: str = "x", mapping: str = "", step: int = 0
) -> Read:
    """Read a file of an export; ``step``: bytes of the blocks it comes in, all of it at once."""
    importer = IMPORTERS[form]
    one = cast("Connector", Importing(importer, connector(platform)))
    kept = importer.member(name)
    size = step or max(len(body), 1)
    blocks = [body[at : at + size] for at in range(0, len(body), size)]
    rows, items, left, head = {}, {}, b"", ""
    number = -1
    for number, part in enumerate(parts(blocks, kept.cutting)):
        if number == 0:
            head = importer.carry(name, part.data)
        imported = Imported("handle", AT, "", mapping, head if number else "")
        made = exchange_of(importer, imported, name, kept, (number, part))
        exchange = replace(made, lane="lane", number=number + 1)
        reading = read(one, SITE, exchange)
        for sighting in reading.sightings:
            key = str(sighting.item.stream), sighting.item.native_id
            assert key not in rows, f"{key} twice"
            rows[key], items[key] = sighting.row, sighting.item
            again = one.parse(sighting.excerpts, _context(platform, key))
            assert again == dict(sighting.row)
        left += b"".join(reading.body[a:b] for a, b in reading.residue)
    return Read(rows, items, left, number + 1)


def _context(platform: str, key: tuple[str, str]) -> dict[str, str]:
    return {"platform": platform, "account": "city", "stream": key[0], "native_id": key[1]}
