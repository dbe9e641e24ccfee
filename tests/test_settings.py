"""Settings: file, environment, options; each overrides the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.errors import UsageError
from archiver.settings import load
from archiver.wire.copies import at_copy

if TYPE_CHECKING:
    from pathlib import Path


def test_options_override_environment_overrides_file(tmp_path: Path) -> None:
    """The nearest word counts."""
    (tmp_path / "archiver.toml").write_text('archive = "file"\nhome = "file-home"\n')
    assert load({}, tmp_path).archive == "file"
    environ = {"ARCHIVER_ARCHIVE": "env"}
    assert load(environ, tmp_path).archive == "env"
    assert load(environ, tmp_path, archive="option").archive == "option"
    assert load(environ, tmp_path).home.name == "file-home"


def test_home_is_never_in_the_archive_by_default(tmp_path: Path) -> None:
    """Without a word on it, the home is in the user's data folder."""
    assert load({"XDG_DATA_HOME": "/data"}, tmp_path).home.as_posix() == "/data/civic-archiver"


def test_the_longest_interval_is_four_weeks_unless_it_is_set(tmp_path: Path) -> None:
    """In days, in the file or the environment."""
    assert load({}, tmp_path).sweep_days == 28
    (tmp_path / "archiver.toml").write_text('sweep_days = "7"\n')
    assert load({}, tmp_path).sweep_days == 7
    assert load({"ARCHIVER_SWEEP_DAYS": "1"}, tmp_path).sweep_days == 1


@pytest.mark.parametrize("days", ["0", "-1", "366", "1.5", "a week", "\u0663"])
def test_other_intervals_are_refused(tmp_path: Path, days: str) -> None:
    """Nothing is left for longer than a year, nor for no time."""
    with pytest.raises(UsageError, match="not a number of days"):
        load({"ARCHIVER_SWEEP_DAYS": days}, tmp_path)


@pytest.mark.parametrize("text", ["archive = 7", "archve = 'x'", "archive = ", "\x00"])
def test_a_bad_file_is_refused(tmp_path: Path, text: str) -> None:
    """A setting that is not known, not text, or not TOML is named."""
    (tmp_path / "archiver.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        load({}, tmp_path)
    assert "archiver.toml" in refused.value.where


REPLICA = '[[replica]]\nname = "vault"\narchive = "/srv/vault"\nplace = "Elgin"\n'


def test_copies_are_named(tmp_path: Path) -> None:
    """Each has a name, an address and a place in words."""
    (tmp_path / "archiver.toml").write_text(REPLICA)
    (found,) = load({}, tmp_path).replicas
    assert (found.name, found.archive, found.place) == ("vault", "/srv/vault", "Elgin")


@pytest.mark.parametrize(
    "text",
    [
        'replica = "vault"',
        REPLICA + REPLICA,
        REPLICA.replace("vault", "../vault", 1),
        REPLICA.replace("vault", "archive", 1),
        REPLICA.replace('"/srv/vault"', "7"),
        '[[replica]]\nname = "vault"\n',
        REPLICA + 'where = "Elgin"\n',
        REPLICA + 'locks = "strict"\n',
    ],
)
def test_copies_that_are_not_right_are_refused(tmp_path: Path, text: str) -> None:
    """Two of a name, a name that is a path, no address, an unknown setting: named with the file."""
    (tmp_path / "archiver.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        load({}, tmp_path)
    assert "archiver.toml" in refused.value.where


@pytest.mark.parametrize(
    ("archive", "own", "locks"),
    [
        ("", "compliance", "compliance"),
        ("governance", "", "governance"),
        ("governance", "none", ""),
    ],
)
def test_a_copy_locks_as_the_archive_or_otherwise(
    tmp_path: Path, archive: str, own: str, locks: str
) -> None:
    """Some stores keep no conditions beside locks: there the archive has none, and its copy has."""
    (tmp_path / "archiver.toml").write_text(f'{REPLICA}locks = "{own}"\n')
    found = load({"ARCHIVER_LOCKS": archive}, tmp_path)
    assert at_copy(found, found.replicas[0]).locks == locks


def test_how_to_lock_is_one_of_two_words(tmp_path: Path) -> None:
    """Anything else is refused, as it would lock nothing."""
    assert load({"ARCHIVER_LOCKS": "compliance"}, tmp_path).locks == "compliance"
    with pytest.raises(UsageError, match="no such mode of locks"):
        load({"ARCHIVER_LOCKS": "strict"}, tmp_path)


def test_languages_of_ocr_are_named_as_tesseract_does(tmp_path: Path) -> None:
    """Anything else is refused; without them no picture is read."""
    assert load({}, tmp_path).ocr == ""
    assert load({"ARCHIVER_OCR": "eng+chi_sim"}, tmp_path).ocr == "eng+chi_sim"
    for text in ("eng,spa", "eng; rm", "--help", "+eng"):
        with pytest.raises(UsageError, match="not the languages of OCR"):
            load({"ARCHIVER_OCR": text}, tmp_path)
