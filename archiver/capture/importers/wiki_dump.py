"""The XML of MediaWiki's Special:Export and of its dumps (export-0.3 to 0.11).

A revision is a record by its number, as the interface names it, with what its page is; a page
too. Of a page that is too large for one part, later revisions come without its name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.importers.cutting import elements
from archiver.capture.importers.importer import REST, Cell, Cut, Kept
from archiver.capture.importers.xml import attribute, children, element_text, ranges, text_in
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.times import internet_time
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.capture.importers.xml import Range
    from archiver.record import Excerpt

__all__ = ["WIKI_DUMP"]

_SOURCE = "https://www.mediawiki.org/wiki/Help:Export"
_HEAD = ("title", "ns", "id", "redirect")
_COLUMNS = {"comment": "summary", "format": "media_type"}


class WikiDump:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "mediawiki-xml"
    parser = "mediawiki-xml/1"
    title = "MediaWiki export (XML)"
    platforms: tuple[str, ...] = ("mediawiki",)
    module = __name__
    cells = (
        Cell(Stream.PAGES, "pages and the revisions that were exported; none deleted", _SOURCE),
        Cell(Stream.PROFILE, "name and address of the wiki, as residue", _SOURCE),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether it begins as MediaWiki writes it."""
        del names
        return b"mediawiki.org/xml/export-" in beginning[:8192]

    def member(self, name: str) -> Kept:
        """Take XML page by page, large pages revision by revision."""
        xml = name.lower().endswith(".xml")
        cutting = elements("page", "revision")
        return Kept("items", Stream.PAGES, Sensitivity.PUBLIC, cutting) if xml else REST

    def made(self, name: str, body: bytes) -> str:
        """Return nothing: it does not say."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: a page stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut pages into their revisions."""
        body = given.body
        items, claims = list[Item](), list[Claim]()
        pages = _pages(body)
        for cut in pages:
            items += _page(body, cut)
            claims += _frame(body, cut)
        alone = [
            one for one in ranges("revision", body) if not any(a <= one[0] < b for a, b in pages)
        ]
        items += [made for one in alone if (made := _revision(body, one, ())) is not None]
        for tail in (b"</page>", b"</mediawiki>"):
            at = body.rfind(tail)
            if at >= 0:
                claims.append(Claim("end", at, at + len(tail), ""))
        return Cut(tuple(items), tuple(claims))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read a revision, or a page's own head."""
        row = Row()
        for one in excerpts:
            if one.role == "item":
                _read_revision(row, one.data)
            elif one.role == "page":
                _read_head(row, one.data, own=not context.get("native_id", "").startswith("rev"))
        return row.finished()


def _pages(body: bytes) -> list[Range]:
    """Return where pages lie, also one that goes on in the next part."""
    found = ranges("page", body)
    last = body.rfind(b"<page>")
    if last >= (found[-1][1] if found else 0):
        found.append((last, len(body)))
    return found


def _head(body: bytes, cut: Range) -> dict[str, Range]:
    """Return where the elements of a page lie that say which one it is."""
    first = body.find(b"<revision>", *cut)
    end = first if first >= 0 else cut[1]
    data = body[cut[0] : end] + b"</page>"
    return {
        one.name: (cut[0] + one.start, cut[0] + one.end)
        for one in children(data)
        if one.name in _HEAD and cut[0] + one.end <= end
    }


def _page(body: bytes, cut: Range) -> Iterator[Item]:
    head = _head(body, cut)
    spans = tuple(Span("page", *head[name]) for name in _HEAD if name in head)
    number = element_text(body[slice(*head["id"])]).strip() if "id" in head else ""
    if number.isascii() and number.isdigit():
        yield _item(number, spans, Kind.PRESENT, Sensitivity.PUBLIC)
    for one in ranges("revision", body, *cut):
        made = _revision(body, one, spans)
        if made is not None:
            yield made


def _frame(body: bytes, cut: Range) -> Iterator[Claim]:
    opening = body.find(b">", cut[0]) + 1
    yield Claim("page", cut[0], opening, "")
    if body[: cut[1]].endswith(b"</page>"):
        yield Claim("page", cut[1] - len(b"</page>"), cut[1], "")


def _revision(body: bytes, cut: Range, page: tuple[Span, ...]) -> Item | None:
    data = body[slice(*cut)]
    number = text_in(data, "id")
    if not (number.isascii() and number.isdigit()):
        return None
    gone = any(attribute(data[one.start : one.end], "deleted") for one in children(data))
    kind = Kind.HIDDEN if gone else Kind.PRESENT
    who = Sensitivity.PRIVATE if gone else Sensitivity.PUBLIC
    return _item(f"revision/{number}", (Span("item", *cut), *page), kind, who)


def _item(native_id: str, spans: tuple[Span, ...], kind: Kind, who: Sensitivity) -> Item:
    return Item(Stream.PAGES, native_id, kind, who, spans, "application/xml")


def _read_revision(row: Row, data: bytes) -> None:
    for one in children(data):
        piece = data[one.start : one.end]
        text = element_text(piece)
        if one.name == "text":
            row.put("markup", text)
            row.put("text", text)
        elif one.name == "timestamp":
            row.time("created", one.name, text.strip(), internet_time(text.strip()))
        elif one.name == "contributor":
            row.put("author_name", text_in(piece, "username") or text_in(piece, "ip"))
            row.put("author_id", text_in(piece, "id"))
        elif one.name == "parentid":
            row.put("parent_id", f"revision/{text.strip()}")
        elif one.name in _COLUMNS:
            row.put(_COLUMNS[one.name], text.strip())
        elif one.name != "id":
            row.keep(one.name, json.dumps(text))


def _read_head(row: Row, data: bytes, *, own: bool) -> None:
    name = data[1 : data.find(b">")].partition(b" ")[0].decode("utf-8", "replace")
    text = attribute(data, "title") if name == "redirect" else element_text(data).strip()
    if name == "title":
        row.put("title", text)
    elif name == "id":
        if not own:
            row.put("thread_id", text)
    else:
        row.keep(name, json.dumps(text))


WIKI_DUMP = WikiDump()
