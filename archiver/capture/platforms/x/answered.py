"""How an answer of the API is built: data, what it refers to, errors, paging.

``data`` is one object or a list; ``includes`` has side tables (``users``, ``posts``,
``media`` …) that objects of ``data`` refer to by id; ``errors`` says what could not be
given, beside what could (docs.x.com/x-api/fundamentals/response-codes-and-errors).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim
from archiver.capture.heads import Plain, head_of, is_id
from archiver.capture.platforms.x.fields import CURRENT
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.formats.excerpts_json import Member

__all__ = ["Answered", "Cut", "Trouble", "answered", "include", "told_problem", "unwrapped"]

Cut = tuple[int, int]
_KEYS = {"media": "media_key"}


class Trouble(msgspec.Struct):
    """One error of an answer (RFC 9457, with members of X's own)."""

    type: str = ""
    title: str = ""
    detail: str = ""
    resource_type: str = ""
    resource_id: str = ""
    value: str = ""


class _Keyed(Plain):
    media_key: str = ""


class _Meta(msgspec.Struct):
    next_token: str = ""


_TROUBLE = msgspec.json.Decoder(Trouble)
_NEXT = msgspec.json.Decoder(_Meta)


@dataclass(slots=True)
class Answered:
    """The parts of one answer, as ranges of its body.

    ``included`` has, by the published name of the table and by id, where an object lies.
    ``claims``: names of tables, paging, errors: what is no content. ``has_data``: X gave
    any, be it an empty list.
    """

    body: bytes
    data: list[Cut] = field(default_factory=list)
    included: dict[str, dict[str, Cut]] = field(default_factory=dict)
    errors: list[Trouble] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    next_token: str = ""
    has_data: bool = False

    def one(self, table: str, native_id: str | None) -> Cut | None:
        """Return where an included object lies, None where it is not included."""
        return self.included.get(table, {}).get(native_id or "")

    def unused(self, used: set[Cut]) -> Iterator[Claim]:
        """Yield the included objects that no item has: they are said to have come, no more."""
        for table, objects in self.included.items():
            for native_id, cut in objects.items():
                if cut not in used:
                    yield Claim(f"included {table} {native_id}", *cut, "")


def answered(body: bytes, start: int = 0, end: int | None = None) -> Answered:
    """Read the object in ``body[start:end]``. Never raises; what it can't read it leaves."""
    found = Answered(body)
    last = {one.key: one for one in json_members(body, start, len(body) if end is None else end)}
    for name, member in last.items():
        if name == "data":
            _data(found, member)
        elif name == "includes":
            include(found, member)
        elif name == "errors":
            _errors(found, member)
        elif name == "meta":
            found.claims.append(_claim(found.body, member))
            found.next_token = _next(body[member.value_start : member.value_end])
    return found


def include(found: Answered, member: Member) -> None:
    """Read side tables. Of two objects with one id the last counts, the other is left."""
    tables = json_members(found.body, member.value_start, member.value_end)
    found.claims.append(Claim("includes", member.key_start, member.value_start, ""))
    for one in tables:
        cuts = _list(found.body, one)
        if cuts is None:
            continue
        name = CURRENT.get(one.key, one.key)
        table = found.included.setdefault(name, {})
        found.claims.append(Claim(f"includes {name}", one.key_start, one.value_start, ""))
        for cut in cuts:
            inner = unwrapped(found, cut)
            native_id = _id(found.body[slice(*inner)], name)
            if native_id:
                table[native_id] = inner


def unwrapped(found: Answered, cut: Cut) -> Cut:
    """Return where an object lies that webhooks wrap as ``{"data": {…}}``; it, where bare."""
    members = json_members(found.body, *cut)
    if [one.key for one in members] != ["data"]:
        return cut
    found.claims.append(Claim("wrapped", members[0].key_start, members[0].value_start, ""))
    return members[0].value_start, members[0].value_end


def _data(found: Answered, member: Member) -> None:
    cuts = _list(found.body, member)
    found.has_data = found.body[member.value_start : member.value_end] != b"null"
    found.data = [(member.value_start, member.value_end)] if cuts is None else cuts
    size = len(found.data) if found.has_data else 0
    found.claims.append(Claim("data", member.key_start, member.value_start, str(size)))


def _errors(found: Answered, member: Member) -> None:
    found.claims.append(Claim("errors", member.key_start, member.value_start, ""))
    for place, cut in enumerate(_list(found.body, member) or ()):
        trouble = told_problem(found.body[slice(*cut)])
        if trouble is not None:
            found.errors.append(trouble)
            found.claims.append(Claim(f"error {place + 1}", *cut, _words(trouble)))


def _words(trouble: Trouble) -> str:
    about = trouble.resource_id or trouble.value
    kind = trouble.type.rpartition("/")[2]
    return storable(" ".join(filter(None, [kind, trouble.resource_type, about])))[:200]


def told_problem(data: bytes) -> Trouble | None:
    """Read one error, None where it is none."""
    try:
        return _TROUBLE.decode(data)
    except UNREADABLE:
        return None


def _next(data: bytes) -> str:
    try:
        return _NEXT.decode(data).next_token
    except UNREADABLE:
        return ""


def _claim(body: bytes, member: Member) -> Claim:
    text = body[member.value_start : member.value_end].decode("utf-8", "replace")
    return Claim(storable(member.key), member.key_start, member.value_end, text)


def _list(body: bytes, member: Member) -> list[Cut] | None:
    """Return where the items of a list lie, None where the value is no list."""
    if body[member.value_start : member.value_start + 1] != b"[":
        return None
    start = member.value_start
    return [(start + a, start + b) for a, b in json_items(body[start : member.value_end])]


def _id(data: bytes, table: str) -> str:
    key = _KEYS.get(table)
    if key is None:
        head = head_of(data, Plain)
        return "" if head is None else str(head.id)
    try:
        value = msgspec.json.decode(data, type=_Keyed).media_key
    except UNREADABLE:
        return ""
    return value if is_id(value) else ""
