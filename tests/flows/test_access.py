"""Looks into private streams: only by readers, each noted before it is shown, no query leaks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.edges.home import LocalHome
from archiver.errors import KeyStoreError, RefusedError
from archiver.flows import access, people
from archiver.flows.access import NOTES, seal_looks
from archiver.flows.documents import seal_documents
from archiver.flows.ledger import read_state
from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.show import show
from archiver.flows.upkeep import upkeep
from archiver.flows.verify import verify
from archiver.ledger import entry
from archiver.registry.acts import Act
from archiver.settings import Settings
from archiver.wire import create_person_key, open_archive
from tests.flows.conftest import Silent, opened
from tests.flows.test_people import Later

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

WORD = "culvert"
DAY = "2026-11-19"
READS = ("reader-subscribers", "reader-comments")


def notes(archive: Archive) -> list[Act]:
    """Return the looks that this home has noted and not sealed."""
    return [Act.decode(archive.home.read(name) or b"") for name in archive.home.names(NOTES)]


@pytest.fixture
def office(copy: Path) -> Path:
    """The captured archive, whose clerk reads comments and subscribers, and nothing else."""
    archive = opened(copy)
    clerk = create_person_key(copy / "clerk.key")
    people.enrol(archive, clerk, "R. Alvarez", "", ["records-manager", *READS])
    other = create_person_key(copy / "other.key")
    people.enrol(archive, other, "C. Okafor", "", ["counsel"])
    return copy


def as_person(folder: Path, name: str = "") -> Archive:
    """Open the archive as a person, or as nobody."""
    key = str(folder / f"{name}.key") if name else ""
    return open_archive(Settings(str(folder / "archive"), folder / "home", person=key))


def private_record(archive: Archive) -> str:
    """Return the id of a subscriber."""
    found = search(archive, Query(stream="subscribers"), private=True).hits
    return str(found[0]["record_id"])


def test_a_look_is_noted_and_signed(office: Path) -> None:
    """Search, show and prove of what is private leave a note each, signed by who looked."""
    archive = as_person(office, "clerk")
    record = private_record(archive)
    show(archive, record)
    prove(archive, record)
    looks = notes(archive)
    assert [one.statement["what"] for one in looks] == ["search", "show", "prove"]
    assert {one.statement["about"] for one in looks[1:]} == {record}
    assert archive.person is not None
    for one in looks:
        assert one.signers(people.verifies) == {archive.person.verifier_key}


def test_public_records_leave_no_note(office: Path) -> None:
    """What anybody may see is nobody's business."""
    archive = as_person(office)
    hits = search(archive, Query(stream="posts")).hits
    show(archive, str(hits[0]["record_id"]))
    assert notes(archive) == []


def test_the_note_is_there_before_anything_is_shown(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that can't be noted shows nothing."""
    archive = as_person(office, "clerk")
    record = private_record(archive)

    def full(*_: object) -> None:
        raise KeyStoreError("no space left")

    monkeypatch.setattr(LocalHome, "write", full)
    for ask in (
        lambda: search(archive, Query(stream="subscribers"), private=True),
        lambda: show(archive, record),
        lambda: prove(archive, record),
    ):
        with pytest.raises(KeyStoreError, match="no space left"):
            ask()


@pytest.mark.parametrize("name", ["", "other", "stranger"])
def test_without_the_role_nothing_is_shown(office: Path, name: str) -> None:
    """A search says how many it left out; show and prove refuse; nothing is noted."""
    record = private_record(as_person(office, "clerk"))
    before = len(notes(as_person(office)))
    if name == "stranger":
        create_person_key(office / "stranger.key")
    archive = as_person(office, name)
    result = search(archive, Query(), private=True)
    assert not {"subscribers", "messages"} & result.searched.keys()
    assert result.not_searched["subscribers"] > 0
    for ask in (show, prove):
        with pytest.raises(RefusedError) as caught:
            ask(archive, record)
        assert caught.value.code == "reader-role-needed"
    assert len(notes(archive)) == before


def test_a_role_reads_its_stream_alone(office: Path) -> None:
    """Who reads comments and subscribers is told how many of the rest were not searched."""
    result = search(as_person(office, "clerk"), Query(), private=True)
    assert {"subscribers", "comments"} <= result.searched.keys()
    assert "workflow" in result.not_searched
    private = {name for name in result.not_searched if name not in result.searched}
    assert private


def test_without_readers_the_home_reads_as_before(copy: Path) -> None:
    """As long as nobody was made a reader, whoever has the home reads, and it is noted."""
    archive = opened(copy)
    assert search(archive, Query(text=WORD), private=True).searched["subscribers"] > 0
    (one,) = notes(archive)
    assert one.signatures == ()


def test_looks_of_a_day_become_one_entry(office: Path) -> None:
    """Once the day is over: an entry with day and number; the query is in a private record."""
    archive = as_person(office, "clerk")
    query = Query(text="Ottilie Brandt", stream="subscribers")
    search(archive, query, private=True)
    private_record(archive)
    assert seal_looks(archive) == 0
    assert len(notes(archive)) == 2
    later = replace(archive, clock=Later())
    upkeep(later)
    assert notes(archive) == []
    state = read_state(archive)
    (body,) = [body for _, body in state.controls if body["t"] == "access"]
    assert (body["looks"], body["day"]) == (2, body["day"])
    stored = b"".join(entry.control(one) for _, one in state.controls)
    plain = b"".join(p.read_bytes() for p in (office / "archive").rglob("*") if p.is_file())
    assert b"Ottilie" not in stored + plain
    assert verify(archive, Silent(), deep=True).findings == []
    assert seal_looks(later) == 0


def test_stopped_between_sealing_and_removing_counts_once(office: Path) -> None:
    """Notes that are sealed already are not sealed again."""
    archive = as_person(office, "clerk")
    private_record(archive)
    shutil.copytree(office / "home", office / "before")
    later = replace(archive, clock=Later())
    assert seal_looks(later) == 1
    (kept,) = (office / "before").glob("*/access")
    shutil.copytree(kept, office / "home" / kept.parent.name / "access", dirs_exist_ok=True)
    private_record(archive)
    assert seal_looks(later) == 1
    bodies = [body for _, body in read_state(archive).controls if body["t"] == "access"]
    assert [body["looks"] for body in bodies] == [1, 1]
    assert notes(archive) == []


@pytest.mark.parametrize(
    ("document", "entry", "found"),
    [
        ({"day": DAY, "looks": [{}, {}]}, {"day": DAY, "looks": 3}, [f"2 looks of {DAY}"]),
        ({"day": DAY, "looks": [{}]}, {"day": "2026-11-18", "looks": 1}, [f"1 looks of {DAY}"]),
        ({"day": "J. Doe", "looks": [{}]}, {"day": DAY, "looks": 1}, ["no looks of a day"]),
        ({"day": DAY, "looks": [{}]}, None, [f"1 looks of {DAY}"]),
        (None, {"day": DAY, "looks": 7}, ["no document"]),
        ({"day": DAY, "looks": [{}]}, {"day": DAY, "looks": 1}, []),
    ],
)
def test_looks_are_counted_by_their_documents(
    copy: Path, document: dict[str, Any] | None, entry: dict[str, Any] | None, found: list[str]
) -> None:
    """Looks that the ledger counts and no document tells, or otherwise, are a finding."""
    archive = opened(copy)
    told = {} if document is None else {"access/01KAGT1EB0E0F4QZB3N5T7R9XW": document}
    seal_documents(archive, told, [] if entry is None else [{"t": "access", **entry}])
    report = verify(archive, Silent(), deep=True)
    assert [(one.code, one.found) for one in report.findings] == [
        ("access-differs", one) for one in found
    ]


def test_two_looks_at_once_are_two(office: Path) -> None:
    """Notes have names of their own: no process waits for another, none is lost."""
    archive, other = as_person(office, "clerk"), as_person(office, "clerk")
    for one in (archive, other, archive):
        access.look(one, "show", "record", ["comments"])
    assert len(notes(archive)) == 3
