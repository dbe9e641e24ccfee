"""Who acts next, and what goes wrong: every decision of a simulated run, drawn from one seed.

An actor is a process in a greenlet. It gives up its turn before each operation on a store,
a home or a clock (`Scheduler.pause`); the scheduler draws who goes on. So one decision is one
step, nothing runs between two steps but one actor, and the same seed gives the same run.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

from archiver.edges.memory import Fault, Killed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.sim.actors import Actor

__all__ = ["Scheduler", "Violation", "Weather"]


class Violation(BaseException):
    """Something that must always hold does not."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How likely it is that an operation goes wrong in some way, and that the same one goes on.

    ``kill``: the process dies before or after it. ``error``: it is lost, or its answer is.
    ``stale``, ``short``, ``late``: of those that list, read, create. ``power``: all processes
    of the home die and what was not flushed may be gone. ``lost_head``: the head vanishes.
    ``away``: the copy goes away, or comes back.
    """

    kill: float = 0.0
    error: float = 0.0
    stale: float = 0.0
    short: float = 0.0
    late: float = 0.0
    power: float = 0.0
    away: float = 0.0
    lost_head: float = 0.0
    burst: float = 0.0


class Scheduler:
    """Runs actors step by step.

    Args:
        seed: decides everything.
        weather: what goes wrong how often.
        trace: gets a line for each step, if it is a list.
        plan: what goes wrong with which operation (from 0), instead of the weather.
    """

    def __init__(
        self,
        seed: int,
        weather: Weather,
        trace: list[str] | None = None,
        plan: Mapping[int, Fault] | None = None,
    ) -> None:
        self.chance = random.Random(seed)
        self.weather = weather
        self.trace = trace
        self.plan = plan
        self.operations: list[str] = []
        self.actors: list[Actor] = []
        self.current: Actor | None = None
        self.steps = 0
        self.crashes = 0
        self.excuses = 0
        self._hub: greenlet = getcurrent()
        self._last: Actor | None = None

    def pause(self, op: str, key: str) -> None:
        """Let others act before an operation of the current actor. Raises `Killed`."""
        actor = self.current
        if actor is None:  # the test itself looks at something
            return
        if actor.condemned:
            raise Killed(key)
        actor.at = (op, key)
        self._hub.switch()
        if actor.condemned:
            raise Killed(key)

    def fault(self, op: str, key: str) -> Fault | None:
        """Pause before a store's operation, then draw what goes wrong with it."""
        self.pause(op, key)
        if self.current is None:
            return None
        found = self._draw_fault(op) if self.plan is None else self._planned(op)
        if self.trace is not None:
            self.note(f"{op} {key}{f' {found}' if found else ''}")
        return found

    def _draw_fault(self, op: str) -> Fault | None:
        actor, weather, at = self.current, self.weather, self.chance.random()
        assert actor is not None
        at -= weather.kill
        if at < 0:
            self.condemn(actor)
            return Fault.KILL_AFTER if self.chance.random() < 0.5 else Fault.KILL_BEFORE
        at -= weather.error
        if at < 0:
            self.excuse(actor)
            return self.chance.choice((Fault.LOST, Fault.APPLIED_THEN_ERROR))
        at -= weather.stale
        if at < 0:
            return Fault.STALE_LIST if op == "list" else None
        at -= weather.short
        if at < 0 and op in {"get", "load"}:
            self.excuse(actor)
            return Fault.SHORT
        return None

    def _planned(self, op: str) -> Fault | None:
        """Return what is planned for this operation, where it has a meaning there."""
        assert self.plan is not None
        assert self.current is not None
        found = self.plan.get(len(self.operations))
        self.operations.append(op)
        if found in {Fault.KILL_BEFORE, Fault.KILL_AFTER}:
            self.condemn(self.current)
        elif found is not None:
            self.excuse(self.current)
        return found

    def condemn(self, actor: Actor) -> None:
        """Let an actor die: whatever it does next, it does not do."""
        if not actor.condemned:
            actor.condemned = True
            self.crashes += 1

    def excuse(self, actor: Actor) -> None:
        """Remember that what the actor is doing may fail with an error."""
        actor.excused = True
        self.excuses += 1

    def happens(self, probability: float) -> bool:
        """Draw whether something happens now; never outside of an actor's turn."""
        return self.current is not None and self.chance.random() < probability

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        if self.trace is not None:
            name = self.current.name if self.current else "-"
            self.trace.append(f"{self.steps:7} {name:10} {text}")

    def run(self, steps: int) -> int:
        """Take up to ``steps`` steps; stop when nobody can go on. Returns how many it took."""
        first = self.steps
        while self.steps < first + steps:
            actor = self._draw_actor()
            if actor is None:
                break
            self.steps += 1
            self.step(actor)
        return self.steps - first

    def step(self, actor: Actor) -> None:
        """Let one actor go on to its next operation."""
        self.current = self._last = actor
        try:
            actor.greenlet.switch()
        finally:
            self.current = None

    def _draw_actor(self) -> Actor | None:
        last = self._last
        if last is not None and last.runnable and self.chance.random() < self.weather.burst:
            return last
        ready: Sequence[Actor] = [actor for actor in self.actors if actor.runnable]
        return ready[int(self.chance.random() * len(ready))] if ready else None
