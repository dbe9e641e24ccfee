"""Archives and proofs that mean harm, signed by their own key: both verifiers see through them."""

from __future__ import annotations

import gzip
import json
import os
import random
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from archiver.columns import fields_of
from archiver.errors import ArchiverError
from archiver.flows.verify import verify
from archiver.layout import unit_object_key
from archiver.ledger.commitment import leaves
from archiver.ledger.disclosed import check_proof
from archiver.ledger.entry import CONTROL
from archiver.record import Excerpt
from tests.audit.damage import ULID, replaced, segment, small
from tests.audit.forge import body, entries_of, put, relog
from tests.audit.forge import signed as signed_note
from tests.audit.test_forged_entries import acts, changed
from tests.flows.helpers import ACCOUNT, Quiet
from tests.ledger.own_proofs import (
    CONTEXT_LEAVES,
    LINES,
    RECORD,
    ROW,
    SIGNER,
    SOURCE,
    VALUES,
    signed,
    tree,
)
from tests.verifier.test_agreement import COVERED, JUDGED, copied, loaded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive

SERVER = b"Archive-Response-Header: Server: x | Archive-Record: wordpress:mayor:posts:1"
OTHER = "wordpress:mayor:posts:1"


def context(lines: list[bytes]) -> list[Any]:
    """Return the leaves of header lines."""
    return leaves(bytes(32), [Excerpt("item", b"<p>")], lines, fields_of("comments"), ROW)[1]


def shown(proof: bytes) -> list[str]:
    """Return what the small verifier says that a proof shows. Raises where it does not hold."""
    module = loaded()
    found: list[str] = module.check_proof(module.loads(proof), [SIGNER.verifier_key])
    return found


def refused(proof: bytes) -> None:
    """Assert that neither verifier takes a proof."""
    with pytest.raises(ArchiverError):
        check_proof(proof, [SIGNER.verifier_key])
    with pytest.raises(loaded().UNREADABLE):
        shown(proof)


def test_a_line_names_a_record_alone() -> None:
    """Text of a platform in a header line passes for no other line: then no record is named."""
    assert f"record: {RECORD}" in shown(signed())
    hidden = signed(tree(context([*LINES, SERVER]), {2}), record=OTHER)
    assert check_proof(hidden, [SIGNER.verifier_key]).record == ""
    assert "record: closed" in shown(hidden)
    assert not any(one.startswith(f"context: Archive-Record: {OTHER}") for one in shown(hidden))


@pytest.mark.parametrize(
    "lines",
    [
        [*LINES, f"Archive-Record: {OTHER}".encode()],
        [*LINES, f"archive-record: {OTHER}".encode()],
        [*LINES, b"WARC-Date: 2020-01-01T00:00:00.000000Z"],
        [*LINES[:2], f"Archive-Record: {OTHER}".encode()],
    ],
    ids=["two", "another spelling", "two times", "another"],
)
def test_a_proof_of_two_records(lines: list[bytes]) -> None:
    """The lines that say which record it is, and when, are there once, and say what is claimed."""
    refused(signed(tree(context(lines))))


TREES = {"source": SOURCE, "context": CONTEXT_LEAVES, "fields": VALUES}


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("other", TREES)
def test_leaves_belong_to_their_tree(name: str, other: str) -> None:
    """A header line is no field, a field no excerpt: a tree has leaves of its own kind alone."""
    made = signed(**{name: tree(TREES[other])})
    if name == other:
        assert shown(made)
        assert check_proof(made, [SIGNER.verifier_key]).record == RECORD
    else:
        refused(made)


def test_words_are_words() -> None:
    """What is opened as a word of a text is a token without a name, or the proof does not hold."""
    for change in ({"kind": 3}, {"kind": 4}, {"name": "x"}):
        proof = json.loads(signed())
        (text,) = [one for one in proof["fields"]["opened"] if one["name"] == "text"]
        text["tokens"]["opened"][0] |= change
        refused(json.dumps(proof).encode())


def test_numbers_beyond_json() -> None:
    """A number that readers of I-JSON do not agree on stands in no proof (RFC 7493 2.2)."""
    for number in (1 << 53, 1 << 60, 10**400):
        proof = json.loads(signed())
        proof["context"]["count"] = number
        refused(json.dumps(proof).encode())


def with_entry(entry: bytes) -> Callable[[Archive], None]:
    """Return the damage of one more entry."""
    return lambda archive: relog(archive, [*entries_of(archive), entry])


def seal(**members: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return an intake seal."""
    return body("seal", **{"stage": "intake", "account": ACCOUNT, "segments": [], **members})


def placed(**members: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a seal of one segment."""
    one = {"unit": "u1", "segment": "s1", "series": "x", "period": "y", "sensitivity": "public"}
    segment = {**one, "objects": {}, "leaves": [], **members}
    return seal(stage="settle", batch=9, segments=[segment])


def numbered() -> bytes:
    """Return an entry with a number that RFC 8785 has no spelling for."""
    document = json.loads(body("gap")[1:]) | {"x": 1 << 60}
    return CONTROL + json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


AWAY = "../../../../../../../../dev/zero"
REHASH = {"kind": "rehash", "size": 1, "sha256": "00" * 32}
HOSTILE = {
    "a day that no month has": body("gap", time="2026-02-30T09:00:00.000000Z"),
    "no time": body("gap", time="2026-13-45T99:00:00.000000Z"),
    "the end of time": body("gap", time="9999-12-31T09:00:00.000000Z"),
    "a large number": numbered(),
    "no type": body("no-type"),
    "an anchor elsewhere": body("anchor", file=AWAY, **REHASH),
    "a file elsewhere": placed(objects={f"x/{AWAY}": "00" * 32}),
    "a unit elsewhere": placed(unit="../..", objects={"idx": "00" * 32}),
    "a segment elsewhere": placed(segment=AWAY, objects={"idx": "00" * 32}),
    "a set elsewhere": body("hold", leaves={"set": AWAY, "sha256": "00" * 32}),
    "leaves without end": placed(leaves=[[1, 1 << 50]]),
    "leaves that fall": placed(leaves=[[3, 2]]),
}


def both(archive: Archive, folder: Path, *, deep: bool = False) -> tuple[set[str], set[str]]:
    """Return the codes that each verifier finds: the small one, `archiver verify`."""
    copied(archive, folder)
    ours = loaded().Archive(folder, list(archive.identity.keys))
    ours.run()
    theirs = verify(archive, Quiet(), deep=deep)
    return {x for x, _, _ in ours.findings}, {x.code for x in theirs.findings}


@pytest.fixture(scope="module")
def signed_by_its_key(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return one small archive, whose log each test writes anew."""
    return small(tmp_path_factory.mktemp("hostile") / "home")


@pytest.fixture(scope="module")
def whole(signed_by_its_key: Archive) -> list[bytes]:
    """Return the entries of it as it was made."""
    return entries_of(signed_by_its_key)


@pytest.mark.parametrize("what", HOSTILE)
def test_an_entry_hides_nothing(
    what: str, signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """It is named, what else is wrong as well, and nothing outside of the archive is read."""
    archive = signed_by_its_key
    relog(archive, [*whole, HOSTILE[what]])
    put(archive, "u/planted.warc.gz", b"x")
    ours, theirs = both(archive, tmp_path / "archive")
    archive.store.delete("u/planted.warc.gz")
    assert ours == theirs & COVERED == {"log-entry", "object-unknown"}


def test_exchanges_beyond_memory(
    signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """A billion million exchange numbers are a range; whether all came, the small one leaves."""
    many = [seal(lane="x", exchanges=[[1, 1 << 50], [1 << 51, 1 << 52]]), seal()]
    relog(signed_by_its_key, [*whole, *many])
    ours, theirs = both(signed_by_its_key, tmp_path / "archive")
    assert ours == set()
    assert theirs >= {"exchange-missing", "exchange-unsettled"}
    assert not theirs & COVERED


def test_whatever_an_entry_is(
    signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """Entries with a part replaced by anything: the small verifier names something, or reads on."""
    chance = random.Random(7)
    controls = [at for at, one in enumerate(whole) if one[:1] == CONTROL]
    for _ in range(12):
        entries = [*whole, chance.choice(acts())]
        at = chance.choice([*controls, len(whole)])
        entries[at] = changed(entries[at], chance)
        relog(signed_by_its_key, entries)
        copied(signed_by_its_key, tmp_path / "archive")
        found = loaded().Archive(tmp_path / "archive", list(signed_by_its_key.identity.keys))
        found.run()
        assert {code for code, _, _ in found.findings} <= COVERED | JUDGED
        assert found.records


@pytest.mark.parametrize("kind", ["a link", "a folder behind a link", "a pipe", "a device"])
def test_no_file_but_a_file(
    kind: str, signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """Links are not followed, pipes not waited for: neither as a sealed file nor beside one."""
    relog(signed_by_its_key, whole)
    folder = tmp_path / "archive"
    copied(signed_by_its_key, folder)
    sealed = min((folder / "u").rglob("*.parquet"))
    for path in (sealed, folder / "u" / "beside"):
        away = tmp_path / f"away{len(path.parts)}"
        if path == sealed:
            path.rename(away)
        else:
            away.write_bytes(b"x")
        if kind == "a link":
            path.symlink_to(away)
        elif kind == "a pipe":
            os.mkfifo(path)
        elif kind == "a device":
            path.symlink_to("/dev/zero")
        elif path == sealed:
            away.rename(sealed)
            path.parent.rename(tmp_path / "unit")
            path.parent.symlink_to(tmp_path / "unit")
        else:
            path.symlink_to(tmp_path)
    found = loaded().Archive(folder, list(signed_by_its_key.identity.keys))
    found.run()
    named = {(code, where) for code, where, _ in found.findings}
    assert ("object-missing", sealed.relative_to(folder).as_posix()) in named
    assert ("object-unknown", "u/beside") in named


def test_a_record_is_read_in_pieces(tmp_path: Path) -> None:
    """Of a record of 32 MB that a few kilobytes inflate to, less than 2 MB are held at once."""
    module, size = loaded(), 32 << 20
    lines = [b"WARC/1.1", b"Content-Length: %d" % size, b"Archive-Excerpt: item 0 %d" % size]
    names = ("Salt", "Source-Root", "Context-Root", "Fields-Root")
    lines += [f"Archive-{name}: {'00' * 32}".encode() for name in names]
    lines += [b"WARC-Block-Digest: sha256:x"]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(b"\r\n".join([*lines, b"", b""]))
    for _ in range(32):
        data += packer.compress(bytes(1 << 20))
    path = tmp_path / "member"
    path.write_bytes(data + packer.compress(b"\r\n\r\n") + packer.flush())
    with gzip.open(path) as file:
        tracemalloc.start()
        found = {code for code, _ in module.check_record(file, b"")}
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert found == {"record-digest", "record-source", "record-context", "record-leaf"}
    assert most < 2 << 20


WARCS: dict[str, tuple[Callable[[bytes], bytes], set[str]]] = {
    "as it was": (lambda data: data, set()),
    "cut": (lambda data: data[:-9], {"record-unreadable"}),
    "bytes after it": (lambda data: data + b"x", {"record-unreadable"}),
    "a record of nobody": (lambda data: data + gzip.compress(b"WARC/1.1"), {"segment-counts"}),
    "no first record": (
        lambda data: data[data.index(b"\x1f\x8b", 1) :],
        {"record-leaf", "segment-counts"},
    ),
    "no records": (lambda _: b"", {"record-unreadable"}),
}


@pytest.mark.parametrize("change", WARCS)
def test_a_warc_is_read_from_end_to_end(change: str, tmp_path: Path) -> None:
    """Whatever reads a WARC finds the ledger's records in it, in their order, and nothing else."""
    archive = small(tmp_path / "home")
    made, codes = WARCS[change]
    one = segment(archive)
    stored = archive.store.get(unit_object_key(one.unit, one.name, "warc.gz"))
    replaced(archive, one, {"warc.gz": made(stored)})
    ours, theirs = both(archive, tmp_path / "archive", deep=True)
    assert ours == codes
    assert bool(ours) == bool(theirs)


def test_a_log_that_nobody_has(signed_by_its_key: Archive, tmp_path: Path) -> None:
    """A checkpoint over a billion billion entries is refused, instead of looked for."""
    copied(signed_by_its_key, tmp_path / "archive")
    note = signed_note(signed_by_its_key, 10**18, bytes(32))
    (tmp_path / "archive" / "log" / "checkpoint").write_bytes(note)
    found = loaded().Archive(tmp_path / "archive", list(signed_by_its_key.identity.keys))
    found.run()
    assert [code for code, _, _ in found.findings] == ["checkpoint-bad"]


def test_a_note_of_newlines() -> None:
    """A proof's checkpoint is not split into millions of lines."""
    proof = json.loads(signed())
    proof["tlog_proof"] += "\n" * (3 << 20)
    refused(json.dumps(proof).encode())


@pytest.mark.parametrize("key", ["log/checkpoint", "archive.json"])
def test_parts_of_the_log_are_small(key: str, signed_by_its_key: Archive, tmp_path: Path) -> None:
    """A file of newlines in the place of a small one is not split into millions of lines."""
    copied(signed_by_its_key, tmp_path / "archive")
    (tmp_path / "archive" / key).write_bytes(b"\n" * (4 << 20))
    found = loaded().Archive(tmp_path / "archive", list(signed_by_its_key.identity.keys))
    found.run()
    assert f"{key.rpartition('/')[2]} has more than" in str(found.findings)


def test_a_large_stranger_is_a_finding(
    signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """A file that nobody sealed is named, however large, and nothing else is because of it."""
    relog(signed_by_its_key, whole)
    copied(signed_by_its_key, tmp_path / "archive")
    with (tmp_path / "archive" / "stranger").open("wb") as file:
        file.truncate(40 << 20)
    found = loaded().Archive(tmp_path / "archive", list(signed_by_its_key.identity.keys))
    found.run()
    assert [found[:2] for found in found.findings] == [("object-unknown", "stranger")]


@pytest.mark.parametrize(
    "form", [b"0 1\n", b"5 7\n7 9\n", b"01 2\n", b"3 2\n", b"1 2", b"", b"x y\n"]
)
def test_sets_have_one_form(
    form: bytes, signed_by_its_key: Archive, whole: list[bytes], tmp_path: Path
) -> None:
    """`archiver verify` reads a set of leaves line by line; the small one holds its digest."""
    data = b"%s 070707\n" % (b"0" * 64) + form
    put(signed_by_its_key, f"sets/{ULID}", data)
    digest = loaded().sha256(data).hexdigest()
    named = body("gap", leaves={"set": ULID, "sha256": digest})
    relog(signed_by_its_key, [*whole, named])
    ours, theirs = both(signed_by_its_key, tmp_path / "archive")
    signed_by_its_key.store.delete(f"sets/{ULID}")
    assert ours == set()
    assert theirs == ({"set-malformed"} if form != b"0 1\n" else set())
