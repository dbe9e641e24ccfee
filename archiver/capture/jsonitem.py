"""One JSON item on its way to a row: members out of bytes, exact text into columns.

Well-formed compact items, as platforms send them, are read in one pass. Anything else
(white space, duplicate names, lone surrogates, bytes that are not UTF-8) is read member
by member, so that nothing is lost, and said in ``flags``. Nothing here raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE, json_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.capture.times import Reading

__all__ = ["Handler", "Members", "Row", "object_text"]

Members = list[tuple[str, bytes]]
"""An object's members: decoded name, and the value's bytes as they stood."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_PUNCTUATION = 4  # two quotation marks, a colon, a comma (or the last one's brace)


def object_text(members: Iterable[tuple[str, str]]) -> str:
    """Return members as one JSON object text, each value exactly as its source spelt it."""
    return "{" + ",".join([f"{_quoted(name)}:{value}" for name, value in members]) + "}"


class Row:
    """A row being filled: ``fields`` by column, what no column takes in ``extra``."""

    __slots__ = ("_extra", "_flags", "_volatile", "fields")

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._extra: list[tuple[str, str]] = []
        self._volatile: list[tuple[str, str]] = []
        self._flags: list[str] = []

    def members(self, data: bytes) -> Members:
        """Return the members of the object that ``data`` is, in order, duplicates kept.

        A value that is no JSON, in a damaged object, becomes a JSON string of its text.
        """
        try:
            decoded = _OBJECT.decode(data)
        except UNREADABLE:
            decoded = {}
        values = list(map(bytes, decoded.values()))
        spelt = sum(map(len, decoded)) + sum(map(len, values)) + _PUNCTUATION * len(values)
        if values and spelt + 1 == len(data):  # no space, and no escaped, second or odd name
            return list(zip(decoded, values, strict=True))
        return [
            (member.key, self._sound(member.key, data[member.value_start : member.value_end]))
            for member in json_members(data, 0, len(data))
        ]

    def fill(self, members: Members, handlers: Mapping[str, Handler]) -> None:
        """Give each member to its handler; members without one go to ``extra``.

        Of members with one name the last is handled, the others go to ``extra``.
        """
        last = dict(members)
        if len(last) < len(members):
            members = self._set_duplicates_aside(members)
        for name, value in members:
            handler = handlers.get(name)
            if handler is None:
                self._extra.append((name, self.raw(name, value)))
            else:
                handler(self, name, value)

    def put(self, column: str, value: str) -> None:
        """Set a column; empty values give none."""
        if value:
            self.fields[column] = value

    def keep(self, name: str, value: str) -> None:
        """Keep a member's raw JSON text in ``extra``."""
        self._extra.append((name, value))

    def metric(self, name: str, value: str) -> None:
        """Keep a member's raw JSON text in ``volatile``: it changes without the thing."""
        self._volatile.append((name, value))

    def flag(self, flag: str) -> None:
        """Say once that something was not as it should be."""
        if flag not in self._flags:
            self._flags.append(flag)

    def time(self, prefix: str, source: str, text: str, reading: Reading) -> None:
        """Set the four columns of a time, ``prefix`` being ``created`` or ``modified``."""
        if text:
            self.fields[prefix] = text
            self.fields[f"{prefix}_source"] = source
            self.put(f"{prefix}_precision", reading.precision)
            self.put(f"{prefix}_at", reading.at)

    def raw(self, name: str, value: bytes) -> str:
        r"""Return a value's bytes as text; a byte that is no UTF-8 as ``\udcXX`` (PEP 383)."""
        try:
            return value.decode()
        except UnicodeDecodeError:
            self.flag(f"not-utf-8 {storable(name)}")
            return (
                value.decode("utf-8", "surrogateescape")
                .encode("utf-8", "backslashreplace")
                .decode()
            )

    def text(self, name: str, value: bytes) -> str:
        """Return a string's characters; numbers, arrays and objects as spelt; null as empty.

        A lone surrogate becomes its JSON escape as text, and is flagged.
        """
        if value[:1] != b'"':
            return "" if value == b"null" else self.raw(name, value)
        try:
            return _STRING.decode(value)
        except UNREADABLE:
            return self._odd_text(name, value)

    def finished(self) -> dict[str, str]:
        """Return the row with ``extra``, ``volatile`` and ``flags`` as JSON text."""
        if self._extra:
            self.fields["extra"] = object_text(self._extra)
        if self._volatile:
            self.fields["volatile"] = object_text(self._volatile)
        if self._flags:
            self.fields["flags"] = json.dumps(self._flags)
        return self.fields

    def _set_duplicates_aside(self, members: Members) -> Members:
        positions = {name: index for index, (name, _) in enumerate(members)}
        kept = []
        for index, (name, value) in enumerate(members):
            if positions[name] == index:
                kept.append((name, value))
            else:
                self.flag(f"duplicate {storable(name)}")
                self._extra.append((name, self.raw(name, value)))
        return kept

    def _sound(self, name: str, value: bytes) -> bytes:
        try:
            json.loads(self.raw(name, value), parse_constant=_refuse)
        except (ValueError, RecursionError):
            self.flag(f"not-json {storable(name)}")
            return json.dumps(self.raw(name, value)).encode()
        return value

    def _odd_text(self, name: str, value: bytes) -> str:
        """Read a string that strict JSON has no text for."""
        try:
            text = json.loads(self.raw(name, value), strict=False)
        except ValueError:
            self.flag(f"not-json {storable(name)}")
            return self.raw(name, value)
        clean = storable(str(text))
        if clean != text:
            self.flag(f"lone-surrogate {storable(name)}")
        return clean


Handler = Callable[[Row, str, bytes], None]


def _refuse(constant: str) -> None:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(constant)


@lru_cache(maxsize=1024)  # names repeat from item to item
def _quoted(name: str) -> str:
    return json.dumps(name)
