"""Options that many commands share, and opening an archive with them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.settings import load

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.settings import Settings

__all__ = ["ArchiveOption", "HomeOption", "JsonOption", "opened", "settings"]

ArchiveOption = Annotated[
    str, typer.Option("--archive", help="Archive: a directory or s3://bucket/prefix.")
]
HomeOption = Annotated[
    str, typer.Option("--home", help="Where keys, credentials, spool and caches live.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def settings(archive: str, home: str) -> Settings:
    """Return the settings in force for a command."""
    return load(os.environ, Path.cwd(), archive=archive, home=home)


def opened(archive: str, home: str) -> Archive:
    """Open the archive that a command is about."""
    from archiver.wire import open_archive  # pyarrow and friends cost a second

    return open_archive(settings(archive, home), _tell)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
