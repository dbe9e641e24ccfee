#!/usr/bin/env python3
"""Verify a Civic Archiver archive, or a proof from one, without trusting its software.

    python verify.py ARCHIVE [--key VERIFIER_KEY] [--since CHECKPOINT] [--json]
    python verify.py PROOF.json --key VERIFIER_KEY [--json]

One file, the standard library and `cryptography`; it shares no code with the package and was
written from docs/formats/. It never writes. A bucket is copied into a directory first. What it
can't check it says. Exit status: 0 no findings, 1 findings, 2 wrong usage, 3 could not run.
Codes of findings are those of docs/reference/findings.md.
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
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256  # hashes of a full tile, entries of a full bundle
OBSERVATION = 33  # bytes of an observation's entry: 01 and C
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # escaped in header lines
CHUNK = 1 << 16
EMPTY = sha256(b"").digest()
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
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            pairs = range(0, len(below) - 1, 2)
            self.levels.append([node(below[at], below[at + 1]) for at in pairs])

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
    name, _, rest = text.partition("+")
    number, _, key = rest.partition("+")
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


# -- Commitments (commitment.md) ----------------------------------------------------------

ROOTS = ("archive-source-root", "archive-context-root", "archive-fields-root")
STATED = ["archive-salt", *ROOTS, "warc-block-digest"]  # a header's last lines: no leaves


def leaf_start(kind: int, name: str, salt: bytes, length: int) -> bytes:
    """Return what a leaf's message says before its value."""
    named = name.encode()
    lengths = len(named).to_bytes(2, "big"), length.to_bytes(8, "big")
    return bytes([0, kind]) + lengths[0] + named + salt + lengths[1]


def committed(count: int, tree: bytes) -> bytes:
    """Return a committed root, which covers the number of leaves."""
    return sha256(b"\x02" + count.to_bytes(8, "big") + tree).digest()


def rooted(leaves: list[bytes]) -> bytes:
    """Return the committed root over leaf hashes."""
    return committed(len(leaves), Tree(leaves).root(len(leaves)))


def observation(source: bytes, context: bytes, fields: bytes) -> bytes:
    """Return ``C``."""
    return sha256(b"civic-archive/obs/v1\n" + source + context + fields).digest()


class Members:
    """The gzip members of a file in order, inflated piece by piece, whatever their size."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._data = b""
        self._read = 0
        self.offsets: list[int] = []

    def __iter__(self) -> Iterator[Stream]:
        """Yield each member; what of it is not read is read before the next."""
        while self._data or self._more():
            self.offsets.append(self._read - len(self._data))
            pieces = self._pieces()
            yield Stream(pieces)
            for _ in pieces:
                pass

    def _more(self) -> bool:
        self._data = self._file.read(CHUNK)
        self._read += len(self._data)
        return bool(self._data)

    def _pieces(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(31)
        while not inflate.eof:
            require(self._data or self._more(), "a gzip member without an end")
            try:
                piece = inflate.decompress(self._data, CHUNK)
            except zlib.error as error:
                raise Bad(f"not gzip: {error}") from error
            self._data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            yield piece


class Stream:
    """Bytes that come in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def head(self) -> list[bytes]:
        """Return the lines up to the first empty one."""
        while (end := self._rest.find(b"\r\n\r\n")) < 0:
            piece = next(self._pieces, None)
            require(piece is not None and len(self._rest) <= MAX_HEAD, "a header without an end")
            self._rest += piece or b""
        lines, self._rest = self._rest[:end].split(b"\r\n"), self._rest[end + 4 :]
        return lines

    def take(self, length: int) -> Iterator[bytes]:
        """Yield the next bytes, so many."""
        while length:
            piece = self._rest or next(self._pieces, None)
            if piece is None:
                raise Bad("a record is shorter than it says")
            taken, self._rest = piece[:length], piece[length:]
            length -= len(taken)
            yield taken

    def ends(self) -> bool:
        """Tell whether nothing but a record's ending is left."""
        ending = b"".join(self.take(4))
        return ending == b"\r\n\r\n" and not self._rest and not any(self._pieces)


def check_record(stream: Stream, entry: bytes) -> Iterator[tuple[str, str]]:
    """Yield codes and words for what is wrong with one record, whose ledger entry is given."""
    lines = stream.head()
    named = [line.decode().partition(": ")[::2] for line in lines]
    names = [name.lower() for name, _ in named]
    hiding = {*STATED, "warc-payload-digest"} & {*names[:-5]}
    require(names[-5:] == STATED and not hiding, "header lines hide one another")
    require(not ODD.search("".join(map(bytes.decode, lines))), "a line has controls in it")
    own = dict(zip(names, (value for _, value in named), strict=True))
    cuts = [value.split(" ") for name, value in named if name == "Archive-Excerpt"]
    told = lines[:-5]
    expansion = shake_256(b"civic-archive/salt/v1\n" + unhex(own["archive-salt"]))
    salts = expansion.digest(32 * (len(cuts) + len(told)))
    salt = (salts[at : at + 32] for at in range(0, len(salts), 32))
    roots = [unhex(own[name]) for name in ROOTS]
    digest, at, excerpts = sha256(), 0, []
    for role, start, size in cuts:
        leaf = sha256(leaf_start(1, role, next(salt), int(size)))
        require(int(start) == at, "excerpts do not follow one another")
        for piece in stream.take(int(size)):
            leaf.update(piece)
            digest.update(piece)
        at += int(size)
        excerpts.append(leaf.digest())
    require(at == int(own["content-length"]) and stream.ends(), "it ends elsewhere than it says")
    block = "sha256:" + base64.b32encode(digest.digest()).decode()
    source = rooted(excerpts)
    context = rooted([sha256(leaf_start(2, "", next(salt), len(x)) + x).digest() for x in told])
    found = observation(*roots)
    yield from [("record-digest", block)] if own["warc-block-digest"] != block else []
    yield from [("record-source", source.hex())] if source != roots[0] else []
    yield from [("record-context", context.hex())] if context != roots[1] else []
    yield from [("record-leaf", found.hex())] if entry != b"\x01" + found else []


class Archive:
    """Checks one archive directory. ``findings`` and ``notes`` say what came of it."""

    def __init__(self, folder: Path, keys: list[str]) -> None:
        self._folder = folder
        self._keys = keys
        self._known = {"archive.json", "log/checkpoint", "log/head"}
        self._entries: list[bytes] = []
        self._seals: list[dict[str, Any]] = []
        self._tree = Tree([])
        self.records = self.files = self.closed = 0
        self.findings: list[tuple[str, str, str]] = []
        self.notes: list[str] = []

    def run(self, since: bytes | None) -> None:
        """Check everything; ``since`` is a checkpoint seen earlier."""
        identity = loads(self._read("archive.json"))
        if not self._keys:
            self._keys = list(identity["keys"])
            self.notes.append("no --key: it agrees with itself, whoever made it")
        with self._finding("checkpoint-bad", "log/checkpoint", missing="checkpoint-missing"):
            origin, size, root = checkpoint(self._read("log/checkpoint"), self._keys)
            self._hold(origin == identity["origin"], "checkpoint-bad", "log/checkpoint", origin)
            _, old, old_root = checkpoint(since, self._keys) if since else (origin, 0, EMPTY)
            shrunk = f"{old} entries were seen, {size} are there"
            self._hold(old <= size, "log-history", "log/checkpoint", shrunk)
            if self._bundles(size):
                self._log(size, root)
                grew = old > size or self._tree.root(old) == old_root
                self._hold(grew, "log-history", "log/checkpoint", f"another log at {old} entries")
                self._days()
                self._segments()
                self._numbers()
                self._unknown()

    def _hold(self, holds: bool, code: str, where: str, what: str = "other bytes") -> bool:  # noqa: FBT001
        if not holds:
            self.findings.append((code, where, what))
        return holds

    @contextmanager
    def _finding(self, code: str, where: str, missing: str = "") -> Iterator[None]:
        """Turn what goes wrong inside into a finding."""
        try:
            yield
        except FileNotFoundError:
            self._hold(False, missing or code, where, "missing")  # noqa: FBT003
        except (Bad, ValueError, KeyError, TypeError) as error:
            self._hold(False, code, where, str(error))  # noqa: FBT003

    def _read(self, key: str) -> bytes:
        with (self._folder / key).open("rb") as file:
            data = file.read(MAX_SMALL + 1)
        require(len(data) <= MAX_SMALL, "far too large")
        return data

    def _bundles(self, size: int) -> bool:
        """Read all entries; tell whether they are all there."""
        for first in range(0, size, WIDTH):
            width = min(WIDTH, size - first)
            key = tile_key("entries", first // WIDTH, width)
            self._known.add(key)
            with self._finding("log-entries", key):
                found = unbundle(self._read(key))
                self._hold(len(found) == width, "log-entries", key, f"{len(found)} entries")
                self._entries += found
        return len(self._entries) == size

    def _log(self, size: int, signed: bytes) -> None:
        """Hold all entries against the signed root, the hash tiles and the unsigned head."""
        self._tree = Tree([sha256(b"\x00" + entry).digest() for entry in self._entries])
        root = self._tree.root(size)
        true = self._hold(root == signed, "log-root", "log/checkpoint", root.hex())
        for level in range(0, len(self._tree.levels), 8):
            for number in range(-(-len(self._tree.levels[level]) // WIDTH)):
                hashes = self._tree.tile(level // 8, number)
                key = tile_key(str(level // 8), number, len(hashes))
                self._known.add(key)
                with self._finding("log-tile", key):
                    same = self._hold(self._read(key) == b"".join(hashes), "log-tile", key)
                    bundle = key.replace("log/tile/0/", "log/tile/entries/")
                    self._hold(true or same or level > 0, "log-entries", bundle)
        for index, entry in enumerate(self._entries):
            with self._finding("log-entry", f"entry {index}"):
                self._entry(index, entry)
        with self._finding("head-differs", "log/head", missing="head-missing"):
            stored = loads(self._read("log/head"))
            self._known.add(stored["staging"])
            same = (stored["size"], stored["root"]) == (size, signed.hex())
            if self._hold(same, "head-differs", "log/head", "not the signed head"):
                with self._finding("staging-differs", stored["staging"]):
                    digest = sha256(self._read(stored["staging"])).hexdigest()
                    name = f"log/staging/{size}-{digest}"
                    self._hold(stored["staging"] == name, "staging-differs", stored["staging"])

    def _entry(self, index: int, entry: bytes) -> bool:
        if entry[0] == 1 and index:
            return self._hold(len(entry) == OBSERVATION, "log-entry", f"entry {index}", "length")
        body = loads(entry[1:])
        spelt = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self._hold(b"\x02" + spelt.encode() == entry, "log-entry", f"entry {index}", "spelling")
        self._seals += [body] if body["t"] == "seal" else []
        for name in [body["file"]] if body["t"] == "anchor" else []:
            self._object(f"log/anchors/{name}", body["sha256"], "anchor")
        found = sha256(self._read("archive.json")).hexdigest() if not index else ""
        true = index or (body["t"], body.get("document")) == ("role", found)
        return self._hold(bool(true), "archive-json", "archive.json", found)

    def _days(self) -> None:
        """Hold the daily checkpoints against the tree: it only grew."""
        for path in sorted((self._folder / "log" / "checkpoints").glob("????-??-??")):
            key = f"log/checkpoints/{path.name}"
            self._known.add(key)
            with self._finding("checkpoint-daily", key):
                _, size, root = checkpoint(self._read(key), self._keys)
                self._hold(self._tree.root(size) == root, "checkpoint-daily", key)

    def _segments(self) -> None:
        claimed: set[int] = set()
        observed = {at for at, entry in enumerate(self._entries) if entry[0] == 1}
        for segment in (one for seal in self._seals for one in seal["segments"]):
            leaves = [i for first, end in segment["leaves"] for i in range(first, end)]
            name = f"u/{segment['unit']}/{segment['segment']}"
            self._hold(claimed.isdisjoint(leaves), "leaves-twice", name, "claimed before")
            self._hold(observed.issuperset(leaves), "leaves-foreign", name, "no observations")
            claimed.update(leaves)
            whole = [self._object(f"{name}.{end}", h) for end, h in segment["objects"].items()]
            plain = "warc.gz" in segment["objects"]
            self.closed += 0 if plain else len(leaves)
            with self._finding("segment-files", f"{name}.warc.gz"):
                if plain and all(whole) and observed.issuperset(leaves):
                    self._records(name, leaves)
        lost = sorted(observed - claimed)
        self._hold(not lost, "leaves-lost", f"entries {lost[:9]}", f"{len(lost)} without a segment")

    def _object(self, key: str, expected: str, kind: str = "object") -> bool:
        self._known.add(key)
        self.files += 1
        found = sha256()
        with self._finding(f"{kind}-missing", key), (self._folder / key).open("rb") as file:
            while piece := file.read(CHUNK):
                found.update(piece)
            self._hold(found.hexdigest() == expected, f"{kind}-changed", key, found.hexdigest())
        return found.hexdigest() == expected

    def _records(self, name: str, leaves: list[int]) -> None:
        """Compute every commitment of a plain segment's records."""
        with (self._folder / f"{name}.warc.gz").open("rb") as file:
            members = Members(file)
            for number, member in enumerate(members):
                where = f"{name}.warc.gz record {number - 1}"
                if 0 < number <= len(leaves):
                    self.records += 1
                    with self._finding("record-header", where):
                        for code, what in check_record(member, self._entries[leaves[number - 1]]):
                            self._hold(False, code, where, what)  # noqa: FBT003
            ends = [*members.offsets[1:], file.tell()]
        places = enumerate(zip(members.offsets, ends, strict=True))
        index = [f"{n} {a} {b - a}" for n, (a, b) in places]
        stored = self._read(f"{name}.idx").decode("latin-1").splitlines()[1:]
        self._hold(stored == index, "segment-files", f"{name}.idx", "not where the members lie")
        counts = f"{len(index) - 1} records, {len(leaves)} leaves"
        self._hold(len(index) - 1 == len(leaves), "segment-counts", name, counts)

    def _numbers(self) -> None:
        """Look for exchanges that never came, or were never settled."""
        lanes: dict[str, dict[str, set[int]]] = {}
        for seal in self._seals:
            for first, end in seal.get("exchanges", []):
                stages = lanes.setdefault(seal["lane"], {"intake": set(), "settle": set()})
                stages[seal["stage"]].update(range(first, end))
        for lane, stages in sorted(lanes.items()):
            missing = set(range(1, max(stages["intake"], default=0))) - stages["intake"]
            left = stages["intake"] - stages["settle"]
            self._hold(not missing, "exchange-missing", lane, f"{len(missing)} numbers")
            self._hold(not left, "exchange-unsettled", lane, f"{len(left)} exchanges")

    def _unknown(self) -> None:
        for path in sorted(self._folder.rglob("*")):
            key = path.relative_to(self._folder).as_posix()
            if key in self._known or not path.is_file() or key.startswith(".tmp/"):
                continue
            if re.match(r"log/(pending|refused|staging)/[0-9A-Za-z-]+$", key):
                self.notes.append(f"work in progress, not looked into: {key}")
            else:
                self._hold(self._overtaken(key), "object-unknown", key, "covered by no entry")

    def _overtaken(self, key: str) -> bool:
        """Tell whether a file is the beginning of a true tile, left by an overtaken sequencer."""
        found = re.fullmatch(r"log/tile/(entries|\d+)/((?:x\d{3}/)*\d{3})\.p/(\d{1,3})", key)
        if not found:
            return False
        number, width = int(re.sub("[x/]", "", found[2])), int(found[3])
        entries = [len(e).to_bytes(2, "big") + e for e in self._entries[number * WIDTH :]]
        hashes = entries if found[1] == "entries" else self._tree.tile(int(found[1]), number)
        return self._read(key) == b"".join(hashes[:width])

    def told(self) -> tuple[dict[str, Any], list[str]]:
        """Return what came of it, for programs and for people."""
        unchecked = [
            *self.notes,
            f"{self.closed} encrypted records: their files are checked, their content is not",
            "rows in Parquet files: their file's hash is checked, they were not parsed",
            "a split view: cosignatures and time-stamps are no more than hashed here",
        ]
        counts = {"files": self.files, "records": self.records, "encrypted": self.closed}
        findings = [{"code": c, "where": w, "found": f} for c, w, f in self.findings]
        summary = f"{self.files} files, {self.records} commitments, {len(findings)} findings"
        lines = [*map("  ".join, self.findings), summary, "not checked:", *unchecked]
        return {"counts": counts, "findings": findings, "unchecked": unchecked}, lines


def tile_key(level: str, number: int, width: int) -> str:
    """Return the key of a tile or bundle (C2SP tlog-tiles)."""
    digits = f"{number:0{-(-len(str(number)) // 3) * 3}}"
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{one}" for one in groups[:-1]), groups[-1]])
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
    roots = [disclosed(document[one], one, shown) for one in ("source", "context", "fields")]
    head, _, note = document["tlog_proof"].partition("\n\n")
    first, index, *path = head.split("\n")
    origin, size, signed = checkpoint(note.encode(), keys)
    proof = first == "c2sp.org/tlog-proof@v1" and re.fullmatch("index [0-9]{1,19}", index)
    require(proof, "not a tlog-proof")
    at, leaf = int(index[6:]), sha256(b"\x00\x01" + observation(*roots)).digest()
    led = included(leaf, at, size, list(map(unbase64, path)))
    require(led == signed, "the audit path does not lead to the signed root")
    named = f"Archive-Record: {document['record']}" in shown[1].split(" | ")
    record = document["record"] if named else "closed"
    return [f"entry {at} of {size} in the log of {origin}", f"record: {record}", *shown]


def included(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an audit path leads to (RFC 6962 2.1.1)."""
    require(index < size and (size == 1) == (not path), "an audit path of another length")
    if size == 1:
        return leaf
    half, below = 1 << (size - 1).bit_length() - 1, path[:-1]
    if index < half:
        return node(included(leaf, index, half, below), path[-1])
    return node(path[-1], included(leaf, index - half, size - half, below))


def disclosed(tree: dict[str, Any], title: str, shown: list[str]) -> bytes:
    """Return the committed root of a disclosed tree; add what it shows to ``shown``."""
    if set(tree) == {"root"}:
        shown.append(f"{title}: closed")
        return unhex(tree["root"])
    return committed(tree["count"], walked(tree, title, shown))


def walked(tree: dict[str, Any], title: str, shown: list[str]) -> bytes:
    """Return the tree hash of a disclosed tree, from what is opened and what is closed."""
    require(set(tree) == {"count", "opened", "closed"}, "a disclosed tree has other members")
    require(0 <= tree["count"] < 1 << 32, "a tree that is too large")
    opened = {one["place"]: one for one in tree["opened"]}
    places, closed, words = sorted(opened), iter(tree["closed"]), list[str]()

    def walk(first: int, end: int) -> bytes:
        if bisect_left(places, first) == bisect_left(places, end):
            words.append("[withheld]")
            return unhex(next(closed, ""))
        if end - first == 1:
            return opened_leaf(opened.pop(first), title, words)
        half = first + (1 << (end - first - 1).bit_length() - 1)
        return node(walk(first, half), walk(half, end))

    root = walk(0, tree["count"]) if tree["count"] else EMPTY
    require(not opened and next(closed, None) is None, "leaves or hashes are left over")
    shown.append(f"{title}: " + ("".join(words) if title == "tokens" else " | ".join(words)))
    return root


def opened_leaf(leaf: dict[str, Any], title: str, words: list[str]) -> bytes:
    """Return the hash of an opened leaf; add its value to ``words``."""
    if "tokens" in leaf:
        said: list[str] = []
        tree = walked(leaf["tokens"], "tokens", said)
        value = leaf["tokens"]["count"].to_bytes(8, "big") + tree
        text = said[-1].removeprefix("tokens: ")
    else:
        value = leaf["text"].encode() if "text" in leaf else unbase64(leaf["base64"])
        text = value.decode("utf-8", "replace")
    named = f"{leaf['name']}: " if leaf["name"] and title != "tokens" else ""
    words.append(named + text)
    start = leaf_start(leaf["kind"], leaf["name"], unhex(leaf["salt"]), len(value))
    return sha256(start + value).digest()


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
    return cast("dict[str, Any]", document)


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
    except OSError as error:
        sys.stderr.write(f"could not run: {error}\n")
        return 3
    except (Bad, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        sys.stderr.write(f"does not hold: {str(error)!r}\n")
        return 1
    shown = [json.dumps(document, indent=1)] if options.json else [repr(x)[1:-1] for x in lines]
    sys.stdout.write("\n".join(shown) + "\n")
    return int(bool(document["findings"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
