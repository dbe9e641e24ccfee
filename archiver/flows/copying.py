"""New segments out of sealed ones: their records, verbatim, under new names, nonces and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver import __version__
from archiver.errors import FormatError
from archiver.flows.rows import row_index
from archiver.flows.segments import Placement, finish, new_nonce, sealed
from archiver.formats import warc
from archiver.formats.parquet import canonical_time
from archiver.formats.segment_copy import Opening, Source, copy_records
from archiver.ids import new_uuid
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment

__all__ = ["copied"]


def copied(
    archive: Archive, segments: Sequence[Segment], stream: str, kept: Ranges | None = None
) -> Sealable:
    """Return one segment, ready to be sealed, of the records of several.

    It goes to their unit, and has no commitments of its own: its leaves are in the ledger.
    All bytes come from the store and hash to what was sealed, whatever a cache has.

    Args:
        archive: whose.
        segments: of one account, unit, series, period and sensitivity.
        stream: theirs.
        kept: leaves of the records that are copied; None: all.

    Raises:
        IntegrityError, MissingObjectError: a file is not the one that was sealed.
        KeyStoreError: the key of an encrypted file is not in this home.
        FormatError: the segments can't be made one.
    """
    places = {(o.account, o.unit, o.series, o.period, o.sensitivity) for o in segments}
    if len(places) != 1:
        raise FormatError("segments of different units or accounts", where=f"{len(places)} places")
    _, *place = places.pop()
    sources = [_source(archive, one) for one in segments]
    now = canonical_time(archive.clock.now())
    opening = Opening(
        warc.warcinfo(
            new_uuid(archive.chance), now, *new_nonce(archive), f"civic-archiver/{__version__}"
        ),
        new_nonce(archive),
        new_nonce(archive),
    )
    wanted = None if kept is None else frozenset(ranges.numbers(kept))
    made = copy_records(sources, opening, wanted)
    sealable = finish(archive, Placement(*place), made.files, (), 0, stream)
    sealable.segment["leaves"] = ranges.from_numbers(made.leaves)
    return sealable


def _source(archive: Archive, segment: Segment) -> Source:
    warc_, rows, idx = (sealed(archive, segment, kind) for kind in ("warc.gz", "parquet", "idx"))
    return Source(warc_, rows, idx, row_index(segment))
