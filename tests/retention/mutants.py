"""Defects planted in the folds of holds and orders, each of which the play must find."""

from __future__ import annotations

from tests.sim.mutants import Edit, Mutant

__all__ = ["MUTANTS"]

CUSTODY, ORDER = "archiver.retention.custody", "archiver.retention.order"
HOLD, DECIDING = "archiver.retention.hold", "archiver.registry.deciding"

SEEDS = {
    "lets one approver be two by another handle": 2,
    "is content with one signature": 5,
    "forgets what was decided meanwhile": 28,
    "goes on after it was halted": 5,
    "takes a set that nobody signed for": 5,
    "forgets what a hold took in later": 1,
    "calls done what is not": 2,
}
"""Seeds of plays that find them; the others are found by the first."""

MUTANTS = tuple(
    Mutant(name, SEEDS.get(name, 0), (Edit(*edit),))
    for name, edit in {
        "does not ask whether a record is on hold": (
            ORDER, "if one.covers(order.leaves):", "if False:",
        ),
        "believes a hold that was applied long ago": (
            ORDER, "if one.applied < size:", "if False:",
        ),
        "lets one approver be two by another handle": (
            DECIDING, "len({_raw(registry.people[one].key) for one in people})", "len([*people])",
        ),
        "is content with one approval": (
            DECIDING, "_apart(registry, others) < APPROVERS", "_apart(registry, others) < 1",
        ),
        "is content with one signature": (
            DECIDING, "_apart(registry, people) < rule.people", "_apart(registry, people) < 1",
        ),
        "lets no wait be waited": (
            DECIDING, "counts = waited(when) if", "counts = when if",
        ),
        "begins before the order counts": (
            ORDER, "if at.when < order.counts:", "if False:",
        ),
        "forgets what was decided meanwhile": (
            ORDER, "if one.entry >= size and", "if one.entry < 0 and",
        ),
        "goes on after a hold": (
            CUSTODY, "if order.running and ranges.overlap(order.leaves, leaves):", "if False:",
        ),
        "goes on after it was halted": (
            CUSTODY, '        order.halt(one.entry, "people")\n', "        pass\n",
        ),
        "begins once more what was halted": (
            ORDER, "if order.begun is not None or order.halted is not None:", "if False:",
        ),
        "lets a release count that something overtook": (
            CUSTODY, "            held.overtake()\n", "            pass\n",
        ),
        "takes a set that nobody signed for": (
            CUSTODY, 'set_digest(leaves) == one.statement["covers"]', "True",
        ),
        "forgets what a hold took in later": (
            HOLD, "self.leaves = ranges.union(self.leaves, leaves)", "pass",
        ),
        "calls done what is not": (
            CUSTODY, "if not order.whole():", "if False:",
        ),
    }.items()
)  # fmt: skip
