"""JSON APIs alike: items within an envelope, what cutting reads of an item, errors by code.

What platforms share who answer in JSON. Nothing here raises on any bytes: what is not found
is not claimed, and so becomes residue. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.answers import status_problem
from archiver.capture.connector import Claim, Item, Problem, Span
from archiver.capture.handlers import flat
from archiver.capture.jsonbody import is_closed
from archiver.capture.jsonitem import Row
from archiver.capture.text import storable
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import json_items, json_members
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from archiver.capture.connector import Listing
    from archiver.capture.jsonitem import Handler
    from archiver.formats.excerpts_json import Member
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

    Cut = tuple[int, int]

__all__ = ["Envelope", "Head", "envelope_of", "is_id", "item_of", "problem_of", "row_of", "whole"]

_LONGEST = 200
_MOST_DIGITS = 15
_SPACE = b"\xef\xbb\xbf \t\r\n"


class Head:
    """Members of a JSON object as cutting needs them; names lead down to members of members."""

    __slots__ = ("_members",)

    def __init__(self, data: bytes) -> None:
        self._members = dict(Row().members(data))

    def raw(self, *path: str) -> bytes:
        """Return a value's bytes as they stood, empty where there is none."""
        value = self._members.get(path[0], b"")
        for name in path[1:]:
            value = dict(Row().members(value)).get(name, b"") if value[:1] == b"{" else b""
        return value

    def text(self, *path: str) -> str:
        """Return a string's or number's text; empty for anything else."""
        value = self.raw(*path)
        simple = value[:1] not in (b"{", b"[", b"") and value not in (b"true", b"false", b"null")
        return Row().text("", value) if simple else ""

    def number(self, *path: str) -> int:
        """Return a whole number that is not negative, also one that is spelt as text; else 0."""
        text = self.text(*path)
        return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else 0

    def flag(self, *path: str) -> bool:
        """Tell whether a value is true."""
        return self.raw(*path) == b"true"


class Envelope(NamedTuple):
    """An answer around its items.

    ``items``: by the dotted name of their array, their places in the body; ``values``: by
    dotted name, the text of declared values; ``claims``: both, as a page needs them.
    """

    items: Mapping[str, list[Cut]]
    values: Mapping[str, str]
    claims: tuple[Claim, ...]

    def at(self, name: str) -> list[Cut]:
        """Return the places of the items of an array."""
        return self.items.get(name, [])


def envelope_of(body: bytes, arrays: Collection[str], declared: Collection[str] = ()) -> Envelope:
    """Read an answer whose items are in ``arrays``, dotted names; empty: the body is the array.

    ``declared``: dotted names of values that are no items. What neither names is not claimed.
    """
    items = {name: json_items(body, tuple(name.split(".")) if name else ()) for name in arrays}
    start = len(body) - len(body.lstrip(_SPACE))
    claims = tuple(_claims(body, start, len(body), "", (frozenset(arrays), frozenset(declared))))
    values = {one.name: one.value for one in claims if one.name in declared}
    return Envelope(items, {name: _plain(value) for name, value in values.items()}, claims)


def _claims(
    body: bytes, start: int, end: int, prefix: str, names: tuple[frozenset[str], frozenset[str]]
) -> Iterator[Claim]:
    arrays, declared = names
    for one in json_members(body, start, end):
        name, value = prefix + one.key, body[one.value_start : one.value_end]
        if name in declared or (name in arrays and value == b"null"):
            yield Claim(name, one.key_start, one.value_end, _told(value))
        elif name in arrays:
            yield Claim(name, one.key_start, one.value_start, "")
        elif any(known.startswith(f"{name}.") for known in (*arrays, *declared)):
            yield Claim(name, one.key_start, one.value_start, "")
            yield from _inner(body, one, name, names)


def _inner(
    body: bytes, one: Member, name: str, names: tuple[frozenset[str], frozenset[str]]
) -> Iterator[Claim]:
    return _claims(body, one.value_start, one.value_end, f"{name}.", names)


def _told(value: bytes) -> str:
    return storable(value.decode("utf-8", "backslashreplace"))


def _plain(value: str) -> str:
    """Return the text of a declared value; a JSON string without its quotation marks."""
    return Row().text("", value.encode()) if value[:1] == '"' else value


def whole(body: bytes) -> Cut:
    """Return where the one thing lies that an answer is."""
    return len(body) - len(body.lstrip(_SPACE)), len(body.rstrip(_SPACE))


def is_id(text: str) -> bool:
    """Say whether a text can be an id, and stand between slashes."""
    return bool(text) and len(text) <= _LONGEST and is_plain(text) and "/" not in text


def item_of(listing: Listing, native_id: str, cut: Cut, **more: object) -> Item:
    """Return an item of the listing's stream, as private as the listing; ``more``: its members."""
    made = Item(
        stream=listing.stream,
        native_id=native_id,
        kind=Kind.PRESENT,
        sensitivity=listing.sensitivity or Sensitivity.PRIVATE,
        spans=(Span("item", *cut),),
        content_type="application/json",
    )
    return replace(made, **more) if more else made  # type: ignore[arg-type]


def problem_of(
    response: HttpResponse, told: str, codes: Mapping[str, str], wait: float = 0.0
) -> Problem | None:
    """Return why an answer is no content, or None where it is.

    Args:
        response: the answer.
        told: the platform's own word for what is wrong, empty where it has none.
        codes: its words -> `archiver.capture.problems.PROBLEMS`; its status decides of others.
        wait: seconds after which it wants to be asked again, 0 where it does not say.
    """
    by_status = status_problem(response)
    if told in codes:
        after = wait or (by_status.retry_after if by_status else 0.0)
        return Problem(codes[told], f"{response.status} {storable(told)}"[:_LONGEST], after)
    if by_status is not None:
        said = f"{response.status} {storable(told)}"[:_LONGEST] if told else by_status.message
        return replace(by_status, message=said, retry_after=wait or by_status.retry_after)
    if format_of(response.body) != "json":
        return Problem("schema", "not JSON: is this the address of an account's API?")
    return None if is_closed(response.body) else Problem("transient", "the JSON is cut short")


def row_of(excerpts: tuple[Excerpt, ...], table: Mapping[str, Handler]) -> dict[str, str]:
    """Return the row of an item by a table of handlers for its members, nested ones dotted."""
    row = Row()
    data = b"".join(one.data for one in excerpts if one.role == "item")
    row.fill(flat(row, data, table), table)
    return row.finished()
