"""What a production tells of itself: reports, logs and programs beside its documents.

Each is a file below the payload of the bag, made of the same choice as the documents are.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from archiver.flows.conserving import conservation
from archiver.flows.custody_chain import custody_chain
from archiver.flows.custody_page import custody_pdf
from archiver.flows.gap_report import gaps_over
from archiver.flows.produce_hits import asked_of, hits_of, privileges_of
from archiver.flows.provenance import provenance
from archiver.layout import ARCHIVE_FILE
from archiver.ledger import ranges
from archiver.produce.conserving import Given
from archiver.produce.csv_sheet import write_csv
from archiver.produce.exemption_log import exemption_log
from archiver.produce.privilege_log import privilege_table
from archiver.produce.readme_of_volume import Volume, readme_html, readme_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.produce_choice import Choice
    from archiver.flows.produce_file_text import FileTelling
    from archiver.flows.produce_how import How
    from archiver.flows.produce_telling import Telling
    from archiver.ledger.ranges import Ranges
    from archiver.produce.conserving import Conservation
    from archiver.produce.document import Document
    from archiver.produce.placed import Placed

__all__ = ["Noted", "Reports"]


@dataclass(slots=True)
class Noted:
    """What is remembered of documents while they pass: no more of most than their numbers.

    ``numbers``: Bates range by record. ``partly``: documents of which something is withheld;
    ``elsewhere``: others that say it.
    """

    telling: Telling
    files: FileTelling
    numbers: dict[str, str] = field(default_factory=dict)
    partly: list[Document] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def take(self, placed: Placed) -> None:
        """Note a document."""
        one = placed.document
        last = "" if placed.first == placed.last else f" - {placed.last}"
        self.numbers[one.record] = f"{placed.first}{last}"
        self.leaves += [version.leaf for version in one.versions]
        if one.exemptions:
            self.partly.append(_without_files(one))
        elif self.telling.elsewhere(one) or self.files.tells(one):
            self.elsewhere.append(one.record)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of a production.

    ``name``: of the production and its volume. ``made``: canonical time that all of it bears.
    """

    archive: Archive
    choice: Choice
    note: bytes
    name: str
    made: str
    how: How

    def conservation(self, produced: Ranges) -> Conservation:
        """Return what became of all that was captured in the scope."""
        choice = self.choice
        given = Given(
            produced=produced,
            withheld={code: choice.leaves_of(own) for code, own in choice.withheld.items()},
            held_back={why: choice.leaves_of(own) for why, own in choice.held.items()},
        )
        return conservation(self.archive, choice.about, given, choice.size, choice.hits)

    def files(self, noted: Noted, kept: Conservation, names: Sequence[str]) -> dict[str, bytes]:
        """Return all files by name, once every document is written.

        Args:
            noted: of the documents.
            kept: what became of what was captured.
            names: of the payload's files so far.
        """
        made = dict(self._tables(noted, kept))
        made |= dict(self.how.enclosed)
        made |= {"archive.json": self.archive.store.get(ARCHIVE_FILE), "checkpoint": self.note}
        told = Volume(
            self.name,
            self.archive.identity.origin,
            self.made,
            [*names, *made],
            [one for one in self.how.exemptions if one.code in self._codes(noted)],
            self.archive.identity.keys[0],
        )
        return made | {"README.html": readme_html(told), "README.txt": readme_text(told)}

    def _tables(self, noted: Noted, kept: Conservation) -> Iterator[tuple[str, bytes]]:
        archive, choice = self.archive, self.choice
        gaps = gaps_over(archive, choice.size, asked_of(archive, choice))
        hits = hits_of(archive, choice, len(gaps.rows), self.note, noted.telling)
        leaves = ranges.from_numbers(noted.leaves)
        custody = custody_chain(archive, choice.size, leaves, provenance(archive, leaves))
        withheld = exemption_log(
            noted.partly,
            [replace(mark, record=one) for one, own in choice.marks.items() for mark in own],
            self.how.exemptions,
            noted.numbers,
        )
        privileged = privileges_of(archive, choice, self.note, self.how.masker)
        for name, table, document in (
            ("GAPS", gaps.table(), gaps.document()),
            ("HITREPORT", hits.table(), hits.document()),
            ("CUSTODY", custody.table(), custody.document()),
            ("EXEMPTIONS", withheld.table(), withheld.document()),
            ("CONSERVATION", conservation_table(kept), asdict(kept)),
            ("PRIVILEGE", privilege_table(privileged), [one._asdict() for one in privileged]),
        ):
            yield f"{name}.csv", _csv(table)
            yield f"{name}.json", _json(document)
        yield "CUSTODY.pdf", custody_pdf(custody, archive.identity.origin, self.made)

    def _codes(self, noted: Noted) -> frozenset[str]:
        partly = {code for one in noted.partly for code in one.exemptions}
        return frozenset(
            partly | {code for key in self.choice.withheld for code in key.split("; ")}
        )


def _without_files(one: Document) -> Document:
    """Return a document as the exemption log needs it: without proofs and bytes of files."""
    versions = tuple(replace(version, proof=b"") for version in one.versions)
    natives = tuple(replace(native, chunks=lambda: iter(())) for native in one.natives)
    return replace(one, versions=versions, natives=natives)


def conservation_table(kept: Conservation) -> list[tuple[str, ...]]:
    """Return what became of what was captured, as header and rows of text."""
    rows = [(one.kind, one.detail, str(one.versions), _count(one.records)) for one in kept.lines]
    whole = ("captured", "", str(kept.captured), str(kept.records))
    return [("kind", "detail", "versions", "records"), *rows, whole]


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _csv(table: Sequence[tuple[str, ...]]) -> bytes:
    names, *rows = table
    return b"".join(write_csv(names, (dict(zip(names, row, strict=True)) for row in rows)))


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
