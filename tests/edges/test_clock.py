"""The clock and the random source of the machine, and their doubles."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from tests.doubles import FixedClock, SeededRandomness

if TYPE_CHECKING:
    from archiver.ports import Clock, Randomness


def test_system_clock_is_the_machine_s_in_utc() -> None:
    """The system clock lies between two readings of the machine's clock, and says UTC."""
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_system_clock_sleeps_no_shorter_than_asked() -> None:
    """Sleeping takes at least as long as asked; a negative time is none."""
    clock = SystemClock()
    before = time.monotonic()
    clock.sleep(0.01)
    clock.sleep(-5)
    assert time.monotonic() - before >= 0.01  # a floor, which no slow machine can break


def test_system_randomness_never_repeats() -> None:
    """Random bytes have the length asked for and differ."""
    chance: Randomness = SystemRandomness()
    drawn = {chance.bytes(32) for _ in range(100)}
    assert len(drawn) == 100
    assert {len(data) for data in drawn} == {32}
    assert chance.bytes(0) == b""


def test_fixed_clock_moves_by_step_and_sleep() -> None:
    """The fixed clock starts where told, ticks at each look and jumps when slept on."""
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    clock = FixedClock(start, timedelta(seconds=2))
    waiting: Clock = clock
    assert waiting.now() == start
    waiting.sleep(60)
    assert waiting.now() == start + timedelta(seconds=62)
    assert clock.slept == [60]


def test_fixed_clock_wants_a_time_zone() -> None:
    """A start without time zone is refused."""
    with pytest.raises(ValueError, match="time zone"):
        FixedClock(datetime(2026, 3, 1, 12))  # noqa: DTZ001 - the mistake under test


def test_seeded_randomness_repeats_by_seed() -> None:
    """Two sources of one seed agree, others differ, and one never repeats itself."""
    first, second, other = SeededRandomness("a"), SeededRandomness("a"), SeededRandomness("b")
    drawn = [first.bytes(16) for _ in range(50)]
    assert drawn == [second.bytes(16) for _ in range(50)]
    assert len({*drawn, *(other.bytes(16) for _ in range(50))}) == 100
