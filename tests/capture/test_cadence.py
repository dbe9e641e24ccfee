"""Cadence: nothing is left longer than its interval, and nothing is looked at for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.cadence import EVERYTHING, Cadence, Look, reach, steps
from archiver.formats.parquet import canonical_time

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CADENCE = Cadence()

gaps = st.lists(
    st.timedeltas(min_value=timedelta(minutes=20), max_value=timedelta(days=9)),
    min_size=1,
    max_size=60,
)
ages = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000))
cadences = st.builds(
    Cadence,
    st.integers(1, 90).map(lambda days: timedelta(days=days)),
    st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
)


def run(times: list[datetime], cadence: Cadence) -> list[Look]:
    """Return the looks of runs that began at these times."""
    looks: list[Look] = []
    for time in times:
        now = canonical_time(time)
        looks.append(Look(now, reach(looks, now, cadence)))
    return looks


def times_of(found: list[timedelta]) -> list[datetime]:
    """Return when runs began that lie so far apart."""
    times = [START]
    for gap in found:
        times.append(times[-1] + gap)
    return times


@given(gaps, ages, cadences)
def test_nothing_waits_longer_than_its_interval_and_the_next_run(
    found: list[timedelta], age: timedelta, cadence: Cadence
) -> None:
    """Between two looks at a thing lies its interval and one pause of the scheduler at most."""
    times, born = times_of(found), START - age
    looks = run(times, cadence)
    seen = [
        (time, number)
        for number, (time, look) in enumerate(zip(times, looks, strict=True))
        if look.since <= canonical_time(born)
    ]
    assert seen[0] == (START, 0)
    for (before, _), (after, number) in pairwise(seen):
        assert before < after
        assert times[number - 1] < before + cadence.interval(before - born)
    last, number = seen[-1]
    assert times[-1] < last + cadence.interval(last - born) or number == len(times) - 1


@given(gaps, cadences)
def test_everything_is_read_after_the_longest_interval(
    found: list[timedelta], cadence: Cadence
) -> None:
    """The first run after the longest interval reads everything, whatever was read before."""
    times = times_of(found)
    looks = run(times, cadence)
    whole = START
    for time, look in zip(times, looks, strict=True):
        if look.since == EVERYTHING:
            whole = time
        assert time - whole < cadence.longest


@given(gaps, cadences)
def test_what_is_younger_than_the_youngest_class_is_in_every_run(
    found: list[timedelta], cadence: Cadence
) -> None:
    """It ends at eight times the shortest interval: a week, where the longest are four."""
    times = times_of(found)
    shortest = cadence.interval(timedelta(0))
    for before, time, look in zip(times, times[1:], run(times, cadence)[1:], strict=False):
        assert look.since <= canonical_time(before - 8 * shortest)
        assert time > before


@given(gaps, cadences)
def test_the_plan_rests_on_the_looks_alone(found: list[timedelta], cadence: Cadence) -> None:
    """Whoever knows the same looks, in whatever order, comes to the same plan."""
    times = times_of(found)
    looks = run(times[:-1], cadence)
    now = canonical_time(times[-1])
    assert reach(looks[::-1], now, cadence) == reach(looks, now, cadence)
    kept = steps(looks)
    assert reach(kept, now, cadence) == reach(looks, now, cadence)
    assert [one.began for one in kept] == sorted((one.began for one in kept), reverse=True)
    assert [one.since for one in kept] == sorted((one.since for one in kept), reverse=True)


@given(gaps, cadences)
def test_who_knows_less_looks_at_more(found: list[timedelta], cadence: Cadence) -> None:
    """Looks that are lost make the next one go further back, never less far."""
    times = times_of(found)
    looks, now = run(times[:-1], cadence), canonical_time(times[-1])
    for lost in range(len(looks)):
        assert reach(looks[:lost] + looks[lost + 1 :], now, cadence) <= reach(looks, now, cadence)
    assert reach([], now, cadence) == EVERYTHING


def test_a_look_from_the_future_proves_nothing() -> None:
    """A clock that ran ahead must not keep anybody from looking."""
    ahead = Look(canonical_time(START + 400 * DAY))
    assert reach([ahead], canonical_time(START), CADENCE) == EVERYTHING


def test_a_nightly_run_by_age() -> None:
    """Four weeks longest: a week old every night, a month old each week, all in four weeks."""
    ages = {1: 0.875, 6: 0.875, 8: 1.75, 20: 3.5, 30: 7, 60: 14, 112: 28, 3000: 28}
    assert {age: CADENCE.interval(age * DAY) / DAY for age in ages} == ages
    nights = [START + n * DAY for n in range(28 * 13)]
    depths = [
        (time - datetime.fromisoformat(look.since)) / DAY if look.since else 1100.0
        for time, look in zip(nights, run(nights, CADENCE), strict=True)
    ]
    assert depths[1:].count(1100.0) == 13
    # Three years of posts: a night reads 55 days of them, where a full run reads 1100.
    assert 1100 / 25 < sum(depths) / len(depths) < 1100 / 15


def test_accounts_are_read_whole_in_different_nights() -> None:
    """The phase moves the night; it changes nothing in how often it comes."""
    nights = [START + n * DAY for n in range(57)]
    found = {
        phase: [
            n for n, look in enumerate(run(nights, Cadence(phase=phase * DAY))) if not look.since
        ]
        for phase in (0, 5, 11)
    }
    assert len({tuple(one[1:]) for one in found.values()}) == 3
    assert all(b - a == 28 for one in found.values() for a, b in pairwise(one[1:]))
