"""A clock and a random source that do as the test says, for the ports of the same names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import shake_256

__all__ = ["FixedClock", "SeededRandomness"]

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class FixedClock:
    """A clock that starts at ``start`` and moves only when it is asked or slept on.

    Args:
        start: the first time that `now` returns; it needs a time zone.
        step: how far each `now` moves the clock on, after answering.
    """

    def __init__(self, start: datetime = START, step: timedelta = timedelta(0)) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a start with a time zone")
        self._time = start.astimezone(UTC)
        self._step = step
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the time, in UTC, and move on by the step."""
        time = self._time
        self._time += self._step
        return time

    def waited(self, *seconds: float) -> bool:
        """Tell whether it was slept so long each time, or up to a tenth longer by chance."""
        pairs = zip(self.slept, seconds, strict=False)
        times = len(self.slept) == len(seconds)
        return times and all(one <= slept <= one * 1.1 for slept, one in pairs)

    def sleep(self, seconds: float) -> None:
        """Move on by ``seconds`` at once, and remember that somebody waited."""
        self.slept.append(seconds)
        self._time += timedelta(seconds=seconds)


class SeededRandomness:
    """The same bytes in the same order for the same ``seed`` (SHAKE-256), never twice."""

    def __init__(self, seed: str = "test") -> None:
        self._seed = seed.encode()
        self._calls = 0

    def bytes(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        self._calls += 1
        return shake_256(self._calls.to_bytes(8, "big") + self._seed).digest(count)
