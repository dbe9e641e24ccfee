"""The worked examples of ``docs/formats/ledger.md`` and ``proof.md``, computed."""

from __future__ import annotations

import json

from archiver.columns import fields_of
from archiver.ledger.batch import Batch
from archiver.ledger.checkpoint import Checkpoint, sign_note
from archiver.ledger.commitment import commit, leaves
from archiver.ledger.disclosure import close, disclose
from archiver.ledger.head import Bundle
from archiver.ledger.proof import Proof
from archiver.ledger.signed import sign_batch
from archiver.ledger.tiles import encode_bundle, encode_tile, new_bundles, new_tiles
from archiver.ledger.tree import Frontier, inclusion_path, leaf_hash, memory_reader, root
from archiver.record import Excerpt
from tests.ledger.note_signer import MemorySigner

TIME = "2026-11-20T09:00:00.000000Z"
ORIGIN = "archive.example/log"
SIGNER = MemorySigner(ORIGIN)
SALT = bytes(range(32))
ITEM = b'{"id":17,"content":"Call 555-0142 now"}'
ROW = {"state": "approved", "text": "Call 555-0142 now"}
LINES = [
    b"WARC/1.1",
    b"Archive-Record: wordpress:city-blog:comments:17",
    b"Content-Length: 39",
    b"Archive-Excerpt: item 0 39",
]
PARTS = (Excerpt("item", ITEM),)
MADE = commit(SALT, PARTS, LINES, fields_of("comments"), ROW)
FOUNDING = {
    "t": "role",
    "role": "log-signer",
    "keys": [SIGNER.verifier_key],
    "document": "ab" * 32,
    "time": TIME,
}
SEAL = {
    "t": "seal",
    "stage": "settle",
    "account": "mfzwizltnfxw4zzanrxwo2lomu",
    "batch": 1,
    "lane": "nrqw4zjaobqxg43fom",
    "exchanges": [[1, 4]],
    "segments": [
        {
            "unit": "ovxgs5a",
            "segment": "01KACDG6Z0HHYX4JNNQ3QZ1F8M",
            "series": "unscheduled",
            "period": "2026-11",
            "sensitivity": "public",
            "objects": {"warc.gz": "01" * 32, "parquet": "02" * 32, "idx": "03" * 32},
            "leaves": [[0, 1]],
        }
    ],
    "time": TIME,
}
BATCH = Batch("01KACDG6Z0C1VJ5RCH1VE0S1KZ", (MADE.value,), (SEAL,))
FIRST = Batch("01KACDG6Z0A0000000000000TE", (), (FOUNDING,))


def ledger() -> dict[str, str]:
    """Return the examples of ``ledger.md`` by name."""
    founding = FIRST.entries(0)
    added = BATCH.entries(1)
    before = Frontier.empty().extend([leaf_hash(data) for data in founding])
    handed_in = sign_batch(BATCH, SIGNER)
    staged = Bundle(before, [handed_in])
    head = staged.head(before.extend([leaf_hash(data) for data in added]))
    entries = [*founding, *added]
    hashes = [leaf_hash(data) for data in entries]
    return {
        "batch": handed_in.decode().split("\n")[0],
        "signature": handed_in.decode().split("\n")[1],
        "entry 0": founding[0][1:].decode(),
        "entry 1": added[0].hex(),
        "entry 2": added[1][1:].decode(),
        "leaf 0": hashes[0].hex(),
        "leaf 1": hashes[1].hex(),
        "leaf 2": hashes[2].hex(),
        "root": root(hashes).hex(),
        "staged": staged.encode().decode(),
        "head": head.encode().decode(),
        "tiles": " ".join(tile.key for tile in new_tiles(0, 3)),
        "bundles": " ".join(one.key for one in new_bundles(0, 3)),
        "tile": encode_tile(hashes).hex(),
        "bundle begins": encode_bundle(entries)[:8].hex(),
        "verifier key": SIGNER.verifier_key,
        "checkpoint": json.dumps(note().decode(), ensure_ascii=False),
    }


def note() -> bytes:
    """Return the signed checkpoint of the example ledger."""
    entries = [*FIRST.entries(0), *BATCH.entries(1)]
    head = root([leaf_hash(data) for data in entries])
    return sign_note(Checkpoint(ORIGIN, len(entries), head).body(), SIGNER)


def proof() -> str:
    """Return the proof in ``proof.md``: one token withheld, the source closed."""
    _, context, fields = leaves(SALT, PARTS, LINES, fields_of("comments"), ROW)
    withheld = {token.number for token in fields[1].tokens if b"555" in token.value}
    hashes = [leaf_hash(data) for data in [*FIRST.entries(0), *BATCH.entries(1)]]
    path = inclusion_path(1, 3, memory_reader(hashes))
    document = {
        "schema": "civic-archive/proof/v1",
        "record": "wordpress:city-blog:comments:17",
        "tlog_proof": Proof(1, tuple(path), note()).build().decode(),
        "source": close(MADE.source),
        "context": disclose(context, [0, 1]),
        "fields": disclose(fields, [1], withheld),
    }
    return json.dumps(document, indent=1, ensure_ascii=False)
