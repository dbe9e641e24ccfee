"""Which rows take part in an evaluation, and which of them are in force. Pure.

Of each schedule the latest version that is effective takes part; older ones do not. A row is
in force on a day where its version was adopted in the very text at hand, opted in to where that
is asked, has not lapsed, has all its periods, and was confirmed: whoever adopted it read its
source, and looked at the row by itself where its confidence is not ``primary``. A row that is
not in force never lets anything go; it only says what would be due, or lengthens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from archiver.retention.calendar import day_of
from archiver.retention.schedule import Confidence, Rank, Then

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from archiver.retention.city import City
    from archiver.retention.decisions import Act, Adoption, Decisions, OptIn
    from archiver.retention.schedule import Floor, Pack, Row

__all__ = ["Docket", "Problem", "Standing", "counted", "docket"]


class Problem(StrEnum):
    """Why a row is not in force. Nothing of it lets anything go."""

    UNKNOWN = "unknown-series"
    REQUIRED = "period-required"
    LAPSED = "lapsed"
    NOT_ADOPTED = "not-adopted"
    NOT_OPTED_IN = "not-opted-in"
    NOT_CONFIRMED = "not-confirmed"


class _Place(IntEnum):
    """Places of ranks: the higher goes before. A series that nobody knows is never passed over."""

    STATUTORY = 1
    MUNICIPAL = 2
    LOCAL = 3
    NOWHERE = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """A row on a day: its name, its place among the ranks, and why it is not in force, if so.

    ``row`` and ``pack`` are None for a series that no pack at hand has.
    """

    name: str
    place: int
    problem: Problem | None
    row: Row | None = None
    pack: Pack | None = None

    @property
    def in_force(self) -> bool:
        """Whether it may let a record go."""
        return self.problem is None

    @property
    def keeps(self) -> int:
        """2 for what is permanent, 1 for what is appraised, 0 for all else."""
        kept = {Then.PERMANENT: 2, Then.APPRAISE: 1}
        return kept.get(self.row.then, 0) if self.row else 0

    @property
    def version(self) -> str:
        """The version of the schedule that was asked."""
        return self.pack.version if self.pack else ""


@dataclass(frozen=True, slots=True)
class Docket:
    """All rows that take part on a day, by name; those for every record; floors."""

    day: date
    rows: dict[str, Standing]
    everything: tuple[str, ...]
    floors: tuple[Floor, ...]


def counted(act: Act, as_of: date, city: City) -> bool:
    """Tell whether a decision that makes something due sooner counted before a day began."""
    return day_of(act.counts, city.zone) < as_of


def docket(
    packs: Sequence[Pack], decisions: Decisions, city: City, as_of: date, named: Iterable[str]
) -> Docket:
    """Return what takes part on a day; ``named`` are the series that records may be in."""
    rows: dict[str, Standing] = {}
    everything: list[str] = []
    floors: list[Floor] = []
    for pack in _current(packs, decisions, city, as_of):
        floors += pack.floors
        for row in pack.rows:
            name = pack.name(row)
            place = _Place[Rank(pack.rank).name]
            problem = _problem(pack, row, decisions, city, as_of)
            rows[name] = Standing(name, place, problem, row, pack)
            everything += [name] if row.everything else []
    for name in named:
        rows.setdefault(name, Standing(name, _Place.NOWHERE, Problem.UNKNOWN))
    return Docket(as_of, rows, tuple(everything), tuple(floors))


def _current(packs: Sequence[Pack], decisions: Decisions, city: City, as_of: date) -> list[Pack]:
    """Return of each schedule the version that is effective; of two, the one adopted."""
    found: dict[str, tuple[tuple[date, bool, str], Pack]] = {}
    for pack in packs:
        begins = pack.effective or as_of.min
        if not city.follows(pack.jurisdiction) or begins > as_of:
            continue
        adopted = _adoption(pack, decisions, city, as_of) is not None
        key = begins, adopted, pack.digest
        if pack.schedule not in found or key > found[pack.schedule][0]:
            found[pack.schedule] = key, pack
    return [pack for _, pack in found.values()]


def _problem(pack: Pack, row: Row, decisions: Decisions, city: City, as_of: date) -> Problem | None:
    adoption = _adoption(pack, decisions, city, as_of)
    if row.required:
        return Problem.REQUIRED
    if pack.expires and pack.expires <= as_of:
        return Problem.LAPSED
    if adoption is None:
        return Problem.NOT_ADOPTED
    if pack.opt_in:
        joined = [one for one in decisions.opt_ins if _joins(one, pack, row, city, as_of)]
        if not joined:
            return Problem.NOT_OPTED_IN
        if all(one.expires and one.expires <= as_of for one in joined):
            return Problem.LAPSED
    return None if _confirmed(pack, row, adoption) else Problem.NOT_CONFIRMED


def _adoption(pack: Pack, decisions: Decisions, city: City, as_of: date) -> Adoption | None:
    """Return the latest adoption of a pack that stands on a day."""
    found = None
    for one in decisions.adoptions:
        same = (one.schedule, one.version, one.digest) == (
            pack.schedule,
            pack.version,
            pack.digest,
        )
        if same and counted(one, as_of, city) and one.effective <= as_of:
            found = one
    return None if found is None or _revoked(found, as_of, city) else found


def _joins(one: OptIn, pack: Pack, row: Row, city: City, as_of: date) -> bool:
    same = (one.schedule, one.version) == (pack.schedule, pack.version)
    about = not one.series or row.code in one.series
    counts = counted(one, as_of, city) and one.effective <= as_of
    return same and about and counts and not _revoked(one, as_of, city)


def _revoked(one: Adoption | OptIn, as_of: date, city: City) -> bool:
    return one.revoked is not None and day_of(one.revoked, city.zone) <= as_of


def _confirmed(pack: Pack, row: Row, adoption: Adoption) -> bool:
    held = next(source.sha256 for source in pack.sources if source.id == row.source)
    read = any(one.source == row.source and held in ("", one.sha256) for one in adoption.readings)
    return read and (row.confidence == Confidence.PRIMARY or row.code in adoption.confirmed)
