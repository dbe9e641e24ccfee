"""Records that hold the content of others: quotations, boosts, snapshots, what has parts.

Each needs a decision of its own (`docs/formats/record-warc.md`); what is not decided stays, and
is told where something that it holds goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import KeyStoreError
from archiver.flows.record_leaves import id_among
from archiver.flows.segments import open_file
from archiver.formats import segment_index, warc_reading
from archiver.formats.warc_reading import UNRESOLVED
from archiver.record import wholes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["Containing", "containing"]


class Containing(NamedTuple):
    """Live records that hold some others.

    ``also``: by id, the ids of those that it holds, or that are parts of it. ``unresolved``:
    records that hold something of which nobody can tell which record it is. ``unread``: places
    of segments whose keys are not in this home.
    """

    also: dict[str, tuple[str, ...]]
    unresolved: tuple[str, ...]
    unread: tuple[str, ...]


def containing(archive: Archive, segments: Iterable[Segment], wanted: frozenset[str]) -> Containing:
    """Return which records of some segments hold wanted ones and are none of them themselves.

    Raises `FormatError` where a record can't be read, `IntegrityError` where a file is not the
    one that was sealed.
    """
    above = {whole: one for one in wanted for whole in wholes(one)}
    also, unresolved, unread = dict[str, set[str]](), set[str](), list[str]()
    for segment in segments:
        try:
            for record, held in _held(archive, segment):
                if id_among(record, wanted):
                    continue
                if UNRESOLVED in held:
                    unresolved.add(record)
                known = {whole for one in held if (whole := id_among(one, wanted))}
                known |= {above[record]} if record in above else set()
                if known:
                    also.setdefault(record, set()).update(known)
        except KeyStoreError:
            unread.append(segment.place)
    found = {record: tuple(sorted(also[record])) for record in sorted(also)}
    return Containing(found, tuple(sorted(unresolved)), tuple(unread))


def _held(archive: Archive, segment: Segment) -> Iterator[tuple[str, list[str]]]:
    """Yield the id of each record of a segment, and those that it says to contain."""
    index = segment_index.parse_index(open_file(archive, segment, "idx"))
    file = open_file(archive, segment, "warc.gz")
    for offset, length in index[1:]:  # the first member says what file it is
        lines = warc_reading.header_of(file[offset : offset + length])
        held = warc_reading.contained_of(lines)
        yield warc_reading.header_value(lines, "Archive-Record"), held
