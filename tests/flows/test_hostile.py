"""Attacks on holds and decisions by one person with a key, and by who has the store."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError, RefusedError
from archiver.flows import classifying, hold_acts, orders
from archiver.flows.custody import custody_of
from archiver.flows.deciding import Draft, draft, seal_drafts
from archiver.flows.decisions import decisions
from archiver.flows.documents import seal_documents
from archiver.flows.holds import Scope, apply_holds
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.rows import catalog
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle, new_ulid
from archiver.layout import CHECKPOINT, anchor_key
from archiver.ledger import ranges
from archiver.record import Sensitivity
from tests.audit.outside import cosigned
from tests.flows.hall import GOVERN, Hall, comment
from tests.flows.helpers import Worker
from tests.flows.test_holds import blocked, held, hold, request, sealed
from tests.flows.test_orders import ordered, vouched

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges


def leaves(hall: Hall, *records: str) -> Ranges:
    """Return the leaves of records."""
    found = leaves_of_records(hall.archive, read_state(hall.archive), records)
    return ranges.from_numbers(leaf for every in found.values() for leaf in every)


def under(made: Draft, **members: str) -> Draft:
    """Return a decision whose statement says something else, which nobody signed yet."""
    act = type(made.act)({**made.act.statement, **members})
    return Draft(act, made.document, made.salt, made.leaves)


def holding(hall: Hall, name: str, taken: Ranges) -> Draft:
    """Return a hold on leaves, unsigned."""
    document = {"act": "hold", "hold": name, "kind": "audit", "matter": "", **Scope().document()}
    return draft(hall.archive, "hold", {"hold": name}, document, (taken, hall.size))


def test_a_release_that_was_kept_back_overtakes_no_suit(hall: Hall) -> None:
    """A release that was signed before a suit was recorded, and sealed after, does not count."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-il"))
    day = hall.now.date()
    sealed(hall, hold_acts.happened(hall.archive, name, "denied", day, "letter"), *GOVERN)
    hall.later(70)
    kept = hold_acts.release(hall.archive, name, "over").signed(hall.keys("counsel", "clerk"))
    hall.later(0.1)
    suit = hold_acts.happened(hall.archive, name, "suit-filed", hall.now.date(), "26-CV-9")
    sealed(hall, suit, "clerk")
    hall.later(1)
    with pytest.raises(RefusedError, match="something happened"):
        hold_acts.check_release(hall.archive, kept)
    seal_drafts(hall.archive, [kept])
    hall.later(10)
    custody = custody_of(hall.archive, read_state(hall.archive))
    assert custody.holds[name].stands(hall.now)
    assert blocked(hall, hall.now.date())


def test_no_hold_of_a_request_ends_while_its_law_says_no_day(hall: Hall) -> None:
    """Two who sign a release that no command made free nothing for an evaluation."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-il"))
    said = {"hold": name, "from": canonical_time(hall.now)}
    made = draft(hall.archive, "release", said, {"act": "release", "reason": "x"})
    with pytest.raises(RefusedError, match="the law keeps it longer"):
        hold_acts.check_release(hall.archive, made)
    sealed(hall, made, "counsel", "clerk")
    hall.later(10)
    assert blocked(hall, hall.now.date())


def test_a_release_dated_ahead_is_not_signed(hall: Hall) -> None:
    """It could be kept back, and would look newer than what happened meanwhile."""
    name = hold(hall, Scope(records=(comment(1),)))
    made = hold_acts.release(hall.archive, name, "over")
    hold_acts.check_release(hall.archive, made)
    ahead = under(made, time="2027-06-01T00:00:00.000000Z")
    with pytest.raises(RefusedError, match="dated ahead"):
        hold_acts.check_release(hall.archive, ahead)
    sealed(hall, ahead, "counsel", "clerk")
    hall.later(10)
    assert custody_of(hall.archive, read_state(hall.archive)).holds[name].stands(hall.now)


def test_nobody_uses_up_the_statement_of_a_hold(hall: Hall) -> None:
    """Who seals a word of their own under the name of a hold that waits stops none."""
    name = new_handle(hall.archive.chance)
    made = holding(hall, name, leaves(hall, comment(1)))
    other = draft(hall.archive, "halt", {"order": "a" * 26}, {"act": "halt", "reason": "x"})
    squatter = under(other, statement=str(made.act.statement["statement"]))
    sealed(hall, squatter, "purger")
    sealed(hall, made, "holder")
    assert held(hall, name, comment(1))


def test_nobody_uses_up_the_handle_of_a_hold(hall: Hall) -> None:
    """An empty hold of the same handle, released or not, does not keep a true one out."""
    name = new_handle(hall.archive.chance)
    made = holding(hall, name, leaves(hall, comment(1)))
    sealed(hall, holding(hall, name, []), "counsel")
    sealed(hall, made, "holder")
    assert held(hall, name, comment(1))
    assert blocked(hall, hall.now.date())


def test_what_this_home_can_not_read_of_a_held_account_is_held(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A held comment that is hidden later may lie where a home has no key: that is held."""
    name = hold(hall, Scope(records=(comment(1),)))
    private = ranges.union(
        [
            pair
            for one in catalog(hall.archive, read_state(hall.archive))
            if one.stream == "messages"
            for pair in one.segment.leaves
        ],
        [],
    )

    def blind(*args: object) -> list[object]:
        found = catalog(*args)  # type: ignore[arg-type]  # passed on
        return [
            replace(one, stream="") if one.segment.sensitivity == Sensitivity.PRIVATE else one
            for one in found
            if one.stream != "workflow"
        ]

    for module in ("holds", "record_leaves"):
        monkeypatch.setattr(f"archiver.flows.{module}.catalog", blind)
    apply_holds(hall.archive, hall.keys("holder"))
    state = read_state(hall.archive)
    assert private
    assert custody_of(hall.archive, state).holds[name].covers(private)


@pytest.mark.parametrize("salt", ["zz", "a"])
def test_a_hostile_file_of_a_decision_is_refused(hall: Hall, salt: str) -> None:
    """What is no salt is no reason to end otherwise than with a message."""
    made = classifying.classify(hall.archive, [comment(1)], ["x/1"], "why").encode()
    salted = Draft.decode(made).salt.encode()
    with pytest.raises(FormatError):
        Draft.decode(made.replace(salted, salt.encode()))


def test_a_set_reaches_no_further_than_its_document(hall: Hall) -> None:
    """The second signer reads one record; the leaves are of two: it is not sealed."""
    document = {"act": "classify", "series": ["x/1"], "reason": "", "records": [comment(1)]}
    for taken in (leaves(hall, comment(1), comment(2)), leaves(hall, comment(2))):
        made = draft(hall.archive, "classify", {"effect": "shortens"}, document, (taken, hall.size))
        with pytest.raises(RefusedError, match="document"):
            sealed(hall, made, *GOVERN)


def test_who_loses_the_set_of_a_classification_shortens_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its file a classification still keeps what its document names, and frees nothing."""
    monkeypatch.setattr("archiver.flows.deciding.MOST_RANGES", 1)
    many = [comment(1), comment(3)]
    sealed(hall, classifying.classify(hall.archive, many, ["x/1"], "", lengthens=True), "clerk")
    sealed(hall, classifying.classify(hall.archive, many, ["x/2"], ""), *GOVERN)
    for file in list(hall.archive.store.list("sets/")):
        hall.archive.store.delete(file.key)
    found = decisions(hall.archive, read_state(hall.archive), hall.now).classifications
    assert [(one.series, one.lengthens, one.records.leaves) for one in found] == [
        (("x/1",), True, ()),
        (("x/2",), True, ()),
    ]
    assert {record for one in found for record in one.records.ids} == set(many)


def anchor(archive: Archive, size: int, note: bytes) -> None:
    """Seal that outsiders vouch for the log up to a size, whether or not they do."""
    name = new_ulid(archive.clock, archive.chance)
    archive.store.create(anchor_key(name), note)
    told = {"kind": "cosigned", "size": size, "file": name, "sha256": sha256(note).hexdigest()}
    seal_documents(archive, {}, [{"t": "anchor", **told}])


def test_one_piece_of_evidence_twice_is_one(hall: Hall) -> None:
    """An order takes two pieces of evidence: the same file under two entries is one."""
    one = orders.order(hall.archive, [comment(1)], {}, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    hall.later(4)
    note, size = cosigned(hall.archive.store.get(CHECKPOINT)), hall.size
    for _ in range(2):
        anchor(hall.archive, size, note)
    with pytest.raises(RefusedError, match="no two"):
        orders.begin(hall.archive, str(one.act.statement["order"]))
    vouched(hall.archive)
    orders.begin(hall.archive, str(one.act.statement["order"]))


@pytest.mark.parametrize("told", ["2026-99-01", "9999-12-31"])
def test_no_time_of_an_act_ends_the_fold(hall: Hall, told: str) -> None:
    """A day that is in no calendar, or the last of all, is not taken in."""
    name = hold(hall, Scope(records=(comment(1),)))
    made = under(
        hold_acts.release(hall.archive, name, "over"), **{"from": f"{told}T23:59:59.999999Z"}
    )
    with pytest.raises(RefusedError, match="no calendar"):
        sealed(hall, made, "counsel", "clerk")


def test_a_begun_order_stays_begun(hall: Hall) -> None:
    """The order that these attacks are about does begin where nothing is wrong."""
    assert orders.begin(hall.archive, ordered(hall, comment(1)))


def malformed(hall: Hall, **members: object) -> str:
    """Seal a hold on a record by one person, whose document is not of the form; its handle."""
    name = new_handle(hall.archive.chance)
    made = holding(hall, name, leaves(hall, comment(1)))
    document = {**made.document, **members}
    told = (leaves(hall, comment(1)), hall.size)
    sealed(hall, draft(hall.archive, "hold", {"hold": name}, document, told), "holder")
    return name


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "none"},
        {"query": {"words": "x"}, "future": True},
        {"query": {"text": "((("}, "future": True},
        {"kind": "foia"},
        {"records": 7},
        {"kind": "foia", "law": {}, "received": "2026-99-01", "confined": False},
    ],
)
def test_a_malformed_document_stops_no_other_hold(hall: Hall, members: dict[str, object]) -> None:
    """One person's document holds by its leaves; others are applied, listed and evaluated."""
    other, name = hold(hall, Scope(records=(comment(2),))), malformed(hall, **members)
    assert {one.hold for one in apply_holds(hall.archive, hall.keys("holder"))} == {other, name}
    assert {one["hold"] for one in hold_acts.listed(hall.archive)} == {other, name}
    assert blocked(hall, hall.now.date(), comment(1))
    assert blocked(hall, hall.now.date(), comment(2))


def test_a_malformed_event_of_a_request_stops_nothing(hall: Hall) -> None:
    """An event whose document says no event is none."""
    name = hold(hall, Scope(records=(comment(1),)), request("us-il"))
    said = {"act": "hold-event", "event": 3, "day": "never"}
    made = draft(hall.archive, "hold-event", {"hold": name, "effect": "lengthens"}, said)
    sealed(hall, made, "counsel")
    assert hold_acts.listed(hall.archive)[0]["stands"]
    assert blocked(hall, hall.now.date())


def test_another_custodian_ends_no_hold(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose accounts were held are held on, whoever is said to be their custodian since."""

    class Account:
        handle, name, custodian, status = "acct", "acct", "R. Alvarez", "approved"

    monkeypatch.setattr("archiver.flows.holds.registry", lambda *_: {"acct": Account})
    name = hold(hall, Scope(custodian="R. Alvarez", future=True))
    monkeypatch.setattr(Account, "custodian", "a successor")
    Worker(hall.archive, 2, "acct", "second").run()
    before = hall.size
    (one,) = apply_holds(hall.archive, hall.keys("holder"))
    assert (one.unread, one.leaves) == (False, 4)
    assert custody_of(hall.archive, read_state(hall.archive)).holds[name].applied == before
