"""Restoring on trial: from the copy alone, and whatever it lacks or has wrong is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.home import LocalHome
from archiver.edges.memory import MemoryStore
from archiver.errors import IntegrityError, UsageError
from archiver.flows.documents import seal_documents
from archiver.flows.ledger_cache import Memory
from archiver.flows.operations import operations
from archiver.flows.replicate import Copy, replicate
from archiver.flows.restore import restore
from archiver.layout import ARCHIVE_FILE, UNITS
from tests.flows.helpers import Quiet, open_archive
from tests.flows.test_compact import filled

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

QUIET = Quiet()


def placed(archive: Archive, home: Path, name: str) -> Copy:
    """Return an empty place, as an archive with a home of its own."""
    own = LocalHome(home / name)
    there = replace(archive, store=MemoryStore(), home=own, memory=Memory(), copy_name=name)
    return Copy(name, "", there)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with two public and two private segments."""
    store = filled(tmp_path / "home", 2)
    return open_archive(store, tmp_path / "home", "again")


@pytest.fixture
def vault(archive: Archive, tmp_path: Path) -> Copy:
    """A whole copy of it."""
    copy = placed(archive, tmp_path, "vault")
    assert replicate(archive, [copy], QUIET)[0].whole
    return copy


def content(copy: Copy) -> dict[str, bytes]:
    """Return every object of a place."""
    return {one.key: copy.store.get(one.key) for one in copy.store.list("")}


def test_what_is_restored_is_the_archive(archive: Archive, vault: Copy, tmp_path: Path) -> None:
    """From a whole copy come the same objects; every record is verified, and it is noted."""
    target = placed(archive, tmp_path, "scratch")
    made = restore(archive, vault, target, QUIET)
    made.demand()
    assert content(target) == content(vault)
    assert (made.behind, made.lacking, made.unreadable) == (0, (), 0)
    assert made.records > 0
    assert made.objects == len(content(vault)) - 3  # but for archive.json and the two heads
    (told,) = operations(archive)["notes"]
    assert (told["what"], told["about"]) == ("restored", "vault")
    assert told["outcome"].startswith("whole; ")


def test_the_archive_is_not_needed_for_it(archive: Archive, vault: Copy, tmp_path: Path) -> None:
    """A copy that is behind restores what it has; how much it lacks is told."""
    seal_documents(archive, {}, [{"t": "access", "day": "2026-11-19", "looks": 1}])
    made = restore(archive, vault, placed(archive, tmp_path, "scratch"), QUIET)
    made.demand()
    assert made.behind > 0


def test_a_damaged_copy_is_not_whole(archive: Archive, vault: Copy, tmp_path: Path) -> None:
    """A changed object is named; nothing of it comes over, and the drill fails."""
    key = next(one.key for one in vault.store.list(UNITS))
    data = vault.store.get(key)
    vault.store.erase(key)
    vault.store.create(key, data[:-1] + bytes([data[-1] ^ 1]))
    target = placed(archive, tmp_path, "scratch")
    made = restore(archive, vault, target, QUIET)
    assert key in {one.where for one in made.findings}
    assert key not in content(target)
    with pytest.raises(IntegrityError, match="not whole") as caught:
        made.demand()
    assert caught.value.code == "restore-not-whole"
    assert "lacking" in operations(archive)["notes"][-1]["outcome"]


def test_a_place_with_something_else_is_refused(
    archive: Archive, vault: Copy, tmp_path: Path
) -> None:
    """Nothing is written where anything else is."""
    target = placed(archive, tmp_path, "scratch")
    target.store.create("somebody/else", b"hers")
    with pytest.raises(UsageError):
        restore(archive, vault, target, QUIET)
    assert content(target) == {"somebody/else": b"hers"}
    assert archive.store.load(ARCHIVE_FILE) is not None


def test_another_archive_s_copy_is_refused(archive: Archive, tmp_path: Path) -> None:
    """What leads to another history is no copy of this archive."""
    other = placed(archive, tmp_path, "vault")
    twin = open_archive(filled(tmp_path / "twin", 3), tmp_path / "twin", "other")
    for one in twin.store.list(""):
        other.store.create(one.key, twin.store.get(one.key))
    with pytest.raises(IntegrityError):
        restore(archive, other, placed(archive, tmp_path, "scratch"), QUIET)
