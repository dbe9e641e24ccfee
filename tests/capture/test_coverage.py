"""Coverage: what time is covered, by what, and what alarms; the algebra of timelines."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Capability
from archiver.capture.coverage import Gap, Promise, Run, StreamCoverage, coverage
from archiver.capture.losses import EVENTS_LOST, WITHHELD
from archiver.capture.timeline import Span, State, cut, joined, laid_over, seconds
from archiver.formats.parquet import canonical_time

START = datetime(2026, 1, 1, tzinfo=UTC)
PROMISE = Promise(timedelta(days=28), timedelta(days=1))
CELL = Capability("posts", "obtainable", "", "docs", "simulator only")
NONE = dict.fromkeys(
    ("seen", "new", "changed", "repeats", "residue", "unexplained", "whole", "stopped", "broken"), 0
)


def at(days: float) -> str:
    """Return the moment so many days after the start."""
    return canonical_time(START + timedelta(days=days))


def run(entry: int, days: float, *, ended: bool = True, **counts: Any) -> Run:  # noqa: ANN401 - counts
    """Return a run that read posts."""
    one = {"reported": None, **NONE, "whole": 1, **counts}
    return Run(entry, at(days), ended, {"posts": one}, {})


def of_posts(
    *runs: Run,
    gaps: tuple[Gap, ...] = (),
    until: float = 10,
    since: float = 0,
    cells: tuple[Capability, ...] = (CELL,),
) -> StreamCoverage:
    """Return the coverage of posts."""
    (found,) = coverage(runs, gaps, cells, (at(since), at(until)), PROMISE)
    return found


def told(found: StreamCoverage) -> list[tuple[str, str, str, str]]:
    """Return spans without bounds and citations."""
    return [(one.since, one.until, str(one.state), one.cause) for one in found.spans]


def codes(found: StreamCoverage) -> list[str]:
    """Return the codes of what alarms."""
    return [one.code for one in found.alarms]


def test_readings_cover_what_lies_between_them() -> None:
    """Before the first nothing is known; after the last nobody has looked yet."""
    found = of_posts(run(3, 1), run(5, 2), run(9, 5, whole=0, stopped=1))
    assert told(found) == [
        (at(0), at(1), "unobservable", "before-first-reading"),
        (at(1), at(5), "covered", ""),
        (at(5), at(10), "gap", "not-read-since"),
    ]
    assert found.bound == 3 * 86_400
    assert [one.cites for one in found.spans] == [
        ("entry 3",),
        ("entry 5", "entry 9"),
        ("entry 9",),
    ]
    assert codes(found) == []


@pytest.mark.parametrize("torn", [{"broken": 1}, {"ended": False}])
def test_a_run_that_broke_off_covers_nothing(torn: dict[str, Any]) -> None:
    """The time before the next whole reading is covered by that; at the end it alarms."""
    between = of_posts(run(3, 1), run(5, 2, **torn), run(9, 3))
    assert told(between)[1] == (at(1), at(3), "covered", "")
    assert codes(between) == []
    last = of_posts(run(3, 1), run(5, 2, **torn))
    assert told(last)[-1] == (at(1), at(10), "gap", "broken-off")
    assert last.spans[-1].cites == ("entry 5",)
    assert codes(last) == ["coverage-broken"]


def test_later_than_promised_is_a_gap() -> None:
    """Beyond 28 days and a night nobody vouches for anything; once it is read it does not alarm."""
    found = of_posts(run(3, 0), run(5, 40), until=41)
    assert told(found)[:2] == [
        (at(0), at(28), "covered", ""),
        (at(28), at(40), "gap", "overdue"),
    ]
    assert codes(found) == []
    assert told(of_posts(run(3, 0), run(5, 29), until=30))[0] == (at(0), at(29), "covered", "")
    late = of_posts(run(3, 0), until=40)
    assert told(late)[-1] == (at(28), at(40), "gap", "overdue")
    assert codes(late) == ["coverage-overdue"]


def test_a_stream_is_open_since_its_last_reading() -> None:
    """Also where it is overdue since, or broke off; a gap that a run put on record is not open."""
    assert of_posts(run(3, 1), run(5, 2)).open_since == at(2)
    assert of_posts(run(3, 1), run(5, 2), until=50).open_since == at(2)
    assert of_posts(run(3, 1), run(5, 2, broken=1)).open_since == at(1)
    assert of_posts(run(3, 1), run(5, 2), until=2).open_since == ""
    assert of_posts(until=5).open_since == at(0)
    said = Gap(7, "posts", "overdue", at(28), at(40))
    late = of_posts(run(3, 0), run(5, 40), gaps=(said,), until=41)
    assert late.open_since == at(40)
    assert of_posts(run(3, 0), run(5, 40), gaps=(said,), until=40).open_since == ""


def test_what_the_platform_said_cites_the_exchange() -> None:
    """A loss lies over what was covered, and is explained by the platform's own words."""
    lost = Gap(7, "posts", EVENTS_LOST, at(2), at(3), "lane/41")
    found = of_posts(run(3, 1), run(5, 4), gaps=(lost,))
    assert told(found)[1:4] == [
        (at(1), at(2), "covered", ""),
        (at(2), at(3), "gap", "events-lost"),
        (at(3), at(4), "covered", ""),
    ]
    assert found.spans[2].cites == ("lane/41",)
    assert found.gaps == (lost,)
    assert codes(found) == []


def test_a_loss_at_one_moment_is_told() -> None:
    """At a first look there is no time before it: the gap is named, and covers none."""
    lost = Gap(7, "posts", WITHHELD, at(2), at(2), "lane/41")
    found = of_posts(run(3, 1), run(5, 4), gaps=(lost,))
    assert told(found)[1] == (at(1), at(4), "covered", "")
    assert found.gaps == (lost,)


@pytest.mark.parametrize("verdict", ["forbidden", "export-only", "webhook-only", "partial"])
def test_what_no_reading_brings_cites_the_matrix(verdict: str) -> None:
    """It is not observed, and the cell of the matrix says why; nobody is alarmed."""
    found = of_posts(cells=(_cell(verdict),))
    assert told(found) == [(at(0), at(10), "unobservable", verdict)]
    assert found.spans[0].cites == ("capability posts: docs",)
    assert codes(found) == []


def _cell(verdict: str) -> Capability:
    return Capability("posts", verdict, "", "docs", "simulator only")


def test_unknown_is_no_explanation() -> None:
    """A stream that could be had and that no run has read alarms."""
    found = of_posts()
    assert told(found) == [(at(0), at(10), "gap", "never-read")]
    assert found.spans[0].cites == ()
    assert codes(found) == ["coverage-never"]


def test_counts_that_differ_alarm_until_they_agree() -> None:
    """The latest reading with a count speaks: neither an older one, nor one without a count."""
    differing = run(3, 1, reported=9, seen=7, unexplained=2)
    assert codes(of_posts(differing)) == ["count-unexplained"]
    stopped = run(5, 2, whole=0, stopped=1)
    found = of_posts(differing, stopped)
    assert codes(found) == ["count-unexplained"]
    assert found.control is not None
    assert (found.control.entry, found.control.reported, found.control.seen) == (3, 9, 7)
    assert codes(of_posts(differing, run(5, 2, reported=9, seen=9))) == []
    without = run(5, 2, unexplained=1)
    assert codes(of_posts(run(3, 1, reported=9, seen=9), without)) == ["count-unexplained"]


def test_a_zero_is_proven_or_not_said() -> None:
    """By the platform's own count, or by a reading to the end that showed nothing."""
    assert of_posts(run(3, 1, reported=0)).zero == "the platform counts none: entry 3"
    assert of_posts(run(3, 1)).zero == "read to its end: entry 3"
    stopped = run(5, 2, whole=0, stopped=1)
    assert of_posts(run(3, 1), stopped).zero == "read to its end: entry 3"
    assert (
        of_posts(
            run(3, 1), stopped._replace(counts={"posts": {**stopped.counts["posts"], "new": 1}})
        ).zero
        == ""
    )
    some: list[dict[str, Any]] = [
        {"repeats": 1},
        {"seen": 1},
        {"whole": 0, "stopped": 1},
        {"broken": 1},
    ]
    for counts in some:
        assert of_posts(run(3, 1, **counts)).zero == ""
    assert of_posts(run(3, 1, ended=False)).zero == ""
    assert of_posts(run(3, 1)._replace(since={"posts": at(0)})).zero == ""
    assert of_posts().zero == ""


def test_what_comes_with_others_is_not_read_for_itself() -> None:
    """Files: nothing lists them, and no reading of theirs is missing."""
    found = of_posts(run(3, 1, whole=0, new=4))
    assert told(found) == [(at(0), at(10), "unobservable", "read-with-others")]
    assert codes(found) == []


def test_the_window_cuts_what_is_told() -> None:
    """Runs after its end count for nothing; what began before it reaches into it."""
    found = of_posts(run(3, 1), run(5, 4), run(9, 8), since=2, until=6)
    assert told(found) == [
        (at(2), at(4), "covered", ""),
        (at(4), at(6), "gap", "not-read-since"),
    ]


moments = st.integers(0, 40).map(at)
spans = st.builds(
    lambda a, b, state, cause: Span(min(a, b), max(a, b), state, cause),
    moments, moments, st.sampled_from(State), st.sampled_from(["", "x", "y"]),
)  # fmt: skip
WHOLE = Span(at(0), at(40), State.GAP, "never")


def painted(over: list[Span]) -> list[Span]:
    """Return a timeline with spans laid over it, one after the other."""
    found = [WHOLE]
    for one in over:
        found = laid_over(found, one)
    return found


@given(st.lists(spans, max_size=12))
def test_no_moment_is_missing_and_none_is_twice(over: list[Span]) -> None:
    """Whatever is laid over a timeline, each moment has one state: that of the last over it."""
    found = painted(over)
    assert (found[0].since, found[-1].until) == (at(0), at(40))
    assert all(one.since < one.until for one in found)
    assert all(a.until == b.since for a, b in itertools.pairwise(found))
    for day in range(40):
        moment = at(day + 0.5)
        expected = [one for one in [WHOLE, *over] if one.since <= moment < one.until][-1]
        (there,) = [one for one in found if one.since <= moment < one.until]
        assert (there.state, there.cause) == (expected.state, expected.cause)


@given(st.lists(spans, max_size=12), moments, moments)
def test_cutting_and_joining_change_no_moment(over: list[Span], a: str, b: str) -> None:
    """They leave the lengths of all states as they are; neighbours that are joined differ."""
    found, first, end = painted(over), min(a, b), max(a, b)
    assert seconds(joined(found)) == seconds(found)
    assert sum(seconds(found).values()) == 40 * 86_400
    parts = [cut(found, *one) for one in ((at(0), first), (first, end), (end, at(40)))]
    assert seconds([one for part in parts for one in part]) == seconds(found)
    near = joined(found)
    assert all((x.state, x.cause) != (y.state, y.cause) for x, y in itertools.pairwise(near))
    assert laid_over(found, WHOLE._replace(until=at(0))) == found


readings = st.lists(
    st.tuples(st.integers(0, 90), st.booleans(), st.integers(0, 1), st.integers(0, 1)), max_size=8
)


@given(readings)
def test_nothing_is_covered_without_a_reading_after_it(
    made: list[tuple[int, bool, int, int]],
) -> None:
    """Each covered moment has a good reading before and one after it, within what is promised."""
    runs = [
        run(n, day, ended=ended, broken=broken, whole=whole)
        for n, (day, ended, broken, whole) in enumerate(made)  # clocks of homes may differ
    ]
    found = of_posts(*runs, until=100)
    good = [
        one.began for one in runs
        if one.ended and one.counts["posts"]["whole"] and not one.counts["posts"]["broken"]
    ]  # fmt: skip
    for day in range(100):
        moment = at(day + 0.5)
        (there,) = [one for one in found.spans if one.since <= moment < one.until]
        before = max((one for one in good if one <= moment), default="")
        after = any(one > moment for one in good)
        recent = bool(before) and moment < canonical_time(
            datetime.fromisoformat(before) + timedelta(days=29)
        )
        assert there.state != State.COVERED or (before and after and recent)
        if (
            before
            and after
            and moment < canonical_time(datetime.fromisoformat(before) + timedelta(days=28))
        ):
            assert there.state == State.COVERED
