"""Where versions came from: their header lines, from verified bytes, in the order of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import RefusedError
from archiver.flows.ledger import read_state
from archiver.flows.rows import by_leaf, catalog, row_index
from archiver.flows.segments import open_file
from archiver.formats import segment_index, warc_reading
from archiver.ledger import ranges
from archiver.produce.origin import Origin

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment

__all__ = ["provenance"]

_DATE = "date:"


def provenance(archive: Archive, leaves: Ranges) -> list[Origin]:
    """Return where the versions at some leaves came from.

    Raises `IntegrityError`, `MissingObjectError` where a stored file is not the one that was
    sealed, `RefusedError` where one of them can't be read here (``production-unreadable``).
    """
    wanted = frozenset(ranges.numbers(leaves))

    def read(segment: Segment) -> list[list[bytes] | None]:
        stored = open_file(archive, segment, "warc.gz")
        index = segment_index.parse_index(open_file(archive, segment, "idx"))[1:]
        return [
            warc_reading.header_of(stored[at : at + length]) if leaf in wanted else None
            for leaf, (at, length) in zip(row_index(segment), index, strict=True)
        ]

    segments = [
        one.segment
        for one in catalog(archive, read_state(archive))
        if one.stream and ranges.overlap(one.segment.leaves, leaves)
    ]
    found = [_origin(leaf, lines) for leaf, lines in by_leaf(segments, read) if lines]
    if len(found) != len(wanted):
        raise RefusedError(
            f"{len(wanted) - len(found)} versions can't be read here",
            code="production-unreadable",
            mend="use a home that has the keys of their streams",
        )
    return found


def _origin(leaf: int, lines: list[bytes]) -> Origin:
    context = warc_reading.context_of(lines)
    headers = warc_reading.header_values(lines, "Archive-Response-Header")
    dates = (one[len(_DATE) :].strip() for one in headers if one.lower().startswith(_DATE))
    return Origin(
        leaf=leaf,
        record=context["record_id"],
        platform=context["platform"],
        account=context["account"],
        stream=context["stream"],
        kind=context["kind"],
        captured_at=context["captured_at"],
        parser=context["parser"],
        exchange=context.get("exchange", ""),
        newer="generation_of" in context,
        clock=warc_reading.header_value(lines, "Archive-Clock"),
        served=next(dates, ""),
        delivery=warc_reading.header_value(lines, "Archive-Delivery"),
        imported=warc_reading.header_value(lines, "Archive-Import"),
        replacements=tuple(warc_reading.header_values(lines, "Archive-Replacement")),
    )
