"""Every key and path of an archive and of a home is made here.

An archive holds ``archive.json``, units (``u/``) and the ledger (``log/``). No key
carries the name of an account, a person or a platform: units and files are random.
"""

from __future__ import annotations

import re

__all__ = [
    "ANCHORS",
    "ARCHIVE_FILE",
    "CHECKPOINT",
    "DAILY",
    "ENTRY_BUNDLES",
    "HEAD",
    "LATE",
    "LOG",
    "PENDING",
    "REFUSED",
    "SETS",
    "STAGING",
    "TILES",
    "UNITS",
    "anchor_key",
    "bundle_key",
    "daily_checkpoint_key",
    "grown_to",
    "late_checkpoint_key",
    "pending_key",
    "refused_key",
    "set_key",
    "staging_key",
    "tile_key",
    "unit_object_key",
]

ARCHIVE_FILE = "archive.json"
LOG = "log/"
HEAD = "log/head"
CHECKPOINT = "log/checkpoint"
PENDING = "log/pending/"
REFUSED = "log/refused/"
ANCHORS = "log/anchors/"
DAILY = "log/checkpoints/"
LATE = ".late"
STAGING = "log/staging/"
TILES = "log/tile/"
ENTRY_BUNDLES = "log/tile/entries/"
SETS = "sets/"
UNITS = "u/"


def _tile_number(number: int) -> str:
    """Return N in groups of three digits, all but the last prefixed (C2SP tlog-tiles)."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:  # noqa: PLR2004 - three digits a group
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_key(level: int, number: int, width: int = 256) -> str:
    """Return the key of a hash tile; ``width`` under 256 names a partial one."""
    partial = "" if width == 256 else f".p/{width}"  # noqa: PLR2004 - full tile width
    return f"{TILES}{level}/{_tile_number(number)}{partial}"


def bundle_key(number: int, width: int = 256) -> str:
    """Return the key of an entry bundle; ``width`` under 256 names a partial one."""
    partial = "" if width == 256 else f".p/{width}"  # noqa: PLR2004 - full tile width
    return f"{ENTRY_BUNDLES}{_tile_number(number)}{partial}"


_PARTIAL = re.compile(
    re.escape(TILES) + r"(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})[.]p/([0-9]{1,3})"
)
_STAGED = re.compile(re.escape(STAGING) + "([0-9]{1,20})-[0-9a-f]{64}")


def grown_to(key: str) -> int | None:
    """Return the least size of a log that has a partial tile or bundle, or a staged bundle.

    None for any other key: only these are outgrown.
    """
    staged, found = _STAGED.fullmatch(key), _PARTIAL.fullmatch(key)
    if staged:
        return int(staged[1])
    if not found:
        return None
    level = 0 if found[1] == "entries" else int(found[1])
    number = int(found[2].replace("/", "").replace("x", ""))
    return (number * 256 + int(found[3])) << 8 * level  # of tiles of 256


def pending_key(batch: str) -> str:
    """Return where a worker leaves a batch for the next sequencer."""
    return f"{PENDING}{batch}"


def refused_key(batch: str) -> str:
    """Return the marker that says why a batch will never be in the log."""
    return f"{REFUSED}{batch}"


def staging_key(size: int, digest: str) -> str:
    """Return where the bundle with that SHA-256 (hex) is staged; it leads to tree ``size``."""
    return f"{STAGING}{size}-{digest}"


def daily_checkpoint_key(day: str) -> str:
    """Return where the first checkpoint of a day (``YYYY-MM-DD``, UTC) is kept for ever."""
    return f"{DAILY}{day}"


def late_checkpoint_key(day: str) -> str:
    """Return where a later checkpoint stands for that of a day whose entries waited."""
    return f"{daily_checkpoint_key(day)}{LATE}"


def anchor_key(name: str) -> str:
    """Return where a file of outside evidence is kept, by its ULID."""
    return f"{ANCHORS}{name}"


def set_key(name: str) -> str:
    """Return where a set of leaves too long for an entry is kept."""
    return f"{SETS}{name}"


def unit_object_key(unit: str, segment: str, suffix: str) -> str:
    """Return the key of one file of a segment, ``suffix`` such as ``warc.gz``."""
    return f"{UNITS}{unit}/{segment}.{suffix}"
