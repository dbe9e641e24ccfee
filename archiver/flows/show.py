"""Show: one record, as it is, as it was, and how it came to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.columns import COLUMNS
from archiver.flows.access import records_to_show
from archiver.formats import warc_reading
from archiver.search.query import moment_of

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["show"]


def show(archive: Archive, record_id: str, *, as_of: str = "") -> list[dict[str, Any]]:
    """Return the observations of a record, oldest first.

    Each has the context columns, the fields, what changed since the one before, the
    evidence it names, which records' content it holds too, and its excerpts as received;
    of what stood in an export, its format and the import.

    Args:
        archive: where.
        record_id: whose.
        as_of: leave out what was observed after this time.

    Raises `RefusedError` where it is private and whoever asks may not see it.
    """
    until = moment_of(as_of) if as_of else ""
    found = [
        sealed
        for sealed in records_to_show(archive, record_id, "show")
        if not until or sealed.row["captured_at"] <= until
    ]
    history: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    for sealed in found:
        fields = {
            k: v for k, v in sealed.row.items() if k in COLUMNS and COLUMNS[k].home == "field"
        }
        history.append(
            {
                "observation": sealed.row["observation_id"],
                "kind": sealed.row["kind"],
                "captured_at": sealed.row["captured_at"],
                "leaf": sealed.index,
                "context": {k: v for k, v in sealed.row.items() if k not in fields},
                "fields": fields,
                "changed": _changed(before, fields) if before and fields else {},
                "evidence": warc_reading.header_values(sealed.record.lines, "Archive-Evidence"),
                "imported": warc_reading.header_value(sealed.record.lines, "Archive-Import"),
                "contains": warc_reading.contained_of(sealed.record.lines),
                "excerpts": [
                    {"role": excerpt.role, "bytes": excerpt.data}
                    for excerpt in warc_reading.excerpts_of(sealed.record)
                ],
            }
        )
        before = fields or before
    return history


def _changed(before: dict[str, str], after: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {"before": before.get(name, ""), "after": after.get(name, "")}
        for name in sorted(before.keys() | after)
        if before.get(name) != after.get(name)
    }
