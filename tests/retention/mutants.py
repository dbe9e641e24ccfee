"""Defects planted in the folds of holds and orders, each of which the play must find."""

from __future__ import annotations

from tests.sim.mutants import Edit, Mutant

__all__ = ["MUTANTS"]

CUSTODY, ORDER = "archiver.retention.custody", "archiver.retention.order"
HOLD, DECIDING = "archiver.retention.hold", "archiver.registry.deciding"

SEEDS = {
    "lets one approver be two by another handle": 5,
    "is content with one approval": 5,
    "lets no wait be waited": 3,
    "begins before the order counts": 7,
    "forgets what was decided meanwhile": 6,
    "lets a release count that something overtook": 1,
    "destroys what no order is under way for": 1,
    "destroys neighbours too": 6,
    "calls done what another copy has": 18,
    "forgets the files that were superseded": 6,
    "lets a copy lose what nothing took out": 20,
}
"""Seeds of plays that find them; the others are found by the first."""

FILED = "archiver.retention.filed"

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
        "destroys what no order is under way for": (
            CUSTODY, "if order is None or not order.running:", "if order is None:",
        ),
        "destroys neighbours too": (
            FILED, "if ranges.minus(going, leaves):", "if False:",
        ),
        "calls done what another copy has": (
            ORDER, "all(one == self.leaves for", "any(one == self.leaves for",
        ),
        "forgets the files that were superseded": (
            CUSTODY, "if self.filed.left_over(order.leaves):", "if False:",
        ),
        "lets a copy lose what nothing took out": (
            CUSTODY, "ranges.minus(leaves, order.going)", "ranges.minus(leaves, order.leaves)",
        ),
    }.items()
)  # fmt: skip
