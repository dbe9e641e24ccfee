"""The archive's own documents: who is who, whom keys are sealed to, what was done. Pure.

Each is a JSON object, the one excerpt of a private record of the ``workflow`` stream, whose
native id is ``<kind>/<name>``. The entry beside it holds numbers, handles and keys only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ACCESS",
    "DECISION",
    "DRILL",
    "IMPORT",
    "KINDS",
    "OPERATION",
    "PERSON",
    "RECIPIENT",
    "SEARCH",
    "encode",
    "kind_of",
    "row_of",
]

PERSON, RECIPIENT, DRILL, ACCESS = "person", "recipient", "drill", "access"
DECISION, SEARCH, IMPORT, OPERATION = "decision", "search", "import", "operation"
KINDS = {
    PERSON: "Person",
    RECIPIENT: "Recipient of keys",
    DRILL: "Restore drill",
    ACCESS: "Looks into private streams",
    DECISION: "Decision on what stays and what goes",
    SEARCH: "Saved search",
    IMPORT: "Import of an export",
    OPERATION: "What whoever runs the archive did",
}
"""Kinds of documents, each with the title of its rows."""


def encode(document: Mapping[str, Any]) -> bytes:
    """Return a document as its record holds it."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode()


def kind_of(native_id: str) -> str:
    """Return the kind of a document by its native id, or "" where it is none of these."""
    kind, slash, _ = native_id.partition("/")
    return kind if slash and kind in KINDS else ""


def row_of(native_id: str, data: bytes) -> dict[str, str]:
    """Return the row of a document. Raises `FormatError` where it is none."""
    try:
        document = json.loads(data)
    except ValueError as error:
        raise FormatError(f"a document can't be read: {error}", where=native_id) from error
    if not isinstance(document, dict):
        raise FormatError("a document is no object", where=native_id)
    row = {"title": KINDS[kind_of(native_id)], "extra": data.decode()}
    return row | ({"name": str(document["name"])} if document.get("name") else {})
