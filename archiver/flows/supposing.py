"""What people did not decide, for a dry run: schedules as if they were in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.retention.decisions import Adoption, OptIn, Reading

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from archiver.retention.decisions import Decisions
    from archiver.retention.schedule import Pack

__all__ = ["supposed"]

NEVER_SEALED = -1
"""Entry of what is in no ledger."""


def supposed(
    decisions: Decisions, packs: Sequence[Pack], schedules: Collection[str], day: date
) -> Decisions:
    """Return decisions as if schedules were adopted, opted in to and confirmed before a day.

    Raises `UsageError` for a schedule that is not at hand.
    """
    unknown = sorted(set(schedules) - {one.schedule for one in packs})
    if unknown:
        mend = "see `archiver schedule list`"
        raise UsageError("there is no such schedule", where=", ".join(unknown), mend=mend)
    counts = datetime.combine(day - timedelta(days=3), time(), UTC)
    chosen = [one for one in packs if one.schedule in schedules]
    return replace(
        decisions,
        adoptions=(*decisions.adoptions, *(_adoption(one, counts) for one in chosen)),
        opt_ins=(*decisions.opt_ins, *(_opt_in(one, counts) for one in chosen)),
    )


def _adoption(pack: Pack, counts: datetime) -> Adoption:
    return Adoption(
        entry=NEVER_SEALED,
        by=(),
        counts=counts,
        schedule=pack.schedule,
        version=pack.version,
        digest=pack.digest,
        authority="supposed",
        instrument="supposed",
        effective=counts.date(),
        readings=tuple(Reading(one.id, one.sha256, "", counts.date()) for one in pack.sources),
        confirmed=frozenset(row.code for row in pack.rows),
    )


def _opt_in(pack: Pack, counts: datetime) -> OptIn:
    return OptIn(
        entry=NEVER_SEALED,
        by=(),
        counts=counts,
        schedule=pack.schedule,
        version=pack.version,
        instrument="supposed",
        effective=counts.date(),
    )
