"""Reading rows in a process that ends at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import io, os
from archiver.formats.parquet import read_rows, rows_of, write_rows
data = write_rows("posts", [{"text": "Mind the gap."}], b"n" * 32, b"p")
before = len(os.listdir("/proc/self/task"))
assert rows_of(read_rows(io.BytesIO(data))) == [{"text": "Mind the gap."}]
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux lists them")
def test_reading_rows_starts_no_thread() -> None:
    """No thread is left starting when a short command ends, for that would abort it."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True)
    assert done.stdout.strip() == b"0"
