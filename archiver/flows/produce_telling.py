"""What a production withholds of some records, looked for in all else that it says.

Reports, reasons and other records are not closed by a mark: reasons that say it are refused, the
hit report leaves it out, and other records that say it are named to whoever produces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import RefusedError
from archiver.ledger.withholding import says
from archiver.redact.withheld import Sought

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.produce_choice import Choice
    from archiver.flows.redacting import Reading
    from archiver.produce.document import Document

__all__ = ["Telling"]


class Telling:
    """Tells whether a text says what is withheld of any record that is handed over in part.

    Args:
        reading: reads these records.
        choice: which they are, and with which marks.

    Raises `RefusedError` (``basis-tells``) where the reason of a mark says what it withholds.
    """

    def __init__(self, reading: Reading, choice: Choice) -> None:
        self._marked = choice.marks.keys()
        self._sought = Sought()
        for record in choice.records:
            own = choice.marks.get(record, ())
            if own:
                withheld = reading.withheld(record, own)
                self._sought = self._sought.joined(withheld.all_sought)
                for one in own:
                    if withheld.said_by(one.basis):
                        raise RefusedError(
                            "the reason of a mark says what it withholds",
                            where=one.handle,
                            code="basis-tells",
                            mend="take it back, and mark with other words: archiver redact review",
                        )

    def said_by(self, text: str) -> bool:
        """Tell whether a text says something that is withheld."""
        return says(text, self._sought.texts, self._sought.words)

    def elsewhere(self, document: Document) -> bool:
        """Tell whether a record that nobody marked says what is withheld of another."""
        if document.record in self._marked or not (self._sought.texts or self._sought.words):
            return False
        return any(map(self.said_by, _texts(document)))


def _texts(document: Document) -> Iterator[str]:
    for version in document.versions:
        for text in version.fields.values():
            yield "".join(part for part in text if isinstance(part, str))
