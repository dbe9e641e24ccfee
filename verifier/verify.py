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
import gzip
import json
import re
import sys
import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator  # noqa: TC003 - one file, read from the top
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from hashlib import file_digest, sha256, shake_256
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

STATED = [f"archive-{one}" for one in ("salt", "source-root", "context-root", "fields-root")]
STATED += ["warc-block-digest"]  # a header's last lines: no leaves
ONCE = ["archive-record", "archive-kind", "warc-date", "warc-record-id"]  # other lines of it
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # escaped in header lines
OBSERVED = b"civic-archive/obs/v1\n"  # what C is a hash over, with the three roots
EMPTY, WIDTH = sha256(b"").digest(), 256  # hashes of a full tile, entries of a full bundle
MAX_HEAD, MAX_RECORD = 262_144, 258 << 20  # bytes of a record's header block, and of a record
MAX_NOTE, MAX_PROOF, MAX_BUNDLE = 1 << 20, 1 << 25, 1 << 24  # bytes of what is read whole
CHUNK, MAX_PARTS = 1 << 16, 1 << 19  # bytes read at once of all else; parts of JSON
MAX_LOST = 1 << 14  # bundles that may be gone, beyond as many as there are parts of the log
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
              RecursionError, InvalidSignature, zlib.error, EOFError, gzip.BadGzipFile)  # fmt: skip
LOG, ML_DSA = 1, 6  # types of keys of signed notes; 4 is a witness's Ed25519 key
WITNESSES = re.compile(r"(?m)^\s*witness\s+\S+\s+(\S+)")  # lines of a policy
HASH, ULID = "[0-9a-f]{64}", "[0-9A-HJKMNP-TV-Z]{26}"
FILE = re.compile(f"(/[0-9A-Za-z]{{1,64}}){{2}}([.][0-9a-z]{{1,16}}){{1,4}} {HASH}")  # and digest
TIME = re.compile(r"(?!9999)\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}[.]\d{6}Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d([.]late)?$", re.ASCII)  # names of daily checkpoints
WORK = re.compile(r"[.]tmp/|log/(pending|refused|staging)/[0-9A-Za-z-]+$")  # in progress
TYPES = """seal verified repeat gap role schedule classify event hold applied release order begin
    done-part halt done generation rekey export access anchor copy retire matter redact"""
BESIDE = Path(__file__).resolve().with_name("destroyed.py")  # asked by whose authority records went
ALONE = "no policy = self-consistent only: whoever has its key can write another (see --policy)"
UNASKED = """rows, indexes, second hashes: only hashed, not parsed; whether all exchanges came
what sequencers work on (the unsigned head, pending batches), what they admit; clocks ran ahead
time-stamps: only hashed; openssl ts -verify -data STAMPED -in STAMP -CAfile CHAIN.pem says more"""


def require(holds: object, otherwise: str) -> None:
    """Raise `ValueError` unless something holds."""
    if not holds:
        raise ValueError(otherwise)


def unhex(text: str) -> bytes:
    """Return a hash or salt from its one spelling."""
    require(re.fullmatch(HASH, text), "not a hash in hexadecimal")
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one spelling."""
    raw = base64.b64decode(text, validate=True)
    require(base64.b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def read(path: Path, most: int = MAX_NOTE) -> bytes:
    """Return a file that is read whole: a proof, a policy, a checkpoint, a part of the log."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    require(len(data) <= most, f"{path.name} has more than {most} bytes")
    return data


def loads(data: bytes) -> dict[str, Any]:
    """Return a JSON object in which no member stands twice, no number beyond I-JSON (RFC 7493)."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(pairs)) == len(pairs), "a member stands twice")
        return dict(pairs)

    def whole(text: str) -> int:
        require(abs(int(text)) < 2**53, "a number beyond I-JSON")
        return int(text)

    require(sum(map(data.count, (b",", b"[", b"{"))) <= MAX_PARTS, "JSON of far too many parts")
    form = json.JSONDecoder(object_pairs_hook=once, parse_int=whole, parse_constant=whole)
    require(isinstance(document := form.decode(data.decode()), dict), "not a JSON object")
    return dict(document)


def hashed(*parts: bytes) -> bytes:
    """Return a SHA-256: over 00 and an entry, 01 and two subtrees, 02 and a counted tree."""
    return sha256(b"".join(parts)).digest()


def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return the hashes of every complete subtree over leaf hashes, level by level."""
    found = [leaves]
    while len(below := found[-1]) > 1:
        found.append([hashed(b"\x01", *two) for two in zip(below[::2], below[1::2], strict=False)])
    return found


def root_of(tree: list[list[bytes]], size: int) -> bytes:
    """Return the tree hash of the first ``size`` leaves (RFC 6962 2.1)."""
    found, end = b"", size
    for level, hashes in enumerate(tree):
        if size >> level & 1:
            part = hashes[(end >> level) - 1]
            found = hashed(b"\x01", part, found) if found else part
            end -= 1 << level
    return found or EMPTY


def signers(note: bytes, keys: Iterable[str]) -> set[str]:
    """Return which of the keys, ``name+id+base64``, signed a note. Raises if one is abused."""
    found, (text, _, lines) = set[str](), note.decode().partition("\n\n")
    for spelt in keys:
        name, number, encoded = [*spelt.split("+", 2), "", ""][:3]
        named = hashed(name.encode(), b"\n", key := unbase64(encoded))[:4]
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
    require(signers(data, [x for x in keys if x.startswith(f"{origin}+")]), "not signed by its key")
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


def leaf(kind: int, name: str, salt: bytes, size: int, value: bytes = b"") -> Any:  # noqa: ANN401
    """Return the SHA-256 of a leaf of a commitment, to which a value's other pieces are added."""
    named = len(name.encode()).to_bytes(2, "big") + name.encode()
    return sha256(bytes([0, kind]) + named + salt + size.to_bytes(8, "big") + value)


def control(entry: bytes, index: int) -> dict[str, Any]:
    """Return a control entry. Raises unless what anything here follows from has its form."""
    body = loads(entry[1:])
    spelt = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    require(b"\x02" + spelt.encode() == entry, "another spelling")
    require(body["t"] in TYPES.split() and TIME.fullmatch(body["time"]), "no known type, or time")
    date.fromisoformat(body["time"][:10])  # raises for a day that no month has
    names = [one["set"] for one in body.values() if isinstance(one, dict) and "set" in one]
    names += [body["file"]] if body["t"] == "anchor" else []
    require(all(re.fullmatch(ULID, name) for name in names), "a file of no name")
    require(all(re.fullmatch(r"\w+/\w+", one) for one in body.get("destroys", ())), "no places")
    for one in body["segments"] if body["t"] == "seal" else ():
        numbers = [number for first, end in one["leaves"] for number in (first, end)]
        require(all(type(x) is int and 0 <= x <= index for x in numbers), "no earlier entries")
        require(isinstance(one["leaves"], list) and numbers == sorted({*numbers}), "no ranges")
        files = [f"/{one['unit']}/{one['segment']}.{end} {h}" for end, h in one["objects"].items()]
        require(all(map(FILE.fullmatch, files)), "a file of no such name, or of no digest")
    return body


def unbundle(data: bytes, width: int) -> list[bytes] | list[None]:
    """Return the entries of a bundle of so many; none of them if it is another."""
    found, at = list[bytes](), 0
    while at < len(data) and len(found) < width:
        first, at = at + 2, at + 2 + int.from_bytes(data[at : at + 2], "big")
        found.append(data[first:at])
    return found if len(found) == width and at == len(data) and all(found) else [None] * width


def header(stream: gzip.GzipFile) -> list[bytes]:
    """Return the header lines with which a record begins."""
    lines, left = list[bytes](), MAX_HEAD + len(b"\r\n\r\n")
    while (line := stream.readline(left)) != b"\r\n":
        require(line and (left := left - len(line)) > 0, "a header without an end")
        lines.append(line.removesuffix(b"\r\n"))
    return lines


def check_record(stream: gzip.GzipFile, entry: bytes) -> Iterator[tuple[str, str]]:
    """Yield codes and words for what is wrong with one record, whose ledger entry is given."""
    lines = header(stream)
    named = [line.decode().partition(": ")[::2] for line in lines]
    names, own = [name.lower() for name, _ in named], {n.lower(): value for n, value in named}
    hiding = {*STATED, "warc-payload-digest"} & {*names[:-5]}
    hiding |= {name for name in STATED[:4] if not re.fullmatch(HASH, own.get(name, ""))}
    if names[-5:] != STATED or hiding or ODD.search(b"".join(lines).decode()):
        yield "record-header", "not the lines that a record has, each once"
        return
    cuts = [value.split(" ") for name, value in named if name == "Archive-Excerpt"]
    salt, *roots = (unhex(own[name]) for name in STATED[:4])
    expanded = shake_256(b"civic-archive/salt/v1\n" + salt).digest(32 * (len(cuts) + len(lines)))
    salts = (expanded[at : at + 32] for at in range(0, len(expanded), 32))
    block, source, at = sha256(), list[bytes](), 0
    for role, first, length in cuts:
        found, end = leaf(1, role, next(salts), int(length)), at + int(length)
        require(int(first) == at <= end <= MAX_RECORD, "excerpts do not follow one another")
        while at < end:
            require(piece := stream.read(min(end - at, CHUNK)), "it ends before its block does")
            at += len(piece)
            found.update(piece)
            block.update(piece)
        source.append(found.digest())
    require(at == int(own["content-length"]), "its excerpts are not its block")
    require(stream.read(4) == b"\r\n\r\n", "it ends elsewhere than it says")
    context = [leaf(2, "", next(salts), len(line), line).digest() for line in lines[:-5]]
    digest = "sha256:" + base64.b32encode(block.digest()).decode()
    yield from [("record-digest", digest)] if own["warc-block-digest"] != digest else []
    for code, leaves, root in zip(("source", "context"), (source, context), roots, strict=False):
        counted = len(leaves).to_bytes(8, "big") + root_of(levels(leaves), len(leaves))
        yield from [(f"record-{code}", "others")] if hashed(b"\x02", counted) != root else []
    yield from [("record-leaf", "others")] if entry != b"\x01" + hashed(OBSERVED, *roots) else []


class Archive:
    """Checks one archive directory. ``findings`` and ``notes`` say what came of it."""

    def __init__(self, folder: Path, keys: list[str], policy: str = "quorum none") -> None:
        self._folder, self._keys, self._policy, self._archive = folder.resolve(), keys, policy, ""
        self.notes = [ALONE] if enough(policy, ()) else list[str]()
        self._known = {"archive.json", "log/checkpoint", "log/head"}
        self._tiles = dict[str, str]()  # the last parts of the log, by their names when full
        self._tree, self._entries = [list[bytes]()], list[bytes | None]()  # None: lost
        self._kinds = bytearray()  # of entries: ? nobody knows, o observation, c control, ! claimed
        self._acts = dict[int, dict[str, Any]]()  # what the others say, by their index
        self._whole = self._lost = self.records = self.files = self.closed = self.gone = 0
        self._cosigned, self.findings = list[tuple[int, set[str]]](), list[tuple[str, str, str]]()

    def _path(self, key: str) -> Path:  # of a regular file, at that very place, behind no link
        path = self._folder / key
        if not (path.is_symlink() or path.exists()):
            raise FileNotFoundError(key)
        require(path.is_file() and path.resolve() == path, "no regular file, or behind a link")
        return path

    def _part(self, key: str) -> bytes:  # of the log; nothing where it can't be read: named later
        with suppress(OSError, ValueError):
            return read(self._path(key), MAX_BUNDLE)
        return b""

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

    def run(self, seen: Iterable[bytes] = ()) -> tuple[dict[str, Any], list[str]]:
        """Check everything, and tell; ``seen`` are checkpoints that somebody saw earlier."""
        data, identity = b"", dict[str, Any]()
        with self._finding("archive-json", "archive.json"):
            identity = loads(data := read(self._path("archive.json")))
            if not self._keys:
                self._keys = list(identity["keys"])
                self.notes.append("no --key: the archive's own was believed")
        with self._finding("checkpoint-bad", "log/checkpoint", missing="checkpoint-missing"):
            origin, size, root = checkpoint(read(self._path("log/checkpoint")), self._keys)
            require(origin == identity.get("origin", origin), f"of another log: {origin}")
            self._log(size, root)
            first = self._acts.get(0, {"t": "role", "document": sha256(data).hexdigest()})
            true = (first["t"], first.get("document")) == ("role", sha256(data).hexdigest())
            if self._hold(true or not data, "archive-json", "archive.json"):
                self._archive = str(identity.get("archive", ""))
            for note in seen:
                with self._finding("log-history", "log/checkpoint"):
                    self._seen(note)
            for check in (self._days, self._segments, self._outside):
                with self._finding("log-entry", "log/"):  # whatever an entry made it read
                    check()
            self._unknown()
        return self._told()

    def _seen(self, note: bytes) -> int:  # is an earlier checkpoint of it; keeps who cosigned that
        _, size, root = checkpoint(note, self._keys)
        true = size <= len(self._entries) and (not self._whole or root_of(self._tree, size) == root)
        require(true, f"not the log of which {size} entries were seen")
        self._cosigned.append((size, signers(note, WITNESSES.findall(self._policy))))
        return size

    def _tile(self, level: str, first: int, end: int) -> str:  # of a hash or entry (tlog-tiles)
        number, width = str(first // WIDTH), min(WIDTH, end - first)
        path = re.sub(r"(\d{3})(?=\d)", r"x\1/", number.zfill(-(-len(number) // 3) * 3))
        full = f"log/tile/{level}/{path}"
        return self._tiles.setdefault(full, full + (f".p/{width}" if width < WIDTH else ""))

    def _log(self, size: int, root: bytes) -> None:  # takes in what leads to it, names the rest
        said, tiled = list[bytes](), list[bytes]()  # leaf hashes as entries, as tiles say
        parts = MAX_LOST + sum(1 for _ in (self._folder / "log/tile").rglob("*"))
        require(size <= WIDTH * parts, f"nobody has {size} entries in so few parts of a log")
        for first in range(0, size, WIDTH):
            width = min(WIDTH, size - first)
            entries = unbundle(self._part(self._tile("entries", first, size)), width)
            data = self._part(self._tile("0", first, size))
            tile = [data[at : at + 32] for at in range(0, 32 * width, 32)]
            hashes = [hashed(b"\x00", entry) for entry in entries if entry]
            said += hashes or tile
            tiled += tile if len(data) == 32 * width else hashes or tile
            self._entries += entries
        for leaves in (tiled, said):
            self._tree = levels(leaves)
            if whole := root_of(self._tree, size) == root:
                break
        self._whole = self._hold(whole, "log-root", "log/checkpoint", "of other entries")
        for level, every in enumerate(self._tree[::8]):  # tiles are eight levels high
            for first in range(0, len(every), WIDTH):
                key = self._tile(str(level), first, len(every))
                true = self._part(key) == b"".join(every[first : first + WIDTH])
                self._hold(true, "log-tile", key, "missing, or others")
        self._fold(size)

    def _fold(self, size: int) -> None:  # the entries that are what their leaf hashes stand for
        self._kinds, false = bytearray(b"?" * size), set[str]()
        for index, (entry, stated) in enumerate(zip(self._entries, self._tree[0], strict=True)):
            if not entry or hashed(b"\x00", entry) != stated:
                self._entries[index] = None
                false.add(self._tile("entries", index - index % WIDTH, size))
                continue
            with self._finding("log-entry", f"entry {index}"):
                seen = index and entry[:1] == b"\x01"
                require(not seen or len(entry) == 1 + len(EMPTY), "of another length")
                self._acts |= {} if seen else {index: control(entry, index)}
                self._kinds[index] = ord("o" if seen else "c")
        self.findings += [("log-entries", key, "missing, or others") for key in sorted(false)]
        self._lost = self._entries.count(None)

    def _days(self) -> None:
        kept = {x.name for x in self._folder.glob("log/checkpoints/*") if DAY.match(x.name)}
        for key in sorted(f"log/checkpoints/{name}" for name in kept):
            self._known.add(key)
            with self._finding("checkpoint-daily", key):
                self._seen(read(self._path(key)))
        for day in sorted({x["time"][:10] for x in self._acts.values()}):  # signed then, or later
            near = {day, f"{day}.late", str(date.fromisoformat(day) + timedelta(1))}
            self._hold(near & kept, "checkpoint-daily", f"log/checkpoints/{day}", "none")

    def _destroyed(self) -> Any:  # noqa: ANN401 - places, those of which no file may be left, why
        if not self._lost and self._archive and BESIDE.is_file():
            sys.path[:0], sys.dont_write_bytecode = [str(BESIDE.parent)], True  # it never writes
            log = self._archive, self._tree, self._acts, self._path, self.findings, self.notes
            return import_module("destroyed").judge(*log)
        word = "by the log's own word: by whose authority, destroyed.py beside this file asks"
        return {place for act in self._acts.values() for place in act.get("destroys", ())}, (), word

    def _segments(self) -> None:
        acts, kinds = self._acts.items(), self._kinds
        every = [(x, str(n)) for n, act in acts if act["t"] == "seal" for x in act["segments"]]
        old = {(x["unit"], y): seal for x, seal in every for y in x.get("supersedes", ())}
        verified = [act.get("statement") for _, act in acts if act["t"] == "verified"]
        free = {str(one.get("seal")) for one in verified if isinstance(one, dict)}
        gone, absent, why = self._destroyed()
        for segment, _ in every:
            after = old.get((segment["unit"], segment["segment"]))  # the seal that superseded it
            leaves = [] if after else segment["leaves"]
            name = f"u/{segment['unit']}/{segment['segment']}"
            said = b"".join(kinds[a:b] for a, b in leaves)
            self._hold(b"!" not in said, "leaves-twice", name, "claimed before")
            self._hold(b"c" not in said, "leaves-foreign", name, "no observations")
            for a, b in leaves:
                kinds[a:b] = kinds[a:b].replace(b"o", b"!")
            files = {f"{name}.{end}": h for end, h in segment["objects"].items()}
            went = name[2:] in gone  # its files may be there still
            there = [x for x in files if not (went or after in free) or (self._folder / x).exists()]
            whole = [self._object(key, files[key]) for key in there if name[2:] not in absent]
            self.gone += len(said) if went else 0
            self.closed += 0 if (plain := f"{name}.warc.gz" in files) or went else len(said)
            if plain and all(whole) and not (after or went) and {*said} <= {*b"o!"}:
                self._records(name, [self._entries[n] for a, b in leaves for n in range(a, b)])
        self.notes.append(f"{self.gone} observations destroyed, {why}")
        left = [index for index, kind in enumerate(kinds) if kind == ord("o")]
        self._hold(self._lost or not left, "leaves-lost", f"entries {left[:9]}", "in no segment")

    def _object(self, key: str, expected: str, kind: str = "object") -> bool:
        self._known.add(key)
        self.files, found = self.files + 1, ""
        with self._finding(f"{kind}-missing", key), self._path(key).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
            self._hold(found == expected, f"{kind}-changed", key, found)
        return found == expected

    def _records(self, name: str, entries: list[bytes | None]) -> None:
        key = f"{name}.warc.gz"
        with self._finding("record-unreadable", key), gzip.open(self._path(key)) as file:
            opening = b"\n".join([*header(file), b""])  # of the record that holds the nonce
            number, size = 0, int(re.findall(rb"(?i)\ncontent-length: (\d{1,6})\n", opening)[0])
            require(file.read(size + 4)[size:] == b"\r\n\r\n", "it ends elsewhere than it says")
            while number < len(entries) and file.peek(1):
                where, found = f"{key} record {number}", {"record-header": "not read"}
                with self._finding("record-unreadable", where):
                    found = dict(check_record(file, entries[number] or b""))
                    self.findings += [(code, where, what) for code, what in found.items()]
                if "record-header" in found:
                    return  # nobody knows where the next one begins
                number, self.records = number + 1, self.records + 1
            self._hold(number == len(entries) and not file.peek(1), "segment-counts", name, "other")

    def _outside(self) -> None:  # holds what they gave against the log, that against the policy
        acts, whole = self._acts, bool(self._whole and not self._lost)
        anchors = {index: act for index, act in acts.items() if act["t"] == "anchor"}
        needed = max((n + 1 for n in range(len(self._entries)) if n not in anchors), default=0)
        for one in (one for act in acts.values() for one in act.values()):
            if isinstance(one, dict) and "set" in one:
                self._object(f"sets/{one['set']}", one["sha256"])
        for index, body in anchors.items():
            key = f"log/anchors/{body['file']}"
            with self._finding("anchor-false", key):
                held = self._object(key, body["sha256"], "anchor")
                if body["kind"] == "cosigned":
                    whole &= held or body["size"] < needed  # else nobody knows who cosigned it all
                    true = not held or self._seen(read(self._path(key))) == body["size"] <= index
                    require(true, "of another size")
        by = {key for size, keys in self._cosigned if size >= needed for key in keys}
        self._hold(not whole or enough(self._policy, by), "anchor-quorum", "log/anchors/", "unmet")

    def _unknown(self) -> None:
        known, false = {*self._known, *self._tiles.values()}, {x for _, x, _ in self.findings}
        for path in sorted(self._folder.rglob("*")):
            key = path.relative_to(self._folder).as_posix()
            folder = path.is_dir() and not path.is_symlink()
            lost = self._lost and key.startswith(("u/", "sets/", "log/anchors/"))
            if not (lost or folder or key in known or WORK.match(key)):
                full, partial, _ = key.partition(".p/")
                true = partial and self._tiles.get(full)  # overtaken sequencers leave beginnings
                left = true and (true in false or self._part(true).startswith(self._part(key)))
                self._hold(left, "object-unknown", key, "covered by no entry")

    def _told(self) -> tuple[dict[str, Any], list[str]]:  # for programs, and for people
        encrypted = f"{self.closed} encrypted records: their files are checked, not their content"
        lost = f"{self._lost} lost entries of the log: what only they name is not judged"
        left = [*self.notes, encrypted, lost, *UNASKED.split("\n")]
        findings = [dict(zip(("code", "where", "found"), f, strict=True)) for f in self.findings]
        by = {key: size for size, keys in sorted(self._cosigned) for key in keys}
        shown = [f"{key.split('+')[0]} cosigned {size} entries" for key, size in by.items()]
        summary = f"{self.files} files, {self.records} commitments, {len(findings)} findings"
        text = [*map("  ".join, self.findings), summary, *shown, "not checked:", *left]
        counts = {"files": self.files, "records": self.records, "encrypted": self.closed}
        return {"counts": counts, "findings": findings, "cosigned": by, "unchecked": left}, text


def check_proof(proof: dict[str, Any], keys: list[str], policy: str = "quorum none") -> list[str]:
    """Return, in words, what a proof shows. Raises where it does not hold."""
    require(proof.get("schema") == "civic-archive/proof/v1", "not a proof of an archive")
    roots, shown = list[bytes](), dict[str, list[str]]()
    for name, kinds in (("source", {1}), ("context", {2}), ("fields", {3, 4})):
        tree, words = proof[name], shown.setdefault(name, [])
        closed = set(tree) == {"root"}
        roots.append(unhex(tree["root"]) if closed else hashed(b"\x02", walked(tree, kinds, words)))
    require(len(proof["tlog_proof"]) <= 2 * MAX_NOTE, "no proof of a log is so long")
    head, _, note = proof["tlog_proof"].partition("\n\n")
    first, index, *path = head.split("\n")
    origin, size, signed = checkpoint(note.encode(), keys)
    form = re.fullmatch("c2sp[.]org/tlog-proof@v1 index [0-9]{1,19}", f"{first} {index}")
    require(form, "no proof of a log")
    at, entry = int(index[6:]), hashed(b"\x00\x01", hashed(OBSERVED, *roots))
    require(included(entry, at, size, [*map(unbase64, path)]) == signed, "it leads to another root")
    said = [line.partition(": ")[::2] for line in shown["context"]]
    told = [(name.lower(), value) for name, value in said if name.lower() in ONCE]
    require(len(dict(told)) == len(told), "a header line is there twice")
    record = dict(told).get(ONCE[0])
    require(record in (None, proof["record"]), "it names another record than it proves")
    by = signers(note.encode(), WITNESSES.findall(policy))
    require(enough(policy, by), "too few witnesses cosigned its checkpoint")
    parts = [f"{name}: {one}" for name, words in shown.items() for one in words or ["closed"]]
    what = [f"entry {at} of {size} in the log of {origin}", f"record: {record or 'closed'}"]
    return [*what, *([f"cosigned by {key.split('+')[0]}" for key in by] or [ALONE]), *parts]


def included(found: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an audit path leads to (RFC 6962 2.1.1)."""
    require(index < size and (size == 1) == (not path), "an audit path of another length")
    if not path:
        return found
    half, other, below = 1 << (size - 1).bit_length() - 1, path[-1], path[:-1]
    if index < half:
        return hashed(b"\x01", included(found, index, half, below), other)
    return hashed(b"\x01", other, included(found, index - half, size - half, below))


def walked(tree: dict[str, Any], kinds: set[int], words: list[str]) -> bytes:
    """Return number of leaves and hash of a disclosed tree; put what it shows into ``words``."""
    require(set(tree) == {"count", "opened", "closed"} and not tree["count"] >> 32, "no such tree")
    opened, closed = {one["place"]: one for one in tree["opened"]}, iter(tree["closed"])
    places = sorted(opened)
    require(places == [one["place"] for one in tree["opened"]], "opened leaves out of order")

    def walk(first: int, end: int) -> bytes:
        if bisect_left(places, first) == bisect_left(places, end):
            words.append("[withheld]")
            return unhex(next(closed, ""))
        if end - first == 1:
            return bytes(opened_leaf(opened.pop(first), kinds, words).digest())
        half = first + (1 << (end - first - 1).bit_length() - 1)
        return hashed(b"\x01", walk(first, half), walk(half, end))

    root = walk(0, tree["count"]) if tree["count"] else EMPTY
    require(not opened and next(closed, None) is None, "leaves or hashes are left over")
    return bytes(tree["count"].to_bytes(8, "big")) + root


def opened_leaf(one: dict[str, Any], kinds: set[int], words: list[str]) -> Any:  # noqa: ANN401
    """Return the hash of an opened leaf of one of these kinds; add its value to ``words``."""
    (form,) = one.keys() - {"place", "kind", "name", "salt"}
    kind, name = one["kind"], one["name"]
    require(kind in kinds & ({4} if form == "tokens" else {1, 2, 3, 5}), "a leaf of another kind")
    require(bool(name) == (kind not in {2, 5}), "a name too many, or none")
    if form == "tokens":
        value, text = walked(one["tokens"], {5}, said := list[str]()), "".join(said)
    else:
        value = one["text"].encode() if form == "text" else unbase64(one["base64"])
        text = value.decode("utf-8", "replace" if kind == 1 else "strict")
    words.append(f"{name}: {text}" if name else text)
    return leaf(kind, name, unhex(one["salt"]), len(value), value)


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
            document, lines = Archive(options.what, keys, policy).run(map(read, options.since))
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
