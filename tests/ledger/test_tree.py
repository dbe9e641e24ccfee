"""The Merkle tree against RFC 6962: its definitions, its published vectors, its enemies."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError, IntegrityError, UsageError
from archiver.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    memory_reader,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger import rfc6962_reference as rfc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 70  # past 64: seven levels, and a last leaf that stands alone on most of them
ENTRIES = rfc.entries(LIMIT)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [rfc.mth(ENTRIES[:size]) for size in range(LIMIT + 1)]
READ = memory_reader(LEAVES)

# The roots over the eight reference entries of Certificate Transparency implementations.
CT_ENTRIES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    bytes(range(96, 112)).hex(),
)
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def flip(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit changed; the bit number wraps around."""
    at, mask = bit // 8 % len(data), 1 << bit % 8
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def holds(verify: Any, *arguments: Any) -> bool:  # noqa: ANN401 - any of the two verifiers
    """Tell whether a verifier accepts; anything but acceptance and refusal is an error."""
    try:
        verify(*arguments)
    except IntegrityError:
        return False
    return True


def wrong_paths(path: list[bytes]) -> Iterator[list[bytes]]:
    """Yield paths that are like ``path`` but not it: longer, shorter, reordered, reshaped."""
    yield [*path, EMPTY_ROOT]
    yield [EMPTY_ROOT, *path]
    for at, (item, following) in enumerate(pairwise(path)):
        if item != following:
            yield [*path[:at], following, item, *path[at + 2 :]]
    for at in range(len(path)):
        yield [*path[:at], *path[at + 1 :]]
        yield [*path[:at], path[at], *path[at:]]
        yield [*path[:at], b"", *path[at + 1 :]]
        yield [*path[:at], path[at] + b"\x00", *path[at + 1 :]]


def test_reference_roots() -> None:
    """The roots over the reference entries are the published ones."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in CT_ENTRIES]
    assert [root(leaves[:size]).hex() for size in range(9)] == CT_ROOTS


def test_every_root_is_the_definition() -> None:
    """The root of each size is the Merkle tree hash as RFC 6962 defines it."""
    assert [root(LEAVES[:size]) for size in range(LIMIT + 1)] == ROOTS


def test_every_inclusion_path_is_the_definition_and_verifies() -> None:
    """Each leaf of each size has the audit path of RFC 6962, and it verifies."""
    for size in range(1, LIMIT + 1):
        for index in range(size):
            path = inclusion_path(index, size, READ)
            assert path == rfc.path(index, ENTRIES[:size])
            verify_inclusion(index, size, LEAVES[index], path, ROOTS[size])


def test_every_consistency_path_is_the_definition_and_verifies() -> None:
    """Each pair of sizes has the proof of RFC 6962, and it verifies."""
    for size2 in range(1, LIMIT + 1):
        for size1 in range(1, size2 + 1):
            path = consistency_path(size1, size2, READ)
            assert path == rfc.proof(size1, ENTRIES[:size2])
            verify_consistency(size1, size2, path, ROOTS[size1], ROOTS[size2])


def test_no_inclusion_proof_fits_elsewhere() -> None:
    """A proof holds for no other index, no smaller or larger tree whose root it is not."""
    for size in range(1, 20):
        for index in range(size):
            path = inclusion_path(index, size, READ)
            fits = {
                (i, n)
                for n in range(size + 3)
                for i in range(-1, size + 3)
                if holds(verify_inclusion, i, n, LEAVES[index], path, ROOTS[n])
            }
            assert fits == {(index, size)}


def test_no_consistency_proof_fits_elsewhere() -> None:
    """A proof holds for no other pair of sizes."""
    for size2 in range(2, 18):
        for size1 in range(1, size2):
            path = consistency_path(size1, size2, READ)
            fits = {
                (m, n)
                for n in range(size2 + 3)
                for m in range(-1, size2 + 3)
                if holds(verify_consistency, m, n, path, ROOTS[m], ROOTS[n])
            }
            assert fits == {(size1, size2)}


@given(st.data())
def test_changed_inclusion_proofs_fail(data: st.DataObject) -> None:
    """One flipped bit in leaf, root or path, or a path of another shape, is refused."""
    size = data.draw(st.integers(1, LIMIT))
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 32 * 8 * 8))
    leaf, path, expected = LEAVES[index], inclusion_path(index, size, READ), ROOTS[size]
    assert not holds(verify_inclusion, index, size, flip(leaf, bit), path, expected)
    assert not holds(verify_inclusion, index, size, leaf, path, flip(expected, bit))
    assert not holds(verify_inclusion, index, size, leaf + b"\x00", path, expected)
    for at, item in enumerate(path):
        changed = [*path[:at], flip(item, bit), *path[at + 1 :]]
        assert not holds(verify_inclusion, index, size, leaf, changed, expected)
    for wrong in wrong_paths(path):
        assert not holds(verify_inclusion, index, size, leaf, wrong, expected)


@given(st.data())
def test_changed_consistency_proofs_fail(data: st.DataObject) -> None:
    """One flipped bit in a root or the path, or a path of another shape, is refused."""
    size2 = data.draw(st.integers(1, LIMIT))
    size1 = data.draw(st.integers(1, size2))
    bit = data.draw(st.integers(0, 32 * 8 * 8))
    path, old, new = consistency_path(size1, size2, READ), ROOTS[size1], ROOTS[size2]
    assert not holds(verify_consistency, size1, size2, path, flip(old, bit), new)
    assert not holds(verify_consistency, size1, size2, path, old, flip(new, bit))
    for at, item in enumerate(path):
        changed = [*path[:at], flip(item, bit), *path[at + 1 :]]
        assert not holds(verify_consistency, size1, size2, changed, old, new)
    for wrong in wrong_paths(path):
        assert not holds(verify_consistency, size1, size2, wrong, old, new)


def test_hashes_of_other_lengths_cannot_stand_in() -> None:
    """Moving a byte from one child to the other, which hashes the same, is refused."""
    left, right = LEAVES[0], LEAVES[1]
    longer, shorter = left + right[:1], right[1:]
    assert node_hash(longer, shorter) == node_hash(left, right)
    assert not holds(verify_inclusion, 1, 2, shorter, [longer], node_hash(left, right))


def test_a_path_beyond_the_root_is_refused() -> None:
    """A log can't present a larger tree's root for a small size by adding hashes above it."""
    above = node_hash(LEAVES[1], LEAVES[0])
    assert holds(verify_inclusion, 1, 2, LEAVES[0], [LEAVES[1]], above)
    assert not holds(verify_inclusion, 0, 1, LEAVES[0], [LEAVES[1]], above)


def test_one_size_has_one_root() -> None:
    """Two roots for one size are refused, and so is a path between equal sizes."""
    assert holds(verify_consistency, 5, 5, [], ROOTS[5], ROOTS[5])
    assert not holds(verify_consistency, 5, 5, [], ROOTS[5], ROOTS[6])
    assert not holds(verify_consistency, 5, 5, [ROOTS[5]], ROOTS[5], ROOTS[5])


def test_the_empty_tree_proves_nothing() -> None:
    """A consistency proof from size 0 is refused, whatever it carries."""
    for path in ([], [ROOTS[1]]):
        assert not holds(verify_consistency, 0, 1, path, EMPTY_ROOT, ROOTS[1])
    assert not holds(verify_consistency, 0, 0, [], EMPTY_ROOT, EMPTY_ROOT)


def test_a_refusal_says_what_and_where() -> None:
    """The error names the reason, the leaf and the tree, and how to mend it."""
    with pytest.raises(IntegrityError) as caught:
        verify_inclusion(3, 7, LEAVES[3], [], ROOTS[7])
    assert caught.value.message == "the proof is too short"
    assert caught.value.where == "leaf 3 of a tree of 7"
    assert caught.value.mend


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_path_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """Asking for the path of a leaf outside the tree is a usage error."""
    with pytest.raises(UsageError):
        inclusion_path(index, size, READ)


@pytest.mark.parametrize(("size1", "size2"), [(0, 3), (4, 3), (-1, 3)])
def test_no_path_between_impossible_sizes(size1: int, size2: int) -> None:
    """Asking for a consistency proof from nothing, or backwards, is a usage error."""
    with pytest.raises(UsageError):
        consistency_path(size1, size2, READ)


@pytest.mark.parametrize(("level", "index"), [(0, LIMIT), (6, 1), (7, 0), (-1, 0), (0, -1)])
def test_memory_reader_has_complete_subtrees_only(level: int, index: int) -> None:
    """A subtree that reaches beyond the last leaf has no hash to read."""
    with pytest.raises(UsageError):
        READ(level, index)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_frontier_gives_the_root_for_any_split(batches: list[int]) -> None:
    """Adding leaves in any batches leads to the frontier and root of adding them at once."""
    leaves = [leaf_hash(bytes([number % 256])) for number in range(sum(batches))]
    frontier, done = Frontier.empty(), 0
    for count in batches:
        frontier = frontier.extend(leaves[done : done + count])
        done += count
        assert frontier.size == done
        assert frontier.root() == root(leaves[:done])
    assert frontier == Frontier.empty().extend(leaves)
    assert frontier == Frontier.at(done, memory_reader(leaves))


def test_frontier_of_every_size_is_made_of_complete_subtrees() -> None:
    """The hashes are the roots of the subtrees in the binary form of the size, in order."""
    for size in range(LIMIT + 1):
        expected, start = [], 0
        for level in reversed(range(8)):
            if size >> level & 1:
                expected.append(rfc.mth(ENTRIES[start : start + (1 << level)]))
                start += 1 << level
        frontier = Frontier.empty().extend(LEAVES[:size])
        assert frontier.hashes == tuple(expected)
        assert frontier.root() == ROOTS[size]


@given(st.integers(0, LIMIT))
def test_frontier_survives_json(size: int) -> None:
    """A frontier read back from JSON text is the one that was written."""
    frontier = Frontier.empty().extend(LEAVES[:size])
    assert Frontier.from_json(json.loads(json.dumps(frontier.to_json()))) == frontier


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"size": 0},
        {"size": 1, "hashes": []},
        {"size": 0, "hashes": ["00" * 32]},
        {"size": -1, "hashes": []},
        {"size": True, "hashes": ["00" * 32]},
        {"size": 1.0, "hashes": ["00" * 32]},
        {"size": 1, "hashes": "00" * 32},
        {"size": 1, "hashes": ["00" * 31]},
        {"size": 1, "hashes": ["AA" * 32]},
        {"size": 1, "hashes": ["0 " * 32]},
        {"size": 1, "hashes": [None]},
        {"size": 1, "hashes": ["00" * 32], "more": 1},
    ],
)
def test_ill_formed_json_frontiers_are_refused(value: object) -> None:
    """Anything that `to_json` would not have written is a format error."""
    with pytest.raises(FormatError):
        Frontier.from_json(value)


def test_frontier_takes_hashes_only() -> None:
    """A leaf hash that is not 32 bytes is refused, also deep inside a batch."""
    with pytest.raises(FormatError):
        Frontier.empty().extend([*LEAVES[:3], b"short", *LEAVES[3:]])
    with pytest.raises(FormatError):
        Frontier(1, (b"short",))


def case_files(shared_data: Path, kind: str, count: int) -> list[dict[str, Any]]:
    """Return the published cases of a kind."""
    folder = shared_data / "vectors" / "merkle" / "testdata" / kind
    cases = [json.loads(file.read_bytes()) for file in sorted(folder.rglob("*.json"))]
    assert len(cases) == count
    return cases


def decoded(case: dict[str, Any], *names: str) -> list[bytes]:
    """Return base64 values of a case."""
    return [base64.b64decode(case[name] or "") for name in names]


def proof_of(case: dict[str, Any]) -> list[bytes]:
    """Return the hashes of a case's proof."""
    return [base64.b64decode(text) for text in case["proof"] or []]


def test_published_inclusion_vectors(shared_data: Path) -> None:
    """All 98 published inclusion cases are judged as published."""
    for case in case_files(shared_data, "inclusion", 98):
        leaf, expected = decoded(case, "leafHash", "root")
        where = case["leafIdx"], case["treeSize"]
        assert holds(verify_inclusion, *where, leaf, proof_of(case), expected) != case["wantErr"]


def test_published_consistency_vectors(shared_data: Path) -> None:
    """All 98 published consistency cases are judged as published."""
    for case in case_files(shared_data, "consistency", 98):
        roots = decoded(case, "root1", "root2")
        sizes = case["size1"], case["size2"]
        assert holds(verify_consistency, *sizes, proof_of(case), *roots) != case["wantErr"]


def valid_subtree(start: int, end: int) -> bool:
    """Tell whether leaves start to end are a subtree of the tree they are in."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def test_published_subtree_inclusion_vectors(shared_data: Path) -> None:
    """A subtree is a tree of its own: the published cases on valid subtrees hold for it."""
    judged = 0
    for case in case_files(shared_data, "subtreeinclusion", 204):
        start, end = case["start"], case["end"]
        if not valid_subtree(start, end):
            continue
        leaf, expected = decoded(case, "leafHash", "root")
        where = case["leafIdx"] - start, end - start
        assert holds(verify_inclusion, *where, leaf, proof_of(case), expected) != case["wantErr"]
        judged += 1
    assert judged == 185


def test_published_subtree_consistency_vectors(shared_data: Path) -> None:
    """A subtree at the start is an older tree: the published cases on those hold for it."""
    judged = 0
    for case in case_files(shared_data, "subtreeconsistency", 118):
        if case["start"] or not case["end"]:
            continue  # not an older tree: nothing here proves such subtrees
        roots = decoded(case, "root1", "root2")
        sizes = case["end"], case["size"]
        assert holds(verify_consistency, *sizes, proof_of(case), *roots) != case["wantErr"]
        judged += 1
    assert judged == 91
