"""What a production hands over, and what becomes of all else: decided for each record, once.

The question is that of a matter or of a scope alone; people's tags and marks count as of the size
of the log that is produced. What nobody decided is handed over where it is public and asked for,
and held back where it is private.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import RefusedError, UsageError
from archiver.flows.conserving import EXTRAORDINARY, responsive
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.marking import marks_at
from archiver.flows.matter_scope import contained, looked_for
from archiver.flows.matters import matter_of, things_of
from archiver.ledger import ranges
from archiver.ledger.whereabouts import private_leaves
from archiver.produce.families import families
from archiver.produce.matter import EXEMPT, NON_RESPONSIVE, PRIVILEGED, SECOND_LOOK, Matter
from archiver.produce.matters import CLAW_BACK, common
from archiver.redact.mark import Mark, on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.matter_scope import Contained
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.produce.families import Thing
    from archiver.produce.scope import Scope

__all__ = ["TAGGED", "UNAPPROVED", "Choice", "asked_for", "choose"]

UNAPPROVED = "private, and nobody approved its export"
PRIVILEGE = "privileged"
TAGGED = "tag-"
"""What the name of a mark begins with that is a tag."""
EARLIER = "handed over in an earlier volume"


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of records.

    ``families``: what is handed over, whole or in part, those that belong together side by side.
    ``withheld``: by the code of an exemption, records of which nothing is handed over; ``held``
    likewise by why. ``hits``: what the query finds. ``marks``: by record that is asked for, those
    on it or on what it is a part of; a tag that withholds it is one as well. ``heads``: of each
    thing the head of its family.
    """

    size: int
    about: Matter | Scope
    inside: Contained
    hits: frozenset[str]
    families: tuple[tuple[str, ...], ...]
    withheld: Mapping[str, frozenset[str]]
    held: Mapping[str, frozenset[str]]
    marks: Mapping[str, tuple[Mark, ...]]
    things: Mapping[str, Thing]
    heads: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    @property
    def scope(self) -> Scope:
        """Where was looked, and for what."""
        return self.about.scope if isinstance(self.about, Matter) else self.about

    @property
    def records(self) -> list[str]:
        """All that is handed over."""
        return [record for family in self.families for record in family]

    @property
    def withheld_whole(self) -> frozenset[str]:
        """All of which nothing is handed over since somebody decided that."""
        every = (*self.withheld.values(), self.held.get(PRIVILEGE, frozenset[str]()))
        return frozenset[str]().union(*every)

    def leaves_of(self, records: Collection[str]) -> Ranges:
        """Return the leaves of records in the scope."""
        return self.inside.leaves_of(records)


def choose(
    archive: Archive,
    asked: str | Scope,
    size: int,
    *,
    approved: bool = True,
    supplemental: bool = False,
) -> Choice:
    """Return what becomes of each record in a scope, as of a size of the log.

    Args:
        archive: where.
        asked: the handle of a matter, or a scope.
        size: of the log; what came later is left out.
        approved: whether approvals of exports count.
        supplemental: what an earlier volume of the matter has, all of it, is left out.

    Raises `UsageError` for no such matter, account or size; `RefusedError` where tags or marks
    can't be read in this home, or records wait for a second look (``second-look-open``).
    """
    state = read_state(archive)
    about = matter_of(archive, asked, size) if isinstance(asked, str) else asked
    scope = about.scope if isinstance(about, Matter) else about
    inside = contained(archive, state, scope, size)
    hits, _, unread = looked_for(archive, scope, inside)
    things = things_of(archive, inside, _why(asked), private=scope.private)
    groups = families(things)
    wanted = _wanted(about, hits, groups)
    _require_looked_at(about, wanted)
    marks = _marks(about, wanted, marks_at(archive, size), state)
    withheld, held = _closed(about, wanted, marks)
    left = wanted - {one for parts in (withheld, held) for own in parts.values() for one in own}
    secret = withheld_from_all(archive, state), private_leaves(state)
    for reason, back in _held(about, inside, left, secret, (approved, supplemental)):
        held[reason] = set(back)
        left -= back
    left &= {one.record for one in things}
    return Choice(
        size=size,
        about=about,
        inside=inside,
        hits=hits,
        families=tuple(own for group in groups if (own := _of(group, left))),
        withheld={code: frozenset(own) for code, own in sorted(withheld.items())},
        held={reason: frozenset(own) for reason, own in sorted(held.items())},
        marks=marks,
        things={one.record: one for one in things},
        heads={record: group[0] for group in groups for record in group},
        unread=unread,
    )


def _why(asked: str | Scope) -> str:
    return f"production {asked if isinstance(asked, str) else asked.query}"


def asked_for(archive: Archive, matter: str) -> list[str]:
    """Return what a matter would hand over now, were the export of all of it approved.

    Raises as `choose`.
    """
    found = choose(archive, matter, read_state(archive).size, approved=False)
    return sorted({*found.records, *found.held.get(UNAPPROVED, ())})


def _of(group: Sequence[str], records: Collection[str]) -> tuple[str, ...]:
    return tuple(one for one in group if one in records)


def _wanted(
    about: Matter | Scope, hits: frozenset[str], groups: Sequence[Sequence[str]]
) -> frozenset[str]:
    """Return what is asked for, with the files of each; but what people tagged otherwise."""
    found = responsive(about, hits)
    tagged = about.tagged(NON_RESPONSIVE) if isinstance(about, Matter) else frozenset[str]()
    beside = {one for group in groups if not found.isdisjoint(group[:1]) for one in group}
    return found | (frozenset(beside) - tagged)


def _require_looked_at(about: Matter | Scope, wanted: frozenset[str]) -> None:
    waiting = sorted(about.tagged(SECOND_LOOK) & wanted) if isinstance(about, Matter) else []
    if waiting:
        raise RefusedError(
            f"{len(waiting)} records wait for a second look",
            where=waiting[0],
            code="second-look-open",
            mend="look, tag each as it is, and take the tag back: archiver tag --take-back",
        )


def _closed(
    about: Matter | Scope, wanted: frozenset[str], marks: Mapping[str, tuple[Mark, ...]]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return records of which nothing is handed over: by exemption, and by why they are held."""
    withheld, held = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for record in wanted:
        own = about.tags.get(record, ()) if isinstance(about, Matter) else ()
        whole = {one.exemption for one in marks.get(record, ()) if is_whole(one)}
        if any(one.tag == PRIVILEGED for one in own):
            held[PRIVILEGE].add(record)
        elif whole:
            withheld["; ".join(sorted(whole))].add(record)
    return withheld, held


def _marks(
    about: Matter | Scope,
    wanted: frozenset[str],
    marked: Mapping[str, tuple[Mark, ...]],
    state: LedgerState,
) -> dict[str, tuple[Mark, ...]]:
    """Return the marks on each record that is asked for, those that its tags stand for included."""
    when = {index: str(body["time"]) for index, body in state.controls}
    every = {one: (*on(one, marked), *_exempt(about, one, when)) for one in sorted(wanted)}
    return {one: own for one, own in every.items() if own}


def _exempt(about: Matter | Scope, record: str, when: Mapping[int, str]) -> Iterator[Mark]:
    """Yield what a record's tags withhold of it: all, for the reason that a note gives.

    Raises `UsageError` where they name no exemption, or nobody noted why.
    """
    if not isinstance(about, Matter):
        return
    for one in about.tags.get(record, ()):
        if one.tag == EXEMPT:
            basis = about.basis(record, one)
            if not (one.exemption and basis):
                raise UsageError(
                    "a record is tagged as exempt, and nobody says under what, or why",
                    where=record,
                    code="exemption-unexplained",
                    mend="archiver tag RECORD --as exempt --exemption CODE --note FACTS",
                )
            by = " ".join(one.by)
            yield Mark(f"{TAGGED}{one.entry}", record, one.exemption, basis, by, when[one.entry])


def is_whole(mark: Mark) -> bool:
    """Tell whether a mark withholds all of a record."""
    return not mark.field and mark.region is None


def _held(
    about: Matter | Scope,
    inside: Contained,
    records: frozenset[str],
    secret: tuple[Ranges, Ranges],
    how: tuple[bool, bool],
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield records that are held back, by why, each for the first reason that there is.

    ``secret``: leaves withheld from everybody, and private ones. ``how``: whether approvals count,
    and whether what earlier volumes have is left out.
    """
    (hidden, private), (approved, supplemental) = secret, how
    gone = _overlapping(inside, records, hidden)
    earlier = _earlier(about, inside, records - gone) if supplemental else frozenset[str]()
    closed = _overlapping(inside, records - gone - earlier, private)
    if approved:
        closed -= _approved(about, inside, closed, private)
    found = ((EXTRAORDINARY, gone), (EARLIER, earlier), (UNAPPROVED, closed))
    yield from (one for one in found if one[1])


def _overlapping(inside: Contained, records: Collection[str], leaves: Ranges) -> frozenset[str]:
    """Return the records that have one of some leaves."""
    own = set(ranges.numbers(common(inside.leaves_of(records), leaves)))
    return frozenset(one for one in records if not own.isdisjoint(inside.records.get(one, ())))


def _earlier(about: Matter | Scope, inside: Contained, records: frozenset[str]) -> frozenset[str]:
    """Return the records of which volumes have every version, and nobody asked it back."""
    has: Ranges = []
    for volume, _ in about.volumes if isinstance(about, Matter) else ():
        back = volume.act == CLAW_BACK
        has = ranges.minus(has, volume.leaves) if back else ranges.union(has, volume.leaves)
    return records - _overlapping(inside, records, ranges.minus(inside.leaves_of(records), has))


def _approved(
    about: Matter | Scope, inside: Contained, records: frozenset[str], private: Ranges
) -> frozenset[str]:
    """Return the private records whose export is approved: all that an approval is of, or none."""
    for one in reversed(about.approvals if isinstance(about, Matter) else ()):
        beyond = ranges.minus(private, one.leaves)
        own = records - _overlapping(inside, records, beyond)
        if common(inside.leaves_of(own), private) == one.leaves:
            return own
    return frozenset()
