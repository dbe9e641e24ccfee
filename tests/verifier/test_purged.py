"""An order that was carried out, through its steps: the small verifier accounts for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.ledger import read_state
from archiver.flows.purge import purge
from archiver.ledger.whereabouts import whereabouts
from tests.audit.forge import body, entries_of, relog
from tests.flows.conftest import first_hall
from tests.flows.helpers import Quiet
from tests.flows.test_occurrences import posts
from tests.flows.test_orders import begun, hold, ordered, state_of
from tests.flows.test_purge import carried_out, hall, posted
from tests.verifier.test_destroyed import both

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.hall import Hall

__all__ = ["first_hall", "hall", "posted"]


@pytest.mark.usefixtures("posted")
def test_an_order_that_was_carried_out(hall: Hall, tmp_path: Path) -> None:
    """Records, exchanges and maps are split, verified, destroyed, done: neither finds anything."""
    order = ordered(hall, *posts("1"))
    begun(hall, order)
    old = min(whereabouts(read_state(hall.archive), state_of(hall, order).leaves).keys)
    assert purge(hall.archive, order, Quiet()).split == 3
    assert both(hall, tmp_path / "copy")[:2] == ([], [])
    carried_out(hall, order)
    told = {"order": order, "covers": state_of(hall, order).covers}
    seal_drafts(hall.archive, [draft(hall.archive, "done", told).signed(hall.keys("purger"))])
    ours, theirs, notes = both(hall, tmp_path / "copy")
    assert ours == theirs == []
    assert f"order {order} done" in notes
    assert "2 files of exchanges or maps" in notes
    hall.archive.store.create(old, b"from a backup")
    assert both(hall, tmp_path / "copy")[0] == [("object-unknown", old)]


@pytest.mark.usefixtures("posted")
def test_a_hold_that_came_first(hall: Hall, tmp_path: Path) -> None:
    """An order that a hold halted is told as that, with nothing gone; nothing is found."""
    order = ordered(hall, *posts("1"))
    begun(hall, order)
    purge(hall.archive, order, Quiet())
    hold(hall, *posts("1"))
    ours, theirs, notes = both(hall, tmp_path / "copy")
    assert ours == theirs == []
    assert f"order {order} halted: 0 of" in notes


@pytest.mark.usefixtures("posted")
def test_what_nobody_verified_stays(hall: Hall, tmp_path: Path) -> None:
    """What was split is told gone before a second role signed: that is nobody's right."""
    order = ordered(hall, *posts("1"))
    begun(hall, order)
    old = min(whereabouts(read_state(hall.archive), state_of(hall, order).leaves).keys)
    purge(hall.archive, order, Quiet())
    (seal, *_) = [at for _, at in read_state(hall.archive).retired()]
    told = body("done-part", work="compact", seals=[[seal, seal + 1]])
    relog(hall.archive, [*entries_of(hall.archive), told])
    hall.archive.store.delete(old)
    named = {("act-without-authority", f"entry {hall.size - 1}"), ("object-missing", old)}
    assert {*both(hall, tmp_path / "copy")[0]} == named
