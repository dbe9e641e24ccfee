"""The copies in a certificate of destruction: known to ledger, settings, or execution.

The ledger has handles. Which copy that is, is known where the settings name it, or did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.copies import UNNAMED, called
from archiver.flows.retiring import said_of
from archiver.ledger import ranges
from archiver.registry.people import spelled
from archiver.retention.certificate_told import Copy, Retirement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from archiver.flows.archive import Archive
    from archiver.flows.copies import Called
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Deciding
    from archiver.retention.copies import Retired
    from archiver.retention.custody import Custody
    from archiver.retention.order import Order
    from archiver.retention.report import CopyReport, Report

__all__ = ["OfCopies", "certified_copies", "of_copies"]


class OfCopies(NamedTuple):
    """Copies as they were told of by the end of an order.

    ``told``: handle -> the last entry that told of it. ``retired``: those that had been retired.
    ``earlier``: what was said last, also of those that are copies again.
    """

    told: dict[str, int]
    retired: dict[str, Retired]
    earlier: dict[str, Retired]


def of_copies(known: tuple[LedgerState, Deciding, Custody], order: Order) -> OfCopies:
    """Return the copies that may have had something of an order by its end.

    One that was retired before anything of it was sealed had nothing of it.
    """
    state, acts, custody = known
    end = order.done if order.done is not None else order.halted
    until = next(one.sealed for one in acts.made if one.entry == end)
    told = {
        str(body["copy"]): index
        for index, body in state.controls
        if body["t"] == "copy" and end is not None and index < end
    }
    told = {one: at for one, at in told.items() if one in custody.copies.told}
    made = [one for one in custody.copies.retirements if one.counts <= until]
    earlier = {one.copy: one for one in made if one.entry > order.leaves[0][0]}
    retired = {one: x for one, x in earlier.items() if x.entry > told.get(one, -1)}
    never = {one.copy for one in made if one.entry > told.get(one.copy, -1)} - retired.keys()
    return OfCopies({one: at for one, at in told.items() if one not in never}, retired, earlier)


def certified_copies(
    archive: Archive,
    known: OfCopies,
    order: Order,
    report: Report | None,
    documents: Mapping[str, Mapping[str, Any]],
) -> tuple[Copy, ...]:
    """Return every copy that is known of: the archive, those declared, and any other told of."""
    names = called(archive)
    declared = [one for one in names if names[one].declared]
    reports = {one.handle: one for one in report.copies} if report else {}
    others = order.gone.keys() | reports.keys() | known.told.keys() | known.retired.keys()
    return tuple(
        _copy(
            order,
            (handle, names.get(handle, UNNAMED)),
            reports.get(handle),
            _retirement(known.earlier.get(handle), documents),
            retired=handle in known.retired,
        )
        for handle in (*declared, *sorted(others - set(declared)))
    )


def _retirement(
    made: Retired | None, documents: Mapping[str, Mapping[str, Any]]
) -> Retirement | None:
    if made is None:
        return None
    said = said_of(made, documents)
    words = {name: said[name] for name in ("became", "to", "day", "copy_sha256")}
    return Retirement(**words, counts=spelled(made.counts))


def _copy(
    order: Order,
    which: tuple[str, Called],
    report: CopyReport | None,
    said: Retirement | None,
    *,
    retired: bool,
) -> Copy:
    handle, one = which
    gone, going = order.gone.get(handle), ranges.minus(order.leaves, order.saved)
    left = "retired" if retired else "unknown" if gone is None else "partly"
    return Copy(
        handle=handle,
        name=report.name if report else one.name,
        place=report.place if report else one.place,
        declared=one.declared,
        result="gone" if gone is not None and gone == going else left,  # type: ignore[arg-type]
        versions=ranges.count(gone or []),
        removed=report.removed if report else None,
        locked=report.locked if report else None,
        checked_at=report.checked_at if report else "",
        retired=said,
    )
