"""Orders in the log of a real archive: who approves, what they wait for, and holds that win."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import RefusedError, UsageError
from archiver.flows import hold_acts, orders
from archiver.flows.classifying import classify
from archiver.flows.custody import custody_of, declined
from archiver.flows.deciding import seal_drafts
from archiver.flows.documents import seal_documents
from archiver.flows.holds import Scope, apply_holds, place
from archiver.flows.ledger import read_state
from archiver.flows.verify import verify
from archiver.ids import new_ulid
from archiver.layout import CHECKPOINT, anchor_key
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from tests.audit.outside import cosigned
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet
from tests.registry.signers import handle
from tests.verifier.test_agreement import verified

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.retention.order import Order

_AT = 1_795_165_200
CASE = {"kind": "audit", "matter": "audit of 2026"}


def vouched(archive: Archive) -> None:
    """Have two witnesses cosign the log as it is."""
    entries, size = list[dict[str, Any]](), read_state(archive).size
    for number in range(2):
        note = cosigned(archive.store.get(CHECKPOINT), _AT + number)
        name = new_ulid(archive.clock, archive.chance)
        archive.store.create(anchor_key(name), note)
        told = {"kind": "cosigned", "size": size, "file": name}
        entries.append({"t": "anchor", **told, "sha256": sha256(note).hexdigest()})
    seal_documents(archive, {}, entries)


def ordered(hall: Hall, *records: str) -> str:
    """Have an order approved, let its wait pass, and have outsiders vouch for the log."""
    told = {"item": "GS50-01-12", "certificate": "2026-118"}
    one = orders.order(hall.archive, records, told, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    hall.later(4)
    vouched(hall.archive)
    return str(one.act.statement["order"])


def state_of(hall: Hall, name: str) -> Order:
    """Return an order as the log has it."""
    return custody_of(hall.archive, read_state(hall.archive)).orders[name]


def hold(hall: Hall, *records: str) -> str:
    """Place a hold on records."""
    scope = Scope(records=records)
    return place(hall.archive, scope, CASE, hall.keys("holder"), Quiet(), snapshot=False).hold


def begun(hall: Hall, name: str) -> Draft:
    """Seal the beginning of an order."""
    made = orders.begin(hall.archive, name).signed(hall.keys("purger"))
    seal_drafts(hall.archive, [made])
    return made


def test_an_order_begins_once_it_waited(hall: Hall, tmp_path: Path) -> None:
    """Approved by two who did not ask for it, it begins after its wait, and only once."""
    name = ordered(hall, comment(1))
    begun(hall, name)
    assert state_of(hall, name).running
    with pytest.raises(RefusedError, match="begun already"):
        orders.begin(hall.archive, name)
    hold(hall, comment(3))
    assert verify(hall.archive, Quiet(), deep=True).findings == []
    assert verified(hall.archive, tmp_path / "copy") == set(), "nor does the small verifier"


@pytest.mark.parametrize("who", [(), ("anna",), ("anna", "clerk"), ("counsel", "holder")])
def test_two_others_approve(hall: Hall, who: tuple[str, ...]) -> None:
    """One approver, or the requester as the second, is not enough."""
    one = orders.order(hall.archive, [comment(1)], {}, hall.of("clerk"), hall.now)
    with pytest.raises(RefusedError, match="approvals of two people"):
        seal_drafts(hall.archive, [one.signed(hall.keys(*who))])


def test_it_waits_for_time_and_outsiders(hall: Hall) -> None:
    """Not before three days, nor without two pieces of evidence that the days have passed."""
    one = orders.order(hall.archive, [comment(1)], {}, hall.of("clerk"), hall.now)
    name = str(one.act.statement["order"])
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    with pytest.raises(RefusedError, match="no two time-stamps"):
        orders.begin(hall.archive, name)
    vouched(hall.archive)
    with pytest.raises(RefusedError, match="waiting time"):
        orders.begin(hall.archive, name)


def test_a_hold_between_evaluation_and_beginning_wins(hall: Hall) -> None:
    """A hold placed after an order was listed as due keeps it from beginning, in the log itself."""
    name = ordered(hall, comment(1), comment(2))
    ready = orders.begin(hall.archive, name).signed(hall.keys("purger"))
    hold(hall, comment(2))
    with pytest.raises(RefusedError, match="on hold"):
        seal_drafts(hall.archive, [ready])
    assert state_of(hall, name).begun is None
    with pytest.raises(RefusedError, match="on hold"):
        orders.begin(hall.archive, name)
    assert verify(hall.archive, Quiet(), deep=False).findings == []


def test_a_hold_in_the_same_bundle_wins_by_its_place(hall: Hall) -> None:
    """The sequencer asks of the very entries that a beginning would follow."""
    name = ordered(hall, comment(1))
    ready = orders.begin(hall.archive, name).signed(hall.keys("purger"))
    body = {"t": "begin", **ready.act.document(), "time": ready.act.statement["time"]}
    batch = Batch(new_ulid(hall.archive.clock, hall.archive.chance), (), (body,))
    state = read_state(hall.archive)
    assert declined(hall.archive, state, batch) == ""
    hold(hall, comment(1))
    assert declined(hall.archive, state, batch) == ""
    assert "on hold" in declined(hall.archive, read_state(hall.archive), batch)


def test_a_hold_after_the_beginning_halts_it(hall: Hall) -> None:
    """It halts where it stands; what is saved and what is gone is told to who holds."""
    name = ordered(hall, comment(1), comment(2))
    begun(hall, name)
    first = [state_of(hall, name).leaves[0]]
    segments = {one.place: one for one in read_state(hall.archive).segments()}
    (own,) = (one for one in segments.values() if ranges.overlap(one.leaves, first))
    seal = {"t": "seal", "stage": "destroy", "account": own.account, "order": name}
    destroys = {**seal, "segments": [], "destroys": [own.place]}
    seal_documents(hall.archive, {}, [destroys])
    part = {"t": "done-part", "work": "order", "order": name, "copy": handle("c"), "leaves": first}
    seal_documents(hall.archive, {}, [part])
    scope = Scope(records=(comment(2),))
    placed = place(hall.archive, scope, CASE, hall.keys("holder"), Quiet(), snapshot=False)
    (flight,) = placed.in_flight
    assert (flight.order, flight.begun, flight.saved, flight.gone) == (name, True, 1, 1)
    assert state_of(hall, name).why == "a hold"
    assert verify(hall.archive, Quiet(), deep=False).findings == []
    rest = ranges.minus(state_of(hall, name).leaves, first)
    (other,) = (one for one in segments.values() if ranges.overlap(one.leaves, rest))
    with pytest.raises(RefusedError, match="not under way"):
        seal_documents(hall.archive, {}, [{**destroys, "destroys": [other.place]}])
    seal_documents(hall.archive, {}, [{**part, "leaves": rest}])
    (finding,) = verify(hall.archive, Quiet(), deep=False).findings
    assert finding.code == "destroyed-unlawfully"


def test_a_hold_has_to_be_applied_first(hall: Hall) -> None:
    """Also a hold on other records has to look through what came since."""
    hold(hall, comment(3))
    name = ordered(hall, comment(1))
    with pytest.raises(RefusedError, match="was not applied"):
        orders.begin(hall.archive, name)
    apply_holds(hall.archive, hall.keys("holder"))
    with pytest.raises(RefusedError, match="was not applied"):
        orders.begin(hall.archive, name)
    begun_on = read_state(hall.archive).size
    apply_holds(hall.archive, hall.keys("holder"))
    assert read_state(hall.archive).size == begun_on + 1


def test_what_was_decided_meanwhile_stops_a_beginning(hall: Hall) -> None:
    """A classification sealed after the evaluation has to be evaluated first."""
    name = ordered(hall, comment(1))
    ready = orders.begin(hall.archive, name).signed(hall.keys("purger"))
    seal_drafts(
        hall.archive,
        [
            classify(hall.archive, [comment(1)], ["x/1"], "", lengthens=True).signed(
                hall.keys("clerk")
            )
        ],
    )
    with pytest.raises(RefusedError, match="was decided on its records"):
        seal_drafts(hall.archive, [ready])
    begun(hall, name)
    assert state_of(hall, name).running


def test_a_forged_beginning_is_named(hall: Hall) -> None:
    """Whoever has the signing key alone begins nothing, and what went by it is named."""
    name = ordered(hall, comment(1))
    ready = orders.begin(hall.archive, name).signed(hall.keys("anna"))
    with pytest.raises(RefusedError, match="role"):
        seal_drafts(hall.archive, [ready])
    part = {"t": "done-part", "work": "order", "order": name, "copy": handle("c")}
    seal_documents(hall.archive, {}, [{**part, "leaves": state_of(hall, name).leaves}])
    (finding,) = verify(hall.archive, Quiet(), deep=False).findings
    assert finding.code == "destroyed-unlawfully"


def test_people_halt_an_order(hall: Hall) -> None:
    """One person halts it, and it does not begin again."""
    name = ordered(hall, comment(1))
    halted = orders.halt(hall.archive, name, "asked for by the mayor").signed(hall.keys("anna"))
    seal_drafts(hall.archive, [halted])
    with pytest.raises(RefusedError, match="halted"):
        orders.begin(hall.archive, name)
    with pytest.raises(UsageError):
        orders.halt(hall.archive, "a" * 26, "")


def test_an_order_on_another_log_is_named(hall: Hall) -> None:
    """An order is signed over the log it was evaluated on; over another one it is a finding."""
    one = orders.order(hall.archive, [comment(1)], {}, hall.of("clerk"), hall.now)
    act = type(one.act)({**one.act.statement, "root": "cd" * 32})
    false = type(one)(act, one.document, one.salt, one.leaves)
    seal_drafts(hall.archive, [false.signed(hall.keys("clerk", "anna", "bert"))])
    (finding,) = verify(hall.archive, Quiet(), deep=False).findings
    assert "another root" in finding.found


def test_a_released_hold_frees_an_order(hall: Hall) -> None:
    """What was on hold when it was ordered begins once the release counts."""
    one = hold(hall, comment(1))
    name = ordered(hall, comment(1))
    made = hold_acts.release(hall.archive, one, "audit closed").signed(hall.keys("holder", "clerk"))
    seal_drafts(hall.archive, [made])
    with pytest.raises(RefusedError, match="on hold"):
        orders.begin(hall.archive, name)
    hall.later(4)
    vouched(hall.archive)
    begun(hall, name)
