"""Files of texts of certificates: those that are shipped, and those that a city names."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["named_texts", "shipped_texts", "text_schema"]

LARGEST = 1 << 20
"""Bytes of a text."""


def shipped_texts() -> list[tuple[str, bytes]]:
    """Return the texts that come with the archiver: name of the file, bytes."""
    folder = files("archiver").joinpath("schemas/certificates")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return [(name, folder.joinpath(name).read_bytes()) for name in names]


def text_schema() -> bytes:
    """Return the open schema of texts."""
    return files("archiver").joinpath("schemas/certificate-text.json").read_bytes()


def named_texts(paths: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Return the files at these paths. Raises `UsageError` for one that can't be read."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:  # one without an end is not read to it
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise UsageError(
                f"the text of a certificate can't be read: {error.strerror}", where=str(path)
            ) from error
        if len(data) > LARGEST:
            raise UsageError("the text of a certificate is far too large", where=str(path))
        found.append((str(path), data))
    return found
