"""Produce: a volume of what was asked for, redacted, accounted for, and proven.

It is a function of a size of the log, a question, marks and tags as of that size, a profile and a
first number: the same give the same bytes. Nothing is handed over unless all that was captured in
the scope is accounted for.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archiver.errors import RefusedError, UsageError
from archiver.flows.ledger_at import ledger_at, ledger_time
from archiver.flows.produce_certificate import certificate_files
from archiver.flows.produce_choice import choose
from archiver.flows.produce_documents import Documents
from archiver.flows.produce_file_text import FileTelling
from archiver.flows.produce_how import How
from archiver.flows.produce_note import note_at
from archiver.flows.produce_reports import Noted, Reports
from archiver.flows.produce_telling import Telling
from archiver.flows.redacting import Reading
from archiver.flows.volume import Plan, write_volume
from archiver.registry.people import moment

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.produce_choice import Choice
    from archiver.flows.volume import Folder, Written
    from archiver.ports import Progress
    from archiver.produce.conserving import Conservation
    from archiver.produce.scope import Scope

__all__ = ["How", "Produced", "produce"]


class Produced(NamedTuple):
    """A volume: what was chosen, what was written, and what became of all else.

    ``elsewhere``: records that nobody marked and that say what is withheld of others.
    """

    choice: Choice
    written: Written
    conservation: Conservation
    volume: int
    elsewhere: tuple[str, ...]


def produce(
    archive: Archive,
    asked: str | Scope,
    size: int,
    how: How,
    folder: Folder,
    progress: Progress,
) -> Produced:
    """Write a volume into a folder.

    Args:
        archive: where.
        asked: the handle of a matter, or a scope.
        size: of the log that is produced.
        how: profile, names, numbers.
        folder: where to.
        progress: told of each document.

    Raises:
        UsageError: nothing is there to hand over, or what is asked makes no sense.
        RefusedError: not all is accounted for (``not-conserved``), or something is not decided.
        IntegrityError: a stored file is not the one that was sealed, or a proof does not hold.
    """
    choice = choose(archive, asked, size, supplemental=how.supplemental)
    note, made = note_at(archive, size), ledger_time(ledger_at(archive, size))
    named = f"{how.name}_VOL{how.volume:03}"
    reports = Reports(archive, choice, note, named, made, how)
    kept = reports.conservation(choice.leaves_of(choice.records))
    _require_whole(kept)
    _require_some(choice)
    reading = Reading(archive, choice.records, size=size, note=note, about=_told(asked))
    noted = _noted(archive, reading, choice, how)

    def beside() -> dict[str, bytes]:
        if how.certifying is None:
            return {}
        return certificate_files(archive, reports, noted, how.certifying, folder, progress)

    written = write_volume(
        folder,
        _plan(reports, how),
        how.profile,
        Documents(archive, choice, reading, how.masker).in_order(how.profile),
        progress,
        members=lambda document: reading.members(document.record),
        extras=lambda _, names: reports.files(noted, kept, names),
        beside=beside,
        placed=noted.take,
    )
    return Produced(choice, written, kept, how.volume, tuple(noted.elsewhere))


def _noted(archive: Archive, reading: Reading, choice: Choice, how: How) -> Noted:
    telling = _discreet(Telling(reading, choice), how)
    return Noted(telling, FileTelling(archive, reading, telling))


def _discreet(telling: Telling, how: How) -> Telling:
    """Raise `RefusedError` where the name of the production, which is on all of it, tells."""
    if telling.said_by(how.name):
        raise RefusedError(
            "the name of the matter says what is withheld",
            code="name-tells",
            mend="open a matter under another name: it stands on all of the volume",
        )
    return telling


def _told(asked: str | Scope) -> str:
    return f"matter {asked}" if isinstance(asked, str) else f"query {asked.query}"


def _plan(reports: Reports, how: How) -> Plan:
    choice = reports.choice
    return Plan(
        identifier=how.name,
        volume=f"VOL{how.volume:03}",
        first=how.first,
        size=choice.size,
        inputs=_digest(choice, reports.note),
        moment=moment(reports.made),
        about=[("Source-Organization", reports.archive.identity.origin)],
        total=len(choice.records),
    )


def _require_whole(kept: Conservation) -> None:
    if not kept.whole:
        first = kept.faults[0]
        raise RefusedError(
            f"what was captured is not accounted for: {first.what}",
            where=first.where,
            code="not-conserved",
            mend=first.mend,
        )


def _require_some(choice: Choice) -> None:
    if choice.families:
        return
    held = sum(map(len, (*choice.withheld.values(), *choice.held.values())))
    raise UsageError(
        f"nothing is there to hand over ({held} records are withheld or held back)",
        where=choice.scope.query,
        code="nothing-to-produce",
        mend="see what `archiver search` finds; private records wait for `archiver export approve`",
    )


def _digest(choice: Choice, note: bytes) -> str:
    """Return a digest of what becomes of each record, of where it is marked, and of the log.

    It is in the volume, so nothing is in it that a mark withholds: no text, and not the query.
    """
    told = {
        "families": choice.families,
        "withheld": {code: sorted(own) for code, own in choice.withheld.items()},
        "held": {why: sorted(own) for why, own in choice.held.items()},
        "marks": {record: [asdict(one) for one in own] for record, own in choice.marks.items()},
        "note": note.decode(),
    }
    return sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
