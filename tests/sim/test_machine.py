"""Several sequencers in whatever order hypothesis thinks of: the head is linearizable.

Each rule lets one process go on by one operation, or something go wrong. The head is held
against a register that is compared and swapped: every swap that succeeded has found the value
that the one before it has left, and so the heads are one chain.
"""

from __future__ import annotations

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from archiver.edges.memory import Fault
from archiver.layout import HEAD
from archiver.ledger.head import Bundle, Head
from tests.sim.actors import Sequencer, Worker
from tests.sim.episode import Episode, Part
from tests.sim.scheduler import Weather

PARTS = (
    *(Part(Worker, 0, "a"), Part(Worker, 1, "b")),
    *(Part(Sequencer, home) for home in (0, 1, 2)),
)
ANYBODY = st.integers(0, len(PARTS) - 1)
FAULTS = st.sampled_from([*Fault, None])


class Sequencers(RuleBasedStateMachine):
    """Two workers and three sequencers, in three homes, on one store."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: dict[int, Fault] = {}
        self.episode = Episode(0, weather=Weather(), bucket=False, parts=PARTS, plan=self.plan)
        self.heads = [self._head()]

    def _head(self) -> bytes:
        return self.episode.store.get(HEAD)

    @rule(who=ANYBODY, steps=st.integers(1, 40), fault=FAULTS)
    def go_on(self, who: int, steps: int, fault: Fault | None) -> None:
        """Let a process take some steps, the last operation of which goes wrong in some way."""
        scheduler = self.episode.scheduler
        actor = scheduler.actors[who]
        if fault is not None:
            self.plan[len(scheduler.operations) + steps - 1] = fault
        for _ in range(steps):
            if actor.runnable:
                scheduler.steps += 1
                self.episode.attend(actor)
                self.look()

    @rule(home=st.integers(0, 2))
    def power_cut(self, home: int) -> None:
        """Let a home lose power."""
        self.episode.cut_power(self.episode.homes[home])

    def look(self) -> None:
        """Hold the head against the chain: it is the last one, or goes on from it."""
        now = self._head()
        if now == self.heads[-1]:
            return
        before, after = Head.decode(self.heads[-1]), Head.decode(now)
        staged = Bundle.decode(self.episode.store.get(after.staging), after.staging)
        assert (staged.frontier.size, staged.frontier.root()) == (before.size, before.root)
        assert after.size > before.size
        self.heads.append(now)

    @invariant()
    def nothing_is_acknowledged_but_what_is_in_a_head(self) -> None:
        """What a worker was told is in the log, which is no longer than the head."""
        size = json.loads(self.heads[-1])["size"]
        assert len(self.episode.watch.history.hashes) <= size
        assert self.episode.watch.acknowledged <= self.episode.watch.history.batches.keys()

    def teardown(self) -> None:
        """Let everybody finish, and find everything in its place."""
        self.plan.clear()
        self.episode.come_to_rest()


TestSequencers = Sequencers.TestCase
TestSequencers.settings = settings(max_examples=50, stateful_step_count=80)
