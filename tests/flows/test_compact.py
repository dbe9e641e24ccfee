"""Compaction: fewer segments, the same answers; nothing goes before somebody else verified."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from archiver.edges.keys import LocalKeyStore
from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.edges.personkey import PersonKeyFile
from archiver.errors import RefusedError
from archiver.flows.compact import LANE, Compacted, _merge, compact, planned
from archiver.flows.copying import copied
from archiver.flows.ledger import read_state
from archiver.flows.people import enrol
from archiver.flows.search import search
from archiver.flows.settle import RunCounts
from archiver.flows.verified import settlement
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.flows.verify_inventory import keys_of
from archiver.formats.parquet import read_rows, write_table
from archiver.ids import new_handle
from archiver.layout import UNITS
from archiver.registry.roles import Role
from archiver.search.query import Query
from tests.doubles import SeededRandomness
from tests.flows.conftest import Silent, opened
from tests.flows.helpers import (
    ACCOUNT,
    Quiet,
    codes,
    copy_of,
    founded,
    open_archive,
    seal_one,
    take_in,
)
from tests.ledger.seals import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.state import Segment

ENDED = RunCounts("incremental", TIME, ended=True, counts={}, since={}, again=0)
CHANCE = SeededRandomness("verifier")


def filled(home: Path, segments: int = 4) -> MemoryStore:
    """Return the store of an archive with so many public and private segments."""
    store = founded(home)
    archive = open_archive(store, home)
    take_in(archive, segments)
    for number in range(1, segments + 1):
        seal_one(archive, number, saw=ENDED if number == segments else None)
    return store


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """The store of an archive with four public and four private segments of one record."""
    return filled(tmp_path / "home")


@pytest.fixture
def archive(store: MemoryStore, tmp_path: Path) -> Archive:
    """The same in a process of its home."""
    return open_archive(store, tmp_path / "home", "again")


def verifier(archive: Archive, folder: Path, role: str = Role.VERIFIER) -> PersonKeyFile:
    """Return the key of somebody who is enrolled in a role."""
    key = PersonKeyFile.create(folder / f"{role}.key", new_handle(CHANCE))
    enrol(archive, key, role, "", [role])
    return key


def answers(archive: Archive) -> list[object]:
    """Return what the archive answers, but for its own documents."""
    found = search(archive, Query("culvert"))
    skipped = {name: rows for name, rows in found.not_searched.items() if name != "workflow"}
    return [found.hits, found.searched, skipped, found.unknown]


def files(archive: Archive) -> set[str]:
    """Return the keys of all stored files of the account's records, superseded or not."""
    state = read_state(archive)
    every = (*state.segments(), *(one for one, _ in state.retired()))
    named = keys_of(one for one in every if one.has_records and one.account == ACCOUNT)
    return named & {one.key for one in archive.store.list(UNITS)}


def whole_life(archive: Archive, role: PersonKeyFile) -> None:
    """Merge, have it verified, remove what was superseded."""
    compact(archive, Quiet())
    verify_compacted(archive, role, Quiet())
    compact(archive, Quiet())


class At:
    """Lets the operation of that number die; counts all."""

    def __init__(self, number: int = -1, fault: Fault | None = None) -> None:
        self.count, self._number, self._fault = 0, number, fault

    def __call__(self, op: str, key: str) -> Fault | None:
        """Say what happens to an operation."""
        del op, key
        self.count += 1
        return self._fault if self.count == self._number else None


def test_small_segments_become_one_and_nothing_else_changes(archive: Archive) -> None:
    """One for each stream and kind; all answers are the same, and verification finds nothing."""
    before = answers(archive)
    made = compact(archive, Quiet())
    assert (made.merged, made.made, made.records) == (8, 2, 8)
    assert answers(archive) == before
    live = [one for one in read_state(archive).segments() if one.has_records]
    assert [one.leaves for one in live] == [
        [[2, 3], [5, 6], [8, 9], [11, 12]],
        [[3, 4], [6, 7], [9, 10], [12, 13]],
    ]
    assert verify(archive, Quiet(), deep=True).findings == []
    assert compact(archive, Quiet()).made == 0
    assert list(archive.home.names(f"journal/{LANE}/")) == []


def test_what_may_go_on_is_left_alone(tmp_path: Path) -> None:
    """Segments of a run that has not ended are merged later; a plan is the same each time."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home")
    take_in(archive, 3)
    seal_one(archive, 1)
    seal_one(archive, 2)
    assert planned(archive, read_state(archive)) == ([], 0)
    seal_one(archive, 3, saw=ENDED)
    merges, unreadable = planned(archive, read_state(archive))
    assert [len(one.segments) for one in merges] == [3, 3]
    assert planned(archive, read_state(archive)) == (merges, unreadable)


def test_nothing_goes_before_the_second_role_verified(archive: Archive, tmp_path: Path) -> None:
    """Superseded files stay and must be there until then; afterwards they go, keys and all."""
    before, old = answers(archive), files(archive)
    compact(archive, Quiet())
    assert compact(archive, Quiet()).waiting == 8
    assert old <= files(archive)
    made = verify_compacted(archive, verifier(archive, tmp_path), Quiet())
    assert (made.segments, made.records, made.findings) == (2, 8, [])
    assert codes(archive) == []
    done = compact(archive, Quiet())
    assert (done.waiting, done.removed) == (0, 24)
    assert not old & files(archive)
    assert isinstance(archive.keys, LocalKeyStore)
    assert not old & set(archive.keys.object_ids())
    assert answers(archive) == before
    assert codes(archive) == []
    assert verify(archive, Quiet(), deep=True).findings == []
    assert compact(archive, Quiet()).removed == 0


def test_superseded_files_are_needed_until_then(archive: Archive, tmp_path: Path) -> None:
    """Whoever removes them before is found out; once verified they may be there or not."""
    old = sorted(files(archive))
    compact(archive, Quiet())
    kept = archive.store.get(old[0])
    archive.store.delete(old[0])
    assert codes(archive) == [("object-missing", old[0])]
    archive.store.create(old[0], kept)
    verify_compacted(archive, verifier(archive, tmp_path), Quiet())
    archive.store.delete(old[0])
    assert codes(archive) == []
    compact(archive, Quiet())
    archive.store.create(old[0], kept)
    assert codes(archive) == [("object-unknown", old[0])]


def garbage(archive: Archive, segments: Sequence[Segment], stream: str) -> Sealable:
    """Do as the copier does, but have the rows say something else."""
    made = copied(archive, segments, stream)
    for key, data in made.objects.items():
        if key.endswith(".parquet"):
            table = read_rows(BytesIO(data)).replace_schema_metadata(None)
            said = pa.array(["nothing was ever blocked"] * table.num_rows, pa.string())
            at = table.column_names.index("text")
            table = table.set_column(at, table.schema.field("text"), said)
            other = write_table(stream, table, b"n" * 32, b"p")
            made.objects[key] = other  # type: ignore[index]  # a dictionary
            made.segment["objects"]["parquet"] = sha256(other).hexdigest()
    return made


def test_compaction_into_garbage_is_found(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has bucket and key: in depth, by the verifier, and by the old files' lack."""
    role, old = verifier(archive, tmp_path), sorted(files(archive))
    monkeypatch.setattr("archiver.flows.compact.copied", garbage)
    assert compact(archive, Quiet()).made == 2
    found = {one.code for one in verify(archive, Quiet(), deep=True).findings}
    assert found == {"record-fields"}
    made = verify_compacted(archive, role, Quiet())
    assert (made.segments, {one.code for one in made.findings}) == (1, found)  # the private one
    plain = [key for key in old if not key.endswith(".c256")]
    for key in plain:
        archive.store.delete(key)
    assert sorted(codes(archive)) == [("object-missing", key) for key in plain]
    compact(archive, Quiet())
    assert sorted(codes(archive)) == [("object-missing", key) for key in plain]


@pytest.mark.parametrize("role", [Role.SETTLER, Role.RECORDS_MANAGER, Role.AUDITOR])
def test_other_roles_verify_nothing(archive: Archive, tmp_path: Path, role: Role) -> None:
    """An act of somebody else is refused, and nothing is released."""
    compact(archive, Quiet())
    with pytest.raises(RefusedError) as caught:
        verify_compacted(archive, verifier(archive, tmp_path, role), Quiet())
    assert caught.value.code == "act-refused"
    assert settlement(archive, read_state(archive)).released == []


def test_merged_segments_are_merged_again(archive: Archive, tmp_path: Path) -> None:
    """Once verified, with what came since; a merge is never the whole of what it began with."""
    compact(archive, Quiet())
    verify_compacted(archive, verifier(archive, tmp_path), Quiet())
    take_in(archive, 5, lane="other")
    for number in range(1, 6):
        seal_one(archive, number, lane="other", saw=ENDED)
    grown = answers(archive)
    assert compact(archive, Quiet()).made == 2
    assert answers(archive) == grown
    assert codes(archive) == []
    report = verify(archive, Quiet(), deep=True)
    assert (report.findings, report.records) == ([], 19)  # and who verifies


def test_of_two_who_compact_at_once_one_wins(store: MemoryStore, tmp_path: Path) -> None:
    """The other one's files are taken back, with their keys, and it plans anew."""
    mine = open_archive(store, tmp_path / "home", "mine")
    theirs = open_archive(copy_of(store, tmp_path / "home", tmp_path / "other"), tmp_path / "other")
    object.__setattr__(theirs, "store", store)
    merges, _ = planned(theirs, read_state(theirs))
    before = answers(mine)
    compact(mine, Quiet())
    made = Compacted()
    for merge in merges:
        _merge(theirs, merge, made)
    assert (made.overtaken, made.made) == (2, 0)
    assert answers(mine) == before
    assert codes(mine) == []


def test_killed_anywhere_no_answer_changes(tmp_path: Path) -> None:
    """Before or after every nineteenth operation: the next run finishes, nothing is left over."""
    base = filled(tmp_path / "base", 2)
    role = verifier(open_archive(base, tmp_path / "base"), tmp_path)
    expected = answers(open_archive(base, tmp_path / "base", "before"))
    store = copy_of(base, tmp_path / "base", tmp_path / "home")
    store.faults = whole = At()
    whole_life(open_archive(store, tmp_path / "home", "whole"), role)
    for number in range(1, whole.count, 19):
        home = tmp_path / f"home{number}"
        store = copy_of(base, tmp_path / "base", home)
        store.faults = At(number, (Fault.KILL_BEFORE, Fault.KILL_AFTER)[number % 2])
        with pytest.raises(Killed):
            whole_life(open_archive(store, home, "killed"), role)
        archive = open_archive(store, home, "after")
        assert answers(archive) == expected
        whole_life(archive, role)
        assert answers(archive) == expected
        assert codes(archive) == []
        assert len(files(archive)) == 6


def test_what_the_store_has_locked_is_told_and_left(archive: Archive, tmp_path: Path) -> None:
    """Under a lock a file stays, and nothing is said gone before it is."""
    old = sorted(files(archive))
    compact(archive, Quiet())
    verify_compacted(archive, verifier(archive, tmp_path), Quiet())
    assert isinstance(archive.store, MemoryStore)
    archive.store.locked.add(old[0])
    done = compact(archive, Quiet())
    assert (done.locked, done.removed) == (1, 23)
    assert codes(archive) == []
    archive.store.locked.clear()
    assert compact(archive, Quiet()).locked == 0
    assert old[0] not in files(archive)
    assert codes(archive) == []


def test_a_captured_city_answers_and_verifies_alike(copy: Path) -> None:
    """With maps, documents, deletions and residue: every excerpt is held against its exchange."""
    archive = opened(copy)
    before = answers(archive)
    whole = verify(archive, Silent(), deep=True)
    key = verifier(archive, copy)
    made = compact(archive, Silent())
    assert made.made > 3
    assert answers(archive) == before
    assert (made.unreadable, made.overtaken) == (0, 0)
    after = verify(archive, Silent(), deep=True)
    assert (after.findings, after.records - whole.records) == ([], 1)  # who verifies
    assert verify_compacted(archive, key, Silent()).findings == []
    assert compact(archive, Silent()).removed > 0
    assert answers(archive) == before
    last = verify(archive, Silent(), deep=True)
    assert (last.findings, last.records) == ([], after.records)
