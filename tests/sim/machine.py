"""The rest of a simulated machine: a home that may lose power, file keys, a clock, chance."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.edges.memory import Fault, Killed
from archiver.errors import KeyStoreError
from archiver.keyring import Shredded
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.sim.scheduler import Scheduler
    from tests.sim.watch import Watch

__all__ = ["SimChance", "SimClock", "SimHome", "SimKeys"]

GROWING = {"trust/checkpoint", "trust/signed"}
VOLATILE = "cache/"  # what `archiver.edges.home` does not flush


class SimHome:
    """Files of a home (`archiver.ports.HomeFiles`): a write is whole or not at all.

    What is written below ``cache/`` is not flushed: a power cut leaves the new bytes, the
    old ones, or the beginning of the new ones.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self._scheduler = scheduler
        self._unflushed: dict[str, bytes | None] = {}
        self._holders: dict[str, object] = {}

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None."""
        self._scheduler.pause("home-read", name)
        return self.files.get(name)

    def view(self, name: str) -> memoryview | None:
        """Return a file's bytes, or None."""
        data = self.read(name)
        return None if data is None else memoryview(data)

    def write(self, name: str, data: bytes) -> None:
        """Create or replace a file; a full disk is told and changes nothing."""
        fault = self._fault("home-write", name)
        if name in GROWING:
            self._check_growth(name, data)
        if name.startswith(VOLATILE):
            self._unflushed.setdefault(name, self.files.get(name))
        self.files[name] = data
        self._die_after(fault)

    def _check_growth(self, name: str, data: bytes) -> None:
        """Refuse that what the home has seen or signed grows smaller."""
        old = self.files.get(name)
        if old is not None and _size(data) < _size(old):
            raise Violation(f"{name} of {self.name} went from {_size(old)} to {_size(data)}")

    def remove(self, name: str) -> None:
        """Remove a file."""
        fault = self._fault("home-remove", name)
        self.files.pop(name, None)
        self._unflushed.pop(name, None)
        self._die_after(fault)

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names of all files that start with ``prefix``, sorted."""
        self._scheduler.pause("home-names", prefix)
        return sorted(name for name in self.files if name.startswith(prefix))

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Be the only process of this home that is in here under that name."""
        me = self._scheduler.current
        self._scheduler.pause("home-lock", name)
        while name in self._holders:
            self._wait(name)
        if me is not None:
            self._holders[name] = me
        try:
            yield
        finally:
            self._holders.pop(name, None)

    def _wait(self, name: str) -> None:
        me = self._scheduler.current
        if me is None:
            raise Violation(f"a lock that nobody will give up: {name}")
        me.waiting = (self._holders, name)
        try:
            self._scheduler.pause("home-lock", name)
        finally:
            me.waiting = None

    def power_cut(self) -> None:
        """Lose what was not flushed, or keep it, or keep some of it."""
        for name, before in self._unflushed.items():
            chosen = self._scheduler.chance.randrange(3)
            if chosen == 0:
                continue
            torn = self.files[name][: len(self.files[name]) // 2]
            data = before if chosen == 1 else torn
            if data is None:
                del self.files[name]
            else:
                self.files[name] = data
        self._unflushed.clear()

    def _fault(self, op: str, name: str) -> Fault | None:
        fault = self._scheduler.fault(op, name)
        if fault is Fault.KILL_BEFORE:
            raise Killed(name)
        if fault in {Fault.LOST, Fault.APPLIED_THEN_ERROR}:
            raise KeyStoreError("no space left", where=name)
        return fault

    @staticmethod
    def _die_after(fault: Fault | None) -> None:
        if fault is Fault.KILL_AFTER:
            raise Killed


class SimKeys:
    """File keys of a home (`archiver.keyring.KeyStore`), as far as a seal has to do with them."""

    def __init__(self, scheduler: Scheduler, watch: Watch) -> None:
        self._scheduler, self._watch = scheduler, watch

    def new_key(self, object_id: str, period: str) -> bytes:
        """Return the key of an object."""
        del period
        self._scheduler.pause("key-new", object_id)
        return object_id.encode()[:32].ljust(32)

    def key(self, object_id: str) -> bytes:
        """Return the key of an object."""
        return self.new_key(object_id, "")

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of an object."""
        self._scheduler.pause("key-shred", object_id)
        self._watch.removed(object_id)
        return Shredded()


class SimClock:
    """A clock that mostly creeps, sometimes leaps to another day, and seldom goes back."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._time = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time."""
        self._scheduler.pause("clock", "now")
        at = self._scheduler.chance.random()
        hours = 30.0 if at < 0.01 else -1.0 if at < 0.02 else 0.0
        self._time += timedelta(hours=hours, milliseconds=int(at * 50))
        return self._time

    def sleep(self, seconds: float) -> None:
        """Let others act."""
        self._scheduler.pause("clock", f"sleep {seconds}")


class SimChance:
    """Random bytes of the one seed."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def bytes(self, count: int) -> bytes:
        """Return random bytes."""
        return self._scheduler.chance.randbytes(count)


def _size(checkpoint: bytes) -> int:
    return int(checkpoint.split(b"\n")[1])
