"""The worked examples of docs/formats/, computed by the code itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow as pa
import rfc8785

from archiver.columns import fields_of
from archiver.flows.archive import Identity
from archiver.flows.identity import encode
from archiver.formats import parquet, segment_index, warc
from archiver.formats.conversion import conversion_lines, differences
from archiver.formats.exchanges import exchange_parts
from archiver.formats.replacement import scrub
from archiver.formats.secret_values import Secrets
from archiver.ids import ulid
from archiver.layout import (
    bundle_key,
    daily_checkpoint_key,
    pending_key,
    staging_key,
    tile_key,
    unit_object_key,
)
from archiver.ledger import entry
from archiver.ledger.batch import Batch
from archiver.ledger.commitment import Commitment, commit
from archiver.ledger.sets import encode_set, set_files
from archiver.record import Excerpt, Exchange, Kind, Observation, Sensitivity, Stream
from tests.docs import anchor_examples

if TYPE_CHECKING:
    from collections.abc import Callable

ITEM = b'{"id":7,"date_gmt":"2026-11-20T13:04:00","content":{"raw":"Mind the gap."}}'
SALT = bytes(range(32))
UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
NONCE, PADDING = bytes(range(32, 64)), b"070707"
BATCH = "01KAGT1EB07QSKN3CP8Y2VW9HD"
SEGMENT = "01KAGT1EB0E0F4QZB3N5T7R9XW"
UNIT = "mfzwizltoq2tmnzyhe4tomjzgm"
ROW = {
    "state": "approved",
    "text": "Mind the gap.",
    "created": "2026-11-20T13:04:00",
    "created_source": "date_gmt",
    "created_precision": "second",
    "created_at": "2026-11-20T13:04:00.000000Z",
}
OBSERVATION = Observation(
    platform="wordpress",
    account="city-blog",
    stream=Stream.COMMENTS,
    native_id="7",
    kind=Kind.PRESENT,
    sensitivity=Sensitivity.PUBLIC,
    captured_at="2026-11-20T13:06:00.250000Z",
    excerpts=(Excerpt("item", ITEM),),
    row=ROW,
    parser="wordpress/1",
    exchange="0123456789abcdef0123456789abcdef/12",
    content_type="application/json",
    page_url="https://city.example/news/#comment-7",
    group="comments",
    context=(("Archive-Status-Line", "HTTP/1.1 200 OK"),),
)
REQUEST = (
    b"GET /wp-json/wp/v2/comments?page=1 HTTP/1.1\r\n"
    b"Host: city.example\r\n"
    b"Authorization: Basic Y2xlcms6aHVudGVyMg==\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Length: 19\r\n\r\n"
    b'[{"key":"hunter2"}]'
)
SEAL = {
    "t": "seal",
    "stage": "settle",
    "account": "ffd4x4vf6lpjc3klfrtso6pbfu",
    "time": "2026-11-20T13:06:02.000000Z",
    "batch": 3,
    "lane": "0123456789abcdef0123456789abcdef",
    "exchanges": [[12, 15]],
    "segments": [
        {
            "unit": UNIT,
            "segment": SEGMENT,
            "series": "unscheduled",
            "period": "2026-11",
            "sensitivity": "public",
            "objects": {"idx": "0" * 64, "parquet": "1" * 64, "warc.gz": "2" * 64},
            "leaves": [[0, 1]],
        }
    ],
}


def _committed() -> tuple[list[bytes], Commitment]:
    lines = warc.header_lines(OBSERVATION, UUID)
    return lines, commit(SALT, OBSERVATION.excerpts, lines, fields_of(OBSERVATION.stream), ROW)


def _record() -> bytes:
    lines, made = _committed()
    return warc.record_bytes(lines, OBSERVATION.excerpts, SALT, made[:3])


def record() -> str:
    """One WARC record, whole."""
    return _record().decode()


def commitment() -> str:
    """What the ledger says of that record."""
    return f"01{_committed()[1].value.hex()}"


def conversion() -> str:
    """The header of a newer generation of that record."""
    first = _record().partition(b"\r\n\r\n")[0].split(b"\r\n")
    lines = conversion_lines(first, "886313e1-3b8a-4372-9b90-0c9aee199e5d", "wordpress/2")
    assert differences(first, [*lines, *first[-5:]]) == ""
    return b"\n".join(lines).decode()


def leaf_set() -> str:
    """A file of two ranges of leaves, and how an entry names it."""
    made = encode_set([[500, 501], [7000, 7042]], NONCE, PADDING)
    name = {"set": SEGMENT, "sha256": sha256(made).hexdigest()}
    assert list(set_files({"t": "order", "leaves": name})) == [tuple(name.values())]
    return made.decode()


def leaf_set_name() -> str:
    """How an entry names that file."""
    digest = sha256(leaf_set().encode()).hexdigest()
    return json.dumps({"set": SEGMENT, "sha256": digest}, separators=(",", ":"))


def absence() -> str:
    """The header of a record that says that a thing is gone."""
    gone = replace(
        OBSERVATION,
        kind=Kind.DELETED,
        excerpts=(),
        row={},
        parser="listing/1",
        content_type="application/octet-stream",
        page_url="",
        group="",
        context=(
            ("Archive-Evidence", f"listing <urn:uuid:{UUID}>"),
            ("Archive-Evidence", "listing <urn:uuid:16fd2706-8baf-433b-82eb-8c7fada847da>"),
            ("Archive-Evidence", "missing 0123456789abcdef0123456789abcdef/40"),
        ),
        warc_type="metadata",
    )
    lines = warc.header_lines(gone, "886313e1-3b8a-4372-9b90-0c9aee199e5d")
    return b"\n".join(lines).decode()


def warcinfo() -> str:
    """The first record of a WARC file."""
    made = warc.warcinfo(UUID, OBSERVATION.captured_at, NONCE, PADDING, "civic-archiver/0.1.0")
    return made.decode()


def index() -> str:
    """The index of a WARC of two members."""
    return segment_index.index([412, 730], NONCE, PADDING).decode()


def times() -> str:
    """A timestamp as text and as Parquet holds it."""
    text = OBSERVATION.captured_at
    table = parquet.read_rows(_parquet())
    number = table["captured_at"].cast(pa.int64())[0].as_py()
    return f"{text}  =  {number}"


def _parquet() -> BytesIO:
    row = {"record_id": OBSERVATION.record_id, "captured_at": OBSERVATION.captured_at, **ROW}
    return BytesIO(parquet.write_rows(OBSERVATION.stream, [row], NONCE, PADDING))


def exchange() -> str:
    """An exchange as it is spooled, its credential replaced."""
    clean = scrub(REQUEST, RESPONSE, Secrets({"password": "hunter2"}))
    made = Exchange(
        lane="0123456789abcdef0123456789abcdef",
        number=12,
        url="https://city.example/wp-json/wp/v2/comments?page=1",
        captured_at=OBSERVATION.captured_at,
        request=clean.request,
        response=clean.response,
        ip_address="192.0.2.80",
        tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
        replacements=clean.replacements,
        purpose={"role": "listing", "listing": "comments", "page": "1"},
        clock_source="system",
    )
    return b"".join(exchange_parts(made)).decode()


def settlement() -> str:
    """A settlement map of one record."""
    origins = {UUID: (OBSERVATION.exchange, [("item", 1, 1 + len(ITEM))])}
    return json.dumps(origins, separators=(",", ":"))


def archive_json() -> str:
    """The identity of an archive."""
    key = "city.example/archive+023f98d2+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    made = Identity("jzcdc4akpd42wghtemtdj27hzm", "city.example/archive", [key], ROW["created_at"])
    return encode(made).decode()


def role() -> str:
    """The ledger's first entry."""
    body = {
        "t": "role",
        "role": "log-signer",
        "keys": json.loads(archive_json())["keys"],
        "document": sha256(archive_json().encode()).hexdigest(),
        "time": ROW["created_at"],
        "id": BATCH,
    }
    return entry.control(body)[1:].decode()


def keys() -> str:
    """Keys of objects."""
    made = [
        unit_object_key(UNIT, SEGMENT, "warc.gz"),
        unit_object_key(UNIT, SEGMENT, "parquet.c256"),
        tile_key(0, 5),
        tile_key(1, 1_234_067),
        tile_key(0, 5, 44),
        bundle_key(5, 44),
        daily_checkpoint_key("2026-11-20"),
        pending_key(BATCH),
        staging_key(1324, "ab" * 32),
    ]
    return "\n".join(made)


def name() -> str:
    """A ULID of a moment and ten bytes."""
    moment = datetime.fromisoformat(OBSERVATION.captured_at)
    return ulid(moment, bytes(range(10)))


def pending() -> str:
    """A batch of one observation as it waits."""
    return Batch(BATCH, (_committed()[1].value,), (SEAL,)).encode().decode()


def seal() -> str:
    """The seal of that batch in a ledger of 500 entries, without its first byte."""
    batch = Batch(BATCH, (_committed()[1].value,), (SEAL,))
    placed = batch.entries(500)[-1]
    assert rfc8785.dumps(json.loads(placed[1:])) == placed[1:]
    return placed[1:].decode()


EXAMPLES: dict[str, tuple[Callable[[], str], ...]] = {
    "record-warc.md": (warcinfo, conversion, record, commitment, absence, index),
    "ledger.md": (leaf_set, leaf_set_name),
    "rows.md": (times,),
    "intake.md": (exchange, settlement),
    "archive-layout.md": (archive_json, role, keys, name),
    "segments.md": (pending, seal),
    "anchors.md": (
        anchor_examples.cosigned,
        anchor_examples.ml_dsa_message,
        anchor_examples.request,
        anchor_examples.time_stamp_query,
        anchor_examples.anchor_entry,
        anchor_examples.rehash,
    ),
}
"""Page -> the examples on it."""
