"""Defects planted in what is counted of an archive, each of which a test must find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.flows import test_conserving as flow
from tests.sim.mutants import Edit, Mutant, planted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flows.hall import Hall

FLOW, SCOPE = "archiver.flows.conserving", "archiver.flows.matter_scope"

IN_AN_ARCHIVE: dict[str, tuple[str, str, str, Callable[[Hall], None]]] = {
    "counts what the query finds": (
        SCOPE, "        ledger=own(sealed),\n",
        "        ledger=ranges.from_numbers(n for one in known.values() for n in one),\n",
        flow.test_what_was_destroyed_is_told_by_order,
    ),
    "calls what is left over not asked for": (
        FLOW, "others = inside.records.keys() - set(asked)", "others = inside.records.keys()",
        flow.test_what_is_forgotten_is_found,
    ),
    "hands over what is privileged": (
        FLOW, "    if not both:\n", "    if True:\n", flow.test_tags_say_what_is_asked_for,
    ),
    "forgets tags": (
        FLOW, "(frozenset(found) | matter.tagged(RESPONSIVE))", "frozenset(found)",
        flow.test_tags_say_what_is_asked_for,
    ),
    "looks into private streams unasked": (
        SCOPE, "is_open = scope.private and may_read(readable, one.stream)", "is_open = True",
        flow.test_all_that_is_produced_adds_up,
    ),
    "counts what came later": (
        SCOPE, "[leaf] if leaf < size else []", "[leaf]", flow.test_a_smaller_log_has_less,
    ),
    "forgets what has no key here": (
        SCOPE, '            yield "unread", "", one.segment.leaves\n', "            pass\n",
        flow.test_what_has_no_key_here_is_held_back,
    ),
    "goes by the versions of a day": (
        SCOPE, "if one.record not in inside:", "if not scope.since <= one.day <= last:",
        flow.test_streams_and_days_are_counted_as_outside,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_AN_ARCHIVE)
def test_every_mutant_is_killed(name: str, hall: Hall) -> None:
    """By the test that is named beside it."""
    module, old, new, play = IN_AN_ARCHIVE[name]
    with planted(Mutant(name, 0, (Edit(module, old, new),))), pytest.raises(AssertionError):
        play(hall)
