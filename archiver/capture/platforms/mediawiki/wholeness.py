"""Whether an answer is a whole one: has what a query of its kind always brings.

A wiki (or what stands before it) that leaves aside a part of a request answers with status
200, perhaps with a warning, and without the list that was asked for. That is no empty list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec

from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["lack_of"]

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENDS = ("continue", "batchcomplete")


def lack_of(url: str, body: bytes) -> str:
    """Return what an answer lacks that says everything it was asked for; empty for nothing.

    Every answer says that it goes on or that it is complete (API:Continue). A list has its
    member, empty too; a generator that finds nothing has none, unless the wiki says that it
    did not understand the query (a warning of the module ``query``).
    """
    answer = _members(body)
    if answer is None:
        return ""  # judged byte by byte: what is not understood is residue
    if not any(name in answer for name in _ENDS):
        return "its end"
    if "continue" in answer:
        return ""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    inside = _members(answer.get("query", b"")) or {}
    if "list" in asked:
        return "" if asked["list"] in inside else asked["list"]
    if "general" in asked.get("siprop", ""):
        return "" if "general" in inside else "general"
    misread = "query" in (_members(answer.get("warnings", b"")) or {})
    return "pages" if misread and "pages" not in inside else ""


def _members(data: bytes | msgspec.Raw) -> Mapping[str, msgspec.Raw] | None:
    try:
        return _OBJECT.decode(data)
    except UNREADABLE:
        return None
