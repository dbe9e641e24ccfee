"""Contestants within one process: commitments, and the writing of record WARCs."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archiver.capture.connector import Site
from archiver.capture.known import Known
from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.reading import read
from archiver.capture.settling import Settler
from archiver.columns import fields_of
from archiver.formats import warc
from archiver.ledger.commitment import Commitment, commit, leaves
from archiver.record import Exchange
from tests.bench.measure import Row, timed
from tests.bench.pages import BenchSite, page_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.ledger.commitment import Leaf
    from archiver.record import Observation

__all__ = ["Sealed", "commitment_row", "records", "stored_warc", "warc_row"]

_Pairs = tuple[list[float], list[float]]
_BASE = "http://127.0.0.1:8080"
_PURPOSE = {
    "role": "listing",
    "listing": "comments",
    "stream": "comments",
    "group": "comments",
    "sensitivity": "private",
    "exhaustive": "yes",
    "pass": "1",
}


class Sealed(NamedTuple):
    """A record with all that its commitment and its WARC record are made of."""

    uuid: str
    observation: Observation
    lines: list[bytes]
    salt: bytes
    made: Commitment


def records(pages: int) -> list[Sealed]:
    """Return the records that a first capture of the workload settles."""
    site = BenchSite(pages)
    settler = Settler(
        WordPress(),
        Site("bench", _BASE, authorised=True),
        Known({}, b"k" * 32),
        iter(f"00000000-0000-4000-8000-{n:012}" for n in range(1 << 40)).__next__,
    )
    for number, path in enumerate(page_paths(pages), 1):
        answer = site.answer(path, _BASE)
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        response = f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(answer.body)}\r\n\r\n".encode()
        exchange = Exchange(
            lane="0" * 32,
            number=number,
            url=_BASE + path,
            captured_at="2026-11-20T12:00:00.000000Z",
            request=f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n".encode(),
            response=response + answer.body,
            purpose=_PURPOSE | {"page": str(number)},
        )
        settler.take(exchange, read(WordPress(), Site("bench", _BASE, authorised=True), exchange))
    return [_sealed(*pair) for pair in settler.drain().observations]


def _sealed(uuid: str, observation: Observation) -> Sealed:
    salt = sha256(uuid.encode()).digest()
    lines = warc.header_lines(observation, uuid)
    made = commit(salt, observation.excerpts, lines, fields_of("comments"), observation.row)
    return Sealed(uuid, observation, lines, salt, made)


def commitment_row(sealed: list[Sealed], repetitions: int) -> Row:
    """Compare `commit` with a bare hashing loop over as many, as long messages.

    The loop makes a list of ``sha256(salt + value).digest()``, one for each SHA-256 message
    that FORMAT asks for (leaves, tokens, tree nodes, roots), of the same length. It cuts
    no tokens, encodes nothing, expands no salts and builds no tree: its messages lie
    ready in a list.
    """
    fields = fields_of("comments")
    messages = [pair for one in sealed for pair in _messages(one)]

    def ours() -> int:
        for one in sealed:
            commit(one.salt, one.observation.excerpts, one.lines, fields, one.observation.row)
        return len(sealed)

    def bare() -> int:
        return len([sha256(salt + value).digest() for salt, value in messages])

    times = _compared(ours, bare, repetitions)
    return Row("commitments", "bare hashing loop", *times, goal=1.5, items=len(sealed))


def _messages(one: Sealed) -> list[tuple[bytes, bytes]]:
    """Return every message that a record's commitment hashes, as salt and value."""
    parts = leaves(
        one.salt, one.observation.excerpts, one.lines, fields_of("comments"), one.observation.row
    )
    found: list[tuple[bytes, bytes]] = []
    for part in parts:
        texts = [leaf.tokens for leaf in part if leaf.tokens]
        for words in texts:
            found += [_message(word) for word in words] + _nodes(len(words))
        found += [_message(leaf) for leaf in part] + _nodes(len(part))
        found.append((one.salt, bytes(9)))  # the committed root over the part
    found.append((one.salt, bytes(85)))  # C over three roots
    return found


def _message(leaf: Leaf) -> tuple[bytes, bytes]:
    return leaf.salt, bytes(12) + leaf.name.encode() + leaf.value  # 0x00, kind, two lengths


def _nodes(count: int) -> list[tuple[bytes, bytes]]:
    """Return the messages of a Merkle tree over ``count`` leaves: one less, 65 bytes each."""
    return [(bytes(32), bytes(33))] * max(count - 1, 0)


def stored_warc(sealed: list[Sealed]) -> bytes:
    """Return the records as we store them: one gzip member each."""
    out = BytesIO()
    for one in sealed:
        lines = warc.header_lines(one.observation, one.uuid)
        record = warc.record_bytes(lines, one.observation.excerpts, one.salt, one.made[:3])
        out.write(warc.member(record))
    return out.getvalue()


def warc_row(sealed: list[Sealed], repetitions: int) -> tuple[Row, float]:
    """Compare our record WARCs with warcio's of the same records; also the ratio of sizes.

    Ours: header lines, record with its digest, gzip member. warcio's: the same headers
    (given ready) and blocks, its own digests, gzip. Both into memory.
    """
    written = [
        (_headers(one), b"".join(e.data for e in one.observation.excerpts)) for one in sealed
    ]

    def ours() -> int:
        return len(stored_warc(sealed))

    def other() -> int:
        out = BytesIO()
        writer = WARCWriter(out, gzip=True, warc_version="1.1")
        for headers, block in written:
            own = StatusAndHeaders("", list(headers), protocol="WARC/1.1")
            record = ArcWarcRecord(
                "warc", own.get_header("WARC-Type"), own, BytesIO(block),
                None, own.get_header("Content-Type"), len(block),
            )  # fmt: skip
            writer.write_record(record)
        return out.tell()

    times = _compared(ours, other, repetitions)
    row = Row("WARC writing", "warcio WARCWriter", *times, goal=0.4, items=len(sealed))
    return row, ours() / other()


def _headers(one: Sealed) -> list[tuple[str, str]]:
    """Return all headers of the record as we write it, without the digest."""
    record = warc.record_bytes(one.lines, one.observation.excerpts, one.salt, one.made[:3])
    lines = record.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    pairs = [line.partition(": ")[::2] for line in lines]
    return [(name, value) for name, value in pairs if name != "WARC-Block-Digest"]


def _compared(ours: Callable[[], int], other: Callable[[], int], repetitions: int) -> _Pairs:
    """Return both contestants' CPU seconds, run in turn; three times as often, being short."""
    measured = [(timed(ours)[0], timed(other)[0]) for _ in range(3 * repetitions)]
    return [a for a, _ in measured], [b for _, b in measured]
