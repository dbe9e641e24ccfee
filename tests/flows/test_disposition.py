"""Proposals, approvals and authorities outside: what an order is about, and when it may begin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.settled import Settled
from archiver.edges.rulepacks import pack_schema
from archiver.errors import RefusedError, UsageError
from archiver.flows import classifying, hold_acts, orders
from archiver.flows.deciding import seal_drafts
from archiver.flows.disposition import proposal, propose
from archiver.flows.holds import Scope, apply_holds, place
from archiver.flows.ledger import read_state
from archiver.flows.order_list import listed
from archiver.flows.outside_acts import asked, outcome, submit
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.flows.worksheet import MARK, worksheet
from archiver.retention_settings import PackFiles, RetentionSettings, SettledRule
from tests.doubles import SeededRandomness
from tests.flows.hall import GOVERN, Hall, comment
from tests.flows.helpers import Quiet, observations
from tests.flows.test_orders import CASE, begun, state_of, vouched
from tests.retention.scenarios import own_pack

if TYPE_CHECKING:
    from archiver.flows.deciding import Draft

PACK = """
schema: civic-archive/retention/1
schedule: city
version: "1"
title: A schedule of the city
jurisdiction: US-XX
rank: local
effective: unknown
adoption: an ordinance
sources: [{{id: ordinance, citation: Ordinance 7, sha256: not held}}]
series:
  - {{code: talk, title: Talk, scope: all, rule: {{trigger: created, period: P0D}}, then: destroy,
     flags: [{flags}], citation: Ordinance 7, source: ordinance, confidence: primary}}
  - {{code: kept, title: Kept, scope: all, rule: {{trigger: created, period: P9Y}}, then: destroy,
     citation: Ordinance 7, source: ordinance, confidence: primary}}
{disposal}
"""
CERTIFICATE = """
disposal:
  - {kind: certificate, to: Commission, days: 30, approved_copy: true, citation: Code 40,
     confidence: primary, outcomes: [{answer: approved, goes: all, copy: true},
     {answer: as-amended, goes: named, copy: true}, {answer: deferred, goes: none}]}
"""
NOTICE = """
disposal:
  - {kind: notice, to: Society, days: 60, unless: [notice-waived], citation: Stat. 19,
     confidence: primary, outcomes: [{answer: waived, goes: all, copy: true},
     {answer: acquire, goes: none, then: transfer}]}
"""
COPY = "ab" * 32


def seal(hall: Hall, one: Draft, *names: str) -> None:
    """Sign a decision and seal it."""
    seal_drafts(hall.archive, [one.signed(hall.keys(*names))])


def city(hall: Hall, disposal: str = "", flags: str = "") -> Hall:
    """Have the city adopt a schedule and put all comments into it, on claimed dates reviewed."""
    data = PACK.format(disposal=disposal, flags=flags).encode()
    settled = RetentionSettings(
        jurisdiction="US-XX", default=(SettledRule(stream="comments", series="city/talk"),)
    )
    files = PackFiles(pack_schema(), (("city.yaml", data),))
    hall.archive = replace(hall.archive, retention=settled, rule_packs=lambda: files)
    adoption = {
        "schedule": "city", "version": "1", "digest": own_pack(data.decode()).digest,
        "authority": "Council", "instrument": "Ordinance 7", "confirmed": [],
        "effective": "2020-01-01",
        "readings": [{"source": "ordinance", "sha256": COPY, "by": "clerk", "day": "2026-01-01"}],
    }  # fmt: skip
    seal(hall, classifying.adopt(hall.archive, adoption), *GOVERN)
    records = [comment(number) for number in range(1, 4)]
    seal(hall, classifying.review(hall.archive, records, "claimed-dates"), *GOVERN)
    hall.later(5)
    return hall


def approved(hall: Hall) -> str:
    """Have all that is due ordered and approved; return the order."""
    made = proposal(hall.archive, "city/talk", "", "due")
    one = propose(hall.archive, made, hall.of("clerk"))
    seal(hall, one, "anna", "bert")
    return str(one.act.statement["order"])


def why(hall: Hall, name: str, days: float = 0) -> str:
    """Let days pass, have outsiders vouch for the log, and tell why an order does not begin."""
    hall.later(days)
    vouched(hall.archive)
    (row,) = [one for one in listed(hall.archive) if one["order"] == name]
    try:
        orders.begin(hall.archive, name)
    except RefusedError as error:
        assert row["state"] in {"waiting", "held", "halted"}
        return str(error.message)
    if row["why"]:  # what the ledger does not ask, and `execute` does
        assert row["state"] == "waiting"
        return str(row["why"])
    assert row["state"] == "ready"
    return ""


def test_a_proposal_tells_what_made_it_due(hall: Hall) -> None:
    """It has whole records that are eligible, counts, dates, and each act that shortened."""
    early = hold_of(hall, comment(1))
    city(hall)
    refused = proposal(hall.archive, "city/talk", "", "due")
    assert comment(1) not in refused.frozen.records
    seal(hall, hold_acts.release(hall.archive, early, "over"), "holder", "clerk")
    longer = classifying.classify(
        hall.archive, [comment(3)], ["city/kept"], "asked for", lengthens=True
    )
    seal(hall, longer, "clerk")
    series = classifying.classify(hall.archive, [comment(2)], ["city/talk"], "chatter")
    seal(hall, series, *GOVERN)
    hall.later(5)
    made = proposal(hall.archive, "city/talk", "", "due").document
    acts = [one["act"] for one in made["sooner"]]
    assert acts == ["adopt-schedule", "review", "release", "classify"]
    assert "chatter" in made["sooner"][-1]["what"]
    assert made["counts"]["records"] == 2
    assert made["counts"]["bytes"] == 1_000_000, "no length of what two records said"
    assert made["dates"]["first"] <= made["dates"]["last"]
    assert made["outside"] is None


def hold_of(hall: Hall, *records: str) -> str:
    """Place a hold on records."""
    scope = Scope(records=records)
    return place(hall.archive, scope, CASE, hall.keys("holder"), Quiet(), snapshot=False).hold


def test_what_may_not_be_proposed(hall: Hall) -> None:
    """What is unscheduled, not adopted, on hold, not due, or of a day to come."""
    with pytest.raises(RefusedError, match="no schedule at hand"):
        proposal(hall.archive, "city/talk", "", "due")
    city(hall)
    for series, code in (("city/nowhere", "series-not-in-force"), ("city/kept", "nothing-due")):
        with pytest.raises(RefusedError) as refused:
            proposal(hall.archive, series, "", "due")
        assert refused.value.code == code
    with pytest.raises(UsageError, match="yet to come"):
        proposal(hall.archive, "city/talk", "2036-01-01", "due")
    with pytest.raises(RefusedError):
        proposal(hall.archive, "city/talk", "2000-01-01", "due")
    hold_of(hall, *(comment(number) for number in range(1, 4)))
    with pytest.raises(RefusedError, match="on hold"):
        proposal(hall.archive, "city/talk", "", "due")


def test_what_has_a_part_that_stays_is_not_proposed(hall: Hall) -> None:
    """A file of a comment that is to be kept longer keeps the comment."""
    city(hall)
    uuid, one = observations(SeededRandomness("part"), 2).observations[0]
    part = [(uuid, replace(one, native_id="2/file"))]
    seal_settled(hall.archive, read_state(hall.archive), "acct", Settled(part))
    wanted = [f"{comment(2)}%2Ffile"], ["city/kept"]
    seal(hall, classifying.classify(hall.archive, *wanted, "map", lengthens=True), "clerk")
    assert list(proposal(hall.archive, "city/talk", "", "due").frozen.records) == [
        comment(1),
        comment(3),
    ]


def test_who_proposes_does_not_approve(hall: Hall) -> None:
    """The requester is no approver, one approver is not two, and the order waits three days."""
    city(hall)
    made = proposal(hall.archive, "city/talk", "", "due")
    one = propose(hall.archive, made, hall.of("clerk"))
    for who in ((), ("anna",), ("anna", "clerk")):
        with pytest.raises(RefusedError, match="approvals of two people"):
            seal(hall, one, *who)
    seal(hall, one, "anna", "bert")
    name = str(one.act.statement["order"])
    assert "waiting time" in why(hall, name)
    assert why(hall, name, 4) == ""
    hold_of(hall, comment(1))
    assert "on hold" in why(hall, name)
    seal(hall, orders.halt(hall.archive, name, "a slip"), "anna")
    assert "halted" in why(hall, name)


def test_a_certificate_waits_for_days_and_its_copy(hall: Hall) -> None:
    """Scenario 19: refused at 29 days, and at 45 without the copy; as amended less goes."""
    city(hall, CERTIFICATE)
    name = approved(hall)
    assert "was not told" in why(hall, name, 4)
    day = hall.now.date()
    with pytest.raises(UsageError, match="no notice"):
        submit(hall.archive, name, "notice", day, "letter")
    seal(hall, submit(hall.archive, name, "certificate", day, "letter"), "clerk")
    assert "are not over" in why(hall, name, 29)
    assert "approved copy" in why(hall, name, 16)
    with pytest.raises(UsageError, match="the answer itself"):
        outcome(hall.archive, name, "approved", day, "", [])
    with pytest.raises(UsageError, match="no such answer"):
        outcome(hall.archive, name, "waived", day, COPY, [])
    with pytest.raises(UsageError, match="does not have"):
        outcome(hall.archive, name, "as-amended", day, COPY, ["stand-in:city:messages:1"])
    amended = outcome(hall.archive, name, "as-amended", day, COPY, [comment(2)])
    with pytest.raises(RefusedError, match="2 people"):
        seal(hall, amended, "clerk")
    seal(hall, amended, *GOVERN)
    assert "does not count" in why(hall, name)
    before = state_of(hall, name).leaves
    assert why(hall, name, 4) == ""
    assert len(before) == 1, "the other rows are not of the order any more"
    begun(hall, name)
    assert state_of(hall, name).running
    assert verify(hall.archive, Quiet(), deep=False).findings == []


def test_a_deferral_takes_an_approval_back(hall: Hall) -> None:
    """The latest answer counts; one person says no, and it stops what is under way."""
    city(hall, CERTIFICATE)
    name, day = approved(hall), hall.now.date()
    seal(hall, submit(hall.archive, name, "certificate", day, "letter"), "clerk")
    seal(hall, outcome(hall.archive, name, "approved", day, COPY, []), *GOVERN)
    assert why(hall, name, 31) == ""
    seal(hall, outcome(hall.archive, name, "deferred", day, "", []), "clerk")
    assert "does not allow" in why(hall, name)
    seal(hall, outcome(hall.archive, name, "approved", day, COPY, []), *GOVERN)
    assert why(hall, name, 4) == ""
    begun(hall, name)
    seal(hall, outcome(hall.archive, name, "deferred", day, "", []), "clerk")
    assert state_of(hall, name).why == "the authority outside"


def test_a_notice_waits_for_its_days(hall: Hall) -> None:
    """Scenario 20: refused without notice and at 59 days, allowed at 60; then acquired."""
    city(hall, NOTICE)
    name, day = approved(hall), hall.now.date()
    assert "was not told" in why(hall, name, 61)
    seal(hall, submit(hall.archive, name, "notice", hall.now.date(), "letter"), "clerk")
    assert "are not over" in why(hall, name, 59)
    assert why(hall, name, 1) == ""
    seal(hall, outcome(hall.archive, name, "acquire", day, "", []), "counsel")
    assert "does not allow" in why(hall, name, 30)
    (row,) = listed(hall.archive)
    assert row["outside"]["answers"][0]["then"] == "transfer"


def test_a_waiver_stands_for_the_days(hall: Hall) -> None:
    """Nobody has to be told once the authority waived; the waiver waits like all that shortens."""
    city(hall, NOTICE)
    name = approved(hall)
    hall.later(4)
    seal(hall, outcome(hall.archive, name, "waived", hall.now.date(), COPY, []), *GOVERN)
    assert "was not told" in why(hall, name)
    assert why(hall, name, 4) == ""


def test_a_series_whose_notice_is_waived_asks_nobody(hall: Hall) -> None:
    """A flag that the pack excepts: nobody is told, and nothing can be submitted."""
    city(hall, NOTICE, flags="notice-waived")
    name = approved(hall)
    assert why(hall, name, 4) == ""
    with pytest.raises(UsageError, match="nothing has to go out"):
        asked(hall.archive, name)


def test_a_worksheet_says_that_it_is_one(hall: Hall) -> None:
    """It has title, item, dates and volume of the order, and leaves open what nobody knows."""
    city(hall, CERTIFICATE)
    name = approved(hall)
    text = worksheet(name, asked(hall.archive, name)[1])
    assert text.startswith(f"# {MARK}")
    for word in ("city/talk", "Talk", "Commission", "3 records", "to be filled in", "30 days"):
        assert word in text
    assert "\n| To | a\\|b c |" in worksheet(
        name,
        {**asked(hall.archive, name)[1], "outside": {**asked(hall.archive, name)[1]["outside"],
         "to": "a|b\nc"}},
    )  # fmt: skip


def test_an_answer_for_an_order_that_asks_nobody_is_named(hall: Hall) -> None:
    """The fold refuses it, and verification says so."""
    city(hall, CERTIFICATE)
    asks = approved(hall)
    plain = orders.order(hall.archive, [comment(1)], {}, hall.of("clerk"), hall.now)
    seal(hall, plain, "anna", "bert")
    made = submit(hall.archive, asks, "certificate", hall.now.date(), "letter")
    statement = {**made.act.statement, "order": plain.act.statement["order"]}
    forged = replace(made, act=replace(made.act, statement=statement))
    seal(hall, forged, "clerk")
    (found,) = verify(hall.archive, Quiet(), deep=False).findings
    assert found.code == "act-without-authority"
    assert apply_holds(hall.archive, hall.keys("holder")) == []
