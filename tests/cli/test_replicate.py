"""Copies by commands alone: made, verified, damaged, mended; and what is refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import Ran, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

TOML = """
[[replica]]
name = "vault"
archive = "{folder}/vault"
place = "county data centre"

[[replica]]
name = "attic"
archive = "{folder}/attic"
"""


@pytest.fixture
def folder(captured: Captured, tmp_path: Path) -> Path:
    """A copy of the captured archive whose settings name two copies."""
    for name in ("archive", "home"):
        shutil.copytree(captured.folder / name, tmp_path / name)
    (tmp_path / "archiver.toml").write_text(TOML.format(folder=tmp_path))
    return tmp_path


def replicate(folder: Path, *words: str) -> Ran:
    """Run the command with the settings of a folder."""
    config = str(folder / "archiver.toml")
    return run(folder, "replicate", *words, "--json", ARCHIVER_CONFIG=config)


def test_copies_are_made_verified_and_mended(folder: Path) -> None:
    """Each document follows the schema; damage is named in its place, and is gone afterwards."""
    made = replicate(folder)
    assert [one["whole"] for one in made.document["data"]["copies"]] == [True, True]
    assert replicate(folder, "--verify", "--deep").document["findings"] == []
    victim = next((folder / "vault" / "u").rglob("*.parquet"))
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1])
    found = replicate(folder, "vault", "--verify")
    assert found.code == 1
    (finding,) = found.document["findings"]
    assert finding["code"] == "object-changed"
    assert finding["where"].startswith("vault: u/")
    mended = replicate(folder, "--repair")
    assert mended.code == 0
    assert [len(one["mended"]) for one in mended.document["data"]["copies"]] == [0, 1, 0]
    assert replicate(folder, "vault", "--verify").code == 0


def test_a_place_that_is_something_else_is_told(folder: Path) -> None:
    """The other copy is made all the same, and the exit code says that one was not."""
    (folder / "vault").mkdir()
    (folder / "vault" / "letter.txt").write_text("Dear Sir")
    made = replicate(folder)
    assert made.code == 1
    assert [one["code"] for one in made.document["findings"]] == ["replica-foreign"]
    assert [one["whole"] for one in made.document["data"]["copies"]] == [False, True]


@pytest.mark.parametrize(
    ("link", "code"), [("archive", "replica-written"), ("archive/u", "replica-inside")]
)
def test_the_archive_is_no_copy_of_itself(folder: Path, link: str, code: str) -> None:
    """Nor does one lie in the other; a link to the archive is the archive."""
    (folder / "vault").symlink_to(folder / link)
    assert replicate(folder).document["findings"][0]["code"] == code


@pytest.mark.parametrize(
    ("words", "code"),
    [(("cellar",), "usage"), (("--verify", "--repair"), "usage"), (("--deep",), "usage")],
)
def test_wrong_words_are_refused(folder: Path, words: tuple[str, ...], code: str) -> None:
    """A copy nobody named, and options that contradict each other."""
    ran = replicate(folder, *words)
    assert (ran.code, ran.document["findings"][0]["code"]) == (2, code)


def test_without_copies_it_says_how_to_name_them(captured: Captured) -> None:
    """A plain error, not an empty success."""
    ran = run(captured.folder, "replicate", "--json")
    assert (ran.code, ran.document["findings"][0]["code"]) == (2, "replicas-unset")


def test_locking_where_nothing_locks_is_no_success(captured: Captured) -> None:
    """A folder keeps no locks, and says so in one document."""
    ran = run(captured.folder, "lock", "--json")
    assert (ran.code, ran.document["findings"][0]["code"]) == (2, "locks-unset")
