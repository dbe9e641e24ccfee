"""Removal by an authority of its own: hidden at once, gone by the same protocol, never alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.errors import RefusedError, UsageError
from archiver.flows.deciding import seal_drafts
from archiver.flows.executing import execute
from archiver.flows.extraordinary import removal
from archiver.flows.orders import halt
from archiver.flows.search import WITHHELD, Query, search
from archiver.flows.show import show
from archiver.flows.verify import verify
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet
from tests.flows.test_orders import hold, state_of, vouched

if TYPE_CHECKING:
    from archiver.flows.deciding import Draft

QUIET = Quiet()
TOLD = {"authority": "Circuit Court, 26-CV-1", "reason": "ordered", "copy_sha256": "ab" * 32}
PEOPLE = ("counsel", "anna", "bert")


def asked(hall: Hall, *records: str) -> Draft:
    """Return an extraordinary order that the clerk has signed."""
    return removal(hall.archive, records, "court-order", TOLD, hall.of("clerk"), Quiet())


def ordered(hall: Hall, *records: str) -> str:
    """Have one sealed; return its handle."""
    made = asked(hall, *records).signed(hall.keys(*PEOPLE))
    seal_drafts(hall.archive, [made])
    return str(made.act.statement["order"])


def seen(hall: Hall) -> set[str]:
    """Return the records that a search finds."""
    return {str(one["record_id"]) for one in search(hall.archive, Query()).hits}


def test_nobody_is_shown_it_at_once_and_it_goes_in_the_end(hall: Hall) -> None:
    """Hidden when it is sealed; it waits as any order does; then it is destroyed, and so shown."""
    name = ordered(hall, comment(1))
    assert comment(1) not in seen(hall)
    assert comment(2) in seen(hall)
    assert search(hall.archive, Query()).not_searched[WITHHELD] == 1
    with pytest.raises(RefusedError, match="withheld from everybody"):
        show(hall.archive, comment(1))
    assert show(hall.archive, comment(2))
    vouched(hall.archive)
    with pytest.raises(RefusedError, match="waiting time"):
        execute(hall.archive, name, hall.of("purger"), QUIET)
    hall.later(4)
    assert verify(hall.archive, QUIET, deep=True).findings == []
    assert state_of(hall, name).extraordinary


@pytest.mark.parametrize("missing", PEOPLE)
def test_counsel_and_two_approvers_sign_it(hall: Hall, missing: str) -> None:
    """None of them may be missing, and nothing is hidden then."""
    made = asked(hall, comment(1)).signed(hall.keys(*(set(PEOPLE) - {missing})))
    with pytest.raises(RefusedError, match="would not count"):
        seal_drafts(hall.archive, [made])
    assert comment(1) in seen(hall)


def test_a_hold_keeps_it_hidden_and_there(hall: Hall) -> None:
    """A hold is stronger: nothing begins. Halted, it is shown again."""
    name = ordered(hall, comment(1))
    hold(hall, comment(1))
    hall.later(4)
    vouched(hall.archive)
    with pytest.raises(RefusedError, match="on hold"):
        execute(hall.archive, name, hall.of("purger"), QUIET)
    assert comment(1) not in seen(hall)
    seal_drafts(hall.archive, [halt(hall.archive, name, "over").signed(hall.keys("counsel"))])
    assert comment(1) in seen(hall)


def test_it_needs_a_known_reason_and_an_authority(hall: Hall) -> None:
    """Else there would be a way round every schedule that nobody had to account for."""
    key = hall.of("clerk")
    with pytest.raises(UsageError, match="no such reason"):
        removal(hall.archive, [comment(1)], "embarrassing", TOLD, key, Quiet())
    with pytest.raises(UsageError, match="by whose authority"):
        removal(hall.archive, [comment(1)], "claw-back", {**TOLD, "authority": " "}, key, Quiet())
