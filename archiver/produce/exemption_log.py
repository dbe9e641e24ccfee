"""The exemption log: one row for each thing that is withheld, with its reason. Pure.

A denial says, for each exemption, the facts it rests on, its citation and who is responsible
(5 ILCS 140/9(a)), and is indexed by type of exemption and of record (9(b)). An index by codes
alone does not suffice (Coleman v. FBI, 972 F. Supp. 5), so a row stands for one gap, not for a
document, and says whether the rest was handed over. Nothing that is withheld is in a row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import IntegrityError
from archiver.produce.document import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from archiver.produce.document import Document, Version
    from archiver.produce.exemption import Exemption
    from archiver.redact.mark import Mark

__all__ = [
    "COLUMNS",
    "SCHEMA",
    "ExemptionLog",
    "Redaction",
    "exemption_log",
]

SCHEMA = "civic-archive/exemption-log/1"
ALL, RECORD, FILE, REGION, UNCOUNTED = (
    "all of the field",
    "all of the record",
    "all of the file",
    "a part of the file",
    "not counted",
)
"""What stands in the place of a number of words."""


class Redaction(NamedTuple):
    """One row. All but ``number`` is text, ready for a table.

    ``record``: "" where the id itself would say something withheld. ``version``: the observation.
    ``words``: how many, or one of the words above. ``remainder``: ``yes`` where something of the
    record is handed over, else ``no``.
    """

    number: int
    bates: str
    record: str
    stream: str
    version: str
    field: str
    words: str
    exemptions: str
    citations: str
    basis: str
    decider: str
    decided: str
    remainder: str


COLUMNS = Redaction._fields
_SEVERAL = "; "


@dataclass(frozen=True, slots=True)
class ExemptionLog:
    """All rows; ``unused``: handles of marks that withhold nothing of what is handed over."""

    rows: tuple[Redaction, ...]
    exemptions: Mapping[str, Exemption]
    unused: tuple[str, ...]

    def table(self) -> list[tuple[str, ...]]:
        """Return header and rows as text, for a CSV."""
        return [COLUMNS, *(tuple(map(str, row)) for row in self.rows)]

    def index(self) -> list[dict[str, Any]]:
        """Return, by exemption and by type of record, how many redactions and records there are."""
        counted: Counter[tuple[str, str]] = Counter()
        records: dict[tuple[str, str], set[str]] = {}
        for row in self.rows:
            for code in row.exemptions.split(_SEVERAL):
                counted[code, row.stream] += 1
                records.setdefault((code, row.stream), set()).add(row.bates or row.record)
        return [
            {
                "code": code,
                "title": self.exemptions[code].title,
                "citation": self.exemptions[code].citation,
                "stream": stream,
                "redactions": counted[code, stream],
                "records": len(records[code, stream]),
            }
            for code, stream in sorted(counted)
        ]

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        rows = [row._asdict() for row in self.rows]
        return {"schema": SCHEMA, "rows": rows, "index": self.index(), "unused": list(self.unused)}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is withheld, and under which exemptions."""

    version: str
    field: str
    words: str
    codes: tuple[str, ...]
    only: tuple[Mark, ...] = ()


def exemption_log(
    documents: Iterable[Document],
    marks: Iterable[Mark],
    exemptions: Iterable[Exemption],
    bates: Mapping[str, str],
    hidden: Collection[str] = (),
) -> ExemptionLog:
    """Return the log of what is handed over.

    Args:
        documents: what is handed over, in the order of their numbers.
        marks: those that the documents were made with, and those on records withheld as a whole.
        exemptions: every one that a mark names.
        bates: the number (or range) of each record that has one.
        hidden: records whose id would say something that is withheld.

    Raises `IntegrityError` for what is withheld without a mark that says why
    (``redaction-unexplained``), and for a mark with an unknown exemption.
    """
    known = {one.code: one for one in exemptions}
    given: dict[str, list[Mark]] = {}
    for one in marks:
        _require_known(one, known)
        given.setdefault(one.record, []).append(one)
    made = _Rows(known, bates, frozenset(hidden))
    for document in documents:
        made.document(document, given.get(document.record, ()))
    for record in sorted(given.keys() - made.seen):
        made.whole(record, [one for one in given[record] if _is_whole(one)])
    every = (one for own in given.values() for one in own)
    unused = tuple(sorted({one.handle for one in every} - made.used))
    return ExemptionLog(tuple(made.rows), known, unused)


class _Rows:
    """Rows while they are made. ``used``: handles of the marks that they rest on."""

    def __init__(
        self, known: Mapping[str, Exemption], bates: Mapping[str, str], hidden: frozenset[str]
    ) -> None:
        self._known, self._bates, self._hidden = known, bates, hidden
        self.rows: list[Redaction] = []
        self.used: set[str] = set()
        self.seen: set[str] = set()

    def document(self, one: Document, marks: Sequence[Mark]) -> None:
        """Add what is withheld of a document."""
        self.seen.add(one.record)
        remainder = "yes" if _shows(one) else "no"
        for place in _places(one, marks):
            self._add((one.record, one.stream, remainder), place, marks)

    def whole(self, record: str, marks: Sequence[Mark]) -> None:
        """Add a record of which nothing is handed over."""
        if marks:
            codes = tuple(sorted({one.exemption for one in marks}))
            about = (record, _stream(record), "no")
            self._add(about, _Place("", "", RECORD, codes), marks)

    def _add(self, about: tuple[str, str, str], place: _Place, marks: Sequence[Mark]) -> None:
        record, stream, remainder = about
        own = place.only or _reasons(record, place, marks)
        self.used.update(one.handle for one in own)
        self.rows.append(
            Redaction(
                number=len(self.rows) + 1,
                bates=self._bates.get(record, ""),
                record="" if record in self._hidden else record,
                stream=stream,
                version=place.version,
                field=place.field,
                words=place.words,
                exemptions=_SEVERAL.join(place.codes),
                citations=_SEVERAL.join(self._known[code].citation for code in place.codes),
                basis=_joined(one.basis for one in own),
                decider=_joined(one.decider for one in own),
                decided=_joined(one.decided for one in own),
                remainder=remainder,
            )
        )


def _places(one: Document, marks: Sequence[Mark]) -> Iterator[_Place]:
    """Yield where something of a document is withheld, in the order of its versions and fields."""
    for version in one.versions:
        yield from _of_version(version)
    regions = tuple(mark for mark in marks if mark.region is not None)
    for number, native in enumerate(one.natives, 1):
        name = f"file {number}"
        if native.withheld:
            yield _Place("", name, FILE, tuple(sorted(native.withheld)))
        elif native.masked:
            for mark in regions:
                yield _Place(mark.observation, name, REGION, (mark.exemption,), (mark,))


def _of_version(version: Version) -> Iterator[_Place]:
    for field, text in version.fields.items():
        for gap in text:
            if isinstance(gap, Gap):
                words = str(gap.words) if gap.words else UNCOUNTED
                yield _Place(version.observation, field, words, tuple(sorted(gap.exemptions)))
    for field, codes in version.closed.items():
        yield _Place(version.observation, field, ALL, tuple(sorted(codes)))


def _reasons(record: str, place: _Place, marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that a redaction rests on: those of its own place before all others.

    What a mark withholds is withheld wherever the record says it, so its place may be another.
    Raises `IntegrityError` for a code that no mark gives a reason for.
    """
    found: list[Mark] = []
    for code in place.codes:
        own = [one for one in marks if one.exemption == code and one.region is None]
        own = own or [one for one in marks if one.exemption == code]
        if not own:
            raise _unexplained(record, code)
        here = [one for one in own if _is_here(one, place)]
        found += here or own
    if not found:
        raise _unexplained(record, "no exemption")
    return found


def _is_here(one: Mark, place: _Place) -> bool:
    return one.field == place.field and one.observation in ("", place.version)


def _is_whole(one: Mark) -> bool:
    return not one.field and one.region is None


def _shows(one: Document) -> bool:
    """Tell whether anything of a record's content is handed over."""
    texts = (text for version in one.versions for text in version.fields.values())
    shown = any(isinstance(part, str) and part.strip() for text in texts for part in text)
    return shown or any(not native.withheld for native in one.natives)


def _stream(record: str) -> str:
    return record.split(":")[2] if record.count(":") > 1 else ""


def _joined(texts: Iterable[str]) -> str:
    return _SEVERAL.join(dict.fromkeys(text for text in texts if text))


def _require_known(one: Mark, known: Mapping[str, Exemption]) -> None:
    if one.exemption not in known or not one.basis.strip():
        raise IntegrityError(
            "a mark without a known exemption, or without the facts it rests on",
            where=f"mark {one.handle}",
            code="redaction-unexplained",
            mend="mark it again with an exemption of the jurisdiction, and say why",
        )


def _unexplained(record: str, code: str) -> IntegrityError:
    del record  # its id may say what is withheld
    return IntegrityError(
        f"something is withheld under {code}, and no mark says why",
        code="redaction-unexplained",
        mend="give all marks that the documents were made with",
    )
