"""A process that has imported everything and forks real ``archiver`` processes.

Starting Python and importing costs a second or two a run; the runs themselves are what
the tests are about. Each line on stdin is a list of jobs, ``{"arguments", "environ",
"out", "limit"}``, which are started together; two lines come back: their process ids,
and, once all have ended, their exit statuses.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from contextlib import redirect_stderr, suppress
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import archiver.flows

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = ("archiver.wire", "archiver.edges.s3", "pyarrow.parquet")


def work(job: dict[str, Any], main: Callable[[list[str]], None]) -> None:
    """Be the ``archiver`` command: its output in a file, its environment, its exit code."""
    code = 70
    try:
        out = os.open(job["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.clear()
        os.environ.update(job["environ"])
        if job["limit"]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
        main(job["arguments"])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def fork(job: dict[str, Any], main: Callable[[list[str]], None]) -> int:
    """Start one job; return its process id."""
    child = os.fork()
    if child == 0:
        work(job, main)
    return child


def say(numbers: list[int]) -> None:
    """Tell whoever started us."""
    os.write(1, json.dumps(numbers).encode() + b"\n")


def warm() -> Callable[[list[str]], None]:
    """Import whatever commands import; return the function that runs one."""
    for name in MODULES:
        import_module(name)
    for one in iter_modules(archiver.flows.__path__, "archiver.flows."):
        import_module(one.name)
    main: Callable[[list[str]], None] = import_module("archiver.cli.main").main
    with suppress(SystemExit), redirect_stderr(io.StringIO()):
        main(["status", "--archive", ""])  # ends at once; how arguments are read is loaded by then
    return main


def serve() -> None:
    """Start the jobs of one line after the other until stdin ends."""
    main = warm()
    for line in sys.stdin:
        children = [fork(job, main) for job in json.loads(line)]
        say(children)
        say([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])


if __name__ == "__main__":
    serve()
