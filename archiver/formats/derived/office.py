"""Office files: OOXML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300), zips of XML. Pure.

All text is read, shown or not: notes, comments, deleted passages, descriptions of pictures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.formats.derived.markup import read_xml
from archiver.formats.derived.packed import ENCRYPTED, Packed
from archiver.formats.derived.stamp import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.formats.derived.gathered import Gathered

    ReadFile = Callable[[bytes, str, Gathered], None]

__all__ = ["read_office", "read_opendocument"]

_PARTS = re.compile(r"(word|xl|ppt|docProps)/.*\.xml")
_NO_TEXT = re.compile(
    r".*/(theme/|settings|styles|fontTable|webSettings|numbering|calcChain|presProps|viewProps"
    r"|tableStyles|app\.xml|slideMasters/|slideLayouts/|printerSettings|sharedStrings)"
)
_ORDER = ("word/document", "xl/workbook", "ppt/slides/", "xl/worksheets/")
_SHARED = "xl/sharedStrings.xml"
_WITHIN = re.compile(r"(?:(?:word|xl|ppt)/(?:media|embeddings)|Pictures|media)/[^/]+")
_BODIES = ("content.xml", "styles.xml", "meta.xml")

_TEXT = frozenset(("t", "delText", "v", "f", "instrText"))
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "s": " "}
_BLOCKS = frozenset(
    (
        *("p", "h", "c", "row", "tr", "tc", "comment", "pt"),
        *("table-cell", "table-row", "annotation", "desc", "title"),
    )
)
_TOLD = ("descr", "title")
"""Attributes of a picture that describe it for those who don't see it."""


def read_office(data: bytes, gathered: Gathered, read_file: ReadFile) -> None:
    """Read a document, workbook or presentation. Raises `FormatError`."""
    packed = Packed(data, gathered)
    gathered.by.add(OWN)
    shared = _shared(packed.read(_SHARED)) if _SHARED in packed.names else []
    names = [name for name in packed.names if _PARTS.fullmatch(name) and not _NO_TEXT.match(name)]
    for name in sorted(names, key=_place):
        about = name.startswith("docProps/")
        found = _Text(
            shared if name.startswith("xl/worksheets/") else None, every=about, about=about
        )
        gathered.say(found.of(packed.read(name)))
    _read_within(packed, gathered, read_file)


def read_opendocument(data: bytes, gathered: Gathered, read_file: ReadFile) -> None:
    """Read a text, sheet or presentation. Raises `FormatError`."""
    packed = Packed(data, gathered)
    gathered.by.add(OWN)
    manifest = "META-INF/manifest.xml"
    if manifest in packed.names and b"encryption-data" in packed.read(manifest):
        raise FormatError(ENCRYPTED)
    for name in packed.names:
        own = name.rpartition("/")[2]
        if own in _BODIES:
            found = _Text(None, every=True, about=own == "meta.xml")
            gathered.say(found.of(packed.read(name)))
    _read_within(packed, gathered, read_file)


def _place(name: str) -> tuple[int, str, int, str]:
    """Return where a part is read: the body first, numbered ones by their numbers."""
    first = next((n for n, begins in enumerate(_ORDER) if name.startswith(begins)), len(_ORDER))
    stem, number = re.match(r"(.*?)(\d*)\.xml", name, re.DOTALL).groups()  # type: ignore[union-attr] # as `_PARTS` says
    return first, stem, int(number[:9] or 0), name


def _read_within(packed: Packed, gathered: Gathered, read_file: ReadFile) -> None:
    """Read pictures and files that are in a document."""
    for name in packed.names:
        if _WITHIN.fullmatch(name):
            read_file(packed.read(name), name.rpartition("/")[2], gathered)


def _shared(data: bytes) -> list[str]:
    """Return the texts that the cells of a workbook name by number."""
    found: list[list[str]] = []
    inside = 0

    def start(name: str, _: Mapping[str, str]) -> None:
        nonlocal inside
        if name == "si":
            found.append([])
        inside += name == "t"

    def end(name: str) -> None:
        nonlocal inside
        inside -= name == "t"

    def text(data: str) -> None:
        if inside and found:
            found[-1].append(data)

    read_xml(data, start, end, text)
    return ["".join(one) for one in found]


class _Text:
    """Reads the text of one part.

    Args:
        shared: texts that cells name by number; None: this is no sheet.
        every: all text counts, not only that of elements which are for text.
        about: it tells of the file, one thing in each element.
    """

    def __init__(self, shared: list[str] | None, *, every: bool, about: bool = False) -> None:
        self._shared, self._every, self._about = shared, every, about
        self._found: list[str] = []
        self._inside = 0
        self._by_number = False
        self._value: list[str] = []

    def of(self, data: bytes) -> str:
        """Return it. Raises `FormatError`."""
        read_xml(data, self._start, self._end, self._take)
        return "".join(self._found)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._by_number = self._shared is not None and attributes.get("t") == "s"
            self._value = []
        self._inside += name in _TEXT
        if name in _BREAKS and (name != "s" or self._every):
            self._found.append(_BREAKS[name])
        if name in {"docPr", "cNvPr"}:
            self._found += [f"\n{attributes[one]}\n" for one in _TOLD if attributes.get(one)]
        if name == "sheet":  # of a workbook
            self._found.append(f"{attributes.get('name', '')}\n")

    def _end(self, name: str) -> None:
        self._inside -= name in _TEXT
        if name == "c" and self._by_number:
            self._found.append(self._named("".join(self._value)))
            self._by_number = False
        if name in _BLOCKS or self._about:
            self._found.append("\n")
        elif name in {"f", "v", "instrText"}:
            self._found.append(" ")

    def _take(self, text: str) -> None:
        if self._by_number:
            self._value.append(text)
        elif self._inside or self._every:
            self._found.append(text)

    def _named(self, number: str) -> str:
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1  # noqa: PLR2004 - digits of any number of a text
        known = self._shared or []
        if not 0 <= at < len(known):
            raise FormatError("it is damaged")
        return known[at]
