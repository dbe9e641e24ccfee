#!/usr/bin/env python3
"""Verify a Civic Archiver archive, or a proof from one, without trusting its software.

    python verify.py ARCHIVE [--key KEY] [--policy FILE] [--since NOTE] [--json]
    python verify.py PROOF.json --key KEY [--policy FILE] [--json]

The standard library and `cryptography`; written from docs/formats/, without code of the package.
It never writes. Copy a bucket into a directory first. What it can't check it says. Exit status:
0 no findings, 1 findings (docs/reference/findings.md), 2 wrong usage, 3 could not run.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import sys
import zlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator  # noqa: TC003 - one file, read from the top
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from hashlib import file_digest, sha256, sha512, shake_256
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

Ranges = list[list[int]]  # of numbers: first, end
STATED = [f"archive-{one}" for one in ("salt", "source-root", "context-root", "fields-root")]
STATED += ["warc-block-digest"]  # a header's last lines: no leaves
WIDTH = 256  # hashes of a full tile, entries of a full bundle
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # escaped in header lines
EMPTY = sha256(b"").digest()
MAX_HEAD, MAX_RECORD = 262_144, 258 << 20  # bytes of a record's header block, and of a record
MAX_NOTE, MAX_PROOF, MAX_BUNDLE = 1 << 20, 1 << 25, 1 << 24  # bytes of what is read whole
CHUNK, MAX_PARTS = 1 << 16, 1 << 19  # bytes read at once of all else; parts of JSON
MAX_LOST = 1 << 14  # bundles that may be gone, beyond as many as there are parts of the log
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
              RecursionError, InvalidSignature, zlib.error)  # fmt: skip
LOG, ML_DSA = 1, 6  # types of keys of signed notes; 4 is a witness's Ed25519 key
WITNESSES = re.compile(r"(?m)^\s*witness\s+\S+\s+(\S+)")  # lines of a policy
ALONE = "no policy = self-consistent only: whoever has its key can write another (see --policy)"
UNASKED = "whether a sequencer admits each seal (seal-unlawful), clocks ahead (time-ahead)"
STAMPS = "time-stamps stamp what they say (not second hashes); who signed, and when: openssl ts"
STAMPS += " -verify -data log/anchors/STAMPED -in log/anchors/STAMP -CAfile CHAIN.pem"
HASH, ULID = "[0-9a-f]{64}", "[0-9A-HJKMNP-TV-Z]{26}"
FILE = re.compile(f"(/[0-9A-Za-z]{{1,64}}){{2}}([.][0-9a-z]{{1,16}}){{1,4}} {HASH}")  # and digest
TIME = re.compile(r"(?!9999)\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}[.]\d{6}Z", re.ASCII)
TYPES = """seal verified repeat gap role schedule classify event hold applied release order begin
    done-part halt done generation rekey export access anchor"""
TEXT = 4  # kind of a leaf over words
ONCE = ["archive-record", "archive-kind", "warc-date", "warc-record-id"]  # lines of a header


def require(holds: object, otherwise: str) -> None:
    """Raise `ValueError` unless something holds."""
    if not holds:
        raise ValueError(otherwise)


def check_ranges(ranges: Ranges, first: int, end: int) -> None:
    """Raise unless they are half-open, rise, do not touch, and keep to numbers that can be."""
    numbers = [number for start, stop in ranges for number in (start, stop)]
    require(all(type(one) is int and first <= one <= end for one in numbers), "no such numbers")
    require(isinstance(ranges, list) and numbers == sorted({*numbers}), "no ranges that rise")


def count(ranges: Ranges) -> int:
    """Return how many numbers are in some range."""
    found = reached = 0
    for first, end in sorted(ranges):
        found += max(end - max(first, reached), 0)
        reached = max(end, reached)
    return found


def check_entry(body: dict[str, Any], index: int) -> None:
    """Raise unless what anything here follows from in a control entry has its form."""
    require(
        body["t"] in TYPES.split() and TIME.fullmatch(body["time"]), "no known type, or no time"
    )
    date.fromisoformat(body["time"][:10])  # raises for a day that no month has
    if body["t"] == "anchor":
        for name in (body["file"], *body.get("of", ())):
            require(re.fullmatch(ULID, name), "an anchor of no name")
    if body["t"] == "seal":
        known = body["stage"] in {"intake", "settle", "compact"}
        require(known and ("lane" in body) == ("exchanges" in body), "a seal of no stage or lane")
        check_ranges(body.get("exchanges", []), 1, 2**53)
        for one in body["segments"]:
            check_ranges(one["leaves"], 0, index)
            name = f"/{one['unit']}/{one['segment']}"
            files = [f"{name}.{end} {digest}" for end, digest in one["objects"].items()]
            require(all(map(FILE.fullmatch, files)), "a file of no such name, or of no digest")


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
        found, end = b"", size
        for level, hashes in enumerate(self.levels):
            if size >> level & 1:
                part = hashes[(end >> level) - 1]
                found = node(part, found) if found else part
                end -= 1 << level
        return found or EMPTY


def signers(note: bytes, keys: Iterable[str]) -> set[str]:
    """Return which of the keys, ``name+id+base64``, signed a note. Raises if one is abused."""
    text, _, lines = note.decode().partition("\n\n")
    found = set[str]()
    for spelt in keys:
        name, number, encoded = [*spelt.split("+", 2), "", ""][:3]
        named = sha256(name.encode() + b"\n" + (key := unbase64(encoded))).digest()[:4]
        require(name and named.hex() == number, "a key whose id is not its own")
        y = int.from_bytes(key[1:], "little") % 2**255  # of a point of small order: anybody signs
        free = y * (y * y - 1) * (121665 * y**4 - 121666 * (2 * y * y - 1)) % (2**255 - 19)
        require(key[0] == ML_DSA or free, "a key under which anybody can sign")
        for start, _, end in (line.rpartition(" ") for line in lines.split("\n")):
            if start == f"\u2014 {name}" and unbase64(end)[:4] == named:
                check_signature(text + "\n", name, key, unbase64(end)[4:])
                found.add(spelt)
    return found


def check_signature(text: str, name: str, key: bytes, signature: bytes) -> None:
    """Verify a log's signature, or a cosignature, which has a time (c2sp.org/tlog-cosignature)."""
    message, time = text.encode(), b""
    if key[0] != LOG:
        time, signature = signature[:8], signature[8:]
        require(any(time), "a cosignature without a time")
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + message
    if key[0] == ML_DSA:
        origin, size, root = text.split("\n")[:3]
        us, log = (bytes([len(x.encode())]) + x.encode() for x in (name, origin))
        tree = bytes(8) + int(size).to_bytes(8, "big") + unbase64(root)
        message = b"subtree/v1\n\0" + us + time + log + tree
    kind = MLDSA44PublicKey if key[0] == ML_DSA else Ed25519PublicKey
    kind.from_public_bytes(key[1:]).verify(signature, message)


def checkpoint(data: bytes, keys: Iterable[str]) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint that a key of the log signed."""
    origin, size, root, *_ = [*data.decode().partition("\n\n")[0].split("\n"), "", ""]
    require(re.fullmatch("0|[1-9][0-9]{0,18}", size), "not a checkpoint")
    own = [one for one in keys if one.startswith(f"{origin}+")]
    require(signers(data, own), "no signature of the archive's key")
    return origin, int(size), unbase64(root)


def enough(policy: str, by: Collection[str]) -> bool:
    """Tell whether cosignatures of these keys are what a policy asks (c2sp.org/tlog-policy)."""
    holds = {"none": True}
    for words in map(str.split, policy.splitlines()):
        match words:
            case ["witness", name, key, *_]:
                holds[name] = key in by
            case ["group", name, least, *those]:
                wanted = {"all": len(those), "any": 1}.get(least) or int(least)
                holds[name] = sum(holds[one] for one in those) >= wanted
            case ["quorum", name]:
                holds["quorum"] = holds[name]
            case [first, *_]:
                require(first == "log" or first[0] == "#", f"no line of a policy: {words}")
    require("quorum" in holds, "a policy that says no quorum")
    return holds["quorum"]


def read(path: Path, most: int = MAX_NOTE) -> bytes:
    """Return a file that is read whole: a proof, a policy, a checkpoint, a part of the log."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    require(len(data) <= most, f"{path.name} has more than {most} bytes")
    return data


def unhex(text: str) -> bytes:
    """Return a hash or salt from its one spelling."""
    require(re.fullmatch(HASH, text), "not a hash in hexadecimal")
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one spelling."""
    raw = base64.b64decode(text, validate=True)
    require(base64.b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def leaf(kind: int, name: str, salt: bytes, size: int, value: Iterable[bytes]) -> bytes:
    """Return the hash of a leaf of a commitment, whose value comes in pieces."""
    named = len(name.encode()).to_bytes(2, "big") + name.encode()
    found = sha256(bytes([0, kind]) + named + salt + size.to_bytes(8, "big"))
    for piece in value:
        found.update(piece)
    return found.digest()


def committed(count: int, tree: bytes) -> bytes:
    """Return a committed root, which covers the number of leaves."""
    return sha256(b"\2" + count.to_bytes(8, "big") + tree).digest()


def observation(roots: list[bytes]) -> bytes:
    """Return the ledger entry of an observation: 01 and ``C``."""
    return b"\1" + sha256(b"civic-archive/obs/v1\n" + b"".join(roots)).digest()


def inflated(file: BinaryIO, end: int) -> Iterator[bytes]:
    """Yield what is in the one gzip member from where a file stands to ``end``, in pieces."""
    inflate = zlib.decompressobj(31)
    while not inflate.eof:
        data = inflate.unconsumed_tail or file.read(min(CHUNK, end - file.tell()))
        piece = inflate.decompress(data, CHUNK)
        require(data or piece, "a gzip member that is cut")
        if piece:
            yield piece
    require(file.tell() == end and not inflate.unused_data, "more than one gzip member")


def taken(
    held: bytearray, more: Iterator[bytes], size: int, tell: Callable[[bytes], object] = len
) -> Iterator[bytes]:
    """Yield the next bytes of what comes in pieces, and tell them; some are held already."""
    while size > 0:
        held += b"" if held else next(more, b"")
        require(held, "it ends before its block does")
        piece = bytes(held[:size])
        del held[: len(piece)]
        size -= len(piece)
        tell(piece)
        yield piece


def header(held: bytearray, more: Iterator[bytes]) -> bytes:
    """Return the header lines with which something begins that comes in pieces."""
    while (at := held.find(b"\r\n\r\n")) < 0:
        require(len(held) <= MAX_HEAD and (piece := next(more, b"")), "a header without an end")
        held += piece
    require(at <= MAX_HEAD, "a header that is too long")
    return b"".join(taken(held, more, at + 4))[:at]


def check_record(pieces: Iterator[bytes], entry: bytes) -> Iterator[tuple[str, str]]:
    """Yield codes and words for what is wrong with one record, whose ledger entry is given."""
    head = header(held := bytearray(), pieces)
    lines = head.split(b"\r\n")
    named = [line.decode().partition(": ")[::2] for line in lines]
    names, own = [name.lower() for name, _ in named], {n.lower(): value for n, value in named}
    hiding = {*STATED, "warc-payload-digest"} & {*names[:-5]}
    hiding |= {name for name in STATED[:4] if not re.fullmatch(HASH, own.get(name, ""))}
    if names[-5:] != STATED or hiding or ODD.search(head.decode().replace("\r\n", "")):
        yield "record-header", "not the lines that a record has, each once"
        return
    cuts = [value.split(" ") for name, value in named if name == "Archive-Excerpt"]
    ends = [0, *accumulate(int(size) for _, _, size in cuts)]
    require([int(start) for _, start, _ in cuts] == ends[:-1], "excerpts do not follow one another")
    require(ends[-1] == int(own["content-length"]) <= MAX_RECORD, "they are not its block")
    salt, *roots = (unhex(own[name]) for name in STATED[:4])
    expanded = shake_256(b"civic-archive/salt/v1\n" + salt).digest(32 * (len(cuts) + len(lines)))
    salts = (expanded[at : at + 32] for at in range(0, len(expanded), 32))
    block, source = sha256(), list[bytes]()
    for role, _, length in cuts:
        value = taken(held, pieces, size := int(length), block.update)
        source.append(leaf(1, role, next(salts), size, value))
    end = b"".join(taken(held, pieces, 4)) + held + next(pieces, b"")
    require(end == b"\r\n\r\n", "it ends elsewhere than it says")
    context = [leaf(2, "", next(salts), len(line), [line]) for line in lines[:-5]]
    made = [committed(len(one), Tree(one).root(len(one))) for one in (source, context)]
    digest = "sha256:" + base64.b32encode(block.digest()).decode()
    yield from [("record-digest", digest)] if own["warc-block-digest"] != digest else []
    yield from [("record-source", made[0].hex())] if made[0] != roots[0] else []
    yield from [("record-context", made[1].hex())] if made[1] != roots[1] else []
    yield from [("record-leaf", "others")] if entry != observation(roots) else []


class Archive:
    """Checks one archive directory. ``findings`` and ``notes`` say what came of it."""

    def __init__(self, folder: Path, keys: list[str], policy: str = "quorum none") -> None:
        self._folder, self._keys, self._policy = folder.resolve(), keys, policy
        self.notes = [ALONE] if enough(policy, ()) else list[str]()
        self._known = {"archive.json", "log/checkpoint", "log/head"}
        self._entries, self._bundles = list[bytes | None](), list[str]()  # None: lost
        self._kinds = bytearray()  # of each entry: 1 an observation, 2 another, 0 nobody knows
        self._dated, self._free = set[str](), set[str]()
        self._seals, self._anchors = list[dict[str, Any]](), dict[int, dict[str, Any]]()
        self._cosigned: list[tuple[int, set[str]]] = []  # sizes of the log, and by whom
        self._tree, self._whole, self._lost = Tree([]), False, 0
        self.records = self.files = self.closed = self.stamps = 0
        self.findings = list[tuple[str, str, str]]()

    def _path(self, key: str) -> Path:
        """Return where a file lies: a regular one, at that very place and behind no link."""
        path = self._folder / key
        if not os.path.lexists(path):
            raise FileNotFoundError(key)
        require(path.is_file() and path.resolve() == path, "no regular file, or behind a link")
        return path

    def _read(self, key: str, most: int = MAX_NOTE) -> bytes:
        return read(self._path(key), most)

    def _digest(self, *keys: str, of: Callable[[], Any] = sha256) -> bytes:
        whole = of()
        for key in keys:
            with self._path(key).open("rb") as file:
                file_digest(file, lambda: whole)  # which goes on with it
        return bytes(whole.digest())

    def run(self, seen: Iterable[bytes] = ()) -> None:
        """Check everything; ``seen`` are checkpoints that somebody saw earlier."""
        identity: dict[str, Any] = {}
        with self._finding("archive-json", "archive.json"):
            identity = loads(self._read("archive.json"))
            if not self._keys:
                self._keys = list(identity["keys"])
                self.notes.append("no --key: the archive's own was believed")
        with self._finding("checkpoint-bad", "log/checkpoint", missing="checkpoint-missing"):
            origin, size, root = checkpoint(self._read("log/checkpoint"), self._keys)
            require(origin == identity.get("origin", origin), f"of another log: {origin}")
            self._log(size, root)
            for note in seen:
                with self._finding("log-history", "log/checkpoint"):
                    self._seen(note)
            for check in (self._head, self._days, self._segments, self._numbers, self._outside):
                with self._finding("log-entry", "log/"):  # whatever an entry made it read
                    check()
            self._unknown()

    def _seen(self, note: bytes) -> int:
        """Hold the log against an earlier checkpoint of it; keep who cosigned that."""
        _, size, root = checkpoint(note, self._keys)
        grew = size <= len(self._entries) and (not self._whole or self._tree.root(size) == root)
        require(grew, f"not the log of which {size} entries were seen")
        self._cosigned.append((size, signers(note, WITNESSES.findall(self._policy))))
        return size

    def _hold(self, holds: object, code: str, where: str, what: str = "other bytes") -> bool:
        self.findings += [] if holds else [(code, where, what)]
        return bool(holds)

    @contextmanager
    def _finding(self, code: str, where: str, missing: str = "") -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            self.findings.append((missing or code, where, "missing"))
        except UNREADABLE as error:
            self.findings.append((code, where, str(error) or type(error).__name__))

    def _log(self, size: int, root: bytes) -> None:
        """Read entries and tiles, name the false ones; hold the others against the root."""
        said, tiled = list[bytes](), list[bytes]()  # leaf hashes as entries, as tiles say
        parts = MAX_LOST + sum(1 for _ in (self._folder / "log/tile").rglob("*"))
        require(size <= WIDTH * parts, f"nobody has {size} entries in so few parts of a log")
        for first in range(0, size, WIDTH):
            number, width = first // WIDTH, min(WIDTH, size - first)
            entries, tile = list[bytes](), list[bytes]()
            self._bundles.append(tile_key("entries", number, width))
            with suppress(OSError, ValueError):
                entries = unbundle(self._read(self._bundles[-1], MAX_BUNDLE))
            with suppress(OSError, ValueError):
                data = self._read(tile_key("0", number, width))
                tile = [data[at : at + 32] for at in range(0, len(data), 32)]
            whole = len(entries) == width
            hashes = [sha256(b"\x00" + entry).digest() for entry in entries if whole]
            said += hashes or tile
            tiled += tile if len(tile) == width else hashes
            self._entries += entries if whole else [None] * width
        trees = [Tree(hashes) for hashes in ([said] if said == tiled else [said, tiled])]
        roots = [tree.root(size) if len(tree.levels[0]) == size else b"" for tree in trees]
        self._tree = trees[roots.index(root) if root in roots else 0]
        self._whole = self._hold(root in roots, "log-root", "log/checkpoint", roots[0].hex())
        for level, every in enumerate(self._tree.levels[::8]):  # tiles are eight levels high
            for first in range(0, len(every), WIDTH):
                hashes = every[first : first + WIDTH]
                self._known.add(key := tile_key(str(level), first // WIDTH, len(hashes)))
                with self._finding("log-tile", key):
                    self._hold(self._read(key) == b"".join(hashes), "log-tile", key)
        self._fold()

    def _fold(self) -> None:
        """Take in the entries that are what their leaf hashes stand for; name lost bundles."""
        leaves, false = self._tree.levels[0], set[str]()
        self._kinds = bytearray(len(self._entries))
        for index, entry in enumerate(self._entries):
            if entry and leaves[index : index + 1] == [sha256(b"\x00" + entry).digest()]:
                with self._finding("log-entry", f"entry {index}"):
                    self._entry(index, entry)
            else:
                self._entries[index] = None
                false.add(self._bundles[index // WIDTH])
        self._lost = self._entries.count(None)
        self._known.update(self._bundles)
        self.findings += [("log-entries", key, "missing, or others") for key in sorted(false)]

    def _head(self) -> None:
        """Hold the unsigned head, and the bundle that led to it, against the signed one."""
        size = len(self._entries)
        with self._finding("head-differs", "log/head", missing="head-missing"):
            head = loads(self._read("log/head"))
            key = head["staging"]
            require(re.fullmatch(f"log/staging/[0-9]+-{HASH}", key), "no name of a staged bundle")
            self._known.add(key)
            same = {"size": size, "root": self._tree.root(size).hex(), "staging": key}
            require(head == same, "not the signed head")
            with self._finding("staging-differs", key):
                require(key == f"log/staging/{size}-{self._digest(key).hex()}", "other bytes")

    def _entry(self, index: int, entry: bytes) -> None:
        if entry[:1] == b"\x01" and index:
            require(len(entry) == len(b"\1") + len(EMPTY), "an observation of another length")
            self._kinds[index] = 1
            return
        body = loads(entry[1:])
        spelt = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        require(b"\x02" + spelt.encode() == entry, "another spelling")
        check_entry(body, index)
        self._kinds[index] = 2
        self._dated.add(body["time"][:10])
        self._seals += [{**body, "at": str(index)}] if body["t"] == "seal" else []
        self._anchors |= {index: body} if body["t"] == "anchor" else {}
        statement = body.get("statement") if body["t"] == "verified" else None
        self._free |= {str(statement.get("seal"))} if isinstance(statement, dict) else set()
        found = self._digest("archive.json").hex() if not index else ""
        true = index or (body["t"], body.get("document")) == ("role", found)
        self._hold(true, "archive-json", "archive.json", found)
        for one in (one for one in body.values() if isinstance(one, dict) and "set" in one):
            require(re.fullmatch(ULID, one["set"]), "a set of no name")
            self._set(f"sets/{one['set']}", one["sha256"])

    def _set(self, key: str, digest: str) -> None:
        if not self._object(key, digest):
            return
        with self._finding("set-malformed", key), self._path(key).open("rb") as file:
            form, last = rb"[0-9a-f]{64} [0-9a-f]{1,4096}\n", -1
            require(re.fullmatch(form, file.readline(CHUNK)), "it does not begin with a nonce")
            while line := file.readline(CHUNK):
                found = re.fullmatch(rb"(0|[1-9]\d{0,18}) ([1-9]\d{0,18})\n", line)
                require(found and last < int(found[1]) < int(found[2]), "no set of leaves")
                last = int(found[2]) if found else last
            require(last > 0, "a set of nothing")

    def _days(self) -> None:
        daily = "log/checkpoints/"
        days = self._folder / daily
        for path in sorted([*days.glob("????-??-??"), *days.glob("????-??-??.late")]):
            self._known.add(key := daily + path.name)
            with self._finding("checkpoint-daily", key):
                self._seen(self._read(key))
        for day in sorted(self._dated):  # a batch of the last second is signed on the next
            next_day = str(date.fromisoformat(day) + timedelta(1))
            kept = {daily + one for one in (day, f"{day}.late", next_day)} & self._known
            self._hold(kept, "checkpoint-daily", daily + day, "none")

    def _segments(self) -> None:
        kinds, claimed = self._kinds, bytearray(len(self._kinds))
        every = [(one, seal["at"]) for seal in self._seals for one in seal["segments"]]
        old = {(x["unit"], y): at for x, at in every for y in x.get("supersedes", ())}
        for segment, _ in every:
            after = old.get((segment["unit"], segment["segment"]))  # the seal that superseded it
            leaves = [] if after else segment["leaves"]
            name = f"u/{segment['unit']}/{segment['segment']}"
            twice = any(claimed.find(1, a, b) >= 0 for a, b in leaves)
            foreign = any(kinds.find(2, a, b) >= 0 for a, b in leaves)
            self._hold(not twice, "leaves-twice", name, "claimed before")
            self._hold(not foreign, "leaves-foreign", name, "no observations")
            for a, b in leaves:
                claimed[a:b] = b"\1" * (b - a)
            files = {f"{name}.{end}": h for end, h in segment["objects"].items()}
            there = [x for x in files if after not in self._free or (self._folder / x).exists()]
            whole = [self._object(key, files[key]) for key in there]
            self.closed += 0 if (plain := "warc.gz" in segment["objects"]) else count(leaves)
            known = all(kinds.count(1, a, b) == b - a for a, b in leaves)
            with self._finding("segment-files", f"{name}.warc.gz"):
                if plain and not after and all(whole) and known:
                    self._records(name, leaves)
        lost = f"{self._lost} lost entries: what only they name is not judged"
        self.notes += [lost] if self._lost else []
        left = [i for i, kind in enumerate(kinds) if kind == 1 and not claimed[i]]
        what = f"{len(left)} without a segment"
        self._hold(self._lost or not left, "leaves-lost", f"entries {left[:9]}", what)

    def _object(self, key: str, expected: str, kind: str = "object") -> bool:
        self._known.add(key)
        self.files += 1
        found = ""
        with self._finding(f"{kind}-missing", key):
            found = self._digest(key).hex()
            self._hold(found == expected, f"{kind}-changed", key, found)
        return found == expected

    def _records(self, name: str, leaves: Ranges) -> None:
        index, warc = self._path(f"{name}.idx"), self._path(f"{name}.warc.gz")
        numbers = (number for a, b in leaves for number in range(a, b))
        with index.open("rb") as lines, warc.open("rb") as file:
            lines.readline(CHUNK)  # nonce and padding
            member, at = 0, 0
            while line := lines.readline(CHUNK):
                size = int(line.split(b" ")[2])
                true = size > 0 and line == b"%d %d %d\n" % (member, at, size)
                require(true, f"member {member} is not where the index says")
                where = f"{name}.warc.gz record {member - 1}"
                leaf = next(numbers, None) if member else None
                file.seek(at)
                member, at = member + 1, at + size
                with self._finding("record-unreadable", where):
                    entry = self._entries[leaf] if leaf else None
                    found = check_record(inflated(file, at), entry) if entry else []
                    self.findings += [(code, where, what) for code, what in found]
                self.records += bool(entry)
            require(at == file.seek(0, 2), "an index of another length")
        counts = f"{member - 1} records, {count(leaves)} leaves"
        self._hold(member - 1 == count(leaves), "segment-counts", name, counts)

    def _outside(self) -> None:
        """Hold what outsiders gave against the log, and the log against the policy."""
        needed = next((n + 1 for n in range(len(self._entries))[::-1] if n not in self._anchors), 0)
        whole = self._whole and not self._lost
        held = set[str]()
        for index, body in self._anchors.items():
            key, *names = (f"log/anchors/{one}" for one in (body["file"], *body.get("of", [])))
            with self._finding("anchor-false", key):
                if not self._object(key, body["sha256"], "anchor"):
                    whole &= body["kind"] != "cosigned" or body["size"] < needed  # nobody knows
                    continue
                held.add(key)
                if body["kind"] == "cosigned":
                    require(self._seen(self._read(key)) == body["size"] <= index, "of another size")
                known = self._lost or self._known.issuperset(names)
                require(known, "it stamps what no entry before it names")
                if names and held.issuperset(names):
                    digest = self._digest(*names, of=sha512)
                    true = b"\x04\x40" + digest in self._read(key)
                    require(true, "it stamps something else")
                    self.stamps += 1
        by = {key for size, keys in self._cosigned if size >= needed for key in keys}
        met = not whole or enough(self._policy, by)
        self._hold(met, "anchor-quorum", "log/anchors/", "too few witnesses cosigned all of it")

    def _numbers(self) -> None:
        found: dict[str, tuple[Ranges, Ranges]] = {}  # by lane: intake, settled
        for seal in self._seals if not self._lost else []:
            if "lane" in seal:
                stages = found.setdefault(seal["lane"], ([], []))
                stages[seal["stage"] == "settle"].extend(seal["exchanges"])
        for lane, stages in sorted(found.items()):
            intake, settled = stages
            missing = max((end for _, end in intake), default=1) - 1 - count(intake)
            left = count(intake + settled) - count(settled)
            self._hold(not missing, "exchange-missing", lane, f"{missing} numbers")
            self._hold(not left, "exchange-unsettled", lane, f"{left} exchanges")

    def _unknown(self) -> None:
        parts = (key for key in self._known if key.startswith("log/tile/"))
        tiles, false = {x.partition(".p/")[0]: x for x in parts}, {x for _, x, _ in self.findings}
        for path in sorted(self._folder.rglob("*")):
            key = path.relative_to(self._folder).as_posix()
            folder = path.is_dir() and not path.is_symlink()
            if folder or key in self._known or key.startswith(".tmp/"):
                continue
            if re.match(r"log/(pending|refused|staging)/[0-9A-Za-z-]+$", key):
                self.notes.append(f"work in progress, not looked into: {key}")
            elif not self._lost or not key.startswith(("u/", "sets/", "log/anchors/")):
                near, partial, _ = key.partition(".p/")
                left = False  # overtaken sequencers leave beginnings of tiles
                with suppress(OSError, ValueError):
                    if partial and (true := tiles.get(near)):
                        part, whole = (self._read(one, MAX_BUNDLE) for one in (key, true))
                        left = true in false or whole.startswith(part)
                self._hold(left, "object-unknown", key, "covered by no entry")

    def told(self) -> tuple[dict[str, Any], list[str]]:
        """Return what came of it, for programs and for people."""
        encrypted = f"{self.closed} encrypted records: their files are checked, not their content"
        rows = "rows, and acts of people (who verified a compaction): only hashed, not parsed"
        unchecked = [*self.notes, encrypted, rows, UNASKED, f"{self.stamps} {STAMPS}"]
        findings = [dict(zip(("code", "where", "found"), f, strict=True)) for f in self.findings]
        cosigned = {key: size for size, keys in sorted(self._cosigned) for key in keys}
        shown = [f"{key.split('+')[0]} cosigned {size} entries" for key, size in cosigned.items()]
        summary = f"{self.files} files, {self.records} commitments, {len(findings)} findings"
        lines = [*map("  ".join, self.findings), summary, *shown, "not checked:", *unchecked]
        counts = {"files": self.files, "records": self.records, "encrypted": self.closed}
        document = {"counts": counts, "findings": findings, "cosigned": cosigned}
        return {**document, "unchecked": unchecked}, lines


def tile_key(level: str, number: int, width: int) -> str:
    """Return the key of a tile or bundle (C2SP tlog-tiles)."""
    path = re.sub(r"(\d{3})(?=\d)", r"x\1/", str(number).zfill(-(-len(str(number)) // 3) * 3))
    return f"log/tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def unbundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle."""
    found, at = list[bytes](), 0
    while (first := at + 2) < len(data) + 2:
        require(len(found) < WIDTH, "a bundle of too many entries")
        at = first + int.from_bytes(data[at:first], "big")
        require(first < at <= len(data), "a bundle that is cut, or an empty entry")
        found.append(data[first:at])
    return found


def check_proof(
    document: dict[str, Any], keys: list[str], policy: str = "quorum none"
) -> list[str]:
    """Return, in words, what a proof shows. Raises where it does not hold."""
    require(document.get("schema") == "civic-archive/proof/v1", "not a proof of an archive")
    require(keys, "a proof needs --key, the archive's verifier key")
    roots, shown = list[bytes](), dict[str, list[str]]()
    for name, kinds in (("source", {1}), ("context", {2}), ("fields", {3, 4})):
        tree, shown[name] = document[name], list[str]()
        closed = set(tree) == {"root"}
        root = unhex(tree["root"]) if closed else walked(tree, kinds, shown[name])
        roots.append(root if closed else committed(tree["count"], root))
    require(len(document["tlog_proof"]) <= 2 * MAX_NOTE, "no proof of a log is so long")
    head, _, note = document["tlog_proof"].partition("\n\n")
    first, index, *path = head.split("\n")
    origin, size, signed = checkpoint(note.encode(), keys)
    form = first == "c2sp.org/tlog-proof@v1" and re.fullmatch("index [0-9]{1,19}", index)
    require(form, "no proof of a log")
    at, entry = int(index[6:]), sha256(b"\0" + observation(roots)).digest()
    require(included(entry, at, size, [*map(unbase64, path)]) == signed, "it leads to another root")
    said = [line.partition(": ")[::2] for line in shown["context"]]
    told = [(name.lower(), value) for name, value in said if name.lower() in ONCE]
    require(len(dict(told)) == len(told), "a header line is there twice")
    record = dict(told).get(ONCE[0])
    require(record in (None, document["record"]), "it names another record than it proves")
    by = signers(note.encode(), WITNESSES.findall(policy))
    require(enough(policy, by), "too few witnesses cosigned its checkpoint")
    vouched = [f"cosigned by {key.split('+')[0]}" for key in by] or [ALONE]
    parts = [f"{name}: {one}" for name, words in shown.items() for one in words or ["closed"]]
    what = [f"entry {at} of {size} in the log of {origin}", f"record: {record or 'closed'}"]
    return [*what, *vouched, *parts]


def included(found: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an audit path leads to (RFC 6962 2.1.1)."""
    require(index < size and (size == 1) == (not path), "an audit path of another length")
    half, below = 1 << max((size - 1).bit_length() - 1, 0), path[:-1]
    if size > 1 and index < half:
        return node(included(found, index, half, below), path[-1])
    return node(path[-1], included(found, index - half, size - half, below)) if path else found


def walked(tree: dict[str, Any], kinds: set[int], words: list[str]) -> bytes:
    """Return the tree hash of a disclosed tree; put what it shows into ``words``."""
    form = set(tree) == {"count", "opened", "closed"} and 0 <= tree["count"] < 1 << 32
    require(form, "a disclosed tree of another form")
    opened, closed = {one["place"]: one for one in tree["opened"]}, iter(tree["closed"])
    places = sorted(opened)
    require(places == [one["place"] for one in tree["opened"]], "opened leaves out of order")

    def walk(first: int, end: int) -> bytes:
        if bisect_left(places, first) == bisect_left(places, end):
            words.append("[withheld]")
            return unhex(next(closed, ""))
        if end - first == 1:
            return opened_leaf(opened.pop(first), kinds, words)
        half = first + (1 << (end - first - 1).bit_length() - 1)
        return node(walk(first, half), walk(half, end))

    root = walk(0, tree["count"]) if tree["count"] else EMPTY
    require(not opened and next(closed, None) is None, "leaves or hashes are left over")
    return root


def opened_leaf(one: dict[str, Any], kinds: set[int], words: list[str]) -> bytes:
    """Return the hash of an opened leaf of one of these kinds; add its value to ``words``."""
    (form,) = one.keys() - {"place", "kind", "name", "salt"}
    kind, name = one["kind"], one["name"]
    require(kind in kinds and (kind == TEXT) == (form == "tokens"), "a leaf of another kind")
    require(bool(name) == (kind not in {2, 5}), "a name too many, or none")
    if form == "tokens":
        value = walked(one["tokens"], {5}, said := list[str]())
        value, text = one["tokens"]["count"].to_bytes(8, "big") + value, "".join(said)
    else:
        value = one["text"].encode() if form == "text" else unbase64(one["base64"])
        text = value.decode("utf-8", "replace" if kind == 1 else "strict")
    words.append(f"{name}: {text}" if name else text)
    return leaf(kind, name, unhex(one["salt"]), len(value), [value])


def loads(data: bytes) -> dict[str, Any]:
    """Return a JSON object in which no member stands twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(pairs)) == len(pairs), "a member stands twice")
        return dict(pairs)

    def whole(text: str) -> int:
        require(abs(int(text)) < 2**53, "a number beyond I-JSON (RFC 7493)")
        return int(text)

    require(sum(map(data.count, (b",", b"[", b"{"))) <= MAX_PARTS, "JSON of far too many parts")
    form = json.JSONDecoder(object_pairs_hook=once, parse_int=whole, parse_constant=whole)
    document = form.decode(data.decode())
    require(isinstance(document, dict), "not a JSON object")
    return dict(document)


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", type=Path, help="an archive directory, or a proof")
    parser.add_argument("--key", action="append", default=[], help="the archive's verifier key")
    parser.add_argument("--policy", type=Path, help="whose cosignatures you want (tlog-policy)")
    parser.add_argument("--since", type=Path, action="append", default=[], help="old checkpoint")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        policy = read(options.policy).decode() if options.policy else "quorum none"
        keys = options.key + re.findall(r"(?m)^\s*log\s+(\S+)", policy)
        signers(b"", [*keys, *WITNESSES.findall(policy)])  # raises if they are no keys
        if options.what.is_dir():
            archive = Archive(options.what, keys, policy)
            archive.run(map(read, options.since))
            document, lines = archive.told()
        else:
            lines = check_proof(loads(read(options.what, MAX_PROOF)), keys, policy)
            document = {"findings": [], "shows": lines}
    except (OSError, *UNREADABLE) as error:
        sys.stderr.write(f"it can't be read, or does not hold: {error!r}\n")
        return 3 if isinstance(error, OSError) else 1
    shown = [json.dumps(document, indent=1)] if options.json else [repr(x)[1:-1] for x in lines]
    sys.stdout.write("\n".join(shown) + "\n")
    return int(bool(document["findings"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
