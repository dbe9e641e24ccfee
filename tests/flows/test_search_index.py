"""Search by its index against reading every row; the index itself: made, damaged, gone."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from archiver.capture.settled import Settled
from archiver.edges.file_reader import ProcessReader
from archiver.errors import KeyStoreError
from archiver.flows import search as code
from archiver.flows import search_shelves
from archiver.flows.kept import drop
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.search import Query, search
from archiver.flows.search_index import FOLDER, digest_of, marks_of, postings_of
from archiver.flows.search_shelves import SHELVES, arranged, forgotten
from archiver.flows.segments import open_file
from archiver.flows.settle import seal_settled
from archiver.ids import new_uuid
from archiver.ledger import ranges
from archiver.record import Excerpt, Observation
from archiver.search import bounds, postings
from archiver.search.query import SEARCHED
from archiver.search.syntax import Wild, spelled
from archiver.search.vocabulary import Finding
from tests.audit.flips import flipped
from tests.flows import unindexed
from tests.flows.helpers import founded, open_archive
from tests.search import naive

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment
    from archiver.search.marks import Marks

ACCOUNTS = ("x", "y")
KINDS = ("present", "present", "present", "edited", "held", "deleted", "restored", "hidden")


def said(chance: random.Random, account: str, day: int) -> Observation:
    """Return an observation of one of few records, of few words."""
    _, text, author, file = naive.some_row(chance)
    if file:
        return a_file(chance, account, day, " ".join(file))
    made = f"2026-11-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:00:00.000000Z"
    row = {"text": " ".join(text), "author_name": " ".join(author)}
    row |= {"created_at": made} if chance.random() < 0.7 else {}
    return Observation(
        platform="stand-in",
        account=account,
        stream=chance.choice(("comments", "comments", "posts")),
        native_id=str(chance.randrange(12)),
        kind=chance.choice(KINDS),
        sensitivity=chance.choice(("public", "public", "private")),
        captured_at=f"2026-11-{day:02}T12:00:00.000000Z",
        excerpts=(Excerpt("item", b"x"),),
        row={name: value for name, value in row.items() if value},
        parser="stand-in/1",
    )


def a_file(chance: random.Random, account: str, day: int, text: str) -> Observation:
    """Return an observation of one of few files: of text, or of a kind that nobody reads."""
    body = text.encode() if chance.random() < 0.8 else b"\x00\x01"
    gone = chance.random() < 0.1
    return Observation(
        platform="stand-in",
        account=account,
        stream="media",
        native_id=str(chance.randrange(6)),
        kind="deleted" if gone else chance.choice(("present", "edited")),
        sensitivity=chance.choice(("public", "public", "private")),
        captured_at=f"2026-11-{day:02}T12:00:00.000000Z",
        excerpts=() if gone else (Excerpt("exchange", b"HTTP/1.1 200 OK\r\n\r\n" + body),),
        row={} if gone else {"file_name": "plan.txt"},
        parser="file/1",
        page_url="https://city.example/plan.txt",
        warc_type="metadata" if gone else "response",
        content_type="application/http; msgtype=response",
    )


def reading(folder: Path) -> Archive:
    """Return a new archive that reads files."""
    return replace(open_archive(founded(folder), folder), files=ProcessReader())


def filled(archive: Archive, chance: random.Random, batches: int) -> None:
    """Seal so many batches: each makes up to four segments."""
    for day in range(1, batches + 1):
        account = chance.choice(ACCOUNTS)
        made = [
            (new_uuid(archive.chance), said(chance, account, day))
            for _ in range(chance.randint(1, 9))
        ]
        seal_settled(archive, read_state(archive), account, Settled(observations=made))


def some_query(chance: random.Random) -> Query:
    """Return any query."""

    def day() -> str:
        return f"2026-11-{chance.randrange(1, 29):02}"

    text = "" if chance.random() < 0.1 else spelled(naive.some_query(chance))
    since, until = sorted((day(), day()))
    return Query(
        f"({text}) AND date:{day()}..2026-11-30" if text and chance.random() < 0.2 else text,
        account=chance.choice(("", "", "x")),
        stream=chance.choice(("", "", "posts")),
        state=chance.choice(("", "", "", "present", "deleted")),
        since=since if chance.random() < 0.2 else "",
        until=until if chance.random() < 0.2 else "",
        as_of=day() if chance.random() < 0.2 else "",
    )


def compare(archive: Archive, query: Query, *, private: bool, seed: int) -> int:
    """Ask both; return how many records were found."""
    found, expected = search(archive, query, private=private), unindexed.answered(
        archive, query, private=private
    )  # fmt: skip
    assert found.hits == expected["hits"], (seed, query)
    assert found.searched == expected["searched"], (seed, query)
    assert found.not_searched == expected["skipped"], (seed, query)
    assert found.unknown == expected["unknown"], (seed, query)
    words = [one["words"] for one in found.terms]
    if query.account or query.since or query.until:  # of these rows alone
        assert all(set(some) <= set(every) for some, every in zip(words, expected["words"]))  # noqa: B905
    else:
        assert words == expected["words"], (seed, query)
    return len(found.hits)


def play(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ask random queries of a random archive; return how many found something."""
    chance = random.Random(seed)
    monkeypatch.setattr(postings, "GROUP", 40)  # so that there are several row groups
    monkeypatch.setattr(search_shelves, "TOGETHER", 2 + seed % 3)
    archive = reading(folder / "home")
    telling = 0
    for _ in range(3):
        filled(archive, chance, 3)
        leaves = chance.sample(range(1, read_state(archive).size), 3)
        hidden = ranges.from_numbers(sorted(leaves)) if chance.random() < 0.5 else []
        for module in (code, unindexed):
            monkeypatch.setattr(module, "withheld_from_all", lambda *_, hides=hidden: hides)
        for _ in range(10):
            query, private = some_query(chance), chance.random() < 0.5
            telling += bool(compare(archive, query, private=private, seed=seed))
    return telling


def test_no_query_is_answered_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random queries of random archives find what a look at every row finds."""
    found = [play(tmp_path / str(seed), seed, monkeypatch) for seed in range(3)]
    assert sum(found) > 30


@pytest.mark.soak
def test_no_query_of_very_many_is_answered_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for many more archives."""
    found = [play(tmp_path / str(seed), seed, monkeypatch) for seed in range(100, 300)]
    assert sum(found) > 2000


# ── The files ────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive of several segments, which was searched: two files make a shelf."""
    monkeypatch.setattr(search_shelves, "TOGETHER", 2)
    archive = reading(tmp_path / "home")
    filled(archive, random.Random(3), 6)
    search(archive, Query("a"), private=True)
    return archive


def index_files(archive: Archive) -> list[str]:
    """Return the files of the index."""
    return list(archive.home.names(FOLDER))


def answers(archive: Archive) -> list[object]:
    """Return what several queries say."""
    asked = (Query("ab NOT W/2 b", account="x"), Query("(NOT a) OR *b*"))
    return [search(archive, query, private=True) for query in asked]


def test_a_changed_byte_is_noticed_and_no_answer_differs(archive: Archive) -> None:
    """Whatever bit of whatever file of the index: it is made anew, and never believed."""
    true, chance = answers(archive), random.Random(6)
    for name in index_files(archive):
        data = archive.home.read(name) or b""
        changed = flipped(data, chance.randrange(8 * len(data)))
        archive.home.write(name, chance.choice((changed, changed, b"", data[: len(data) // 2])))
        assert answers(archive) == true, name


def test_one_file_in_the_place_of_another_is_not_believed(archive: Archive) -> None:
    """Each is bound to its name."""
    true = answers(archive)
    for kind in (".words", ".marks", ".files", ".texts"):
        own = [name for name in index_files(archive) if name.endswith(kind)]
        archive.home.write(own[0], archive.home.read(own[1]) or b"")
        assert answers(archive) == true


def test_without_the_cache_the_answers_are_the_same(archive: Archive) -> None:
    """All of it gone, or any one file: what is missing is made from the rows."""
    true, files = answers(archive), index_files(archive)
    for name in files[::5]:
        archive.home.remove(name)
        assert answers(archive) == true, name
    for name in index_files(archive):
        archive.home.remove(name)
    drop(archive.home)
    assert answers(archive) == true


def test_an_index_of_older_rules_is_made_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version of the rules by which words are cut stands in every file."""
    true = answers(archive)
    for module in ("archiver.search.postings", "archiver.search.marks"):
        monkeypatch.setattr(f"{module}.INDEX", "3")
    monkeypatch.setattr("archiver.flows.search_index.INDEX", "3")
    before = {name: archive.home.read(name) for name in index_files(archive)}
    assert answers(archive) == true
    after = {name: archive.home.read(name) for name in index_files(archive)}
    words = {name: data for name, data in after.items() if name.endswith(".words")}
    assert words
    assert all(before.get(name) != data for name, data in words.items())


def test_few_files_have_the_words_of_many_segments(archive: Archive) -> None:
    """Those of public segments are together on shelves, private ones by themselves."""
    segments = [one.segment for one in catalog(archive, read_state(archive)) if one.stream]
    public = {digest_of(one) for one in segments if one.sensitivity == "public"}
    words = {name.removeprefix(FOLDER) for name in index_files(archive) if name.endswith("words")}
    assert len(public) > 4
    assert len([one for one in words if one.partition(".")[0] in public]) <= 1
    private = [one for one in segments if digest_of(one) not in public]
    assert {f"{digest_of(one)}.words" for one in private} <= words
    assert len(words) - len(private) < 5


def test_words_of_private_segments_are_encrypted(archive: Archive) -> None:
    """No file of the index has one plain, and without the key of its rows none opens."""
    private = [
        one.segment
        for one in catalog(archive, read_state(archive))
        if one.segment.sensitivity == "private" and one.stream in ("comments", "posts")
    ]
    assert private
    for segment in private:
        for kind in (".words", ".marks"):
            data = archive.home.read(f"{FOLDER}{digest_of(segment)}{kind}") or b""
            assert len(data) > 100
            assert b"PAR1" not in data
    shelves = archive.home.read(SHELVES) or b""
    told = {digest_of(one) for one in private}
    assert all(f'"{one}": null'.encode() in shelves for one in told)
    for suffix in private[0].objects:
        archive.keys.shred(f"u/{private[0].unit}/{private[0].name}.{suffix}")
    with pytest.raises(KeyStoreError):
        postings_of(archive, private[0])
    assert search(archive, Query("a"), private=True).not_searched


def test_what_is_gone_is_taken_out(archive: Archive) -> None:
    """A shelf loses a segment that is gone, and stays as it is for all others."""
    segments = [one for one in catalog(archive, read_state(archive)) if one.stream]
    rest = [one for one in segments if digest_of(one.segment) not in _shelved(archive)[:1]]
    gone = {digest_of(one.segment) for one in segments} - {digest_of(one.segment) for one in rest}
    assert len(gone) == 1
    forgotten(archive, [one.segment for one in rest])
    assert not any(one.encode() in (archive.home.read(SHELVES) or b"") for one in gone)
    assert not any(one in name for one in gone for name in index_files(archive))
    parts = _shelved(archive)
    again = arranged(archive, rest, rest)
    assert [part for shelf in again.shelves.values() for part in shelf.parts] == parts
    finding, told = Finding([Wild("*a*")]), 0
    for file, own in again.postings(archive, rest):
        for posted in file.find(finding, places=False):
            rows = pq.read_table(BytesIO(open_file(archive, own[posted.part].segment, "parquet")))
            if posted.field < len(SEARCHED):
                texts: list[Any] = rows[SEARCHED[posted.field]].take(posted.rows).to_pylist()
                assert all(posted.word in text for text in texts)
                told += 1
    assert told > 20


def _shelved(archive: Archive) -> list[str]:
    found = json.loads((archive.home.read(SHELVES) or b"")[32:])["shelves"]
    return [part for parts, _ in found.values() for part in parts]


def test_a_look_at_few_days_opens_few_segments(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is of another account, or was made on other days, is not opened."""
    opened = list[str]()

    def spied(of: Archive, segment: Segment) -> Marks:
        opened.append(segment.name)
        return marks_of(of, segment)

    monkeypatch.setattr("archiver.flows.search_candidates.marks_of", spied)
    monkeypatch.setattr("archiver.flows.search_rows.marks_of", spied)
    assert search(archive, Query("a", account="nobody")).hits == []
    assert search(archive, Query("a", since="2031-01-01")).hits == []
    assert {one for one in opened if one not in _private(archive)} == set()


def _private(archive: Archive) -> set[str]:
    every = catalog(archive, read_state(archive))
    return {one.segment.name for one in every if one.segment.sensitivity == "private"}


def test_a_bound_that_is_too_narrow_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The comparison sees where one of two words is not looked for."""
    monkeypatch.setattr(bounds, "_either", lambda one, _: one)
    with pytest.raises(AssertionError, match="Query"):
        [play(tmp_path / str(seed), seed, monkeypatch) for seed in range(8)]
