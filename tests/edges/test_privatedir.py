"""New files of secrets: private, whole or not there, and never in another's place."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.edges.privatedir import create_text, read_private
from archiver.errors import KeyStoreError


def test_a_new_file_is_private_and_alone(tmp_path: Path) -> None:
    """The file is 0600 in a folder of 0700 that is made with it, and nothing else is there."""
    path = tmp_path / "new" / "one.key"
    create_text(path, "secret\n")
    assert read_private(path) == b"secret\n"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_there_stays(tmp_path: Path, kind: str) -> None:
    """Whatever has the name keeps it: a file, a folder, a link to nowhere."""
    path = tmp_path / "one.key"
    if kind == "file":
        path.write_bytes(b"older")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreError) as caught:
        create_text(path, "secret", taken="it is taken", mend="use it")
    assert (caught.value.message, caught.value.mend) == ("it is taken", "use it")
    assert list(tmp_path.iterdir()) == [path]


FULL = """
import sys
from pathlib import Path
from archiver.edges.privatedir import create_text
create_text(Path(sys.argv[1]), "x" * 10_000)
"""


def _limited() -> None:
    """Let no file grow beyond 100 bytes, as on a full disk; the write is told, not killed."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_leaves_no_half_of_a_secret(tmp_path: Path) -> None:
    """Where the bytes can't all be written, no file of any name stays behind."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", FULL, str(tmp_path / "one.key")],
        cwd=Path(__file__).parents[2],
        preexec_fn=_limited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "KeyStoreError" in done.stderr
    assert list(tmp_path.iterdir()) == []
