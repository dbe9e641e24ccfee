"""Where the members of an answer lie, and what of it is envelope. Nothing here raises."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

from archiver.capture.connector import Claim
from archiver.formats.excerpts_json import UNREADABLE, Member, json_members

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["claims_of", "members_of", "read"]

T = TypeVar("T")

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PLAIN = re.compile(r"[A-Za-z$_][A-Za-z0-9_]*", re.ASCII)
_LONGEST = 2000
"""Characters of an envelope value that a listing's own record repeats."""


def members_of(body: bytes, start: int, end: int) -> list[Member]:
    """Return the members of the object in ``body[start:end]``.

    Compact objects, as servers send them, are read in one strict pass at a level, so
    that deep threads take no long time; all others member by member.
    """
    try:
        values = _OBJECT.decode(memoryview(body)[start:end])
    except UNREADABLE:
        return json_members(body, start, end)
    found: list[Member] = []
    position = start + 1
    for name, raw in values.items():
        value = position + len(name) + 3
        last = value + memoryview(raw).nbytes
        if not _PLAIN.fullmatch(name) or body[position:value] != b'"%b":' % name.encode():
            return json_members(body, start, end)
        found.append(Member(name, position, value, last))
        position = last + 1
    return found if position == max(end, start + 2) else json_members(body, start, end)


def claims_of(body: bytes, members: Iterable[Member], containers: Iterable[str]) -> list[Claim]:
    """Return the envelope: members with their values, of ``containers`` the names alone."""
    names = set(containers)
    return [
        Claim(one.key, one.key_start, one.value_start, "")
        if one.key in names
        else Claim(one.key, one.key_start, one.value_end, _text(body, one))
        for one in members
    ]


def _text(body: bytes, member: Member) -> str:
    """Return an envelope value: a string's characters, else its JSON text if it is short."""
    data = body[member.value_start : member.value_end]
    text = read(_STRING, data)
    if text is None:
        text = data.decode("utf-8", "replace") if len(data) <= _LONGEST else ""
    return text.encode("utf-8", "backslashreplace").decode()


_STRING = msgspec.json.Decoder(str)


def read(decoder: msgspec.json.Decoder[T], data: bytes) -> T | None:
    """Decode what is of the documented type, also where strict JSON refuses it; else None."""
    try:
        return decoder.decode(data)
    except UNREADABLE:
        pass  # a lone surrogate or a byte that is no UTF-8: tried again below
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
        return msgspec.convert(value, decoder.type)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
