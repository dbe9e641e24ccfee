"""The folder of a transfer: there whole or not at all, whoever stops, and nobody else's."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from archiver.edges.transfers import enclosed, new_folder
from archiver.errors import RefusedError, StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, sys
from pathlib import Path
from archiver.edges.transfers import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    with folder.file("data/deep/half") as file:
        file.write(b"private")
        file.flush()
        os.kill(os.getpid(), 9)
"""


def _write(path: Path, name: str = "data/a") -> None:
    with new_folder(path) as folder, folder.file(name) as file:
        file.write(b"whole")


def test_a_killed_one_is_not_there_and_the_next_is_whole(tmp_path: Path) -> None:
    """What it left beside is its owner's alone, and goes when the same is written again."""
    target = tmp_path / "bag"
    done = subprocess.run([sys.executable, "-c", KILLED, target], check=False)
    assert done.returncode == -9
    part = tmp_path / ".bag.part"
    assert [one.name for one in tmp_path.iterdir()] == [part.name]
    assert (part / "data/deep/half").read_bytes() == b"private"
    assert part.stat().st_mode & 0o777 == 0o700
    _write(target)
    assert [one.name for one in tmp_path.iterdir()] == ["bag"]
    assert [one.name for one in target.rglob("*")] == ["data", "a"]
    assert target.stat().st_mode & 0o777 == 0o700


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A folder, a file, a link that leads nowhere; also one that came meanwhile."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(UsageError) as refused:
            _write(tmp_path / name)
        assert refused.value.code == "file-exists"
    with pytest.raises(UsageError), new_folder(tmp_path / "late"):
        (tmp_path / "late").write_text("mine")
    assert (tmp_path / "late").read_text() == "mine"
    assert not list(tmp_path.glob(".*.part"))
    assert not (tmp_path / "nowhere").exists()


def test_one_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Where its maker gives up, no half of it stays on the disk."""

    def given_up() -> None:
        with new_folder(tmp_path / "bag") as folder, folder.file("a") as file:
            file.write(b"private")
            raise RefusedError("no")

    with pytest.raises(RefusedError):
        given_up()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """What the system says of the disk stands in the error, with what to do."""

    def full() -> None:
        with new_folder(tmp_path / "bag") as folder, folder.file("a"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match="No space left") as told:
        full()
    assert "run the command again" in told.value.mend
    assert list(tmp_path.iterdir()) == []


def test_two_at_once(tmp_path: Path) -> None:
    """The second is refused and takes nothing away from the first."""
    with new_folder(tmp_path / "bag") as folder:
        with folder.file("a") as file:
            file.write(b"first")
        with pytest.raises(UsageError) as busy:
            _write(tmp_path / "bag")
        assert busy.value.code == "transfer-busy"
    assert (tmp_path / "bag/a").read_bytes() == b"first"


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A folder that is not there; a link in the place of the part."""
    with pytest.raises(UsageError, match="nothing can be written"):
        _write(tmp_path / "not/there")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("x")
    (tmp_path / ".bag.part").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="nothing can be written"):
        _write(tmp_path / "bag")
    assert (elsewhere / "mine").exists()


def test_programs_are_enclosed() -> None:
    """Those of the source tree, whole: they are what an auditor reads."""
    found = enclosed()
    assert found["verify.py"].startswith(b"#!/usr/bin/env python3\n")
    assert b"import verify" in found["check.py"]
    assert b"BagIt 1.0" in found["README.md"]
