"""The chain of custody as a page for people. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.formats.pdf import Page, Section, Table, pdf
from archiver.registry.people import moment

if TYPE_CHECKING:
    from archiver.produce.custody import Chain, Event

__all__ = ["custody_pdf"]

_MOST = 400
"""Events that the page shows one by one; the JSON has all."""
_LEAD = (
    "This page is about {} versions of {} records. It was made from the first {} entries of the "
    "log of {} and from the header lines of the versions. People are named by the handles of "
    "their keys."
)
_HEADS = ("When (UTC)", "What", "Entry", "Versions", "Account", "By whom, and how")
_WIDTHS = (3, 3, 0, 0, 3, 7)


def custody_pdf(chain: Chain, origin: str, made: str) -> bytes:
    """Return a chain as PDF.

    Args:
        chain: the chain.
        origin: whose log it is.
        made: canonical time that the page bears.

    Raises `FormatError` where it can't be set.
    """
    shown = chain.events[:_MOST]
    left = len(chain.events) - len(shown)
    more = [f"And {left} more events, which are in the JSON and the table."] if left else []
    counts = [(what, str(many)) for what, many in chain.counts().items()]
    page = Page(
        title="Chain of custody",
        author=origin,
        subject=f"{chain.versions} versions of {chain.records} records",
        footer=f"{origin}, as of {chain.size} entries of its log",
        lead=[
            _LEAD.format(chain.versions, chain.records, chain.size, origin),
            chain.outside,
        ],
        sections=[
            Section(
                "In numbers", tables=[Table(("What", "Events"), counts, (False, False), (1, 1))]
            ),
            Section(
                "From capture on",
                more,
                [Table(_HEADS, [_row(one) for one in shown], (False,) * len(_HEADS), _WIDTHS)],
            ),
        ],
    )
    return pdf(page, moment(made))


def _row(one: Event) -> tuple[str, ...]:
    place = ", ".join(part for part in (one.account, one.lane and f"lane {one.lane[:8]}") if part)
    entry = "–" if one.entry is None else str(one.entry)
    told = "; ".join(part for part in (one.by and f"by {one.by}", one.told) if part)
    versions = str(one.versions) if one.versions else "–"
    return (f"{one.time[:10]} {one.time[11:19]}", one.what, entry, versions, place, told)
