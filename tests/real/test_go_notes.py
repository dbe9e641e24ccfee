"""Trees, tiles and notes against the Go reference (golang.org/x/mod), case by case.

Valid and spoilt ones, in both directions. Where ours refuses what Go takes, it must be for
the one reason that `archiver.ledger.checkpoint` names: base64 in a second spelling.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import random
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.edges.signer import FileSigner
from archiver.errors import FormatError, IntegrityError
from archiver.formats.notekey import encode_signer_key
from archiver.layout import TILES
from archiver.ledger.checkpoint import Checkpoint, open_note, sign_note, split_note
from archiver.ledger.tiles import encode_tile, new_tiles, tile_hashes
from archiver.ledger.tree import (
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    memory_reader,
    verify_consistency,
    verify_inclusion,
)
from tests.real.packages import need, program, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = [pytest.mark.real, pytest.mark.more]

PACKAGES = ("golang-go", "golang-golang-x-mod-dev")
SIZE = 700
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(SIZE)]
READ = memory_reader(LEAVES)
ROOTS = [Frontier.at(size, READ).root() for size in range(SIZE + 1)]
PROOFS, NOTES = 45_000, 10_000


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, compiled."""
    need(PACKAGES, ("go",))
    folder = tmp_path_factory.mktemp("oracle")
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
    }
    source = Path(__file__).parent / "go" / "oracle.go"
    run(program("go"), "build", "-o", folder / "oracle", source, env=env)
    return folder / "oracle"


@dataclass(slots=True)
class Cases:
    """Questions to both, and what ours says: "no", or "yes" with what it found."""

    questions: list[dict[str, Any]] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)

    def add(self, ours: Callable[[], str], **question: object) -> None:
        """Add a case."""
        try:
            said = f"yes {ours()}"
        except (FormatError, IntegrityError):
            said = "no"
        self.say(said, **question)

    def say(self, said: str, **question: object) -> None:
        """Add a case of which ours is known."""
        self.questions.append(question)
        self.ours.append(said)

    def disagreements(self, oracle: Path) -> list[tuple[dict[str, Any], str, str]]:
        """Return the questions on which the two differ, with both answers."""
        asked = "\n".join(json.dumps(one) for one in self.questions)
        theirs = run(oracle, stdin=asked.encode()).decode().splitlines()
        assert len(theirs) == len(self.ours)
        both = zip(self.questions, self.ours, theirs, strict=True)
        return [one for one in both if one[1] != one[2]]


def with_tree() -> Cases:
    """Return cases that begin with the tree."""
    cases = Cases()
    cases.add(str, Ask="tree", Leaves=[encoded(one) for one in LEAVES])
    return cases


def encoded(data: bytes) -> str:
    """Return base64, as Go's JSON has it."""
    return base64.b64encode(data).decode()


def joined(path: Sequence[bytes]) -> str:
    """Return hashes as the oracle spells them."""
    return " ".join(map(encoded, path))


def test_the_same_roots_tiles_and_proofs_are_made(oracle: Path) -> None:
    """For every size: root and tiles; for many places: the paths, hash for hash."""
    cases, chance = with_tree(), random.Random(1)
    for size in range(1, SIZE + 1):
        cases.say(f"yes {encoded(ROOTS[size])}", Ask="root", New=size)
        if size % 7 == 0 or size > SIZE - 10:
            cases.say(f"yes {_tiles(size)}", Ask="tiles", New=size)
        for _ in range(10):
            index, old = chance.randrange(size), chance.randrange(1, size + 1)
            path = inclusion_path(index, size, READ)
            cases.say(f"yes {joined(path)}", Ask="prove inclusion", Old=index, New=size)
            path = consistency_path(old, size, READ)
            cases.say(f"yes {joined(path)}", Ask="prove consistency", Old=old, New=size)
    assert cases.disagreements(oracle) == []
    assert len(cases.ours) > 14_000


def _tiles(size: int) -> str:
    """Return the digest over all tiles of a tree, and their names as Go has them."""
    digest, names = sha256(), []
    read = memory_reader(LEAVES[:size])
    for tile in new_tiles(0, size):
        names.append(f"tile/8/{tile.key.removeprefix(TILES)}")
        digest.update(encode_tile(tile_hashes(tile, read)))
    return " ".join([digest.hexdigest(), *names])


def test_the_same_proofs_are_believed(oracle: Path) -> None:
    """Proofs of inclusion and consistency, good and spoilt in every part."""
    cases, chance = with_tree(), random.Random(2)
    while len(cases.ours) < 2 * PROOFS:
        size = chance.randrange(1, SIZE + 1)
        index = chance.randrange(size)
        path = inclusion_path(index, size, READ)
        _included(cases, *spoilt(chance, path, index, size, LEAVES[index], ROOTS[size]))
        old = chance.randrange(1, size + 1)
        path = consistency_path(old, size, READ)
        _consistent(cases, *spoilt(chance, path, old, size, ROOTS[old], ROOTS[size]))
    assert cases.disagreements(oracle) == []
    good = sum(one != "no" for one in cases.ours)
    assert PROOFS // 2 < good < 2 * PROOFS - PROOFS // 2


def _included(
    cases: Cases, path: list[bytes], index: int, size: int, leaf: bytes, root: bytes
) -> None:
    def ours() -> str:
        verify_inclusion(index, size, leaf, path, root)
        return ""

    parts = {"Path": [encoded(one) for one in path], "Hash": encoded(leaf), "Root": encoded(root)}
    cases.add(ours, Ask="inclusion", Old=index, New=size, **parts)


def _consistent(
    cases: Cases, path: list[bytes], old: int, size: int, before: bytes, root: bytes
) -> None:
    def ours() -> str:
        verify_consistency(old, size, path, before, root)
        return ""

    parts = {"Path": [encoded(one) for one in path], "Hash": encoded(before), "Root": encoded(root)}
    cases.add(ours, Ask="consistency", Old=old, New=size, **parts)


def spoilt(
    chance: random.Random, path: list[bytes], low: int, size: int, leaf: bytes, root: bytes
) -> tuple[list[bytes], int, int, bytes, bytes]:
    """Return a proof as it is, as often as not; else with one thing changed."""
    way = chance.randrange(16)
    if way == 4:
        low = max(0, low + chance.choice((-1, 1, 2, -low, size - low)))
    elif way == 5:
        size = max(0, size + chance.choice((-1, 1, 256, -size)))
    elif way == 6:
        leaf = flipped(chance, leaf)
    elif way == 7:
        leaf, root = chance.choice(((root, leaf), (leaf, flipped(chance, root))))
    return _spoilt_path(chance, way, path, (leaf, root)), low, size, leaf, root


def _spoilt_path(
    chance: random.Random, way: int, path: Sequence[bytes], others: Sequence[bytes]
) -> list[bytes]:
    """Return a path with a hash changed, left out, put in, or in another place."""
    path = list(path)
    if way == 0 and path:
        place = chance.randrange(len(path))
        path[place] = flipped(chance, path[place])
    elif way == 1 and path:
        del path[chance.randrange(len(path))]
    elif way == 2:
        path.insert(chance.randrange(len(path) + 1), chance.choice((*others, bytes(32))))
    elif way == 3:
        chance.shuffle(path)
    return path


def flipped(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with one bit changed."""
    place = chance.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def test_the_same_notes_are_believed(oracle: Path) -> None:
    """Notes of one to three signers, good and spoilt; where ours is stricter, it says why."""
    chance, cases = random.Random(3), Cases()
    names = ("archive.example/log", "witness.example/w1", "b\u00fccher.example")
    keys = [Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)) for _ in names]
    signers = [FileSigner(name, key) for name, key in zip(names, keys, strict=True)]
    for number in range(NOTES):
        head = Checkpoint(names[0], number + 1, chance.randbytes(32), ("more",) * (number % 2))
        text, signed = head.body(), chance.sample(signers, chance.randrange(1, 4))
        note = text + b"\n"
        for one in signed:
            note += sign_note(text, one)[len(text) + 1 :]
        known = [one.verifier_key for one in chance.sample(signers, chance.randrange(1, 4))]
        for candidate in (note, *mangled(chance, note)):

            def ours(candidate: bytes = candidate, known: list[str] = known) -> str:
                return encoded(open_note(candidate, known).body)

            cases.add(ours, Ask="open", Note=encoded(candidate), Keys=known)
        secret = encode_signer_key(names[0], keys[0])
        made = f"yes {encoded(sign_note(text, signers[0]))}"
        cases.say(
            made,
            Ask="sign",
            Note=encoded(text),
            Signer=secret,
        )
    stricter = cases.disagreements(oracle)
    unexplained = [
        one for one in stricter if one[1] != "no" or not _respelt(base64.b64decode(one[0]["Note"]))
    ]
    assert unexplained == []
    assert len(cases.ours) >= 4 * NOTES
    assert len(stricter) < len(cases.ours) // 50


def mangled(chance: random.Random, note: bytes) -> Iterator[bytes]:
    """Yield a note with a bit flipped, and one with something cut, doubled or moved."""
    yield flipped(chance, note)
    place, end = sorted(chance.sample(range(len(note)), 2))
    lines = note.splitlines(keepends=True)
    yield chance.choice(
        (
            note[:place] + note[end:],
            note[:place] + note[place:end] * 2 + note[end:],
            note[:place],
            note.replace(b"\n", b"\r\n", 1),
            b"".join((*lines[:-1], lines[-1], lines[-1])),
            b"".join((*lines[1:], lines[0])),
            note + b"\n",
            note.rstrip(b"\n"),
        )
    )


def _respelt(note: bytes) -> bool:
    """Tell whether a signature stands in base64 that is not its one canonical spelling."""
    try:
        _, lines = split_note(note)
    except FormatError:
        return False
    for line in lines:
        text = line.rpartition(" ")[2]
        try:
            raw = binascii.a2b_base64(text)
        except binascii.Error:
            continue
        if encoded(raw) != text:
            return True
    return False
