"""Two worlds that differ in one record's words: once it is destroyed, they are the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.attacks.canonical import NAMED
from tests.attacks.carving import destruction
from tests.attacks.remains import Remains, destroyed, noted
from tests.attacks.town import Words
from tests.attacks.world import world

if TYPE_CHECKING:
    from pathlib import Path

BASE = Words("The mayor lied about the lamp", "The mayor lied about the lamps")
OTHERS = {
    "same length": replace(
        BASE, text="My doctor says I have cancer", later="My doctor says it is not so"
    ),
    "other length": replace(BASE, text="No.", later="No, and again no: " + "never " * 40),
    "other number of words": replace(BASE, text="a b c d e f g h i j k l m n o"),
    "another author": replace(BASE, author=1),
    "more hashtags": replace(BASE, tags=("Lamps", "Mayor")),
    "another picture": replace(BASE, picture=("A broken lamp at night", b"more" * 100)),
}
MESSAGE = replace(BASE, visibility="direct")
OTHER_MESSAGE = replace(OTHERS["other length"], visibility="direct")


def lived(folder: Path, words: Words, seed: str = "") -> Remains:
    """Return what remains of a world in which somebody wrote these words."""
    with world(folder / "home", words, seed) as one, destruction():
        return destroyed(one, noted(one))


def differences(one: Remains, other: Remains) -> list[str]:
    """Return what is not the same, and assert that the names used are those declared."""
    (here, names), (there, _) = one.canonical(), other.canonical()
    assert set(names.used) == NAMED
    return [name for name in sorted(here.keys() | there) if here.get(name) != there.get(name)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Remains:
    """What remains of the first world."""
    return lived(tmp_path_factory.mktemp("base"), BASE)


@pytest.mark.parametrize("other", OTHERS)
def test_what_remains_does_not_tell_what_was_written(
    base: Remains, tmp_path: Path, other: str
) -> None:
    """Everything but commitments, digests and sizes of dead things is equal byte for byte."""
    assert differences(base, lived(tmp_path, OTHERS[other])) == []


def test_what_remains_of_a_private_message(tmp_path: Path) -> None:
    """The same, of one that was encrypted."""
    first = lived(tmp_path / "one", MESSAGE)
    assert differences(first, lived(tmp_path / "two", OTHER_MESSAGE)) == []
