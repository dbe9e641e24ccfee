"""The copies in a certificate of destruction: known to ledger, settings, or execution.

The ledger has handles. Which copy that is, is known where the settings name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.ledger import ranges
from archiver.ledger.deciding import HERE, copy_handle
from archiver.retention.certificate_told import Copy

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.retention.order import Order
    from archiver.retention.report import CopyReport, Report

__all__ = ["certified_copies"]


def certified_copies(archive: Archive, order: Order, report: Report | None) -> tuple[Copy, ...]:
    """Return every copy that is known of: the archive, those declared, and any other told of."""
    declared = _declared(archive)
    reports = {one.handle: one for one in report.copies} if report else {}
    others = sorted((order.gone.keys() | reports.keys()) - declared.keys())
    return tuple(
        _copy(order, handle, declared.get(handle), reports.get(handle))
        for handle in (*declared, *others)
    )


def _declared(archive: Archive) -> dict[str, tuple[str, str]]:
    """Return name and place of the copies that the settings name, by handle.

    A copy knows itself and the archive by name, and nothing of the others.
    """
    if archive.copy_name:
        named = [(HERE, ""), (archive.copy_name, archive.store.describe())]
    else:
        named = [(HERE, archive.store.describe())]
        named += [(one.name, one.place or one.store.describe()) for one in archive.copies()]
    return {copy_handle(archive.identity.id, name): (name, place) for name, place in named}


def _copy(
    order: Order, handle: str, declared: tuple[str, str] | None, report: CopyReport | None
) -> Copy:
    gone, going = order.gone.get(handle), ranges.minus(order.leaves, order.saved)
    name, place = declared or ("", "")
    return Copy(
        handle=handle,
        name=report.name if report else name,
        place=report.place if report else place,
        declared=declared is not None,
        result="unknown" if gone is None else "gone" if gone == going else "partly",
        versions=ranges.count(gone or []),
        removed=report.removed if report else None,
        locked=report.locked if report else None,
        checked_at=report.checked_at if report else "",
    )
