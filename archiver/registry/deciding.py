"""What people decided, and which of it counts: a fold over their acts in the ledger. Pure.

An act counts by who signed it, never because it was sealed (ADR 0049). The rules are those
of `RULES`: what may bring a record's end nearer needs two people and counts a wait after
it is in the ledger; what only holds or lengthens needs one, and counts at once. An act
says by ``effect`` which it claims to be, and whoever evaluates it lets one that claims to
lengthen do nothing else (ADR 0111). ``docs/formats/deciding.md`` lists acts and roles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import FormatError
from archiver.registry.acts import Act, canonical
from archiver.registry.people import Refused, moment
from archiver.registry.roles import GOVERNING, Role, waited

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from archiver.registry.acts import Verifies
    from archiver.registry.people import Registry

    Check = Callable[[Mapping[str, Any]], None]
    """Raises `FormatError` unless an entry is of its closed form."""

__all__ = [
    "APPROVERS",
    "APPROVES",
    "EXTRAORDINARY",
    "LENGTHENS",
    "MATTERS",
    "ORDERS",
    "RULES",
    "SHORTENS",
    "TYPES",
    "VOLUMES",
    "Decided",
    "Deciding",
    "Rule",
    "fold_decisions",
    "refusal",
    "rule_of",
]

SHORTENS, LENGTHENS = "shortens", "lengthens"
TWO = 2
APPROVERS = 2

EXTRAORDINARY = "order-extraordinary"
ORDERS = frozenset(("order", "order-certified", "order-noticed", EXTRAORDINARY))
"""Acts that order: two approvers sign each, whoever outside has to be asked besides."""

MATTERS = ("open-matter", "close-matter", "tag", "bates")
VOLUMES = ("export", "export-replacing", "claw-back")
"""Acts about what was handed over; those of both one person signs who answers requests."""

HOLDING = frozenset((Role.HOLD, Role.COUNSEL))
"""Who places holds, applies them and tells whom."""
_FOIA = HOLDING | {Role.RECORDS_MANAGER, Role.FOIA_OFFICER}
_RELEASING = HOLDING | {Role.RECORDS_MANAGER}
_REDACTING = frozenset((Role.FOIA_OFFICER, Role.COUNSEL))
"""Who decides what is withheld of a record that is handed over."""
_HALTING = GOVERNING | {Role.HOLD, Role.APPROVER, Role.PURGE}
APPROVES, EXPORTERS = "export-approve", 1


class Rule(NamedTuple):
    """Whose signatures an act needs, how many people's, and whether it waits.

    ``among``: roles of which at least one of the signers has one, beside ``roles``.
    """

    roles: frozenset[str]
    people: int = 1
    waits: bool = False
    among: frozenset[str] = frozenset()


_HOLD, _PURGE = Rule(HOLDING), Rule(frozenset((Role.PURGE,)))
_ORDER = Rule(frozenset((Role.RECORDS_MANAGER,)), waits=True)
_SHORTENING, _LENGTHENING = Rule(GOVERNING, TWO, waits=True), Rule(GOVERNING)

RULES: dict[tuple[str, str], Rule] = {
    ("add-schedule", LENGTHENS): _LENGTHENING,  # a text alone authorises nothing
    ("adopt-schedule", SHORTENS): _SHORTENING,
    ("opt-in", SHORTENS): _SHORTENING,
    ("revoke-schedule", SHORTENS): _SHORTENING,  # a shorter schedule may govern then
    ("classify", SHORTENS): _SHORTENING,
    ("classify", LENGTHENS): _LENGTHENING,
    ("review", SHORTENS): _SHORTENING,
    ("event", SHORTENS): _SHORTENING,
    ("event", LENGTHENS): Rule(_FOIA),
    ("hold-event", SHORTENS): Rule(_FOIA, TWO, waits=True, among=GOVERNING),
    ("hold-event", LENGTHENS): Rule(_FOIA),
    ("hold", ""): _HOLD,
    ("notice", ""): _HOLD,
    ("acknowledge", ""): _HOLD,
    ("applied", ""): _HOLD,
    ("release", ""): Rule(_RELEASING, TWO, waits=True, among=HOLDING),
    **dict.fromkeys(((one, "") for one in ORDERS), _ORDER),
    (EXTRAORDINARY, ""): _ORDER._replace(among=frozenset((Role.COUNSEL,))),
    ("submit", ""): Rule(frozenset((Role.RECORDS_MANAGER,))),
    ("outcome", SHORTENS): _SHORTENING,
    ("outcome", LENGTHENS): Rule(_FOIA),
    ("begin", ""): _PURGE,
    ("halt", ""): Rule(_HALTING),
    ("done", ""): _PURGE,
    ("retire", SHORTENS): _SHORTENING,  # an order no longer waits for that copy
    **dict.fromkeys(((one, "") for one in (*MATTERS, *VOLUMES)), Rule(_FOIA)),
    (APPROVES, ""): Rule(_FOIA),
    ("mark", ""): Rule(_REDACTING),
    ("unmark", ""): Rule(_REDACTING),
}
"""By act and effect; what has no effect of its own has none here."""

TYPES = frozenset(
    (
        *("schedule", "classify", "event", "hold", "applied"),
        *("release", "order", "begin", "halt", "done", "retire", "matter", "export"),
        "redact",
    )
)
"""Types of entries that such acts stand in."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An act that counts: where it is, what it says, who signed it, from when it counts.

    ``leaves``: its set as the entry has it, ranges or a file; None where it has none.
    ``counts``: the ledger's moment, plus the waiting time, never before ``from``.
    """

    entry: int
    statement: Mapping[str, Any]
    leaves: object
    by: frozenset[str]
    sealed: datetime
    counts: datetime

    @property
    def act(self) -> str:
        """What is done."""
        return str(self.statement["act"])


@dataclass(slots=True)
class Deciding:
    """Acts that count, in the order of the ledger, and those that count for nothing."""

    made: list[Decided] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def fold_decisions(
    registry: Registry,
    controls: Iterable[tuple[int, Mapping[str, Any]]],
    verifies: Verifies,
    keys: Collection[str],
    check: Check,
) -> Deciding:
    """Return what people decided.

    Args:
        registry: the people of the same control entries.
        controls: control entries with their indexes, in order.
        verifies: tells whether a key made a signature.
        keys: the archive's own verifier keys: they decide nothing, whoever enrolled them.
        check: tells whether an entry is of its closed form.
    """
    found, used, own = Deciding(), set[bytes](), {_raw(key) for key in keys}
    for index, body, act in _acts(controls, check, found):
        # The whole statement: nobody may use up the name of somebody else's.
        when, name = registry.at(index), canonical(dict(act.statement))
        if name in used:
            found.refused.append(Refused(index, "the statement was used before", idle=True))
            continue
        signers = {key for key in act.signers(verifies) if _raw(key) not in own}
        why = refusal(registry, (index, when), act.statement, signers)
        if why:
            found.refused.append(Refused(index, why))
            continue
        used.add(name)
        by = registry.who(signers, _all_roles(act.statement), index, when)
        counts = _counts(act.statement, when)
        found.made.append(Decided(index, act.statement, body.get("leaves"), by, when, counts))
    return found


def refusal(
    registry: Registry,
    when: tuple[int, datetime],
    statement: Mapping[str, Any],
    signers: Collection[str],
) -> str:
    """Return why an act would count for nothing, or "".

    Args:
        registry: people and roles.
        when: the entry it would be, and the ledger's time there.
        statement: what is said.
        signers: the keys that signed it, without the archive's own.
    """
    rule = rule_of(statement)
    if statement["archive"] != registry.archive:
        return "it is about another archive"
    if rule is None:
        return "it is no decision that anybody can make"
    if not signers:
        return "it is not signed, or a signature does not hold"
    people = registry.who(signers, rule.roles, *when)
    if _apart(registry, people) < rule.people:
        count = "one person" if rule.people == 1 else f"{rule.people} people"
        return f"it needs signatures of {count} with one of the roles: {_named(rule.roles)}"
    if rule.among and not registry.who(signers, rule.among, *when):
        return f"it needs the signature of somebody with one of the roles: {_named(rule.among)}"
    return _approval_refusal(registry, when, statement, signers)


def rule_of(statement: Mapping[str, Any]) -> Rule | None:
    """Return the rule for an act, or None where nobody can decide such a thing."""
    return RULES.get((str(statement["act"]), str(statement.get("effect", ""))))


def _approval_refusal(
    registry: Registry,
    when: tuple[int, datetime],
    statement: Mapping[str, Any],
    signers: Collection[str],
) -> str:
    """Return why an order, or an export, is not approved: by people who did not ask for it."""
    if statement["act"] not in (*ORDERS, APPROVES):
        return ""
    exports = statement["act"] == APPROVES
    asking = _FOIA if exports else (Role.RECORDS_MANAGER,)
    requester = str(statement.get("requester"))
    if requester not in registry.who(signers, asking, *when):
        return f"who requests it has not signed it, or is no {_named(asking)}"
    approving = registry.who(signers, (Role.APPROVER,), *when) - {requester}
    own = registry.people[requester].key
    others = {one for one in approving if _raw(registry.people[one].key) != _raw(own)}
    if _apart(registry, others) < (EXPORTERS if exports else APPROVERS):
        count = "one person" if exports else "two people"
        return f"it needs approvals of {count} with the role approver who did not request it"
    return ""


def _apart(registry: Registry, people: Iterable[str]) -> int:
    """Return how many people these are by their keys: one key under two handles is one."""
    return len({_raw(registry.people[one].key) for one in people})


def _raw(key: str) -> str:
    """Return the public key in a verifier key ``name+hash+key``, whatever its name."""
    return key.split("+", 2)[-1]


def _all_roles(statement: Mapping[str, Any]) -> frozenset[str]:
    rule = rule_of(statement)
    return frozenset((*rule.roles, *rule.among, Role.APPROVER)) if rule else frozenset()


def _counts(statement: Mapping[str, Any], when: datetime) -> datetime:
    rule = rule_of(statement)
    counts = waited(when) if rule and rule.waits else when
    return max(counts, moment(statement["from"])) if "from" in statement else counts


def _named(roles: Iterable[str]) -> str:
    return ", ".join(sorted(str(role) for role in roles))


def _acts(
    controls: Iterable[tuple[int, Mapping[str, Any]]], check: Check, found: Deciding
) -> Iterator[tuple[int, Mapping[str, Any], Act]]:
    for index, body in controls:
        if body["t"] not in TYPES:
            continue
        try:
            check(body)
            act = Act.of({name: body.get(name) for name in ("statement", "signatures")})
        except FormatError as error:
            found.refused.append(Refused(index, error.message))
            continue
        yield index, body, act
