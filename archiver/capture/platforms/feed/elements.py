"""Small readings of XML elements by their bytes, without a parser.

Ids, times and addresses are read here, so that they are verbatim and always come from
a known element; `rows` leaves markup and titles to feedparser.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.text import storable, unescaped
from archiver.formats.excerpts_xml import child_elements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.formats.excerpts_xml import Element

__all__ = [
    "Child",
    "attribute",
    "children_of",
    "decoded",
    "encoding_of",
    "first",
    "inner_text",
    "item_id",
    "item_link",
    "known_prefixes",
    "named",
]


class Child(NamedTuple):
    """One element: its plain local name (else its name), its name as spelt, its range."""

    local: str
    name: str
    start: int
    end: int


_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.-]{1,40})["']""", re.IGNORECASE)
_MARKUP = "<a b=\"c\" d='e'/>&#x26;!?[]-:"
"""What every encoding of a feed must spell as ASCII does."""
_NOT_ENCODINGS = frozenset({"raw_unicode_escape", "unicode_escape"})
"""Python codecs that pass for ASCII and are no encodings of text."""
_USUAL = frozenset({"", "atom", "a10", "content", "dc", "dcterms", "rss", "thr"})
_VOCABULARIES = frozenset(
    {
        "http://www.w3.org/2005/atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
        "http://purl.org/rss/1.0/",
        "http://purl.org/rss/1.0/modules/content/",
        "http://purl.org/syndication/thread/1.0",
    }
)
"""Name spaces whose element names mean what they mean in RSS and Atom themselves."""
_NAME_SPACE = re.compile(rb"""\sxmlns(?::([\w.-]+))?\s*=\s*["']([^"'<]*)["']""")
_WHOLE = Child("", "", 0, 1 << 62)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^>]*+(?:>|\Z)")
_START = re.compile(r"""<(?:"[^"<]*"|'[^'<]*'|[^<>])*+>""")
_MARGINS = re.compile(r"\A<[^>]*+>|</[^<>]*+>?\s*\Z")


def encoding_of(declaration: bytes) -> str:
    """Return the declared encoding under Python's name, empty where it is none."""
    found = _ENCODING.search(declaration)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name
        plain = _MARKUP.encode(name) == _MARKUP.encode("ascii")
    except (LookupError, UnicodeError):
        return ""
    return name if plain and name.replace("-", "_") not in _NOT_ENCODINGS else ""


def known_prefixes(starts: Iterable[bytes]) -> frozenset[str]:
    """Return the prefixes that stand for RSS or Atom vocabulary, by a feed's start tags.

    Feeds often use the usual prefixes without declaring them.
    """
    declared = {
        prefix.decode("utf-8", "replace"): uri.decode("utf-8", "replace").strip().lower()
        for start in starts
        for prefix, uri in _NAME_SPACE.findall(start)
    }
    strange = {prefix for prefix, uri in declared.items() if uri not in _VOCABULARIES}
    return (_USUAL | declared.keys()) - (strange - {""})


def named(elements: Iterable[Element], prefixes: frozenset[str]) -> list[Child]:
    """Return elements under their local names, those of other vocabularies under their own."""
    result = []
    for name, start, end in elements:
        prefix, _, local = name.rpartition(":")
        plain = local.lower() if prefix in prefixes else name.lower()
        result.append(Child(plain, name, start, end))
    return result


def children_of(data: bytes, prefixes: frozenset[str]) -> list[Child]:
    """Return the elements right inside an item."""
    return named(child_elements(data), prefixes)


def decoded(data: bytes, encoding: str) -> str:
    """Return bytes as text: as declared, else UTF-8, else Windows-1252 as browsers do."""
    for name in (encoding or "utf-8", "utf-8"):
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    return data.decode("cp1252", "replace")


def inner_text(data: bytes, element: Child, encoding: str) -> str:
    """Return an element's text: CDATA opened, tags left out, references read, trimmed."""
    text = _MARGINS.sub("", decoded(data[element.start : element.end], encoding))
    pieces = []
    position = 0
    for section in _CDATA.finditer(text):
        pieces += [_plain(text[position : section.start()]), section[1]]
        position = section.end()
    return "".join([*pieces, _plain(text[position:])]).strip()


def _plain(text: str) -> str:
    return storable(unescaped(_TAG.sub("", text)))


def attribute(data: bytes, element: Child, name: str, encoding: str) -> str:
    """Return an attribute of an element's start tag, empty where it has none."""
    tag = _START.match(decoded(data[element.start : element.end], encoding))
    if tag is None:
        return ""
    found = re.search(rf"""\s{re.escape(name)}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""", tag[0])
    if found is None:
        return ""
    return storable(unescaped(found[2] if found[1] is None else found[1])).strip()


def first(children: Iterable[Child], *names: str) -> Child | None:
    """Return the first element with the first of the local names that occurs."""
    by_name = {child.local: child for child in reversed(list(children))}
    return next((by_name[name] for name in names if name in by_name), None)


def item_id(data: bytes, children: list[Child], encoding: str) -> str:
    """Return an item's own id: guid or id, else its link, else ``rdf:about``, else nothing."""
    given = first(children, "guid", "id", "identifier")
    text = inner_text(data, given, encoding) if given else ""
    return (
        text
        or item_link(data, children, encoding)
        or attribute(data, _WHOLE, "rdf:about", encoding)
    )


def item_link(data: bytes, children: list[Child], encoding: str) -> str:
    """Return where an item's page is: RSS link text, or the Atom link that is no other rel."""
    for child in children:
        if child.local != "link":
            continue
        href = attribute(data, child, "href", encoding)
        if href and attribute(data, child, "rel", encoding) in ("", "alternate"):
            return href
        text = "" if href else inner_text(data, child, encoding)
        if text:
            return text
    return ""
