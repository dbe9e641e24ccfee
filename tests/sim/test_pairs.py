"""One seal, a worker and a sequencer at once: every operation meets every outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault
from tests.sim.actors import Sequencer, Worker
from tests.sim.episode import Episode, Part
from tests.sim.scheduler import Weather

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.batch import Batch
    from archiver.ledger.state import LedgerState

READS = {"get", "load", "head"}
CALM = Weather(burst=0.4)


class Once(Worker):
    """Seals one batch of two objects, and no more."""

    finishing = True

    def _next(self, archive: Archive, state: LedgerState) -> tuple[Batch | None, dict[str, bytes]]:
        """Return an intake while there is none, then nothing."""
        if state.covered.get(self.lane):
            return None, {}
        return self._intake("01M7W2Y7M5BH13D9GVZ38K59YZ", [1, 3])


PARTS = (Part(Once), Part(Sequencer, 1))


def seal_once(seed: int, *, bucket: bool, plan: dict[int, Fault]) -> list[str]:
    """Play one seal under a plan; return the operations that could have gone wrong."""
    episode = Episode(seed, weather=CALM, bucket=bucket, parts=PARTS, plan=plan)
    for actor in episode.scheduler.actors:
        actor.finishing = True
    episode.run(120)
    assert len(episode.watch.acknowledged | episode.watch.history.batches.keys()) >= 2
    return episode.scheduler.operations


def outcomes(op: str) -> list[Fault]:
    """Return what may become of an operation."""
    found = [Fault.LOST, Fault.APPLIED_THEN_ERROR, Fault.KILL_BEFORE, Fault.KILL_AFTER]
    return found + [Fault.STALE_LIST] * (op == "list") + [Fault.SHORT] * (op in READS)


@pytest.mark.parametrize("bucket", [False, True])
def test_every_operation_meets_every_outcome(*, bucket: bool) -> None:
    """Whatever becomes of whichever store or home operation of a seal, it ends whole."""
    operations = seal_once(0, bucket=bucket, plan={})
    assert {"create", "swap", "list", "delete"} <= set(operations) or bucket
    assert len(operations) > 40
    for at, op in enumerate(operations):
        for outcome in outcomes(op):
            seal_once(0, bucket=bucket, plan={at: outcome})


@pytest.mark.soak
@pytest.mark.parametrize("bucket", [False, True])
def test_every_pair_of_operations_meets_every_pair_of_outcomes(*, bucket: bool) -> None:
    """Nor do any two outcomes of any two operations break a seal."""
    first = seal_once(0, bucket=bucket, plan={})
    for one, op in enumerate(first):
        for outcome in outcomes(op):
            second = seal_once(0, bucket=bucket, plan={one: outcome})
            for two in range(one + 1, len(second)):
                for other in outcomes(second[two]):
                    seal_once(0, bucket=bucket, plan={one: outcome, two: other})
