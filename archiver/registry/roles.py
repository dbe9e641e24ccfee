"""Roles: what a person's key may decide, and which may not be in one hand. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "APPROVING",
    "GOVERNING",
    "GOVERNORS",
    "READER",
    "READERS",
    "ROLES",
    "WAITING",
    "Role",
    "clash",
    "reader_of",
    "waited",
]

WAITING = timedelta(hours=72)
"""How long a new role is in the ledger before it counts: time to see it and to object."""

GOVERNORS = 2
"""How many people with a governing role it takes to change who may do what."""


class Role(StrEnum):
    """What a person may do. Besides these there is a reader of each private stream."""

    RECORDS_MANAGER = "records-manager"
    COUNSEL = "counsel"
    FOIA_OFFICER = "foia-officer"
    APPROVER = "approver"
    HOLD = "hold"
    PURGE = "purge"
    SETTLER = "settler"
    VERIFIER = "verifier"
    SEQUENCER = "sequencer"
    AUDITOR = "auditor"


READER = "reader-"
"""Begins the name of a reading role; the rest is a stream, or ``intake``."""

READERS = tuple(f"{READER}{stream}" for stream in (*Stream, "intake"))
ROLES = (*(str(role) for role in Role), *READERS)

GOVERNING = frozenset((Role.RECORDS_MANAGER, Role.COUNSEL))
"""Whose signatures change roles and recipients of keys."""

APPROVING = frozenset((Role.APPROVER, Role.RECORDS_MANAGER))
"""Whose signature approves and retires accounts."""

_APART = (
    (Role.HOLD, Role.PURGE),  # who may destroy may not decide what must stay
    (Role.SETTLER, Role.VERIFIER),  # the second role is not the first one's own
)


_END = datetime(9999, 12, 1, tzinfo=UTC)


def waited(when: datetime) -> datetime:
    """Return when a waiting time is over; where a clock told the end of all calendars, then."""
    return when + WAITING if when < _END else when


def reader_of(stream: str) -> str:
    """Return the role that reads a private stream, or ``intake``."""
    return f"{READER}{stream}"


def clash(held: Collection[str], role: str) -> str:
    """Return the role among ``held`` that may not be in one hand with ``role``, or ""."""
    for pair in _APART:
        if role in pair:
            (other,) = set(pair) - {role}
            if other in held:
                return other
    return ""
