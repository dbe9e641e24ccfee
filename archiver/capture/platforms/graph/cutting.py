"""Cutting Graph API answers: lists of nodes, single nodes, and members out of a node.

Nothing here raises: what is not found is not claimed, and so becomes residue.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from archiver.capture.connector import Claim, Span
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from archiver.record import Excerpt

    Cut = tuple[int, int]

__all__ = [
    "Answer",
    "answer_of",
    "count_in",
    "items_at",
    "joined",
    "member_at",
    "node_of",
    "parted",
]

_WHOLE = msgspec.json.Decoder()


class Answer(NamedTuple):
    """An answer: where its nodes lie, and its envelope.

    ``listed``: it is a list of nodes, not one. ``total`` is ``summary.total_count`` as spelt.
    """

    nodes: list[Cut]
    claims: tuple[Claim, ...]
    listed: bool
    total: str


def answer_of(body: bytes) -> Answer:
    """Return the parts of an answer.

    Of the envelope ``paging`` and ``summary`` are claimed; the former without its value,
    for cursors are good for one run only.
    """
    start, end = _text(body)
    members = json_members(body, start, end)
    lists = [one for one in members if one.key == "data"]
    if not lists or body[lists[-1].value_start : lists[-1].value_start + 1] != b"[":
        return Answer([(start, end)] if members else [], (), listed=False, total="")
    data = lists[-1]
    nodes = [
        (data.value_start + a, data.value_start + b)
        for a, b in json_items(body[data.value_start : data.value_end])
    ]
    claims = [Claim("data", data.key_start, data.value_start, str(len(nodes)))]
    total = ""
    for one in members:
        if one.key == "paging":
            claims.append(Claim(one.key, one.key_start, one.value_end, ""))
        elif one.key == "summary":
            text = body[one.value_start : one.value_end].decode("utf-8", "replace")
            claims.append(Claim(one.key, one.key_start, one.value_end, text))
            total = count_in(node_of(body[one.value_start : one.value_end]), "total_count")
    return Answer(nodes, tuple(claims), listed=True, total=total)


def node_of(data: bytes) -> dict[str, Any]:
    """Return the object that bytes are, its texts fit for every store; empty for no object."""
    try:
        value = _WHOLE.decode(data)
    except UNREADABLE:
        value = _tolerant(data)
    return value if isinstance(value, dict) else {}


def count_in(node: Mapping[str, Any], *names: str) -> str:
    """Return a count that stands at a path of names, as decimal digits; empty without one."""
    value: object = node
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return str(value) if number else ""


def member_at(body: bytes, cut: Cut, *names: str) -> Cut | None:
    """Return where the value at a path of names lies, of equal names the last."""
    for name in names:
        found = [one for one in json_members(body, *cut) if one.key == name]
        if not found:
            return None
        cut = found[-1].value_start, found[-1].value_end
    return cut


def items_at(body: bytes, cut: Cut, *names: str) -> list[Cut]:
    """Return where the items of the list at a path of names lie."""
    place = member_at(body, cut, *names)
    if place is None:
        return []
    return [(place[0] + a, place[0] + b) for a, b in json_items(body[slice(*place)])]


def parted(
    body: bytes, cut: Cut, names: Collection[str]
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return a node without some of its members, and these members, as excerpts.

    Excerpts of either kind are runs of members without braces: `joined` makes them objects.
    """
    members = json_members(body, *cut)
    if not any(one.key in names for one in members):
        return (Span("item", *cut),), ()
    left: list[Span] = []
    taken: list[Span] = []
    for out, run in groupby(members, key=lambda one: one.key in names):
        first, *rest = run
        last = rest[-1] if rest else first
        (taken if out else left).append(Span("item", first.key_start, last.value_end))
    return tuple(left), tuple(taken)


def joined(excerpts: Iterable[Excerpt], role: str = "item") -> bytes:
    """Return the object that an item's excerpts make: the one there is, or runs of members."""
    found = [one.data for one in excerpts if one.role == role]
    if len(found) == 1 and found[0][:1] == b"{":
        return found[0]
    return b"{" + b",".join(found) + b"}"


def _text(body: bytes) -> Cut:
    """Return where the text lies: after a byte order mark, without white space around it."""
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    return start, max(start, len(body.rstrip(b" \t\r\n")))


def _tolerant(data: bytes) -> object:
    """Read what strict JSON refuses: lone surrogates, bytes that are no UTF-8, duplicates."""
    try:
        return _clean(json.loads(data.decode("utf-8", "surrogateescape"), strict=False))
    except (ValueError, RecursionError):
        return None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
