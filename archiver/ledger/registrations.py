"""Entries about people, keys, looks and what people verified. Pure.

Their closed forms (``docs/formats/people.md``): handles, keys, numbers and days, no word
that somebody typed. Whether an act in them counts is not decided here but by whoever
folds it (`archiver.registry.people`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger.entry import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COMMON",
    "HANDLE",
    "HEX32",
    "INDEX",
    "check_access",
    "check_act",
    "check_rekey",
    "check_role",
    "check_verified",
]

HANDLE = re.compile("[a-z2-7]{26}")
_WORD = re.compile("[a-z]+(?:-[a-z]+){0,3}")
HEX32 = re.compile("[0-9a-f]{64}")
_READING = re.compile("(?:[0-9a-f]{64})?")
"""A public reading key, or nothing: not every token makes one."""
_HEX64 = re.compile("[0-9a-f]{128}")
_KEY = re.compile("[a-z2-7]{26}[+][0-9a-f]{8}[+][A-Za-z0-9+/]{44}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
INDEX = re.compile("0|[1-9][0-9]{0,18}")
_MOST_SIGNATURES = 8

_ARCHIVE = re.compile("[0-9a-z]{1,64}")
COMMON = {"act": _WORD, "archive": _ARCHIVE, "statement": HANDLE, "time": TIME}
_ENROL = {**COMMON, "person": HANDLE, "key": _KEY, "reading": _READING, "subject": HEX32}
_CHANGE = {**COMMON, "person": HANDLE, "role": _WORD}
_RECIPIENT = {**COMMON, "recipient": HANDLE, "subject": HEX32}
_VERIFIED = {**COMMON, "seal": INDEX, "entry": HEX32}
_ROLE_ACTS = {"enrol": _ENROL, "grant": _CHANGE, "revoke": _CHANGE}
_REKEY_ACTS = {"add-recipient": _RECIPIENT, "remove-recipient": _RECIPIENT}

_REKEY_COUNTS = {
    "rotated": frozenset(("periods", "keys")),
    "drilled": frozenset(("periods", "keys", "files", "lost")),
}


def check_role(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a role is an act about a person, in closed form."""
    check_act(body, _ROLE_ACTS)


def check_verified(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an act says which superseding seal somebody verified."""
    check_act(body, {"verified": _VERIFIED})


def check_rekey(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a rekey is an act about recipients, or work in numbers."""
    if "statement" in body:
        check_act(body, _REKEY_ACTS)
        return
    counts = _REKEY_COUNTS.get(str(body.get("work")))
    if counts is None or body.keys() - {"id"} != {"t", "time", "work", *counts}:
        raise FormatError("a rekey of no known work, or with other members")
    if not all(_is_count(body[name]) for name in counts):
        raise FormatError("a rekey with a count that is none")


def check_access(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an access is a day and how many looks there were."""
    if body.keys() - {"id"} != {"t", "time", "day", "looks"}:
        raise FormatError("an access with other members than day, looks, t, time")
    if not isinstance(body["day"], str) or not _DAY.fullmatch(body["day"]):
        raise FormatError("an access of no day")
    if not _is_count(body["looks"]) or not body["looks"]:
        raise FormatError("an access without looks")


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def check_act(
    body: Mapping[str, Any],
    acts: Mapping[str, Mapping[str, re.Pattern[str]]],
    more: frozenset[str] = frozenset(),
) -> None:
    """Raise `FormatError` unless an entry is one of these acts, each member of its form.

    ``more``: members that the entry has beside statement and signatures; they are not looked at.
    """
    names = {"t", "time", "statement", "signatures", *more}
    if body.keys() - {"id"} != names:
        raise FormatError(f"an act with other members than {', '.join(sorted(names))}")
    statement, signatures = body["statement"], body["signatures"]
    form = acts.get(str(statement.get("act"))) if isinstance(statement, dict) else None
    if form is None or not _follows(statement, form):
        raise FormatError("a statement of no known act, or of another form")
    if not isinstance(signatures, list) or not 0 < len(signatures) <= _MOST_SIGNATURES:
        raise FormatError("an act without signatures, or with too many")
    if not all(_follows(one, {"key": _KEY, "signature": _HEX64}) for one in signatures):
        raise FormatError("an act with a signature that is none")


def _follows(value: object, form: Mapping[str, re.Pattern[str]]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == form.keys()
        and all(isinstance(one, str) and form[name].fullmatch(one) for name, one in value.items())
    )
