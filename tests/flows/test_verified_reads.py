"""Rows come from verified bytes only: a changed byte ends a query, or changes nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.known import Known
from archiver.errors import ArchiverError
from archiver.flows.kept import keep, kept
from archiver.flows.known import keep_known, known_of
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.show import show
from tests.audit.damage import small
from tests.audit.flips import flipped
from tests.audit.forge import put
from tests.flows.helpers import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

RECORDS = ("stand-in:city:comments:1", "stand-in:city:messages:2")


def answers(archive: Archive) -> dict[str, Any]:
    """Return what every kind of query says."""
    hits = search(archive, Query("culvert"), private=True)
    known = known_of(archive, read_state(archive), ACCOUNT)
    return {
        "search": (hits.hits, hits.searched, hits.not_searched),
        "show": [show(archive, record) for record in RECORDS],
        "prove": [prove(archive, record) for record in RECORDS],
        "known": sorted((thing, record.state, record.mark) for thing, record in known.items()),
    }


def answered(archive: Archive) -> object:
    """Return what queries say, or the code and place of the error that ends one."""
    try:
        return answers(archive)
    except ArchiverError as error:
        return error.code, error.where


def forget(archive: Archive) -> None:
    """Remove every cache, so that everything is read from the store."""
    for prefix in ("cache/objects/", "cache/known/", "cache/ledger/", "cache/"):
        for name in archive.home.names(prefix):
            archive.home.remove(name)
    archive.memory.state, archive.memory.parts = type(archive.memory.state)(), []


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A small archive of plain and encrypted records."""
    return small(tmp_path / "home")


def test_a_changed_byte_in_the_store_ends_a_query(archive: Archive) -> None:
    """Whatever bit of whatever sealed file: the query ends with the file's name, or is right."""
    true, chance, ended = answers(archive), random.Random(5), set()
    assert len(true["search"][0]) == 4
    for key in [one.key for one in archive.store.list("u/")]:
        data = archive.store.get(key)
        put(archive, key, flipped(data, chance.randrange(8 * len(data))))
        forget(archive)
        found = answered(archive)
        assert found in (true, ("object-changed", key)), key
        if found != true:
            ended.add(key.partition(".")[2])
        put(archive, key, data)
    assert {"parquet", "parquet.c256", "warc.gz", "warc.gz.c256", "idx", "idx.c256"} <= ended


def test_a_changed_byte_in_a_cache_changes_no_answer(archive: Archive) -> None:
    """A damaged cache of this home counts as none: what it held is read and checked again."""
    state = read_state(archive)
    keep_known(archive, ACCOUNT, state.settled[ACCOUNT], known_of(archive, state, ACCOUNT))
    true, chance = answers(archive), random.Random(6)
    folders = ("cache/objects/", "cache/known/", "cache/ledger/", "cache/")
    names = [name for folder in folders for name in archive.home.names(folder)]
    assert {name.split("/")[1] for name in names} >= {"objects", "known", "ledger", "catalog.json"}
    for name in names:
        data = archive.home.read(name) or b""
        for _ in range(4):
            archive.home.write(name, flipped(data, chance.randrange(8 * len(data))))
            archive.memory.state, archive.memory.parts = type(archive.memory.state)(), []
            assert answers(archive) == true, name
            archive.home.write(name, data)


def test_a_file_behind_a_true_name_is_not_believed(archive: Archive) -> None:
    """Another segment's whole file in a cache's place is not taken for its own."""
    true = answers(archive)
    first, second = archive.home.names("cache/objects/")[:2]
    archive.home.write(first, archive.home.read(second) or b"")
    assert answers(archive) == true


def test_caches_are_kept_as_written(archive: Archive) -> None:
    """What is kept comes back; cut, changed or under another name it does not."""
    keep(archive.home, "cache/x", b"content")
    stored = archive.home.read("cache/x") or b""
    assert kept(archive.home, "cache/x") == b"content"
    archive.home.write("cache/y", stored)
    assert kept(archive.home, "cache/y") is None
    for damaged in (stored[:-1], stored[:20], b"", flipped(stored, 3)):
        archive.home.write("cache/x", damaged)
        assert kept(archive.home, "cache/x") is None
    assert isinstance(known_of(archive, read_state(archive), ACCOUNT), Known)
