"""Everything that remains, with what stands for dead things named by what it is.

A commitment of a destroyed record, the digest of a removed file, a tree hash over either and
a signature over these may differ between two worlds: nobody can tell what they are of. Each
format is parsed, and only such a value in its own place is replaced, by the name of what it
is, once it was computed again (commitments by the deep verification before). All other bytes
stay as they are.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import md5, sha256, sha512
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.flows.people import verifies
from archiver.layout import ANCHORS, CHECKPOINT, ENTRY_BUNDLES, HEAD, STAGING, TILES
from archiver.ledger import entry
from archiver.ledger.checkpoint import encode_base64, open_checkpoint
from archiver.ledger.cosignature import cosignatures
from archiver.ledger.head import Bundle, Head
from archiver.ledger.proof import Proof
from archiver.ledger.rehash import Rehash, sha512_root
from archiver.ledger.signed import open_batch
from archiver.ledger.tiles import parse_bundle, parse_tile
from archiver.ledger.tree import EMPTY_ROOT, leaf_hash, node_hash
from archiver.registry.acts import Act
from archiver.registry.verifying import VERIFIED
from tests.attacks.witness import WITNESS
from tests.flows.helpers import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from archiver.ledger.batch import Batch

__all__ = ["NAMED", "Canonical"]

COMMITMENT = "commitment under a dead salt"
DIGEST = "digest over a dead nonce"
TREE = "tree hash over these"
SIGNATURE = "signature over these"
SIZE = "size blurred by padding"
CLOSED = "closed hash under a dead salt"
NAMED = {COMMITMENT, DIGEST, TREE, SIGNATURE, SIZE, CLOSED}
"""All that may differ between two worlds."""

_OF_THIS_MACHINE = ("/lock", "/place")
"""Files of a spool that hold a process id and an inode."""
_KEPT = 32
"""Bytes of the digest before a cache of the home."""


class Canonical:
    """Names what a world's values are of. ``used``: which names were needed, how often.

    Args:
        entries: of the whole ledger.
        dead: indexes of destroyed observations.
        old: all objects that were there before.
        files: SHA-256 (hex) of each file that held something of them -> its key.
    """

    def __init__(
        self,
        entries: Sequence[bytes],
        dead: Collection[int],
        old: Mapping[str, bytes],
        files: Mapping[str, str],
    ) -> None:
        self.used: Counter[str] = Counter()
        self._entries, self._dead, self._files = list(entries), frozenset(dead), files
        self._old = old
        assert all(sha256(old[key]).hexdigest() == digest for digest, key in files.items())
        self._anchors = {
            sha256(data).hexdigest(): key for key, data in old.items() if key.startswith(ANCHORS)
        }
        self._commitments = {entries[n][1:].hex(): n for n in dead}
        self._leaves = [leaf_hash(one) for one in entries]
        self._touched = self._find_touched()
        self._tree: dict[bytes, str] = {}
        self._subtrees: dict[tuple[int, int], bytes] = {}
        for size in range(1, len(entries) + 1):
            self._name_subtrees(0, size)

    # ── What values are of ───────────────────────────────────────────────────────────────
    def _find_touched(self) -> list[bool]:
        """Return which entries hold something dead; acts name such an entry by its leaf hash."""
        told, touched = {one.encode() for one in (*self._files, *self._anchors)}, list[bool]()
        for index, whole in enumerate(self._entries):
            dead = index in self._dead
            touched.append(dead or any(one in whole for one in told))
            if not dead and (touched[-1] or self._is_signed_over(whole, touched)):
                touched[-1] = True
                told.add(self._leaves[index].hex().encode())
        return touched

    @staticmethod
    def _is_signed_over(whole: bytes, touched: Sequence[bool]) -> bool:
        """Tell whether an entry is an act that names the root of a log with something dead."""
        parsed = entry.parse(whole)
        body = parsed.body if isinstance(parsed, entry.Control) else {}
        statement = body.get("statement", {})
        return "root" in statement and any(touched[: int(statement["size"])])

    def _name_subtrees(self, first: int, end: int) -> bytes:
        if (first, end) not in self._subtrees:
            if end - first == 1:
                found = self._leaves[first]
            else:
                middle = first + (1 << (end - first - 1).bit_length() - 1)
                found = node_hash(
                    self._name_subtrees(first, middle), self._name_subtrees(middle, end)
                )
            self._subtrees[first, end] = found
            if any(self._touched[first:end]):
                self._tree[found] = f"{TREE}: {first} to {end}"
        return self._subtrees[first, end]

    def _use(self, kind: str, detail: object = "") -> str:
        self.used[kind] += 1
        return f"<{kind} {detail}>"

    def tree(self, value: bytes) -> object:
        """Return a tree hash, or its name where it is over something dead."""
        if value in self._tree:
            return self._use(TREE, self._tree[value])
        assert value in self._subtrees.values() or value == EMPTY_ROOT
        return value

    def body(self, value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """Return a control entry with the digests of removed files named, where objects stand."""
        if isinstance(value, dict) and isinstance(value.get("statement"), dict):
            return self._act(value)
        if isinstance(value, dict):
            return {key: self.body(one, name=key if name != "objects" else name)
                    for key, one in value.items()}  # fmt: skip
        if isinstance(value, list):
            return [self.body(one) for one in value]
        if name == "objects" and value in self._files:
            return self._use(DIGEST, self._files[value])
        if name == "sha256" and value in self._anchors:  # which is compared itself
            return self._use(DIGEST, self._anchors[value])
        return value

    def _act(self, body: Mapping[str, Any]) -> object:
        """Return an act of people, its signatures checked.

        Who verified names a superseding seal by its leaf hash, who orders and begins the log by
        its root.
        """
        act = Act.of({name: body[name] for name in ("statement", "signatures")})
        assert act.signers(verifies)
        statement = dict(act.statement)
        if body["t"] == VERIFIED:
            assert statement["entry"] == self._leaves[int(statement["seal"])].hex()
        for name in statement.keys() & {"entry", "root"}:
            statement[name] = self.tree(bytes.fromhex(statement[name]))
        if not any(
            str(statement[name]).startswith("<") for name in ("entry", "root") if name in statement
        ):
            return body
        signed = [(one.key, self._use(SIGNATURE)) for one in act.signatures]
        return {**body, "statement": statement, "signatures": signed}

    def entry(self, index: int, data: bytes) -> object:
        """Return an entry; the one of a destroyed observation is its commitment alone."""
        assert data == self._entries[index]
        parsed = entry.parse(data)
        if isinstance(parsed, entry.Control):
            return self.body(parsed.body)
        return self._use(COMMITMENT, index) if index in self._dead else data

    # ── Formats ──────────────────────────────────────────────────────────────────────────
    def stored(self, key: str, data: bytes) -> tuple[str, object]:
        """Return key and content of an object of the archive."""
        if key.startswith(ENTRY_BUNDLES):
            first = 256 * int(key.removeprefix(ENTRY_BUNDLES).partition(".p/")[0])
            return key, [self.entry(n, one) for n, one in enumerate(parse_bundle(data), first)]
        if key.startswith(STAGING):
            return self._staged(key), self.staged(key, data)
        readers: dict[str, Callable[[bytes], object]] = {
            TILES: lambda data: [self.tree(one) for one in parse_tile(data)],
            CHECKPOINT: self.note,  # also the daily ones
            HEAD: self.head,
            ANCHORS: self.anchor,
        }
        reader = next((one for start, one in readers.items() if key.startswith(start)), None)
        return key, reader(data) if reader else data

    def _staged(self, key: str) -> str:
        size, _, digest = key.removeprefix(STAGING).partition("-")
        assert len(digest) == 64
        return f"{STAGING}{size}-{self._use(DIGEST, 'of the staged bundle')}"

    def head(self, data: bytes) -> object:
        """Return a head, as it stands in the store and in the home."""
        one = Head.decode(data)
        return one.size, self.tree(one.root), self._staged(one.staging)

    def staged(self, key: str, data: bytes) -> object:
        """Return a staged bundle: frontier and signed batches."""
        assert key.endswith(sha256(data).hexdigest())
        one = Bundle.decode(data, key)
        hashes = [self.tree(each) for each in one.frontier.hashes]
        return one.frontier.size, hashes, [self.batch(each) for each in one.batches]

    def batch(self, data: bytes) -> object:
        """Return a signed batch, its signature verified."""
        one: Batch = open_batch(data, IDENTITY.keys)
        made = [
            self._use(COMMITMENT, self._commitments[each.hex()])
            if each.hex() in self._commitments
            else each
            for each in one.commitments
        ]
        rest = self.body(list(one.controls))
        return one.id, made, rest, self._use(SIGNATURE)

    def note(self, data: bytes) -> object:
        """Return a checkpoint, its signature verified."""
        opened = open_checkpoint(data, IDENTITY.keys)
        body, _, lines = data.partition(b"\n\n")
        assert body + b"\n" == opened.body()
        names = [line.split(b" ")[1] for line in lines.splitlines()]
        return opened.origin, opened.size, self.tree(opened.root), names, self._use(SIGNATURE)

    def anchor(self, data: bytes) -> object:
        """Return a cosigned checkpoint, or a second hash over everything."""
        if not data.startswith(b"civic-archive/rehash/"):
            assert len(cosignatures(data, WITNESS)) == 1
            return self.note(data)
        one = Rehash.decode(data)
        assert one.root == sha512_root(self._entries[: one.size])
        files = {
            key: self._use(DIGEST, key) if key in self._files.values() else digest
            for key, digest in one.files.items()
        }
        for key in files.keys() & self._old.keys():
            assert one.files[key] == sha512(self._old[key]).hexdigest()
        return one.origin, one.size, self._use(TREE, one.size), files

    def home(self, name: str, data: bytes) -> object:
        """Return the content of a file of the home."""
        readers: dict[str, Callable[[bytes], object]] = {
            "trust/staged": self.head,
            "trust/checkpoint": self.note,
            "trust/signed": self._signed,
            "cache/ledger/": self._folded,
            "cache/verified/": self._verified,
        }
        reader = next((one for start, one in readers.items() if name.startswith(start)), None)
        if name.endswith(_OF_THIS_MACHINE):
            return None
        return reader(data) if reader else data

    def _signed(self, data: bytes) -> object:
        origin, size, root, end = data.decode().split("\n")
        return origin, size, self._by_text(root), end

    def _folded(self, data: bytes) -> object:
        size, hashes, controls = msgspec.msgpack.decode(data[_KEPT:])
        made = [self.tree(one) for one in hashes]
        return size, made, [(n, self.body(body)) for n, body in controls]

    def _verified(self, data: bytes) -> object:
        return self.status(json.loads(data[_KEPT:]))

    def _by_text(self, text: str) -> object:
        found = [one for one in self._subtrees.values() if encode_base64(one) == text]
        assert found
        return self.tree(found[0])

    # ── What was noted before ────────────────────────────────────────────────────────────
    def listed(self, key: str, data: bytes) -> tuple[object, ...]:
        """Return what an earlier listing has of an object: name, size, SHA-256, ETag."""
        digest = sha256(data).hexdigest()
        tag = md5(data, usedforsecurity=False).hexdigest()
        if digest in self._files:
            return key, self._use(SIZE, key), self._use(DIGEST, key), self._use(DIGEST, "ETag")
        before = self.used.total()
        name, content = self.stored(key, data)
        if self.used.total() > before:  # its digests are over what stands for dead things
            return name, len(data), content
        return key, len(data), digest, tag

    def proof(self, document: Mapping[str, Any], *, dead: bool) -> object:
        """Return a proof; the closed hashes of a destroyed record's are under a dead salt."""
        text = document["tlog_proof"].encode()
        one = Proof.parse(text)
        told = [self.tree(each) for each in one.path]
        trees = {name: document[name] for name in ("source", "context", "fields")}
        if dead:
            trees = {name: self._closed(each) for name, each in trees.items()}
        return document["record"], one.index, told, self.note(one.note), trees

    def status(self, document: Mapping[str, Any]) -> object:
        """Return what has a root among other things, as what `archiver status` prints."""
        return {**document, "root": self.tree(bytes.fromhex(document["root"]))}

    def merged(self, document: Mapping[str, Any]) -> object:
        """Return what a compaction told; its bytes are those of the files that it made."""
        return {k: self._use(SIZE, k) if k == "bytes" else one for k, one in document.items()}

    def _closed(self, value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, dict):
            return {key: self._closed(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self._closed(one, name) for one in value]
        return self._use(CLOSED) if name in ("closed", "root") else value
