"""Evidence that outlives certificates and algorithms, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger.renewal import Dated, due, fallen, proven_since
from archiver.ledger.timestamp import Stamp

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
NOBODY: dict[str, datetime] = {}


def dated(name: str, of: str, year: float, ends: float, *relies: str) -> Dated:
    """Return a time-stamp over files (by their letters) of some year."""
    stamp = Stamp(START + year * YEAR, START + ends * YEAR, frozenset(relies))
    return Dated(name, tuple(of), stamp)


def at(year: float) -> datetime:
    """Return a moment."""
    return START + year * YEAR


FIRST = dated("1", "n", 0, 5, "sha256", "authority:a")
SECOND = dated("2", "n1", 4, 12, "sha512", "authority:b")
THIRD = dated("3", "n12", 11, 20, "sha512", "authority:c")


def test_a_certificate_that_ends() -> None:
    """A token proves until its certificate ends, and on under a renewal made before."""
    assert fallen([FIRST], at(4.9), NOBODY) == []
    assert fallen([FIRST], at(5), NOBODY) == [FIRST]
    assert fallen([FIRST, SECOND], at(11), NOBODY) == []
    assert proven_since([FIRST, SECOND, THIRD], "n", at(19), NOBODY) == at(0)
    assert proven_since([FIRST, SECOND, THIRD], "n", at(21), NOBODY) is None


def test_a_renewal_that_came_too_late() -> None:
    """A stamp over a token that had ended proves the note from then on, not from before."""
    late = dated("2", "n1", 6, 12, "sha512")
    assert fallen([FIRST, late], at(7), NOBODY) == [FIRST]
    assert proven_since([FIRST, late], "n", at(7), NOBODY) == at(6)


def test_breaks_of_hash_and_authority() -> None:
    """What is broken proves nothing of itself; what was renewed before the break stands."""
    chain = [FIRST, SECOND]
    for name in ("sha256", "authority:a"):
        assert fallen([FIRST], at(3), {name: at(2)}) == [FIRST]
        assert fallen(chain, at(6), {name: at(4.5)}) == []
        assert fallen(chain, at(6), {name: at(3.5)}) == [FIRST]
    for name in ("sha512", "authority:b"):
        assert fallen(chain, at(6), {name: at(5)}) == chain
    assert proven_since([FIRST, SECOND, THIRD], "n", at(15), {"authority:b": at(12)}) == at(0)


def test_two_authorities_are_better_than_one() -> None:
    """While one of two tokens over a note stands, the note stands."""
    other = dated("o", "n", 0.5, 9, "sha512", "authority:d")
    assert proven_since([FIRST, other], "n", at(2), {"authority:a": at(1)}) == at(0.5)


def test_what_is_due() -> None:
    """Due is what ends within the margin and is not covered; with it goes what it stamped."""
    margin = timedelta(days=90)
    assert due([FIRST], at(4), margin, NOBODY) == []
    assert due([FIRST], at(4.9), margin, NOBODY) == [("n", "1")]
    assert due([FIRST, SECOND], at(4.9), margin, NOBODY) == []
    assert due([FIRST, SECOND], at(11.9), margin, NOBODY) == [("n", "1", "2")]
    assert due([FIRST], at(5), margin, NOBODY) == []  # too late


def test_a_break_that_is_foreseen() -> None:
    """A hash that is about to be given up makes its tokens due before."""
    assert due([FIRST], at(2), timedelta(days=90), {"sha256": at(2.1)}) == [("n", "1")]


def test_many_files_take_several_time_stamps() -> None:
    """No list is longer than an entry can hold, and none is left out."""
    many = [dated(f"t{n}", "", 0, 5, "sha512")._replace(of=(f"n{n}",)) for n in range(2500)]
    lists = due(many, at(4.9), timedelta(days=90), NOBODY)
    assert max(map(len, lists)) <= 2000
    assert sorted(name for names in lists for name in names) == sorted(
        name for one in many for name in (*one.of, one.file)
    )


@given(st.lists(st.floats(0.5, 8), min_size=1, max_size=8), st.floats(0, 40))
def test_renewed_in_time_nothing_is_ever_lost(lives: list[float], until: float) -> None:
    """Whatever certificates live, who renews what is due once a quarter loses no date."""
    stamps = [dated("0", "n", 0, lives[0], "sha512")]
    now, number = 0.0, 0
    while now < until:
        now += 0.25
        number += 1
        life = lives[number % len(lives)]
        stamps += [
            dated(f"{number}.{place}", "", now, now + life, "sha512")._replace(of=names)
            for place, names in enumerate(due(stamps, at(now), 0.3 * YEAR, NOBODY))
        ]
    assert proven_since(stamps, "n", at(now), NOBODY) == at(0)
