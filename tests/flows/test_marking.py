"""Marks: who may decide them, what the log learns of them, and that unread ones stop everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import ArchiverError, RefusedError, UsageError
from archiver.flows import marking as module
from archiver.flows import people
from archiver.flows.deciding import seal_drafts, told
from archiver.flows.exempting import exemptions_of
from archiver.flows.ledger import read_state
from archiver.flows.marking import Wanted, listed, mark, marks_at, take_back
from archiver.flows.suggesting import suggestions
from archiver.redact.exemptions import Exemptions, read_exemptions
from archiver.redact.mark import Region
from archiver.retention_settings import PackFiles
from tests.flows.hall import GOVERN
from tests.flows.test_redacting import EDITED, NAME, PHONE, ROW, seal

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.redact.mark import Mark
    from tests.flows.hall import Hall

ROOT = Path(__file__).parents[2] / "schemas"
FILES = [(one.name, one.read_bytes()) for one in sorted((ROOT / "exemptions").glob("*.yaml"))]
EXEMPTIONS = read_exemptions((ROOT / "exemptions.json").read_bytes(), FILES, "US-IL")
BASIS = "a private number"


@pytest.fixture
def office(hall: Hall) -> Hall:
    """A hall with a FOIA officer, and a post to redact."""
    people.enrol(hall.archive, hall.of("fay"), "fay", "", [])
    act = people.change(hall.archive, "fay", "foia-officer")
    people.seal_act(hall.archive, people.sign(act, hall.keys(*GOVERN)))
    hall.later(4)
    seal(hall.archive, "17", [ROW, EDITED])
    return hall


RECORD = "stand-in:city:posts:17"


def decide(hall: Hall, *wanted: Wanted, by: str = "fay") -> str:
    """Mark and seal; return the name of the act."""
    made = mark(hall.archive, wanted, EXEMPTIONS)
    seal_drafts(hall.archive, [made.signed(hall.keys(by))])
    return str(made.act.statement["statement"])


def phone(**more: Any) -> Wanted:  # noqa: ANN401 - of its fields
    """Return the wish to withhold the number."""
    return Wanted(RECORD, "7(1)(b)", BASIS, **({"find": PHONE} | more))


def standing(hall: Hall) -> tuple[Mark, ...]:
    """Return the marks that stand on the post."""
    return marks_at(hall.archive, hall.size).get(RECORD, ())


def test_a_mark_is_a_place_with_its_reason_and_who_decided(office: Hall) -> None:
    """In the latest version that has the text, however that spells it; and never the text."""
    name = decide(office, phone(), Wanted(RECORD, "7(1)(c)", "a name", field="text", find=NAME))
    first, second = standing(office)
    assert (first.handle, second.handle) == (f"{name}-1", f"{name}-2")
    assert (first.exemption, first.basis, first.field) == ("7(1)(b)", BASIS, "text")
    assert EDITED["text"][first.start : first.end] == "630 555 0142"
    assert EDITED["text"][second.start : second.end] == NAME.upper()
    assert first.decider == people_handle(office, "fay")
    assert first.decided == listed(office.archive)[0].mark.decided


def people_handle(hall: Hall, name: str) -> str:
    """Return the handle of a person by the name of the key."""
    return hall.of(name).verifier_key.partition("+")[0]


def test_the_log_learns_no_word_of_it(office: Hall) -> None:
    """An entry has a commitment to the document, and the document has no text of the record."""
    decide(office, phone())
    (entry,) = [body for _, body in read_state(office.archive).controls if body["t"] == "redact"]
    assert set(entry["statement"]) == {"act", "archive", "statement", "time", "subject"}
    shown = json.dumps(entry)
    assert not any(one in shown for one in (RECORD, PHONE, BASIS, "7(1)(b)", "text"))
    every = told(office.archive, read_state(office.archive)).values()
    (document,) = [one for one in every if one.get("act") == "mark"]
    assert "0142" not in json.dumps(document)


@pytest.mark.parametrize("by", ["fay", "counsel"])
def test_who_may(office: Hall, by: str) -> None:
    """A FOIA officer or counsel, alone and at once."""
    decide(office, phone(), by=by)
    assert len(standing(office)) == 1


@pytest.mark.parametrize("by", ["clerk", "holder", "anna", "purger"])
def test_who_may_not(office: Hall, by: str) -> None:
    """Nobody else, and nothing is sealed."""
    before = office.size
    with pytest.raises(RefusedError) as caught:
        decide(office, phone(), by=by)
    assert caught.value.code == "act-refused"
    assert office.size == before


def test_a_mark_is_taken_back_by_another_act(office: Hall) -> None:
    """One, or all of its act; what stood at an earlier size still stood there."""
    name = decide(office, phone(), phone(find=NAME))
    size = office.size
    seal_drafts(
        office.archive,
        [
            take_back(office.archive, f"{name}-1", "her business line").signed(
                office.keys("counsel")
            )
        ],
    )
    assert [one.handle for one in standing(office)] == [f"{name}-2"]
    assert len(marks_at(office.archive, size)[RECORD]) == 2
    first, second = listed(office.archive)
    assert (first.taken_back, first.reason) == (
        people_handle(office, "counsel"),
        "her business line",
    )
    assert second.taken_back == ""
    made = take_back(office.archive, name, "all wrong")
    seal_drafts(office.archive, [made.signed(office.keys("fay"))])
    assert standing(office) == ()
    with pytest.raises(UsageError) as caught:
        take_back(office.archive, name, "again")
    assert caught.value.code == "mark-unknown"


WAYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"field": "author_email"}, {"field": "author_email", "start": 0, "end": 0}),
    ({"field": "text", "span": (4, 11)}, {"field": "text", "start": 4, "end": 11}),
    (
        {"region": Region((1, 2, 3, 4), (5, 6))},
        {"field": "", "region": Region((1, 2, 3, 4), (5, 6))},
    ),
    ({}, {"field": "", "end": 0, "region": None}),
]


@pytest.mark.parametrize(("way", "made"), WAYS)
def test_the_ways_to_say_what(office: Hall, way: dict[str, Any], made: dict[str, Any]) -> None:
    """A field, a stretch of it, a part of a file, or the record."""
    decide(office, Wanted(RECORD, "7(1)(c)", BASIS, **way))
    (one,) = standing(office)
    assert {name: getattr(one, name) for name in made} == made


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"find": "no such words"}, "withhold-nothing"),
    ({"field": "caption"}, "usage"),
    ({"field": "title", "span": (0, 99)}, "withhold-nothing"),
    ({"find": PHONE, "exemption": "99(z)"}, "exemption-unknown"),
    ({"find": PHONE, "basis": " "}, "usage"),
    ({"find": PHONE, "observation": "none"}, "usage"),
    ({"record": "stand-in:city:posts:0"}, "record-unknown"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_what_is_refused_before_anybody_signs(
    office: Hall, change: dict[str, Any], code: str
) -> None:
    """Whatever is not there, or has no reason; the error repeats no text of the record."""
    wish = {"record": RECORD, "exemption": "7(1)(b)", "basis": BASIS, **change}
    with pytest.raises(ArchiverError) as caught:
        mark(office.archive, [Wanted(**wish)], EXEMPTIONS)
    assert caught.value.code == code
    assert PHONE not in f"{caught.value} {caught.value.where} {caught.value.mend}"


def test_what_the_id_says_is_refused_when_it_is_marked(office: Hall) -> None:
    """Not only when it is handed over; the whole record can be marked."""
    record = seal(office.archive, "jane-roe", [{"text": "I am Jane Roe."}])
    with pytest.raises(RefusedError) as caught:
        mark(office.archive, [Wanted(record, "7(1)(c)", BASIS, find="Jane Roe")], EXEMPTIONS)
    assert caught.value.code == "withhold-impossible"
    decide(office, Wanted(record, "7(1)(c)", BASIS))


def test_who_can_not_read_the_marks_hands_over_nothing(
    office: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the keys of the workflow stream nobody knows what is withheld; unless all is back."""
    name = decide(office, phone())
    true = told
    monkeypatch.setattr(module, "told", lambda *_: {})
    with pytest.raises(RefusedError) as caught:
        marks_at(office.archive, office.size)
    assert caught.value.code == "marks-unreadable"
    monkeypatch.setattr(module, "told", true)
    made = take_back(office.archive, name, "mistake").signed(office.keys("fay"))
    seal_drafts(office.archive, [made])

    def without_marks(archive: Archive, state: Any) -> dict[str, Any]:  # noqa: ANN401 - a state
        return {k: v for k, v in true(archive, state).items() if v.get("act") != "mark"}

    monkeypatch.setattr(module, "told", without_marks)
    assert marks_at(office.archive, office.size) == {}


def test_suggestions_name_places_and_exemptions(office: Hall) -> None:
    """Of all versions, the same words once; what is marked already is told so."""
    decide(office, phone(field="text"))
    found = list(suggestions(office.archive, [RECORD], EXEMPTIONS, least=2))
    by_kind = {(one.place.kind, one.place.field): one for one in found}
    number = by_kind["phone", "text"]
    assert (number.text, number.marked, number.exemptions) == ("630 555 0142", True, ("7(1)(b)",))
    mail = by_kind["email", "author_email"]
    assert (mail.text, mail.marked) == (ROW["author_email"], False)
    public = list(suggestions(office.archive, [RECORD], EXEMPTIONS, least=2, public=[PHONE]))
    assert not any(one.place.kind == "phone" for one in public)


def test_exemptions_are_those_of_the_jurisdiction(office: Hall) -> None:
    """Of another state's none is proposed; without a jurisdiction all are there."""
    schema = (ROOT / "exemptions.json").read_bytes()
    every = exemptions_of(office.archive, PackFiles(schema, FILES))
    assert {one.jurisdiction for one in every.by_code.values()} == {"US-IL", "US-WI"}
    assert {one.jurisdiction for one in EXEMPTIONS.by_code.values()} == {"US-IL"}
    assert Exemptions({}).proposed("phone") == ()
