"""From records to the documents of a production: redacted first, with all that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.accounts import registry
from archiver.flows.produce_natives import natives_of
from archiver.flows.proving import fields_of
from archiver.produce.document import Document, Gap, Native, Version
from archiver.produce.matter import Matter
from archiver.produce.profile import rank
from archiver.produce.shown import BODY, is_whole
from archiver.record import Kind, Stream, record_id, split_record_id
from archiver.search.asking import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.produce_choice import Choice
    from archiver.flows.redacting import Reading
    from archiver.produce.profile import Profile
    from archiver.produce.scope import Scope
    from archiver.redact.timed import Masker
    from archiver.registry.accounts import Account

__all__ = ["Documents"]

_SILENT = (Kind.EDITED, Kind.EXTENDED)
"""Kinds that say nothing of whether a record is there."""
_TITLE = 80
_HEADS = (Stream.POSTS, Stream.PAGES, Stream.MEDIA, Stream.COMMENTS, Stream.MESSAGES)


class Documents:
    """Makes the documents of a choice, one after another.

    Args:
        archive: where.
        choice: which records, with which marks.
        reading: reads them, each as far as its marks allow.
        masker: masks parts of video and sound.
    """

    def __init__(self, archive: Archive, choice: Choice, reading: Reading, masker: Masker) -> None:
        self._choice, self._reading, self._masker = choice, reading, masker
        self._accounts: dict[str, Account] = registry(archive, size=choice.size)
        self._given = frozenset(choice.records)

    def in_order(self, profile: Profile) -> Iterator[Document]:
        """Yield all of them, families together, in the order that a profile says.

        A place must tell nothing that is withheld: it follows from what is shown of the first.
        """
        heads = {family[0]: family for family in self._choice.families}
        read = [one for one in self._reading.in_order() if one in heads]
        for head in sorted(read, key=lambda one: rank(self._shown(one), profile)):
            for record in heads[head]:
                yield self._of(record, head)

    def alone(self, record: str) -> Document:
        """Return the document of one record, as of no family."""
        return self._of(record, record)

    def _shown(self, record: str) -> Document:
        """Return a record as it is shown, without proofs where nothing of it is withheld."""
        marks = self._choice.marks.get(record, ())
        if marks:
            return self._made(record, record, self._reading.versions_of(record, marks))
        rows = [(one.row, one.index) for one in self._reading.sealed(record)]
        versions = (
            Version(
                leaf=leaf,
                observation=row["observation_id"],
                kind=row["kind"],
                captured_at=row["captured_at"],
                fields={name: (value,) for name, value in fields_of(row).items()},
                closed={},
                proof=b"",
            )
            for row, leaf in sorted(rows, key=lambda one: (one[0]["captured_at"], one[1]))
        )
        return self._made(record, record, tuple(versions))

    def _of(self, record: str, family: str) -> Document:
        marks = self._choice.marks.get(record, ())
        versions = self._reading.versions_of(record, marks)
        return self._made(
            record, family, versions, natives_of(self._reading, record, marks, self._masker)
        )

    def _made(
        self,
        record: str,
        family: str,
        versions: tuple[Version, ...],
        natives: tuple[Native, ...] = (),
    ) -> Document:
        platform, account, stream, _ = split_record_id(record)
        known = self._accounts.get(account)
        return Document(
            record=record,
            platform=platform,
            account=account,
            stream=stream,
            state=_state(versions),
            custodian=known.custodian if known else "",
            versions=versions,
            family=family,
            parent=self._named(record, versions, "parent_id"),
            thread=self._named(record, versions, "thread_id"),
            title=_title(versions),
            tags=_tags(self._choice.about, record),
            whole=_is_whole(versions) and not any(one.withheld or one.masked for one in natives),
            natives=natives,
        )

    def _named(self, record: str, versions: Sequence[Version], field: str) -> str:
        """Return the record that a field names by a native id, where it is handed over too."""
        native = next((_exact(one, field) for one in reversed(versions) if _exact(one, field)), "")
        if not native:
            return ""
        platform, account, stream, _ = split_record_id(record)
        for other in dict.fromkeys((stream, *_HEADS)):
            found = record_id(platform, account, other, native)
            if found in self._given and found != record:
                return found
        return ""


def _tags(about: Matter | Scope, record: str) -> tuple[str, ...]:
    own = about.tags.get(record, ()) if isinstance(about, Matter) else ()
    return tuple(sorted({one.tag for one in own}))


def _state(versions: Sequence[Version]) -> str:
    """Return the latest state that versions tell, as a search does."""
    told = next((one.kind for one in reversed(versions) if one.kind not in _SILENT), UNKNOWN)
    return str(Kind.PRESENT) if told == Kind.RESTORED else told


def _exact(version: Version, field: str) -> str:
    text = version.fields.get(field)
    return "".join(map(str, text)) if text is not None and is_whole(text) else ""


def _title(versions: Sequence[Version]) -> str:
    """Return the first words of the latest version that has some, up to what is withheld."""
    for version in reversed(versions):
        for field in BODY:
            text = version.fields.get(field, ())
            if text and isinstance(text[0], str) and text[0].strip():
                return " ".join(text[0].split())[:_TITLE]
    return ""


def _is_whole(versions: Sequence[Version]) -> bool:
    return not any(
        version.closed
        or any(isinstance(part, Gap) for text in version.fields.values() for part in text)
        for version in versions
    )
