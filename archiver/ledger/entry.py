"""Ledger entries: an observation's commitment, or a fact that changes what the archive means.

``0x01 || C`` for an observation, ``0x02 || RFC 8785 JSON`` for everything else
(``docs/formats/ledger.md``). No entry carries personal data, a content digest or a length.
Pure.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import rfc8785

from archiver.errors import FormatError
from archiver.ledger.anchor import check_anchor
from archiver.ledger.compaction import COMPACT, check_done_part
from archiver.ledger.generation import check_generation
from archiver.ledger.seal import check_seal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

__all__ = [
    "COMMITMENT_BYTES",
    "CONTROL_TYPES",
    "OBSERVATION",
    "OBSERVATION_BYTES",
    "TIME",
    "Control",
    "control",
    "days",
    "is_time",
    "observation",
    "parse",
]

OBSERVATION = b"\x01"
CONTROL = b"\x02"
COMMITMENT_BYTES = 32
OBSERVATION_BYTES = 1 + COMMITMENT_BYTES
MAX_ENTRY = 65_535

CONTROL_TYPES = frozenset(
    (
        *("seal", "verified", "repeat", "gap", "role", "schedule", "classify", "event", "hold"),
        *("applied", "release", "order", "begin", "done-part", "halt", "done", "generation"),
        *("rekey", "export", "access", "anchor", "copy", "retire", "matter"),
        "redact",
    )
)

_MEMBERS = ("t", "id", "time")
TIME: re.Pattern[str] = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{6}Z"
)
_NO_MORE = "9999"
"""No time begins so: what is counted from a time has to be a time as well."""


class Control(NamedTuple):
    """A parsed control entry: its type and all its members."""

    type: str
    body: dict[str, Any]


def observation(commitment: bytes) -> bytes:
    """Return the entry of an observation with commitment ``C`` (32 bytes).

    Raises `FormatError` for any other length.
    """
    if len(commitment) != COMMITMENT_BYTES:
        raise FormatError("a commitment has 32 bytes", where=f"{len(commitment)} bytes")
    return OBSERVATION + commitment


def control(body: dict[str, Any]) -> bytes:
    """Return a control entry in its one canonical spelling. Raises `FormatError`."""
    _check(body)
    entry = CONTROL + _canonical(body)
    if len(entry) > MAX_ENTRY:
        raise FormatError("ledger entry too long", mend="put the set into a sets/ file")
    return entry


def parse(entry: bytes) -> bytes | Control:
    """Return an observation's commitment, or a control entry. Raises `FormatError`."""
    if entry[:1] == OBSERVATION and len(entry) == OBSERVATION_BYTES:
        return entry[1:]
    if entry[:1] != CONTROL:
        raise FormatError("ledger entry is neither observation nor control", where=repr(entry[:8]))
    body: Any = _easily_read(entry[1:]) or _strictly_read(entry[1:])
    _check(body)
    return Control(body["t"], body)


def days(entries: Iterable[bytes]) -> set[str]:
    """Return the days (``YYYY-MM-DD``, UTC) of control entries. Raises `FormatError`."""
    found = map(parse, entries)
    return {one.body["time"][:10] for one in found if isinstance(one, Control)}


def is_time(value: object) -> bool:
    """Tell whether a value is a time of the calendar in the one spelling of entries."""
    if not isinstance(value, str) or not TIME.fullmatch(value) or value >= _NO_MORE:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:  # a day that no month has
        return False
    return True


def _refuse(number: str) -> NoReturn:
    raise ValueError(number)


_EASY = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_LONG_NUMBER = re.compile(rb"[0-9]{16}")


def _easily_read(data: bytes) -> object:
    """Return what an entry holds that is plainly canonical; None where that takes a look.

    In ASCII, without fractions and large numbers, there is one sorted spelling, and the
    standard library has it four times as fast as a whole RFC 8785.
    """
    if not data.isascii() or _LONG_NUMBER.search(data):
        return None
    try:
        body: object = _EASY.decode(data.decode())
        return body if _PLAIN.encode(body).encode() == data else None
    except (ValueError, RecursionError):
        return None


def _strictly_read(data: bytes) -> object:
    """Return what an entry holds. Raises `FormatError` for another spelling."""
    try:
        body: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"ledger entry is not JSON: {error}") from error
    if _canonical(body) != data:
        raise FormatError("ledger entry is not in canonical JSON (RFC 8785)")
    return body


def _canonical(body: object) -> bytes:
    """Return RFC 8785 JSON; it has no spelling for large integers and lone surrogates."""
    try:
        return rfc8785.dumps(body)  # type: ignore[arg-type]  # refuses what is not JSON
    except (ValueError, RecursionError) as error:
        raise FormatError(f"ledger entry has no canonical JSON (RFC 8785): {error}") from error


def _check(body: object) -> None:
    """Refuse a control entry without what each has: a known type, its batch, its time."""
    if not isinstance(body, dict) or not all(isinstance(body.get(n), str) for n in _MEMBERS):
        raise FormatError("ledger entry without type, batch id or time", where=repr(body)[:80])
    if body["t"] not in CONTROL_TYPES or not body["id"] or not is_time(body["time"]):
        raise FormatError("ledger entry of no known type or time", where=repr(body)[:80])
    if body["t"] == "seal":
        check_seal(body)
    if body["t"] == "generation":
        check_generation(body)
    if body["t"] == "anchor":
        check_anchor(body)
    if body["t"] == "done-part" and body.get("work") == COMPACT:
        check_done_part(body)
