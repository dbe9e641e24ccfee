"""The command as a real process: help, imports, pipes, signals, places it may not write."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from archiver import __version__
from archiver.cli.main import app
from tests.cli.terminal import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Captured

ARCHIVER = Path(sys.executable).with_name("archiver")
HEAVY = ("airflow", "boto3", "botocore", "duckdb", "httpx", "pyarrow", "cryptography")


def _start(folder: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - Popen's own
    environ = {
        **os.environ,
        "ARCHIVER_ARCHIVE": str(folder / "archive"),
        "ARCHIVER_HOME": str(folder / "home"),
    }
    return subprocess.Popen(
        [ARCHIVER, *arguments],
        cwd=folder,
        env=environ,
        stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},
    )


def _paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - Typer's own
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from _paths(child, (*path, name))


@pytest.mark.parametrize("path", list(_paths(typer.main.get_command(app))), ids=" ".join)
def test_every_command_has_help(tmp_path: Path, path: tuple[str, ...]) -> None:
    """--help describes each command and each of its options, and needs no archive."""
    ran = run(tmp_path, *path, "--help")
    assert ran.code == 0
    assert ran.text.startswith("Usage: archiver")
    command: Any = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]
    assert command.help
    assert [one.name for one in command.params if not getattr(one, "help", "")] == [
        one.name for one in command.params if one.name in {"account", "name"} and not one.help
    ]


def test_help_loads_nothing_heavy() -> None:
    """Importing the command line imports no engine, no cloud, no network, no Airflow."""
    code = f"import archiver.cli.main, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_exit_codes_reach_the_shell(captured: Captured) -> None:
    """0 done, 1 a finding or a refused act, 2 wrong usage: as a process, too."""
    commands = {
        ("status", "--json"): 0,
        ("account", "approve", "city-blog", "--by", "Clerk", "--json"): 1,
        ("status", "--archive", "nowhere", "--json"): 2,
    }
    for words, code in commands.items():
        process = _start(captured.folder, *words)
        out, _ = process.communicate()
        assert process.returncode == code, words
        assert json.loads(out)["ok"] is (code == 0)


def test_what_cannot_run_exits_3(captured: Captured, tmp_path: Path) -> None:
    """A home that can't be used is no usage error and no finding."""
    (tmp_path / "file").touch()
    process = _start(captured.folder, "status", "--home", str(tmp_path / "file" / "home"))
    _, errors = process.communicate()
    assert process.returncode == 3
    assert b"to mend: " in errors


@pytest.mark.parametrize("form", [["--json"], []])
def test_a_reader_may_leave(captured: Captured, form: list[str]) -> None:
    """`archiver search | head` ends quietly when head has seen enough."""
    reading, writing = os.pipe()
    os.close(reading)
    process = _start(captured.folder, "search", *form, stdout=writing)
    os.close(writing)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


def test_the_version_is_told(tmp_path: Path) -> None:
    """`archiver --version` answers without an archive."""
    output, errors = _start(tmp_path, "--version").communicate()
    assert (output, errors) == (f"archiver {__version__}\n".encode(), b"")


def test_ctrl_c_is_no_traceback(tmp_path: Path) -> None:
    """An interrupted command says that nothing is lost, and exits as shells expect."""
    os.mkfifo(tmp_path / "proof.json")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    process = _start(tmp_path, "check", "proof.json", "--key", "a+00000000+AQ==")
    signal.signal(signal.SIGINT, before)
    with (tmp_path / "proof.json").open("wb"):  # opens once the command waits for it
        errors = _interrupted(process)
    assert process.returncode == 130
    assert errors.startswith(b"interrupted")


def _interrupted(process: subprocess.Popen[bytes]) -> bytes:
    """Interrupt a process until it ends; return what it said.

    Python sees a signal that comes just before a system call only when that returns.
    """
    while True:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=2)[1]


def test_bytes_as_received_go_to_no_terminal(captured: Captured) -> None:
    """--raw refuses a terminal, which such bytes could drive."""
    ours, theirs = os.openpty()
    process = _start(captured.folder, "show", captured.hostile, "--raw", stdout=theirs)
    _, errors = process.communicate()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == 2
    assert b"--raw > FILE" in errors


def test_a_folder_nobody_may_write_to() -> None:
    """An archive where the system lets nobody write can't be made, and that is said."""
    process = _start(Path.cwd(), "init", "--archive", "/proc/archive", "--json")
    out, _ = process.communicate()
    assert process.returncode == 3
    (finding,) = json.loads(out)["findings"]
    assert finding["code"] == "store"
    assert finding["mend"]
