"""Whether the file of a record that is handed over says what is withheld of another.

A file goes out as it came, or not at all. So what its text says is looked at as the text of a
record is, and the record is named to whoever produces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.derived_text import DerivedTexts

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.produce_telling import Telling
    from archiver.flows.redacting import Reading
    from archiver.produce.document import Document

__all__ = ["FileTelling"]


class FileTelling:
    """Looks into the files of documents.

    Args:
        archive: where.
        reading: reads their records.
        telling: knows what is withheld.
    """

    def __init__(self, archive: Archive, reading: Reading, telling: Telling) -> None:
        self._reading, self._telling = reading, telling
        self._texts = DerivedTexts(archive)

    def tells(self, document: Document) -> bool:
        """Tell whether a file that goes out with a document as it came says what is withheld."""
        if not any(not (one.withheld or one.masked) for one in document.natives):
            return False
        told = (self._texts.of(one) for one in self._reading.sealed(document.record))
        return any(one is not None and self._telling.said_by(one.text) for one in told)
