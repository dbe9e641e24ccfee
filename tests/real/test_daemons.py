"""Whatever ends the tests, their servers end too; what cannot be installed is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.real.packages import need
from tests.real.wordpress.server import PACKAGES, PROGRAMS, WordPress

if TYPE_CHECKING:
    from collections.abc import Callable


def soon(what: Callable[[], bool]) -> bool:
    """Tell whether it is so, now or after a while: the system ends processes when it can."""
    for _ in range(400):
        if what():
            return True
        time.sleep(0.05)
    return False


def closed(url: str) -> bool:
    """Tell whether nothing listens at the address."""
    try:
        httpx.get(url)
    except httpx.TransportError:
        return True
    return False


def alive(group: int) -> list[str]:
    """Return the processes of a group; one that only waits to be counted by init is dead."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):  # ended in the meantime
            continue
        state, _, member_of = rest.split()[:3]  # proc_pid_stat(5): state, parent, group
        if int(member_of) == group and state != "Z":
            found.append(name)
    return found


@pytest.mark.real
def test_stopping_ends_every_process(tmp_path: Path) -> None:
    """After the site is stopped its address is closed and its process group is empty."""
    with WordPress(tmp_path) as site:
        assert site._daemons
        assert site._daemons._guard
        group = site._daemons._guard.pid
        assert len(alive(group)) > len(("guard", "mariadbd", "web"))
    assert closed(site.url)
    assert soon(lambda: not alive(group))


@pytest.mark.real
def test_killed_test_run_leaves_no_server_behind(tmp_path: Path, repo_root: Path) -> None:
    """When the test process is killed outright, its database and web server go too."""
    need(PACKAGES, PROGRAMS)
    script = """
import os, pathlib, signal, sys
from tests.real.wordpress.server import WordPress
site = WordPress(pathlib.Path(sys.argv[1])).__enter__()
print(site.url, site._daemons.sockets, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    ended = subprocess.run(command, cwd=repo_root, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    url, sockets = ended.stdout.decode().split()
    assert soon(lambda: closed(url))
    assert not Path(sockets).exists()


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_missing_server_fails_in_ci_and_skips_elsewhere(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be installed, the reason is given; only CI calls it a failure."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(outcome, match="needs root to install no-such-package"):
        need(("no-such-package",), ())
