"""What somebody wants to withhold, and where that is in a record."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archiver.columns import COLUMNS, TEXT_FIELDS
from archiver.errors import UsageError
from archiver.flows.ledger import read_state
from archiver.flows.proving import fields_of
from archiver.flows.redacting import Reading
from archiver.flows.vouch import note_over
from archiver.ledger.folding import needles_of, spans
from archiver.ledger.withholding import impossible
from archiver.redact.apply import native_part
from archiver.redact.mark import Mark
from archiver.redact.withheld import withheld

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.redact.mark import Region

__all__ = ["Wanted", "accepted", "placed", "reading_of", "rows_of"]

MOST_TOLD = 4000
"""Code points of what a note of a look says that it was about."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mark that somebody asks for.

    ``find``: a text of the record, in any spelling; or ``span``: from which to which code point of
    ``field``; or ``field`` alone: all of it, in every version; or ``region``; or nothing: all of
    the record. ``observation``: the version that ``span`` is of; empty: the latest with the field.
    """

    record: str
    exemption: str
    basis: str
    field: str = ""
    find: str = ""
    span: tuple[int, int] | None = None
    observation: str = ""
    region: Region | None = None


def accepted(data: bytes, exemption: str, basis: str) -> list[Wanted]:
    """Return the marks of suggestions that a person went through (``redact suggest --json``).

    Of what stands in a file that is all of the record: the file is withheld as a whole.

    Each has ``record observation field start end``; ``exemption`` and ``basis``, where the ones
    that are given for all do not hold for it. Raises `UsageError` for a file that is none.
    """
    try:
        told = json.loads(data)
        listed = told["data"] if isinstance(told, dict) else told
        return [
            Wanted(
                record=str(one["record"]),
                exemption=str(one.get("exemption", exemption)),
                basis=str(one.get("basis", basis)),
                field=str(one["field"]),
                span=(int(one["start"]), int(one["end"])) if one["end"] else None,
                observation=str(one["observation"]) if one["end"] else "",
            )
            for one in listed
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            "not a file of suggestions", mend="give what `archiver redact suggest --json` printed"
        ) from error


def rows_of(reading: Reading, record: str) -> dict[str, dict[str, str]]:
    """Return the fields of each version of a record by observation, oldest first."""
    found = sorted(reading.sealed(record), key=lambda one: (one.row["captured_at"], one.index))
    return {one.row["observation_id"]: fields_of(one.row) for one in found}


def reading_of(archive: Archive, records: Sequence[str]) -> Reading:
    """Return what reads all that there is of records, to redact them; looks are noted."""
    size = read_state(archive).size
    about = " ".join(records)[:MOST_TOLD]
    note = note_over(archive, size - 1)
    return Reading(archive, records, size=size, note=note, about=about, what="redact")


def placed(archive: Archive, wanted: Sequence[Wanted]) -> Iterator[Mark]:
    """Yield the marks that are asked for, their places looked up; nobody has decided them yet.

    Errors as of `archiver.flows.marking.mark`.
    """
    records = list(dict.fromkeys(one.record for one in wanted))
    reading = reading_of(archive, records)
    rows: dict[str, dict[str, str]] = {}
    last = ""
    for one in wanted:
        rows = rows if one.record == last else rows_of(reading, one.record)
        last = one.record
        yield _placed(one, rows)


def _placed(wanted: Wanted, rows: Mapping[str, Mapping[str, str]]) -> Mark:
    if wanted.observation and wanted.observation not in rows:
        raise UsageError(
            "the record has no such observation",
            where=wanted.observation,
            mend="see `archiver show RECORD --history`",
        )
    _check_field(wanted, rows)
    place = Mark("", wanted.record, wanted.exemption, wanted.basis, "", "", region=wanted.region)
    if wanted.find:
        place = replace(place, **_found(wanted, rows))
    elif wanted.span:
        place = replace(place, **_spanned(wanted, rows))
    elif wanted.field:
        place = replace(place, field=wanted.field)
    of_text = bool(place.field) and place.region is None
    if of_text and withheld([place], rows).said_by(native_part(wanted.record)):
        raise impossible(wanted.record)
    return place


def _check_field(wanted: Wanted, rows: Mapping[str, Mapping[str, str]]) -> None:
    known = {name for row in rows.values() for name in row}
    if wanted.field and wanted.field not in known:
        raise UsageError(
            f"the record has no field {wanted.field}",
            where=wanted.record,
            mend=f"its fields are {', '.join(name for name in COLUMNS if name in known)}",
        )


def _found(wanted: Wanted, rows: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the first place of a text, of the latest version that has it; texts come first."""
    needles = needles_of(wanted.find)
    for observation, row in reversed(list(rows.items())):
        for name in sorted(row, key=lambda one: (one not in TEXT_FIELDS, COLUMNS[one].id)):
            if wanted.field not in ("", name) or wanted.observation not in ("", observation):
                continue
            at = row[name].find(wanted.find)
            exact = [(at, at + len(wanted.find))] if at >= 0 else []
            for start, end in exact or spans(row[name], needles)[:1]:
                return {"observation": observation, "field": name, "start": start, "end": end}
    raise UsageError(
        "nothing in the record has that text",
        where=wanted.record,
        code="withhold-nothing",
        mend="give letters or digits of it, as `archiver show` prints them",
    )


def _spanned(wanted: Wanted, rows: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    start, end = wanted.span or (0, 0)
    with_it = [
        own for own, row in rows.items() if wanted.field in row and wanted.observation in ("", own)
    ]
    length = len(rows[with_it[-1]][wanted.field]) if with_it else 0
    if not 0 <= start < end <= length:
        raise UsageError(
            "the field is not that long",
            where=f"{start}:{end}",
            code="withhold-nothing",
            mend=f"it has {length} characters: give --field, and --span A:B within it",
        )
    return {"observation": with_it[-1], "field": wanted.field, "start": start, "end": end}
