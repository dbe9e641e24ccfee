"""Settings of the archive's copies (``[[replica]]`` of ``archiver.toml``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.settings_table import Table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOCKS", "ReplicaSettings", "replica_settings"]

LOCKS = ("governance", "compliance")
"""How objects of a bucket with S3 Object Lock are locked."""


class ReplicaSettings(NamedTuple):
    """A copy of the archive elsewhere (``[[replica]]`` in the file).

    ``name``: what reports and certificates call it; ``archive``: a directory or
    ``s3://bucket/prefix``; ``place``: where that is, in words; ``locks``: how its bucket locks,
    ``none``: not by us; empty: as the archive's.
    """

    name: str
    archive: str
    place: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    locks: str = ""


def replica_settings(listed: object, path: Path) -> tuple[ReplicaSettings, ...]:
    """Return the tables ``replica``. Raises `UsageError` for one that is not right."""
    whole = Table({"replica": listed}, path, "", "docs/replicas.md has an example")
    found = tuple(
        ReplicaSettings(*(one.text(name) for name in ReplicaSettings._fields))
        for one in whole.tables("replica", ReplicaSettings._fields)
    )
    if any(one.locks not in ("", "none", *LOCKS) for one in found):
        raise whole.wrong(f"the locks of a replica are {', '.join(LOCKS)} or none")
    names = [one.name for one in found]
    if not all(re.fullmatch("[a-z][a-z0-9-]{0,31}", name) for name in names):
        raise whole.wrong("a replica has a name of small letters, digits and hyphens")
    if "archive" in names:  # so reports call the archive itself
        raise whole.wrong("no replica is called archive")
    if len(set(names)) < len(names) or not all(one.archive for one in found):
        raise whole.wrong("each replica has a name of its own, and an archive, where it is")
    return found
