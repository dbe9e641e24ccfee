"""Rule packs: one version of a retention schedule, as data. Pure.

``schemas/retention.json`` is the open form of a pack, ``docs/formats/rule-packs.md`` explains
it. Here a pack becomes values; what the schema cannot say is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import yaml

from archiver.errors import FormatError
from archiver.retention.calendar import Cutoff, Period
from archiver.retention.disposal import Disposal, disposals

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

__all__ = [
    "EVENTS",
    "SCHEMA",
    "Combine",
    "Confidence",
    "Floor",
    "Pack",
    "Rank",
    "Row",
    "Source",
    "Term",
    "Then",
    "Trigger",
    "parse",
    "read_yaml",
]

SCHEMA = "civic-archive/retention/1"
REQUIRED = ("REQUIRED", "REQUIRED_FROM_APPLICATION")
"""Written where no period is known: such a row refuses."""
UNKNOWN_DAY = "unknown"


class Trigger(StrEnum):
    """What starts the clock of a rule."""

    CREATED = "created"
    POSTED = "posted"
    LAST_MODIFIED = "last-modified"
    REMOVED = "removed-from-public"
    ACCOUNT_CLOSED = "account-closed"
    SUPERSEDED = "superseded"
    OBSOLETE = "obsolete"
    VALUE_LOST = "administrative-value-lost"
    CASE_CLOSED = "case-closed"
    TERM_ENDED = "term-ended"
    AUDIT_COMPLETE = "audit-complete"
    EVENT = "event"


EVENTS = frozenset(Trigger) - {
    *(Trigger.CREATED, Trigger.POSTED, Trigger.LAST_MODIFIED, Trigger.REMOVED)
}
"""Triggers that people record; the others the archive sees."""


class Combine(StrEnum):
    """How the terms of a rule make one date.

    ``all_of``: each must have happened, the latest date counts. ``latest_of``: likewise, but
    for what cannot happen to a record (what never was in public is never removed from it).
    ``earliest_of``: the earliest date of what has happened.
    """

    ALL = "all_of"
    LATEST = "latest_of"
    EARLIEST = "earliest_of"


class Then(StrEnum):
    """What is to be done with a record when its period is over."""

    REVIEW = "review"
    TRANSFER = "transfer"
    DESTROY = "destroy"
    PERMANENT = "permanent"
    APPRAISE = "appraise"


class Rank(StrEnum):
    """Whose rule it is, from the one that goes before to the one that comes last."""

    LOCAL = "local"
    MUNICIPAL = "municipal"
    STATUTORY = "statutory"


class Confidence(StrEnum):
    """How far whoever wrote the row had read: the law's own text, another's words, none."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from. ``sha256`` is empty where no copy is held."""

    id: str
    citation: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Term:
    """One clock: what starts it, where it is cut off, how long it runs (None: not known)."""

    trigger: Trigger
    event: str
    cutoff: Cutoff
    period: Period | None

    @property
    def name(self) -> str:
        """What the trigger is called: the event's own name where it is an event."""
        return self.event or str(self.trigger)


@dataclass(frozen=True, slots=True)
class Row:
    """One series of a schedule. ``everything``: it is a candidate for every record."""

    code: str
    title: str
    scope: str
    everything: bool
    combine: Combine
    terms: tuple[Term, ...]
    then: Then
    flags: tuple[str, ...]
    citation: str
    source: str
    confidence: Confidence
    note: str

    @property
    def required(self) -> bool:
        """Whether a period of it is not known."""
        return any(term.period is None for term in self.terms)


@dataclass(frozen=True, slots=True)
class Floor:
    """A policy that only lengthens: what it is about stays until its term is over."""

    term: Term
    citation: str


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a schedule. ``effective`` is None where nobody knows; days are local.

    ``expires``: the first day on which it does not hold any more. ``digest``: SHA-256 (hex) of
    the file, by which it is adopted. ``opt_in``: a city must opt in to it as well.
    """

    schedule: str
    version: str
    title: str
    jurisdiction: str
    rank: Rank
    opt_in: bool
    effective: date | None
    expires: date | None
    sources: tuple[Source, ...]
    rows: tuple[Row, ...]
    floors: tuple[Floor, ...]
    digest: str
    adoption: str
    disposal: tuple[Disposal, ...] = ()

    def name(self, row: Row) -> str:
        """Return what a series is called: ``schedule/code``."""
        return f"{self.schedule}/{row.code}"

    def row(self, code: str) -> Row | None:
        """Return the row of a code, None where there is none."""
        return next((one for one in self.rows if one.code == code), None)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML ships no types
    """YAML without surprises: dates stay text, and no name stands twice in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's own
        names = [key.value for key, _ in node.value]
        if len(set(names)) != len(names):
            raise yaml.constructor.ConstructorError(None, None, "a name stands twice")
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(data: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a YAML file says, as JSON values. Raises `FormatError`."""
    try:
        return yaml.load(data, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = str(error).splitlines()[0]
        raise FormatError(f"not a rule pack: {said}", where=where, mend=_MEND) from error


def parse(document: Mapping[str, Any], data: bytes) -> Pack:
    """Return the pack of a document that fits the schema, and of the bytes it was read from.

    Raises `FormatError` for what the schema cannot say: a code twice, a source that is not
    listed, a day that is in no calendar.
    """
    name = f"{document['schedule']} {document['version']}"
    sources = tuple(
        Source(one["id"], one["citation"], "" if one["sha256"] == "not held" else one["sha256"])
        for one in document["sources"]
    )
    rows = tuple(_row(one) for one in document["series"])
    _once([one.code for one in rows], name)
    _once([one.id for one in sources], name)
    unlisted = sorted({one.source for one in rows} - {one.id for one in sources})
    if unlisted:
        raise FormatError(f"no such source: {', '.join(unlisted)}", where=name, mend=_MEND)
    return Pack(
        schedule=document["schedule"],
        version=document["version"],
        title=document["title"],
        jurisdiction=document["jurisdiction"],
        rank=Rank(document["rank"]),
        opt_in=document.get("opt_in", False),
        effective=_day(document["effective"], name),
        expires=_day(document.get("expires", UNKNOWN_DAY), name),
        sources=sources,
        rows=rows,
        floors=tuple(Floor(_term(one), one["citation"]) for one in document.get("floors", ())),
        digest=sha256(data).hexdigest(),
        adoption=document["adoption"],
        disposal=disposals(document),
    )


_MEND = "docs/formats/rule-packs.md says how a pack is written"


def _once(names: list[str], where: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormatError(f"stands twice: {', '.join(twice)}", where=where, mend=_MEND)


def _day(text: str, where: str) -> date | None:
    try:
        return None if text == UNKNOWN_DAY else date.fromisoformat(text)
    except ValueError as error:
        raise FormatError(f"no such day: {text}", where=where, mend=_MEND) from error


def _row(one: Mapping[str, Any]) -> Row:
    rule = one.get("rule", {})
    combine = next((name for name in Combine if name in rule), Combine.ALL)
    terms = rule.get(combine, [rule] if rule else [])
    return Row(
        code=one["code"],
        title=one["title"],
        scope=one["scope"],
        everything=one.get("everything", False),
        combine=combine,
        terms=tuple(_term(term) for term in terms),
        then=Then(one["then"]),
        flags=tuple(one.get("flags", ())),
        citation=one["citation"],
        source=one["source"],
        confidence=Confidence(one["confidence"]),
        note=one.get("note", ""),
    )


def _term(one: Mapping[str, Any]) -> Term:
    written = one["period"]
    return Term(
        trigger=Trigger(one["trigger"]),
        event=one.get("event", ""),
        cutoff=Cutoff(one.get("cutoff", Cutoff.NONE)),
        period=None if written in REQUIRED else Period.parse(written),
    )
