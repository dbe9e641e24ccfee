"""Looks into private streams: who may, and a trace of each that is durable before it is shown.

A look is a note in the home, signed by the person who looked if one is known. Notes of a
day that is over become one private document and an ``access`` entry that has the day and
a number. So looking needs no sequencer, and the ledger learns no query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError
from archiver.flows.custody import withheld_from_all
from archiver.flows.documents import archive_lane, documents, parsed, seal_in_lane
from archiver.flows.ledger import read_state
from archiver.flows.people import holds, new_statement, people_of, sign
from archiver.flows.sealed import sealed_records
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.ledger import ranges
from archiver.ledger.finding import Finding
from archiver.ledger.seal import SETTLE
from archiver.record import Sensitivity
from archiver.registry.acts import Act
from archiver.registry.documents import ACCESS
from archiver.registry.roles import READERS, reader_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.sealed import SealedRecord
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState

__all__ = [
    "NOTES",
    "look",
    "may_read",
    "miscounted",
    "readable_streams",
    "records_to_show",
    "seal_looks",
]

NOTES = "access/"
"""Where a home keeps looks until their day is over."""

LOOK = "look"
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def readable_streams(archive: Archive, state: LedgerState) -> frozenset[str] | None:
    """Return the private streams that whoever gives the command may read; None: all.

    All as long as the archive has no reader: then whoever has the home has its keys.
    """
    registry = people_of(archive, state)
    granted = {one.role for person in registry.people.values() for one in person.grants}
    if not granted & set(READERS):
        return None
    key = archive.person.verifier_key if archive.person else ""
    return frozenset(
        role.removeprefix(reader_of(""))
        for role in READERS
        if holds(archive, registry, state, key, [role])
    )


def may_read(streams: Collection[str] | None, stream: str) -> bool:
    """Tell whether a private stream is among those that may be read."""
    return streams is None or stream in streams


def look(archive: Archive, what: str, about: str, streams: Collection[str]) -> None:
    """Note a look, durably, before anything of it is shown.

    Args:
        archive: where.
        what: ``search show prove transfer redact`` or ``produce``.
        about: the query, the record, or who takes records over.
        streams: private streams that are looked into.
    """
    act = new_statement(archive, LOOK, what=what, about=about, streams=" ".join(sorted(streams)))
    if archive.person is not None:
        act = sign(act, [archive.person])
    day = str(act.statement["time"])[:10]
    archive.home.write(f"{NOTES}{day}-{new_ulid(archive.clock, archive.chance)}", act.encode())


def records_to_show(archive: Archive, record_id: str, what: str) -> list[SealedRecord]:
    """Return all observations of a record to somebody who may see them; a look is noted.

    Raises `UsageError` where there is none of that id, `RefusedError` where it is private
    and whoever asks has not the role, or where nobody is shown it (``record-withheld``).
    """
    found = sealed_records(archive, record_id)
    hidden = withheld_from_all(archive, read_state(archive))
    if any(ranges.overlap(hidden, [[one.index, one.index + 1]]) for one in found):
        raise RefusedError(
            "the record is withheld from everybody: an extraordinary order stands on it",
            where=record_id,
            code="record-withheld",
            mend="see `archiver disposition list`",
        )
    private = any(one.segment.sensitivity == Sensitivity.PRIVATE for one in found)
    if private:
        stream = found[0].row["stream"]
        if not may_read(readable_streams(archive, read_state(archive)), stream):
            raise RefusedError(
                "the record is private, and its stream is not yours to read",
                where=record_id,
                code="reader-role-needed",
                mend=f"give the key of somebody with the role {reader_of(stream)}: "
                "--key or ARCHIVER_PERSON",
            )
        look(archive, what, record_id, [stream])
    return found


def seal_looks(archive: Archive) -> int:
    """Seal the looks of days that are over; return how many. Those of today stay notes."""
    today = canonical_time(archive.clock.now())[:10]
    if not any(_day(name) < today for name in archive.home.names(NOTES)):
        return 0
    with archive_lane(archive):
        names = [name for name in archive.home.names(NOTES) if _day(name) < today]
        known, count = _sealed(archive), 0
        for day in sorted(set(map(_day, names))):
            own = [name for name in names if _day(name) == day]
            acts = [Act.decode(archive.home.read(name) or b"") for name in own]
            new = [one.document() for one in acts if one.statement["statement"] not in known]
            if new:
                name = f"{ACCESS}/{new_ulid(archive.clock, archive.chance)}"
                entry = {"t": "access", "day": day, "looks": len(new)}
                seal_in_lane(archive, {name: {"day": day, "looks": new}}, [entry])
            count += len(new)
            for name in own:
                archive.home.remove(name)
    return count


def miscounted(
    state: LedgerState, documents: Iterable[tuple[int, bytes]], read: Ranges
) -> Iterator[Finding]:
    """Yield the ``access`` entries whose documents do not say what they say.

    Args:
        state: the ledger.
        documents: those about looks (leaf, bytes), whole and of the workflow stream.
        read: leaves of which all such documents are among these; of others nothing is said.
    """
    known = ranges.union(read, [])
    told = sorted((leaf, _told(data)) for leaf, data in documents)
    stated: set[int] = set()
    for index, body, own in _counted(state):
        if ranges.minus(own, known):
            continue
        inside = {leaf: one for leaf, one in told if ranges.overlap(own, [[leaf, leaf + 1]])}
        stated |= inside.keys()
        expected = f"{body.get('looks')} looks of {body.get('day')}"[:80]
        if list(inside.values()) != [expected]:
            found = ", ".join(inside.values()) or "no document"
            yield Finding("access-differs", f"entry {index}", expected, found)
    for leaf, one in told:
        if leaf not in stated:
            yield Finding("access-differs", f"leaf {leaf}", "an access entry beside it", one)


def _counted(state: LedgerState) -> Iterator[tuple[int, dict[str, Any], Ranges]]:
    """Yield the ``access`` entries: index, members, leaves of the records of their batch."""
    entries = [(index, body) for index, body in state.controls if body["t"] == "access"]
    leaves: dict[str, Ranges] = {body["id"]: [] for _, body in entries}
    for _, body in state.controls:
        if body["t"] == "seal" and body["stage"] == SETTLE and body["id"] in leaves:
            leaves[body["id"]] += [pair for one in body["segments"] for pair in one["leaves"]]
    return ((index, body, leaves[body["id"]]) for index, body in entries)


def _told(data: bytes) -> str:
    """Return what a document says of number and day: nothing else of it is told."""
    document = parsed(data)
    looks, day = document.get("looks"), document.get("day")
    if not isinstance(looks, list) or not isinstance(day, str) or not _DAY.fullmatch(day):
        return "no looks of a day"
    return f"{len(looks)} looks of {day}"


def _day(name: str) -> str:
    return name.removeprefix(NOTES)[:10]


def _sealed(archive: Archive) -> set[str]:
    """Return the looks that were sealed before, by their statements' names."""
    found: set[str] = set()
    for _, native_id, data in documents(archive, read_state(archive)):
        if native_id.startswith(f"{ACCESS}/"):
            looks = parsed(data).get("looks", [])
            found |= {Act.of(one).statement["statement"] for one in looks}
    return found
