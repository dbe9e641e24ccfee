"""What a ``gap`` entry must have: in which time what may have been lost of a stream. Pure.

Member by member: ``docs/formats/ledger.md``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger.entry import is_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EVENTS_LOST", "OVERDUE", "WITHHELD", "check_gap"]

EVENTS_LOST = "events-lost"
"""Events of this time are not to be had any more; only what was still there later was read."""
WITHHELD = "withheld"
"""The platform has more than it gave, and says so."""
OVERDUE = "overdue"
"""No run looked for longer than was promised."""

_TOLD = frozenset((EVENTS_LOST, WITHHELD))
"""Causes that rest on an exchange in which the platform said so."""
_MEMBERS = frozenset(("t", "time", "account", "stream", "cause", "since", "until"))
_CITED = frozenset(("lane", "exchange"))
_HANDLE = re.compile("[0-9a-z]{1,64}")
_MOST = 2**53


def check_gap(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a gap has all its members and no others, each of its form."""
    cause = body.get("cause")
    told = isinstance(cause, str) and cause in _TOLD
    if not told and cause != OVERDUE:
        raise FormatError("a gap of no known cause", where=repr(cause)[:80])
    wanted = _MEMBERS | (_CITED if told else frozenset())
    if body.keys() - {"id"} != wanted:
        raise FormatError("a gap with other members", where=", ".join(sorted(body))[:80])
    handles = [body["account"], *([body["lane"]] if told else [])]
    if not all(isinstance(one, str) and _HANDLE.fullmatch(one) for one in handles):
        raise FormatError("a gap of an account or a lane that is no handle")
    if body["stream"] not in tuple(Stream):
        raise FormatError("a gap of no known stream")
    if not is_time(body["since"]) or not is_time(body["until"]) or body["since"] > body["until"]:
        raise FormatError("a gap of no time, or of one that ends before it begins")
    if told and not (type(body["exchange"]) is int and 0 < body["exchange"] < _MOST):
        raise FormatError("a gap that rests on no exchange")
