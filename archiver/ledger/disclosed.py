"""Checking a proof offline, and saying exactly what it shows. Pure.

A proof may come from anybody, and the record in it from an archive that means harm: only
what `docs/formats/proof.md` allows is taken, and what isn't shown is said.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.columns import FIELDS, TEXT_FIELDS
from archiver.errors import FormatError, IntegrityError
from archiver.header_text import is_plain
from archiver.ledger import entry
from archiver.ledger.commitment import (
    CONTEXT,
    EXCERPT,
    FIELD,
    TEXT,
    UNCOMMITTED_HEADERS,
    observation_commitment,
)
from archiver.ledger.disclosure import opened_leaves, recommit, segments_of
from archiver.ledger.proof import verify as verify_tlog_proof
from archiver.record import split_record_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["GAP", "SCHEMA", "Checked", "Parts", "check_parts", "check_proof"]

SCHEMA = "civic-archive/proof/v1"
GAP = "█████"
"""Stands for withheld words. The same sign in a text itself is shown as ``\\u2588``."""

_TREES = ("source", "context", "fields")
_MEMBERS = {"schema", "record", "tlog_proof", *_TREES}
_ORDER = {column.name: at for at, column in enumerate(FIELDS)}
_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): (.*)")
_SINGLE = frozenset({"archive-record", "archive-kind", "warc-date", "warc-record-id"})
_ROLE = re.compile(r"[!-~]+")

Parts = dict[str, list[str | int]]
"""What opened fields show, by name: words, and numbers of withheld ones between them."""
_MEND = "take the proof from the archive again; do not edit it"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a proof shows, and what it doesn't.

    ``record``, ``kind`` and ``captured_at`` are empty where their header lines are closed:
    then the proof doesn't say which record, what about it, or when. ``gaps`` has for each
    opened field with words withheld (code point in ``fields`` at which the sign `GAP`
    stands, number of words); ``excerpts`` is the number of opened ones. ``withheld_fields``
    and ``withheld_lines`` are None where a whole tree is closed: not even the number is shown.
    """

    record: str
    kind: str
    captured_at: str
    index: int
    tree_size: int
    origin: str
    trusted: bool
    fields: dict[str, str]
    gaps: dict[str, list[tuple[int, int]]]
    context: list[str]
    excerpts: int
    withheld_words: int
    withheld_fields: int | None
    withheld_lines: int | None


def check_proof(data: bytes, keys: Sequence[str]) -> Checked:
    """Check a proof against public keys, offline. Raises `FormatError`, `IntegrityError`."""
    return check_parts(data, keys)[0]


def check_parts(data: bytes, keys: Sequence[str]) -> tuple[Checked, Parts]:
    """Do as `check_proof`; return the fields word by word as well, with no sign for what is not."""
    document = _document(data)
    try:
        return _checked(document, keys)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FormatError(f"the proof is not whole: {error!r}"[:200], mend=_MEND) from error


def _checked(document: Mapping[str, Any], keys: Sequence[str]) -> tuple[Checked, Parts]:
    roots = [recommit(document[name]) for name in _TREES]
    value = observation_commitment(*roots)
    proof = document["tlog_proof"].encode()
    verified = verify_tlog_proof(proof, entry.observation(value), keys)
    excerpts = _excerpts(document["source"])
    lines = _lines(document["context"])
    fields = _fields(document["fields"])
    gaps = {name: found for name, parts in fields.items() if (found := _gaps(parts))}
    single = _single(lines)
    record = single.get("archive-record", "")
    if record and record != document["record"]:
        raise IntegrityError("the proof names another record than it proves", where=record)
    checked = Checked(
        record=record,
        kind=single.get("archive-kind", ""),
        captured_at=single.get("warc-date", ""),
        index=verified.index,
        tree_size=verified.checkpoint.size,
        origin=verified.checkpoint.origin,
        trusted=bool(keys),
        fields={name: "".join(map(_shown, parts)) for name, parts in fields.items()},
        gaps=gaps,
        context=[_shown(line) for line in lines],
        excerpts=excerpts,
        withheld_words=sum(words for found in gaps.values() for _, words in found),
        withheld_fields=_closed(document["fields"]),
        withheld_lines=_closed(document["context"]),
    )
    return checked, fields


_MEND_PARTS = "open fewer fields in one proof: `archiver prove --field`"
_MEND = "give a file that `archiver prove` made"


_MOST_PARTS = 1 << 19
"""Members and elements of a proof's JSON: eighty thousand opened words have fewer."""


def _document(data: bytes) -> dict[str, Any]:
    # Counted before it is read: an empty list of three bytes takes a hundred in memory.
    if sum(map(data.count, (b",", b"[", b"{"))) > _MOST_PARTS:
        raise FormatError(f"a proof of more than {_MOST_PARTS} parts", mend=_MEND_PARTS)
    try:
        document = json.loads(data, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not a proof: {error}"[:200], mend=_MEND) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise FormatError("not a proof of a Civic Archiver archive", mend=_MEND)
    _require(document.keys() == _MEMBERS, "a proof lacks members, or has others")
    named = isinstance(document["record"], str) and isinstance(document["tlog_proof"], str)
    _require(named, "a proof's record and tlog_proof are texts")
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object whose members are there once each: else two readers differ."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _excerpts(tree: Mapping[str, Any]) -> int:
    """Return how many excerpts are opened: leaves of their kind under the role they play."""
    opened = opened_leaves(tree)
    for leaf in opened:
        fits = leaf["kind"] == EXCERPT and _ROLE.fullmatch(leaf["name"])
        _require(bool(fits), "what is opened as an excerpt is none")
    return len(opened)


def _lines(tree: Mapping[str, Any]) -> list[str]:
    """Return the opened header lines, each well formed, none that can't be there."""
    lines = []
    for leaf in opened_leaves(tree):
        fits = leaf["kind"] == CONTEXT and leaf["name"] == "" and "text" in leaf
        _require(fits, "what is opened as a header line is none")
        line = leaf["text"]
        if leaf["place"] == 0:
            _require(line == "WARC/1.1", "the first header line is not WARC/1.1")
        else:
            match = _LINE.fullmatch(line)
            whole = match is not None and is_plain(line)
            _require(whole, "a header line is not a name and a value on one line")
            name = line.partition(":")[0].lower()
            _require(name not in UNCOMMITTED_HEADERS, f"{name} can't be a committed header line")
        lines.append(line)
    return lines


def _single(lines: Sequence[str]) -> dict[str, str]:
    """Return the values of the opened lines that say which record, which state and when."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name.lower() in _SINGLE:
            _require(name.lower() not in found, f"the header line {name} is there twice")
            found[name.lower()] = value
    if "archive-record" in found:
        split_record_id(found["archive-record"])
    return found


def _fields(tree: Mapping[str, Any]) -> Parts:
    """Return what the opened fields show, by name.

    Fields stand in the order of their column ids, each at most once. So at each opened one
    no more can be missing before it than columns are, and not fewer than at the one before.
    """
    opened = opened_leaves(tree)
    least, most = 0, len(FIELDS) - tree.get("count", 0)
    for leaf in opened:
        name = leaf["name"]
        _require(name in _ORDER, "an opened field has a name that no field has")
        kind = TEXT if name in TEXT_FIELDS else FIELD
        words = leaf["tokens"]["opened"] if "tokens" in leaf else [leaf]
        plain = all("text" in one for one in words)
        nameless = all(one["name"] == "" for one in words if one is not leaf)
        _require(
            leaf["kind"] == kind and plain and nameless, f"the field {name} is of no such kind"
        )
        missing = _ORDER[name] - leaf["place"]
        _require(least <= missing <= most, f"the field {name} is out of its place")
        least = missing
    return {leaf["name"]: segments_of(leaf) for leaf in opened}


def _shown(part: str | int) -> str:
    """Return what stands for a piece of text, or for a number of withheld words."""
    if isinstance(part, str):
        return part.replace(GAP[0], f"\\u{ord(GAP[0]):04x}")
    return f"{GAP} "


def _gaps(parts: Sequence[str | int]) -> list[tuple[int, int]]:
    found, at = [], 0
    for part in parts:
        if isinstance(part, int):
            found.append((at, part))
        at += len(_shown(part))
    return found


def _closed(tree: Mapping[str, Any]) -> int | None:
    """Return how many leaves of a tree are closed; None where only its root is there."""
    return tree["count"] - len(tree["opened"]) if "count" in tree else None


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise FormatError(message, where="proof", mend=_MEND)
