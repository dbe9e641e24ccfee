"""Heads: the few members of a JSON object that cutting needs to know, read tolerantly.

Whatever is not of its documented type counts as not given. Nothing here raises.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TypeVar

import msgspec

from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE
from archiver.header_text import is_plain

__all__ = ["Plain", "head_of", "is_id"]


class Plain(msgspec.Struct):
    """Anything with an id of its own. Ids are opaque: numbers or text."""

    id: str | int = ""


Head = TypeVar("Head", bound=Plain)


def head_of(data: bytes, kind: type[Head]) -> Head | None:
    """Read one head; None where there is no object with an id of its own."""
    try:
        head = _decoder(kind).decode(data)
    except UNREADABLE:
        head = _tolerant(data, kind)
    return head if head is not None and is_id(head.id) else None


def is_id(value: object) -> bool:
    """Say whether a value can be an id: a number, or text that fits in an address."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, str) and value != "" and is_plain(value) and "/" not in value


@lru_cache(maxsize=64)
def _decoder(kind: type[Head]) -> msgspec.json.Decoder[Head]:
    return msgspec.json.Decoder(kind)


def _tolerant(data: bytes, kind: type[Head]) -> Head | None:
    """Read a damaged head member by member."""
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    given = {}
    for field in msgspec.structs.fields(kind):
        try:
            given[field.name] = msgspec.convert(_clean(value[field.encode_name]), field.type)
        except (KeyError, msgspec.MsgspecError, RecursionError):
            continue
    return kind(**given)


def _clean(value: object) -> object:
    """Return a value whose texts every store can hold."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
