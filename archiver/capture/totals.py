"""The platform's own counts, held against what a pass showed or the archive knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.losses import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.connector import Listing
    from archiver.capture.settling import Settler

__all__ = ["count_known", "count_pass", "count_reading", "differs"]


def count_reading(settler: Settler, listing: Listing, why: str, *, told: bool, whole: bool) -> None:
    """Count how far a listing was read, for each stream that it shows.

    Args:
        settler: has the counts.
        listing: that was read.
        why: it is incomplete (`Session.incomplete`). What is withheld did not break off.
        told: it counts also where it did not break off.
        whole: it was read to its end.
    """
    broken = bool(why) and not why.startswith(WITHHELD)
    if whole and not broken:
        settler.passes.whole.add(listing.group)
    for stream in listing.streams if broken or told else ():
        counts = settler.count(stream)
        counts.broken += broken
        counts.whole += whole and not broken
        counts.stopped += not whole and not broken


def count_pass(settler: Settler, listings: Sequence[Listing], number: str) -> None:
    """Count what a complete pass over a group showed against what the platform reports.

    What it counts here and shows elsewhere only (hidden from the list, say) is explained. Where
    it reports no number with the listing, that which the thing above was said to have stands in:
    fewer than those were left out by the platform, and it does not say which.
    """
    group, names = listings[0].group, [listing.name for listing in listings]
    shown = settler.shown(group, names, number)
    total = _total(settler, listings, number)
    if total is not None and total > shown:
        shown = min(total, shown + settler.elsewhere(group, names))
    _count(settler, listings, number, shown)
    if total is None:
        stated = sum(listing.stated or 0 for listing in listings if listing.counted)
        settler.count(listings[0].stream).unexplained += max(stated - shown, 0)


def count_known(settler: Settler, listings: Sequence[Listing]) -> None:
    """Count what is known against the platform's report, where a pass stopped early."""
    if _total(settler, listings, "1") is not None:
        _count(settler, listings, "1", settler.known.size(listings[0].group))


def differs(settler: Settler, listings: Sequence[Listing]) -> bool:
    """Tell whether the platform's count of a group contradicts what is known."""
    group, names = listings[0].group, [listing.name for listing in listings]
    return settler.passes.off(group, names, "1", settler.known.size(group)) > 0


def _total(settler: Settler, listings: Sequence[Listing], number: str) -> int | None:
    return settler.passes.total(listings[0].group, [listing.name for listing in listings], number)


def _count(settler: Settler, listings: Sequence[Listing], number: str, seen: int) -> None:
    counts, total = settler.count(listings[0].stream), _total(settler, listings, number)
    counts.seen += seen
    if total is not None:
        group, names = listings[0].group, [listing.name for listing in listings]
        counts.reported = (counts.reported or 0) + total
        counts.unexplained += settler.passes.off(group, names, number, seen)
