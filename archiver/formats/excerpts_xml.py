"""Where the parts of a feed lie, as byte ranges (XML 1.0, RSS 0.9x to 2.0, Atom).

A tolerant scanner over bytes, for feeds that are often ill-formed. It knows comments,
CDATA sections, processing instructions, document types (never expanded) and tags, and
nothing of entities or name spaces. Every pattern runs in linear time on any bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from archiver.formats.excerpts import complement
from archiver.formats.excerpts_json import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["NOT_A_FEED", "Element", "FeedParts", "child_elements", "feed_parts", "local_name"]

_ASIDE = rb"""
    (?P<comment>!--.*?(?:-->|\Z))
    | (?P<cdata>!\[CDATA\[.*?(?:\]\]>|\Z))
    | (?P<instruction>\?.*?(?:\?>|\Z))
    | (?P<doctype>!DOCTYPE[^\[>]*+(?:\[(?:<!--.*?(?:-->|\Z)|"[^"]*"|'[^']*'|[^\]])*+(?:\]|\Z))?
        [^>]*+(?:>|\Z))
"""
_ATTRIBUTES = rb"""(?:"[^"<]*"|'[^'<]*'|[^<>])*+>"""
_FLAGS = re.DOTALL | re.VERBOSE | re.IGNORECASE
_TOKEN = re.compile(
    rb"<(?:"
    + _ASIDE
    + rb"|(?P<end>/?)(?P<name>[a-z_:\x80-\xff][^\s/<>\"'=]*)"
    + _ATTRIBUTES
    + rb")",
    _FLAGS,
)
_MARK = re.compile(
    rb"<(?:"
    + _ASIDE
    + rb"|(?P<end>/?)(?P<name>(?:[\w.-]++:)?(?:item|entry))(?=[\s/>])"
    + _ATTRIBUTES
    + rb"|/(?P<close>(?:[\w.-]++:)?(?:rss|rdf|channel|feed))\s*+>)",
    _FLAGS,
)
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.-]+)""", re.IGNORECASE)
_SHIFTING = ("utf-7", "iso-2022", "hz")
"""Encodings in which the byte ``<`` may be half of another character."""
_CONTAINERS = frozenset({"rss", "rdf", "channel", "feed"})


class Element(NamedTuple):
    """One part of a document: its name as spelt, and where it lies.

    Comments, processing instructions and document types have the names ``#comment``,
    ``#instruction`` and ``#doctype``; of a container only the start tag is meant.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FeedParts:
    """A feed, cut. ``containers`` are the start tags of rss, rdf:RDF, channel or feed."""

    declaration: tuple[int, int] | None = None
    containers: tuple[Element, ...] = ()
    elements: tuple[Element, ...] = ()
    asides: tuple[Element, ...] = ()
    items: tuple[tuple[int, int], ...] = ()


NOT_A_FEED = FeedParts()


def local_name(name: str) -> str:
    """Return an element's name in lower case, without its prefix."""
    return name.rpartition(":")[2].lower()


def feed_parts(body: bytes) -> FeedParts:
    """Cut a feed. What is no feed, or in no ASCII-compatible encoding, has no parts."""
    if 0 in body[:4]:  # XML 1.0 appendix F: UTF-16 and UTF-32 begin so
        return NOT_A_FEED
    root = next((e for e in _parts(body, 0, len(body)) if not e.name.startswith("#")), None)
    if root is None or local_name(root.name) not in _CONTAINERS:
        return NOT_A_FEED
    items = _items(body, root.name)
    parts = [part for gap in complement(len(body), items) for part in _parts(body, *gap)]
    declaration = _declaration(body, parts)
    if declaration is not None and _shifting(body[slice(*declaration)]):
        return NOT_A_FEED
    asides = (part for part in parts if part.name.startswith("#"))
    return FeedParts(
        declaration,
        tuple(part for part in parts if _is_container(part)),
        tuple(p for p in parts if not p.name.startswith("#") and not _is_container(p)),
        tuple(part for part in asides if (part.start, part.end) != declaration),
        tuple(items),
    )


def child_elements(data: bytes) -> list[Element]:
    """Return the elements right inside the first element of ``data``, in order."""
    outer = next((t for t in _TOKEN.finditer(data) if t["name"]), None)
    if outer is None or outer[0].endswith(b"/>"):
        return []
    end = data.rfind(b"</", outer.end())
    if end < 0 or data[end + 2 :].rstrip(b" \t\r\n>").lower() != outer["name"].lower():
        end = len(data)  # the element itself does not end
    inside = _parts(data, outer.end(), end, containers=False)
    return [part for part in inside if not part.name.startswith("#")]


def _is_container(part: Element) -> bool:
    return local_name(part.name) in _CONTAINERS


def _declaration(body: bytes, parts: list[Element]) -> tuple[int, int] | None:
    """Return the XML declaration, which nothing but white space may precede."""
    if not parts or not re.match(rb"<\?xml\s", body[parts[0].start : parts[0].start + 6]):
        return None
    before = body[: parts[0].start].removeprefix(BYTE_ORDER_MARK)
    return None if before.strip() else (parts[0].start, parts[0].end)


def _shifting(declaration: bytes) -> bool:
    found = _ENCODING.search(declaration)
    return found is not None and found[1].decode("ascii", "replace").lower().startswith(_SHIFTING)


def _items(body: bytes, root: str) -> list[tuple[int, int]]:
    """Return the ranges of the items of a feed, nested ones inside their outer one."""
    marks = [mark for mark in _MARK.finditer(body) if mark["name"] or mark["close"]]
    name = _item_name(marks, root)
    closes = [mark.start() for mark in marks if mark["close"]]
    pairs = _paired([mark for mark in marks if mark["close"] or mark["name"].lower() == name])
    starts = sorted(pairs)
    ranges: list[tuple[int, int]] = []
    for index, start in enumerate(starts):
        if ranges and start < ranges[-1][1]:
            continue  # inside the item before
        following = [*starts[index + 1 : index + 2], *closes[bisect_right(closes, start) :][:1]]
        ranges.append((start, pairs[start] or min([*following, len(body)])))
    return ranges


def _item_name(marks: Iterable[re.Match[bytes]], root: str) -> bytes:
    """Return how this feed spells its items, in lower case."""
    local = b"entry" if local_name(root) == "feed" else b"item"
    names = [mark["name"].lower() for mark in marks if mark["name"] and not mark["end"]]
    prefix = root.lower().encode().rpartition(b":")
    first = next((name for name in names if name.rpartition(b":")[2] == local), local)
    likely = (prefix[0] + prefix[1] + local) if local == b"entry" else local
    return likely if likely in names else first


def _paired(marks: Iterable[re.Match[bytes]]) -> dict[int, int]:
    """Return start -> end of each item; 0 where an item's end tag is missing."""
    pairs: dict[int, int] = {}
    open_items: list[int] = []
    for mark in marks:
        if mark["close"]:
            open_items.clear()
        elif mark["end"]:
            if open_items:
                pairs[open_items.pop()] = mark.end()
        elif mark[0].endswith(b"/>"):
            pairs[mark.start()] = mark.end()
        else:
            pairs[mark.start()] = 0
            open_items.append(mark.start())
    return pairs


class _Outline:
    """Which elements are open, so that only outermost ones are told.

    An end tag closes everything opened since its start tag; one that closes nothing is
    passed over.
    """

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []
        self._names: dict[str, int] = {}

    @property
    def inside(self) -> bool:
        return bool(self._open)

    def begin(self, name: str, start: int) -> None:
        self._open.append((name, start))
        self._names[name] = self._names.get(name, 0) + 1

    def finish(self, name: str, end: int) -> Iterator[Element]:
        """Close ``name``; yield the outermost element if that was it."""
        if not self._names.get(name):
            return
        last, start = "", 0
        while last != name:
            last, start = self._open.pop()
            self._names[last] -= 1
        if not self._open:
            yield Element(name, start, end)

    def abandon(self, end: int) -> Iterator[Element]:
        """Close everything because its surroundings end."""
        if self._open:
            name, start = self._open[0]
            yield Element(name, start, end)
        self._open.clear()
        self._names.clear()


def _parts(body: bytes, start: int, end: int, *, containers: bool = True) -> Iterator[Element]:
    """Yield the outermost parts of ``body[start:end]``, in order of their ends.

    With ``containers`` the inside of rss, rdf:RDF, channel and feed counts as outermost.
    """
    outline = _Outline()
    for token in _TOKEN.finditer(body, start, end):
        if token["name"] is None:
            if not outline.inside and not token["cdata"]:
                yield Element(f"#{token.lastgroup}", *token.span())
            continue
        name = token["name"].decode("utf-8", "replace")
        container = containers and local_name(name) in _CONTAINERS
        if token["end"]:
            yield from outline.abandon(token.start()) if container else ()
            yield from outline.finish(name, token.end())
        elif not outline.inside and (container or token[0].endswith(b"/>")):
            yield Element(name, *token.span())
        elif not token[0].endswith(b"/>"):
            outline.begin(name, token.start())
    yield from outline.abandon(end)
