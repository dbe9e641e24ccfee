"""Reports of terms: which terms a query has, and what is counted of each."""

from __future__ import annotations

from itertools import chain
from random import Random

import pytest

from archiver.search.reading import read_query
from archiver.search.reporting import Counted, counted, reported
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
