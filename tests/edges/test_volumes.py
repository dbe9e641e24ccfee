"""The folder of a volume: carried on after a kill, there whole or not at all, nobody else's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from archiver.edges.volumes import VolumeFolder, volume_folder
from archiver.errors import FormatError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, sys
from pathlib import Path
from archiver.edges.volumes import volume_folder
with volume_folder(Path(sys.argv[1])) as folder:
    with folder.file("data/deep/done") as file:
        file.write(b"private")
    folder.note(b"head\\n")
    folder.note(b"done\\n")
    folder.note(b"half")
    with folder.file("data/half") as file:
        file.write(b"private")
        file.flush()
        os.kill(os.getpid(), 9)
"""


def _fill(folder: VolumeFolder, name: str = "data/a") -> None:
    with folder.file(name) as file:
        file.write(b"whole")


def _broken(path: Path) -> None:
    """Write three lines and a file, then fail."""
    with volume_folder(path) as folder:
        for line in (b"1\n", b"2\n", b"3\n"):
            folder.note(line)
        _fill(folder)
        _fill(folder)


def test_a_killed_one_is_carried_on(tmp_path: Path) -> None:
    """Its files and whole lines are there for the next, what nobody takes over goes at the end."""
    target = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", KILLED, target], check=False)
    assert done.returncode == -9
    part = tmp_path / ".out.part"
    assert [one.name for one in tmp_path.iterdir()] == [part.name]
    assert part.stat().st_mode & 0o777 == 0o700
    with volume_folder(target) as folder:
        assert [folder.next() for _ in range(4)] == [b"head\n", b"done\n", b"", b""]
        folder.note(b"more\n")
        file = folder.open("data/deep/done")
        assert file is not None
        with file:
            assert file.read() == b"private"
        assert folder.open("data/none") is None
        folder.keep("data/deep/done")
        _fill(folder)
        assert (part / "journal").read_bytes() == b"head\ndone\nmore\n"
    found = {one.relative_to(target).as_posix() for one in target.rglob("*") if one.is_file()}
    assert found == {"data/deep/done", "data/a"}
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert target.stat().st_mode & 0o777 == 0o700


def test_what_another_journal_says_is_replaced(tmp_path: Path) -> None:
    """A line takes the place of all that was not read; forgetting takes everything away."""
    with pytest.raises(FormatError):
        _broken(tmp_path / "two")
    with volume_folder(tmp_path / "two") as folder:
        assert folder.next() == b"1\n"
        folder.note(b"x\n")
        assert folder.next() == b""
        folder.clear()
        assert folder.open("data/a") is None
        assert folder.next() == b""


def test_no_file_is_written_twice(tmp_path: Path) -> None:
    """Two files of one name would be one in a bag."""
    with volume_folder(tmp_path / "out") as folder:
        _fill(folder)
        with pytest.raises(FormatError):
            _fill(folder)
        with pytest.raises(FormatError):
            folder.keep("data/a")


def test_scratch_files_have_no_name(tmp_path: Path) -> None:
    """What is put down for sorting lies beside nothing: a kill leaves none of it."""
    with volume_folder(tmp_path / "out") as folder, folder.scratch() as file:
        file.write(b"private")
        file.seek(0)
        assert file.read() == b"private"
        names = {one.name for one in (tmp_path / ".out.part").iterdir()}
        assert names == {"bag", "journal"}


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A folder, a link that leads nowhere, what came meanwhile; and others wait their turn."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "link"):
        with pytest.raises(UsageError) as refused, volume_folder(tmp_path / name):
            pass
        assert refused.value.code == "file-exists"
    with pytest.raises(UsageError), volume_folder(tmp_path / "late"):
        (tmp_path / "late").write_text("mine")
    assert (tmp_path / "late").read_text() == "mine"
    with volume_folder(tmp_path / "busy"):
        with pytest.raises(UsageError) as refused, volume_folder(tmp_path / "busy"):
            pass
        assert refused.value.code == "volume-busy"
    with pytest.raises(UsageError), volume_folder(tmp_path / "no/where"):
        pass
