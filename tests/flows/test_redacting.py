"""Versions of records with marks: what is withheld is nowhere, all else is proven, every time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.settled import Settled
from archiver.errors import ArchiverError, IntegrityError, RefusedError, UsageError
from archiver.flows import sealed_many as module
from archiver.flows.ledger import read_state
from archiver.flows.prove import check_proof
from archiver.flows.proving import trees_of
from archiver.flows.redacting import Reading, versions_of
from archiver.flows.settle import seal_settled
from archiver.formats.parquet import rows_of
from archiver.ids import new_uuid
from archiver.layout import CHECKPOINT
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.folding import folded
from archiver.produce.document import Gap
from archiver.record import Excerpt, Observation
from archiver.redact.mark import Mark, Region, on
from tests.doubles import SeededRandomness
from tests.flows.helpers import ACCOUNT, IDENTITY, founded, open_archive
from tests.redact.spelt import spellings
from tests.verifier.test_agreement import loaded

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.produce.document import Version

PHONE, NAME = "630-555-0142", "Żaneta Quillfeather"
TEXT = f"The culvert on Elm is blocked. Call {NAME}, {PHONE}, before noon, not after 7."
ROW = {
    "state": "approved",
    "url": "https://city.example/culvert-630%2D555%2D0142/",
    "title": "Culvert",
    "text": TEXT,
    "markup": f"<p>{TEXT.replace('-', '&#45;')}</p>",
    "summary": f"Call {PHONE}",
    "author_id": "6305550142",
    "author_name": "Quillfeather, Żaneta",
    "author_email": "zaneta@example.com",
    "author_url": "https://example.com/u/%C5%BBaneta%20Quillfeather",
    "attachments": json.dumps([{"by": "Quillfeather", "no": 1}]),
    "tags": json.dumps(["culvert"]),
    "volatile": json.dumps({"likes": 3}),
    "extra": json.dumps({"tel": {"area": "630", "rest": "5550142"}, "text": TEXT}),
}
EDITED = {"text": f"Fixed, thanks. {NAME.upper()} 630 555 0142 was very kind.", "state": "approved"}


def seal(archive: Archive, native: str, rows: list[dict[str, str]], **more: str) -> str:
    """Seal the versions of a comment; return its id. ``more``: other members of each."""
    chance = SeededRandomness(native)
    made = []
    for number, row in enumerate(rows):
        told = {
            "platform": "stand-in",
            "account": "city",
            "stream": "posts",
            "kind": "edited" if number else "present",
            "sensitivity": "public",
            "page_url": "https://city.example/c#630-555-0142",
        }
        observation = Observation(
            **(told | more),  # type: ignore[arg-type]  # texts alone
            native_id=native,
            captured_at=f"2026-11-20T09:00:0{number}.000000Z",
            excerpts=(Excerpt("item", json.dumps(row).encode()),),
            row=row,
            parser="stand-in/1",
        )
        made.append((new_uuid(chance), observation))
    seal_settled(archive, read_state(archive), ACCOUNT, Settled(observations=made))
    return made[0][1].record_id


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive with a comment in two versions, and one of which nothing is withheld."""
    made = open_archive(founded(tmp_path), tmp_path)
    seal(made, "17", [ROW, EDITED])
    seal(made, "18", [{"text": "Fine by me. \u2588\u2588 A sign, too.", "state": "approved"}])
    return made


RECORD = "stand-in:city:posts:17"


def read(archive: Archive, marks: list[Mark], record: str = RECORD) -> tuple[Version, ...]:
    """Return the versions of a record as they may be shown."""
    note = archive.store.get(CHECKPOINT)
    size = open_checkpoint(note, IDENTITY.keys).size
    return versions_of(archive, record, marks, size=size, note=note)


def marked(archive: Archive, find: str, code: str = "7(1)(b)", record: str = RECORD) -> Mark:
    """Return a mark on the first place of a text."""
    first = read(archive, [], record)[0]
    (text,) = first.fields["text"]
    assert isinstance(text, str)
    at = text.index(find)
    bare = Mark("h", record, code, "a private number", "d", "t", first.observation, "text")
    return replace(bare, start=at, end=at + len(find))


def everything(version: Version) -> str:
    """Return all that a version gives away, the JSON of its proof as a reader reads it."""
    proof = json.loads(version.proof)
    return json.dumps([repr(version.fields), repr(version.closed), proof], ensure_ascii=False)


def test_nothing_is_withheld_without_marks(archive: Archive) -> None:
    """All fields as they are, by a proof that opens all."""
    (one,) = read(archive, [], "stand-in:city:posts:18")
    assert one.fields == {
        "text": ("Fine by me. \u2588\u2588 A sign, too.",),
        "state": ("approved",),
    }
    assert one.closed == {}
    checked = check_proof(one.proof, IDENTITY.keys)
    assert (checked.withheld_fields, checked.excerpts) == (0, 1)


def test_one_number_is_withheld_and_every_other_word_proven(archive: Archive) -> None:
    """Under the same signed root as the whole record; one changed byte is found and named."""
    whole = read(archive, [])[0]
    one = read(archive, [marked(archive, PHONE)])[0]
    shown = check_proof(one.proof, IDENTITY.keys)
    roots = {
        open_checkpoint(_note(proof), IDENTITY.keys).root for proof in (whole.proof, one.proof)
    }
    assert len(roots) == 1
    before, gap, after = one.fields["text"]
    assert gap == Gap(1, ("7(1)(b)",))
    assert f"{before}{PHONE}, {after}" == TEXT
    assert shown.withheld_words == 2  # in the text, and in the summary
    at = one.proof.index(b"culvert ")
    for changed in (b"Culvert ", b"kulvert "):
        bad = one.proof[:at] + changed + one.proof[at + len(changed) :]
        with pytest.raises(IntegrityError) as caught:
            check_proof(bad, IDENTITY.keys)
        assert caught.value.where


def _note(proof: bytes) -> bytes:
    return str(json.loads(proof)["tlog_proof"]).partition("\n\n")[2].encode()


@pytest.mark.parametrize("find", [PHONE, NAME])
def test_it_is_in_no_field_version_or_line(archive: Archive, find: str) -> None:
    """Whatever the spelling; and fields that repeat the text are closed under the same code."""
    versions = read(archive, [marked(archive, find)])
    assert len(versions) == 2
    for version in versions:
        told = everything(version)
        assert folded(find) not in folded(told)
        for spelt in spellings(find):
            assert spelt not in told
    first, second = versions
    assert (
        dict.fromkeys(("markup", "extra", "volatile"), ("7(1)(b)",)).items() <= first.closed.items()
    )
    assert any(isinstance(part, Gap) for part in second.fields["text"])
    assert "state" in first.fields


def test_json_that_has_the_words_apart_closes(archive: Archive) -> None:
    """A list of names in another order is no other thing; one without them stays."""
    (first, _) = read(archive, [marked(archive, NAME)])
    assert "attachments" in first.closed
    assert first.fields["tags"] == ('["culvert"]',)


def test_a_short_word_closes_where_it_stands_alone(archive: Archive) -> None:
    """A number of one digit is in every date and id: there it says nothing of anybody."""
    (first, second) = read(archive, [marked(archive, "7.")])
    assert first.fields["text"][-1] == Gap(1, ("7(1)(b)",))
    assert first.captured_at.startswith("2026-11-20")
    assert second.fields["text"] == (EDITED["text"],)
    assert first.fields["url"] == (ROW["url"],)


def test_two_exemptions_keep_their_places(archive: Archive) -> None:
    """Each gap has the codes under which its words are withheld, and no other."""
    marks = [marked(archive, PHONE), marked(archive, NAME, "7(1)(c)")]
    (first, _) = read(archive, marks)
    assert [part for part in first.fields["text"] if isinstance(part, Gap)] == [
        Gap(3, ("7(1)(b)", "7(1)(c)"))
    ]
    assert [part for part in first.fields["summary"] if isinstance(part, Gap)] == [
        Gap(1, ("7(1)(b)",))
    ]
    assert first.closed["author_id"] == ("7(1)(b)",)
    assert first.closed["author_url"] == ("7(1)(c)",)


def test_a_field_is_withheld_in_every_version(archive: Archive) -> None:
    """Not even the number of its words is told; what it says is closed elsewhere too."""
    record = seal(archive, "19", [ROW, EDITED | {"author_email": "z.q@example.org"}])
    mark = Mark("h", record, "7(1)(b)", "private", "d", "t", "", "author_email")
    versions = read(archive, [mark], record)
    assert [one.closed["author_email"] for one in versions] == [("7(1)(b)",)] * 2
    assert not any(mail in everything(one) for one in versions for mail in ("zaneta@", "z.q@"))


def test_a_whole_record_says_that_it_was_there(archive: Archive) -> None:
    """Of which kind and when; not which record, and no word."""
    mark = Mark("h", RECORD, "7(1)(a)", "a court order", "d", "t")
    for one in read(archive, [mark]):
        assert one.fields == {}
        assert set(one.closed.values()) == {("7(1)(a)",)}
        checked = check_proof(one.proof, IDENTITY.keys)
        assert (checked.record, checked.fields, checked.withheld_fields) == ("", {}, None)
        assert checked.kind == one.kind != ""
        assert b"posts" not in one.proof


def test_what_is_a_part_of_it_is_withheld_with_it(archive: Archive) -> None:
    """A mark on a post closes its file's caption, one on all of it the file; not the reverse."""
    whole = seal(archive, "42", [{"text": f"Me, {NAME}"}])
    part = seal(archive, "42/file", [{"caption": f"{NAME.upper()} at the fair", "title": "f"}])
    word = marked(archive, NAME, record=whole)
    every = Mark("h", whole, "7(1)(a)", "order", "d", "t")
    region = Mark("h", whole, "7(1)(c)", "face", "d", "t", region=Region((0, 0, 9, 9)))
    assert on(part, {whole: (word, region)}) == (word,)
    (one,) = read(archive, list(on(part, {whole: (word,)})), part)
    assert folded(NAME) not in folded(everything(one))
    assert one.fields["title"] == ("f",)
    (one,) = read(archive, list(on(part, {whole: (every,)})), part)
    assert one.fields == {}
    assert on(whole, {part: (replace(every, record=part),)}) == ()


def test_a_masked_file_closes_digests_and_bytes(archive: Archive) -> None:
    """Who guesses what is under a mask could try it on a digest."""
    row = {"title": "A picture", "file_sha256": "ab" * 32, "volatile": "{}"}
    record = seal(archive, "p", [row], stream="media")
    mark = Mark("h", record, "7(1)(c)", "a child", "d", "t", region=Region((0, 0, 10, 10)))
    (one,) = read(archive, [mark], record)
    assert one.fields == {"title": ("A picture",)}
    assert one.closed == {"file_sha256": ("7(1)(c)",), "volatile": ("7(1)(c)",)}
    assert "ab" * 32 not in everything(one)


@pytest.mark.parametrize(
    "native", ["jane-quillfeather", "Jane%20Quillfeather", "guid-JANE_QUILLFEATHER"]
)
def test_what_the_id_says_is_refused(archive: Archive, native: str) -> None:
    """A record whose id says it can only be withheld whole."""
    record = seal(archive, native, [{"text": "I am Jane Quillfeather."}])
    mark = marked(archive, "Jane Quillfeather", record=record)
    with pytest.raises(RefusedError) as caught:
        read(archive, [mark], record)
    assert caught.value.code == "withhold-impossible"
    (one,) = read(archive, [mark, Mark("h", record, "7(1)(c)", "name", "d", "t")], record)
    assert "uillfeather" not in everything(one)


@pytest.mark.parametrize("change", [{"end": 999}, {"observation": "gone"}, {"field": "caption"}])
def test_a_mark_that_is_astray_stops_everything(
    archive: Archive, change: dict[str, object]
) -> None:
    """Nothing of the record is shown while nobody knows what a mark withholds."""
    mark = replace(marked(archive, PHONE), **change)  # type: ignore[arg-type]  # of its fields
    with pytest.raises(RefusedError) as caught:
        read(archive, [mark])
    assert caught.value.code == "mark-astray"


def test_the_salts_of_what_is_closed_are_nowhere(archive: Archive) -> None:
    """Neither the record's own nor that of a closed word: a closed hash confirms no guess."""
    one = read(archive, [marked(archive, PHONE)])[0]
    note = archive.store.get(CHECKPOINT)
    size = open_checkpoint(note, IDENTITY.keys).size
    (sealed, _) = Reading(archive, [RECORD], size=size, note=note, about="test").sealed(RECORD)
    (line,) = [one for one in sealed.record.lines if one.startswith(b"Archive-Salt")]
    told = one.proof.decode()
    assert line.decode().split(": ")[1] not in told
    trees = trees_of(sealed)
    text = next(leaf for leaf in trees[2] if leaf.name == "text")
    salts = {
        bool(token.salt.hex() in told) for token in text.tokens if PHONE in token.value.decode()
    }
    assert salts == {False}
    opened = [token for token in text.tokens if token.salt.hex() in told]
    assert len(opened) == len(text.tokens) - 1


def test_what_came_later_is_not_read(archive: Archive) -> None:
    """A reading up to a size has no version from there on, and one note for all."""
    first, second = read(archive, [])
    note = archive.store.get(CHECKPOINT)
    reading = Reading(archive, [RECORD], size=second.leaf, note=note, about="test")
    assert reading.versions_of(RECORD) == (first,)
    assert reading.in_order() == [RECORD]
    late = Mark("h", RECORD, "7(1)(b)", "b", "d", "t", second.observation, "text", 15, 34)
    assert EDITED["text"][15:34] == NAME.upper()
    (early,) = reading.versions_of(
        RECORD, [late]
    )  # a mark on a later version closes an earlier one
    assert folded(NAME) not in folded(everything(early))
    assert reading.withheld(RECORD, [late]).said_by(f"Letter to {NAME}")
    with pytest.raises(UsageError, match="covers less"):
        Reading(archive, [RECORD], size=10**6, note=note, about="test")


def test_a_record_that_is_not_there(archive: Archive) -> None:
    """It is told, and so is a mark of another record."""
    with pytest.raises(ArchiverError) as caught:
        read(archive, [], "stand-in:city:posts:99")
    assert caught.value.code == "record-unknown"
    with pytest.raises(AssertionError):
        read(archive, [Mark("h", "another", "7(1)(b)", "b", "d", "t")])


def test_a_private_record_leaves_a_look(archive: Archive) -> None:
    """Once for a reading, before anything is shown."""
    record = seal(archive, "m", [{"text": "hello"}], stream="messages", sensitivity="private")
    before = len(archive.home.names("access/"))
    assert read(archive, [], record)[0].fields == {"text": ("hello",)}
    assert len(archive.home.names("access/")) == before + 1


def test_a_large_version_is_shown_from_what_was_recomputed(archive: Archive) -> None:
    """Its proof would be larger than any reader takes: the closed root is that of the row."""
    record = seal(archive, "long", [{"text": "word " * 40_000}])
    (one,) = read(archive, [], record)
    assert one.fields == {"text": ("word " * 40_000,)}
    assert check_proof(one.proof, IDENTITY.keys).withheld_fields is None


def test_kind_and_time_are_those_that_are_proven(archive: Archive) -> None:
    """Where their header line says what is withheld, nobody is told."""
    record = seal(archive, "21", [{"text": "On 2026-11-20 I was there."}])
    (one,) = read(archive, [marked(archive, "2026-11-20", record=record)], record)
    assert (one.kind, one.captured_at) == ("present", "")
    assert "2026-11-20" not in everything(one)


def test_the_independent_verifier_agrees(archive: Archive) -> None:
    """It shares no code with this: with a word, a field, all withheld; and not when changed."""
    check = loaded().check_proof
    fields = Mark("h", RECORD, "7(1)(b)", "b", "d", "t", "", "author_email")
    whole = Mark("h", RECORD, "7(1)(b)", "b", "d", "t")
    for marks in ([], [marked(archive, PHONE)], [fields, marked(archive, NAME)], [whole]):
        for one in read(archive, marks):
            told = check(json.loads(one.proof), list(IDENTITY.keys))
            assert f"record: {RECORD if marks != [whole] else 'closed'}" in told
            changed = one.proof.replace(b"present", b"pleasant").replace(b"edited", b"editor")
            with pytest.raises(ValueError, match="leads to another root"):
                check(json.loads(changed), list(IDENTITY.keys))


def test_a_row_that_differs_is_not_shown(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer can't show what isn't proven: it would be found before."""
    true = rows_of
    monkeypatch.setattr(
        module, "rows_of", lambda table: [row | {"text": "I took it"} for row in true(table)]
    )
    for marks in ([], [Mark("h", RECORD, "7(1)(b)", "b", "d", "t", "", "title")]):
        with pytest.raises(IntegrityError, match="doesn't hold"):
            read(archive, marks)
