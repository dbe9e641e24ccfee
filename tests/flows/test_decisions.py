"""Decisions as evaluation takes them: joined to their documents, and no more than they may do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import FormatError, UsageError
from archiver.flows import classifying, hold_acts
from archiver.flows.deciding import Draft, seal_drafts, told
from archiver.flows.decisions import decisions
from archiver.flows.holds import Scope, apply_holds, place
from archiver.flows.ledger import read_state
from archiver.registry.roles import WAITING
from archiver.retention.assigning import standing_holds
from archiver.retention.city import City
from archiver.search.query import Query
from tests.flows.hall import GOVERN, Hall, comment
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from archiver.retention.decisions import Decisions

ADOPTION = {
    "schedule": "wa-core", "version": "v4.2", "digest": "ab" * 32, "authority": "City Council",
    "instrument": "Ord. 12", "effective": "2026-12-01", "confirmed": ["GS50-01-12"],
    "readings": [{"source": "core", "sha256": "cd" * 32, "by": "clerk", "day": "2026-11-01"}],
}  # fmt: skip
OPTION = {
    "schedule": "wi-wmrs", "version": "2018", "instrument": "Ord. 9", "effective": "2026-12-01",
    "expires": "2028-08-27", "series": [],
}  # fmt: skip


def decide(hall: Hall, one: Draft, *names: str) -> None:
    """Sign a decision and seal it."""
    seal_drafts(hall.archive, [one.signed(hall.keys(*(names or GOVERN)))])


def found(hall: Hall) -> Decisions:
    """Return what people decided by now."""
    return decisions(hall.archive, read_state(hall.archive), hall.now)


def test_adoptions_options_and_their_end(hall: Hall) -> None:
    """What was adopted, by whom, who read it; taken back, it ends when that counts."""
    decide(hall, classifying.adopt(hall.archive, ADOPTION))
    decide(hall, classifying.opt_in(hall.archive, OPTION))
    (adoption,), (option,) = found(hall).adoptions, found(hall).opt_ins
    assert (adoption.schedule, adoption.authority) == ("wa-core", "City Council")
    assert adoption.readings[0].day == date(2026, 11, 1)
    assert adoption.confirmed == {"GS50-01-12"}
    assert adoption.counts == hall.now + WAITING
    assert (option.expires, option.series, option.revoked) == (date(2028, 8, 27), frozenset(), None)
    hall.later(1)
    decide(hall, classifying.revoke(hall.archive, adoption.entry, "a slip"))
    (adoption,), (option,) = found(hall).adoptions, found(hall).opt_ins
    assert (adoption.revoked, option.revoked) == (hall.now + WAITING, None)
    with pytest.raises(UsageError, match="no adoption"):
        classifying.revoke(hall.archive, 3, "not one")
    with pytest.raises(UsageError, match="who read"):
        classifying.adopt(hall.archive, {**ADOPTION, "readings": []})


def test_series_and_reviews_are_of_records(hall: Hall) -> None:
    """A classification has records, leaves and series; one that lengthens says so."""
    hall.captured(2, "other")
    one = classifying.classify(hall.archive, [comment(1)], ["wa-core/GS50-01-12"], "by content")
    decide(hall, one)
    longer = classifying.classify(hall.archive, [comment(1)], ["x/1"], "", lengthens=True)
    decide(hall, longer, "clerk")
    decide(hall, classifying.review(hall.archive, [comment(2)], "claimed-dates"))
    first, second = found(hall).classifications
    assert (first.series, first.lengthens, second.lengthens) == (
        ("wa-core/GS50-01-12",),
        False,
        True,
    )
    assert first.records.ids == {comment(1)}
    assert len(first.records.leaves) == 2, "of both times that it was seen"
    assert [review.what for review in found(hall).reviews] == ["claimed-dates"]
    with pytest.raises(UsageError, match="no such record"):
        classifying.classify(hall.archive, ["a:b:c:9"], ["x/1"], "")


def test_what_claims_to_lengthen_and_does_not_is_idle(hall: Hall) -> None:
    """One person may put an event off, but neither record a first one nor bring it nearer."""

    def event(day: date, *names: str) -> None:
        alone = len(names) == 1
        made = classifying.happened(
            hall.archive, "case-closed", comment(1), day, "docket", lengthens=alone
        )
        decide(hall, made, *names)

    event(date(2026, 11, 5), "clerk")
    assert found(hall).events == ()
    event(date(2026, 11, 10), *GOVERN)
    event(date(2026, 11, 9), "clerk")
    event(date(2026, 11, 12), "holder")
    told = found(hall)
    assert [one.day.day for one in told.events] == [10, 12]
    assert [why for why in told.notes.values() if "two people must sign" in why] == [
        "it claims to lengthen, and does not: two people must sign it"
    ] * 2


def test_an_unreadable_document_is_told(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its document a classification does nothing, and a hold holds by its leaves."""
    decide(hall, classifying.classify(hall.archive, [comment(1)], ["x/1"], ""))
    told_of = {"kind": "audit", "matter": "A-7"}
    scope, keys = Scope(records=(comment(1),)), hall.keys("holder")
    place(hall.archive, scope, told_of, keys, Quiet(), snapshot=False)
    monkeypatch.setattr("archiver.flows.decisions.told", lambda *_: {})
    read = found(hall)
    assert read.classifications == ()
    assert "its document can't be read here" in read.notes.values()
    assert [one.why for one in read.holds] == ["what it is about can't be read here"]
    assert read.holds[0].records.leaves
    monkeypatch.setattr("archiver.flows.hold_acts.told", lambda *_: {})
    (row,) = hold_acts.listed(hall.archive)
    assert (row["readable"], row["stands"], row["scope"]) == (False, True, {})


@pytest.mark.parametrize("spoiled", [{"language": "0"}, {"language": ""}, {"query": {"text": '"'}}])
def test_a_hold_that_nobody_can_read_holds_everything(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, spoiled: dict[str, Any]
) -> None:
    """Its query is of another language, or none at all: what it would find now nobody can tell."""
    scope = Scope(query=Query("pothole"), future=True)
    told_of, keys = {"kind": "audit", "matter": ""}, hall.keys("holder")
    name = place(hall.archive, scope, told_of, keys, Quiet(), snapshot=False).hold
    (read,) = found(hall).holds
    assert read.records.leaves != ((0, 1 << 62),)
    documents = told(hall.archive, read_state(hall.archive))
    worse = {key: {**one, **(spoiled if one.get("hold") == name else {})}
             for key, one in documents.items()}  # fmt: skip
    monkeypatch.setattr("archiver.flows.decisions.told", lambda *_: worse)
    (read,) = found(hall).holds
    assert read.records.leaves == ((0, 1 << 62),)
    assert read.why.startswith("it holds everything: ")
    monkeypatch.setattr("archiver.flows.holds.told", lambda *_: worse)
    assert [one.unread for one in apply_holds(hall.archive, keys)] == [True]


def test_an_evaluation_of_a_past_day_asks_what_counted_then(hall: Hall) -> None:
    """A hold of yesterday stands on no day before it; its release changes no day before that."""
    before = hall.now.date()
    hall.later(2)
    scope, keys = Scope(records=(comment(1),)), hall.keys("holder")
    told_of = {"kind": "audit", "matter": ""}
    name = place(hall.archive, scope, told_of, keys, Quiet(), snapshot=False).hold
    held = hall.now.date()
    hall.later(2)
    decide(hall, hold_acts.release(hall.archive, name, "over"), "holder", "clerk")
    hall.later(5)
    read = found(hall)
    on = [bool(standing_holds(read, City(), day)) for day in (before, held, hall.now.date())]
    assert on == [False, True, False]


def test_the_file_of_a_decision_can_not_be_changed(hall: Hall) -> None:
    """Who signs next signs for the very document and leaves that are in the file."""
    made = classifying.classify(hall.archive, [comment(1)], ["x/1"], "by content")
    assert Draft.decode(made.encode()) == made
    for old, new in ((b"by content", b"by other content"), (b'"leaves":[[', b'"leaves":[[0,1],[')):
        with pytest.raises(FormatError):
            Draft.decode(made.encode().replace(old, new))
    for broken in (b"", b"{}", b"[]", made.act.encode()):
        with pytest.raises(FormatError, match="not the file of a decision"):
            Draft.decode(broken)
