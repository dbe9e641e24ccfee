#!/usr/bin/env python3
"""Verify a Civic Archiver archive, or a proof from one, without trusting its software.

    python verify.py ARCHIVE [--key VERIFIER_KEY] [--since CHECKPOINT] [--json]
    python verify.py PROOF.json --key VERIFIER_KEY [--json]

The standard library and `cryptography`; written from docs/formats/, without code of the package.
It never writes. Copy a bucket into a directory first. What it can't check it says. Exit status:
0 no findings, 1 findings (docs/reference/findings.md), 2 wrong usage, 3 could not run.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator  # noqa: TC003 - one file, read from the top
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from hashlib import file_digest, sha256, shake_256
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ROOTS = ["archive-source-root", "archive-context-root", "archive-fields-root"]
STATED = ["archive-salt", *ROOTS, "warc-block-digest"]  # a header's last lines: no leaves
WIDTH = 256  # hashes of a full tile, entries of a full bundle
OBSERVATION = 33  # bytes of an observation's entry: 01 and C
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # escaped in header lines
CHUNK = 1 << 16
EMPTY = sha256(b"").digest()
TAG = b"civic-archive/obs/v1\n"  # ``C`` is the hash of this and the three roots
MAX_HEAD = 262_144  # bytes of a record's header block (record-warc.md)
MAX_SMALL = 1 << 26  # bytes of a file that is read whole: proof, checkpoint, index


class Bad(Exception):  # noqa: N818 - it is what is there that is bad
    """Something is not of the form that docs/formats/ gives it."""


def require(holds: object, otherwise: str) -> None:
    """Raise `Bad` unless something holds."""
    if not holds:
        raise Bad(otherwise)


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree over leaf hashes: every complete subtree, level by level."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.levels = [leaves]
        while len(below := self.levels[-1]) > 1:
            self.levels.append([node(*pair) for pair in zip(*[iter(below)] * 2, strict=False)])

    def root(self, size: int) -> bytes:
        """Return the tree hash of the first ``size`` leaves."""
        require(size <= len(self.levels[0]), f"{size} leaves, but there are {len(self.levels[0])}")
        found, end = b"", size
        for level, hashes in enumerate(self.levels):
            if size >> level & 1:
                part = hashes[(end >> level) - 1]
                found = node(part, found) if found else part
                end -= 1 << level
        return found or EMPTY

    def tile(self, level: int, number: int) -> list[bytes]:
        """Return the hashes of a tile: complete subtrees over 256^level leaves."""
        hashes = self.levels[8 * level] if 8 * level < len(self.levels) else []
        return hashes[number * WIDTH : (number + 1) * WIDTH]


def public_key(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """Return name, key id and key of a verifier key ``name+id+base64``."""
    name, number, key = [*text.split("+", 2), "", ""][:3]
    raw = unbase64(key)
    require(name and raw[:1] == b"\x01", "not an Ed25519 verifier key")
    named = sha256(name.encode() + b"\n" + raw).digest()[:4]
    require(named.hex() == number, "a verifier key whose id is not its own")
    return name, named, Ed25519PublicKey.from_public_bytes(raw[1:])


def checkpoint(data: bytes, keys: Iterable[str]) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint that one of the keys signed."""
    text, cut, signatures = data.decode().partition("\n\n")
    origin, size, root, *_ = [*text.split("\n"), "", ""]
    require(cut and re.fullmatch("0|[1-9][0-9]{0,18}", size), "not a checkpoint")
    for name, number, key in map(public_key, keys):
        for line in signatures.splitlines() if name == origin else []:
            raw = unbase64(line.rpartition(" ")[2]) if line.startswith(f"\u2014 {name} ") else b""
            with suppress(InvalidSignature):
                key.verify(raw[4:] if raw[:4] == number else b"", (text + "\n").encode())
                return origin, int(size), unbase64(root)
    raise Bad("no signature of the archive's key")


def unhex(text: str) -> bytes:
    """Return a hash or salt from its one spelling."""
    require(re.fullmatch("[0-9a-f]{64}", text), "not a hash in hexadecimal")
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one spelling."""
    raw = base64.b64decode(text, validate=True)
    require(base64.b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def leaf_start(kind: int, name: str, salt: bytes, length: int) -> bytes:
    """Return what a leaf's message says before its value."""
    start = bytes([0, kind]) + len(name.encode()).to_bytes(2, "big") + name.encode()
    return start + salt + length.to_bytes(8, "big")


def committed(count: int, tree: bytes) -> bytes:
    """Return a committed root, which covers the number of leaves."""
    return sha256(b"\x02" + count.to_bytes(8, "big") + tree).digest()


class Member:
    """One gzip member of a file, inflated piece by piece, whatever its size."""

    def __init__(self, file: BinaryIO, held: bytes) -> None:
        self._file = file
        self.held = held  # what was read of the file and not used
        self._inflate = zlib.decompressobj(31)
        self._rest = b""  # what was inflated and not used

    def piece(self) -> bytes:
        """Return some of what follows; nothing at the end."""
        while not self._inflate.eof and not self._rest:
            self.held = self.held or self._file.read(CHUNK)
            require(self.held, "a gzip member without an end")
            try:
                self._rest = self._inflate.decompress(self.held, CHUNK)
            except zlib.error as error:
                raise Bad(f"not gzip: {error}") from error
            end = self._inflate.eof
            self.held = self._inflate.unused_data if end else self._inflate.unconsumed_tail
        found, self._rest = self._rest, b""
        return found

    def head(self) -> list[bytes]:
        """Return the lines up to the first empty one."""
        found = self.piece()
        while (end := found.find(b"\r\n\r\n")) < 0:
            piece = self.piece()
            require(piece and len(found) <= MAX_HEAD, "a header without an end")
            found += piece
        self._rest = found[end + 4 :]
        return found[:end].split(b"\r\n")

    def take(self, length: int) -> Iterator[bytes]:
        """Yield the next bytes, so many."""
        while length:
            piece = self.piece()
            require(piece, "a record is shorter than it says")
            taken, self._rest = piece[:length], piece[length:]
            length -= len(taken)
            yield taken


def members(file: BinaryIO) -> Iterator[tuple[int, Member]]:
    """Yield where each gzip member of a file begins, and the member: to be read to its end."""
    held = b""
    while held := held or file.read(CHUNK):
        member = Member(file, held)
        yield file.tell() - len(held), member
        while member.piece():
            pass
        held = member.held


def check_record(member: Member, entry: bytes) -> Iterator[tuple[str, str]]:
    """Yield codes and words for what is wrong with one record, whose ledger entry is given."""
    lines = member.head()
    named = [line.decode().partition(": ")[::2] for line in lines]
    names = [name.lower() for name, _ in named]
    hiding = {*STATED, "warc-payload-digest"} & {*names[:-5]}
    own = {name.lower(): value for name, value in named}
    spelt = all(re.fullmatch("[0-9a-f]{64}", own.get(name, "")) for name in STATED[:4])
    if names[-5:] != STATED or hiding or not spelt or ODD.search(b"".join(lines).decode()):
        yield "record-header", "not the lines that a record has, each once"
        return
    cuts = [value.split(" ") for name, value in named if name == "Archive-Excerpt"]
    told = lines[:-5]
    salt, *roots = (unhex(own[name]) for name in STATED[:4])
    expanded = shake_256(b"civic-archive/salt/v1\n" + salt).digest(32 * (len(cuts) + len(told)))
    salts = (expanded[at : at + 32] for at in range(0, len(expanded), 32))
    digest, at, excerpts = sha256(), 0, []
    for role, start, size in cuts:
        leaf = sha256(leaf_start(1, role, next(salts), int(size)))
        require(int(start) == at, "excerpts do not follow one another")
        for piece in member.take(int(size)):
            leaf.update(piece)
            digest.update(piece)
        at += int(size)
        excerpts.append(leaf.digest())
    ended = b"".join(member.take(4)) == b"\r\n\r\n" and not member.piece()
    require(at == int(own["content-length"]) and ended, "it ends elsewhere than it says")
    block = "sha256:" + base64.b32encode(digest.digest()).decode()
    context = [sha256(leaf_start(2, "", next(salts), len(x)) + x).digest() for x in told]
    made = [committed(len(x), Tree(x).root(len(x))) for x in (excerpts, context)]
    told_leaf = b"\x01" + sha256(TAG + b"".join(roots)).digest()
    said, true = [own["warc-block-digest"], *roots[:2], entry], [block, *made, told_leaf]
    codes = ("record-digest", "record-source", "record-context", "record-leaf")
    yield from ((x, "others") for x, a, b in zip(codes, said, true, strict=True) if a != b)


class Archive:
    """Checks one archive directory. ``findings`` and ``notes`` say what came of it."""

    def __init__(self, folder: Path, keys: list[str]) -> None:
        self._folder, self._keys = folder, keys
        self._known = {"archive.json", "log/checkpoint", "log/head"}
        self._entries, self._tree = list[bytes | None](), Tree([])  # None: a lost entry
        self._observed, self._dated = set[int](), set[str]()
        self._seals, self._verified = list[dict[str, Any]](), set[str]()
        self.records = self.files = self.closed = 0
        self.findings, self.notes = list[tuple[str, str, str]](), list[str]()

    def run(self, since: bytes | None) -> None:
        """Check everything; ``since`` is a checkpoint seen earlier."""
        identity: dict[str, Any] = {}
        with self._finding("archive-json", "archive.json"):
            identity = loads(self._read("archive.json"))
            if not self._keys:
                self._keys = list(identity["keys"])
                self.notes.append("no --key: it agrees with itself, whoever made it")
        with self._finding("checkpoint-bad", "log/checkpoint", missing="checkpoint-missing"):
            origin, size, root = checkpoint(self._read("log/checkpoint"), self._keys)
            known = identity.get("origin", origin)
            self._hold(origin == known, "checkpoint-bad", "log/checkpoint", origin)
            _, old, old_root = checkpoint(since, self._keys) if since else (origin, 0, EMPTY)
            whole = self._log(size, root)
            grew = old <= size and (not whole or self._tree.root(old) == old_root)
            self._hold(grew, "log-history", "log/checkpoint", f"not the log of {old} entries seen")
            self._head(size)
            self._days()
            self._segments()
            self._numbers()
            self._unknown()

    def _hold(self, holds: object, code: str, where: str, what: str = "other bytes") -> bool:
        self.findings += [] if holds else [(code, where, what)]
        return bool(holds)

    @contextmanager
    def _finding(self, code: str, where: str, missing: str = "") -> Iterator[None]:
        """Turn what goes wrong inside into a finding."""
        try:
            yield
        except FileNotFoundError:
            self.findings.append((missing or code, where, "missing"))
        except (Bad, ValueError, KeyError, TypeError) as error:
            self.findings.append((code, where, str(error)))

    def _read(self, key: str) -> bytes:
        with (self._folder / key).open("rb") as file:
            data = file.read(MAX_SMALL + 1)
        require(len(data) <= MAX_SMALL, "far too large")
        return data

    def _log(self, size: int, signed: bytes) -> bool:
        """Read entries and tiles, name the false ones; tell whether the others lead to the root."""
        told, tiled = list[bytes](), list[bytes]()  # leaf hashes as entries, as tiles say
        for first in range(0, size, WIDTH):
            number, width = first // WIDTH, min(WIDTH, size - first)
            entries, tile = list[bytes](), list[bytes]()
            with suppress(OSError, Bad):
                entries = unbundle(self._read(tile_key("entries", number, width)))
            with suppress(OSError, Bad):
                data = self._read(tile_key("0", number, width))
                tile = [data[at : at + 32] for at in range(0, len(data), 32)]
            whole = len(entries) == width
            hashes = [sha256(b"\x00" + entry).digest() for entry in entries if whole]
            told += hashes or tile
            tiled += tile if len(tile) == width else hashes
            self._entries += entries if whole else [None] * width
        trees = [Tree(hashes) for hashes in (told, tiled)]
        roots = [tree.root(size) if len(tree.levels[0]) == size else b"" for tree in trees]
        self._tree = trees[roots.index(signed) if signed in roots else 0]
        self._hold(signed in roots, "log-root", "log/checkpoint", roots[0].hex() or "none")
        for level in range(0, len(self._tree.levels), 8):
            for number in range(-(-len(self._tree.levels[level]) // WIDTH)):
                hashes = self._tree.tile(level // 8, number)
                key = tile_key(str(level // 8), number, len(hashes))
                self._known.add(key)
                with self._finding("log-tile", key):
                    self._hold(self._read(key) == b"".join(hashes), "log-tile", key)
        self._fold(size)
        return signed in roots

    def _fold(self, size: int) -> None:
        """Take in the entries that are what their leaf hashes stand for; name lost bundles."""
        leaves, false = self._tree.levels[0], set[str]()
        for index, entry in enumerate(self._entries):
            number = index // WIDTH
            key = tile_key("entries", number, min(WIDTH, size - number * WIDTH))
            self._known.add(key)
            if entry and leaves[index : index + 1] == [sha256(b"\x00" + entry).digest()]:
                with self._finding("log-entry", f"entry {index}"):
                    self._entry(index, entry)
            else:
                self._entries[index] = None
                false.add(key)
        self.findings += [("log-entries", key, "missing, or others") for key in sorted(false)]

    def _head(self, size: int) -> None:
        """Hold the unsigned head, and the bundle that led to it, against the signed one."""
        staged = (self._folder / "log" / "staging").glob(f"{size}-*")
        self._known |= {f"log/staging/{path.name}" for path in staged}
        with self._finding("head-differs", "log/head", missing="head-missing"):
            head = loads(self._read("log/head"))
            root = self._tree.root(size).hex()
            self._known.add(key := head["staging"])
            same = head == {"size": size, "root": root, "staging": key}
            if self._hold(same, "head-differs", "log/head", "not the signed head"):
                with self._finding("staging-differs", key):
                    name = f"log/staging/{size}-{sha256(self._read(key)).hexdigest()}"
                    self._hold(key == name, "staging-differs", key)

    def _entry(self, index: int, entry: bytes) -> bool:
        if entry[:1] == b"\x01" and index:
            whole = self._hold(len(entry) == OBSERVATION, "log-entry", f"entry {index}", "length")
            self._observed.update([index] if whole else [])
            return whole
        body = loads(entry[1:])
        spelt = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self._hold(b"\x02" + spelt.encode() == entry, "log-entry", f"entry {index}", "spelling")
        self._dated.add(body["time"][:10])
        self._seals += [{**body, "at": str(index)}] if body["t"] == "seal" else []
        self._verified |= {body["statement"]["seal"]} if body["t"] == "verified" else set()
        if body["t"] == "anchor":
            self._object(f"log/anchors/{body['file']}", body["sha256"], "anchor")
        for one in body.values():
            if isinstance(one, dict) and "set" in one:
                self._set(f"sets/{one['set']}", one["sha256"])
        found = sha256(self._read("archive.json")).hexdigest() if not index else ""
        true = index or (body["t"], body.get("document")) == ("role", found)
        return self._hold(true, "archive-json", "archive.json", found)

    def _set(self, key: str, digest: str) -> None:
        """Hold a set of leaves against the entry that names it, and against its form."""
        if self._object(key, digest):
            form = rb"[0-9a-f]{64} (?:[0-9a-f]{2}){1,256}\n((?:\d+ \d+\n)+)"
            found = re.fullmatch(form, self._read(key))
            numbers = [int(one) for one in found[1].split()] if found else [1, 0]
            self._hold(numbers == sorted({*numbers}), "set-malformed", key, "no set of leaves")

    def _days(self) -> None:
        """Hold the daily checkpoints against the tree: it only grew."""
        daily = "log/checkpoints/"
        for path in sorted((self._folder / daily).glob("????-??-??")):
            self._known.add(key := daily + path.name)
            with self._finding("checkpoint-daily", key):
                _, size, root = checkpoint(self._read(key), self._keys)
                self._hold(self._tree.root(size) == root, "checkpoint-daily", key)
        for day in sorted(self._dated):  # a batch of the last second is signed on the next
            after = (date.fromisoformat(day) + timedelta(1)).isoformat()
            kept = {daily + day, daily + after} & self._known
            self._hold(kept, "checkpoint-daily", daily + day, "none")

    def _segments(self) -> None:
        claimed: set[int] = set()
        lost = {i for i, e in enumerate(self._entries) if e is None}
        observed, known = self._observed, self._observed | lost
        every = [(one, seal["at"]) for seal in self._seals for one in seal["segments"]]
        old = {(x["unit"], y): at for x, at in every for y in x.get("supersedes", ())}
        for segment, _ in every:
            after = old.get((segment["unit"], segment["segment"]))  # the seal that superseded it
            leaves = [i for a, b in segment["leaves"] if not after for i in range(a, b)]
            name = f"u/{segment['unit']}/{segment['segment']}"
            self._hold(claimed.isdisjoint(leaves), "leaves-twice", name, "claimed before")
            self._hold(known.issuperset(leaves), "leaves-foreign", name, "no observations")
            claimed.update(leaves)
            files = {f"{name}.{end}": h for end, h in segment["objects"].items()}
            there = [x for x in files if after not in self._verified or (self._folder / x).exists()]
            whole = [self._object(key, files[key]) for key in there]
            self.closed += 0 if (plain := "warc.gz" in segment["objects"]) else len(leaves)
            with self._finding("segment-files", f"{name}.warc.gz"):
                if plain and not after and all(whole) and observed.issuperset(leaves):
                    self._records(name, leaves)
        if lost:
            self.notes.append(f"{len(lost)} lost entries: what only they name is not judged")
        left = sorted(observed - claimed) if not lost else []
        self._hold(not left, "leaves-lost", f"entries {left[:9]}", f"{len(left)} without a segment")

    def _object(self, key: str, expected: str, kind: str = "object") -> bool:
        self._known.add(key)
        self.files += 1
        found = ""
        with self._finding(f"{kind}-missing", key), (self._folder / key).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
            self._hold(found == expected, f"{kind}-changed", key, found)
        return found == expected

    def _records(self, name: str, leaves: list[int]) -> None:
        """Compute every commitment of a plain segment's records."""
        offsets = []
        with (self._folder / f"{name}.warc.gz").open("rb") as file:
            for number, (offset, member) in enumerate(members(file)):
                offsets.append(offset)
                where = f"{name}.warc.gz record {number - 1}"
                if 0 < number <= len(leaves):
                    self.records += 1
                    entry = self._entries[leaves[number - 1]]
                    with self._finding("record-unreadable", where):
                        wrong = check_record(member, entry or b"")
                        self.findings += [(code, where, what) for code, what in wrong]
            offsets.append(file.tell())
        index = [f"{n} {a} {b - a}" for n, (a, b) in enumerate(pairwise(offsets))]
        stored = self._read(f"{name}.idx").decode("latin-1").splitlines()[1:]
        self._hold(stored == index, "segment-files", f"{name}.idx", "not where the members lie")
        self._hold(len(offsets) - 2 == len(leaves), "segment-counts", name, f"{len(leaves)} leaves")

    def _numbers(self) -> None:
        """Look for exchanges that never came, or were never settled."""
        found: dict[str, list[set[int]]] = {}  # by lane: numbers in intake, numbers settled
        for seal in self._seals if None not in self._entries else []:
            for first, end in seal.get("exchanges", []):
                stages = found.setdefault(seal["lane"], [set(), set()])
                stages[seal["stage"] == "settle"].update(range(first, end))
        for lane, (intake, settled) in sorted(found.items()):
            missing, left = set(range(1, max(intake, default=0))) - intake, intake - settled
            self._hold(not missing, "exchange-missing", lane, f"{len(missing)} numbers")
            self._hold(not left, "exchange-unsettled", lane, f"{len(left)} exchanges")

    def _unknown(self) -> None:
        for path in sorted(self._folder.rglob("*")):
            key = path.relative_to(self._folder).as_posix()
            if key in self._known or not path.is_file() or key.startswith(".tmp/"):
                continue
            if re.match(r"log/(pending|refused|staging)/[0-9A-Za-z-]+$", key):
                self.notes.append(f"work in progress, not looked into: {key}")
            elif None not in self._entries or not key.startswith(("u/", "sets/", "log/anchors/")):
                self._hold(self._overtaken(key), "object-unknown", key, "covered by no entry")

    def _overtaken(self, key: str) -> bool:
        """Tell whether a file is the beginning of a true tile, left by an overtaken sequencer."""
        found = re.fullmatch(r"log/tile/(entries|\d+)/((?:x\d{3}/)*\d{3})\.p/(\d{1,3})", key)
        if found is None:
            return False
        number, width = int(re.sub("[x/]", "", found[2])), int(found[3])
        near = self._entries[number * WIDTH : (number + 1) * WIDTH]
        entries = [len(one or b"").to_bytes(2, "big") + (one or b"") for one in near]
        hashes = entries if found[1] == "entries" else self._tree.tile(int(found[1]), number)
        return self._read(key) == b"".join(hashes[:width])

    def told(self) -> tuple[dict[str, Any], list[str]]:
        """Return what came of it, for programs and for people."""
        closed = f"{self.closed} encrypted records: their files are checked, their content is not"
        rows = "rows in Parquet files: their file's hash is checked, they were not parsed"
        split = "a split view, or whether people had a right to what they signed"
        unchecked = [*self.notes, closed, rows, f"{split}: these signatures are only hashed here"]
        counts = {"files": self.files, "records": self.records, "encrypted": self.closed}
        findings = [dict(zip(("code", "where", "found"), f, strict=True)) for f in self.findings]
        summary = f"{self.files} files, {self.records} commitments, {len(findings)} findings"
        lines = [*map("  ".join, self.findings), summary, "not checked:", *unchecked]
        return {"counts": counts, "findings": findings, "unchecked": unchecked}, lines


def tile_key(level: str, number: int, width: int) -> str:
    """Return the key of a tile or bundle (C2SP tlog-tiles)."""
    path = re.sub(r"(\d{3})(?=\d)", r"x\1/", str(number).zfill(-(-len(str(number)) // 3) * 3))
    return f"log/tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def unbundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle."""
    found, at = [], 0
    while (first := at + 2) < len(data) + 2:
        at = first + int.from_bytes(data[at:first], "big")
        require(first < at <= len(data), "a bundle that is cut, or an empty entry")
        found.append(data[first:at])
    return found


def check_proof(document: dict[str, Any], keys: list[str]) -> list[str]:
    """Return, in words, what a proof shows. Raises `Bad` where it does not hold."""
    require(document.get("schema") == "civic-archive/proof/v1", "not a proof of an archive")
    require(keys, "a proof needs --key, the archive's verifier key")
    shown: list[str] = []
    trees = [(tree := document[n], walked(tree, n, shown)) for n in ("source", "context", "fields")]
    roots = [committed(one["count"], found) if "count" in one else found for one, found in trees]
    head, _, note = document["tlog_proof"].partition("\n\n")
    first, index, *path = head.split("\n")
    origin, size, signed = checkpoint(note.encode(), keys)
    form = re.fullmatch("c2sp.org/tlog-proof@v1 index [0-9]{1,19}", f"{first} {index}")
    require(form, "no proof")
    at, leaf = int(index[6:]), sha256(b"\x00\x01" + sha256(TAG + b"".join(roots)).digest()).digest()
    require(included(leaf, at, size, [*map(unbase64, path)]) == signed, "it leads to another root")
    named = f"Archive-Record: {document['record']}" in shown[1].split(" | ")
    record = document["record"] if named else "closed"
    return [f"entry {at} of {size} in the log of {origin}", f"record: {record}", *shown]


def included(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an audit path leads to (RFC 6962 2.1.1)."""
    require(index < size and (size == 1) == (not path), "an audit path of another length")
    half, below = 1 << max((size - 1).bit_length() - 1, 0), path[:-1]
    if size > 1 and index < half:
        return node(included(leaf, index, half, below), path[-1])
    return node(path[-1], included(leaf, index - half, size - half, below)) if path else leaf


def walked(tree: dict[str, Any], title: str, shown: list[str]) -> bytes:
    """Return the tree hash of a disclosed tree, of a closed one its root; say what it shows."""
    if set(tree) == {"root"}:
        shown.append(f"{title}: closed")
        return unhex(tree["root"])
    require(set(tree) == {"count", "opened", "closed"}, "a disclosed tree has other members")
    require(0 <= tree["count"] < 1 << 32, "a tree that is too large")
    opened, words = {one["place"]: one for one in tree["opened"]}, list[str]()
    places, closed = sorted(opened), iter(tree["closed"])

    def walk(first: int, end: int) -> bytes:
        if bisect_left(places, first) == bisect_left(places, end):
            words.append("[withheld]")
            return unhex(next(closed, ""))
        if end - first == 1:
            return opened_leaf(opened.pop(first), words)
        half = first + (1 << (end - first - 1).bit_length() - 1)
        return node(walk(first, half), walk(half, end))

    root = walk(0, tree["count"]) if tree["count"] else EMPTY
    require(not opened and next(closed, None) is None, "leaves or hashes are left over")
    shown.append(f"{title}: " + ("".join(words) if title == "tokens" else " | ".join(words)))
    return root


def opened_leaf(leaf: dict[str, Any], words: list[str]) -> bytes:
    """Return the hash of an opened leaf; add its value to ``words``."""
    if "tokens" in leaf:
        said: list[str] = []
        tree = walked(leaf["tokens"], "tokens", said)
        value = leaf["tokens"]["count"].to_bytes(8, "big") + tree
        text = said[-1].removeprefix("tokens: ")
    else:
        value = leaf["text"].encode() if "text" in leaf else unbase64(leaf["base64"])
        text = value.decode("utf-8", "replace")
    words.append(f"{leaf['name']}: {text}" if leaf["name"] else text)
    salt = unhex(leaf["salt"])
    return sha256(leaf_start(leaf["kind"], leaf["name"], salt, len(value)) + value).digest()


def loads(data: bytes) -> dict[str, Any]:
    """Return a JSON object in which no member stands twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(pairs)) == len(pairs), "a member stands twice")
        return dict(pairs)

    try:
        document = json.loads(data, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Bad(f"not JSON: {error}"[:120]) from error
    require(isinstance(document, dict), "not a JSON object")
    return dict(document)


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", type=Path, help="an archive directory, or a proof")
    parser.add_argument("--key", action="append", default=[], help="the archive's verifier key")
    parser.add_argument("--since", type=Path, help="a checkpoint seen earlier: the log only grew")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        list(map(public_key, options.key))
        if options.what.is_dir():
            archive = Archive(options.what, options.key)
            archive.run(options.since.read_bytes() if options.since else None)
            document, lines = archive.told()
        else:
            lines = check_proof(loads(options.what.read_bytes()), options.key)
            document = {"findings": [], "shows": lines}
    except (OSError, Bad, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        sys.stderr.write(f"it can't be read, or does not hold: {str(error)!r}\n")
        return 3 if isinstance(error, OSError) else 1
    shown = [json.dumps(document, indent=1)] if options.json else [repr(x)[1:-1] for x in lines]
    sys.stdout.write("\n".join(shown) + "\n")
    return int(bool(document["findings"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
