"""What a ``seal`` entry must have, so that whoever reads the ledger can rely on it. Pure.

Member by member: ``docs/formats/ledger.md``. A seal that only half says where its leaves
are would be in the log for ever, so it is refused before it gets there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger import ranges
from archiver.ledger.compaction import COMPACT, check_superseding
from archiver.ledger.destroying import DESTROY, check_destroying

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMPACT", "DESTROY", "INTAKE", "SETTLE", "check_seal", "named_leaves"]

INTAKE, SETTLE = "intake", "settle"

_NAME = re.compile("[0-9A-Za-z]{1,64}")
_SUFFIX = re.compile("[0-9a-z]{1,16}([.][0-9a-z]{1,16}){0,3}")
_SHA256 = re.compile("[0-9a-f]{64}")


def check_seal(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a seal has all its members, each of its form."""
    if body.get("stage") not in (INTAKE, SETTLE, COMPACT, DESTROY):
        raise FormatError("seal of no known stage", where=repr(body.get("stage"))[:80])
    _require(body, ("account",), "seal")
    settling = body["stage"] == SETTLE
    if settling != ("batch" in body) or (settling and not _is_positive(body["batch"])):
        raise FormatError("seal without its settling batch number, or with one it can't have")
    _check_numbers(body)
    if body["stage"] == COMPACT:
        check_superseding(body)
    if body["stage"] == DESTROY:
        check_destroying(body)
    segments = body.get("segments")
    if not isinstance(segments, list):
        raise FormatError("seal without a list of segments")
    for segment in segments:
        _check_segment(segment)


def named_leaves(body: Mapping[str, Any]) -> ranges.Ranges:
    """Return the leaves that a well-formed ``seal`` or ``generation`` names, as they come."""
    if body["t"] == "generation":
        return [*body["leaves"], *body["of"]]
    segments = body["segments"] if body["t"] == "seal" else ()
    return [pair for one in segments for pair in one["leaves"]]


def _require(body: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    for name in names:
        if not isinstance(body.get(name), str) or not body[name]:
            raise FormatError(f"{what} without {name}", where=repr(body.get(name))[:80])


def _is_positive(value: object) -> bool:
    return type(value) is int and value > 0


def _check_numbers(body: Mapping[str, Any]) -> None:
    if ("lane" in body) != ("exchanges" in body):
        raise FormatError("seal names a lane or exchange numbers, not both")
    if "lane" in body:
        _require(body, ("lane",), "seal")
        numbers = body["exchanges"]
        if not ranges.are_ranges(numbers) or (numbers and numbers[0][0] < 1):
            raise FormatError("seal with malformed exchange numbers")


def _check_segment(segment: object) -> None:
    if not isinstance(segment, dict):
        raise FormatError("a segment in a seal is no object")
    _require(segment, ("unit", "segment", "series", "period", "sensitivity"), "segment")
    objects = segment.get("objects")
    if not isinstance(objects, dict) or not all(map(_is_object, objects.items())):
        raise FormatError("a segment in a seal lacks the SHA-256 of its files")
    named = _NAME.fullmatch(segment["unit"]) and _NAME.fullmatch(segment["segment"])
    if not named or not ranges.are_ranges(segment.get("leaves")):
        raise FormatError("a segment in a seal has a malformed name or malformed leaves")


def _is_object(item: tuple[object, object]) -> bool:
    suffix, digest = item
    return (
        isinstance(suffix, str)
        and isinstance(digest, str)
        and bool(_SUFFIX.fullmatch(suffix) and _SHA256.fullmatch(digest))
    )
