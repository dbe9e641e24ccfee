"""Orders that are transferred first: nothing may go before its receipt counts, and only that."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import ArchiverError, FormatError, RefusedError, UsageError
from archiver.flows import orders
from archiver.flows.deciding import Draft, draft, told
from archiver.flows.disposition import proposal, propose, still_due
from archiver.flows.executing import execute
from archiver.flows.ledger import read_state
from archiver.flows.order_list import listed
from archiver.flows.outside_acts import outcome, submit
from archiver.flows.transfer import transfer
from archiver.flows.transfer_choice import of_order, of_series
from archiver.flows.transfer_receipt import receipt
from archiver.flows.verify import verify
from archiver.ledger import ranges
from archiver.wire import transfer_folder
from tests.flows import test_disposition as disposing
from tests.flows.hall import GOVERN, Hall, comment
from tests.flows.helpers import Quiet
from tests.flows.test_disposition import CERTIFICATE, COPY, NOTICE, approved, city, seal, why
from tests.flows.test_orders import begun, state_of, vouched
from tests.flows.test_transfer import AT

if TYPE_CHECKING:
    from pathlib import Path

TO = "State Archives"
SOCIETY = NOTICE.replace("to: Society", f"to: {TO}")
Files = tuple[bytes, bytes]


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the city's series say that its records are to be transferred."""
    pack = disposing.PACK.replace("then: destroy,\n     flags", "then: transfer,\n     flags")
    monkeypatch.setattr(disposing, "PACK", pack)


def ordered(hall: Hall) -> str:
    """Have all that is due ordered to be transferred and approved; return the order."""
    one = propose(
        hall.archive, proposal(hall.archive, "city/talk", "", "due", to=TO), hall.of("clerk")
    )
    seal(hall, one, "anna", "bert")
    return str(one.act.statement["order"])


def bag_of(hall: Hall, order: str, out: Path) -> Files:
    """Write the bag of an order; return its document and manifest."""
    with transfer_folder(out) as (folder, enclosed):
        chosen = of_order(hall.archive, order, "", private=False)
        transfer(hall.archive, chosen, folder, enclosed, Quiet(), AT)
    return (out / "data/transfer.json").read_bytes(), (out / "manifest-sha256.txt").read_bytes()


def edited(bag: Files, **changes: object) -> Files:
    """Return a bag's document with other members, and the manifest that lists it."""
    document = json.dumps({**json.loads(bag[0]), **changes}).encode()
    old, new = (sha256(one).hexdigest().encode() for one in (bag[0], document))
    return document, bag[1].replace(old, new)


def received(hall: Hall, bag: Files) -> Draft:
    """Return that an order's records were received."""
    return receipt(hall.archive, bag, hall.now.date(), "letter 7", COPY)


@pytest.mark.usefixtures("moving")
def test_nothing_goes_before_the_receipt_counts(hall: Hall, tmp_path: Path) -> None:
    """Approved, sent, and still waiting: until two have signed the receipt, and its three days."""
    city(hall)
    order = ordered(hall)
    assert "was not told" in why(hall, order, 4)
    bag = bag_of(hall, order, tmp_path / "bag")
    seal(hall, submit(hall.archive, order, "certificate", hall.now.date(), "parcel 1"), "clerk")
    assert "approved copy" in why(hall, order, 100)
    for answer in ("received", "approved"):
        with pytest.raises(UsageError, match="no such answer"):
            outcome(hall.archive, order, answer, hall.now.date(), COPY, [])
    made = received(hall, bag)
    with pytest.raises(RefusedError, match="2 people"):
        seal(hall, made, "clerk")
    seal(hall, made, *GOVERN)
    assert "does not count" in why(hall, order, 2)
    assert why(hall, order, 2) == ""
    begun(hall, order)
    assert state_of(hall, order).running
    (row,) = listed(hall.archive)
    assert row["outside"]["answers"][0] | {"counts": ""} == {
        "answer": "received", "day": made.document["day"], "copy_sha256": COPY,
        "then": "transfer", "counts": "",
    }  # fmt: skip
    kept = told(hall.archive, read_state(hall.archive))[str(made.act.statement["subject"])]
    assert kept["bag"]["manifest_sha256"] == sha256(bag[1]).hexdigest()
    assert verify(hall.archive, Quiet(), deep=False).findings == []
    with pytest.raises(UsageError, match="has begun"):
        bag_of(hall, order, tmp_path / "late")


@pytest.mark.usefixtures("moving")
def test_only_what_was_received_goes(hall: Hall, tmp_path: Path) -> None:
    """A bag with less makes the order be about less, by name; one with more makes it no more."""
    city(hall)
    order = ordered(hall)
    bag = bag_of(hall, order, tmp_path / "bag")
    seal(hall, submit(hall.archive, order, "certificate", hall.now.date(), "parcel 1"), "clerk")
    before = state_of(hall, order).leaves
    everything = received(hall, edited(bag, leaves=[[0, 10_000]]))
    assert everything.leaves == before
    less = received(hall, edited(bag, leaves=before[:1]))
    assert (less.document["goes"], less.document["records"]) == ("named", [comment(1)])
    seal(hall, less, *GOVERN)
    assert why(hall, order, 4) == ""
    assert state_of(hall, order).leaves == before[:1]
    assert ranges.count(before) == 3


@pytest.mark.usefixtures("moving")
def test_a_refused_transfer_stays(hall: Hall, tmp_path: Path) -> None:
    """The authority's refusal takes a receipt back, by one person and at once."""
    city(hall)
    order, day = ordered(hall), hall.now.date()
    bag = bag_of(hall, order, tmp_path / "bag")
    seal(hall, submit(hall.archive, order, "certificate", day, "parcel 1"), "clerk")
    seal(hall, received(hall, bag), *GOVERN)
    assert why(hall, order, 4) == ""
    seal(hall, outcome(hall.archive, order, "refused", day, "", []), "clerk")
    assert "does not allow" in why(hall, order)


@pytest.mark.usefixtures("moving")
def test_execution_asks_for_the_receipt_again(hall: Hall, tmp_path: Path) -> None:
    """Whatever answer the log has, and of whatever kind the order is: then what is left goes."""
    city(hall)
    document = proposal(hall.archive, "city/talk", "", "due", to=TO).document
    records = [comment(number) for number in range(1, 4)]
    plain = orders.order(
        hall.archive, records, document | {"outside": None}, hall.of("clerk"), hall.now
    )
    seal(hall, plain, "anna", "bert")
    sly, day = str(plain.act.statement["order"]), hall.now.date()
    asked = ordered(hall)
    bag = bag_of(hall, asked, tmp_path / "bag")
    seal(hall, submit(hall.archive, asked, "certificate", day, "parcel 1"), "clerk")
    made = received(hall, bag)
    members, said = {"order": asked, "effect": "shortens"}, {**made.document, "answer": "approved"}
    other = draft(hall.archive, "outcome", members, said, (made.leaves or [], hall.size))
    seal(hall, other, *GOVERN)
    lacks = "no receipt for its records is recorded"
    assert why(hall, sly, 4) == why(hall, asked) == lacks
    for order in (sly, asked):
        with pytest.raises(RefusedError) as refused:
            execute(hall.archive, order, hall.of("purger"), Quiet())
        assert refused.value.code == "transfer-not-received"
    seal(hall, made, *GOVERN)
    assert why(hall, asked, 4) == ""
    done = execute(hall.archive, asked, hall.of("purger"), Quiet())
    assert (done.state, done.gone, done.saved) == ("done", 3, 0)


def test_what_a_series_says_today_counts(hall: Hall) -> None:
    """No order to destroy goes once its series is transferred, and none the other way round."""
    city(hall)
    records = {comment(number) for number in range(1, 4)}
    for document, due in (
        ({}, records),
        ({"then": "destroy"}, records),
        ({"then": "transfer"}, set()),
    ):
        told_of = {"series": "city/talk", **document}
        assert still_due(hall.archive, told_of, records, private=False)[0] == due


def test_an_acquired_order_is_transferred(hall: Hall, tmp_path: Path) -> None:
    """The society wants what it was told of: nothing goes any more but by its receipt."""
    city(hall, SOCIETY)
    order, day = approved(hall), hall.now.date()
    with pytest.raises(UsageError, match="not to be transferred"):
        bag_of(hall, order, tmp_path / "early")
    seal(hall, submit(hall.archive, order, "notice", day, "letter"), "clerk")
    seal(hall, outcome(hall.archive, order, "acquire", day, "", []), "clerk")
    assert "does not allow" in why(hall, order, 100)
    bag = bag_of(hall, order, tmp_path / "bag")
    seal(hall, received(hall, bag), *GOVERN)
    assert "does not allow" not in why(hall, order, 2)
    assert why(hall, order, 2) == ""
    assert len(state_of(hall, order).leaves) == 3


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"archive": "another"}, "of another archive"),
    ({"about": {}}, "of no order"),
    ({"about": {"order": "a" * 26}}, "no such order"),
    ({"to": "Somebody"}, "for another authority"),
    ({"leaves": [[0, 1]]}, "none of the order's records"),
    ({"leaves": [[3, 1]]}, "not the document"),
    ({"leaves": [[0, 1], None]}, "not the document"),
    ({"schema": "x"}, "not the document"),
    ({"about": "x"}, "not the document"),
)


@pytest.mark.usefixtures("moving")
def test_what_is_no_receipt(hall: Hall, tmp_path: Path) -> None:
    """Bags of other archives, orders, authorities; documents that are none; days to come."""
    city(hall)
    order = ordered(hall)
    bag = bag_of(hall, order, tmp_path / "bag")
    for changes, words in WRONG:
        with pytest.raises(ArchiverError, match=words):
            received(hall, edited(bag, **changes))
    damaged: tuple[tuple[Files, Any], ...] = (
        ((bag[0] + b" ", bag[1]), FormatError),
        ((bag[0], b""), FormatError),
        ((b"[" * 100_000, bag[1].replace(sha256(bag[0]).hexdigest().encode(),
          sha256(b"[" * 100_000).hexdigest().encode())), FormatError),
    )  # fmt: skip
    for files, kind in damaged:
        with pytest.raises(kind):
            received(hall, files)
    day = hall.now.date()
    with pytest.raises(UsageError, match="yet to come"):
        receipt(hall.archive, bag, day.replace(year=day.year + 1), "letter", COPY)
    with pytest.raises(UsageError, match="what shows it"):
        receipt(hall.archive, bag, day, " ", COPY)
    with pytest.raises(UsageError, match="not a SHA-256"):
        receipt(hall.archive, bag, day, "letter", "x")
    with pytest.raises(UsageError, match="for another authority"):
        of_order(hall.archive, order, "Somebody", private=False)


@pytest.mark.usefixtures("moving")
def test_to_whom(hall: Hall) -> None:
    """A transfer needs an authority, whoever else a pack has asked."""
    city(hall, NOTICE)
    with pytest.raises(UsageError, match="to whom"):
        proposal(hall.archive, "city/talk", "", "due")
    both = proposal(hall.archive, "city/talk", "", "due", to=TO).document
    assert (both["outside"]["to"], both["receiver"]) == ("Society", TO)
    made = proposal(hall.archive, "city/talk", "", "due", to="Society").document
    assert (made["then"], made["outside"]["days"], "receiver" in made) == ("transfer", 60, False)
    chosen = of_series(hall.archive, "city/talk", "", "Society", private=False)
    assert chosen.frozen.records == tuple(comment(number) for number in (1, 2, 3))
    assert chosen.about["series"] == "city/talk"
    assert not chosen.about.keys() & {"reason", "sooner", "left_out"}


def waits(hall: Hall, order: str) -> tuple[str, str]:
    """Return where an order stands, and why; what is not ready does not begin either."""
    vouched(hall.archive)
    (row,) = (one for one in listed(hall.archive) if one["order"] == order)
    if row["state"] != "ready":
        with pytest.raises(RefusedError):
            execute(hall.archive, order, hall.of("purger"), Quiet())
    return row["state"], row["why"]


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize("receipt_first", [True, False])
def test_one_authority_allows_what_another_receives(
    hall: Hall, tmp_path: Path, *, receipt_first: bool
) -> None:
    """Both answers have to count, in whichever order they come; the latest of each does."""
    city(hall, CERTIFICATE)
    order = ordered(hall)
    bag = bag_of(hall, order, tmp_path / "bag")
    day = hall.now.date()
    seal(hall, submit(hall.archive, order, "certificate", day, "form 3"), "clerk")
    hall.later(40)
    day = hall.now.date()

    def approve() -> None:
        seal(hall, outcome(hall.archive, order, "approved", day, COPY, []), *GOVERN)

    def receive() -> None:
        seal(hall, received(hall, bag), *GOVERN)

    steps, lacks = [approve, receive], [f"no receipt of {TO}", "no answer of Commission"]
    for step, lack in list(zip(steps, lacks, strict=True))[:: -1 if receipt_first else 1]:
        step()
        hall.later(4)
        if step is (receive if receipt_first else approve):
            state, why_ = waits(hall, order)
            assert state == "waiting"
            assert lack in why_
    assert waits(hall, order) == ("ready", "")
    seal(hall, outcome(hall.archive, order, "deferred", day, COPY, []), "counsel")
    assert "does not allow" in waits(hall, order)[1]
    receive()
    hall.later(4)
    assert "no answer of Commission" in waits(hall, order)[1]
    approve()
    hall.later(4)
    assert waits(hall, order) == ("ready", "")
    begun(hall, order)
    assert state_of(hall, order).running


@pytest.mark.usefixtures("moving")
def test_a_receipt_is_no_waiver_of_anothers_notice(hall: Hall, tmp_path: Path) -> None:
    """The days of a notice run on, whoever has received the records meanwhile."""
    city(hall, NOTICE)
    order = ordered(hall)
    seal(hall, submit(hall.archive, order, "notice", hall.now.date(), "letter"), "clerk")
    seal(hall, received(hall, bag_of(hall, order, tmp_path / "bag")), *GOVERN)
    hall.later(40)
    assert waits(hall, order) == ("waiting", "no answer of Society is recorded that counts")
    hall.later(21)
    assert waits(hall, order) == ("ready", "")


def test_what_is_destroyed_goes_to_nobody(hall: Hall) -> None:
    """A series that says destroy takes no authority that would have its records."""
    city(hall)
    with pytest.raises(UsageError, match="not to be transferred"):
        of_series(hall.archive, "city/talk", "", TO, private=False)
    assert proposal(hall.archive, "city/talk", "", "due").document["then"] == "destroy"
