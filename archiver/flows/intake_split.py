"""Splitting intake and settlement maps: what is to be destroyed into files of its own.

Exchanges and entries go along verbatim; names, nonces, padding and keys are new, so that the
file of what stays tells nothing of the other. Which go is said by `archiver.flows.occurrences`,
and held against the old file by `archiver.flows.verify_intake_split`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.flows.intake import new_opening
from archiver.flows.segments import Placement, finish, new_nonce, sealed
from archiver.formats.intake_file import split_exchanges
from archiver.formats.settlement_map import map_bytes, parse_map
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Collection

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment

__all__ = ["split_intake", "split_map"]


def split_intake(archive: Archive, segment: Segment, going: Ranges) -> tuple[Sealable, Sealable]:
    """Return an intake segment as two, ready to be sealed: what stays, and what goes.

    Each has, beside the members of a segment, its ``lane`` and ``exchanges``; it goes to the
    unit of the old one.

    Args:
        archive: whose.
        segment: of intake, sealed as such or a part of one.
        going: numbers of its exchanges, some of them and not all.

    Raises:
        FormatError: all go, none, or one that it does not have; or it is no intake file.
        IntegrityError, MissingObjectError: the file is not the one that was sealed.
        KeyStoreError: its key is not in this home.
    """
    staying = ranges.minus(segment.exchanges, going)
    if not staying or not going or ranges.minus(going, segment.exchanges):
        raise FormatError("no part of these exchanges", where=segment.place)
    openings = new_opening(archive), new_opening(archive)
    data = sealed(archive, segment, "warc.gz")
    parts = split_exchanges(data, frozenset(ranges.numbers(going)), openings)
    stays, goes = (_finished(archive, segment, "warc.gz", part) for part in parts)
    for made, numbers in ((stays, staying), (goes, going)):
        made.segment.update(lane=segment.lane, exchanges=numbers)
    return stays, goes


def split_map(
    archive: Archive, segment: Segment, going: Collection[str]
) -> tuple[Sealable, Sealable]:
    """Return a map's segment as two, ready to be sealed: what stays, and what goes.

    ``going``: observation ids, some of those that it tells of and not all. Raises as
    `split_intake` does.
    """
    origins = parse_map(sealed(archive, segment, "map"))
    goes = {uuid: origins[uuid] for uuid in origins if uuid in going}
    stays = {uuid: origins[uuid] for uuid in origins if uuid not in going}
    if not goes or not stays or len(goes) < len(set(going)):
        raise FormatError("no part of these entries", where=segment.place)
    left, right = (
        _finished(archive, segment, "map", map_bytes(part, *new_nonce(archive)))
        for part in (stays, goes)
    )
    return left, right


def _finished(archive: Archive, segment: Segment, kind: str, data: bytes) -> Sealable:
    placement = Placement(segment.unit, segment.series, segment.period, segment.sensitivity)
    return finish(archive, placement, {kind: data}, (), 0)
