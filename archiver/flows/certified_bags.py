"""Bags in a certificate of destruction: what was handed to others of what went.

The home that made a bag notes which leaves it has; the ledger's documents name those that an
order waited for. What other homes made, and what was copied on, nobody here knows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.ledger import ranges
from archiver.retention.certificate_told import Bag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.archive import Archive
    from archiver.registry.deciding import Deciding
    from archiver.retention.order import Order

__all__ = ["bags_of", "note_bag"]

_NOTES = "bags/"
"""Where a home notes the bags that it made, by the digest of their manifests."""


def note_bag(archive: Archive, document: Mapping[str, Any], manifest_sha256: str) -> None:
    """Note in the home what a bag has: numbers, to whom it goes, and when it was made."""
    told = {name: document[name] for name in ("to", "made", "leaves")}
    archive.home.write(f"{_NOTES}{manifest_sha256}.json", json.dumps(told, sort_keys=True).encode())


def bags_of(
    archive: Archive,
    order: Order,
    deciding: Deciding,
    documents: Mapping[str, Mapping[str, Any]],
) -> tuple[Bag, ...]:
    """Return the bags that are known to have something of what went under an order."""
    found = dict(_noted(archive, order))
    for one in deciding.made:
        said = documents.get(str(one.statement.get("subject")), {})
        if one.act == "outcome" and one.statement["order"] == order.handle and "bag" in said:
            bag, digest = said["bag"], str(said["bag"]["manifest_sha256"])
            count = ranges.count(order.going)  # the order is about what the bag has since then
            found[digest] = Bag(bag["to"], bag["made"], digest, count, str(said["day"]))
    return tuple(found[digest] for digest in sorted(found))


def _noted(archive: Archive, order: Order) -> dict[str, Bag]:
    made = dict[str, Bag]()
    for name in archive.home.names(_NOTES):
        told = json.loads(archive.home.read(name) or b"{}")
        left = ranges.minus(order.going, told["leaves"])
        count = ranges.count(order.going) - ranges.count(left)
        if count:
            digest = name.removeprefix(_NOTES).removesuffix(".json")
            made[digest] = Bag(told["to"], told["made"], digest, count, "")
    return made
