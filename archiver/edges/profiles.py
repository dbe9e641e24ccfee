"""Files of profiles: those that are shipped, and one that a city names."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from archiver.errors import UsageError

__all__ = ["profile_bytes", "shipped_profiles"]

_FOLDER = "schemas/profiles"
_LARGEST = 1024 * 1024


def shipped_profiles() -> list[str]:
    """Return the names of profiles that come with the archiver."""
    folder = files("archiver").joinpath(_FOLDER)
    return sorted(
        one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml")
    )


def profile_bytes(name: str) -> bytes:
    """Return a profile by its name, or by the path of its file. Raises `UsageError`."""
    if name in shipped_profiles():
        return files("archiver").joinpath(f"{_FOLDER}/{name}.yaml").read_bytes()
    mend = f"give the path of a file, or one of: {', '.join(shipped_profiles())}"
    try:
        with Path(name).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError("no such profile", where=name, mend=mend) from error
    if len(data) > _LARGEST:
        raise UsageError("a profile is far too large", where=name, mend=mend)
    return data
