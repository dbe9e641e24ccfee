"""Which of two parts that contradict each other is true, and at what cost that is found out."""

from __future__ import annotations

import pytest

from archiver.ledger import view
from archiver.ledger.tiles import TILE_WIDTH
from archiver.ledger.tree import Frontier, leaf_hash
from archiver.ledger.view import Parts, resolve

BUNDLES = 10
SIZE = BUNDLES * TILE_WIDTH + 7
ENTRIES = [b"\x01" + number.to_bytes(32, "big") for number in range(SIZE)]
HASHES = [leaf_hash(one) for one in ENTRIES]
ROOT = Frontier.empty().extend(HASHES).root()


def damaged() -> Parts:
    """Return a log in which entries or hashes of each bundle are changed, in turn."""
    bundles: dict[int, list[bytes]] = {}
    tiles: dict[tuple[int, int], list[bytes]] = {}
    for number in range(BUNDLES + 1):
        part = slice(number * TILE_WIDTH, (number + 1) * TILE_WIDTH)
        bundles[number], tiles[0, number] = ENTRIES[part], HASHES[part]
        if number in {2, 3, 9, BUNDLES}:
            bundles[number] = [*bundles[number][:-1], b"\x01" + b"x" * 32]
        elif number % 2:
            tiles[0, number] = [b"x" * 32, *tiles[0, number][1:]]
    return Parts(bundles, tiles)


@pytest.mark.parametrize("root", [ROOT, b"r" * 32], ids=["true", "of no way"])
def test_each_part_is_hashed_once(monkeypatch: pytest.MonkeyPatch, root: bytes) -> None:
    """Seven doubtful parts are 128 ways, found or not, and not 128 times the work."""
    real, calls = view._over, 0

    def counted(hashes: tuple[bytes, ...]) -> bytes:
        nonlocal calls
        calls += 1
        return real(hashes)

    monkeypatch.setattr(view, "_over", counted)
    found = resolve(damaged(), SIZE, root)
    assert found.led == (root == ROOT)
    if found.led:
        assert [found.hash_of(index) for index in range(SIZE)] == HASHES
        lost = [number * TILE_WIDTH + TILE_WIDTH - 1 for number in (2, 3, 9)]
        assert found.lost() == [[one, one + 1] for one in (*lost, SIZE - 1)]
    assert calls <= 8 * BUNDLES
