"""Defects planted in the folds of holds and orders, each of which the play must find."""

from __future__ import annotations

from tests.sim.mutants import Edit, Mutant

__all__ = ["MUTANTS"]

CUSTODY, ORDER = "archiver.retention.custody", "archiver.retention.order"
SIGNED = "archiver.retention.signed_set"
HOLD, DECIDING = "archiver.retention.hold", "archiver.registry.deciding"

SEEDS = {
    "is content with one signature": 1,
    "lets no wait be waited": 5,
    "begins before the order counts": 2,
    "forgets what was decided meanwhile": 129,
    "goes on after a hold": 2,
    "lets a release count that something overtook": 1,
    "takes a set that nobody signed for": 5,
    "destroys what no order is under way for": 4,
    "destroys neighbours too": 1,
    "forgets a copy that no part names": 26,
    "retires a copy at once": 42,
    "lets a copy that came back stay retired": 20,
    "retires what somebody told of meanwhile": 49,
    "forgets the files that were superseded": 12,
    "lets a copy lose what nothing took out": 2,
}
"""Seeds of plays that find them; the others are found by the first."""

COPIES, FILED = "archiver.retention.copies", "archiver.retention.filed"

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
            DECIDING, "EXPORTERS if exports else APPROVERS", "1 if exports else 1",
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
            SIGNED, 'set_digest(leaves) == one.statement["covers"]', "True",
        ),
        "forgets what a hold took in later": (
            HOLD, "self.leaves = ranges.union(self.leaves, leaves)", "pass",
        ),
        "calls done what is not": (
            CUSTODY, "if order.left_in(", "if False and order.left_in(",
        ),
        "destroys what no order is under way for": (
            CUSTODY, "if order is None or not order.running:", "if order is None:",
        ),
        "destroys neighbours too": (
            FILED, "if ranges.minus(going, leaves):", "if False:",
        ),
        "calls done what another copy has": (
            ORDER, "{one for one in copies if", "{one for one in sorted(copies)[1:] if",
        ),
        "forgets a copy that no part names": (
            COPIES, "        self.told[handle] = entry\n", "        pass\n",
        ),
        "forgets the archive itself": (
            COPIES, "return {*found, copy_handle(archive, HERE)}", "return found",
        ),
        "retires a copy at once": (
            COPIES, "made.counts <= when", "made.entry >= 0",
        ),
        "lets a copy that came back stay retired": (
            COPIES, "if one.entry not in self.overtaken)", "if True)",
        ),
        "retires what somebody told of meanwhile": (
            COPIES, "if not self.told[handle] < size <= one.entry:", "if False:",
        ),
        "forgets the files that were superseded": (
            CUSTODY, "if self.filed.left_over(order.leaves):", "if False:",
        ),
        "lets a copy lose what nothing took out": (
            ORDER, "ranges.minus(leaves, self.going)", "ranges.minus(leaves, self.leaves)",
        ),
    }.items()
)  # fmt: skip
