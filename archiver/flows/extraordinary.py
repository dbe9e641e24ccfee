"""Extraordinary removal: what has to go by an authority of its own, and not by any schedule.

A court's order, an unlawful image, what was handed over by mistake, somebody's own account that
was captured as the city's. From the moment that the order is sealed nobody is shown the records;
all else is as with any order: approvals, waiting time, holds, beginning, certificate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.disposition import counts_of
from archiver.flows.ledger import read_state
from archiver.flows.orders import freeze, ordered
from archiver.flows.residue import joined
from archiver.formats.parquet import canonical_time
from archiver.registry.people import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.keyring import PersonKey
    from archiver.ports import Progress

__all__ = ["KINDS", "removal"]

KINDS = {
    "court-order": "a court ordered it",
    "unlawful-content": "to keep it is against the law",
    "claw-back": "it was given by mistake, and is asked back",
    "personal-account": "an account that is not the city's was captured by mistake",
}


def removal(  # noqa: PLR0913 - what goes, why, and who asks
    archive: Archive,
    records: Sequence[str],
    kind: str,
    told_of: dict[str, str],
    requester: PersonKey,
    progress: Progress,
    *,
    unclaimed: bool = False,
) -> Draft:
    """Return an extraordinary order, signed by who asks; counsel and two approvers sign it next.

    Args:
        archive: where.
        records: what is to go, by id, whole.
        kind: one of `KINDS`.
        told_of: ``authority`` (who demands it, and by what), ``reason``, and ``copy_sha256`` of
            the paper, each a text that stays private.
        requester: the key of a records manager.
        progress: is told of each file of intake that is read.
        unclaimed: residue that no parser claims, and that came with them, goes too.

    Raises `UsageError` for no known kind, no authority, or records that can't be found here; and
    as `archiver.flows.residue.joined`.
    """
    if kind not in KINDS:
        raise UsageError("no such reason", where=kind, mend=f"give one of {', '.join(KINDS)}")
    if not told_of.get("authority", "").strip():
        raise UsageError("by whose authority?", mend="give --authority, such as a case number")
    frozen, beside = joined(archive, freeze(archive, records), progress, unclaimed=unclaimed)
    counts = counts_of(archive, read_state(archive), frozen)
    document: dict[str, Any] = {"extraordinary": kind, **told_of, **beside, "counts": counts}
    return ordered(
        archive, frozen, document, requester, moment(canonical_time(archive.clock.now()))
    )
