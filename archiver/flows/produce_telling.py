"""What a production withholds, looked for in all else that it says.

Reports, reasons, names and other records are not closed by a mark: what people wrote beside the
records and says it is refused, the hit report leaves it out, and other records that say it are
named to whoever produces.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import astuple

from archiver.columns import COLUMNS
from archiver.errors import RefusedError
from archiver.flows.produce_choice import TAGGED
from archiver.flows.wanting import rows_of
from archiver.formats.picture import LARGEST, beside
from archiver.ledger.withholding import says
from archiver.produce.matter import EXEMPT, PRIVILEGED, Matter
from archiver.redact.detect import HIGH, suggest
from archiver.redact.withheld import Sought

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.flows.produce_choice import Choice
    from archiver.flows.produce_how import How
    from archiver.flows.redacting import Reading
    from archiver.produce.document import Document

__all__ = ["Telling", "require_discreet"]

_UNREADABLE = "record-withheld"
"""Of what is withheld from everybody nobody knows the words."""
_WORDS = frozenset(("medical", "biometric", "minor"))
"""What detectors find by words that reasons may need: an illness as such is nobody's."""


class Telling:
    """Tells whether a text says what is withheld of any record that is asked for.

    Of a record that is handed over in part, or withheld with marks on it, that is what is marked.
    Of one that is withheld whole it is also what detectors are sure of, such as a number or an
    address: the rest of its words are words of anybody.

    Args:
        reading: reads these records, those that are withheld whole included.
        choice: which they are, and with which marks.
    """

    def __init__(self, reading: Reading, choice: Choice) -> None:
        self._marked = choice.marks.keys()
        marked, beside = list[Sought](), list[Sought]()
        for record in sorted({*choice.records, *choice.withheld_whole}):
            own = choice.marks.get(record, ())
            try:
                if any(one.field for one in own):
                    marked.append(reading.withheld(record, own).all_sought)
                if record in choice.withheld_whole:
                    beside += _detected(reading, record)
            except RefusedError as error:
                if error.code != _UNREADABLE:
                    raise
        self._sought = _joined(marked)
        self._every = _joined([self._sought, *beside])

    def said_by(self, text: str) -> bool:
        """Tell whether a text that people wrote beside the records says what is withheld."""
        return says(text, self._every.texts, self._every.words)

    def elsewhere(self, document: Document) -> bool:
        """Tell whether a record that nobody marked says what is marked in another."""
        sought = self._sought
        if document.record in self._marked or not (sought.texts or sought.words):
            return False
        return any(says(text, sought.texts, sought.words) for text in _texts(document))


def _joined(every: Iterable[Sought]) -> Sought:
    columns = zip(Sought(), *every, strict=True)
    return Sought(*(frozenset[str]().union(*own) for own in columns))


def _detected(reading: Reading, record: str) -> Iterator[Sought]:
    """Yield what detectors are sure of in a record, as it is looked for."""
    for row in rows_of(reading, record).values():
        for one in suggest(row):
            json = COLUMNS[one.field].type == "json"  # of which a detector names no place
            if one.confidence == HIGH and one.kind not in _WORDS and not json:
                yield Sought.of(row[one.field][one.start : one.end or None])


def _texts(document: Document) -> Iterator[str]:
    for version in document.versions:
        for text in version.fields.values():
            yield "".join(part for part in text if isinstance(part, str))
    for native in document.natives:
        if native.media_type.startswith("image/") and native.size <= LARGEST and not native.masked:
            yield from beside(b"".join(native.chunks()))


def require_discreet(telling: Telling, choice: Choice, how: How) -> None:
    """Raise `RefusedError` where a text of people that stands in a volume says what is withheld.

    The reason of a mark (``basis-tells``), a note on what is tagged (``note-tells``), the name of
    the matter (``name-tells``), the profile (``profile-tells``), who is to sign a certificate
    (``certificate-tells``).
    """
    seen = set[tuple[str, str]]()
    for text, error in chain(_reasons(choice), _notes(choice), _names(how)):
        if (text, error.code) not in seen and telling.said_by(text):
            raise error
        seen.add((text, error.code))


def _reasons(choice: Choice) -> Iterator[tuple[str, RefusedError]]:
    for own in choice.marks.values():
        for mark in own:
            if not mark.handle.startswith(TAGGED):
                yield (
                    mark.basis,
                    RefusedError(
                        "the reason of a mark says what is withheld",
                        where=mark.handle,
                        code="basis-tells",
                        mend="take it back, and mark with other words: archiver redact review",
                    ),
                )


def _notes(choice: Choice) -> Iterator[tuple[str, RefusedError]]:
    """Yield the notes that logs print: on what is tagged as exempt or as privileged."""
    about = choice.about
    if not isinstance(about, Matter):
        return
    for record in sorted(choice.withheld_whole):
        for tag in about.tags.get(record, ()):
            if tag.tag in {EXEMPT, PRIVILEGED}:
                yield (
                    f"{tag.exemption} {about.basis(record, tag)}",
                    RefusedError(
                        "a note on a tagged record says what is withheld",
                        where=record,
                        code="note-tells",
                        mend="take the tag back (archiver tag --take-back), and tag it anew with "
                        "another --note: earlier ones are then not printed",
                    ),
                )


def _names(how: How) -> Iterator[tuple[str, RefusedError]]:
    yield (
        how.name,
        RefusedError(
            "the name of the matter says what is withheld",
            code="name-tells",
            mend="open a matter under another name: it stands on all of the volume",
        ),
    )
    profile, asked = how.profile, how.certifying
    for text in (profile.name, profile.title, profile.legend, profile.sign, profile.bates.prefix):
        yield (
            text,
            RefusedError(
                "the profile says what is withheld",
                where=profile.name,
                code="profile-tells",
                mend="give a profile without it: name, title, legend, sign, prefix of numbers",
            ),
        )
    for text in (asked.keeper, *astuple(asked.declarant)) if asked is not None else ():
        yield (
            text,
            RefusedError(
                "what is said of who is to sign the certificate says what is withheld",
                code="certificate-tells",
                mend="give --declarant and --keeper in other words",
            ),
        )
