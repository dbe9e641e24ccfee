"""Reports of terms: which terms a query has, what a family is, what is counted."""

from __future__ import annotations

from itertools import chain
from random import Random

import pytest

from archiver.search.reading import read_query
from archiver.search.reporting import Counted, Placed, counted, families, reported
from archiver.search.syntax import spelled


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("pothole", ["pothole"]),
        ("pothole AND (flood* OR water)", ["pothole", "flood*", "water"]),
        ('"main street" OR (NOT author:doe)', ['"main street"', "author:doe"]),
        ("(a OR b) W/5 c", ["(a OR b) W/5 c"]),
        ("a AND (b OR a)", ["a", "b"]),
        ("state:deleted AND a", ["a"]),
        ("state:deleted", []),
        ("", []),
    ],
)
def test_terms_are_what_the_signs_part(query: str, terms: list[str]) -> None:
    """Each once; passages near each other are one term, fields are none."""
    assert [spelled(one) for one in reported(read_query(query))] == terms


def placed(name: str, stream: str, parent: str = "", thread: str = "") -> Placed:
    """Return a record of one account whose id is that of the platform, by stream."""
    return Placed(f"{stream}:{name}", "city", stream, name, parent, thread)


THREADS = [
    placed("1", "posts"),
    placed("2", "posts"),
    placed("1", "comments", thread="2"),
    placed("9", "comments", parent="1", thread="2"),
    placed("7", "comments", parent="1", thread="1"),
    placed("m", "media", parent="1"),
    placed("n", "media", parent="9"),
    placed("o", "media", parent="gone"),
    placed("p", "comments", thread="gone"),
    placed("q", "messages"),
]


def test_a_family_is_what_belongs_together() -> None:
    """A thread with its attachments; also where the post of it is not in the archive."""
    found: dict[str, set[str]] = {}
    for record, root in families(THREADS).items():
        found.setdefault(root, set()).add(record)
    assert sorted(map(sorted, found.values())) == [
        ["comments:1", "comments:9", "media:m", "media:n", "posts:2"],
        ["comments:7", "posts:1"],
        ["comments:p", "media:o"],
        ["messages:q"],
    ]


def test_the_order_of_records_makes_no_family() -> None:
    """Chains of answers are one family, whichever of them is seen first."""
    chain_ = [placed(str(n), "comments", parent=str(n - 1)) for n in range(1, 40)]
    for seed in range(5):
        some = Random(seed).sample(chain_, len(chain_))
        assert len(set(families(some).values())) == 1


def test_what_is_of_another_account_is_of_another_family() -> None:
    """Ids are the platform's: the same one stands for other things in another account."""
    other = placed("1", "comments", thread="1")._replace(account="park", record="other")
    assert families([*THREADS, other])["other"] != families(THREADS)["posts:1"]


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_sets(seed: int) -> None:
    """Hits, hits with their families, and hits of no other term, by plain counting."""
    chance = Random(seed)
    records = [f"r{n}" for n in range(30)]
    family = {one: f"f{chance.randrange(8)}" for one in records[:25]}
    found = [set(chance.sample(records, chance.randrange(12))) for _ in range(4)]
    for number, (some, made) in enumerate(zip(found, counted(found, family), strict=True)):
        others = set(chain(*found[:number], *found[number + 1 :]))
        roots = {family.get(one, one) for one in some}
        with_family = {one for one in records if family.get(one, one) in roots}
        assert made == Counted(len(some), len(with_family), len(some - others))
