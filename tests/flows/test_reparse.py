"""Reparse: what a newer parser reads otherwise is shown, and sealed once whatever is killed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from archiver.capture.platforms.feed import Feed
from archiver.edges.keys import LocalKeyStore
from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import FormatError, KeyStoreError, UsageError
from archiver.flows import accounts, connectors, generation
from archiver.flows.accounts import find
from archiver.flows.ledger import read_state
from archiver.flows.reparse import LONGEST_EXAMPLE, MOST_EXAMPLES, reparse
from archiver.flows.search import Query, search
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from archiver.ledger.state import SETTLE
from tests.flows.helpers import Quiet, copy_of, founded, open_archive, seal_one, take_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.record import Excerpt

COUNT = 5
"""Exchanges, each of a public comment and a private message."""


class Later(Feed):
    """The stand-in's parser as of some version: what it adds to a text is its ``summary``."""

    platform = "stand-in"

    def __init__(self, version: str, adds: str | None) -> None:
        self.parser, self.adds = f"stand-in/{version}", adds

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the text as the first version did, and more."""
        del context
        row = {"text": excerpts[0].data.decode(), "state": "public"}
        return row if self.adds is None else {**row, "summary": f"{self.adds} {row['text']}"}


def _use(monkeypatch: pytest.MonkeyPatch, version: str, adds: str | None) -> None:
    """Have the stand-in read by a version of its parser."""
    monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": Later(version, adds)})


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive of ten records that version 1 has read; version 2 is in use."""
    _use(monkeypatch, "1", None)
    made = open_archive(founded(tmp_path / "home"), tmp_path / "home")
    address = {"name": "city", "platform": "stand-in", "url": "https://city.example/feed"}
    accounts.add(made, address, {})
    handle = find(made, "city").handle
    take_in(made, COUNT, handle)
    for number in range(1, COUNT + 1):
        seal_one(made, number, handle)
    _use(monkeypatch, "2", "sum of")
    return made


def _objects(archive: Archive) -> dict[str, Any]:
    assert isinstance(archive.store, MemoryStore)
    return dict(archive.store._objects)


def _ran(archive: Archive, *, apply: bool = False) -> dict[str, Any]:
    (one,) = reparse(archive, "city", Quiet(), apply=apply)
    return one.document()


def _generations(archive: Archive) -> list[tuple[str, str]]:
    """Return (first observation, parser) of every newer generation."""
    return sorted(
        (row["generation_of"], row["parser"])
        for segment in read_state(archive).segments()
        if segment.stage == SETTLE
        for row in rows_of(read_table(archive, segment))
        if "generation_of" in row
    )


def _sources(archive: Archive) -> list[str]:
    """Return the parsers whose source is kept, once for each time that it was sealed."""
    return [
        row["native_id"]
        for segment in read_state(archive).segments()
        if segment.stage == SETTLE
        for row in rows_of(read_table(archive, segment))
        if row["native_id"].startswith("parser/")
    ]


def test_what_differs_is_shown_and_nothing_is_written(archive: Archive) -> None:
    """By stream and field, with public examples; of encrypted records fields and counts alone."""
    before = _objects(archive)
    told = _ran(archive)
    assert _objects(archive) == before
    assert (told["parser"], told["made"]) == ("stand-in/2", 0)
    for stream in ("comments", "messages"):
        assert (told["streams"][stream]["read"], told["streams"][stream]["differ"]) == (COUNT,) * 2
        (summary,) = told["streams"][stream]["fields"].values()
        assert (summary["new"], summary["changed"], summary["gone"]) == (COUNT, 0, 0)
    shown = told["streams"]["comments"]["fields"]["summary"]["examples"]
    assert [one["record"] for one in shown] == [
        f"stand-in:city:comments:{number}" for number in range(1, MOST_EXAMPLES + 1)
    ]
    assert (shown[0]["before"], shown[0]["after"][:15]) == ("", "sum of comments")
    assert told["streams"]["messages"]["fields"]["summary"]["examples"] == []
    assert "city:messages" not in json.dumps(told)
    assert "messages 1" not in json.dumps(told)


def test_long_values_are_cut(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example has the beginning of what a field says."""
    _use(monkeypatch, "2", "long " * 100)
    (shown, *_) = _ran(archive)["streams"]["comments"]["fields"]["summary"]["examples"]
    assert len(shown["after"]) == LONGEST_EXAMPLE
    assert shown["after"].endswith("…")


def test_it_is_sealed_beside_and_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser's source first; all verifies and is found; a second run changes no byte."""
    monkeypatch.setattr(generation, "MOST_IN_BATCH", 2)
    assert _ran(archive, apply=True)["made"] == 2 * COUNT
    assert _sources(archive) == ["parser/stand-in/2"]
    assert verify(archive, Quiet(), deep=True).findings == []
    assert len(search(archive, Query("sum"), private=True).hits) == 2 * COUNT
    before = _objects(archive)
    again = _ran(archive, apply=True)
    assert (again["made"], again["current"], again["streams"]) == (0, 2 * COUNT, {})
    assert _objects(archive) == before


@pytest.mark.parametrize("apply", [False, True])
def test_the_same_version_reads_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, *, apply: bool
) -> None:
    """Whatever its code says: a row is one version's, and `verify --deep` holds it to that."""
    _use(monkeypatch, "1", "sum of")
    before = _objects(archive)
    told = _ran(archive, apply=apply)
    assert (told["streams"], told["current"], told["made"]) == ({}, 2 * COUNT, 0)
    assert _objects(archive) == before


def test_what_reads_alike_is_not_sealed(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer version that reads what is there: read, no difference, nothing made."""
    _use(monkeypatch, "2", None)
    before = _objects(archive)
    told = _ran(archive, apply=True)
    assert [(one["read"], one["differ"]) for one in told["streams"].values()] == [(COUNT, 0)] * 2
    assert told["made"] == 0
    assert _objects(archive) == before


def test_it_is_held_against_the_newest_reading(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 3 like 2: nothing to do. Version 4 like 1: it differs, and is what counts then."""
    _ran(archive, apply=True)
    _use(monkeypatch, "3", "sum of")
    assert _ran(archive, apply=True)["made"] == 0
    _use(monkeypatch, "4", None)
    told = _ran(archive, apply=True)
    assert told["streams"]["comments"]["fields"]["summary"]["gone"] == COUNT
    assert told["made"] == 2 * COUNT
    assert [parser for _, parser in _generations(archive)].count("stand-in/4") == 2 * COUNT
    assert _ran(archive, apply=True)["made"] == 0
    assert verify(archive, Quiet(), deep=True).findings == []


def test_unknown_parsers_are_counted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """One newer than ours, one of another name, and a platform without a connector."""
    unknown = {"stand-in/1": 2 * COUNT}
    _use(monkeypatch, "0", None)
    assert _ran(archive, apply=True)["unknown"] == unknown
    other = Later("2", "sum of")
    other.parser = "other/2"
    monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": other})
    assert _ran(archive, apply=True)["unknown"] == unknown
    monkeypatch.setattr(connectors, "CONNECTORS", {})
    told = _ran(archive, apply=True)
    assert (told["unknown"], told["parser"], told["made"]) == (unknown, "", 0)


def test_what_cannot_be_opened_is_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without keys encrypted records are not looked at; the public ones are."""

    def missing(_: LocalKeyStore, name: str) -> NoReturn:
        raise KeyStoreError("no key", where=name)

    keys = _private_keys(archive)
    with monkeypatch.context() as lost:
        real = LocalKeyStore.key
        lost.setattr(
            LocalKeyStore, "key", lambda one, n: missing(one, n) if n in keys else real(one, n)
        )
        told = _ran(archive)
        assert told["unreadable"] == COUNT
        assert list(told["streams"]) == ["comments"]
        assert _ran(archive, apply=True)["made"] == COUNT
        assert _ran(archive, apply=True)["made"] == 0
    assert _ran(archive, apply=True)["made"] == COUNT
    assert verify(archive, Quiet(), deep=True).findings == []


def _private_keys(archive: Archive) -> set[str]:
    """Return the names of the keys of encrypted messages."""
    return {
        f"u/{one.unit}/{one.name}.{suffix}"
        for one in read_state(archive).segments()
        if one.stage == SETTLE and one.sensitivity == "private"
        if rows_of(read_table(archive, one))[0]["stream"] == "messages"
        for suffix in one.objects
    }


def test_what_is_wrong_is_said(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such account; a parser whose version is no number."""
    with pytest.raises(UsageError, match="no such account"):
        list(reparse(archive, "village", Quiet()))
    _use(monkeypatch, "two", None)
    with pytest.raises(FormatError, match="without a number of its version"):
        _ran(archive)


class At:
    """Counts the operations on a store, and kills the process at one of them."""

    def __init__(self, number: int = 0, fault: Fault = Fault.KILL_BEFORE) -> None:
        self.number, self.fault, self.count = number, fault, 0

    def __call__(self, op: str, key: str) -> Fault | None:
        """Return the fault of this operation."""
        del op, key
        self.count += 1
        return self.fault if self.count == self.number else None


@pytest.mark.parametrize("step", [47, pytest.param(3, marks=pytest.mark.soak)])
def test_killed_anywhere_nothing_is_there_twice(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before or after some operations: the next run seals the rest, and only that."""
    monkeypatch.setattr(generation, "MOST_IN_BATCH", 1)
    base = archive.store
    assert isinstance(base, MemoryStore)
    store = copy_of(base, tmp_path / "home", tmp_path / "whole")
    store.faults = whole = At()
    made = open_archive(store, tmp_path / "whole", "whole")
    _ran(made, apply=True)
    operations = whole.count
    expected = _generations(made)
    assert len({first for first, _ in expected}) == 2 * COUNT
    for number in range(1, operations, step):
        home = tmp_path / f"home{number}"
        store = copy_of(base, tmp_path / "home", home)
        store.faults = At(number, (Fault.KILL_BEFORE, Fault.KILL_AFTER)[number % 2])
        with pytest.raises(Killed):
            _ran(open_archive(store, home, "killed"), apply=True)
        after = open_archive(store, home, "after")
        _ran(after, apply=True)
        assert _generations(after) == expected
        assert _sources(after) == ["parser/stand-in/2"]
        assert verify(after, Quiet(), deep=False).findings == []
        assert not list(after.home.names(f"journal/{find(after, 'city').handle}/"))
