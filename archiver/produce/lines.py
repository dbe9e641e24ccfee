"""Documents as lines of JSON: all that is shown of each, with gaps as gaps. Pure.

A text of which something is withheld is a list of what is shown and of ``{"words", "exemptions"}``:
here alone nobody can take a sign for somebody's words, or words for a sign.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.produce.shown import is_whole

if TYPE_CHECKING:
    from archiver.produce.document import Native, Text, Version
    from archiver.produce.placed import Placed

__all__ = ["SCHEMA", "line_of"]

SCHEMA = "civic-archive/document/1"


def line_of(placed: Placed) -> bytes:
    """Return a document as one line."""
    one = placed.document
    paths = iter(placed.natives)
    told = {
        "schema": SCHEMA,
        "first_bates": placed.first,
        "last_bates": placed.last,
        "record": one.record,
        "platform": one.platform,
        "account": one.account,
        "stream": one.stream,
        "state": one.state,
        "custodian": one.custodian,
        "family": one.family,
        "parent": one.parent,
        "thread": one.thread,
        "title": one.title,
        "tags": list(one.tags),
        "exemptions": list(one.exemptions),
        "versions": [_version(version) for version in one.versions],
        "natives": [
            _native(native, "" if native.withheld else getattr(next(paths, None), "path", ""))
            for native in one.natives
        ],
        "proofs": {str(leaf): path for leaf, path in placed.proofs},
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _version(version: Version) -> dict[str, Any]:
    return {
        "leaf": version.leaf,
        "observation": version.observation,
        "kind": version.kind,
        "captured_at": version.captured_at,
        "fields": {name: _text(text) for name, text in version.fields.items()},
        "closed": {name: list(codes) for name, codes in version.closed.items()},
    }


def _text(text: Text) -> str | list[Any]:
    if is_whole(text):
        return "".join(map(str, text))
    return [
        part
        if isinstance(part, str)
        else {"words": part.words, "exemptions": list(part.exemptions)}
        for part in text
    ]


def _native(native: Native, path: str) -> dict[str, Any]:
    """Return a file. Of a withheld one neither name nor size is told: both may say what it is."""
    if native.withheld:
        return {"media_type": native.media_type, "withheld": list(native.withheld)}
    return {
        "name": native.name,
        "media_type": native.media_type,
        "size": native.size,
        "path": path,
        "masked": native.masked,
    }
