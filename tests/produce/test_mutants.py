"""Defects planted in matters, numbers and conservation, each of which a test must find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.produce import test_conserving as table
from tests.produce import test_families as family
from tests.produce import test_matter as matter
from tests.produce import test_matters as fold
from tests.sim.mutants import Edit, Mutant, planted

if TYPE_CHECKING:
    from collections.abc import Callable

PRODUCE = "archiver.produce"
MATTERS, MATTER, RESERVED = f"{PRODUCE}.matters", f"{PRODUCE}.matter", f"{PRODUCE}.reserved"
TABLE, FAMILIES = f"{PRODUCE}.conserving", f"{PRODUCE}.families"

FOUND = (AssertionError, ExceptionGroup)
"""What a test raises, or several examples of one."""

PURE: dict[str, tuple[str, str, str, Callable[[], None]]] = {
    "lets private records out unapproved": (
        MATTERS, "if one.act != CLAW_BACK and private and not case.approval(private):", "if False:",
        fold.test_private_leaves_go_out_as_they_were_approved_before,
    ),
    "takes an approval of more for one of less": (
        MATTERS, "if one.leaves == leaves", "if not ranges.minus(leaves, one.leaves)",
        fold.test_private_leaves_go_out_as_they_were_approved_before,
    ),
    "asks an approval for what is asked back": (
        MATTERS, "if one.act != CLAW_BACK and private", "if private",
        fold.test_private_leaves_go_out_as_they_were_approved_before,
    ),
    "gives a number twice": (
        MATTERS, "if first != self.series.get(series, first - 1) + 1:",
        "if first < self.series.get(series, first - 1):",
        fold.test_numbers_of_a_series_go_on_and_never_overlap,
    ),
    "leaves numbers out": (
        MATTERS, "if first != self.series.get(series, first - 1) + 1:",
        "if first <= self.series.get(series, first - 1):",
        fold.test_numbers_of_a_series_go_on_and_never_overlap,
    ),
    "takes no numbers at all": (
        MATTERS, "if last < first:", "if False:", fold.test_no_numbers_are_none,
    ),
    "opens a matter twice": (
        MATTERS, "if handle in self.matters:", "if False:",
        fold.test_a_matter_is_opened_once_and_closed_once,
    ),
    "goes on in a closed matter": (
        MATTERS, "if case.closed is not None and not closed", "if False",
        fold.test_asking_back_outlives_the_matter,
    ),
    "asks nothing back once it is closed": (
        MATTERS, "closed=one.act == CLAW_BACK", "closed=False",
        fold.test_asking_back_outlives_the_matter,
    ),
    "skips a volume": (
        MATTERS, "if number != len(case.volumes) + 1:", "if number < len(case.volumes) + 1:",
        fold.test_volumes_are_numbered_in_order,
    ),
    "replaces what was never there": (
        MATTERS, "one.number == int(of) and one.act != CLAW_BACK", "one.act != CLAW_BACK",
        fold.test_volumes_are_numbered_in_order,
    ),
    "keeps a tag that another took the place of": (
        MATTER, '                own.pop(_INSTEAD.get(said["tag"], ""), None)\n', "",
        matter.test_the_latest_word_on_a_tag_holds,
    ),
    "takes no tag back": (
        MATTER, 'if said["tag"] and not said["back"]:', 'if said["tag"]:',
        matter.test_the_latest_word_on_a_tag_holds,
    ),
    "uses a number twice": (
        MATTER, "first=max(one.first, after + 1)", "first=one.first",
        matter.test_unused_numbers_come_after_the_last_volume,
    ),
    "lets two homes have one prefix": (
        RESERVED, "if first.setdefault(scheme.prefix, own) == own:", "if True:",
        matter.test_a_prefix_has_the_series_and_width_of_its_first,
    ),
    "lets numbers have more digits than their width": (
        RESERVED, "and one.last < 10**scheme.width", "",
        matter.test_numbers_have_the_digits_of_their_width,
    ),
    "forgets what is unaccounted for": (
        TABLE, "    if left:\n", "    if False:\n", table.test_any_one_told_otherwise_does_not,
    ),
    "forgets what is counted twice": (
        TABLE, "        if twice:\n", "        if False:\n",
        table.test_any_one_told_otherwise_does_not,
    ),
    "forgets what is beyond": (
        TABLE, "    if beyond:\n", "    if False:\n", table.test_any_one_told_otherwise_does_not,
    ),
    "counts what is outside": (
        TABLE, "inside = ranges.minus(captured.leaves, captured.outside)",
        "inside = captured.leaves", table.test_each_told_once_adds_up,
    ),
    "counts a record in every line": (
        TABLE, "        seen |= own\n", "", table.test_each_told_once_adds_up,
    ),
    "drops one of two exemptions": (
        TABLE, "found[together] = ranges.union(found.get(together, []), both)", "pass",
        table.test_what_has_several_names_of_one_kind_has_them_all,
    ),
    "goes round in circles": (
        FAMILIES, "and not _leads_to(found, parent, one.record)", "",
        family.test_each_record_is_of_one_family,
    ),
    "takes the comment of another account": (
        FAMILIES, "(one.account, stream, native) for stream, native in asked if native",
        "('acct', stream, native) for stream, native in asked if native",
        family.test_another_account_is_another_family,
    ),
    "calls what says nothing a duplicate": (
        FAMILIES, "if one.words or one.file:", "if True:",
        family.test_duplicates_say_the_same_at_the_same_moment,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PURE)
def test_every_mutant_is_killed(name: str) -> None:
    """By the test that is named beside it."""
    module, old, new, play = PURE[name]
    with planted(Mutant(name, 0, (Edit(module, old, new),))), pytest.raises(FOUND):
        play()
