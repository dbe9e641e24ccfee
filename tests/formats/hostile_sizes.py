"""Read one hostile file in a process of its own; print how that went and how large it got.

Run as ``python -m tests.formats.hostile_sizes READER FILE``. The address space is limited,
so that what is not bounded fails here and does not take the machine with it.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO
from pathlib import Path

from archiver.edges.localfs import LocalStore
from archiver.errors import ArchiverError
from archiver.flows.intake import spooled
from archiver.formats.http1 import parse_response
from archiver.formats.parquet import read_rows
from archiver.formats.segment_index import parse_index
from archiver.formats.warc_reading import inflate_member, parse_record
from archiver.ledger.disclosed import check_proof

ROOM = 4 << 30


def _stored(path: Path) -> object:
    return LocalStore(path.parent).get(path.name)


def _checked(path: Path) -> object:
    return check_proof(path.read_bytes(), [])


READERS = {
    "member": lambda path: parse_record(inflate_member(path.read_bytes())),
    "intake": lambda path: spooled(path.read_bytes()),
    "response": lambda path: parse_response(path.read_bytes()).problem,
    "rows": lambda path: read_rows(BytesIO(path.read_bytes())),
    "index": lambda path: parse_index(path.read_bytes()),
    "object": _stored,
    "check": _checked,
}


def main() -> None:
    """Read the file; write ``refused``, ``read`` or what a reader said, and kilobytes."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    reader, path = sys.argv[1:]
    try:
        found = READERS[reader](Path(path))
    except ArchiverError as error:
        found = f"refused {error.message}"
    answer = found if isinstance(found, str) else "read"
    # Not `getrusage`: that counts what the process was before it ran this program.
    status = Path("/proc/self/status").read_text("ascii")
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    sys.stdout.write(f"{answer}\n{peak}\n")


if __name__ == "__main__":
    main()
