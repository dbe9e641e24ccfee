"""Small files of a home: whole or not there, and nothing of a killed writer stays."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from archiver.edges.home import LocalHome
from archiver.errors import KeyStoreError

if TYPE_CHECKING:
    from pathlib import Path


def test_files_are_written_replaced_listed_and_removed(tmp_path: Path) -> None:
    """A name leads to the bytes last written; removing twice is no error."""
    home = LocalHome(tmp_path / "home")
    assert home.read("journal/a/1") is None
    for data in (b"one", b"two"):
        home.write("journal/a/1", data)
        assert home.read("journal/a/1") == data
    home.write("cache/one", b"1")
    assert list(home.names("journal/a/")) == ["journal/a/1"]
    home.remove("journal/a/1")
    home.remove("journal/a/1")
    assert home.names("journal/a/") == []
    assert home.names("journal/b/") == []
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


def test_what_a_killed_writer_left_is_cleared_and_a_living_one_is_left_alone(
    tmp_path: Path,
) -> None:
    """The next to open the home removes unfinished files whose lock is free."""
    LocalHome(tmp_path / "home")
    left, written = (tmp_path / "home" / "tmp" / name for name in ("left", "written"))
    left.write_bytes(b"half")
    with written.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        LocalHome(tmp_path / "home")
        assert not left.exists()
        assert written.exists()


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The error says where; neither the old file nor the folder of unfinished ones suffers."""
    home = LocalHome(tmp_path / "home")
    home.write("trust/checkpoint", b"old")
    home.write("known", b"a file")
    with pytest.raises(KeyStoreError, match="known"):
        home.write("known/below-a-file", b"new")
    assert home.read("trust/checkpoint") == b"old"
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


def test_a_journal_is_removed_durably_and_a_cache_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what cannot be made again waits for the disk."""
    home = LocalHome(tmp_path / "home")
    for name in ("cache/ledger/0", "journal/a/1"):
        home.write(name, b"1")
    flushed: list[Path] = []
    monkeypatch.setattr("archiver.edges.home.sync_directory", flushed.append)
    home.remove("cache/ledger/0")
    assert flushed == []
    home.remove("journal/a/1")
    assert flushed == [tmp_path / "home" / "journal" / "a"]


def test_folders_that_a_killed_process_made_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name above a file is on disk, whoever made the folder; once for each process."""
    synced: list[Path] = []
    monkeypatch.setattr("archiver.edges.home.sync_directory", synced.append)
    monkeypatch.setattr("archiver.edges.privatedir.sync_directory", synced.append)
    root = tmp_path / "home"
    (root / "journal" / "a").mkdir(parents=True)
    root.chmod(0o700)
    home = LocalHome(root)
    assert synced[:1] == [tmp_path]
    synced.clear()
    home.write("journal/a/1", b"one")
    assert synced == [root, root / "journal", root / "journal" / "a"]
    synced.clear()
    home.write("journal/a/2", b"two")
    assert synced == [root / "journal" / "a"]
