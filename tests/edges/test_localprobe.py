"""What the doctor tells of a folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archiver.edges import localprobe
from archiver.edges.localfs import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from archiver.ports import Check


def examined(root: Path) -> dict[str, Check]:
    """Return what the doctor tells of a folder, which holds nothing new afterwards."""
    checks = {check.name: check for check in LocalStore(root).preflight()}
    assert [path.name for path in (root / ".tmp").iterdir()] == ["lock"]
    assert [path for path in root.rglob("*") if path.is_file()] == [root / ".tmp" / "lock"]
    return checks


def test_a_folder_flushes_and_claims_no_immutability(tmp_path: Path) -> None:
    """What a folder can't promise is not offered, and no failure."""
    checks = examined(tmp_path / "archive")
    assert checks["flushed"].held
    immutable = checks["immutability"]
    assert (immutable.held, immutable.offered, immutable.needed) == (False, False, False)
    assert "not claimed" in immutable.detail


def test_a_folder_in_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that a restart would take away is a limit to know of."""
    mounts = tmp_path / "mounts"
    device = tmp_path.stat().st_dev
    line = f"1 0 {os.major(device)}:{os.minor(device)} / /x rw shared:1 - %s none rw\n"
    monkeypatch.setattr(localprobe, "_MOUNTS", str(mounts))
    for kind, held in (("tmpfs", False), ("ext4", True)):
        mounts.write_text("9 0 0:999 / /y rw - tmpfs none rw\n" + line % kind)
        check = examined(tmp_path / "archive")["on-disk"]
        assert (check.held, check.needed) == (held, False)


def test_a_disk_that_cannot_flush_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while flushing is told, and the scratch file goes all the same."""

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(localprobe, "fsync", fails)
    check = examined(tmp_path / "archive")["flushed"]
    assert not check.held
    assert check.needed
    assert "Input/output error" in check.detail
