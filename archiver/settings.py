"""Settings: one ``archiver.toml``, overridden by the environment, overridden by options."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archiver.errors import UsageError
from archiver.retention_settings import NOTHING_SETTLED, RetentionSettings, retention_settings
from archiver.settings_anchors import NO_ANCHORS, AnchorSettings, anchor_settings
from archiver.settings_replicas import LOCKS, ReplicaSettings, replica_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "load"]

FILE = "archiver.toml"
NAMES = (
    *("archive", "home", "s3_endpoint", "s3_region", "sweep_days"),
    *("person", "keystore", "kms", "webhook_url", "locks", "credentials_key", "doorbell"),
    *("ocr", "browser", "chromium", "s3_kms_key", "s3_purge_role"),
)
CHROMIUM = "/usr/bin/chromium"
TABLES = ("anchors", "budgets", "replica", "retention")
MOST_SPENT = 1e12
"""Units of a budget: what is more is a slip."""
DAYS, MOST_DAYS = 28, 365
"""Four weeks: what is gone is noticed before the 30 days are over for which platforms keep
their bins and policies ask that removed content be kept."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the archive and the home are, and how to reach an S3 store.

    ``archive``: a directory or ``s3://bucket/prefix``; ``home``: keys, credentials,
    spool, caches, never inside the archive. ``sweep_days``: the days after which a
    reconciling run reads everything, whatever its age; 1: each run of a night does.
    ``person``: the key of whoever gives the commands, if somebody does: a file, or a
    PKCS #11 URI.
    ``keystore``: a folder, or ``s3://bucket/prefix`` at the same ``s3_endpoint``, for wrapped
    file keys that several homes share, in place of one in the home; what seals the keys of
    periods stays in the home that made them.
    ``budgets``: by platform, what may be spent in its period (``[budgets]`` in the file), in
    the unit that `archiver status` names: dollars a month, quota units a day.
    ``kms``: ``aws`` has AWS KMS seal them. ``webhook_url``: the address under which platforms
    reach this home's receiver, such as ``https://hooks.example.gov``. ``retention``: what the
    city settles (``[retention]``); ``packs``: files of its own rule packs.
    ``locks``: ``governance`` or ``compliance``, how objects of a bucket with S3 Object Lock are
    locked; empty: not by us. ``replicas``: copies of the archive that `archiver replicate` keeps.
    ``credentials_key``: a file with the key that seals the credentials of this home, in place
    of one by ``kms``, or else in the home itself. ``ocr``: the languages, as tesseract names them,
    in which texts in pictures are read (``eng+spa``); empty: none are. ``browser``: the Python of
    the environment that drives one, and ``chromium``: that program (docs/platforms/website.md).
    ``doorbell``: the queue that the receiver rings and Airflow listens at
    (`archiver.wire.doorbells`); empty: none. ``s3_kms_key``: ARN of the KMS key that the
    archive's bucket encrypts with, where not as it does by itself; ``s3_purge_role``: ARN of the
    role that removes versions of files (`archiver.edges.s3purge`).
    """

    archive: str
    home: Path
    s3_endpoint: str = ""
    s3_region: str = ""
    sweep_days: int = DAYS
    person: str = ""
    anchors: AnchorSettings = NO_ANCHORS
    keystore: str = ""
    kms: str = ""
    budgets: Mapping[str, float] = field(default_factory=dict)
    webhook_url: str = ""
    retention: RetentionSettings = NOTHING_SETTLED
    packs: tuple[Path, ...] = ()
    locks: str = ""
    replicas: tuple[ReplicaSettings, ...] = ()
    credentials_key: str = ""
    ocr: str = ""
    browser: str = ""
    chromium: str = ""
    doorbell: str = ""
    s3_kms_key: str = ""
    s3_purge_role: str = ""


def load(
    environ: Mapping[str, str], folder: Path, *, archive: str = "", home: str = ""
) -> Settings:
    """Return the settings in force. Raises `UsageError` for a file that is not right.

    Args:
        environ: each of `NAMES` in capitals, with ``ARCHIVER_`` before it (``ARCHIVER_HOME``);
            ``ARCHIVER_CONFIG`` names another file.
        folder: where ``archiver.toml`` is looked for.
        archive: overrides both, from the command line.
        home: overrides both, from the command line.
    """
    named = environ.get("ARCHIVER_CONFIG", "")
    if named and not Path(named).is_file():
        raise UsageError(
            "there is no such settings file", where=named, mend="correct or unset ARCHIVER_CONFIG"
        )
    path = Path(named or folder / FILE)
    values, tables = _file(path)
    retention = retention_settings(tables.get("retention", {}), str(path))
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
        anchors=anchor_settings(tables.get("anchors", {}), path),
        keystore=values["keystore"],
        kms=_kms(values["kms"]),
        budgets=_budgets(tables.get("budgets", {}), path),
        webhook_url=_base(values["webhook_url"]),
        retention=retention,
        packs=tuple(path.parent / name for name in retention.packs),
        locks=_locks(values["locks"]),
        replicas=replica_settings(tables.get("replica", []), path),
        credentials_key=values["credentials_key"],
        ocr=_languages(values["ocr"]),
        browser=values["browser"],
        chromium=values["chromium"] or CHROMIUM,
        doorbell=values["doorbell"],
        s3_kms_key=values["s3_kms_key"],
        s3_purge_role=values["s3_purge_role"],
    )


def _base(url: str) -> str:
    """Return the address of the receiver without a slash at its end."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    plain = url.isascii() and url.isprintable() and not (parts.query or parts.fragment)
    known = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if url and not (plain and known):
        raise UsageError(
            "not the address of a receiver",
            where=f"webhook_url: {url}",
            mend="write it as https://hooks.example.gov",
        )
    return url.rstrip("/")


def _kms(name: str) -> str:
    if name not in ("", "aws"):
        raise UsageError("no such KMS", where=f"kms: {name}", mend="write aws, or leave it out")
    return name


def _locks(mode: str) -> str:
    if mode not in ("", *LOCKS):
        raise UsageError(
            "no such mode of locks",
            where=f"locks: {mode}",
            mend=f"write {' or '.join(LOCKS)}, or leave it out",
        )
    return mode


def _languages(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z_]{3,40}(\+[A-Za-z_]{3,40})*", text):
        mend = "write them as tesseract does: eng+spa"
        raise UsageError("not the languages of OCR", where=f"ocr: {text}", mend=mend)
    return text


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= len("365") else 0
    if not 0 < days <= MOST_DAYS:
        raise UsageError(
            "not a number of days",
            where=f"sweep_days: {text}",
            mend=f"write a whole number from 1 to {MOST_DAYS}, in quotation marks",
        )
    return days


def _budgets(table: Any, path: Path) -> dict[str, float]:  # noqa: ANN401 - any TOML value
    """Return the table ``budgets``. Raises `UsageError` for one that is not right."""
    found = table if isinstance(table, dict) else {"": table}
    for name, value in found.items():
        # A budget that can't be read must never stand for "no limit".
        if type(value) not in {int, float} or not 0 < value < MOST_SPENT:
            raise UsageError(
                "not a budget",
                where=f"{path}: [budgets] {name}".strip(),
                mend="write PLATFORM = NUMBER, above 0, in the unit that `archiver status` names",
            )
    return {name: float(value) for name, value in found.items()}


def _file(path: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what a settings file says: its texts, and its `TABLES`."""
    if not path.is_file():
        return {}, {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"settings can't be read: {error}", where=str(path)) from error
    tables = {name: values.pop(name) for name in TABLES if name in values}
    for name, value in values.items():
        if name not in NAMES or not isinstance(value, str):
            raise UsageError(
                "unknown setting, or not a text",
                where=f"{path}: {name}",
                mend=f"settings are {', '.join(NAMES)}, and the tables {', '.join(TABLES)}",
            )
    return dict(values), tables
