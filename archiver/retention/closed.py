"""Types of members of closed JSON documents: each is checked when a document is decoded. Pure."""

from __future__ import annotations

import inspect
import json
from typing import Annotated

import msgspec

__all__ = [
    "ArchiveId",
    "Closed",
    "Count",
    "Day",
    "Days",
    "Digest",
    "Handle",
    "Sha256",
    "Time",
    "schema",
]

_MOMENT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z"


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object that has its members and no others."""


ArchiveId = Annotated[str, msgspec.Meta(pattern="^[0-9a-z]{1,64}$")]
Handle = Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{26}$")]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Digest = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
"""A SHA-256, or nothing."""
Day = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
"""A day, or nothing."""
Days = Annotated[int, msgspec.Meta(ge=0, le=9999)]
Time = Annotated[str, msgspec.Meta(pattern=f"^({_MOMENT})?$")]
"""A canonical time, or nothing."""
Count = Annotated[int, msgspec.Meta(ge=0)]


def schema(kind: type[Closed]) -> str:
    """Return the JSON Schema of a kind of document, as text."""
    made = msgspec.json.schema(kind)
    for one in made["$defs"].values():
        one["description"] = inspect.cleandoc(one["description"])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.__name__}
    return json.dumps({**head, **made}, indent=1, ensure_ascii=False) + "\n"
