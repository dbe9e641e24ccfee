"""Proof by trying of what a folder promises beyond any store: flushing, and little else."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from archiver.edges.localdir import explained, fsync
from archiver.edges.storekeys import RESERVED
from archiver.edges.storeprobe import NotOfferedError, Probe, tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.edges.localdir import Tree
    from archiver.ports import Check

__all__ = ["checks"]

_VOLATILE = frozenset({"ramfs", "tmpfs"})
_MOUNTS = "/proc/self/mountinfo"
_FLUSHED = Probe(
    "flushed",
    "files and folders were flushed to the disk, whose word that it keeps them is taken",
    "what was acknowledged may be gone after a power cut",
)
_ON_DISK = Probe(
    "on-disk",
    "the folder is on a file system that outlives the machine's power",
    "everything is gone after a restart; keep no archive here but for trying things out",
    needed=False,
)
_IMMUTABLE = Probe(
    "immutability",
    "",
    "",
    needed=False,
)


def _flush(tree: Tree, name: str) -> str:
    with (
        explained("flush a file", str(tree.root)),
        tree.folder([RESERVED], make=True) as folder,
    ):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.write(fd, b"flush me")
            fsync(fd)
            fsync(folder)
        finally:
            os.close(fd)
            os.unlink(name, dir_fd=folder)
    return ""


def _kind_of(device: int) -> str:
    """Return the type of the mounted file system with this device number (proc(5))."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:  # noqa: PTH123 - no folder of ours
        for line in mounts:
            before, _, after = line.partition(" - ")
            if before.split(" ")[2] == wanted:
                return after.split(" ")[0]
    return ""


def _on_disk(tree: Tree) -> str:
    with explained("look at the file system", str(tree.root)), tree.folder([]) as folder:
        kind = _kind_of(os.fstat(folder).st_dev)
    return f"the folder is in memory ({kind})" if kind in _VOLATILE else ""


def _immutable() -> str:
    raise NotOfferedError(
        "immutability is not claimed of a folder: who may write to it may change what is stored, "
        "and `verify` only finds it"
    )


def checks(tree: Tree, base: str) -> Sequence[Check]:
    """Try to flush a file whose name is the end of ``base``, and look where the folder is."""
    name = base.rpartition("/")[2] + "flush.part"
    return [
        tried(_FLUSHED, partial(_flush, tree, name)),
        tried(_ON_DISK, partial(_on_disk, tree)),
        tried(_IMMUTABLE, _immutable),
    ]
