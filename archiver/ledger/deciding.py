"""Entries by which people decide what stays and what goes: their closed forms. Pure.

``schedule classify event hold applied release order begin halt done retire matter export redact``.
Each is an act of people (`archiver.ledger.registrations`), with a set of leaves where it is about
records; nobody signs ``done-part`` of an order, and ``copy``. No name, native id, query or word of
anybody has a place here: what an act is about stands in a private document that it commits to.
Which act counts is not decided here but by whoever folds it (`archiver.registry.deciding`).
Member by member: ``docs/formats/deciding.md``.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ids import handle_of
from archiver.ledger import ranges
from archiver.ledger.entry import TIME, is_time
from archiver.ledger.registrations import COMMON, HANDLE, HEX32, INDEX, check_act
from archiver.ledger.sets import set_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.ledger.ranges import Ranges

__all__ = [
    "DECIDING",
    "HERE",
    "ORDER",
    "check_copy",
    "check_decision",
    "check_part",
    "copy_handle",
    "set_digest",
]

ORDER = "order"
SET_TAG = b"civic-archive/set/v1\n"
COPY_TAG = "civic-archive/copy/v1\n"
HERE = "archive"
"""What the archive itself is called beside its copies."""

_EFFECT = re.compile("shortens|lengthens")
_ANCHORS = re.compile("(?:0|[1-9][0-9]{0,18})(?: [1-9][0-9]{0,18})+")
"""Indexes of two entries or more."""

_DAYS = re.compile("0|[1-9][0-9]{0,3}")
_NUMBER = re.compile("[1-9][0-9]{0,11}")
"""Of a page, or of a volume."""

_SET = {"size": INDEX, "covers": HEX32}
_TOLD = {**COMMON, "subject": HEX32, "effect": _EFFECT}
_OF_HOLD = {**COMMON, "hold": HANDLE}
_OF_ORDER = {**COMMON, "order": HANDLE}
_ORDERED = {
    **_OF_ORDER,
    **_SET,
    "requester": HANDLE,
    "root": HEX32,
    "subject": HEX32,
    "from": TIME,
}
_OF_MATTER = {**COMMON, "matter": HANDLE, "subject": HEX32}
_VOLUME = {**_OF_MATTER, **_SET, "volume": _NUMBER}

_FORMS: dict[str, dict[str, Mapping[str, re.Pattern[str]]]] = {
    "schedule": {
        "add-schedule": _TOLD,
        "adopt-schedule": _TOLD,
        "opt-in": _TOLD,
        "revoke-schedule": {**_TOLD, "revokes": HANDLE},
    },
    "classify": {"classify": {**_TOLD, **_SET}, "review": {**_TOLD, **_SET}},
    "event": {"event": _TOLD, "hold-event": {**_TOLD, "hold": HANDLE}},
    "hold": {
        "hold": {**_OF_HOLD, **_SET, "subject": HEX32},
        "notice": {**_OF_HOLD, "subject": HEX32},
        "acknowledge": {**_OF_HOLD, "subject": HEX32},
    },
    "applied": {"applied": {**_OF_HOLD, **_SET}},
    "release": {"release": {**_OF_HOLD, "subject": HEX32, "from": TIME}},
    "order": {
        "order": _ORDERED,
        "order-certified": {**_ORDERED, "days": _DAYS},
        "order-noticed": {**_ORDERED, "days": _DAYS},
        "order-extraordinary": _ORDERED,
        "submit": {**_OF_ORDER, "subject": HEX32},
        "outcome": {**_OF_ORDER, **_SET, "subject": HEX32, "effect": _EFFECT},
    },
    "begin": {"begin": {**_OF_ORDER, **_SET, "root": HEX32, "times": _ANCHORS}},
    "halt": {"halt": {**_OF_ORDER, "subject": HEX32}},
    "done": {"done": {**_OF_ORDER, "covers": HEX32}},
    "retire": {"retire": {**_TOLD, "copy": HANDLE, "size": INDEX}},
    "matter": {
        "open-matter": _OF_MATTER,
        "close-matter": _OF_MATTER,
        "tag": {**_OF_MATTER, **_SET},
        "bates": {**_OF_MATTER, "series": HANDLE, "first": _NUMBER, "last": _NUMBER},
    },
    "export": {
        "export-approve": {**_OF_MATTER, **_SET, "requester": HANDLE},
        "export": _VOLUME,
        "export-replacing": {**_VOLUME, "of": _NUMBER},
        "claw-back": {**_VOLUME, "of": _NUMBER},
    },
    "redact": {
        "mark": {**COMMON, "subject": HEX32},
        "unmark": {**COMMON, "subject": HEX32, "revokes": HANDLE},
    },
}
_WITH_LEAVES = frozenset(
    (
        *("classify", "review", "hold", "applied"),
        *("order", "order-certified", "order-noticed", "order-extraordinary", "outcome"),
        *("tag", "export-approve", "export", "export-replacing", "claw-back"),
    )
)
_EMPTY = frozenset(("hold", "applied"))
"""Acts whose set may be empty: a hold on what is yet to come, a query that took nothing in."""
_PART = frozenset(("t", "time", "work", "order", "copy", "leaves"))
_COPY = frozenset(("t", "time", "copy"))

DECIDING = frozenset(_FORMS)
"""Types of entries that are such acts."""


def copy_handle(archive: str, name: str) -> str:
    """Return the handle by which the log names a copy of an archive, `HERE` for itself."""
    digest = sha256(f"{COPY_TAG}{archive}\n{name}".encode()).digest()
    return handle_of(digest[:16])


def check_decision(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an entry of one of these types is of its closed form."""
    acts = _FORMS[body["t"]]
    told = body.get("statement")
    statement = told if isinstance(told, dict) else {}
    act = str(statement.get("act"))
    with_leaves = act in _WITH_LEAVES
    check_act(body, acts, frozenset(("leaves",) if with_leaves else ()))
    if not all(is_time(body["statement"][name]) for name in {"time", "from"} & statement.keys()):
        raise FormatError("a decision of a time that no calendar has")
    if with_leaves:
        _check_leaves(body, empty=act in _EMPTY)


def check_part(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an entry says which leaves of an order are gone of a copy."""
    handles = (body.get("order"), body.get("copy"))
    if body.keys() - {"id"} != _PART or body["work"] != ORDER:
        raise FormatError("a part done of an order, with other members")
    if not all(isinstance(one, str) and HANDLE.fullmatch(one) for one in handles):
        raise FormatError("a part done of no order, or of no copy")
    _check_leaves(body, empty=False)


def check_copy(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless an entry tells of a copy, and says nothing else."""
    if body.keys() - {"id"} != _COPY:
        raise FormatError("an entry about a copy, with other members")
    if not isinstance(body["copy"], str) or not HANDLE.fullmatch(body["copy"]):
        raise FormatError("an entry about no copy")


def _check_leaves(body: Mapping[str, Any], *, empty: bool) -> None:
    """Raise `FormatError` unless ``leaves`` is a set: ranges, or a file with its digest."""
    leaves = body["leaves"]
    if isinstance(leaves, dict):
        if not list(set_files({"t": body["t"], "leaves": leaves})):
            raise FormatError("a set that is none")
        return
    if not ranges.are_ranges(leaves) or not (leaves or empty):
        raise FormatError("a decision on no set of leaves")


def set_digest(leaves: Ranges) -> str:
    """Return what people sign for a set of leaves: a digest (hex) of nothing but numbers.

    It is the same whether the set stands in the entry or in a file.
    """
    lines = "".join(f"{first} {end}\n" for first, end in leaves)
    return sha256(SET_TAG + lines.encode()).hexdigest()
