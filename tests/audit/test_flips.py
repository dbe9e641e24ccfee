"""A sample of ``make audit-exhaustive``: flipped bits of every object, each named rightly."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from archiver.flows.verify import verify
from tests.audit.fixture import KINDS, Silent, build, kinds_of, opened
from tests.audit.flips import Stretch, checks_of, flip_all, flipped, stretches

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive of every kind of object."""
    made = tmp_path_factory.mktemp("audit")
    build(made)
    return made


def test_the_fixture_has_every_kind(folder: Path) -> None:
    """At least 1 MB, every kind of object, each with a check; untouched it has no finding."""
    archive = opened(folder)
    sizes = {one.key: one.size for one in archive.store.list("")}
    assert sum(sizes.values()) >= 1 << 20
    assert kinds_of(iter(sizes)) == KINDS
    assert set(checks_of(archive)) == set(sizes)
    assert verify(archive, Silent(), deep=True).findings == []


def test_stretches_cover_every_byte_once() -> None:
    """What the processes are given is everything."""
    sizes = {"a": 100_000, "b": 1, "c": 4096}
    for key, size in sizes.items():
        own = sorted(one[1:] for one in stretches(sizes, 64) if one.key == key)
        assert [own[0][0], own[-1][1]] == [0, size]
        assert [one[1] for one in own[:-1]] == [one[0] for one in own[1:]]


def test_flipped_bits_of_every_object(folder: Path) -> None:
    """Some bytes of each, all their bits: found, and named as that object."""
    archive, chance, flips = opened(folder), random.Random(8), 0
    for key, check in checks_of(archive).items():
        data = archive.store.get(key)
        for first in {0, chance.randrange(len(data)), len(data) - 1}:
            done = flip_all(check, data, Stretch(key, first, min(first + 4, len(data))))
            assert (done.missed, done.misnamed) == ([], [])
            flips += done.flips
    assert flips > 5000


def test_flipped_bits_through_the_whole(folder: Path) -> None:
    """The same through verification itself, one bit of one object in four: no other is named."""
    archive, chance = opened(folder), random.Random(9)
    for one in sorted(archive.store.list(""))[::4]:
        path = folder / "archive" / one.key
        data = path.read_bytes()
        path.write_bytes(flipped(data, chance.randrange(8 * len(data))))
        assert {x.where for x in verify(archive, Silent(), deep=False).findings} == {one.key}
        path.write_bytes(data)
