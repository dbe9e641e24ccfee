"""A small archive, and for each code of a finding how it comes about: nothing else is wrong.

Some of it takes whoever holds the bucket, some the signing key as well: the log is then
written anew so that it agrees with the lie.
"""

from __future__ import annotations

import gzip
import json
from base64 import b32encode
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from archiver.capture.listings import LISTING_PARSER
from archiver.capture.settled import Settled
from archiver.edges.memory import MemoryStore
from archiver.flows.anchoring import POLICY
from archiver.flows.ledger import TRUST, read_state
from archiver.flows.segments import finish, open_file, place
from archiver.flows.settle import seal_settled
from archiver.flows.submit import submit
from archiver.formats import parquet, segment_index, warc_reading
from archiver.ids import new_ulid, new_uuid
from archiver.layout import (
    ANCHORS,
    CHECKPOINT,
    DAILY,
    HEAD,
    LATE,
    STAGING,
    anchor_key,
    unit_object_key,
)
from archiver.ledger.batch import Batch
from archiver.ledger.sets import encode_set
from archiver.record import Excerpt, Observation
from tests.audit.forge import (
    TIME,
    body,
    checkpoint_of,
    digest,
    entries_of,
    put,
    relog,
    signed,
    written,
)
from tests.audit.outside import OneWitness, anchored, cosigned, entry_of, policy, vouched
from tests.flows.helpers import ACCOUNT, LANE, OneFile, Worker, founded, open_archive
from tests.ledger.note_signer import MemorySigner
from tests.registry.signers import Office, handle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

NONCE, PADDING = b"n" * 32, b"a"
LAST_MONTH = "2026-10-20T09:00:00.000000Z"
ULID = "01KAGT1EB0E0F4QZB3N5T7R9XW"
MEMBERS = ("warc.gz", "parquet", "idx")


def small(home: Path, *, versioned: bool = False) -> Archive:
    """Return an archive with two exchanges, public and private records, a map, a listing.

    Outsiders vouch for its beginning, so that the rest can be written anew.
    """
    store = MemoryStore(versioned=versioned)
    first = founded(home)
    for one in list(first.list("")):
        store.create(one.key, first.get(one.key))
    archive = open_archive(store, home)
    archive = replace(archive, anchoring=vouched(archive, anchored(archive)))
    Worker(archive, 2).run()
    seal_settled(archive, read_state(archive), ACCOUNT, _listed(archive), covers=(LANE, []))
    relog(archive, entries_of(archive))
    if store._older:
        store._older.clear()  # what making it left
    return archive


def _waited(archive: Archive) -> None:
    """Take in an entry of last month, of which nothing else was kept."""
    told = {"t": "repeat", "account": ACCOUNT, "counts": {}, "began": TIME, "ended": True}
    batch = Batch(new_ulid(archive.clock, archive.chance), (), ({**told, "time": LAST_MONTH},))
    submit(archive, ACCOUNT, batch, {})
    assert any(one.key.endswith(LATE) for one in archive.store.list(DAILY))


def _response() -> bytes:
    raw = OneFile(LANE, 1, 1).raw(None)
    return warc_reading.parse_record(warc_reading.split_records(raw)[1]).block


def _listed(archive: Archive, sent: bytes = b"", **row: str) -> Settled:
    """Return a listing of 4 things, and one record that is a whole exchange."""
    base: dict[str, Any] = {
        "platform": "stand-in", "account": "city", "stream": "comments", "sensitivity": "public",
        "captured_at": "2026-11-20T09:00:00.000000Z",
    }  # fmt: skip
    listing = Observation(
        **base, native_id="listing", kind="listing", parser=LISTING_PARSER,
        excerpts=(Excerpt("listing", json.dumps({"reported": "4"}).encode()),),
        row={"reported": "4", **row},
    )  # fmt: skip
    whole = Observation(
        **base, native_id="whole", kind="present", parser="stand-in/1", row={},
        excerpts=(Excerpt("exchange", sent or _response()),),
    )  # fmt: skip
    one, other = new_uuid(archive.chance), new_uuid(archive.chance)
    spans = [("exchange", 0, len(_response()))]
    origins = {one: (f"{LANE}/1", []), other: (f"{LANE}/1", spans)}
    return Settled([(one, listing), (other, whole)], origins)


def segment(archive: Archive, suffix: str = "warc.gz") -> Segment:
    """Return the last settled segment that has such a file."""
    found = [one for one in read_state(archive).segments() if suffix in one.objects]
    return found[-1]


def key_of(archive: Archive, suffix: str) -> str:
    """Return the key of the last file of a kind."""
    one = segment(archive, suffix)
    return unit_object_key(one.unit, one.name, suffix)


def replaced(archive: Archive, one: Segment, files: dict[str, bytes]) -> None:
    """Put other files in a segment's place, and have seal and log agree."""
    for suffix, data in files.items():
        put(archive, unit_object_key(one.unit, one.name, suffix), data)

    def agree(seal: dict[str, Any]) -> None:
        for told in seal["segments"]:
            if told["segment"] == one.name:
                told["objects"] |= {suffix: digest(data) for suffix, data in files.items()}

    every = entries_of(archive)
    every[one.seal] = written(every[one.seal], agree)
    relog(archive, every)


def records(archive: Archive, change: Callable[[list[bytes]], None]) -> None:
    """Write a plain WARC and its index anew, with its records changed."""
    one = segment(archive)
    stored = open_file(archive, one, "warc.gz")
    opening, *every = warc_reading.inflate_members(stored)
    change(every)
    members = [gzip.compress(record) for record in (opening, *every)]
    index = segment_index.index([len(member) for member in members], NONCE, PADDING)
    replaced(archive, one, {"warc.gz": b"".join(members), "idx": index})


def lines(archive: Archive, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the header lines of the last record in a plain WARC."""

    def put_in(every: list[bytes]) -> None:
        record = warc_reading.parse_record(every[-1])
        told = change(list(record.lines))
        every[-1] = b"\r\n".join([*told, b"", record.block, b"", b""])

    records(archive, put_in)


def rows(archive: Archive, **changes: str) -> None:
    """Change columns of the last row of a plain segment."""
    one = segment(archive)
    found = parquet.rows_of(parquet.read_rows(BytesIO(open_file(archive, one, "parquet"))))
    found[-1] |= changes
    replaced(archive, one, {"parquet": parquet.write_rows("comments", found, NONCE, PADDING)})


def block(archive: Archive) -> None:
    """Change a byte of the last record's block, and its digest with it."""

    def change(every: list[bytes]) -> None:
        record = warc_reading.parse_record(every[-1])
        other = bytes((record.block[0] ^ 1,)) + record.block[1:]
        said = b"WARC-Block-Digest: sha256:" + b32encode(sha256(other).digest())
        every[-1] = b"\r\n".join([*record.lines[:-1], said, b"", other, b"", b""])

    records(archive, change)


def salted(archive: Archive) -> None:
    """Put a record in place that agrees with itself, under other roots."""

    def change(told: list[bytes]) -> list[bytes]:
        from archiver.ledger.commitment import commit  # noqa: PLC0415 - this lie alone needs it

        found = warc_reading.excerpts_of(warc_reading.RecordBytes(told, _response()))
        made = commit(b"s" * 32, found, told[:-5], (), {})
        values = (b"s" * 32, *made[:3])
        names = ("Salt", "Source-Root", "Context-Root", "Fields-Root")
        stated = [f"Archive-{n}: {v.hex()}".encode() for n, v in zip(names, values, strict=True)]
        return [*told[:-5], *stated, told[-1]]

    lines(archive, change)


def sealed(archive: Archive, **members: Any) -> None:  # noqa: ANN401 - JSON
    """Add a seal to the log."""
    seal = {"account": ACCOUNT, "segments": [], **members}
    relog(archive, [*entries_of(archive), body("seal", **seal)])


def passed_over(archive: Archive) -> None:
    """Seal and settle the fifth exchange of a lane that has no others."""
    sealed(archive, stage="intake", lane="other", exchanges=[[5, 6]])
    sealed(archive, stage="settle", lane="other", exchanges=[[5, 6]], batch=_due(archive))


def _due(archive: Archive) -> int:
    return read_state(archive).settled[ACCOUNT] + 1


def ahead(archive: Archive) -> None:
    """Seal an entry with a clock ten years ahead, and keep a checkpoint of that day."""
    day = "2036-11-20"
    counts = {"began": TIME, "ended": True, "counts": {}}
    put(archive, DAILY + day, signed(archive, 1, b"x" * 32))
    told = body("repeat", account=ACCOUNT, **counts, time=f"{day}T09:00:00.000000Z")
    relog(archive, [*entries_of(archive), told])


def claimed(archive: Archive, leaf: int) -> None:
    """Have the segment of the last map claim a leaf."""
    one = segment(archive, "map.c256")

    def claim(seal: dict[str, Any]) -> None:
        for told in seal["segments"]:
            if told["segment"] == one.name:
                told["leaves"] = [[leaf, leaf + 1]]

    every = entries_of(archive)
    every[one.seal] = written(every[one.seal], claim)
    relog(archive, every)


def a_set(archive: Archive, data: bytes) -> None:
    """Name a set of leaves in an entry."""
    put(archive, f"sets/{ULID}", data)
    named = {"set": ULID, "sha256": digest(data)}
    relog(archive, [*entries_of(archive), body("gap", leaves=named)])


def closed(archive: Archive) -> None:
    """Seal an encrypted file that no key opens."""
    one = segment(archive, "warc.gz.c256")
    key = unit_object_key(one.unit, one.name, "warc.gz.c256")
    data = archive.store.get(key)
    replaced(archive, one, {"warc.gz.c256": data[:-1] + bytes((data[-1] ^ 1,))})


def settled(archive: Archive, made: Settled) -> None:
    """Seal what was settled, and its map."""
    seal_settled(archive, read_state(archive), ACCOUNT, made, covers=(LANE, []))


def flip(archive: Archive, key: str) -> None:
    """Flip a bit in the middle of an object."""
    data = bytearray(archive.store.get(key))
    data[len(data) // 2] ^= 4
    put(archive, key, bytes(data))


def first(archive: Archive, prefix: str) -> str:
    """Return the first key that begins so."""
    return next(one.key for one in archive.store.list(prefix))


def rooted(archive: Archive) -> None:
    """Sign another root of as many entries."""
    note = signed(archive, checkpoint_of(archive).size, b"r" * 32)
    put(archive, CHECKPOINT, note)
    archive.home.write(TRUST, note)


def strange(archive: Archive) -> None:
    """Have the head signed by another key of the same name."""
    found = checkpoint_of(archive)
    other = MemorySigner(archive.identity.origin, "another key")
    from archiver.ledger.checkpoint import sign_note  # noqa: PLC0415 - this lie alone needs it

    put(archive, CHECKPOINT, sign_note(found.body(), other))


def renamed(archive: Archive) -> None:
    """Change what archive.json says."""
    put(archive, "archive.json", archive.store.get("archive.json").replace(b"2026", b"2025", 1))


def headed(archive: Archive) -> None:
    """Change the root in the unsigned head."""
    head = json.loads(archive.store.get(HEAD))
    put(archive, HEAD, json.dumps({**head, "root": "00" * 32}).encode())


def remade(archive: Archive, key: str, marker: bool) -> None:  # noqa: FBT001 - which of two
    """Write over an object, or delete it, in a bucket that keeps versions."""
    data = archive.store.get(key)
    archive.store.delete(key)
    if not marker:
        archive.store.create(key, data)


def hidden(archive: Archive) -> None:
    """Leave a file that nobody sealed, and delete it again."""
    archive.store.create("u/planted/x.warc.gz", b"x")
    archive.store.delete("u/planted/x.warc.gz")


def seen_other(archive: Archive) -> None:
    """Let the home have seen another root of as many entries."""
    archive.home.write(TRUST, signed(archive, checkpoint_of(archive).size, b"s" * 32))


def generated(archive: Archive) -> None:
    """Let an entry call records of nobody a newer generation."""
    told = body("generation", account="other", leaves=[[6, 7]], of=[[5, 6]])
    relog(archive, [*entries_of(archive), told])


def mapped(archive: Archive) -> None:
    """Settle a record whose map names an exchange that never was."""
    made = _listed(archive)
    uuids = list(made.origins)
    settled(archive, Settled(made.observations, {u: (f"{LANE}/99", []) for u in uuids}))


def mapless(archive: Archive) -> None:
    """Seal a map that is none."""
    state = read_state(archive)
    made = finish(archive, place(archive, state, {}, "x", "private"), {"map": b"no"}, (), 0)
    for key, data in made.objects.items():
        put(archive, key, data)
    sealed(archive, stage="settle", batch=9, segments=[made.segment])


def cut_index(archive: Archive) -> None:
    """Seal an index without its last line."""
    one = segment(archive)
    data = open_file(archive, one, "idx")
    replaced(archive, one, {"idx": data[: data.rstrip(b"\n").rindex(b"\n") + 1][:-1]})


def granted(archive: Archive) -> None:
    """Seal an act that nobody signed."""
    act = Office().act("", "grant", person=handle("clerk"), role="purge")
    relog(archive, [*entries_of(archive), body("role", **act.document())])


def vouched_falsely(archive: Archive) -> None:
    """Name a cosigned checkpoint of another history, as the key's holder can have it made."""
    note = cosigned(signed(archive, 1, b"f" * 32))
    put(archive, anchor_key(ULID), note)
    relog(archive, [*entries_of(archive), entry_of("cosigned", 1, ULID, note)])


def seen_by_a_witness(archive: Archive) -> None:
    """Let the witness have cosigned another history."""
    outside = archive.anchoring.outside
    assert isinstance(outside, OneWitness)
    outside.note = cosigned(signed(archive, 1, b"h" * 32))


_TYPE = b"Content-Type: x/y"
GONE = {"work": "order", "order": handle("o"), "copy": handle("c"), "leaves": [[1, 2]]}

DAMAGE: dict[str, Callable[[Archive], object]] = {
    "access-differs": lambda a: relog(
        a, [*entries_of(a), body("access", day="2026-11-19", looks=7)]
    ),
    "act-without-authority": granted,
    "anchor-changed": lambda a: flip(a, first(a, ANCHORS)),
    "anchor-expired": lambda a: a.clock.sleep(4000 * 86_400),
    "anchor-false": vouched_falsely,
    "anchor-history": seen_by_a_witness,
    "anchor-missing": lambda a: a.store.delete(first(a, ANCHORS)),
    "anchor-quorum": lambda a: a.home.write(POLICY, policy(quorum="w0")),
    "archive-json": renamed,
    "checkpoint-bad": strange,
    "checkpoint-daily": lambda a: put(a, first(a, DAILY), signed(a, 3, b"d" * 32)),
    "checkpoint-missing": lambda a: a.store.delete(CHECKPOINT),
    "destroyed-unlawfully": lambda a: relog(a, [*entries_of(a), body("done-part", **GONE)]),
    "excerpt-differs": lambda a: settled(a, _listed(a, b"X" * len(_response()))),
    "exchange-missing": passed_over,
    "exchange-unsettled": lambda a: sealed(a, stage="intake", lane="other", exchanges=[[1, 2]]),
    "generation-differs": generated,
    "head-differs": headed,
    "head-missing": lambda a: a.store.delete(HEAD),
    "leaves-foreign": lambda a: claimed(a, 0),
    "leaves-lost": lambda a: relog(a, [*entries_of(a), b"\x01" + b"c" * 32]),
    "leaves-twice": lambda a: claimed(a, segment(a).leaves[0][0]),
    "log-entries": lambda a: flip(a, first(a, "log/tile/entries/")),
    "log-entry": lambda a: relog(a, [*entries_of(a), b"\x03 no entry"]),
    "log-history": seen_other,
    "log-leftover": lambda a: put(a, f"log/pending/{ULID}", b"no batch"),
    "log-root": rooted,
    "log-tile": lambda a: flip(a, first(a, "log/tile/0/")),
    "map-differs": mapped,
    "object-changed": lambda a: flip(a, key_of(a, "parquet")),
    "object-hidden": hidden,
    "object-missing": lambda a: a.store.delete(key_of(a, "parquet.c256")),
    "object-sealed": closed,
    "object-unknown": lambda a: put(a, "u/planted.warc.gz", b"x"),
    "object-versions": lambda a: remade(a, key_of(a, "warc.gz"), marker=False),
    "record-context": lambda a: lines(
        a, lambda told: [_TYPE if x.startswith(b"Content-Type") else x for x in told]
    ),
    "record-digest": lambda a: lines(a, lambda told: [*told[:-1], told[-1][:-9] + b"AAAAA===="]),
    "record-fields": lambda a: rows(a, title="never said"),
    "record-header": lambda a: lines(a, lambda told: [*told[:-2], told[-1], told[-2]]),
    "record-leaf": salted,
    "record-source": block,
    "record-unreadable": lambda a: records(a, lambda every: every.__setitem__(-1, b"no record")),
    "row-context": lambda a: rows(a, captured_at="2026-11-20T10:00:00.000000Z"),
    "row-derived": lambda a: settled(a, _listed(a, reported="5")),
    "seal-unlawful": lambda a: sealed(a, stage="settle", batch=_due(a) + 1),
    "segment-counts": lambda a: records(a, lambda every: every.__delitem__(-1)),
    "segment-files": cut_index,
    "time-ahead": ahead,
    "set-malformed": lambda a: a_set(a, b"no set of leaves"),
    "staging-differs": lambda a: flip(a, first(a, STAGING)),
}
"""What makes each finding, by its code."""

WHOLE: dict[str, Callable[[Archive], object]] = {
    "untouched": lambda _: None,
    "a batch that waited": _waited,
    "a set": lambda a: a_set(a, encode_set([[1, 3]], NONCE, PADDING)),
}
"""What makes none."""
