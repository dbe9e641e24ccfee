"""Offline recipients of period keys: a fold over ``rekey`` entries. Pure.

A recipient can read everything that its keys are for, so adding one takes what a role
takes: while founding, one person who governs; then two, and the waiting time. Removing one
counts at once. Public keys stand in a private document that the act commits to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.registry.acts import Act
from archiver.registry.people import Refused
from archiver.registry.roles import GOVERNING, GOVERNORS, waited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from archiver.registry.acts import Verifies
    from archiver.registry.people import Registry

__all__ = ["ADD", "REMOVE", "Added", "Recipients", "fold_recipients", "recipients", "refusal"]

ADD, REMOVE = "add-recipient", "remove-recipient"


@dataclass(frozen=True, slots=True)
class Added:
    """A recipient in force: handle, commitment to its document, since when it counts."""

    handle: str
    subject: str
    counts: datetime


def refusal(registry: Registry, index: int, when: datetime, act: Act, verifies: Verifies) -> str:
    """Return why an act about recipients would not count at an entry, or ""."""
    if act.statement["archive"] != registry.archive or act.statement["act"] not in (ADD, REMOVE):
        return "it is no act about recipients of this archive"
    needed = 1 if registry.founded is None or registry.founded >= index else GOVERNORS
    signers = registry.who(act.signers(verifies), GOVERNING, index, when)
    if len(registry.apart(signers)) < needed:
        return f"it needs signatures of {needed} of the people who hold a governing role"
    return ""


@dataclass(frozen=True, slots=True)
class Recipients:
    """The offline recipients in force, by handle, and the acts that count for nothing.

    ``known``: all handles that ever were in force.
    """

    added: dict[str, Added] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    known: set[str] = field(default_factory=set)


def recipients(
    registry: Registry, controls: Iterable[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> dict[str, Added]:
    """Return the offline recipients that the ledger names, by handle."""
    return fold_recipients(registry, controls, verifies).added


def fold_recipients(
    registry: Registry, controls: Iterable[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> Recipients:
    """Return the recipients that the ledger names, and what was sealed without authority.

    ``registry``: the people of the same control entries.
    """
    found = Recipients()
    used: set[str] = set()
    for index, act in _acts(controls):
        when, name = registry.at(index), str(act.statement["statement"])
        if name in used:
            found.refused.append(Refused(index, "the statement was used before", idle=True))
        elif why := refusal(registry, index, when, act, verifies):
            found.refused.append(Refused(index, why))
        else:
            used.add(name)
            _apply(registry, found, index, act)
    return found


def _apply(registry: Registry, found: Recipients, index: int, act: Act) -> None:
    """Take in an act that counts. A handle is used once, with the keys that it came with.

    In some key store a period may still be sealed to those.
    """
    handle, when = str(act.statement["recipient"]), registry.at(index)
    if act.statement["act"] == REMOVE:
        found.added.pop(handle, None)
    elif handle in found.known:
        found.refused.append(Refused(index, "the recipient was added before", idle=True))
    else:
        found.known.add(handle)
        founding = registry.founded is None or registry.founded >= index
        counts = when if founding else waited(when)
        found.added[handle] = Added(handle, str(act.statement["subject"]), counts)


def _acts(controls: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterable[tuple[int, Act]]:
    for index, body in controls:
        if body["t"] == "rekey" and "statement" in body:
            try:
                yield index, Act.of({n: body.get(n) for n in ("statement", "signatures")})
            except FormatError:
                continue  # of no form that the sequencer admits
