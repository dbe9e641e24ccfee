"""Virtual environments of Python programs by others, kept from run to run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["environment", "pinned"]


def environment(folder: Path, *packages: str) -> Path:
    """Make a virtual environment with these packages, unless it is there; return its bin."""
    return _made(folder, "\n".join(packages), packages)


def pinned(folder: Path, requirements: Path) -> Path:
    """Make one of exactly what a file with hashes names, unless it is there; return its bin."""
    options = ("--no-deps", "--require-hashes", "-r", str(requirements))
    return _made(folder, requirements.read_text("utf-8"), options)


def _made(folder: Path, wanted: str, install: tuple[str, ...]) -> Path:
    with folder.with_suffix(".lock").open("w") as lock:  # one process of the tests makes it
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _installed(folder, wanted, install)


def _installed(folder: Path, wanted: str, install: tuple[str, ...]) -> Path:
    ready = folder / "ready"
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *install], capture_output=True, text=True, check=False)
        if done.returncode and os.environ.get("CI") != "true":
            pytest.skip(f"can't install {' '.join(install)}: {done.stderr[-500:]}")
        assert done.returncode == 0, done.stderr
        ready.write_text(wanted, "utf-8")
    return folder / "bin"
