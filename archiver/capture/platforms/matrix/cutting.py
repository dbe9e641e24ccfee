"""Where the members of a Matrix answer lie, and which of their names are envelope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE, Member, json_items, json_members

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cut", "members_of", "text_of"]

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_NAME = re.compile(rb'[ \t\r\n]*,?[ \t\r\n]*"(?:[^"\\]++|\\.)*+"[ \t\r\n]*:[ \t\r\n]*')
_END = re.compile(rb"[ \t\r\n]*\}[ \t\r\n]*")
_OPENING = re.compile(rb"[ \t\r\n]*\{")


def members_of(body: bytes, start: int, end: int) -> list[Member]:
    """Return the members of the object in ``body[start:end]``, in order, duplicates kept.

    Sound objects are read in one strict pass; others by the tolerant scanner.
    """
    opening = _OPENING.match(body, start, end)
    if opening is None:
        return []
    try:
        values = _OBJECT.decode(memoryview(body)[start:end])
    except UNREADABLE:
        return json_members(body, start, end)
    found: list[Member] = []
    position = opening.end()
    for name, raw in values.items():
        spelt = _NAME.match(body, position, end)
        if spelt is None:
            return json_members(body, start, end)
        position = spelt.end() + memoryview(raw).nbytes
        found.append(Member(name, body.index(b'"', spelt.start()), spelt.end(), position))
    # A name that occurs twice makes the values fall short of the end.
    return found if _END.fullmatch(body, position, end) else json_members(body, start, end)


def text_of(body: bytes, start: int, end: int) -> str:
    """Return a string's characters; anything else as it is spelt."""
    data = body[start:end]
    if data[:1] == b'"':
        try:
            return _STRING.decode(data)
        except UNREADABLE:
            pass  # shown below as it is spelt
    return storable(data.decode("utf-8", "surrogateescape"))


class Cut:
    """An answer being cut: its objects are entered one by one, their names become claims.

    A member that nobody enters or claims stays residue, with its name.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.claims: list[Claim] = []

    def whole(self) -> tuple[int, int]:
        """Return where the document lies, without a byte order mark."""
        return (3 if self.body.startswith(b"\xef\xbb\xbf") else 0), len(self.body)

    def members(self, start: int, end: int) -> dict[str, Member]:
        """Return an object's members by name; of one name the last, as every reader does."""
        return {member.key: member for member in members_of(self.body, start, end)}

    def enter(self, member: Member | None) -> tuple[int, int]:
        """Claim the name of a member whose value is cut further; return where that lies."""
        if member is None:
            return 0, 0
        self.claims.append(Claim("names", member.key_start, member.value_start, ""))
        return member.value_start, member.value_end

    def is_list(self, member: Member | None) -> bool:
        """Say whether a member is there and its value is an array."""
        return member is not None and self.body[member.value_start : member.value_start + 1] == b"["

    def items(self, member: Member | None) -> list[tuple[int, int]]:
        """Claim the name of an array; return where its items lie."""
        start, end = self.enter(member)
        return [(start + a, start + b) for a, b in json_items(self.body[start:end])]

    def claim(self, name: str, member: Member | None) -> str:
        """Claim a member with its value as an envelope value; return its text."""
        if member is None:
            return ""
        value = text_of(self.body, member.value_start, member.value_end)
        self.claims.append(Claim(name, member.key_start, member.value_end, value))
        return value

    def claim_all(self, prefix: str, members: Iterable[Member | None]) -> None:
        """Claim each of the members that are there."""
        for member in members:
            if member is not None:
                self.claim(f"{prefix}{storable(member.key)}", member)
