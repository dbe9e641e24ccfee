"""Values that must be nowhere once a record is destroyed, in every spelling, and the search."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b32encode, b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b, blake2s, md5, sha1, sha256, sha512
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from archiver.capture.known import mark_of
from archiver.columns import COLUMNS, FIELDS
from archiver.errors import KeyStoreError
from archiver.flows.ledger import read_state
from archiver.flows.segments import decrypted, open_file
from archiver.flows.verify_inventory import keys_of
from archiver.formats import parquet, warc_reading
from archiver.formats.http1 import parse_response
from archiver.layout import UNITS, unit_object_key
from archiver.ledger.commitment import committed_lines, hash_of, leaves
from archiver.ledger.state import INTAKE
from tests.attacks.carving import intake_of, records_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment
    from tests.attacks.carving import Doomed
    from tests.attacks.world import World

_SAYING = 40
"""Bytes of an answer that says something: not ``[]`` or that there is none."""
_WINDOW = 8
"""Bytes by which a place is found; every needle is at least as long."""
_CHECKSUM = re.compile(rb"[0-9a-f]{8}")


@dataclass
class Dead:
    """Needles by what they are: bytes that were stored or could have been."""

    needles: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    def secret(self, kind: str, value: bytes) -> None:
        """Add random bytes or a hash: raw, hexadecimal, base64, base32."""
        self.needles[kind] |= {
            value, value.hex().encode(), value.hex().upper().encode(),
            b64encode(value).rstrip(b"="), b32encode(value).rstrip(b"="),
        }  # fmt: skip

    def digests(self, kind: str, data: bytes) -> None:
        """Add what digests there may be of some bytes."""
        for make in (md5, sha1, sha256, sha512, blake2b, blake2s):
            self.secret(f"{make.__name__.removeprefix('openssl_')} of {kind}", make(data).digest())
        for check in (zlib.crc32, zlib.adler32):
            number = check(data)
            size = len(data) & 0xFFFFFFFF
            told = f"{check.__name__} of {kind}"
            self.needles[told] |= {
                number.to_bytes(4, "little") + size.to_bytes(4, "little"),  # as gzip has it
                f"{number:08x}".encode(),
            }

    def word(self, text: str) -> None:
        """Add a word in all its spellings."""
        for one in {text, text.lower(), text.upper()}:
            for data in (one.encode(), one.encode("utf-16-le"), one.encode("utf-16-be")):
                self.needles["word"] |= {data, data.hex().encode()}
                for shift in range(3):  # bytes before it that base64 may have joined with it
                    coded = b64encode(b"\0" * shift + data)
                    first, end = -(-8 * shift // 6), 8 * (shift + len(data)) // 6
                    self.needles["word in base64"].add(coded[first:end])
            self.needles["word escaped"] |= {
                json.dumps(one)[1:-1].encode(),
                quote(one).encode(),
                "".join(f"&#{ord(each)};" for each in one).encode(),
                "".join(f"\\u{ord(each):04x}" for each in one).encode(),
            }


def dead_values(world: World, gone: Doomed, words: Iterable[str]) -> Dead:
    """Return what must be nowhere, read from an archive in which it still is."""
    archive, dead = world.archive, Dead()
    for word in words:
        dead.word(word)
    key, alive = archive.home.read("keys/known") or b"", set[bytes]()
    for _, row, record, leaf in records_of(archive):
        fields = {name: row[name] for name in row if COLUMNS[name].home == "field"}
        mark = mark_of(row["kind"], fields, key)[:16]
        if leaf in gone.leaves:
            _record(dead, fields, record)
            dead.needles["fingerprint"].add(mark)
        else:
            alive.add(mark)
    dead.needles["fingerprint"] -= alive  # what says nothing is the same for all: {}
    for segment in _stored(archive):
        exchanges = intake_of(archive, segment) if segment.stage == INTAKE else []
        lost = [one for one in exchanges if one.id in gone.exchanges]
        for one in lost:
            body = parse_response(one.response).body
            if len(body) > _SAYING:
                dead.digests("body", body)
                dead.digests("response", one.response)
        own = {leaf for first, end in segment.leaves for leaf in range(first, end)}
        if lost or own & gone.leaves:
            _files(archive, dead, segment)
    return dead


def _stored(archive: Archive) -> list[Segment]:
    """Return all segments whose files are there, superseded or not."""
    state, there = read_state(archive), {one.key for one in archive.store.list(UNITS)}
    every = (*state.segments(), *(one for one, _ in state.retired()))
    return [one for one in every if keys_of([one]) & there]


def _record(dead: Dead, fields: Mapping[str, str], record: warc_reading.RecordBytes) -> None:
    lines = record.lines
    salt = bytes.fromhex(warc_reading.header_value(lines, "Archive-Salt"))
    dead.secret("salt", salt)
    excerpts = warc_reading.excerpts_of(record)
    for tree in leaves(salt, excerpts, committed_lines(lines), FIELDS, fields):
        for leaf in tree:
            dead.secret("leaf hash", hash_of(leaf))
            for one in (leaf, *leaf.tokens):
                dead.secret("sub-salt", one.salt)
    for name in ("Source", "Context", "Fields"):
        dead.secret("root", bytes.fromhex(warc_reading.header_value(lines, f"Archive-{name}-Root")))
    dead.digests("block", record.block)
    for excerpt in excerpts:
        dead.digests("excerpt", excerpt.data)
    for name, value in fields.items():
        if COLUMNS[name].type in ("text", "json") and len(value) > _WINDOW:
            dead.digests("field", value.encode())
    dead.digests("row", json.dumps(fields, sort_keys=True).encode())


def _files(archive: Archive, dead: Dead, segment: Segment) -> None:
    """Add nonces, padding, members and keys of a segment's files."""
    for suffix in segment.objects:
        kind = suffix.removesuffix(".c256")
        if kind != suffix:
            key = unit_object_key(segment.unit, segment.name, suffix)
            dead.secret("file key", archive.keys.key(key))
        plain = open_file(archive, segment, kind)
        if kind in ("idx", "map"):
            nonce, padding = plain.partition(b"\n")[0].split(b" ")
        elif kind == "parquet":
            told = parquet.read_rows(BytesIO(plain)).schema.metadata or {}
            nonce, padding = told[b"archive-nonce"], told[b"archive-padding"]
        else:
            opening = warc_reading.inflate_members(plain)[0]
            lines = dict(line.split(b": ", 1) for line in opening.split(b"\r\n") if b": " in line)
            nonce, padding = lines[b"archive-nonce"], lines[b"archive-padding"]
        dead.secret("nonce", bytes.fromhex(nonce.decode()))
        dead.needles["padding"] |= {padding[at : at + 32] for at in range(0, len(padding) - 31, 32)}


# ── The search ───────────────────────────────────────────────────────────────────────────
def opened(archive: Archive, bucket: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield every object as it is, and all that it opens to: decrypted, inflated, decoded."""
    for key, data in bucket.items():
        yield key, data
        plain = data
        if key.endswith(".c256"):
            unit, name = key.split("/")[1:]
            segment, _, suffix = name.partition(".")
            try:
                plain = decrypted(archive, (unit, segment, suffix), data, archive.keys.key(key))
            except KeyStoreError:  # its key is shredded
                continue
            yield f"{key} decrypted", plain
        if ".warc.gz" in key:
            yield f"{key} inflated", b"".join(warc_reading.inflate_members(plain))
        if ".parquet" in key:
            rows = parquet.rows_of(parquet.read_rows(BytesIO(plain)))
            yield f"{key} rows", json.dumps(rows, ensure_ascii=False).encode()


def found(dead: Dead, places: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
    """Return, by kind of needle, where one stands."""
    wanted = [(kind, one) for kind, some in dead.needles.items() for one in some]
    short = [(kind, one) for kind, one in wanted if len(one) < _WINDOW]
    assert not short, short
    # By their ends: many begin alike.
    ends = np.array([int.from_bytes(one[-_WINDOW:], "little") for _, one in wanted], np.uint64)
    hits: dict[str, set[str]] = {}
    for name, data in places:
        for at in np.flatnonzero(np.isin(ends, _windows(data))):
            kind, one = wanted[at]
            if one in data and not _by_chance(one, data):
                hits.setdefault(kind, set()).add(name)
    return hits


def _by_chance(needle: bytes, data: bytes) -> bool:
    """Tell whether eight digits stand amid other digits alone, as in random padding."""
    alone = rb"(?<![0-9a-f])" + re.escape(needle) + rb"(?![0-9a-f])"
    return bool(_CHECKSUM.fullmatch(needle)) and not re.search(alone, data)


def _windows(data: bytes) -> np.typing.NDArray[np.uint64]:
    """Return every eight bytes that follow one another, as numbers."""
    parts = [
        np.frombuffer(data, "<u8", (len(data) - shift) // _WINDOW, shift)
        for shift in range(_WINDOW)
        if len(data) - shift >= _WINDOW
    ]
    return np.concatenate(parts) if parts else np.array([], np.uint64)
