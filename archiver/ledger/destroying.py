"""What a seal must have that takes segments out of the archive, and when it counts. Pure.

It names segments, all of whose records go under an order; their files may go after it, and
never before. Whether that order allows it is asked of the decisions
(`archiver.retention.custody`). ``docs/formats/ledger.md`` has every member.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ids import is_handle

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from archiver.ledger.compaction import Sealed

__all__ = ["DESTROY", "MOST_DESTROYED", "check_destroying", "destroyed_refusal"]

DESTROY = "destroy"
MOST_DESTROYED = 64
"""Segments that one such seal takes out: a hold that comes meanwhile saves all others."""

_MEMBERS = frozenset(("t", "time", "stage", "account", "order", "segments", "destroys"))
_SIZE = "size"
"""On how many entries of the log it was looked for what the segments show."""
_PLACE = re.compile("[0-9A-Za-z]{1,64}/[0-9A-Za-z]{1,64}")


def check_destroying(body: Mapping[str, Any]) -> None:
    """Raise `FormatError` unless a seal of this stage names an order and segments."""
    if body.keys() - {"id", _SIZE} != _MEMBERS or body["segments"] != []:
        raise FormatError("a destroying seal with other members")
    if type(body.get(_SIZE, 1)) is not int or body.get(_SIZE, 1) < 1:
        raise FormatError("a destroying seal of a log that is none")
    if not isinstance(body["order"], str) or not is_handle(body["order"]):
        raise FormatError("a destroying seal of no order")
    places = body["destroys"]
    texts = isinstance(places, list) and all(isinstance(one, str) for one in places)
    if not texts or not 0 < len(places) <= MOST_DESTROYED or places != sorted(set(places)):
        raise FormatError("a destroying seal without the sorted places of what goes")
    if not all(_PLACE.fullmatch(one) for one in places):
        raise FormatError("a destroying seal with a place that is none")


def destroyed_refusal(
    body: Mapping[str, Any], sealed: Callable[[str], Sealed | None], taken: Container[str]
) -> str:
    """Return why a destroying seal takes nothing out, whatever its order says, or "".

    Args:
        body: the seal, its form checked.
        sealed: the seal and segment under a place (``unit/segment``), None for none.
        taken: places of segments that were superseded, or destroyed, before.
    """
    for place in body["destroys"]:
        found = sealed(place)
        if found is None:
            return "what is to be destroyed is not in the ledger"
        if place in taken:
            return "what is to be destroyed was superseded or destroyed before"
        if found[0]["account"] != body["account"]:
            return "what is to be destroyed is of another account"
    return ""
