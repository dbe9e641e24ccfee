"""Options that many commands share, and opening an archive with them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.errors import UsageError
from archiver.settings import load

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.settings import Settings

__all__ = [
    "ArchiveOption",
    "HomeOption",
    "JsonOption",
    "KeyOption",
    "SignOption",
    "opened",
    "person_key",
    "settings",
    "signing_keys",
]

ArchiveOption = Annotated[
    str, typer.Option("--archive", help="Archive: a directory or s3://bucket/prefix.")
]
HomeOption = Annotated[
    str, typer.Option("--home", help="Where keys, credentials, spool and caches live.")
]
KeyOption = Annotated[
    str,
    typer.Option(
        "--key", metavar="FILE|URI", help="Your key: file or pkcs11: URI; or ARCHIVER_PERSON."
    ),
]
SignOption = Annotated[
    list[str] | None,
    typer.Option("--sign", metavar="FILE|URI", help="Key of somebody who signs."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def settings(archive: str, home: str) -> Settings:
    """Return the settings in force for a command."""
    found = load(os.environ, Path.cwd(), archive=archive, home=home)
    if found.archive and "://" not in found.archive:
        _check_apart(Path(found.archive), found.home)
    return found


def _check_apart(archive: Path, home: Path) -> None:
    """Refuse a home inside the archive: whoever copies the archive would copy its keys."""
    try:
        inside = home.resolve().is_relative_to(archive.resolve())
    except (OSError, RuntimeError):  # a loop of links, which opening the archive will report
        return
    if inside:
        raise UsageError(
            "the home lies inside the archive, which would then carry its own keys",
            where=str(home),
            code="home-inside",
            mend="give --home another folder, or set ARCHIVER_HOME",
        )


def person_key(path: str, archive: str = "", home: str = "") -> PersonKey | None:
    """Return the key of whoever gives the command, or None where none is named."""
    from archiver.wire import open_person_key

    named = path or settings(archive, home).person
    return open_person_key(named) if named else None


def signing_keys(paths: list[str] | None) -> list[PersonKey]:
    """Return the keys in these files and tokens."""
    from archiver.wire import open_person_key

    return [open_person_key(path) for path in paths or []]


def opened(archive: str, home: str, key: str = "") -> Archive:
    """Open the archive that a command is about, as the person whose key file it is."""
    from archiver.wire import open_archive  # pyarrow and friends cost a second

    found = settings(archive, home)
    return open_archive(replace(found, person=key or found.person), _tell)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
