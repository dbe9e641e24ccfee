"""An archive full of bombs: whole commands name each of them, in less than 256 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

MOST = 256 << 10
"""Kilobytes that a command may take, Python and its libraries with it."""


class Measured(NamedTuple):
    """How a command ended: its code, its document, and the most kilobytes it had."""

    code: int
    document: dict[str, Any]
    kilobytes: int


def measured(folder: Path, module: str, *words: str) -> Measured:
    """Run ``main`` of a module in a process of its own."""
    place = {"ARCHIVER_ARCHIVE": str(folder / "archive"), "ARCHIVER_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.measured", module, *words, "--json"],
        env={**os.environ, **place}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = json.loads(done.stdout) if done.stdout else {}
    return Measured(done.returncode, said, int(done.stderr.split()[-1]))


def gzip_bomb(path: Path) -> None:
    """A header of 261 kilobytes, compressed, that inflates to 256 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        file.write(packer.compress(b"WARC/1.1\r\nX: "))
        for _ in range(256):
            file.write(packer.compress(b"x" * (1 << 20)))
        file.write(packer.flush())


def sparse(path: Path) -> None:
    """A file of 100 GB that takes no room."""
    with path.open("wb") as file:
        file.truncate(100 << 30)


def deep(path: Path) -> None:
    """Thirty million brackets."""
    path.write_bytes(b"[" * (30 << 20))


BOMBS = {"warc.gz": gzip_bomb, "parquet": sparse, "idx": deep}


def test_bombs_in_place_of_every_kind_of_file(copy: Path) -> None:
    """Each is named by both verifiers; the log and what is whole are checked all the same."""
    planted = set()
    for ending, plant in BOMBS.items():
        path = min(path for path in (copy / "archive" / "u").rglob(f"*.{ending}"))
        plant(path)
        planted.add(path.relative_to(copy / "archive").as_posix())
    ours = measured(copy, "archiver.cli.main", "verify", "--deep")
    assert ours.code == 1
    assert {one["where"] for one in ours.document["findings"]} >= planted
    assert ours.kilobytes < MOST


def test_bombs_for_the_other_verifier(copy: Path) -> None:
    """It reads what it reads in pieces, and names each bomb by its hash."""
    planted = set()
    for ending in ("warc.gz", "idx"):  # a sparse file would have to be read to its end
        path = min(path for path in (copy / "archive" / "u").rglob(f"*.{ending}"))
        BOMBS[ending](path)
        planted.add(path.relative_to(copy / "archive").as_posix())
    theirs = measured(copy, "verifier.verify", str(copy / "archive"))
    assert theirs.code == 1
    assert {one["where"] for one in theirs.document["findings"]} >= planted
    assert theirs.kilobytes < MOST


@pytest.mark.parametrize("plant", [gzip_bomb, sparse, deep])
def test_bombs_in_place_of_a_proof(captured: Captured, tmp_path: Path, plant: Any) -> None:  # noqa: ANN401 - writes a file
    """`archiver check` refuses each before it is read."""
    plant(tmp_path / "proof.json")
    key = captured.ran["init"].document["data"]["keys"][0]
    ran = measured(
        tmp_path, "archiver.cli.main", "check", str(tmp_path / "proof.json"), "--key", key
    )
    assert ran.code in {1, 2, 3}
    assert ran.document["findings"]
    assert ran.kilobytes < MOST


@pytest.mark.parametrize("key", ["log/head", "log/checkpoint", "archive.json"])
def test_bombs_in_place_of_the_log(copy: Path, key: str) -> None:
    """No command falls for a file of the log that is larger than any of ours."""
    with (copy / "archive" / key).open("wb") as file:
        file.truncate(300 << 20)
    ran = measured(copy, "archiver.cli.main", "verify")
    assert ran.code in {1, 3}
    assert ran.document["findings"]
    assert ran.kilobytes < MOST
