"""What a home keeps of rows: made while sealing, made again where it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault
from archiver.errors import StoreError
from archiver.flows.ledger import read_state
from archiver.flows.rows import CATALOG, catalog
from tests.flows.helpers import founded, open_archive, seal_one, take_in

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.edges.memory import MemoryStore
    from archiver.flows.archive import Archive


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """The store of an archive with two segments of records."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home")
    take_in(archive, 1)
    seal_one(archive, 1)
    return store


@pytest.fixture
def archive(store: MemoryStore, tmp_path: Path) -> Archive:
    """The archive in another process of the home that made it."""
    return open_archive(store, tmp_path / "home", "again")


def unreadable(store: MemoryStore) -> None:
    """Have no segment be read from now on."""
    store.faults = lambda op, key: Fault.LOST if (op, key[:2]) == ("get", "u/") else None


def test_streams_of_what_was_sealed_here_are_known(store: MemoryStore, archive: Archive) -> None:
    """The catalog of the home that sealed is there without opening any segment."""
    unreadable(store)
    found = catalog(archive, read_state(archive))
    assert [(one.stream, one.rows) for one in found] == [("comments", 1), ("messages", 1)]


def test_a_lost_catalog_is_read_from_the_segments(store: MemoryStore, archive: Archive) -> None:
    """Without the cache the segments are opened; with it again they are not."""
    state = read_state(archive)
    kept = catalog(archive, state)
    archive.home.remove(CATALOG)
    assert catalog(archive, state) == kept
    archive.home.remove(CATALOG)
    for one in archive.home.names("cache/objects/"):
        archive.home.remove(one)
    unreadable(store)
    with pytest.raises(StoreError):
        catalog(archive, state)
