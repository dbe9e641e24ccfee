"""Conservation over a matter or a scope: what was captured, and what became of all of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.flows.custody import custody_of, withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.matter_scope import contained, found_by
from archiver.ledger import ranges
from archiver.produce.conserving import Captured, Given, conserve
from archiver.produce.fault import Fault
from archiver.produce.matter import NON_RESPONSIVE, PRIVILEGED, RESPONSIVE, Matter
from archiver.produce.matters import common

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.matter_scope import Contained
    from archiver.ledger.ranges import Ranges
    from archiver.produce.conserving import Conservation
    from archiver.produce.scope import Scope

    Parts = Mapping[str, Ranges]

__all__ = ["EXTRAORDINARY", "NOT_LOOKED_INTO", "RESIDUE", "UNREAD", "conservation", "responsive"]

UNREAD = "no key in this home"
NOT_LOOKED_INTO = "private, not looked into"
RESIDUE = "no parser claims it"
EXTRAORDINARY = "an extraordinary order stands on it"
"""Why something is held back, whoever produces."""

NOT_FOUND, TAGGED = "the query does not find it", "tagged non-responsive"
LISTINGS = "listings and counts"
"""Why something is not asked for."""


def responsive(matter: Matter | Scope, found: Collection[str]) -> frozenset[str]:
    """Return the records that are asked for: found, or tagged so, and not tagged otherwise."""
    if not isinstance(matter, Matter):
        return frozenset(found)
    return (frozenset(found) | matter.tagged(RESPONSIVE)) - matter.tagged(NON_RESPONSIVE)


def conservation(
    archive: Archive,
    matter: Matter | Scope,
    given: Given,
    size: int | None = None,
    found: Collection[str] | None = None,
) -> Conservation:
    """Return what became of all that was captured in the scope of a matter.

    What is not asked for is counted here, and so is what can't be read here, is not looked into,
    was destroyed, or is withheld from everybody; the rest has to be given.

    Args:
        archive: where.
        matter: the matter, or a scope alone.
        given: the leaves that are handed over, whole or in part; those of which nothing is, by the
            code of the exemption; and those that are held back, by why.
        size: of the log that is produced from; all of it where none is given.
        found: records that the query finds, where whoever produces has asked it.
    """
    state = read_state(archive)
    whole = state.size if size is None else size
    scope = matter.scope if isinstance(matter, Matter) else matter
    inside = contained(archive, state, scope, whole)
    hits = found_by(archive, scope, inside) if found is None else found
    told = Given(
        produced=inside.firsts(given.produced),
        withheld={name: inside.firsts(leaves) for name, leaves in given.withheld.items()},
        held_back={name: inside.firsts(leaves) for name, leaves in given.held_back.items()},
    )
    told = _held_besides(told, inside, withheld_from_all(archive, state))
    over = _not_asked(matter, inside, responsive(matter, hits), _told(told))
    captured = Captured(
        leaves=inside.ledger,
        outside=inside.outside,
        destroyed=_destroyed(archive, inside),
        records={leaf: record for record, own in inside.records.items() for leaf in own},
    )
    made = conserve(whole, captured, replace(told, non_responsive=over))
    return replace(made, faults=(*made.faults, *_privileged(matter, inside, told.produced)))


def _held_besides(told: Given, inside: Contained, hidden: Ranges) -> Given:
    """Return what is given, with what is held back whoever produces, where it is not shown."""
    shown = ranges.union(told.produced, _all(told.withheld))
    closed = {
        EXTRAORDINARY: ranges.minus(common(inside.leaves_of(inside.records), hidden), shown),
        RESIDUE: ranges.minus(inside.residue, shown),
        UNREAD: ranges.minus(inside.unread, shown),
    }
    found = replace(told, held_back=_together(told.held_back, closed))
    unlooked = {NOT_LOOKED_INTO: ranges.minus(inside.private, _told(found))}
    return replace(found, held_back=_together(found.held_back, unlooked))


def _told(given: Given) -> Ranges:
    """Return all leaves of which it is said what became of them, but those not asked for."""
    return ranges.union(given.produced, ranges.union(_all(given.withheld), _all(given.held_back)))


def _not_asked(
    matter: Matter | Scope, inside: Contained, asked: Collection[str], rest: Ranges
) -> dict[str, Ranges]:
    """Return what nobody asked for, by why; what is given all the same is not among it."""
    tagged = matter.tagged(NON_RESPONSIVE) if isinstance(matter, Matter) else frozenset()
    others = inside.records.keys() - set(asked)
    return {
        TAGGED: ranges.minus(inside.leaves_of(others & tagged), rest),
        NOT_FOUND: ranges.minus(inside.leaves_of(others - tagged), rest),
        LISTINGS: ranges.minus(inside.listings, rest),
    }


def _privileged(matter: Matter | Scope, inside: Contained, produced: Ranges) -> list[Fault]:
    """Return a fault where something is produced that is tagged privileged."""
    tagged = matter.tagged(PRIVILEGED) if isinstance(matter, Matter) else frozenset()
    both = ranges.count(common(inside.leaves_of(tagged), produced))
    if not both:
        return []
    what = f"{both} versions of records that are tagged privileged are handed over"
    return [Fault("conservation-privileged", "produced", what, "take out the tag, or the records")]


def _destroyed(archive: Archive, inside: Contained) -> dict[str, Ranges]:
    """Return the leaves that orders took out, by order; what went by no order is of none."""
    orders = custody_of(archive, read_state(archive)).orders.values()
    found = {one.handle: common(inside.destroyed, one.going) for one in orders}
    return {handle: leaves for handle, leaves in found.items() if leaves}


def _all(parts: Parts) -> Ranges:
    return ranges.union([pair for leaves in parts.values() for pair in leaves], [])


def _together(parts: Parts, others: Parts) -> dict[str, Ranges]:
    """Return both; of one name what either has."""
    found = dict(parts)
    for name, leaves in others.items():
        found[name] = ranges.union(found.get(name, []), leaves)
    return found
