"""Words in captured files: found, told apart, encrypted, made anew, and named where unread."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from archiver.edges.file_reader import ProcessReader
from archiver.errors import StoreError, UsageError
from archiver.flows import search_beside
from archiver.flows.ledger import read_state
from archiver.flows.marking import Wanted
from archiver.flows.produce import produce
from archiver.flows.rebuild import rebuild
from archiver.flows.rows import catalog
from archiver.flows.search import Query, search
from archiver.flows.search_beside import index_beside
from archiver.flows.search_index import FOLDER, digest_of
from archiver.flows.search_report import term_report
from archiver.flows.search_shelves import forgotten
from archiver.flows.suggesting import suggestions, unread_files
from archiver.formats.derived.gathered import Derived
from archiver.layout import unit_object_key
from archiver.produce.scope import Scope
from archiver.wire.volumes import volume_folder
from tests.flows.filed import seal_file
from tests.flows.helpers import Quiet, founded, open_archive
from tests.flows.test_marking import BASIS, EXEMPTIONS, RECORD, decide, office  # noqa: F401 - a fixture
from tests.flows.test_produce import how
from tests.flows.test_redacting import PHONE, seal
from tests.formats.derived import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.search import SearchResult
    from tests.flows.hall import Hall

PLAN = files.docx("<w:p><w:t>The zebra crossing</w:t></w:p><w:p><w:t>costs 4711</w:t></w:p>")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with a post, a plan, and files that nobody can read; it reads files."""
    made = replace(open_archive(founded(tmp_path), tmp_path), files=ProcessReader())
    seal(made, "1", [{"title": "The plan", "text": "a zebra came by the crossing"}])
    seal_file(made, "plan", "plan.docx", PLAN)
    seal_file(made, "map", "map.png", files.scan("zebra", "PNG"), media_type="image/png")
    seal_file(made, "letter", "letter.pdf", files.encrypted_pdf("zebra", "word"))
    return made


def found(result: SearchResult) -> list[str]:
    """Return which records were found."""
    return sorted(one["record_id"].rpartition(":")[2] for one in result.hits)


def test_words_of_files_are_found(archive: Archive) -> None:
    """By themselves, near each other, and in files alone."""
    asked = {
        "zebra": ["1", "plan"],
        '"zebra crossing"': ["plan"],
        "zebra W/2 crossing": ["plan"],
        "plan W/200 zebra": [],  # the title and the text are far apart, as files are
        "zebra AND plan": ["1"],
        "file:zebra": ["plan"],
        'file:"zebra crossing"': ["plan"],
        "zebra AND (NOT file:zebra)": ["1"],
        "crossing PRE/1 costs": ["plan"],
        "47*": ["plan"],
        "stream:media AND cost~": ["plan"],
    }
    assert {query: found(search(archive, Query(query))) for query in asked} == asked


def test_a_hit_in_a_file_is_told_apart(archive: Archive) -> None:
    """With the file's name, what read it, and which terms stand there."""
    hits = {one["record_id"]: one["in_file"] for one in search(archive, Query("zebra")).hits}
    assert hits[RECORD.replace(":17", ":1")] is None
    assert hits["stand-in:city:media:plan"] == {
        "name": "plan.docx",
        "by": "civic-archiver text/1",
        "terms": ["zebra"],
    }


def test_files_that_nobody_could_read_are_named(archive: Archive) -> None:
    """By reason and id, where they might have what is asked: then nothing found proves nothing."""
    none = search(archive, Query("giraffe"))
    told = {one["record_id"].rpartition(":")[2]: one["why"] for one in none.unsearchable}
    assert none.hits == []
    assert not none.complete
    assert told["letter"] == "it is encrypted"
    assert told["map"].startswith("a picture")
    assert set(told) == {"letter", "map"}
    for beyond in ("giraffe AND stream:posts", "giraffe AND date:2025", "author:giraffe"):
        assert search(archive, Query(beyond)).unsearchable == [], beyond
    posts = search(archive, Query("giraffe", stream="posts"))
    assert (posts.hits, posts.complete) == ([], True)
    assert search(archive, Query("NOT zebra")).unsearchable
    assert not search(archive, Query("stream:media")).unsearchable  # asks for no words
    report = term_report(archive, Query("giraffe OR zebra"))
    assert not report["complete"]
    assert len(report["unsearchable"]) == 2
    assert "pypdf" in report["reads"]


def test_the_index_of_files_is_made_anew(archive: Archive) -> None:
    """By `rebuild`, and where something else reads files by now; not where nothing has changed."""
    first = search(archive, Query("zebra OR salt"))
    read = list[str]()

    class Other:
        """Reads every file as one word."""

        stamp = "another reader"

        @contextmanager
        def opened(self) -> Iterator[Callable[[bytes, str, str], Derived]]:
            """Note what it is given."""

            def one(_: bytes, name: str, __: str) -> Derived:
                read.append(name)
                return Derived("salt", "other 1", "")

            yield one

    other = replace(archive, files=Other())
    again = search(other, Query("zebra OR salt"))
    assert found(first) == ["1", "plan"]
    assert found(again) == ["1", "letter", "map", "plan"]
    assert again.unsearchable == []
    assert sorted(read) == ["letter.pdf", "map.png", "plan.docx"]
    search(other, Query("salt"))
    assert len(read) == 3
    rebuild(other, Quiet())
    assert len(read) == 6
    assert search(archive, Query("zebra OR salt")) == first


def test_texts_of_private_files_are_encrypted_and_go_with_their_key(archive: Archive) -> None:
    """No word of one lies plain in the home; without the key of its rows none is found."""
    seal_file(archive, "memo", "memo.docx", PLAN, sensitivity="private")
    assert found(search(archive, Query("file:zebra"), private=True)) == ["memo", "plan"]
    assert found(search(archive, Query("file:zebra"))) == ["plan"]
    every = catalog(archive, read_state(archive))
    memo = next(one.segment for one in every if one.segment.sensitivity == "private")
    own = [name for name in archive.home.names(FOLDER) if digest_of(memo) in name]
    assert {name.rpartition(".")[2] for name in own} == {"words", "marks", "files", "texts"}
    for name in own:
        data = archive.home.read(name) or b""
        assert b"PAR1" not in data
        assert b"zebra" not in data
    for suffix in memo.objects:
        archive.keys.shred(unit_object_key(memo.unit, memo.name, suffix))
    assert found(search(archive, Query("file:zebra"), private=True)) == ["plan"]
    forgotten(archive, [one.segment for one in every if one.segment is not memo])
    assert not any(digest_of(memo) in name for name in archive.home.names(FOLDER))


def test_a_file_that_is_not_as_it_was_sealed_is_unread(archive: Archive) -> None:
    """It is named, all else is found, and once it is mended so is what it says."""
    every = catalog(archive, read_state(archive))
    store: Any = archive.store
    keys = [
        unit_object_key(one.segment.unit, one.segment.name, "warc.gz")
        for one in every
        if one.stream == "media"
    ]
    true = {key: store.get(key) for key in keys}
    for key, data in true.items():
        store._objects[key] = data[:-1]
    broken = search(archive, Query("zebra"))
    assert found(broken) == ["1"]
    assert {one["why"] for one in broken.unsearchable} == {
        "what is stored of it can't be read: run archiver verify"
    }
    for key, data in true.items():
        store._objects[key] = data
    assert found(search(archive, Query("zebra"))) == ["1", "plan"]


def test_an_archive_that_reads_no_files_says_so(archive: Archive) -> None:
    """A process without a reader finds records, and names each file."""
    blind = open_archive(archive.store, archive.home.root)  # type: ignore[arg-type, attr-defined] # a memory store, a folder
    got = search(blind, Query("zebra"))
    assert found(got) == ["1"]
    assert {one["why"] for one in got.unsearchable} == {"nothing here reads files"}


# ── Beside the seal ──────────────────────────────────────────────────────────────────────
def test_what_was_just_sealed_is_indexed(archive: Archive) -> None:
    """What came before waits for a search; afterwards the search reads no row to index it."""
    size = read_state(archive).size
    seal_file(archive, "new", "new.txt", b"a giraffe")
    assert index_beside(archive, size) == ""
    names = archive.home.names(FOLDER)
    every = catalog(archive, read_state(archive))
    newer = {digest_of(one.segment) for one in every if one.segment.seal >= size}
    assert {name.removeprefix(FOLDER).partition(".")[0] for name in names} == {*newer, "shelves"}
    assert found(search(archive, Query("giraffe"))) == ["new"]


@pytest.mark.parametrize("error", [StoreError("the disk is full"), RuntimeError("a bug")])
def test_an_index_that_fails_fails_no_seal(
    archive: Archive, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why is told; the next search makes it."""

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(search_beside, "index_all", fail)
        assert str(error.args[0]) in index_beside(archive, 0)
    assert found(search(archive, Query("zebra"))) == ["1", "plan"]


# ── Redaction and productions ────────────────────────────────────────────────────────────
@pytest.fixture
def town(office: Hall) -> Hall:  # noqa: F811 - a fixture
    """A hall with files, which it reads."""
    office.archive = replace(office.archive, files=ProcessReader())
    says = files.docx(f"<w:p><w:t>Call {PHONE} about it</w:t></w:p>")
    seal_file(office.archive, "note", "note.docx", says)
    seal_file(office.archive, "letter", "letter.pdf", files.encrypted_pdf("zebra", "word"))
    return office


NOTE, LETTER = "stand-in:city:media:note", "stand-in:city:media:letter"


def test_detectors_look_into_files(town: Hall) -> None:
    """They point at the file; marking that withholds it as a whole. What is unread is named."""
    (one,) = suggestions(town.archive, [NOTE], EXEMPTIONS, least=2)
    assert (one.text, one.in_file, one.marked) == (PHONE, "note.docx", False)
    assert (one.place.field, one.place.end) == ("", 0)
    assert unread_files(town.archive, [NOTE, LETTER]) == [(LETTER, "it is encrypted")]
    decide(town, Wanted(NOTE, "7(1)(b)", BASIS))
    (one,) = suggestions(town.archive, [NOTE], EXEMPTIONS, least=2)
    assert one.marked


def test_a_file_that_says_what_is_withheld_is_named(town: Hall, tmp_path: Path) -> None:
    """It goes out as it came, and whoever produces is told; once marked it does not go out."""
    decide(town, Wanted(RECORD, "7(1)(b)", BASIS, find=PHONE))

    def made(path: Path) -> Any:  # noqa: ANN401 - what was produced
        with volume_folder(path) as folder:
            return produce(town.archive, Scope(), town.size, how(), folder, Quiet())

    assert NOTE in made(tmp_path / "first").elsewhere
    decide(town, Wanted(NOTE, "7(1)(b)", BASIS))
    second = made(tmp_path / "second")
    assert NOTE not in second.elsewhere
    assert NOTE not in second.choice.records


def test_a_hit_report_tells_hits_in_files_apart(town: Hall, tmp_path: Path) -> None:
    """How many records have a term in their file, and how many files nobody could read."""
    with volume_folder(tmp_path / "volume") as folder:
        done = produce(
            town.archive, Scope(query="call OR zebra"), town.size, how(), folder, Quiet()
        )
    (report,) = (tmp_path / "volume").rglob("HITREPORT.json")
    text = report.read_text("utf-8")
    assert '"in_files": 1' in text or '"in_files":1' in text
    assert "files that could not be read, or not all of them" in text
    assert "pypdf" in text
    assert done.choice.unread == {LETTER}


def test_a_query_for_files_is_spelled_and_refused_like_others(archive: Archive) -> None:
    """It can be asked again as it was read; without words it is refused."""
    assert search(archive, Query('file:"zebra crossing"')).told == 'file:"zebra crossing"'
    with pytest.raises(UsageError, match="nothing in this can be looked for"):
        search(archive, Query('file:"&"'))
