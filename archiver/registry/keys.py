"""Offline recipients of period keys: a fold over ``rekey`` entries. Pure.

A recipient can read everything that its keys are for, so adding one takes what a role
takes: while founding, one person who governs; then two, and the waiting time. Removing one
counts at once. Public keys stand in a private document that the act commits to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.registry.acts import Act
from archiver.registry.roles import GOVERNING, GOVERNORS, WAITING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from archiver.registry.acts import Verifies
    from archiver.registry.people import Registry

__all__ = ["ADD", "REMOVE", "Added", "former", "recipients", "refusal"]

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
    if len(signers) < needed:
        return f"it needs signatures of {needed} of the people who hold a governing role"
    return ""


def recipients(
    registry: Registry, controls: Iterable[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> dict[str, Added]:
    """Return the offline recipients that the ledger names, by handle.

    ``registry``: the people of the same control entries.
    """
    found: dict[str, Added] = {}
    for index, act in _counting(registry, controls, verifies):
        handle = str(act.statement["recipient"])
        if act.statement["act"] == REMOVE:
            found.pop(handle, None)
        else:
            when = registry.at(index)
            founding = registry.founded is None or registry.founded >= index
            counts = when if founding else when + WAITING
            found[handle] = Added(handle, str(act.statement["subject"]), counts)
    return found


def former(
    registry: Registry, controls: Collection[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> set[str]:
    """Return the handles of those who were recipients once, and were removed."""
    ever = {str(act.statement["recipient"]) for _, act in _counting(registry, controls, verifies)}
    return ever - recipients(registry, controls, verifies).keys()


def _counting(
    registry: Registry, controls: Iterable[tuple[int, Mapping[str, Any]]], verifies: Verifies
) -> Iterator[tuple[int, Act]]:
    """Yield the acts about recipients that count, with their entries."""
    used: set[str] = set()
    for index, act in _acts(controls):
        name = str(act.statement["statement"])
        if name not in used and not refusal(registry, index, registry.at(index), act, verifies):
            used.add(name)
            yield index, act


def _acts(controls: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterable[tuple[int, Act]]:
    for index, body in controls:
        if body["t"] == "rekey" and "statement" in body:
            try:
                yield index, Act.of({n: body.get(n) for n in ("statement", "signatures")})
            except FormatError:
                continue  # of no form that the sequencer admits
