"""The Merkle tree of RFC 6962 §2.1 with SHA-256: roots, frontiers, proofs.

A *complete subtree* (level, index) is the one over the ``2**level`` leaves that start
at leaf ``index * 2**level``. Functions that make proofs read the hashes of complete
subtrees through a `ReadHash`, so that tiles or lists in memory can stand behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from archiver.errors import FormatError, IntegrityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Frontier",
    "ReadHash",
    "consistency_path",
    "inclusion_path",
    "leaf_hash",
    "memory_reader",
    "node_hash",
    "pair_up",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

_REBUILD = "rebuild the frontier from the tiles of the log"
_HEX = re.compile("[0-9a-f]{64}")
_AGAIN = "take the proof from the log again; if it still fails, the proof or the log was altered"


ReadHash: TypeAlias = "Callable[[int, int], bytes]"
"""Gives the hash (32 bytes) of a complete subtree, by its level and index."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf, ``SHA-256(0x00 ‖ entry)`` (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, ``SHA-256(0x01 ‖ left ‖ right)`` (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def pair_up(nodes: Sequence[bytes]) -> list[bytes]:
    """Return the level above ``nodes``; an odd last node has no parent there."""
    row = iter(nodes)
    # Inlined `node_hash`: a call per node costs a third more time.
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(row, row, strict=False)]


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over leaves that are hashed already (RFC 6962 §2.1)."""
    return Frontier.empty().extend(leaf_hashes).root()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The compact range of a tree: the roots of the complete subtrees it falls into.

    ``hashes`` has one 32-byte hash for each 1 in the binary form of ``size``, largest
    subtree first. It is all that is needed to add leaves and to know the root. Raises
    `FormatError` where size and hashes do not belong together.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a frontier that no tree has."""
        fits = self.size >= 0 and len(self.hashes) == self.size.bit_count()
        if not fits or not _all_hashes(self.hashes):
            where = f"tree of {self.size} leaves, {len(self.hashes)} hashes"
            raise FormatError("hashes and size of a frontier disagree", where=where, mend=_REBUILD)

    @classmethod
    def empty(cls) -> Frontier:
        """Return the frontier of the tree without leaves."""
        return cls(0, ())

    @classmethod
    def at(cls, size: int, read: ReadHash) -> Frontier:
        """Return the frontier of the tree of ``size`` leaves, its hashes taken from ``read``."""
        return cls(size, tuple(read(level, index) for level, index in _subtrees(0, size)))

    @classmethod
    def from_json(cls, value: object) -> Frontier:
        """Return the frontier that `to_json` wrote. Raises `FormatError`."""
        if isinstance(value, dict) and value.keys() == {"size", "hashes"}:
            size, hashes = value["size"], value["hashes"]
            if type(size) is int and _are_hex(hashes):
                return cls(size, tuple(bytes.fromhex(text) for text in hashes))
        where = str(value)[:200]
        raise FormatError("not the JSON form of a frontier", where=where, mend=_REBUILD)

    def to_json(self) -> dict[str, object]:
        """Return ``{"size": int, "hashes": [lower-case hexadecimal, …]}``."""
        return {"size": self.size, "hashes": [item.hex() for item in self.hashes]}

    def extend(self, leaf_hashes: Sequence[bytes]) -> Frontier:
        """Return the frontier after adding leaves, hashing whole levels at a time.

        Raises `FormatError` where a leaf hash is not 32 bytes.
        """
        if not _all_hashes(leaf_hashes):
            raise FormatError("a leaf hash is not 32 bytes", where=f"after leaf {self.size}")
        old, kept = list(self.hashes), list[bytes]()
        nodes, level = list(leaf_hashes), 0
        while nodes or self.size >> level:
            if self.size >> level & 1:
                nodes.insert(0, old.pop())
            if len(nodes) & 1:
                kept.append(nodes[-1])
            nodes = pair_up(nodes)
            level += 1
        return Frontier(self.size + len(leaf_hashes), tuple(reversed(kept)))

    def root(self) -> bytes:
        """Return the Merkle tree hash (RFC 6962 §2.1), 32 bytes."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def memory_reader(leaf_hashes: Sequence[bytes]) -> ReadHash:
    """Return a reader over leaves in memory; it raises `UsageError` for incomplete subtrees."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(pair_up(levels[-1]))

    def read(level: int, index: int, /) -> bytes:
        if not (0 <= level < len(levels) and 0 <= index < len(levels[level])):
            where = f"subtree {index} at level {level}, tree of {len(leaf_hashes)} leaves"
            raise UsageError("no such complete subtree", where=where)
        return levels[level][index]

    return read


def inclusion_path(index: int, size: int, read: ReadHash) -> list[bytes]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` (RFC 6962 §2.1.1).

    Hashes of 32 bytes, from the leaf's sibling to the root's child. Raises `UsageError`
    where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise UsageError("the tree has no such leaf", where=f"leaf {index} of a tree of {size}")
    path, _ = _descend(index, size, 0, read)
    return path[::-1]


def consistency_path(size1: int, size2: int, read: ReadHash) -> list[bytes]:
    """Return the proof that the tree of ``size2`` extends that of ``size1`` (RFC 6962 §2.1.2).

    Empty where the sizes are equal. Raises `UsageError` unless 0 < size1 <= size2: the
    empty tree has nothing to prove.
    """
    if not 0 < size1 <= size2:
        raise UsageError("no proof between these sizes", where=f"trees of {size1} and {size2}")
    path, start = _descend(size1 - 1, size2, size1, read)
    if start:  # the old tree is no subtree of its own: its last part is needed too
        path.append(_range_hash(start, size1, read))
    return path[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], expected: bytes
) -> None:
    """Check that ``leaf``, a leaf hash, stands at ``index`` in the tree of ``size``.

    Method of RFC 9162 §2.1.3.2. ``expected`` is the tree's root. Raises `IntegrityError`.
    """
    where = f"leaf {index} of a tree of {size}"
    _require(0 <= index < size, "the tree has no such leaf", where)
    _require(_all_hashes((leaf, expected, *path)), "a hash is not 32 bytes", where)
    computed = leaf
    for sibling, left in zip(path, _sides(index, size - 1, len(path), where), strict=True):
        computed = node_hash(sibling, computed) if left else node_hash(computed, sibling)
    _require(computed == expected, "the inclusion proof leads to another root", where)


def verify_consistency(
    size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Check that the tree of ``size2`` only added leaves to the tree of ``size1``.

    Method of RFC 9162 §2.1.4.2. An old size of 0 is refused: the empty tree binds
    nothing. Raises `IntegrityError`.
    """
    where = f"trees of {size1} and {size2}"
    _require(0 < size1 <= size2, "no proof can connect these sizes", where)
    if size1 == size2:
        _require(not path, "the proof is too long", where)
        _require(root1 == root2, "two roots for one size: the log was forked", where)
        return
    _require(_all_hashes((root1, root2, *path)), "a hash is not 32 bytes", where)
    _require(bool(path), "the proof is too short", where)
    # A complete old tree is its own first step, so the proof leaves it out.
    first, *rest = path if size1 & (size1 - 1) else (root1, *path)
    shift = _trailing_zeros(size1)
    old = new = first
    sides = _sides((size1 >> shift) - 1, (size2 - 1) >> shift, len(rest), where)
    for sibling, left in zip(rest, sides, strict=True):
        old = node_hash(sibling, old) if left else old
        new = node_hash(sibling, new) if left else node_hash(new, sibling)
    _require(old == root1, "the consistency proof does not lead to the old root", where)
    _require(new == root2, "the consistency proof does not lead to the new root", where)


def _descend(leaf: int, size: int, stop: int, read: ReadHash) -> tuple[list[bytes], int]:
    """Return the sibling hashes from the root down towards a leaf, and where that ended.

    That is the leaf, or the first subtree on the way that ends before leaf ``stop``; the
    number returned is its first leaf.
    """
    path, start, end = list[bytes](), 0, size
    while end - start > 1 and end != stop:
        middle = start + (1 << (end - start - 1).bit_length() - 1)  # start + k of RFC 6962
        if leaf < middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    return path, start


def _sides(node: int, last: int, count: int, where: str) -> list[bool]:
    """Return for each of ``count`` siblings on the way up whether it stands on the left.

    ``node`` and ``last`` are the indexes, on one level, of the node to start at and of
    the level's last node. Raises `IntegrityError` where the way has another length.
    """
    sides = list[bool]()
    for _ in range(count):
        _require(last > 0, "the proof is too long", where)
        left = bool(node & 1) or node == last
        # On the left, an even node is the last: it goes up alone until it has a sibling.
        shift = 1 + (_trailing_zeros(node) if left else 0)
        node, last = node >> shift, last >> shift
        sides.append(left)
    _require(last == 0, "the proof is too short", where)
    return sides


def _require(condition: bool, message: str, where: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise IntegrityError(message, where=where, mend=_AGAIN)


def _are_hex(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(
        isinstance(text, str) and _HEX.fullmatch(text) for text in value
    )


def _all_hashes(hashes: Sequence[bytes]) -> bool:
    """Tell whether all are 32 bytes: with other lengths two nodes could share one hash."""
    return set(map(len, hashes)) <= {HASH_SIZE}


def _trailing_zeros(number: int) -> int:
    """Return how many 0 bits end ``number``; 0 for 0."""
    return max((number & -number).bit_length() - 1, 0)


def _subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the complete subtrees of leaves start to end, largest first.

    ``start`` is a multiple of the largest of them, as it is in every split of RFC 6962.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over adjacent subtrees that grow smaller to the right."""
    computed = hashes[-1]
    for left in reversed(hashes[:-1]):
        computed = node_hash(left, computed)
    return computed


def _range_hash(start: int, end: int, read: ReadHash) -> bytes:
    """Return the Merkle tree hash over leaves start to end."""
    return _fold([read(level, index) for level, index in _subtrees(start, end)])
