"""Residue goes with the records beside it, as people choose or as the archive has it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from archiver.errors import RefusedError
from archiver.flows import connectors, orders
from archiver.flows.certifying import certificate
from archiver.flows.deciding import seal_drafts
from archiver.flows.disposition import proposal
from archiver.flows.executing import execute
from archiver.flows.extraordinary import removal
from archiver.flows.ledger import read_state
from archiver.flows.orders import freeze
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.residue import beside_it, joined
from archiver.flows.verify import verify
from tests.attacks.needles import opened
from tests.flows.board import LANE, Board, Posted, asked
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet
from tests.flows.test_disposition import city
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import hold, vouched
from tests.flows.test_purge import verified, with_board

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Quiet()
TOLD = {"authority": "Court", "reason": "", "copy_sha256": ""}
PEOPLE = ("counsel", "anna", "bert")


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """A copy of a hall with a verifier and an account on the board."""
    return with_board(first_hall, tmp_path, monkeypatch)


@pytest.fixture
def posted(hall: Hall) -> Posted:
    """A post beside something that no parser claims, in a file with another."""
    made = Posted(hall.archive, Board())
    made.take(asked("posts 1 canary-one\n~ canary-left\nposts 3 three\n"), asked("posts 5 five\n"))
    return made


def residue(number: int = 1) -> str:
    """Return the id of what was left of an exchange."""
    return posts(f"residue/{LANE}/{number}")[0]


def learn(posted: Posted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a newer parser take what was left over for a page."""
    posted.connector = Board(claims=True)
    monkeypatch.setattr(connectors, "CONNECTORS", {"stand-in": posted.connector})


def removed(hall: Hall, *records: str, unclaimed: bool = False) -> tuple[str, dict[str, Any]]:
    """Have an extraordinary order sealed and its wait pass; return it and its document."""
    made = removal(
        hall.archive, records, "court-order", TOLD, hall.of("clerk"), QUIET, unclaimed=unclaimed
    )
    seal_drafts(hall.archive, [made.signed(hall.keys(*PEOPLE))])
    hall.later(4)
    vouched(hall.archive)
    return str(made.act.statement["order"]), dict(made.document)


def carried_out(hall: Hall, name: str) -> None:
    """Carry an order out to its end."""
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "under-way"
    verified(hall)
    assert execute(hall.archive, name, hall.of("purger"), QUIET).state == "done"
    assert verify(hall.archive, QUIET, deep=True).findings == []


def canaries(hall: Hall, word: bytes) -> list[str]:
    """Return where a canary still is, in any object as it opens to."""
    return [key for key, data in opened(hall.archive, hall.store._objects) if word in data]


@pytest.mark.usefixtures("posted")
def test_what_nothing_claims_goes_as_people_choose(hall: Hall) -> None:
    """Left out it is told, and keeps the order waiting; chosen, no byte of it is left."""
    frozen = freeze(hall.archive, posts("1"))
    without, told = joined(hall.archive, frozen, QUIET, unclaimed=False)
    assert (without, told["residue"], told["residue_left"]) == (frozen, [], 1)
    name, document = removed(hall, *posts("1"), unclaimed=True)
    (one,) = document["residue"]
    assert (one["record"], one["exchange"], one["claimed"]) == (residue(), f"{LANE}/1", False)
    assert (one["bytes_below"], document["counts"]["records"]) == (1000, 2)
    assert "people decide" in one["why"]
    assert canaries(hall, b"canary-left")
    carried_out(hall, name)
    assert canaries(hall, b"canary") == []
    state = read_state(hall.archive)
    assert leaves_of_records(hall.archive, state, [residue(), *posts("3")]).keys() == {*posts("3")}
    (words,) = certificate(hall.archive, name).certificate.told.residue or ()
    assert "by no rule" in words


def test_what_a_newer_parser_claims_goes_by_itself(
    hall: Hall, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the archive has all of it in records of their own; before that nothing may go."""
    learn(posted, monkeypatch)
    with pytest.raises(RefusedError, match="no record says the same") as refused:
        removed(hall, *posts("1"), unclaimed=True)
    assert refused.value.code == "residue-unrecorded"
    posted.take(asked("~ canary-left\n"))
    page = posts("found", stream="pages")
    name, document = removed(hall, *page)
    assert [one["claimed"] for one in document["residue"]] == [True]
    assert len(canaries(hall, b"canary-left")) > len(canaries(hall, b"canary-one"))
    carried_out(hall, name)
    assert canaries(hall, b"canary-left") == []
    left = leaves_of_records(
        hall.archive, read_state(hall.archive), [residue(), *page, *posts("1")]
    )
    assert left.keys() == {*posts("1")}


@pytest.mark.usefixtures("posted")
def test_nothing_else_goes_as_residue(hall: Hall) -> None:
    """What a document calls residue is held against the archive before an order begins."""
    for record in (*posts("5"), residue()):
        said = {"extraordinary": "court-order", **TOLD, "residue": [{"record": record}]}
        records = [comment(1), record]
        made = orders.order(hall.archive, records, said, hall.of("clerk"), hall.now)
        seal_drafts(hall.archive, [made.signed(hall.keys(*PEOPLE))])
        hall.later(4)
        vouched(hall.archive)
        name = str(made.act.statement["order"])
        with pytest.raises(RefusedError, match="no residue beside the others") as refused:
            execute(hall.archive, name, hall.of("purger"), QUIET)
        assert refused.value.code == "not-due-any-more"


@pytest.mark.usefixtures("posted")
def test_a_hold_beside_it_keeps_it(hall: Hall) -> None:
    """On any record that its exchange shows."""
    hold(hall, *posts("3"))
    with pytest.raises(RefusedError, match="on hold") as refused:
        removed(hall, *posts("1"), unclaimed=True)
    assert refused.value.code == "on-hold"


def test_a_rule_does_not_ask_for_it(hall: Hall, posted: Posted) -> None:
    """A proposal by a schedule has it beside what is due, and is evaluated without it."""
    city(hall)
    posted.take(asked("posts 7 seven\n~ as comments 1 said\n"))
    made = proposal(hall.archive, "city/talk", "", "due")
    told = beside_it(hall.archive, made, QUIET, unclaimed=True)
    assert set(told.frozen.records) - set(made.frozen.records) == {residue(3)}
    one = orders.ordered(hall.archive, told.frozen, told.document, hall.of("clerk"), hall.now)
    seal_drafts(hall.archive, [one.signed(hall.keys("anna", "bert"))])
    hall.later(4)
    vouched(hall.archive)
    done = execute(hall.archive, str(one.act.statement["order"]), hall.of("purger"), QUIET)
    assert done.order.begun is not None
