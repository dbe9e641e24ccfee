"""Volumes of very many documents: in bounded memory, and carried on after kills at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WRITE = """
import resource, sys
from pathlib import Path
from tests.produce.town import many
from tests.produce.writing import profile, write
done = write(Path(sys.argv[1]), many(int(sys.argv[2])), profile(sys.argv[3]))
print(done.manifest_sha256, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MOST = 1000
"""Megabytes."""


def _written(target: Path, repo_root: Path, count: int, name: str, seconds: float | None) -> str:
    """Write a volume and return what was printed; "" where it was killed before its end."""
    command = [sys.executable, "-c", WRITE, str(target), str(count), name]
    with subprocess.Popen(command, cwd=repo_root, stdout=subprocess.PIPE, text=True) as process:
        try:
            out, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return ""
        assert process.returncode == 0
        return out


@pytest.mark.soak
@pytest.mark.parametrize(("count", "name"), [(100_000, "data"), (2_000, "litigation")])
def test_many_documents(tmp_path: Path, repo_root: Path, count: int, name: str) -> None:
    """They take less than a gigabyte; killed three times it comes to the same bytes."""
    digest, memory = _written(tmp_path / "straight", repo_root, count, name, None).split()
    assert int(memory) < MOST
    chance = random.Random(7)
    for _ in range(3):
        assert _written(tmp_path / "killed", repo_root, count, name, chance.uniform(5, 60)) == ""
    again, memory = _written(tmp_path / "killed", repo_root, count, name, None).split()
    assert again == digest
    assert int(memory) < MOST
