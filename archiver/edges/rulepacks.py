"""Files of rule packs: those that are shipped, and those that a city names."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["named_packs", "pack_schema", "shipped_packs"]

_FOLDER = "schemas/retention"


def shipped_packs() -> list[tuple[str, bytes]]:
    """Return the packs that come with the archiver: name of the file, bytes."""
    folder = files("archiver").joinpath(_FOLDER)
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return [(name, folder.joinpath(name).read_bytes()) for name in names]


def pack_schema() -> bytes:
    """Return the open schema of rule packs."""
    return files("archiver").joinpath(f"{_FOLDER}.json").read_bytes()


def named_packs(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return the files at these paths. Raises `UsageError` for one that can't be read."""
    found = []
    for path in paths:
        try:
            found.append((str(path), path.read_bytes()))
        except OSError as error:
            mend = "correct `packs` in [retention] of archiver.toml"
            raise UsageError(
                f"a rule pack can't be read: {error.strerror}", where=str(path), mend=mend
            ) from error
    return found
