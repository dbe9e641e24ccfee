"""Concordance load files (DAT): one document in each line, its fields by name. Pure.

Columns are parted by U+0014 and quoted by ``þ``; a line end inside a field is ``®``. There is no
escape for these three, so where a text has one it is written in another way and
``TEXTALTERED`` says ``Y``; the exact bytes are in the files that the line names. UTF-8 with a byte
order mark, as nothing else tells a reader the encoding; lines end with CR LF.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["ALTERED", "Dat", "read_dat", "write_dat"]

ALTERED = "TEXTALTERED"
_COLUMN, _QUOTE, _LINE = "\x14", "þ", "®"
_BOM = "\ufeff"
_ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LONGEST_FIELD = 256 * 1024 * 1024
_INSTEAD = {_QUOTE: "th", _LINE: "(R)"} | {
    chr(n): "\N{REPLACEMENT CHARACTER}" for n in range(32) if chr(n) not in "\t\r\n"
}


class Dat(NamedTuple):
    """A load file as it was read.

    ``encoding``: what its byte order mark says, "" where it has none. ``lines``: of each document
    its fields in the order of ``names``; a line may have fewer or more.
    """

    encoding: str
    names: list[str]
    lines: list[list[str]]


def write_dat(names: Sequence[str], documents: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """Yield the lines of a load file.

    Args:
        names: fields in their order; `ALTERED` is added.
        documents: of each its fields; one that is not there is empty.
    """
    yield (_BOM + _line([*names, ALTERED])).encode()
    for one in documents:
        fields = [_written(one.get(name, "")) for name in names]
        altered = any(changed for _, changed in fields)
        yield _line([*(text for text, _ in fields), "Y" if altered else ""]).encode()


def _written(text: str) -> tuple[str, bool]:
    """Return a text as a field can have it, and whether more than its line ends is other."""
    changed = False
    for mark, instead in _INSTEAD.items():
        if mark in text:
            text, changed = text.replace(mark, instead), True
    if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
        text, changed = text.encode("utf-8", "replace").decode(), True
    return text.replace("\r\n", _LINE).replace("\n", _LINE).replace("\r", _LINE), changed


def _line(fields: Iterable[str]) -> str:
    return _COLUMN.join(f"{_QUOTE}{one}{_QUOTE}" for one in fields) + "\r\n"


def read_dat(data: bytes) -> Dat:
    """Return what a load file says; line ends in fields are real ones again.

    Raises `FormatError` for what is no text, or has no line.
    """
    bom, encoding = next((one for one in _ENCODINGS if data.startswith(one[0])), (b"", ""))
    try:
        text = data[len(bom) :].decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"no text: {error.reason}",
            where=f"byte {error.start + len(bom)}",
            mend="write it as UTF-8 with a byte order mark",
        ) from error
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=_COLUMN, quotechar=_QUOTE, strict=True
    )
    try:
        lines = [[one.replace(_LINE, "\n") for one in line] for line in reader if line]
    except csv.Error as error:
        raise FormatError(
            f"its quotation marks are not closed or not alone: {error}",
            where=f"line {reader.line_num}",
            mend="write the file anew",
        ) from error
    if not lines:
        raise FormatError("a load file with no line", mend="give one that has a header")
    return Dat(encoding, lines[0], lines[1:])
