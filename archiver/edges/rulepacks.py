"""Files of rule packs: those that are shipped, and those that a city names."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "exemption_schema",
    "named_packs",
    "pack_schema",
    "shipped_exemptions",
    "shipped_packs",
]

LARGEST = 4 * 1024 * 1024
"""Bytes of a pack: some ten thousand rows."""
_FOLDER = "schemas/retention"
_EXEMPTIONS = "schemas/exemptions"


def shipped_packs() -> list[tuple[str, bytes]]:
    """Return the packs that come with the archiver: name of the file, bytes."""
    return _shipped(_FOLDER)


def shipped_exemptions() -> list[tuple[str, bytes]]:
    """Return the files of exemptions that come with the archiver: name, bytes."""
    return _shipped(_EXEMPTIONS)


def _shipped(where: str) -> list[tuple[str, bytes]]:
    folder = files("archiver").joinpath(where)
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return [(name, folder.joinpath(name).read_bytes()) for name in names]


def pack_schema() -> bytes:
    """Return the open schema of rule packs."""
    return files("archiver").joinpath(f"{_FOLDER}.json").read_bytes()


def exemption_schema() -> bytes:
    """Return the open schema of exemptions."""
    return files("archiver").joinpath(f"{_EXEMPTIONS}.json").read_bytes()


def named_packs(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return the files at these paths. Raises `UsageError` for one that can't be read."""
    mend = "correct `packs` in [retention] of archiver.toml"
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:  # one without an end is not read to it
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise UsageError(
                f"a rule pack can't be read: {error.strerror}", where=str(path), mend=mend
            ) from error
        if len(data) > LARGEST:
            raise UsageError("a rule pack is far too large", where=str(path), mend=mend)
        found.append((str(path), data))
    return found
