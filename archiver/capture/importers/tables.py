"""Importers of exports in JSON that a table describes: which file has what, under which id.

A table has a row (`Listed`) for each kind of thing. What no row of it claims stays residue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.importers.cutting import WHOLE
from archiver.capture.importers.importer import REST, Cut, Kept, file_of
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.formats.excerpts import complement, is_frame
from archiver.formats.excerpts_json import BYTE_ORDER_MARK, json_items, json_members
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archiver.capture.importers.cutting import Cutting
    from archiver.capture.importers.importer import Cell, Given
    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["JSON", "JsonExport", "Listed", "Names", "frames", "text_of"]

JSON = "application/json"
Range = tuple[int, int]
_SCRIPT = re.compile(rb"\s*(?:window\.)?[\w.$]+\s*=\s*")
"""What stands before JSON that is written as JavaScript: an assignment."""


class Listed(NamedTuple):
    """One kind of thing, and where it stands.

    ``role``: of its excerpt, one token; ``where``: pattern of the member's path, case ignored.
    ``native``: its id from its members; "": it is none. ``path``: names that lead to the array;
    ``within``: from there on to an array in each of its objects, of which ``shared`` members go
    with each thing. ``unwrap``: the one member that has the thing. ``alone``: what the path
    leads to is one thing. ``every``: it leads to an object, each member of which is an array of
    things; the member's name goes with them as ``thread``. ``prefixed``: JavaScript stands
    before the JSON.
    """

    role: str
    where: str
    stream: str
    native: Callable[[Names], str]
    handlers: Mapping[str, Handler]
    path: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    unwrap: str = ""
    alone: bool = False
    every: bool = False
    prefixed: bool = False
    sensitivity: str = Sensitivity.PRIVATE
    kind: Kind = Kind.PRESENT
    cutting: Cutting = WHOLE


class Names(NamedTuple):
    """What an id may be made of: members of the thing, what it shares, the path of its member."""

    members: Mapping[str, bytes]
    shared: Mapping[str, bytes]
    member: str

    def text(self, *names: str) -> str:
        """Return the first of these members that says anything."""
        found = (text_of(self.members.get(name, b"null")) for name in names)
        return next(filter(None, found), "")


def text_of(value: bytes) -> str:
    """Return the characters of a JSON value; of what is no text, its spelling; null is empty."""
    return Row().text("", value)


def frames(body: bytes, spans: Sequence[Range]) -> Iterator[Claim]:
    """Claim what is only punctuation of JSON between ranges."""
    for start, end in complement(len(body), spans):
        if is_frame(body[start:end], "json"):
            yield Claim("frame", start, end, "")


@dataclass(frozen=True)
class JsonExport:
    """An importer made of a table; see `archiver.capture.importers.importer.Importer`.

    ``files``: pattern of paths of files that are kept as such; ``telling``: of paths by which
    the export is recognised. ``dated``: pattern of the member that says when it was made, and
    what reads that from its body.
    """

    name: str
    parser: str
    title: str
    platforms: tuple[str, ...]
    module: str
    cells: tuple[Cell, ...]
    table: tuple[Listed, ...]
    files: str
    telling: str
    dated: Callable[[str, bytes], str] = field(default=lambda _name, _body: "")

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Listed], ...]:
        return tuple((re.compile(one.where, re.IGNORECASE), one) for one in self.table)

    def _listed(self, name: str) -> list[Listed]:
        return [one for pattern, one in self._patterns if pattern.fullmatch(name)]

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether a path tells of it."""
        del beginning
        telling = re.compile(self.telling, re.IGNORECASE)
        return any(telling.fullmatch(one) for one in names)

    def member(self, name: str) -> Kept:
        """Return items where a row of the table says so, else a file or the rest."""
        found = self._listed(name)
        if found:
            # A member that one row reads may be parted within its array, others are read whole.
            cutting = found[0].cutting if len(found) == 1 else WHOLE
            return Kept("items", found[0].stream, found[0].sensitivity, cutting)
        return file_of(name) if re.fullmatch(self.files, name, re.IGNORECASE) else REST

    def made(self, name: str, body: bytes) -> str:
        """Return when the export was made, where this member says so."""
        return self.dated(name, body)

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: each item of JSON stands by itself."""
        del name, body
        return ""

    def split(self, given: Given) -> Cut:
        """Cut a part by each row of the table that is about its member."""
        items: list[Item] = []
        claims: list[Claim] = []
        for listed in self._listed(given.name):
            cutter = _Cutter(listed, given)
            items += cutter.items()
            claims += cutter.claims
        taken = [(s.start, s.end) for one in items for s in one.spans]
        taken += [(one.start, one.end) for one in claims]
        return Cut(tuple(items), (*claims, *frames(given.body, taken)))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one thing by the row of the table that its excerpt names."""
        del context
        by_role = {one.role: one.data for one in excerpts}
        row = Row()
        for listed in self.table:
            if listed.role in by_role:
                data = by_role[listed.role]
                for name in (*listed.shared, "thread"):
                    if name in by_role and name in listed.handlers:
                        listed.handlers[name](row, name, by_role[name])
                row.fill(_inner(row.members(data), listed.unwrap), listed.handlers)
                break
        return row.finished()


def _inner(members: list[tuple[str, bytes]], unwrap: str) -> list[tuple[str, bytes]]:
    if not unwrap or unwrap not in dict(members):
        return members
    inside = Row().members(dict(members)[unwrap])
    return [*inside, *((name, value) for name, value in members if name != unwrap)]


class _Cutter:
    """Cuts one part by one row of a table."""

    def __init__(self, listed: Listed, given: Given) -> None:
        self._listed = listed
        self._given = given
        self._body = given.body
        self._seen: dict[str, int] = {}
        self.claims: list[Claim] = []

    def items(self) -> list[Item]:
        """Return the things in order."""
        listed = self._listed
        if listed.every:
            return list(self._every())
        if listed.within:
            return [one for cut in self._outer() for one in self._inside(cut)]
        made = (self._item(cut, {}, ()) for cut in self._outer())
        return [one for one in made if one is not None]

    def _outer(self) -> list[Range]:
        """Return the ranges of the array that the path leads to, also in a later part."""
        listed, body = self._listed, self._body
        if self._given.part:
            shifted = json_items(b"[" + body + b"]")
            return [(start - 1, end - 1) for start, end in shifted]
        start = self._start()
        text = body[start:]
        if listed.alone:
            return [(start, start + len(text.rstrip(b" \t\r\n;")))]
        found = json_items(text, listed.path)
        if not found:  # the array goes on in the next part
            text += b"]" + b"}" * len(listed.path)
            found = json_items(text, listed.path)
        self._claim_path(body[:start] + text, (start, start + len(text)), listed.path)
        return [(start + a, start + b) for a, b in found if start + b <= len(body)]

    def _start(self) -> int:
        """Return where the JSON begins; claim what stands before it."""
        if not self._listed.prefixed:
            return len(BYTE_ORDER_MARK) if self._body.startswith(BYTE_ORDER_MARK) else 0
        begins = [at for at in (self._body.find(b"["), self._body.find(b"{")) if at >= 0]
        start = min(begins, default=0)
        if _SCRIPT.fullmatch(self._body, 0, start):
            self.claims.append(Claim("script", 0, start, ""))
        return start

    def _claim_path(self, body: bytes, cut: Range, path: tuple[str, ...]) -> Range:
        """Claim the names that lead somewhere; return where they lead."""
        start, end = cut
        for name in path:
            found = [one for one in json_members(body, start, end) if one.key == name]
            if not found:
                return start, start
            self.claims.append(Claim(name, found[-1].key_start, found[-1].value_start, ""))
            start, end = found[-1].value_start, found[-1].value_end
        return start, end

    def _every(self) -> Iterator[Item]:
        """Yield the things in all arrays of an object, with the names of these."""
        body = self._body
        holder = self._claim_path(body, (self._start(), len(body)), self._listed.path)
        for one in json_members(body, *holder):
            key = body[one.key_start : one.value_start].rstrip(b" \t\r\n:")
            thread = Span("thread", one.key_start, one.key_start + len(key))
            self.claims.append(Claim("thread", one.key_start, one.value_start, ""))
            for a, b in json_items(body[one.value_start : one.value_end]):
                cut = one.value_start + a, one.value_start + b
                item = self._item(cut, {"thread": key}, (thread,))
                if item is not None:
                    yield item

    def _inside(self, cut: Range) -> Iterator[Item]:
        """Yield the things in an array of one object, with what they share."""
        *path, last = self._listed.within
        holder = self._claim_path(self._body, cut, tuple(path))
        members = {one.key: one for one in json_members(self._body, *holder)}
        shared = [members[name] for name in self._listed.shared if name in members]
        values = {one.key: self._body[one.value_start : one.value_end] for one in shared}
        spans = tuple(Span(one.key, one.value_start, one.value_end) for one in shared)
        self.claims += [Claim(one.key, one.key_start, one.value_start, "") for one in shared]
        start, end = self._claim_path(self._body, holder, (last,))
        for a, b in json_items(self._body[start:end]):
            item = self._item((start + a, start + b), values, spans)
            if item is not None:
                yield item

    def _item(
        self, cut: Range, shared: Mapping[str, bytes], spans: tuple[Span, ...]
    ) -> Item | None:
        listed = self._listed
        members = dict(_inner(Row().members(self._body[slice(*cut)]), listed.unwrap))
        native_id = listed.native(Names(members, shared, self._given.name)) if members else ""
        if not native_id or not is_plain(native_id):
            return None
        again = self._seen[native_id] = self._seen.get(native_id, 0) + 1
        return Item(
            stream=listed.stream,
            native_id=native_id if again == 1 else f"{native_id}~{again}",
            kind=listed.kind,
            sensitivity=listed.sensitivity,
            spans=(Span(listed.role, *cut), *spans),
            content_type=JSON,
        )
