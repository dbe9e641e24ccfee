"""True files of every kind, to begin from: an archive of the demo city, taken apart."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from archiver.demo.bluesky.encoding import car
from archiver.flows.intake import spooled
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.segments import open_file
from archiver.formats import cobblestone, keyfile, notekey, segment_index, warc_reading
from archiver.formats.exchanges import ExchangeReader
from archiver.ledger import sets, tiles
from archiver.ledger.state import INTAKE
from tests.chaos.town import staged
from tests.fuzz.targets import CONTEXT, KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.flows.archive import Archive

__all__ = ["seeds"]

MOST = 6
"""Seeds of a kind: a fuzzer makes its own from there."""
SMALL = 40_000
FEEDS = Path(__file__).parents[1] / "corpus" / "feeds"


def _first(found: Iterable[bytes]) -> list[bytes]:
    return list(islice((one for one in found if len(one) < SMALL), MOST))


def _segments(archive: Archive) -> dict[str, list[bytes]]:
    """Return the plain bytes of sealed files by kind; ``intake`` are those of exchanges."""
    found: dict[str, list[bytes]] = {}
    for segment in read_state(archive).segments():
        for suffix in segment.objects:
            kind = suffix.removesuffix(".c256")
            name = "intake" if segment.stage == INTAKE and kind == "warc.gz" else kind
            found.setdefault(name, []).append(open_file(archive, segment, kind))
    return found


def _stored(archive: Archive, prefix: str) -> list[bytes]:
    return [archive.store.get(found.key) for found in archive.store.list(prefix)]


@lru_cache(maxsize=1)
def seeds() -> Mapping[str, list[bytes]]:
    """Return some true inputs for each target of `tests.fuzz.targets`, by its name."""
    with TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        stage.capture("backfill")
        archive = stage.archive
        files = _segments(archive)
        bundles = _stored(archive, "log/tile/entries/")
        proof = json.dumps(prove(archive, "wordpress:city-blog:comments:6")).encode()
        log = {
            "head": _stored(archive, "log/head"),
            "note": _stored(archive, "log/checkpoint"),
            "staged": _first(_stored(archive, "log/staging/")),
            "tile": _first(_stored(archive, "log/tile/0/")),
            "bundle": _first(bundles),
            "entry": _first(one for data in bundles for one in tiles.parse_bundle(data)),
            "proof": [proof],
            "tlog-proof": [json.loads(proof)["tlog_proof"].encode()],
        }
    sealed = _sealed(files)
    others = {**_captured(files["intake"]), **_made(), **_verifiers(log, sealed)}
    return {**log, **sealed, **others}


def _sealed(files: Mapping[str, list[bytes]]) -> dict[str, list[bytes]]:
    members = [data[a : a + n] for data, idx in zip(files["warc.gz"], files["idx"], strict=True)
               for a, n in segment_index.parse_index(idx)]  # fmt: skip
    records = [warc_reading.inflate_member(one) for one in members]
    return {
        "warc-member": _first(members),
        "warc-record": _first(records),
        "warc-plain": _first([b"".join(records[:3])]),
        "warc-members": _first(files["warc.gz"]),
        "index": _first(files["idx"]),
        "map": _first(files["map"]),
        "intake": _first(files["intake"]),
    }


def _captured(intake: list[bytes]) -> dict[str, list[bytes]]:
    spools = [spooled(data) for data in intake]
    exchanges = [one for data in spools for one in ExchangeReader(io.BytesIO(data))]
    responses = [one.response for one in exchanges]
    bodies = [data.partition(b"\r\n\r\n")[2] for data in responses]
    return {
        "spool": _first(spools),
        "http-response": _first(responses),
        "http-request": _first(one.request for one in exchanges),
        "json": _first(one for one in bodies if one[:1] in {b"[", b"{"}),
    }


def _made() -> dict[str, list[bytes]]:
    """Return inputs of the kinds that the city's archive has none of."""
    sealed = io.BytesIO()
    cobblestone.encrypt(b"a sealed file" * 2000, KEY, CONTEXT, sealed)
    repository = car(
        [{"$type": "post", "text": "é", "n": -7, "f": [True, None]}], "did:plc:x", "3k"
    )
    block = repository[repository.index(b"\x71\x12\x20") + 35 :]
    event = b'event: update\nid: 7\ndata: {"a":1}\ndata: more\n\n: thump\n\n'
    frames = b"\x82\x03abc\x89\x00"  # RFC 6455 §5.7: a message without a mask, a ping
    batch = {"batch": "01JZ0000000000000000000000", "commitments": "00" * 32, "controls": []}
    controls = [{"t": "gap", "reason": "x"}]
    return {
        "cobblestone": [sealed.getvalue()],
        "car": [repository],
        "dag-cbor": [block, repository[1:]],
        "event-stream": [event],
        "websocket": [frames],
        "set": [sets.encode_set([[1, 4], [7, 9]], bytes(32), b"abc")],
        "keyfile": [
            keyfile.encode_period_key("2026", KEY),
            keyfile.wrap(KEY, KEY, bytes(12), "object", "2026"),
        ],
        "notekey": [notekey.verifier_key("example.org/fuzz", KEY).encode()],
        "batch": [
            json.dumps({**batch, "controls": controls}, separators=(",", ":")).encode(),
        ],
        "xml": _first(path.read_bytes() for path in sorted(FEEDS.rglob("*")) if path.is_file()),
    }


def _verifiers(
    log: Mapping[str, list[bytes]], sealed: Mapping[str, list[bytes]]
) -> dict[str, list[bytes]]:
    return {
        "verifier-member": sealed["warc-member"],
        "verifier-record": sealed["warc-record"],
        "verifier-policy": [
            f"log {log_key}\nwitness a {log_key}\ngroup g 1 a\nquorum g\n".encode()
            for log_key in [notekey.verifier_key("example.org/fuzz", KEY)]
        ],
        "verifier-proof": log["proof"],
        "verifier-log": [*log["note"], *log["bundle"]],
    }
