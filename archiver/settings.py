"""Settings: one ``archiver.toml``, overridden by the environment, overridden by options."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "load"]

FILE = "archiver.toml"
NAMES = (
    *("archive", "home", "s3_endpoint", "s3_region", "sweep_days"),
    *("person", "keystore", "kms"),
)
DAYS, MOST_DAYS = 28, 365
"""Four weeks: what is gone is noticed before the 30 days are over for which platforms keep
their bins and policies ask that removed content be kept."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the archive and the home are, and how to reach an S3 store.

    ``archive``: a directory or ``s3://bucket/prefix``; ``home``: keys, credentials,
    spool, caches, never inside the archive. ``sweep_days``: the days after which a
    reconciling run reads everything, whatever its age; 1: each run of a night does.
    ``person``: the key file of whoever gives the commands, if somebody does.
    ``keystore``: a folder for wrapped file keys that several homes share, in place of one
    in the home; what seals the keys of periods stays in the home that made them.
    ``kms``: ``aws`` has AWS KMS seal them.
    """

    archive: str
    home: Path
    s3_endpoint: str = ""
    s3_region: str = ""
    sweep_days: int = DAYS
    person: str = ""
    keystore: str = ""
    kms: str = ""


def load(
    environ: Mapping[str, str], folder: Path, *, archive: str = "", home: str = ""
) -> Settings:
    """Return the settings in force. Raises `UsageError` for a file that is not right.

    Args:
        environ: ``ARCHIVER_ARCHIVE``, ``ARCHIVER_HOME``, ``ARCHIVER_S3_ENDPOINT``,
            ``ARCHIVER_S3_REGION``, ``ARCHIVER_SWEEP_DAYS``, ``ARCHIVER_PERSON``,
            ``ARCHIVER_KEYSTORE``, ``ARCHIVER_KMS``; ``ARCHIVER_CONFIG`` names another file.
        folder: where ``archiver.toml`` is looked for.
        archive: overrides both, from the command line.
        home: overrides both, from the command line.
    """
    named = environ.get("ARCHIVER_CONFIG", "")
    if named and not Path(named).is_file():
        raise UsageError(
            "there is no such settings file", where=named, mend="correct or unset ARCHIVER_CONFIG"
        )
    values = _file(Path(named or folder / FILE))
    for name in NAMES:
        values[name] = environ.get(f"ARCHIVER_{name.upper()}", "") or values.get(name, "")
    default = Path(environ.get("XDG_DATA_HOME", "") or Path.home() / ".local" / "share")
    return Settings(
        archive=archive or values["archive"],
        home=Path(home or values["home"] or default / "civic-archiver"),
        s3_endpoint=values["s3_endpoint"],
        s3_region=values["s3_region"],
        sweep_days=_days(values["sweep_days"]) if values["sweep_days"] else DAYS,
        person=values["person"],
        keystore=values["keystore"],
        kms=_kms(values["kms"]),
    )


def _kms(name: str) -> str:
    if name not in ("", "aws"):
        raise UsageError("no such KMS", where=f"kms: {name}", mend="write aws, or leave it out")
    return name


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= len("365") else 0
    if not 0 < days <= MOST_DAYS:
        raise UsageError(
            "not a number of days",
            where=f"sweep_days: {text}",
            mend=f"write a whole number from 1 to {MOST_DAYS}, in quotation marks",
        )
    return days


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"settings can't be read: {error}", where=str(path)) from error
    for name, value in values.items():
        if name not in NAMES or not isinstance(value, str):
            raise UsageError(
                "unknown setting, or not a text",
                where=f"{path}: {name}",
                mend=f"settings are {', '.join(NAMES)}",
            )
    return dict(values)
