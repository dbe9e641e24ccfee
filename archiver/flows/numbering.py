"""Taking Bates numbers: each once, in the order of the ledger.

They are sealed at once, not drafted: of two people who take numbers of a prefix at the same moment
the sequencer declines one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import matters_of
from archiver.flows.deciding import draft, seal_drafts
from archiver.flows.ledger import read_state
from archiver.flows.matter_acts import standing
from archiver.flows.matters import numbers_of
from archiver.ids import new_handle
from archiver.produce.bates import Scheme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.produce.reserved import Reserved

__all__ = ["Scheme", "reserve"]


def reserve(
    archive: Archive,
    handle: str,
    scheme: Scheme,
    count: int,
    keys: Sequence[PersonKey],
    first: int = 0,
) -> Reserved:
    """Reserve the next numbers of a prefix for a matter.

    ``first``: with which number a prefix begins that nobody has used yet; 1 where it is 0.

    Raises:
        UsageError: no such matter; a prefix that was begun with another width, or does not go on
            there; more numbers than its digits can tell.
        RefusedError: nobody signed who may, or somebody else reserved at the same moment.
    """
    standing(archive, handle)
    before = [one for one in numbers_of(archive) if one.scheme.prefix == scheme.prefix]
    begin = _next(archive, before[0].series) if before else first or 1
    if before and (before[0].scheme != scheme or first not in (0, begin)):
        raise UsageError(
            f"the numbers of this prefix go on at {before[0].scheme.number(begin)}",
            where=scheme.prefix,
            code="bates-begun",
            mend="leave out --first and --width, or choose another prefix",
        )
    if count < 1:
        raise UsageError("no numbers to reserve", mend="--count, how many pages at most")
    last = begin + count - 1
    scheme.number(last)
    series = before[0].series if before else new_handle(archive.chance)
    told = {"series": series, "first": str(begin), "last": str(last)}
    own = {"act": "bates", "matter": handle, **told}
    document = {**own, "prefix": scheme.prefix, "width": scheme.width}
    made = draft(archive, "bates", {"matter": handle, **told}, document)
    seal_drafts(archive, [made.signed(keys)])
    for one in numbers_of(archive):
        if (one.series, one.first, one.last) == (series, begin, last):
            return one
    raise RefusedError(
        "another home began the numbers of this prefix at the same moment: these are void",
        where=scheme.prefix,
        code="bates-void",
        mend="reserve once more",
    )


def _next(archive: Archive, series: str) -> int:
    """Return the number after the last of a series, also where nobody can read what took it."""
    return matters_of(archive, read_state(archive)).series[series] + 1
