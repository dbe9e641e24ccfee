"""Defects planted in what carries an order on, each of which a purging cast must find."""

from __future__ import annotations

from tests.sim.mutants import Edit, Mutant
from tests.sim.scheduler import Weather

__all__ = ["MUTANTS", "QUICK"]

QUICK = 19
"""The seed of those that are found soon, and by one and the same run."""

PURGE, SPLITTING = "archiver.flows.purge", "archiver.flows.splitting"
ERASING, EXECUTING = "archiver.flows.erasing", "archiver.flows.executing"
CUSTODY, DECLINED = "archiver.retention.custody", "archiver.flows.custody"
FILED = "archiver.retention.filed"
ALONE, TWO = "purging alone", "purging"
CALM = Weather(burst=0.6)
SEALED = """        try:
            seal_controls(archive, [body])
"""

MUTANTS = (
    Mutant("takes out parts that nobody has verified", 10, (
        Edit(PURGE, "    if not done.waiting + done.locked:\n", "    if True:\n"),
        Edit(DECLINED, 'return "" if whole else "what it was made from was not verified"',
             'return ""'),
    ), ALONE, CALM),
    Mutant("takes out neighbours as well", QUICK, (
        Edit(PURGE, "    own = ranges.minus(segment.leaves, task.order.leaves)\n",
             "    own = [] if ranges.overlap(segment.leaves, task.order.leaves) else [1]\n"),
        Edit(FILED, "if ranges.minus(going, leaves):", "if False:"),
        Edit(SPLITTING, "unverified or not rest or", "True or"),
    ), ALONE, CALM),
    Mutant("lets exchanges go that show nothing of it", QUICK, (
        Edit(SPLITTING, "    return ranges.minus(segment.exchanges, stays), stays\n",
             "    return segment.exchanges, []\n"),
    ), ALONE, CALM),
    Mutant("erases before the log says so", QUICK, (
        Edit(PURGE, SEALED, "        erase_files(archive, some)\n" + SEALED),
    ), ALONE, CALM),
    Mutant("is done while a copy is away", QUICK, (
        Edit(EXECUTING, "_whole(purged) and not waits:", "True:"),
        Edit(CUSTODY, "if order.left_in(self.copies.asked(", "if None and (("),
    ), ALONE, CALM),
    Mutant("leaves the keys of what it erased", QUICK, (
        Edit(ERASING, "        archive.keys.shred(key)\n", "        pass\n"),
        Edit(ERASING, "    left = shred_files(archive, keys - needed)\n",
             "    left = shred_files(archive, ())\n"),
    ), ALONE, CALM),
    Mutant("says gone what a lock keeps", 7, (
        Edit(ERASING, "if not one.locked and ranges.minus(", "if ranges.minus("),
    ), ALONE, CALM),
    Mutant("does not ask what is on hold since it looked", 2, (
        Edit(FILED, 'if blind and body.get("size", 0) <= self.held:', "if False:"),
    ), TWO, CALM),
)  # fmt: skip
