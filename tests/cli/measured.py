"""One command in a process of its own, which says on standard error how large it grew.

Run as ``python -m tests.cli.measured MODULE ARGUMENT…`` for ``main`` of that module.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def peak() -> int:
    """Return the most kilobytes that this process has had in memory (proc(5))."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if "VmHWM" in line))


if __name__ == "__main__":
    code = 70
    try:
        code = import_module(sys.argv[1]).main(sys.argv[2:])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stderr.write(f"\n{peak()}\n")
    sys.exit(code)
