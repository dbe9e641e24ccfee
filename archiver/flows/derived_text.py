"""The text that is derived of a record's file, version by version, out of the index beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.rows import row_index
from archiver.flows.search_files import is_file
from archiver.flows.search_index import files_of, mended, texts_of
from archiver.formats.derived.gathered import Derived

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.ledger.state import Segment
    from archiver.search.files import FileTold, Texts

__all__ = ["DerivedTexts"]


class DerivedTexts:
    """Reads derived texts; what is asked in the order of the log opens each segment once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._segment = ""
        self._rows: dict[int, int] = {}
        self._told: dict[int, FileTold] = {}
        self._texts: Texts | None = None

    def of(self, one: SealedRecord) -> Derived | None:
        """Return the text of the file that an observation is; None: it is none.

        Raises `IntegrityError`, `KeyStoreError` as `archiver.flows.search_index.postings_of`.
        """
        if not is_file(one.row.get("parser", "")):
            return None
        return mended(self._archive, lambda: self._of(one))

    def _of(self, one: SealedRecord) -> Derived | None:
        if self._texts is None or self._segment != one.segment.name:
            self._open(one.segment)
        row = self._rows[one.index]
        told = self._told.get(row)
        if told is None or self._texts is None:
            return None
        return Derived(self._texts.of(row), told.by, told.left)

    def _open(self, segment: Segment) -> None:
        self._texts = None
        self._told = {one.row: one for one in files_of(self._archive, segment).told()}
        self._rows = {leaf: row for row, leaf in enumerate(row_index(segment))}
        self._texts, self._segment = texts_of(self._archive, segment), segment.name
