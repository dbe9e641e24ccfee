"""The receipt of whoever took records over: recorded before anything of them may go.

In the ledger it is an answer that lets records go (ADR 0126): it takes two people, waits, and
makes the order be about what the bag has. Which bag, and where its receipt lies, is private.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, UsageError
from archiver.flows.deciding import draft
from archiver.flows.ledger import read_state
from archiver.flows.outside_acts import past, told_copy
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.transfer import DOCUMENT, SCHEMA
from archiver.flows.transfer_choice import to_transfer
from archiver.flows.transferring import receiver
from archiver.formats.bag import MANIFEST, listed
from archiver.ledger import ranges
from archiver.registry.deciding import SHORTENS
from archiver.retention.disposal import RECEIVED, TRANSFER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.ledger.ranges import Ranges

__all__ = ["MANIFEST", "receipt"]


def receipt(
    archive: Archive, bag: tuple[bytes, bytes], day: date, evidence: str, copy: str
) -> Draft:
    """Return the decision, unsigned, that an order's records were received.

    Args:
        archive: where.
        bag: its document, and the manifest that has the document's digest.
        day: of the receipt.
        evidence: what shows it, as a letter's number.
        copy: SHA-256 (hex) of the receipt itself.

    Raises `UsageError` for a bag of another archive, authority or order, or of none of its
    records; `FormatError` for what is no bag of ours.
    """
    document = _document(*bag)
    name = str(document["about"].get("order", ""))
    if document["archive"] != archive.identity.id or not name:
        raise UsageError(
            "the bag is of another archive" if name else "the bag is of no order",
            where=str(document["identifier"]),
            mend="make it with --order: only orders wait for receipts",
        )
    order, told_of = to_transfer(archive, name)
    if document["to"] != receiver(told_of):
        raise UsageError("the bag is for another authority", where=str(document["to"]))
    past(archive, day)
    if not evidence.strip():
        raise UsageError("what shows it?", mend="give --evidence, as a letter or a receipt")
    leaves = ranges.minus(order.leaves, ranges.minus(order.leaves, document["leaves"]))
    if not leaves:
        raise UsageError("the bag has none of the order's records", where=name)
    said = {
        "act": "outcome",
        "answer": RECEIVED,
        "day": day.isoformat(),
        "copy_sha256": told_copy(copy),
        "goes": "all" if leaves == order.leaves else "named",
        "then": TRANSFER,
        "evidence": evidence,
        "bag": {
            **{one: document[one] for one in ("identifier", "made", "to")},
            "manifest_sha256": sha256(bag[1]).hexdigest(),
        },
        "records": [] if leaves == order.leaves else _named(archive, told_of, leaves),
    }
    members = {"order": name, "effect": SHORTENS}
    return draft(archive, "outcome", members, said, (leaves, read_state(archive).size))


def _document(data: bytes, manifest: bytes) -> dict[str, Any]:
    """Return the document of a bag, which its manifest lists. Raises `FormatError`."""
    mend = "give the folder that `transfer make` wrote; nothing in it may be changed"
    if listed(manifest).get(f"data/{DOCUMENT}") != sha256(data).hexdigest():
        raise FormatError("the bag's manifest has another digest", where=DOCUMENT, mend=mend)
    try:
        document: dict[str, Any] = json.loads(data)
        fits = document["schema"] == SCHEMA and ranges.are_ranges(document["leaves"])
        fits = fits and isinstance(document["about"], dict) and "to" in document
        fits = fits and {"archive", "identifier", "made"} <= document.keys()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError("not the document of a transfer", where=DOCUMENT, mend=mend) from error
    if not fits:
        raise FormatError("not the document of a transfer", where=DOCUMENT, mend=mend)
    return document


def _named(archive: Archive, told_of: Mapping[str, Any], leaves: Ranges) -> list[str]:
    """Return the records of an order that have one of some leaves."""
    own = leaves_of_records(archive, read_state(archive), told_of["records"])
    return sorted(
        record
        for record, every in own.items()
        if ranges.overlap(ranges.from_numbers(every), leaves)
    )
