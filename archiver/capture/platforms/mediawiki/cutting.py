"""Where the parts of a MediaWiki answer lie: members and items of its compact JSON.

MediaWiki writes JSON without white space, so positions follow from the lengths of the
values, which a strict pass gives at about a microsecond each. Whatever is written another
way goes through the tolerant scanner of `archiver.formats.excerpts_json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim
from archiver.formats.excerpts_json import UNREADABLE, Member, json_items, json_members

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["container", "items_of", "members_of", "value_claim"]

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LONGEST_VALUE = 2000


def members_of(body: bytes, start: int, end: int) -> list[Member]:
    """Return the members of the object in ``body[start:end]``, duplicates kept; never raises."""
    members = _compact_members(body, start, end)
    return json_members(body, start, end) if members is None else members


def items_of(body: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the range of each item of the array in ``body[start:end]``; never raises."""
    return [(left + start, right + start) for left, right in json_items(body[start:end])]


def container(member: Member) -> Claim:
    """Return the claim on the bare name of a member whose value is cut further."""
    return Claim(member.key, member.key_start, member.value_start, "")


def value_claim(body: bytes, member: Member) -> Claim:
    """Return the claim on a whole member: its name, and its value as spelt."""
    value = body[member.value_start : min(member.value_end, member.value_start + _LONGEST_VALUE)]
    text = value.decode("utf-8", "replace")
    return Claim(member.key, member.key_start, member.value_end, text)


def _compact_members(body: bytes, start: int, end: int) -> list[Member] | None:
    """Return the members of an object without white space, or None where it is not one."""
    try:
        values = _OBJECT.decode(memoryview(body)[start:end])
    except UNREADABLE:
        return None
    found = list(_placed(body, start + 1, values))
    if found and len(found) == len(values) and found[-1].value_end == end - 1:
        return found
    return None


def _placed(body: bytes, position: int, values: dict[str, msgspec.Raw]) -> Iterator[Member]:
    """Yield each member where it must be, ending at the first that is not there."""
    for name, raw in values.items():
        value = bytes(raw)
        start = position + len(name.encode("utf-8", "surrogatepass")) + 3  # quotes and colon
        if not body.startswith(value, start) or body[start - 2 : start] != b'":':
            return
        yield Member(name, position, start, start + len(value))
        position = start + len(value) + 1
