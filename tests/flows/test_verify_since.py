"""Verifying only what is new, going on after an interruption, and sharing the work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import MemoryStore
from archiver.errors import StoreError, UsageError
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.flows.verify_memory import last_verified, since_checkpoint
from archiver.layout import CHECKPOINT
from archiver.ledger.sets import encode_set
from archiver.settings import Settings
from archiver.wire import verifying_workers
from tests.audit.damage import NONCE, PADDING, ULID, a_set, flip, key_of, seen_other, small
from tests.audit.forge import TIME, body, entries_of, put, relog, written
from tests.flows.conftest import opened
from tests.flows.helpers import ACCOUNT, Quiet, Worker

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.edges.memory import Fault
    from archiver.flows.archive import Archive
    from archiver.ledger.checkpoint import Checkpoint


class Reads:
    """Faults that are none: they count which objects are read."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, op: str, key: str) -> Fault | None:
        """Note what is read."""
        if op in {"get", "open"}:
            self.keys.append(key)
        return None


class Stops:
    """Progress that is interrupted after so many seals."""

    def __init__(self, after: int) -> None:
        self._after = after

    def step(self, done: int, total: int | None, what: str) -> None:
        """Raise as if the process were told to end."""
        if done == self._after:
            raise KeyboardInterrupt


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A small archive."""
    return small(tmp_path / "home")


def read_by(archive: Archive, **how: object) -> tuple[set[str], list[str]]:
    """Verify; return which files of units were read, and the codes of what was found."""
    assert isinstance(archive.store, MemoryStore)
    archive.store.faults = reads = Reads()
    report = verify(archive, Quiet(), deep=True, **how)  # type: ignore[arg-type]  # options
    found = [one.code for one in report.findings]
    return {key for key in reads.keys if key.startswith("u/")}, found


def more(archive: Archive) -> set[str]:
    """Seal something more; return the keys of the new files."""
    before = {one.key for one in archive.store.list("u/")}
    Worker(archive, 4, "later", "later").run()
    return {one.key for one in archive.store.list("u/")} - before


def test_only_what_came_after_is_read(archive: Archive) -> None:
    """With a checkpoint, files of before are looked for and not read."""
    Worker(archive, 95, "other", "other").run()
    note = archive.store.get(CHECKPOINT)
    new = more(archive)
    since = since_checkpoint(archive, note, deep=True)
    read, found = read_by(archive, since=since)
    assert found == []
    assert new <= read
    assert len(read) < len(list(archive.store.list("u/"))) / 4
    old = next(one.key for one in archive.store.list("u/") if one.key not in new)
    archive.store.delete(old)
    assert read_by(archive, since=since)[1] == ["object-missing"]


def test_last_is_what_this_home_found_whole(archive: Archive) -> None:
    """A checkpoint that somebody gave does not pass for what this home has verified."""
    flip(archive, key_of(archive, "parquet"))
    since = since_checkpoint(archive, archive.store.get(CHECKPOINT), deep=True)
    assert read_by(archive, since=since) == (set(), [])
    assert last_verified(archive, deep=True) is None
    flip(archive, key_of(archive, "parquet"))
    assert read_by(archive)[1] == []
    known = last_verified(archive, deep=True)
    new = more(archive)
    assert read_by(archive, since=known) == (new, [])
    assert last_verified(archive, deep=True) != known


def test_older_parts_of_the_log_are_looked_for(archive: Archive) -> None:
    """A bundle, a tile or a set that is gone is missed, though it is not read."""
    a_set(archive, encode_set([[1, 3]], NONCE, PADDING))
    Worker(archive, 95, "other", "other").run()
    since = since_checkpoint(archive, archive.store.get(CHECKPOINT), deep=True)
    more(archive)
    for key, code in (
        ("log/tile/entries/000", "log-entries"),
        ("log/tile/0/000", "log-tile"),
        (f"sets/{ULID}", "object-missing"),
    ):
        data = archive.store.get(key)
        archive.store.delete(key)
        found = verify(archive, Quiet(), deep=False, since=since).findings
        assert [(one.code, one.where) for one in found] == [(code, key)]
        put(archive, key, data)
    assert verify(archive, Quiet(), deep=False, since=since).findings == []


def test_a_checkpoint_of_another_history(archive: Archive) -> None:
    """A log that does not extend it is a finding, and everything is read."""
    since = since_checkpoint(archive, archive.store.get(CHECKPOINT), deep=True)
    assert since is not None
    seen_other(archive)
    other = since_checkpoint(archive, archive.home.read("trust/checkpoint") or b"", deep=True)
    read, found = read_by(archive, since=other)
    assert set(found) == {"log-history"}
    assert read == {one.key for one in archive.store.list("u/")}


@pytest.mark.parametrize("note", [b"", b"nothing", b"other\n1\nAAAA\n\n- x y\n"])
def test_what_is_no_checkpoint_is_refused(archive: Archive, note: bytes) -> None:
    """Only a note that the archive signed says up to where all was verified."""
    with pytest.raises(UsageError):
        since_checkpoint(archive, note, deep=False)


def test_damage_of_before_is_found_where_it_can_be(archive: Archive) -> None:
    """An incremental run reads the log as far as it needs it; a damaged tile makes it read all."""
    Worker(archive, 95, "other", "other").run()
    since = since_checkpoint(archive, archive.store.get(CHECKPOINT), deep=True)
    for key in [one.key for one in archive.store.list("log/tile/1/")]:
        data = archive.store.get(key)
        flip(archive, key)
        assert _places(archive, since) == [key]
        put(archive, key, data)


def _places(archive: Archive, since: Checkpoint | None) -> list[str]:
    return [one.where for one in verify(archive, Quiet(), deep=True, since=since).findings]


def test_the_home_remembers_what_was_whole(archive: Archive) -> None:
    """After a run without findings the next may go on from there; after one with, not."""
    assert last_verified(archive, deep=False) is None
    flip(archive, key := key_of(archive, "parquet"))
    assert read_by(archive)[1] == ["object-changed"]
    assert last_verified(archive, deep=True) is None
    flip(archive, key)
    assert read_by(archive)[1] == []
    size = read_state(archive).size
    for deep in (True, False):
        last = last_verified(archive, deep=deep)
        assert last is not None
        assert last.size == size
    assert since_checkpoint(archive, b"last", deep=True) == last_verified(archive, deep=True)
    assert read_by(archive, since=last_verified(archive, deep=True)) == (set(), [])


def test_an_interrupted_run_is_taken_up(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found whole is not read again, what was not is; the end forgets both."""
    monkeypatch.setattr("archiver.flows.verify_memory._PAUSE", 0)
    flip(archive, key := key_of(archive, "warc.gz.c256"))
    with pytest.raises(KeyboardInterrupt):
        verify(archive, Stops(4), deep=True)
    every, found = read_by(archive, resume=True)
    assert found == ["object-changed"]
    assert key in every
    assert 0 < len(every) < len(list(archive.store.list("u/")))
    assert read_by(archive, resume=True)[0] == {one.key for one in archive.store.list("u/")}


def units(archive: Archive) -> set[str]:
    """Return the keys of all files of units."""
    return {one.key for one in archive.store.list("u/")}


class Elsewhere(MemoryStore):
    """The same objects in another place."""

    def describe(self) -> str:
        """Return that it is another one."""
        return "elsewhere"


def test_nothing_is_taken_over_from_a_copy(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica has the same log and files of its own: what was whole there may be broken here."""
    monkeypatch.setattr("archiver.flows.verify_memory._PAUSE", 0)
    other = Elsewhere()
    for one in archive.store.list(""):
        other.create(one.key, archive.store.get(one.key))
    replica = replace(archive, store=other)
    with pytest.raises(KeyboardInterrupt):
        verify(archive, Stops(4), deep=True)
    every = units(archive)
    assert read_by(replica, resume=True) == (every, [])
    assert last_verified(replica, deep=True) is not None
    assert last_verified(archive, deep=True) is None


def test_nothing_is_taken_over_from_another_history(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where entries were written anew, nothing that was found whole before counts."""
    monkeypatch.setattr("archiver.flows.verify_memory._PAUSE", 0)
    entries = entries_of(archive)
    with pytest.raises(KeyboardInterrupt):
        verify(archive, Stops(4), deep=True)
    told = body("repeat", account=ACCOUNT, counts={}, began=TIME, ended=True)
    relog(archive, [*entries, told])
    assert read_by(archive, resume=True)[0] < (every := units(archive))
    with pytest.raises(KeyboardInterrupt):
        verify(archive, Stops(4), deep=True)
    relog(archive, [*entries, written(told, lambda one: one.update(ended=False))])
    assert read_by(archive, resume=True)[0] == every


def test_processes_find_what_one_finds(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shared among processes, the same is found in the same order."""
    monkeypatch.setattr("archiver.flows.verify._WORTH", 0)
    files = sorted((copy / "archive" / "u").rglob("*.c256"))
    for path in files[::7]:
        path.write_bytes(path.read_bytes()[:-1])
    archive = opened(copy)
    alone = verify(archive, Quiet(), deep=True)
    with verifying_workers(Settings(str(copy / "archive"), copy / "home"), 2) as workers:
        shared = verify(archive, Quiet(), deep=True, workers=workers)
    assert len(alone.findings) == len(files[::7])
    assert shared == alone


def _ends(_archive: object, _item: object) -> int:
    import os  # noqa: PLC0415 - in the worker

    os._exit(9)


def test_a_worker_that_is_killed_is_told(copy: Path) -> None:
    """Where a process that shares the work is stopped, the run says so and how to go on."""
    with verifying_workers(Settings(str(copy / "archive"), copy / "home"), 2) as workers:
        assert workers is not None
        with pytest.raises(StoreError) as error:
            list(workers.run(_ends, [1, 2]))
    assert error.value.code == "worker-stopped"
