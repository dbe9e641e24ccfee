"""A process that has imported everything and forks one real ``archiver`` process at a time.

Starting Python and importing costs a second or two a run; the runs themselves are what
the tests are about. Each line on stdin is ``{"arguments", "environ", "out"}``; two lines
come back: the new process's id, and, once it has ended, its exit status.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

MODULES = ("archiver.wire", "archiver.edges.s3") + tuple(
    f"archiver.flows.{name}" for name in ("accounts", "capture", "prove", "search", "verify")
)


def work(job: dict[str, dict[str, str]], main: object) -> None:
    """Be the ``archiver`` command: output to files, its environment, its exit code."""
    code = 3
    try:
        out = os.open(str(job["out"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.clear()
        os.environ.update(job["environ"])
        main(job["arguments"])  # type: ignore[operator]  # archiver.cli.main.main
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    """Fork one process a line until stdin ends."""
    for name in MODULES:
        import_module(name)
    main = import_module("archiver.cli.main").main
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(json.loads(line), main)
        os.write(1, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
