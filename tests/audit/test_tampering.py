"""Whoever holds the bucket and no key changes nothing unseen: every part, every way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.flows.verify import verify
from archiver.layout import ANCHORS, CHECKPOINT, HEAD, LOG
from archiver.ledger.sets import encode_set
from tests.audit.damage import a_set, small
from tests.audit.forge import put
from tests.audit.tampering import kind_of, kinds, parts_of, tamperings
from tests.flows.helpers import Quiet, Worker, leave
from tests.flows.helpers import small as one_batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive

Objects = dict[str, bytes]


def objects(archive: Archive) -> Objects:
    """Return every object."""
    return {one.key: archive.store.get(one.key) for one in archive.store.list("")}


@pytest.fixture(scope="module")
def known(repo_root: Path) -> set[str]:
    """Return the kinds of objects that the specification names."""
    return kinds(repo_root / "docs" / "formats")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Objects]:
    """An archive, and what it had stored before it grew by something."""
    archive = small(tmp_path_factory.mktemp("grown") / "home")
    a_set(archive, encode_set([[1, 3], [5, 7]], b"n" * 32, b"a"))
    before = objects(archive)
    Worker(archive, 3, "other", "other").run()
    leave(archive, one_batch(7))
    assert verify(archive, Quiet(), deep=False).findings == []
    return archive, before


def found(archive: Archive) -> set[str]:
    """Return where verification finds anything."""
    return {one.where for one in verify(archive, Quiet(), deep=False).findings}


def replaced(archive: Archive, others: Objects) -> Iterator[None]:
    """Put other bytes under keys, and after the caller has looked put back what was there."""
    every = objects(archive)
    for key, data in others.items():
        put(archive, key, data)
    yield
    for key in others:
        archive.store.delete(key)
        if key in every:
            archive.store.create(key, every[key])


def test_every_kind_is_tampered_with(known: set[str], grown: tuple[Archive, Objects]) -> None:
    """The archive has every kind of object of the specification; refusals are their own test."""
    assert {kind_of(key, known) for key in objects(grown[0])} == known - {"log/refused/"}


@pytest.mark.parametrize("encrypted", [False, True])
def test_every_part_of_every_kind(
    known: set[str], grown: tuple[Archive, Objects], *, encrypted: bool
) -> None:
    """Each part changed, swapped, truncated, doubled, dropped, replayed: found, named alone."""
    archive, before = grown
    seen, tried = set(), 0
    for key, data in objects(archive).items():
        kind = (kind_of(key, known), key.endswith(".c256"))
        if (
            (kind in seen and not key.startswith(ANCHORS))
            or kind[1] != encrypted
            or key.endswith("/000")
            or not data
        ):
            continue
        seen.add(kind)
        for how, changed in tamperings(parts_of(kind[0], key, data), before.get(key)):
            for _ in replaced(archive, {key: changed}):
                assert found(archive) == {key}, f"{key}: {how}"
                tried += 1
    assert tried > (40 if encrypted else 250)


def test_objects_gone_swapped_and_doubled(known: set[str], grown: tuple[Archive, Objects]) -> None:
    """A missing object, two in each other's place, and a copy under a free name are found."""
    archive, _ = grown
    every = objects(archive)
    lasting = {key: one for key, one in every.items() if not key.startswith("log/pending/")}
    for key, data in lasting.items():
        archive.store.delete(key)
        assert found(archive) == {key}, f"{key} gone"
        archive.store.create(key, data)
        twin = key[:-1] + ("z" if key[-1] != "z" else "y")
        for _ in replaced(archive, {twin: data}):
            assert found(archive) == {twin}, f"{key} doubled"
    kin: dict[str, str] = {}
    for key, data in lasting.items():
        kind = kind_of(key, known) + key.endswith(".c256") * " encrypted"
        other = kin.setdefault(kind, key)
        if every[other] != data:
            for _ in replaced(archive, {key: every[other], other: data}):
                assert found(archive) == {key, other}, f"{key} and {other} swapped"


def test_an_old_log_is_no_log(grown: tuple[Archive, Objects]) -> None:
    """All of the log as it was before: a home that has seen more says what is wrong."""
    archive, before = grown
    old = {key: data for key, data in before.items() if key.startswith(LOG)}
    new = [key for key in objects(archive) if key.startswith(LOG)]
    every = objects(archive)
    for key in new:
        archive.store.delete(key)
    for key, data in old.items():
        archive.store.create(key, data)
    codes = {(one.code, one.where) for one in verify(archive, Quiet(), deep=False).findings}
    assert ("log-history", CHECKPOINT) in codes
    assert {code for code, _ in codes} <= {"log-history", "object-unknown"}
    for key in old:
        archive.store.delete(key)
    for key in new:
        archive.store.create(key, every[key])


def test_a_log_that_agrees_with_itself_but_not_with_its_signature(
    grown: tuple[Archive, Objects],
) -> None:
    """Bundle, tiles and head written anew around another entry: the signed root says no."""
    from tests.audit.forge import entries_of, relog  # noqa: PLC0415 - signs as well: that is undone

    archive, _ = grown
    every, trust = objects(archive), archive.home.read("trust/checkpoint") or b""
    entries = entries_of(archive)
    entries[2] = b"\x01" + b"c" * 32
    relog(archive, entries)
    put(archive, CHECKPOINT, every[CHECKPOINT])
    for key in [one.key for one in archive.store.list("log/checkpoints/")]:
        put(archive, key, every[key])
    archive.home.write("trust/checkpoint", trust)
    report = verify(archive, Quiet(), deep=False)
    assert ("log-root", CHECKPOINT) in {(one.code, one.where) for one in report.findings}
    assert HEAD not in {one.where for one in report.findings}
    for one in list(archive.store.list("")):
        archive.store.delete(one.key)
    for key, data in every.items():
        archive.store.create(key, data)
