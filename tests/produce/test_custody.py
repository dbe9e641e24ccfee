"""The chain of custody: each thing that happened to a version, and nobody's name."""

from __future__ import annotations

from typing import Any

from archiver.produce.custody import (
    COLUMNS,
    Chain,
    Known,
    Look,
    Verified,
    chain_of_custody,
)
from archiver.produce.origin import Origin

ULID = "01KAGT1EB0DDSKN3CP8Y2VW9H"


def at(hour: int) -> str:
    """Return a time of one day."""
    return f"2026-11-20T{hour:02}:00:00.000000Z"


def seal(stage: str, hour: int, leaves: list[list[int]], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members
    """Return a seal of one segment."""
    return {"t": "seal", "stage": stage, "time": at(hour), "account": "acct",
            "segments": [{"leaves": leaves}], **more}  # fmt: skip


def anchor(kind: str, hour: int, size: int, name: str) -> dict[str, Any]:
    """Return an anchor over so many entries."""
    return {"t": "anchor", "time": at(hour), "kind": kind, "size": size, "file": ULID + name,
            "sha256": "00" * 32}  # fmt: skip


CONTROLS: list[tuple[int, dict[str, Any]]] = [
    (1, seal("intake", 1, [], lane="lane", exchanges=[[1, 5]])),
    (2, seal("intake", 1, [], lane="other", exchanges=[[1, 5]])),
    (5, seal("settle", 2, [[3, 5]], lane="lane", exchanges=[[1, 3]], batch=1)),
    (8, seal("settle", 3, [[6, 8]], lane="lane", exchanges=[[3, 5]], batch=2)),
    (9, anchor("cosigned", 4, 6, "A")),
    (10, anchor("cosigned", 5, 10, "B")),
    (11, anchor("timestamp", 6, 10, "C")),
    (12, seal("compact", 7, [[3, 5], [6, 8]])),
    (13, seal("compact", 7, [[3, 5], [6, 8]])),
    (14, {"t": "verified", "time": at(8), "statement": {}}),
    (16, seal("settle", 9, [[15, 16]], batch=3)),
    (17, {"t": "generation", "time": at(9), "account": "acct", "leaves": [[15, 16]]}),
    (18, {"t": "access", "time": at(10), "day": "2026-11-20", "looks": 7}),
    (19, anchor("cosigned", 11, 18, "D")),
    (20, {"t": "export", "time": at(12)}),
]
ORIGINS = [
    Origin(3, "x:a:posts:1", "x", "a", "posts", "present", at(0), "x/1", "lane/1",
           clock="system", served="Fri, 20 Nov 2026 00:00:02 GMT"),
    Origin(7, "x:a:posts:2", "x", "a", "posts", "present", at(0), "x/1", "lane/4"),
    Origin(15, "x:a:posts:1", "x", "a", "posts", "present", at(0), "x/2", newer=True),
]  # fmt: skip
LEAVES = [[3, 4], [7, 8], [15, 16]]


def known(**more: Any) -> Known:  # noqa: ANN401 - members
    """Return what is known of the log above."""
    told: dict[str, Any] = {
        "void": {13: "another"},
        "accounts": {"acct": "city-x"},
        "verified": [Verified(14, 12, ("anna",))],
        "witnesses": {9: ("w.example",), 10: ("w.example",)},
        "looks": [Look("2026-11-20", "show", "bert"), Look("2026-11-20", "prove", "bert")],
        **more,
    }
    return Known(21, CONTROLS, **told)


def chain(**more: Any) -> Chain:  # noqa: ANN401 - members
    """Return the chain of three versions."""
    return chain_of_custody(LEAVES, ORIGINS, known(**more))


def test_each_step_is_told_with_the_versions_it_is_about() -> None:
    """From capture to a newer reading, in order of time; what is of others is left out."""
    told = [(one.what, one.entry, one.versions) for one in chain().events]
    assert told == [
        ("captured", None, 1),
        ("captured", None, 1),
        ("taken in", 1, 2),
        ("settled", 5, 1),
        ("settled", 8, 1),
        ("cosigned", 9, 1),
        ("cosigned", 10, 1),
        ("time-stamped", 11, 2),
        ("compacted", 12, 2),
        ("verified", 14, 2),
        ("settled", 16, 1),
        ("read anew", 17, 1),
        ("looked at", 18, 0),
        ("cosigned", 19, 1),
        ("exported", 20, 0),
    ]


def test_it_says_by_what_and_whom() -> None:
    """Parser, clocks, the verifier's handle, who looked, and how often others were looked at."""
    found = {(one.what, one.entry): one for one in chain().events}
    first = chain().events[0]
    assert (first.account, first.lane) == ("city-x", "lane")
    assert "x/1" in first.told
    assert "clock: system; servers' own time in 1, at most 2 s apart" in first.told
    assert found["verified", 14].by == "anna"
    assert found["cosigned", 9].by == "w.example"
    assert found["looked at", 18].by == "bert"
    assert found["looked at", 18].told.startswith(
        "of 7 looks of 2026-11-20, at these records: prove 1"
    )
    assert "x/2" in found["read anew", 17].told


def test_without_an_independent_witness_it_says_so() -> None:
    """A witness counts only where another operator runs it."""
    assert chain().outside.startswith("No independent witness")
    assert "w.example" in chain(independent=frozenset({"w.example"})).outside
    assert chain(witnesses={}, independent=frozenset({"w.example"})).outside.startswith("No ")


def test_looks_at_other_records_are_no_event() -> None:
    """Who looked for what else is nobody's business here."""
    assert not [one for one in chain(looks=[]).events if one.what == "looked at"]


def test_document_and_table_have_every_event() -> None:
    """Both say the same; a table has text alone."""
    one = chain()
    document, table = one.document(), one.table()
    assert (document["versions"], document["records"], document["size"]) == (3, 2, 21)
    assert len(document["events"]) == len(table) - 1 == sum(one.counts().values())
    assert table[0] == COLUMNS
    assert all(isinstance(cell, str) for row in table for cell in row)


def test_a_clock_that_tells_no_time_is_none() -> None:
    """What a server says in place of a date is left alone."""
    for served in ("", "yesterday", "Fri, 20 Nov 2026 00:00:02", "Fri, 99 Nov 2026 00:00:02 GMT"):
        assert ORIGINS[0]._replace(served=served).apart is None
    assert ORIGINS[0].apart == 2
