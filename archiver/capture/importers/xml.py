"""Elements of an XML document, as exports are written: where they lie, and what they say. Pure.

No document type is expanded and nothing is fetched: texts are read piece by piece, by the five
entities of XML and by numbers (XML 1.0 §4.6, §4.1), CDATA as it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.capture.text import storable, unescaped
from archiver.formats.excerpts_xml import child_elements

if TYPE_CHECKING:
    from archiver.formats.excerpts_xml import Element

__all__ = ["Range", "attribute", "children", "element_text", "ranges", "text_in"]

Range = tuple[int, int]

_CDATA = re.compile(rb"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_OPENING = re.compile(rb"\A\s*<[^>]*>", re.DOTALL)
_CLOSING = re.compile(rb"</[^<>]*>\s*\Z")


def ranges(name: str, body: bytes, start: int = 0, end: int | None = None) -> list[Range]:
    """Return where the elements of a name lie that lie in no CDATA section; none is in another."""
    stop = len(body) if end is None else end
    pattern = re.compile(
        rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?P<open>%b)(?=[\s>])|</(?P<close>%b)\s*>"
        % (name.encode(), name.encode()),
        re.DOTALL,
    )
    found, opened = list[Range](), -1
    for one in pattern.finditer(body, start, stop):
        if one["open"]:
            opened = one.start()
        elif one["close"] and opened >= 0:
            found.append((opened, one.end()))
            opened = -1
    return found


def children(data: bytes) -> list[Element]:
    """Return the elements right inside an element, in order."""
    return child_elements(data)


def element_text(data: bytes) -> str:
    """Return the characters of an element: CDATA as it stands, references read."""
    inner = _CLOSING.sub(b"", _OPENING.sub(b"", data, count=1))
    pieces, at = list[str](), 0
    for one in _CDATA.finditer(inner):
        pieces += [unescaped(_decoded(inner[at : one.start()])), _decoded(one[1])]
        at = one.end()
    pieces.append(unescaped(_decoded(inner[at:])))
    return storable("".join(pieces))


def text_in(data: bytes, name: str) -> str:
    """Return the characters of the first element of a name right inside another, or ""."""
    found = next((one for one in children(data) if one.name == name), None)
    return element_text(data[found.start : found.end]).strip() if found else ""


def attribute(data: bytes, name: str) -> str:
    """Return an attribute of the first tag, or ""."""
    tag = _OPENING.match(data)
    found = (
        re.search(rb"\s%b\s*=\s*(?:\"([^\"]*)\"|'([^']*)')" % name.encode(), tag[0])
        if tag
        else None
    )
    return storable(unescaped(_decoded(found[1] or found[2] or b""))) if found else ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
