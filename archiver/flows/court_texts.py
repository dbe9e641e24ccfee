"""The texts of certificates at hand: read, held against the open schema, and chosen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema

from archiver.errors import FormatError, UsageError
from archiver.produce.court_text import CourtText, parse, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TextFiles", "court_text", "court_texts"]

MOST_SAID = 200
"""Characters of what does not fit that are shown."""


class TextFiles(NamedTuple):
    """Files of texts (name, bytes), and the schema that they have to fit."""

    schema: bytes
    files: Sequence[tuple[str, bytes]] = ()


def court_texts(files: TextFiles) -> list[CourtText]:
    """Return all texts. Raises `FormatError` for one that does not fit, with its place."""
    validator = jsonschema.Draft202012Validator(json.loads(files.schema))
    return [_one(validator, name, data) for name, data in files.files]


def court_text(files: TextFiles, name: str) -> CourtText:
    """Return the text of a name: of several the last, so a city's own goes before a shipped one.

    Raises `UsageError` for no such text, `FormatError` as `court_texts`.
    """
    every = court_texts(files)
    found = [one for one in every if one.text == name]
    if not found:
        known = ", ".join(sorted({one.text for one in every}))
        raise UsageError(
            "there is no text of a certificate of that name",
            where=name,
            code="certificate-text-unknown",
            mend=f"texts: {known or 'none'}",
        )
    return found[-1]


def _one(validator: Any, name: str, data: bytes) -> CourtText:  # noqa: ANN401 - of jsonschema
    document = read_text(data, name)
    wrong = next(validator.iter_errors(document), None)
    if wrong is not None:
        raise FormatError(
            f"the text of a certificate does not fit its schema: {wrong.message[:MOST_SAID]}",
            where=f"{name}: {wrong.json_path}",
            mend="docs/certificates.md says how a text is written",
        )
    return parse(document, data)
