"""What people decided about retention, as the ledger tells it at some moment. Pure.

Every decision says which ledger entry holds it, whose keys signed it (handles, never names)
and from when it counts. What makes something due sooner counts after the waiting time; what
holds or lengthens counts at once. The engine asks of each decision whether it counted on the
day that is evaluated, so an evaluation of a past day stays as it was.

Sets of records are given by record ids, by ledger leaves, or by both: a record is in a set
where its id is, or any of its leaves. Leaves are sorted, half-open ranges ``(first, end)``
(`archiver.ledger.ranges`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

__all__ = [
    "CLAIMED_DATES",
    "EVERYTHING",
    "NON_RECORD",
    "Act",
    "Adoption",
    "Classification",
    "Decisions",
    "Event",
    "Hold",
    "HoldKind",
    "Leaves",
    "OptIn",
    "Reading",
    "Records",
    "Review",
]

Leaves = tuple[tuple[int, int], ...]

EVERYTHING = "*"
"""Subject of an event that is about every record of the archive."""

NON_RECORD = "non-record"
"""Flag of a series for what is no record by law: it skips no order, wait, hold or certificate."""

CLAIMED_DATES = "claimed-dates"
"""What is reviewed: dates that a platform tells of a time before the first capture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every decision says of itself.

    ``entry``: index in the ledger; ``by``: handles of who signed; ``counts``: from when it
    counts (UTC, with zone): the ledger's moment, plus the waiting time where it has one.
    """

    entry: int
    by: tuple[str, ...]
    counts: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody read a source: the source's id in the pack, SHA-256 (hex), who, when."""

    source: str
    sha256: str
    by: str
    day: date


@dataclass(frozen=True, slots=True)
class Records:
    """A set of records: by id, or by leaf."""

    ids: frozenset[str] = frozenset()
    leaves: Leaves = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption(Act):
    """A local authority adopted one version of a schedule.

    ``schedule`` and ``version`` name it, ``digest`` is the SHA-256 (hex) of the rule pack as
    it was adopted: another text is not adopted. ``authority``: which body or officer;
    ``instrument``: by what (an ordinance, an approved application). ``effective``: first day.
    ``readings``: who read which source. ``confirmed``: codes of rows whose confidence is not
    ``primary`` and that were held against the source one by one. ``revoked``: when it was
    taken back, which counts at once.
    """

    schedule: str
    version: str
    digest: str
    authority: str
    instrument: str
    effective: date
    readings: tuple[Reading, ...] = ()
    confirmed: frozenset[str] = frozenset()
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn(Act):
    """A city opted in to a municipal schedule, or to some of its series.

    ``series``: their codes, empty for all. ``expires``: the first day on which it does not
    hold any more, None where it has no end of its own (the schedule may have one).
    """

    schedule: str
    version: str
    instrument: str
    effective: date
    expires: date | None = None
    series: frozenset[str] = frozenset()
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification(Act):
    """Records were put into series (``schedule/code``; more than one: the longest governs).

    The latest that counts takes the place of defaults and of those before it. ``lengthens``:
    it was decided as one that only lengthens (one person, at once): then what the record had
    before stays beside it, and the longest governs. ``reason``: why, for who reads the trace.
    """

    records: Records
    series: tuple[str, ...]
    reason: str = ""
    lengthens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Act):
    """Something happened on a day: ``account-closed``, ``case-closed``, ``superseded`` and such.

    ``subject``: a record id, the name of an account, or `EVERYTHING`. ``day``: when it
    happened, by the city's calendar. ``evidence``: what shows it (the salted subject of a
    workflow record). Of several of one name and subject the latest day counts, so a second
    can only lengthen; ``corrects`` is the entry of one that this takes the place of.
    ``lengthens``: one person put it off, so it counts only beside one that two recorded.
    """

    name: str
    subject: str
    day: date
    evidence: str
    corrects: int | None = None
    lengthens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Act):
    """People looked at something about these records and found it right (`CLAIMED_DATES`)."""

    records: Records
    what: str


class HoldKind(StrEnum):
    """Why a hold was placed."""

    LITIGATION = "litigation"
    AUDIT = "audit"
    INVESTIGATION = "investigation"
    ADMINISTRATIVE = "administrative"
    FOIA = "foia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Act):
    """A hold: nothing in its scope may be destroyed while it stands.

    ``records``: its frozen snapshot, and what was applied to it since. ``query`` and
    ``custodian``: its live scope in words; ``matched``: ids of the records that it finds now
    (whoever folds the ledger runs it). ``future``: records to come are in scope too.
    ``released``: when a release began to count (UTC), None while it stands. ``lapses``: the
    first day on which a rule of law lets it end, as far as is known; until then a release
    does not free anything, and without a release neither does this day, but where
    ``lapses_alone`` says so. ``why``: in one sentence what it waits for, with its citation.
    """

    id: str
    kind: HoldKind
    matter: str
    records: Records = Records()
    query: str = ""
    custodian: str = ""
    future: bool = False
    matched: frozenset[str] = frozenset()
    released: datetime | None = None
    lapses: date | None = None
    lapses_alone: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything that people decided, each kind in the order of the ledger.

    ``notes``: what was refused in folding, by ledger entry, and why.
    """

    adoptions: tuple[Adoption, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()
    classifications: tuple[Classification, ...] = ()
    events: tuple[Event, ...] = ()
    reviews: tuple[Review, ...] = ()
    holds: tuple[Hold, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
