"""A dictionary with the true words in it gains nobody anything, through any channel."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.attacks.attackers import ATTACKS
from tests.attacks.dictionary import dictionary
from tests.attacks.merged import MERGES
from tests.attacks.scene import MERGED, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS = dictionary(1000)
TRUE = 417
FEW = WORDS[:500]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scene]:
    """What is left of an archive in which a comment was; each weakness is made once."""

    @cache
    def of(weakness: str) -> Scene:
        return scene(tmp_path_factory.mktemp("scene") / "home", WORDS[TRUE], weakness)

    return of


@pytest.mark.parametrize("channel", ATTACKS)
def test_no_attacker_does_better_than_chance(left: Callable[[str], Scene], channel: str) -> None:
    """Not one word of the dictionary can be ruled out; by its size, hardly one."""
    possible = ATTACKS[channel][1](left(""), WORDS)
    assert TRUE in possible
    assert len(possible) >= (0.85 if channel == "sizes" else 1) * len(WORDS)


@pytest.mark.parametrize("channel", ATTACKS)
def test_every_attacker_works_on_a_weaker_archive(
    left: Callable[[str], Scene], channel: str
) -> None:
    """Where what protects the channel is missing, the true words are found, or nearly."""
    weakness, attack, most = ATTACKS[channel]
    possible = attack(left(weakness), FEW)
    assert TRUE in possible
    assert len(possible) <= most / 2 + 1


@pytest.mark.parametrize("channel", MERGES)
def test_a_merge_confirms_nothing(left: Callable[[str], Scene], channel: str) -> None:
    """Where the victim was merged with others before, which was verified and is said gone."""
    assert MERGES[channel][1](left(MERGED), FEW) == set(range(len(FEW)))


@pytest.mark.parametrize("channel", MERGES)
def test_every_attacker_of_merges_works(left: Callable[[str], Scene], channel: str) -> None:
    """Where a merge keeps what it must not, the true words are found, or nearly."""
    weakness, attack, most = MERGES[channel]
    possible = attack(left(weakness), FEW)
    assert TRUE in possible
    assert len(possible) <= most / 2 + 1


@pytest.mark.soak
@pytest.mark.parametrize("channel", ATTACKS)
def test_other_channels_of_a_merged_archive(left: Callable[[str], Scene], channel: str) -> None:
    """All that is attacked elsewhere is attacked after a merge too."""
    possible = ATTACKS[channel][1](left(MERGED), FEW)
    assert TRUE in possible
    assert channel == "sizes" or len(possible) == len(FEW)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_chance_over_many_archives(tmp_path: Path, seed: int) -> None:
    """Other tapes, other dictionaries, other true words: never anything but all of them."""
    words = dictionary(1000, str(seed))
    true = seed * 47 % len(words)
    one = scene(tmp_path / "home", words[true], seed=str(seed))
    for channel, (_, attack, _) in ATTACKS.items():
        possible = attack(one, words)
        assert true in possible
        assert channel == "sizes" or len(possible) == len(words)
