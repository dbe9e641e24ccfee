"""Listings as evidence: what each enumeration showed, and what is concluded from it. Pure.

One enumeration of one listing is a *pass*. A pass that proves a change, an absence or a
control count is kept as an observation without item bytes; a thing that passes no longer
show is observed as absent or deleted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.record import Excerpt, Kind, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.connector import Page
    from archiver.capture.known import Thing
    from archiver.record import Exchange

__all__ = [
    "LISTING_PARSER",
    "Pass",
    "Passes",
    "Place",
    "absence_observation",
    "listing_observation",
    "missing",
    "part_of",
    "unlisted",
]

LISTING_PARSER = "listing/1"


class Place(NamedTuple):
    """Which record an observation belongs to."""

    platform: str
    account: str
    stream: str
    native_id: str


@dataclass(slots=True)
class Pass:
    """One enumeration of one listing: what it showed, in order, and what it claimed.

    ``uuid`` is that of the observation it left, if any. ``since``: it went back to this
    moment only, and is complete for what is dated after; empty: to the listing's end.
    ``bound``: why ``total`` may be more than was shown (`Page.bound`).
    """

    exchange: Exchange
    total: str = ""
    shown: list[Thing] = field(default_factory=list)
    changed: bool = False
    pages: int = 0
    claims: dict[str, str] = field(default_factory=dict)
    uuid: str = ""
    since: str = ""
    bound: str = ""


class Passes:
    """The passes of a run, by group, listing and number; ``whole``: groups read to their end."""

    def __init__(self) -> None:
        self._passes: dict[tuple[str, str, str], Pass] = {}
        self.whole: set[str] = set()

    def page(self, exchange: Exchange, page: Page, *, changed: bool) -> None:
        """Take in one page; page 1 begins its pass anew."""
        purpose = exchange.purpose
        key = (purpose["group"], purpose["listing"], purpose["pass"])
        if purpose["page"] == "1" or key not in self._passes:
            self._passes[key] = Pass(replace(exchange, request=b"", response=b""))
        current = self._passes[key]
        current.total = page.total or current.total
        current.bound = page.bound or current.bound
        current.pages += 1
        current.changed |= changed
        current.shown += [(item.stream, item.native_id) for item in page.items]
        current.claims |= {claim.name: claim.value for claim in page.claims}

    def get(self, group: str, name: str, number: str) -> Pass | None:
        """Return one pass, or None where it never began."""
        return self._passes.get((group, name, number))

    def closed(self, group: str, names: Sequence[str], numbers: Sequence[str]) -> list[Pass]:
        """Return passes that all began, listing by listing within each number."""
        return [self._passes[group, name, number] for number in numbers for name in names]

    def things(self, group: str, names: Sequence[str], numbers: Sequence[str]) -> set[Thing]:
        """Return everything that the passes showed; one that never began showed nothing."""
        found = (self.get(group, name, number) for number in numbers for name in names)
        return {thing for one in found if one is not None for thing in one.shown}

    def total(self, group: str, names: Sequence[str], number: str) -> int | None:
        """Return the platform's own count of a group in one pass, or None without one."""
        totals = [one.total for one in self.closed(group, names, [number])]
        return sum(map(int, totals)) if all(map(str.isdecimal, totals)) else None

    def off(self, group: str, names: Sequence[str], number: str, seen: int) -> int:
        """Return by how much ``seen`` things contradict the platform's count; 0 without one.

        A count that is an upper bound by the platform's own words is contradicted by more only.
        """
        total = self.total(group, names, number)
        if total is None:
            return 0
        bound = any(one.bound for one in self.closed(group, names, [number]))
        return max(seen - total, 0) if bound else abs(seen - total)


def listing_observation(place: Place, name: str, one: Pass, listed: Sequence[str]) -> Observation:
    """Return a pass as an observation: ordered observation ids, totals, no item bytes."""
    row = {"reported": one.total} if one.total else {}
    row["listed"] = json.dumps(listed)
    said = {"listing": name, "pages": one.pages, "values": one.claims, **row}
    said |= {key: text for key, text in (("since", one.since), ("bound", one.bound)) if text}
    document = json.dumps(said, sort_keys=True)
    return Observation(
        *place,
        kind=Kind.LISTING,
        sensitivity=one.exchange.purpose["sensitivity"],
        captured_at=one.exchange.captured_at,
        excerpts=(Excerpt("listing", document.encode()),),
        row=row,
        parser=LISTING_PARSER,
        exchange=one.exchange.id,
        context=one.exchange.provenance,
        content_type="application/json",
    )


def absence_observation(
    place: Place, kind: Kind, sensitivity: str, evidence: Sequence[str], source: Exchange
) -> Observation:
    """Return the observation that a thing is no longer there.

    Args:
        place: the thing.
        kind: absent or deleted.
        sensitivity: that of its latest observation.
        evidence: what it rests on, line by line.
        source: the last exchange that it rests on.
    """
    return Observation(
        *place,
        kind=kind,
        sensitivity=sensitivity,
        captured_at=source.captured_at,
        excerpts=(),
        row={},
        parser=LISTING_PARSER,
        exchange=source.id,
        context=(*source.provenance, *(("Archive-Evidence", line) for line in evidence)),
        warc_type="metadata",
    )


def unlisted(passes: Sequence[Pass]) -> list[str]:
    """Return as evidence the observations of passes that did not show a thing."""
    return [f"listing <urn:uuid:{one.uuid}>" for one in passes if one.uuid]


def part_of(observation: str) -> list[str]:
    """Return as evidence that what a thing is part of is gone, by that observation's UUID."""
    return [f"whole <urn:uuid:{observation}>"]


def missing(gone: Exchange | None) -> list[str]:
    """Return as evidence the exchange in which the platform said that there is no such thing."""
    return [] if gone is None else [f"missing {gone.id}"]
