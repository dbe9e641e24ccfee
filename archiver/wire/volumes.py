"""The folder that a volume is written to, and the profiles that come with the archiver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.edges.bagfiles import BagFiles
from archiver.edges.profiles import profile_bytes, shipped_profiles
from archiver.edges.transfers import programs
from archiver.edges.volumes import volume_folder as _volume_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.volume import Folder

__all__ = ["BagFiles", "profile_bytes", "programs", "shipped_profiles", "volume_folder"]


@contextmanager
def volume_folder(path: Path) -> Iterator[Folder]:
    """Yield a new folder that becomes ``path`` at the end.

    Raises as `archiver.edges.volumes.volume_folder`.
    """
    with _volume_folder(path) as folder:
        yield folder
