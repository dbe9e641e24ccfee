"""Rule packs as they are at hand: read, held against the open schema, and listed."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema

from archiver.errors import FormatError, UsageError
from archiver.retention.schedule import parse, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.retention.schedule import Pack
    from archiver.retention_settings import PackFiles

__all__ = ["packs_of", "schedule", "schedules"]

MOST_SAID = 200
"""Characters of what does not fit that are shown: a whole document may be quoted there."""


def packs_of(files: PackFiles) -> list[Pack]:
    """Return the packs. Raises `FormatError` for one that does not fit, with its place."""
    return [pack for pack, _ in _read(files)]


def schedules(files: PackFiles) -> list[dict[str, Any]]:
    """Return of each pack what it is, how many rows it has and of how many a period is known."""
    return [
        {
            "schedule": pack.schedule,
            "version": pack.version,
            "title": pack.title,
            "jurisdiction": pack.jurisdiction,
            "rank": str(pack.rank),
            "opt_in": pack.opt_in,
            "effective": str(pack.effective or "unknown"),
            "expires": str(pack.expires or "never"),
            "adoption": pack.adoption,
            "rows": len(pack.rows),
            "required": sum(row.required for row in pack.rows),
            "sha256": pack.digest,
        }
        for pack in packs_of(files)
    ]


def schedule(files: PackFiles, name: str) -> list[dict[str, Any]]:
    """Return the packs of a schedule as they are written, each version with its digest.

    Raises `UsageError` where there is none of that name.
    """
    found = [
        {**document, "sha256": pack.digest}
        for pack, document in _read(files)
        if pack.schedule == name
    ]
    if not found:
        mend = "see `archiver schedule list`"
        raise UsageError("there is no such schedule", where=name, mend=mend)
    return found


def _read(files: PackFiles) -> list[tuple[Pack, Mapping[str, Any]]]:
    return [_one(files.schema, name, data) for name, data in files.files]


@lru_cache(maxsize=256)  # a process that evaluates often has the same packs each time
def _one(schema: bytes, name: str, data: bytes) -> tuple[Pack, Mapping[str, Any]]:
    document = read_yaml(data, name)
    validator = jsonschema.Draft202012Validator(json.loads(schema))
    wrong = next(validator.iter_errors(document), None)
    if wrong is not None:
        said = wrong.message[:MOST_SAID]
        raise FormatError(
            f"the rule pack does not fit its schema: {said}",
            where=f"{name}: {wrong.json_path}",
            mend="docs/formats/rule-packs.md says how a pack is written",
        )
    return parse(document, data), document
