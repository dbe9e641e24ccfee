"""Install what the real servers need: Debian packages, as root, without starting services."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["need", "program", "run"]

POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this script whether a package may start its service (policy-rc.d(8))."""
NEVER_START = "#!/bin/sh\nexit 101\n"


def run(
    *command: str | Path,
    cwd: Path | None = None,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    seconds: float = 300,
) -> bytes:
    """Run a command to its end and return its standard output.

    Raises `RuntimeError` with both outputs where it fails or takes longer than ``seconds``.
    """
    argv = [str(part) for part in command]
    try:
        done = subprocess.run(
            argv, cwd=cwd, input=stdin, env=env, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as slow:
        message = f"{argv[0]} took longer than {seconds} s"
        raise RuntimeError(message) from slow
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")[-4000:]
        message = f"{argv[0]} ended with {done.returncode}:\n{said}"
        raise RuntimeError(message)
    return done.stdout


def need(packages: tuple[str, ...], programs: tuple[str, ...]) -> None:
    """Make sure that ``programs`` and ``packages`` are there, installing what is missing.

    Without root or without a reachable Debian archive the test is skipped, except
    where ``CI=true``: there a missing server is a failure.
    """
    missing = [name for name in packages if not _installed(name)]
    if not missing and all(_which(name) for name in programs):
        return
    if os.geteuid() != 0:
        _give_up(f"needs root to install {', '.join(missing or programs)}")
    if not shutil.which("apt-get"):
        _give_up("needs Debian's apt-get")
    try:
        _install(missing or list(packages))
    except RuntimeError as failure:
        _give_up(f"could not install {', '.join(missing)}: {failure}")


def program(name: str) -> str:
    """Return the path of an installed program. Raises `RuntimeError` where there is none."""
    found = _which(name)
    if found is None:
        message = f"{name} is not installed"
        raise RuntimeError(message)
    return found


def _give_up(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"real server: {reason}", pytrace=False)
    pytest.skip(f"real server: {reason}")


def _installed(package: str) -> bool:
    """Tell whether dpkg knows the package as installed."""
    if not shutil.which("dpkg-query"):
        return False
    try:
        state = run("dpkg-query", "-W", "-f", "${db:Status-Status}", package)
    except RuntimeError:  # dpkg-query ends with 1 for a package it has never heard of
        return False
    return state == b"installed"


def _which(name: str) -> str | None:
    """Return where a program is; daemons live outside an ordinary PATH."""
    path = os.environ.get("PATH", os.defpath)
    return shutil.which(name, path=f"{path}:/usr/sbin:/sbin")


def _install(packages: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    lock = ("-o", "DPkg::Lock::Timeout=300")
    with _alone(), _no_services():
        run("apt-get", *lock, "update", "-qq", env=env)
        run(
            "apt-get",
            *lock,
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            *packages,
            env=env,
            seconds=900,
        )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process of the tests installs anything."""
    with Path(gettempdir(), "civic-archiver-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    """Keep packages from starting their daemons, and leave the machine as it was."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text(NEVER_START)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
