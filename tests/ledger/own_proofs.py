"""Proofs of any trees at all, as an archive that means harm can sign them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.columns import fields_of
from archiver.ledger import entry
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.commitment import Leaf, leaves, observation_commitment
from archiver.ledger.disclosed import SCHEMA
from archiver.ledger.disclosure import disclose, recommit
from archiver.ledger.proof import Proof
from archiver.ledger.tree import leaf_hash
from archiver.record import Excerpt
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

ORIGIN = "archive.example/log"
SIGNER = MemorySigner(ORIGIN)
RECORD = "wordpress:city-blog:comments:17"
LINES = [
    b"WARC/1.1",
    b"WARC-Date: 2026-11-20T09:00:00.000000Z",
    f"Archive-Record: {RECORD}".encode(),
    b"Archive-Kind: present",
    b"Archive-Page: https://city.example/?p=1",
]
ROW = {"state": "approved", "title": "Culvert", "text": "Call 555-0142 now", "extra": "{}"}
SOURCE, CONTEXT_LEAVES, VALUES = leaves(
    bytes(32), [Excerpt("item", b"<p>")], LINES, fields_of("comments"), ROW
)


def tree(group: Sequence[Leaf], closed: Collection[int] = ()) -> dict[str, Any]:
    """Return the disclosure of leaves with some places closed."""
    return disclose(group, set(range(len(group))) - set(closed))


def signed(
    context: dict[str, Any] | None = None,
    fields: dict[str, Any] | None = None,
    source: dict[str, Any] | None = None,
    **other: object,
) -> bytes:
    """Return a proof of any trees at all, as the archive's own key can make it."""
    trees = {
        "source": source or tree(SOURCE),
        "context": context or tree(CONTEXT_LEAVES),
        "fields": fields or tree(VALUES),
    }
    value = observation_commitment(*map(recommit, trees.values()))
    checkpoint = Checkpoint(ORIGIN, 1, leaf_hash(entry.observation(value)))
    proof = Proof(0, (), sign_note(checkpoint.body(), SIGNER)).build().decode()
    document = {"schema": SCHEMA, "record": RECORD, "tlog_proof": proof, **trees, **other}
    return json.dumps(document).encode()
