"""What the home of an archive says in a certificate of destruction, of which no entry tells. Pure.

Rule and days stand in the order's private document, names in those of people, stores and keys
in the report of who executed it. `archiver.retention.certificate` has what can be checked.
"""

from __future__ import annotations

from typing import Literal

from archiver.retention.closed import Closed, Count, Day, Days, Digest, Handle, Time
from archiver.retention.report import Surviving  # noqa: TC001 - msgspec reads annotations

__all__ = [
    "Answer",
    "Bag",
    "Copy",
    "Counts",
    "Dates",
    "Extraordinary",
    "Holds",
    "Keys",
    "Outside",
    "People",
    "Person",
    "Retirement",
    "Rule",
    "Told",
]


class Rule(Closed, frozen=True):
    """The row of a schedule under which the records were due."""

    series: str
    title: str
    citation: str
    version: str
    pack_sha256: Digest
    jurisdiction: str
    flags: tuple[str, ...]


class Extraordinary(Closed, frozen=True):
    """Why something went by no schedule: of which kind, by whose authority, and its paper."""

    kind: str
    authority: str
    copy_sha256: Digest


class Dates(Closed, frozen=True):
    """Days by the city's calendar, in ``zone``.

    When it was evaluated, as of when; ``first`` to ``last``: of the records. ``counts``: from
    which moment the order could begin, were it for its waiting time alone.
    """

    evaluated: Day
    as_of: Day
    first: Day
    last: Day
    zone: str
    counts: Time


class Counts(Closed, frozen=True):
    """How much was ordered, went and was saved, in records and in their versions and parts.

    ``records_gone``: of which nothing is left; ``records_saved``: of which something is. None
    where this home can't tell the two apart.
    """

    records: Count
    records_gone: Count | None
    records_saved: Count | None
    versions: Count
    versions_gone: Count
    versions_saved: Count


class Person(Closed, frozen=True):
    """Somebody by handle; name and office are empty where this home can't read them."""

    handle: Handle
    name: str
    office: str


class People(Closed, frozen=True):
    """Who proposed it, approved it, began it, and signed what ended it.

    ``counsel``: who signed an extraordinary order as that.
    """

    proposed: tuple[Person, ...]
    approved: tuple[Person, ...]
    counsel: tuple[Person, ...]
    began: tuple[Person, ...]
    ended: tuple[Person, ...]


class Holds(Closed, frozen=True):
    """How many holds stood when it began, and their handles: none was on anything of it."""

    stood: Count
    handles: tuple[Handle, ...]


class Answer(Closed, frozen=True):
    """An answer of the authority outside, its day, the digest of its copy, from when it counts."""

    answer: str
    day: Day
    copy_sha256: Digest
    then: str
    counts: Time


class Outside(Closed, frozen=True):
    """The authority outside: what it was asked, by which law, when it was sent, what it said."""

    kind: str
    to: str
    citation: str
    days: Days
    sent: tuple[Day, ...]
    answers: tuple[Answer, ...]


class Retirement(Closed, frozen=True):
    """What two people said of a copy when they retired it; no words where this home has none."""

    became: str
    to: str
    day: Day
    copy_sha256: Digest
    counts: Time


class Bag(Closed, frozen=True):
    """A bag with some of what went, that was handed to somebody: how many versions it has.

    ``received``: the day of the receipt, or "" where none is recorded.
    """

    to: str
    made: Time
    manifest_sha256: Digest
    versions: Count
    received: Day


class Copy(Closed, frozen=True):
    """A copy with what is known of it.

    ``result``: ``gone``, ``partly``, ``retired`` where nothing more can be asked of it and not all
    is gone, or ``unknown`` where no entry says anything of it. ``retired``: what was said of it
    when it was last retired, also where it is a copy again.
    ``declared``: whether the settings of this home name it. ``removed``, ``locked``: objects,
    None where this home has no report; ``checked_at``: when it was listed last, or "".
    """

    handle: Handle
    name: str
    place: str
    declared: bool
    result: Literal["gone", "partly", "retired", "unknown"]
    versions: Count
    removed: Count | None
    locked: Count | None
    checked_at: Time
    retired: Retirement | None


class Keys(Closed, frozen=True):
    """Of how many files the keys were shredded, and what survives all the same."""

    shredded: Count
    survivors: Surviving


class Told(Closed, frozen=True):
    """What the home says that made the certificate; nothing in the ledger shows it.

    ``rule`` has no words where it is ``extraordinary``. ``keys``, ``also_in`` (in how many records
    that stay some of it also occurs) and ``residue`` are None where the home did not execute the
    order. ``bags``: transfers that hold some of it; ``productions``: earlier ones that do.
    """

    rule: Rule
    extraordinary: Extraordinary | None
    dates: Dates
    counts: Counts
    people: People
    holds: Holds
    outside: Outside | None
    copies: tuple[Copy, ...]
    keys: Keys | None
    also_in: Count | None
    bags: tuple[Bag, ...]
    productions: tuple[str, ...]
    residue: tuple[str, ...] | None
