"""People and roles: a fold over ``role`` entries of the ledger. Pure.

Entries hold keys, roles and signatures, never a name: who a person is stands in a private
workflow record. Nobody has to be trusted for the fold: an entry that the rules do not
allow counts for nothing, wherever it came from, and verification names it.

The rules. A person *enrols* with a signature of the own new key; that gives no right.
While fewer than two people ever held a governing role the archive is being *founded*: a
role is granted with the person's own signature and counts at once. From then on each
grant and each revocation needs signatures of two people who hold a governing role; a
grant counts after a wait, a revocation at once, and two governors always remain.

Time is what the ledger says, and never goes back: the moment of an entry is the latest
time of any entry up to it. So a clock set back lengthens a wait and shortens none.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.registry.acts import Act
from archiver.registry.roles import GOVERNING, GOVERNORS, ROLES, clash, waited

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from archiver.registry.acts import Verifies

__all__ = ["Grant", "Person", "Refused", "Registry", "fold", "moment", "spelled"]

_ENROL = frozenset(("act", "archive", "statement", "time", "person", "key", "reading", "subject"))
_CHANGE = frozenset(("act", "archive", "statement", "time", "person", "role"))
ENROL, GRANT, REVOKE = "enrol", "grant", "revoke"
_USED = "the statement was used before"
_ENROLLED = "the person or the key is enrolled already"
_HAS = "the person has the role already"
_HAS_NOT = "the person has no such role"
_IDLE = (_USED, _ENROLLED, _HAS, _HAS_NOT)


class Refused(NamedTuple):
    """An entry that counts for nothing: its index in the ledger, and why.

    ``idle``: it had been done before, as when two processes seal the same act at once.
    """

    entry: int
    why: str
    idle: bool = False


@dataclass(slots=True)
class Grant:
    """A role of a person: the entry that gave it, when it counts, and which took it away."""

    role: str
    index: int
    counts: datetime
    revoked: int | None = None


@dataclass(slots=True)
class Person:
    """A person as the ledger knows one: handle, pinned keys, roles.

    ``key``: verifier key (C2SP signed-note). ``reading``: X25519 public key (hex), to
    which keys of private streams are sealed. ``subject``: commitment to who it is.
    """

    handle: str
    key: str
    reading: str
    subject: str
    index: int
    grants: list[Grant] = field(default_factory=list)

    def roles(self, index: int, when: datetime) -> frozenset[str]:
        """Return the roles that count before an entry, at a time."""
        return frozenset(
            one.role
            for one in self.grants
            if one.index < index and one.counts <= when
            if one.revoked is None or one.revoked >= index
        )

    def open_grant(self, role: str) -> Grant | None:
        """Return a role's grant that was not taken back, whether or not it counts yet."""
        return next((g for g in self.grants if g.role == role and g.revoked is None), None)


@dataclass(slots=True)
class Registry:
    """All people of a ledger, by handle, and what was refused."""

    archive: str
    people: dict[str, Person] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _pinned: set[str] = field(default_factory=set)

    def copy(self) -> Registry:
        """Return a registry that can take in more without a trace in this one."""
        return Registry(
            self.archive,
            {h: replace(one, grants=[*map(replace, one.grants)]) for h, one in self.people.items()},
            list(self.refused),
            list(self.indexes),
            list(self.moments),
            set(self._seen),
            set(self._pinned),
        )

    @property
    def founded(self) -> int | None:
        """Index of the entry since which two governors are needed; None while founding."""
        firsts = sorted(
            min(one.index for one in person.grants if one.role in GOVERNING)
            for person in self.people.values()
            if any(one.role in GOVERNING for one in person.grants)
        )
        return firsts[GOVERNORS - 1] if len(firsts) >= GOVERNORS else None

    @property
    def enrolled(self) -> int | None:
        """Index of the first entry that gave anybody a role; None before: names are typed."""
        found = [one.index for person in self.people.values() for one in person.grants]
        return min(found, default=None)

    def at(self, leaf: int) -> datetime:
        """Return the ledger's time at a leaf: that of the next control entry, never less."""
        place = min(bisect_left(self.indexes, leaf), len(self.moments) - 1)
        return self.moments[place]

    def who(
        self, keys: Collection[str], roles: Collection[str], index: int, when: datetime
    ) -> frozenset[str]:
        """Return the people among ``keys`` who hold one of the roles there and then."""
        return frozenset(
            handle
            for handle, person in self.people.items()
            if person.key in keys and person.index < index
            if person.roles(index, when) & set(roles)
        )

    def take(self, index: int, body: Mapping[str, Any], verifies: Verifies) -> None:
        """Take in one control entry."""
        before = self.moments[-1] if self.moments else _BEGINNING
        latest = max(_told(body["time"], before), before)
        self.indexes.append(index)
        self.moments.append(latest)
        if body["t"] != "role" or "statement" not in body:
            return
        try:
            act = Act.of({name: body.get(name) for name in ("statement", "signatures")})
        except FormatError as error:
            self.refused.append(Refused(index, error.message))
            return
        why = self.refusal(index, latest, act, verifies)
        if why:
            self.refused.append(Refused(index, why, why in _IDLE))
        else:
            self._apply(index, latest, act.statement)

    def refusal(self, index: int, when: datetime, act: Act, verifies: Verifies) -> str:
        """Return why an act about people would count for nothing, or ""."""
        statement = act.statement
        if statement["archive"] != self.archive:
            return "it is about another archive"
        if statement["statement"] in self._seen:
            return _USED
        keys = act.signers(verifies)
        if not keys:
            return "it is not signed, or a signature does not hold"
        if statement["act"] == ENROL:
            return self._refused_enrolment(statement, keys)
        if statement["act"] in (GRANT, REVOKE):
            return self._refused_change(index, when, statement, keys)
        return "it is no act about people"

    def _refused_enrolment(self, statement: Mapping[str, Any], keys: Collection[str]) -> str:
        if statement.keys() != _ENROL or not all(isinstance(v, str) for v in statement.values()):
            return "an enrolment of another form"
        if statement["key"] not in keys:
            return "the person's own key did not sign"
        if statement["key"].partition("+")[0] != statement["person"]:
            return "the key bears another name than the person's handle"
        if statement["person"] in self.people or statement["key"] in self._pinned:
            return _ENROLLED
        return ""

    def _refused_change(
        self, index: int, when: datetime, statement: Mapping[str, Any], keys: Collection[str]
    ) -> str:
        if statement.keys() != _CHANGE or statement["role"] not in ROLES:
            return "a change of roles of another form, or of no known role"
        person = self.people.get(str(statement["person"]))
        if person is None:
            return "nobody of that handle is enrolled"
        why = _refused_role(person, statement["role"], granting=statement["act"] == GRANT)
        return why or self._refused_signers(index, when, person, statement, keys)

    def _refused_signers(
        self,
        index: int,
        when: datetime,
        person: Person,
        statement: Mapping[str, Any],
        keys: Collection[str],
    ) -> str:
        granting = statement["act"] == GRANT
        if self.founded is None:
            own = person.key in keys and granting
            return "" if own else "founding needs the person's own signature"
        if len(self.apart(self.who(keys, GOVERNING, index, when))) < GOVERNORS:
            return "it needs signatures of two people who hold a governing role"
        if not granting and not self._leaves_two(index, when, person, statement["role"]):
            return "two people with a governing role must remain"
        return ""

    def _leaves_two(self, index: int, when: datetime, person: Person, role: str) -> bool:
        left = [
            one.handle
            for one in self.people.values()
            if (one.roles(index, when) - ({role} if one is person else set())) & GOVERNING
        ]
        return role not in GOVERNING or len(self.apart(left)) >= GOVERNORS

    def apart(self, handles: Iterable[str]) -> set[str]:
        """Return the public keys of people: one key under two handles is one person."""
        return {self.people[one].key.split("+", 2)[-1] for one in handles}

    def _apply(self, index: int, when: datetime, statement: Mapping[str, Any]) -> None:
        self._seen.add(statement["statement"])
        if statement["act"] == ENROL:
            self._pinned.add(statement["key"])
            self.people[statement["person"]] = Person(
                handle=statement["person"],
                key=statement["key"],
                reading=statement["reading"],
                subject=statement["subject"],
                index=index,
            )
            return
        person = self.people[statement["person"]]
        if statement["act"] == REVOKE:
            held = person.open_grant(statement["role"])
            if held is not None:
                held.revoked = index
            return
        counts = when if self.founded is None else waited(when)
        person.grants.append(Grant(statement["role"], index, counts))


def _refused_role(person: Person, role: str, *, granting: bool) -> str:
    """Return why a person can't be given a role, or have it taken, whoever signs; or ""."""
    held = {one.role for one in person.grants if one.revoked is None}
    if not granting:
        return "" if role in held else _HAS_NOT
    if role in held:
        return _HAS
    other = clash(held, role)
    return f"one person may not be {role} and {other}" if other else ""


_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def _told(text: str, before: datetime) -> datetime:
    """Return the time that an entry tells; where it is none of any calendar, the one before."""
    try:
        return moment(text)
    except ValueError:
        return before


def moment(text: str) -> datetime:
    """Return a canonical time (``YYYY-MM-DDTHH:MM:SS.ffffffZ``) as a time in UTC."""
    return datetime.fromisoformat(text)


def spelled(when: datetime) -> str:
    """Return a time in its canonical spelling."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fold(
    registry: Registry, controls: Iterable[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> Registry:
    """Return a registry that has taken in more control entries, with their indexes, in order."""
    for index, body in controls:
        registry.take(index, body, verifies)
    return registry
