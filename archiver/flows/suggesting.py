"""Suggesting: what of records may have to be withheld, and under which exemptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.derived_text import DerivedTexts
from archiver.flows.ledger import read_state
from archiver.flows.marking import marks_at
from archiver.flows.wanting import reading_of, rows_of
from archiver.redact.detect import HIGH, LOW, MEDIUM, Suggestion, detect, suggest
from archiver.redact.mark import on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.redact.exemptions import Exemptions
    from archiver.redact.withheld import Withheld

__all__ = ["CONFIDENCE", "Proposed", "suggestions", "unread_files"]

_FILE = "a file"
CONFIDENCE = {HIGH: "high", MEDIUM: "medium", LOW: "low"}


class Proposed(NamedTuple):
    """A place of a version that may have to be withheld, and the exemptions that it may fall under.

    ``text``: what stands there; for eyes that may see the record. ``marked``: a mark that stands
    withholds it already. ``in_file``: the name of the record's file, where it stands in the text
    that was derived of that: then the place is all of the record, for nobody can mark such a text.
    """

    record: str
    observation: str
    place: Suggestion
    exemptions: tuple[str, ...]
    text: str
    marked: bool
    in_file: str = ""


def suggestions(
    archive: Archive,
    records: Sequence[str],
    exemptions: Exemptions,
    *,
    least: int,
    public: Collection[str] = (),
) -> Iterator[Proposed]:
    """Yield what detectors find in all versions of records; the same words of a field once.

    Args:
        archive: where.
        records: their ids.
        exemptions: what may be proposed.
        least: the least confidence (`archiver.redact.detect`).
        public: numbers and addresses of the city itself (`archiver.redact.detect.detect`).

    Errors as of `archiver.flows.redacting.Reading`; looks into private streams are noted.
    """
    state = read_state(archive)
    standing = marks_at(archive, state.size)
    reading, texts = reading_of(archive, records), DerivedTexts(archive)
    for record in records:
        rows = rows_of(reading, record)
        marks = reading.withheld(record, on(record, standing))
        seen = set[tuple[str, str, str]]()
        for own, row in rows.items():
            for place in suggest(row, public):
                text = row[place.field][place.start : place.end or None]
                key = place.field, place.kind, text
                if place.confidence >= least and key not in seen:
                    seen.add(key)
                    done = _done(marks, place, text)
                    codes = exemptions.proposed(place.kind)
                    yield Proposed(record, own, place, codes, text, done)
        for one in reading.sealed(record):
            for place, text in _in_file(texts, one, public):
                key = _FILE, place.kind, text
                if place.confidence >= least and key not in seen:
                    seen.add(key)
                    about = place, exemptions.proposed(place.kind), text, bool(marks.whole)
                    named = one.row.get("file_name", "") or _FILE
                    yield Proposed(record, one.row["observation_id"], *about, named)


def unread_files(archive: Archive, records: Sequence[str]) -> list[tuple[str, str]]:
    """Return the records with files in which detectors could not look, and why."""
    texts, reading = DerivedTexts(archive), reading_of(archive, records)
    found = dict[tuple[str, str], None]()
    for record in records:
        for one in reading.sealed(record):
            told = texts.of(one)
            if told and told.left:
                found[record, told.left] = None
    return list(found)


def _in_file(
    texts: DerivedTexts, one: SealedRecord, public: Collection[str]
) -> Iterator[tuple[Suggestion, str]]:
    """Yield what detectors find in the text of a file: the record as a whole, and the words."""
    told = texts.of(one)
    text = told.text if told else ""
    for found in detect(text, public):
        whole = Suggestion("", 0, 0, found.kind, found.confidence, found.why)
        yield whole, text[found.start : found.end]


def _done(marks: Withheld, place: Suggestion, text: str) -> bool:
    """Tell whether a place is withheld already."""
    as_part = bool(place.end) and marks.said_by(text)
    return bool(marks.whole) or place.field in marks.fields or as_part
