"""Holds in a real archive: what they take in, how long they stand, and who ends them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from archiver.capture.settled import Settled
from archiver.errors import RefusedError, UsageError
from archiver.flows import hold_acts
from archiver.flows.custody import custody_of
from archiver.flows.deciding import Draft, seal_drafts
from archiver.flows.decisions import decisions
from archiver.flows.held_gone import held_gone
from archiver.flows.holds import Scope, apply_holds, place
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.ledger import entry, ranges
from archiver.retention.assigning import standing_holds
from archiver.retention.city import City
from archiver.search.query import Query
from tests.doubles import SeededRandomness
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet, observations

CASE = {"kind": "litigation", "matter": "Wilkowska v. City"}


def hold(hall: Hall, scope: Scope, told: dict[str, Any] | None = None, who: str = "holder") -> str:
    """Place a hold; return its handle."""
    return place(hall.archive, scope, told or CASE, hall.keys(who), Quiet(), snapshot=False).hold


def held(hall: Hall, name: str, record: str) -> bool:
    """Tell whether all versions of a record are on hold."""
    state = read_state(hall.archive)
    leaves = leaves_of_records(hall.archive, state, [record])[record]
    custody = custody_of(hall.archive, state)
    return not ranges.minus(ranges.from_numbers(leaves), custody.holds[name].leaves)


def blocked(hall: Hall, on: date, record: str = "") -> bool:
    """Tell whether a record is on hold on a day, for an evaluation of that day."""
    state = read_state(hall.archive)
    found = standing_holds(decisions(hall.archive, state, hall.now), City(), on)
    leaves = leaves_of_records(hall.archive, state, [record or comment(1)])
    own = ranges.from_numbers(leaf for every in leaves.values() for leaf in every)
    return any(ranges.overlap(one.records.leaves, own) for one in found)


def sealed(hall: Hall, made: Draft, *names: str) -> None:
    """Sign a decision and seal it."""
    seal_drafts(hall.archive, [made.signed(hall.keys(*names))])


def test_a_hold_counts_at_once_and_names_nothing(hall: Hall) -> None:
    """One person holds records; the log has numbers, and no word of why."""
    name = hold(hall, Scope(records=(comment(1),)))
    assert held(hall, name, comment(1))
    assert not held(hall, name, comment(2))
    assert blocked(hall, hall.now.date())
    entries = b"".join(entry.control(body) for _, body in read_state(hall.archive).controls)
    for word in (b"Wilkowska", b"litigation", b"stand-in", b"comments:1"):
        assert word not in entries
    assert verify(hall.archive, Quiet(), deep=True).findings == []


def test_a_part_is_held_with_its_whole(hall: Hall) -> None:
    """A file of a comment has a leaf of its own, and no hold of its own."""
    uuid, one = observations(SeededRandomness("part"), 1).observations[0]
    part = [(uuid, replace(one, native_id="1/file"))]
    seal_settled(hall.archive, read_state(hall.archive), "acct", Settled(part))
    name = hold(hall, Scope(records=(comment(1),)))
    assert held(hall, name, f"{comment(1)}%2Ffile")


@pytest.mark.parametrize("who", ["clerk", "purger", "anna"])
def test_not_everybody_holds(hall: Hall, who: str) -> None:
    """It takes the role hold, or counsel."""
    with pytest.raises(RefusedError, match="would not count"):
        hold(hall, Scope(records=(comment(1),)), who=who)


def test_a_query_holds_what_was_there_and_future_what_comes(hall: Hall) -> None:
    """A request's query holds what it found; what comes later, where counsel said so."""
    then = hold(hall, Scope(query=Query("culvert")))
    both = hold(hall, Scope(query=Query("culvert"), future=True), who="counsel")
    assert held(hall, then, comment(3))
    hall.captured(5, "other")
    assert not held(hall, then, comment(1)), "seen once more, and not yet taken in"
    for one in apply_holds(hall.archive, hall.keys("counsel")):
        assert one.leaves == (5 if one.hold == both else 3)
    assert held(hall, then, comment(1))
    assert held(hall, both, comment(5))
    assert not held(hall, then, comment(5))
    state = read_state(hall.archive)
    found = {one.id: one for one in decisions(hall.archive, state, hall.now).holds}
    assert comment(5) in found[both].matched
    assert found[then].matched == frozenset()
    assert custody_of(hall.archive, state).holds[both].applied == state.size - 2


def test_private_streams_are_held_where_they_are_asked_for(hall: Hall) -> None:
    """What a query did not look into is told, and not held by it."""
    keys, public = hall.keys("holder"), Scope(query=Query("culvert"))
    made = place(hall.archive, public, CASE, keys, Quiet(), snapshot=False)
    assert made.not_searched["messages"] == 3
    assert (made.records, made.leaves, made.exchanges) == (3, 3, 3)
    whole = hold(hall, Scope(query=Query("culvert"), private=True))
    assert held(hall, whole, "stand-in:city:messages:1")


def test_two_holds_on_one_record(hall: Hall) -> None:
    """A record is free once all its holds are released, and not a day later than without them."""
    one, other = (hold(hall, Scope(records=(comment(1),))) for _ in range(2))
    hall.later(30)
    sealed(hall, hold_acts.release(hall.archive, one, "settled"), "holder", "clerk")
    hall.later(10)
    assert blocked(hall, hall.now.date())
    sealed(hall, hold_acts.release(hall.archive, other, "audit closed"), "counsel", "clerk")
    assert blocked(hall, hall.now.date())
    hall.later(4)
    assert not blocked(hall, hall.now.date())
    past = (hall.now - timedelta(days=20)).date()
    assert blocked(hall, past), "what was on hold on a past day stays so"
    for name in (one, other):
        with pytest.raises(RefusedError, match="released"):
            hold_acts.notice(hall.archive, name, "IT", past, "letter")


@pytest.mark.parametrize("who", [("holder",), ("clerk", "anna"), ("counsel",), ("clerk",)])
def test_nobody_releases_alone(hall: Hall, who: tuple[str, ...]) -> None:
    """Two people, one of whom holds; whoever else signs."""
    name = hold(hall, Scope(records=(comment(1),)))
    with pytest.raises(RefusedError, match="would not count"):
        sealed(hall, hold_acts.release(hall.archive, name, "over"), *who)


def request(law: str, *, confined: bool = False) -> dict[str, Any]:
    """Return what a hold of a request says."""
    from importlib.resources import files  # noqa: PLC0415 - the laws that are shipped

    text = files("archiver").joinpath(f"schemas/holds/{law}.json").read_text("utf-8")
    told = {"kind": "foia", "matter": "request 2026-31", "law": json.loads(text)}
    return {**told, "received": "2026-11-24", "confined": confined}


@pytest.mark.parametrize(("confined", "days"), [(False, 60), (True, 90)])
def test_a_request_keeps_for_sixty_days_after_its_denial(
    hall: Hall, *, confined: bool, days: int
) -> None:
    """Blocked on the last day, free on the next, whoever signed the release long before."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-wi", confined=confined))
    with pytest.raises(RefusedError, match="not answered yet"):
        hold_acts.release(hall.archive, name, "denied")
    denied = hall.now.date()
    made = hold_acts.happened(hall.archive, name, "denied", denied, "letter of denial")
    sealed(hall, made, "counsel", "clerk")
    hall.later(4)
    sealed(hall, hold_acts.release(hall.archive, name, "denied"), "counsel", "clerk")
    state = read_state(hall.archive)
    (told,) = decisions(hall.archive, state, hall.now).holds
    assert told.lapses == denied + timedelta(days=days)
    last = denied + timedelta(days=days - 1)
    assert [blocked(hall, last), blocked(hall, told.lapses)] == [True, False]
    standing = custody_of(hall.archive, state).holds[name]
    released = standing.released
    assert released is not None
    assert released.date() == told.lapses


def test_a_suit_keeps_until_order_and_appeals_are_over(hall: Hall) -> None:
    """A suit takes back the release that was waiting; only order and appeal let it end."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-wi"))
    denied = hall.now.date()
    sealed(
        hall, hold_acts.happened(hall.archive, name, "denied", denied, "letter"), "counsel", "clerk"
    )
    hall.later(4)
    sealed(hall, hold_acts.release(hall.archive, name, "denied"), "counsel", "clerk")
    hall.later(26)
    filed = hold_acts.happened(hall.archive, name, "suit-filed", hall.now.date(), "docket 26-CV-9")
    sealed(hall, filed, "clerk")
    hall.later(300)
    assert blocked(hall, hall.now.date())
    with pytest.raises(RefusedError, match="suit-filed, and not over yet"):
        hold_acts.release(hall.archive, name, "over")
    for what in ("order", "appeal-over"):
        made = hold_acts.happened(hall.archive, name, what, hall.now.date(), "docket 26-CV-9")
        sealed(hall, made, "counsel", "holder")
        hall.later(10)
    assert blocked(hall, hall.now.date()), "nobody has released it since"
    sealed(hall, hold_acts.release(hall.archive, name, "over"), "counsel", "clerk")
    hall.later(4)
    assert not blocked(hall, hall.now.date())
    (row,) = hold_acts.listed(hall.archive)
    assert [one["event"] for one in row["events"]] == [
        "denied",
        "suit-filed",
        "order",
        "appeal-over",
    ]
    assert (row["stands"], row["overtaken"]) == (False, 1)


def test_one_person_answers_no_request(hall: Hall) -> None:
    """An answer starts a clock: one signature is refused, and what claims to lengthen is idle."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-il"))
    made = hold_acts.happened(hall.archive, name, "denied", hall.now.date(), "letter")
    with pytest.raises(RefusedError, match="would not count"):
        sealed(hall, made, "counsel")
    forged = Draft(
        type(made.act)({**made.act.statement, "effect": "lengthens"}), made.document, made.salt
    )
    sealed(hall, forged, "counsel")
    hall.later(100)
    with pytest.raises(RefusedError, match="not answered yet"):
        hold_acts.release(hall.archive, name, "denied")


def test_notices_and_confirmations_are_kept(hall: Hall) -> None:
    """Who was told of a hold, and who confirmed it, is in its history."""
    name = hold(hall, Scope(records=(comment(1),)))
    when = hall.now.date()
    sealed(hall, hold_acts.notice(hall.archive, name, "IT", when, "letter"), "holder")
    sealed(hall, hold_acts.acknowledge(hall.archive, name, "IT", when, "e-mail"), "counsel")
    (row,) = hold_acts.listed(hall.archive)
    assert (row["notices"][0]["to"], row["acknowledged"][0]["by"]) == ("IT", "IT")
    assert row["behind"] > 0


def test_a_long_set_is_a_file(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set too long for an entry is a file that the entry covers; without it all is held."""
    monkeypatch.setattr("archiver.flows.deciding.MOST_RANGES", 1)
    name = hold(hall, Scope(records=(comment(1), comment(3))))
    (file,) = [one.key for one in hall.archive.store.list("sets/")]
    assert not held(hall, name, comment(2))
    assert verify(hall.archive, Quiet(), deep=True).findings == []
    hall.archive.store.delete(file)
    assert held(hall, name, comment(2)), "nobody knows any more what is held"
    codes = {one.code for one in verify(hall.archive, Quiet(), deep=False).findings}
    assert codes == {"object-missing", "act-without-authority"}


def test_what_goes_on_its_platform_while_it_is_held(hall: Hall) -> None:
    """A record that is hidden or deleted after it was held is told, once to a capture."""
    name = hold(hall, Scope(records=(comment(1), comment(2))))
    before = hall.size
    uuid, one = observations(SeededRandomness("gone"), 1).observations[0]
    gone = [(uuid, replace(one, kind="deleted", excerpts=(), row={"state": "deleted"}))]
    seal_settled(hall.archive, read_state(hall.archive), "acct", Settled(gone))
    (told,) = held_gone(hall.archive, since=before)
    assert (told.record, told.kind, told.holds) == (comment(1), "deleted", (name,))
    assert held_gone(hall.archive) == [told]
    assert held_gone(hall.archive, since=hall.size) == []
    later = hold(hall, Scope(records=(comment(1),)))
    assert later not in held_gone(hall.archive)[0].holds


def test_wrong_wishes_are_explained(hall: Hall) -> None:
    """An empty scope, records and custodians that are not there, a kind that is none."""
    for scope, told in (
        (Scope(), CASE),
        (Scope(query=Query("no such words at all")), CASE),
        (Scope(records=("a:b:c:d",)), CASE),
        (Scope(custodian="Nobody"), CASE),
        (Scope(records=(comment(1),)), {"kind": "whim", "matter": ""}),
    ):
        with pytest.raises(UsageError):
            hold(hall, scope, told)
    with pytest.raises(UsageError):
        hold_acts.release(hall.archive, "a" * 26, "over")
    name = hold(hall, Scope(records=(comment(1),)))
    with pytest.raises(UsageError):
        hold_acts.happened(hall.archive, name, "denied", hall.now.date(), "letter")
    with pytest.raises(UsageError):
        hold_acts.release(hall.archive, name, " ")
