"""The folder that a transfer is written to, and what each transfer has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.edges.transfers import enclosed, new_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.formats.bag import Folder

__all__ = ["transfer_folder"]


@contextmanager
def transfer_folder(path: Path) -> Iterator[tuple[Folder, Mapping[str, bytes]]]:
    """Yield a new folder that becomes ``path`` at the end, and the files to enclose.

    Raises as `archiver.edges.transfers.new_folder`.
    """
    with new_folder(path) as folder:
        yield folder, enclosed()
