"""Ledger entries: an observation's commitment, or a fact that changes what the archive means.

``0x01 || C`` for an observation, ``0x02 || RFC 8785 JSON`` for everything else
(``docs/formats/ledger.md``). No entry carries personal data, a content digest or a length.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import rfc8785

from archiver.errors import FormatError

__all__ = ["CONTROL_TYPES", "Control", "Ranges", "control", "observation", "parse"]

OBSERVATION = b"\x01"
CONTROL = b"\x02"
COMMITMENT_BYTES = 32
MAX_ENTRY = 65_535

CONTROL_TYPES = frozenset(
    (
        *("seal", "verified", "repeat", "gap", "role", "schedule", "classify", "event", "hold"),
        *("applied", "release", "order", "begin", "done-part", "halt", "done", "generation"),
        *("rekey", "export", "access", "anchor"),
    )
)

Ranges = list[list[int]]
"""Sorted, disjoint, half-open ``[first, end]`` ranges of leaf indexes."""


class Control(NamedTuple):
    """A parsed control entry: its type and all its members."""

    type: str
    body: dict[str, Any]


def observation(commitment: bytes) -> bytes:
    """Return the entry of an observation with commitment ``C`` (32 bytes)."""
    if len(commitment) != COMMITMENT_BYTES:
        raise FormatError("a commitment has 32 bytes", where=f"{len(commitment)} bytes")
    return OBSERVATION + commitment


def control(body: dict[str, Any]) -> bytes:
    """Return a control entry in its one canonical spelling. Raises `FormatError`."""
    if body.get("t") not in CONTROL_TYPES:
        raise FormatError("unknown ledger entry type", where=str(body.get("t")))
    entry = CONTROL + rfc8785.dumps(body)
    if len(entry) > MAX_ENTRY:
        raise FormatError("ledger entry too long", mend="put the set into a sets/ file")
    return entry


def parse(entry: bytes) -> bytes | Control:
    """Return an observation's commitment, or a control entry. Raises `FormatError`."""
    if entry[:1] == OBSERVATION and len(entry) == 1 + COMMITMENT_BYTES:
        return entry[1:]
    if entry[:1] != CONTROL:
        raise FormatError("ledger entry is neither observation nor control", where=repr(entry[:8]))
    try:
        body = json.loads(entry[1:])
    except (ValueError, RecursionError) as error:
        raise FormatError(f"ledger entry is not JSON: {error}") from error
    if not isinstance(body, dict) or body.get("t") not in CONTROL_TYPES:
        raise FormatError("ledger entry of no known type", where=repr(entry[:80]))
    if rfc8785.dumps(body) != entry[1:]:
        raise FormatError("ledger entry is not in canonical JSON (RFC 8785)")
    return Control(body["t"], body)
