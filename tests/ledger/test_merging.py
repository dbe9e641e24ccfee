"""The plan of merges: small ones of one kind, as much as one segment takes, none too often."""

from __future__ import annotations

from random import Random
from typing import Any

from archiver.ledger.merging import LARGEST, MOST_SOURCES, TINY, Candidate, closed, plan
from archiver.ledger.ranges import from_numbers, numbers
from archiver.ledger.state import Segment


def candidate(number: int, size: int = 9_000, **more: Any) -> Candidate:  # noqa: ANN401 - fields
    """Return a segment of one record."""
    fields: dict[str, Any] = {
        "seal": 2 * number + 1, "account": "a", "stage": "settle", "unit": "u",
        "name": f"s{number:06}", "series": "unscheduled", "period": "2026-11",
        "sensitivity": "public", "objects": {}, "leaves": [[2 * number, 2 * number + 1]],
    } | more  # fmt: skip
    stream = str(fields.pop("stream", "posts"))
    return Candidate(Segment(**fields), stream, size, size // 3)


def sizes(candidates: list[Candidate]) -> list[int]:
    """Return how many segments each merge of a plan takes."""
    return [len(one.segments) for one in plan(candidates)]


def test_only_what_is_alike_is_merged() -> None:
    """One account, unit, series, month, kind and stream."""
    one = [candidate(n) for n in range(3)]
    names = ("account", "unit", "series", "period", "sensitivity", "stream")
    others = [candidate(n, 9_000, **{name: "x"}) for n, name in enumerate(names, 10)]
    assert sizes([*one, *others]) == [3]


def test_a_plan_does_not_depend_on_the_order() -> None:
    """The same segments, the same merges, each in the order of its leaves."""
    mixed = [candidate(n, size=1 + n * 7919 % 5000) for n in range(50)]
    expected = plan(mixed)
    Random(1).shuffle(mixed)
    assert plan(mixed) == expected
    (only,) = expected
    assert [one.leaves for one in only.segments] == sorted(one.leaves for one in only.segments)


def test_no_merge_is_more_than_a_segment_may_be() -> None:
    """By bytes, by number: what is left over comes into the next one."""
    assert sizes([candidate(n) for n in range(2 * MOST_SOURCES + 5)]) == [
        MOST_SOURCES, MOST_SOURCES, 5,
    ]  # fmt: skip
    quarter = [candidate(n, size=LARGEST // 4) for n in range(9)]
    assert all(one.size <= LARGEST for one in plan(quarter))


def test_large_ones_are_copied_seldom() -> None:
    """What is large waits until as much has come beside it; one alone is never merged."""
    assert sizes([candidate(1)]) == []
    assert sizes([candidate(0, size=4 * TINY), candidate(1), candidate(2)]) == [2]
    assert sizes([candidate(0, size=4 * TINY), *(candidate(n, size=TINY) for n in (1, 2, 3, 4))])
    assert sizes([candidate(0, size=LARGEST), candidate(1, size=LARGEST)]) == []
    size, written = 0, 0
    for day in range(400):  # a fifth of a MiB a day, for more than a year
        found = plan([candidate(0, size=size), candidate(day + 1, size=TINY // 5)])
        size += TINY // 5 if found else 0
        written += sum(one.size for one in found)
    assert written < 8 * 400 * TINY // 5


def test_a_run_is_over_where_it_says_what_it_saw() -> None:
    """Later segments of the account may belong to one that goes on."""
    controls = [(1, {"t": "repeat", "account": "a"}), (9, {"t": "repeat", "account": "a"})]
    assert closed([*controls, (12, {"t": "seal", "account": "a"})]) == {"a": 9}


def test_very_many_of_different_sizes_become_a_few() -> None:
    """However their sizes lie, as many ranges of leaves fit as the log has: merges go on."""
    live = [candidate(n, 900 + n * 7919 % 300, leaves=[[at, at + 1]])
            for n in range(20_000) for at in (n + n // 100,)]  # fmt: skip
    while merges := plan(live):
        gone = {one.name for merge in merges for one in merge.segments}
        left = [one for one in live if one.segment.name not in gone]
        made = (
            candidate(0, merge.size, name=f"m{number} {len(live)}", leaves=from_numbers(
                leaf for one in merge.segments for leaf in numbers(one.leaves)
            ))
            for number, merge in enumerate(merges)
        )  # fmt: skip
        live = [*left, *made]
    assert len(live) == 1
