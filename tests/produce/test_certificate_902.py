"""The figures and words of a certificate: each follows from where its versions came from."""

from __future__ import annotations

from typing import Any

from archiver.produce.certificate_902 import (
    Gaps,
    Gone,
    Ledger,
    Missing,
    NotSearched,
    Package,
    Provenance,
    Verified,
)
from archiver.produce.certificate_counts import Cell, Copied, provenance_of, scope_of
from archiver.produce.certificate_words import IMPORT, limits_of, steps_of
from archiver.produce.origin import Origin

FIRST, LAST = "2026-11-20T10:00:00.000000Z", "2026-11-20T12:00:00.000000Z"
ORIGINS = [
    Origin(3, "x:a:posts:1", "x", "a", "posts", "present", FIRST, "x/1", "lane/1", clock="system",
           served="Fri, 20 Nov 2026 10:00:03 GMT",
           replacements=("request-header authorization token 1", "response-body token 2 decoded")),
    Origin(4, "x:a:posts:1", "x", "a", "posts", "present", FIRST, "x/2", "lane/1", newer=True),
    Origin(5, "x:a:media:1", "x", "a", "media", "present", LAST, "x/1", "lane/9", clock="system",
           replacements=("request-header authorization token 1",)),
    Origin(6, "y:b:posts:1", "y", "b", "posts", "present", LAST, "y/1"),
]  # fmt: skip
MATRIX = {
    ("x", "posts"): Cell("obtainable", "real server", "https://x"),
    ("x", "media"): Cell("partial", "simulator only", "https://x/media"),
}
NONE = Missing(Gaps("GAPS.json", "00" * 32, {}), (), (), 0)


def came(**held: Any) -> Provenance:  # noqa: ANN401 - lanes
    """Return what there is to say of four versions."""
    return provenance_of(ORIGINS, MATRIX, held, Copied(3, 1, frozenset({"anna"})))


def test_the_scope_is_counted() -> None:
    """Records and versions, and of what: platforms, accounts, streams, first and last capture."""
    scope = scope_of(ORIGINS)
    assert (scope.records, scope.versions) == (3, 4)
    assert (scope.platforms, scope.accounts) == (("x", "y"), ("a", "b"))
    assert (scope.streams, scope.first, scope.last) == (("media", "posts"), FIRST, LAST)
    assert scope_of([]).versions == 0


def test_each_stream_has_its_grade() -> None:
    """By the matrix; of a platform whose connector is not here it is unknown."""
    grades = [(one.platform, one.stream, one.proved_by, one.versions) for one in came().grades]
    assert grades == [
        ("x", "media", "simulator only", 1),
        ("x", "posts", "real server", 2),
        ("y", "posts", "unknown", 1),
    ]


def test_clocks_parsers_and_replacements_are_counted() -> None:
    """Counts in declarations are left out, so that one place is one row."""
    found = came()
    clocks = [(one.source, one.versions, one.served, one.apart) for one in found.clocks]
    assert clocks == [("not told", 2, 0, None), ("system", 2, 1, 3)]
    assert [(one.parser, one.versions, one.newer) for one in found.parsers] == [
        ("x/1", 2, 0), ("x/2", 1, 1), ("y/1", 1, 0),
    ]  # fmt: skip
    assert [(one.where, one.versions) for one in found.replacements] == [
        ("request-header authorization token", 2),
        ("response-body token decoded", 1),
    ]


def test_what_rests_on_signatures_is_counted() -> None:
    """Versions whose exchange is kept rest on arithmetic; the others, and those of none, do not."""
    assert came().rests.ended == 3
    kept = came(lane=[[1, 2]]).rests
    assert (kept.ended, kept.direct, kept.copied, kept.verified) == (1, 1, 3, 1)
    assert kept.verified_by == ("anna",)
    assert came(lane=[[1, 10]]).rests.ended == 0


def test_limits_follow_from_figures() -> None:
    """Each limit is there where its figure is, and only there."""
    rest = (Gone("abc", FIRST, 7),), (NotSearched("private", 4),), 2
    missing = Missing(Gaps("GAPS.json", "00" * 32, {"gap": 2}), *rest)
    codes = [one.code for one in limits_of(came(lane=[[1, 2]]), missing)]
    assert codes == [
        "authenticity", "shown-by-platform", "renderings", "repeats", "one-archive-key",
        "graded-x-simulator-only", "graded-y-unknown", "intake-ended", "unverified-copies",
        "no-exchange", "credentials-replaced", "read-anew", "gaps", "destroyed", "not-searched",
        "withheld",
    ]  # fmt: skip
    plain = provenance_of(ORIGINS[2:3], {("x", "media"): MATRIX["x", "posts"]}, {"lane": [[9, 10]]},
                          Copied())  # fmt: skip
    codes = [one.code for one in limits_of(plain, NONE)]
    assert codes[5:] == ["credentials-replaced"]


def test_limits_say_how_many() -> None:
    """Streams that only a simulator proved are named, and what went is told in numbers."""
    rest = (Gone("abc", FIRST, 7),), (NotSearched("private", 4),), 2
    missing = Missing(Gaps("GAPS.json", "00" * 32, {"gap": 2}), *rest)
    told = {one.code: one.text for one in limits_of(came(), missing)}
    assert "a simulator alone for these streams" in told["graded-x-simulator-only"]
    assert told["graded-x-simulator-only"].endswith(": media.")
    assert told["destroyed"].startswith("7 versions of these accounts were destroyed")
    assert told["not-searched"] == "4 records were not searched: private (4)."
    assert "GAPS.json" in told["gaps"]


def test_what_was_handed_in_is_said_apart() -> None:
    """Graded by its importer, whatever its platform's connector was held against; no capture."""
    handed = Origin(7, "x:a:posts:2", "x", "a", "posts", "present", LAST, "x-archive/1", "lane/2",
                    imported="x-archive abc")  # fmt: skip
    cells = MATRIX | {("x-archive", "posts"): Cell(IMPORT, "simulator only", "https://help")}
    found = provenance_of([handed], cells, {}, Copied())
    limits = {one.code: one.text for one in limits_of(found, NONE)}
    assert "graded-x-archive-simulator-only" in limits
    assert limits["imported"].startswith("1 versions come from files that somebody handed in (x-a")
    assert "imported" not in {one.code for one in limits_of(came(), NONE)}
    ledger = Ledger(9, "00" * 32, "note", "Nobody vouches.")
    verified, package = Verified(LAST, 1, 1, 0, ()), Package("SHA-256", "M", "00" * 32, 1, 1)
    steps = steps_of(scope_of([handed]), found, ledger, verified, package, NONE)
    assert [one.name for one in steps][:2] == ["Import", "Intake"]
    both = provenance_of([handed, *ORIGINS], cells, {}, Copied())
    steps = steps_of(scope_of([handed, *ORIGINS]), both, ledger, verified, package, NONE)
    assert [one.name for one in steps][:3] == ["Capture", "Import", "Intake"]
