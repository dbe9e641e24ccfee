"""HTML and CSS by their bytes: characters, tags, what they link to and are made of.

Tags are told from text as the HTML standard does it (WHATWG HTML §13.2.5), in linear time on any
input, without a tree: a link is one wherever it stands.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.text import storable, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Reference", "Tag", "css_references", "decoded", "references", "tags"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_PRESCAN = 4096
_LATIN = frozenset({"ascii", "iso8859-1", "us-ascii"})
"""What browsers read as Windows-1252 (WHATWG Encoding §4.2)."""
_NO_CHARSETS = frozenset({"raw_unicode_escape", "unicode_escape", "utf_7", "idna", "punycode"})
_TAG = re.compile(
    r"""<(?:!--.*?(?:-->|\Z)
      | (?P<name>[a-z][^\s/>]*+)(?P<inside>(?:[^>"'=]++|=\s*+"[^"]*+(?:"|\Z)|=\s*+'[^']*+(?:'|\Z)
        |=|["'])*+)(?:>|\Z)
      | [!?/][^>]*+(?:>|\Z))""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s"'>]++)))?+""", re.DOTALL
)
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
_URL = re.compile(
    r"""url\(\s*+(?:"([^"\n]{0,2000})"|'([^'\n]{0,2000})'|([^\s"'()]{1,2000}))\s*+\)"""
    r"""|@import\s++(?:"([^"\n]{0,2000})"|'([^'\n]{0,2000})')""",
    re.IGNORECASE,
)
_SOURCES = {
    "img": ("src",), "script": ("src",), "video": ("src", "poster"), "audio": ("src",),
    "source": ("src",), "track": ("src",), "embed": ("src",), "object": ("data",),
    "input": ("src",), "image": ("href", "xlink:href"), "use": ("href", "xlink:href"),
}  # fmt: skip
_RELS = frozenset({"icon", "apple-touch-icon", "manifest", "modulepreload", "preload", "mask-icon"})
_PAGES = frozenset({"next", "prev", "canonical", "alternate", "search"})


class Tag(NamedTuple):
    """A start tag: name and attributes in small letters; what stands in a script or style."""

    name: str
    attributes: Mapping[str, str]
    raw: str = ""


class Reference(NamedTuple):
    """What a page names: ``role`` is ``link``, ``style`` or ``resource``; the address as spelt."""

    role: str
    url: str


def decoded(body: bytes, content_type: str) -> tuple[str, str]:
    """Return a text and the name of its encoding, as browsers find it (WHATWG HTML §13.2.3).

    A byte order mark, the header, what the page itself says; else UTF-8 where it is that, or
    Windows-1252.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return storable(body[len(mark) :].decode(name, "replace")), name
    said = _CHARSET.search(content_type)
    name = _known(said[1]) if said else ""
    if not name:
        said = _CHARSET.search(body[:_PRESCAN].decode("latin-1"))
        name = _known(said[1]) if said else ""
    for one in (name, "utf-8"):
        try:
            return storable(body.decode(one)), one
        except (UnicodeError, LookupError):
            continue
    return storable(body.decode(name or "cp1252", "replace")), name or "cp1252"


def _known(name: str) -> str:
    """Return Python's name of an encoding of texts, empty where it is none."""
    try:
        found = codecs.lookup(name).name
        b"<a>".decode(found)
    except (LookupError, UnicodeError, ValueError):
        return ""
    if found.replace("-", "_") in _NO_CHARSETS:
        return ""
    return "cp1252" if found in _LATIN else found


def tags(text: str) -> Iterator[Tag]:
    """Yield start tags in order; none out of comments and scripts."""
    position = 0
    while (found := _TAG.search(text, position)) is not None:
        position = max(found.end(), position + 1)
        name = (found["name"] or "").lower()
        if not name:
            continue
        raw = ""
        if name in _RAW:
            end = _RAW[name].search(text, position)
            raw = text[position : end.start() if end else len(text)]
            position += len(raw)
        yield Tag(name, _attributes(found["inside"]), raw)


def _attributes(inside: str) -> dict[str, str]:
    """Return attributes by name; of two with one name the first counts."""
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(inside):
        value = next((part for part in one.groups()[1:] if part is not None), "")
        found.setdefault(one[1].lower(), unescaped(value).strip())
    return found


def references(found: Iterator[Tag]) -> Iterator[Reference]:
    """Yield what the tags of a page name, in order."""
    for tag in found:
        own = tag.attributes
        if tag.name in {"a", "area"}:
            yield from _named("link", own, "href")
        elif tag.name in {"iframe", "frame"}:
            yield from _named("link", own, "src")
        elif tag.name == "link":
            yield from _linked(own)
        elif tag.name in _SOURCES:
            yield from _named("resource", own, *_SOURCES[tag.name])
        for one in ("srcset", "imagesrcset"):
            yield from (Reference("resource", url) for url in _set(own.get(one, "")))
        if tag.name == "style" or "style" in own:
            text = f"{own.get('style', '')} {tag.raw if tag.name == 'style' else ''}"
            yield from css_references(text)


def _named(role: str, own: Mapping[str, str], *names: str) -> Iterator[Reference]:
    yield from (Reference(role, own[name]) for name in names if own.get(name))


def _linked(own: Mapping[str, str]) -> Iterator[Reference]:
    rels = frozenset(own.get("rel", "").lower().split())
    if "stylesheet" in rels:
        yield from _named("style", own, "href")
    elif rels & _RELS:
        yield from _named("resource", own, "href")
    elif rels & _PAGES:
        yield from _named("link", own, "href")


def _set(text: str) -> list[str]:
    """Return the addresses in a set of pictures (WHATWG HTML §4.8.4.2.1)."""
    return [one.split()[0].rstrip(",") for one in re.split(r",\s+|,$", text) if one.split()]


def css_references(text: str) -> Iterator[Reference]:
    """Yield what a style sheet names: pictures, fonts, other sheets."""
    for one in _URL.finditer(text):
        address = next(part for part in one.groups() if part is not None)
        sheet = one[0][:1] == "@" or address.partition("?")[0].lower().endswith(".css")
        yield Reference("style" if sheet else "resource", address)
