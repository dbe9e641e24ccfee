"""What one volume changed against another: documents, versions, redactions, files, numbers. Pure.

It is read from the sheets of all versions (``DATA/*.csv``), which every shipped profile has. Of
what a cell says a short digest is remembered, so that very large volumes can be held side by side.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError
from archiver.produce.csv_sheet import QUOTED
from archiver.produce.table import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Change", "Detail", "Sheet", "differences", "read_sheet"]

_NEEDED = frozenset(("record_id", "leaf", "first_bates", "last_bates", "withheld", QUOTED))
_OF_VERSION = frozenset(("kind", "captured_at", "observation_id"))
_NUMBERS = frozenset(("first_bates", "last_bates"))
_APART = frozenset(("record_id", "leaf", "withheld", "natives", QUOTED))
_ABOUT = frozenset(COLUMNS[: COLUMNS.index("captured_at") + 1]) - _APART - _NUMBERS - _OF_VERSION
"""Columns that say something of the document, not of one version."""
_PART = re.compile(r"([a-z_0-9]+)( in part)? \((.*?)\)(?=; [a-z_0-9]+(?: in part)? \(|$)")
"""What is withheld of a column, all of it or in part, and under which codes."""
_LONGEST_FIELD = 256 * 1024 * 1024
_DIGEST = 8


class Detail(NamedTuple):
    """One thing that changed.

    ``what``: ``version-added``, ``version-gone``; of a version ``lifted`` (shown now),
    ``withheld`` (no more shown), ``redacted-otherwise``, ``said`` (the field says something else);
    of the document ``about`` (a column), ``file``, ``number``. ``leaf``: None of the document.
    """

    what: str
    leaf: int | None
    field: str


class Change(NamedTuple):
    """A document that is not the same in both: ``what`` is ``added``, ``gone`` or ``changed``."""

    record: str
    what: str
    before: str
    after: str
    details: tuple[Detail, ...]


@dataclass(slots=True)
class _Version:
    """Digests of what a version says by column, and what of it is withheld by column."""

    cells: dict[str, bytes]
    withheld: dict[str, str]


@dataclass(slots=True)
class _Document:
    numbers: str
    about: dict[str, bytes]
    files: tuple[str, ...]
    versions: dict[int, _Version] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """A volume as its sheet tells it."""

    documents: dict[str, _Document] = field(default_factory=dict)

    @property
    def leaves(self) -> set[int]:
        """The entries of the ledger that it has."""
        return {leaf for one in self.documents.values() for leaf in one.versions}


def read_sheet(lines: Iterable[bytes], digests: Mapping[str, str], where: str) -> Sheet:
    """Return a volume from its CSV.

    Args:
        lines: of the file.
        digests: of the files of the volume (hex), by their path in the sheet.
        where: its name, for errors.

    Raises `FormatError` for what is no sheet of a volume: other columns, a line too many or too
    few cells, a version twice, or a document that has two numbers.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    sheet = Sheet()
    try:
        reader = csv.reader(_decoded(lines), strict=True)
        names = next(reader, [])
        if not {*names} >= _NEEDED or len({*names}) != len(names):
            raise _unlike("it has not the columns of a volume", where)
        for cells in reader:
            if len(cells) != len(names):
                raise _unlike("a line has more or fewer cells", f"{where}, line {reader.line_num}")
            _take(sheet, dict(zip(names, cells, strict=True)), digests, where)
    except (csv.Error, UnicodeDecodeError, ValueError) as error:
        raise _unlike(" ".join(str(error).split())[:200], where) from error
    return sheet


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    first = True
    for line in lines:
        yield line.decode("utf-8-sig" if first else "utf-8")
        first = False


def _take(sheet: Sheet, row: dict[str, str], digests: Mapping[str, str], where: str) -> None:
    """Take in a row. Raises `FormatError` for one that contradicts those before."""
    record, leaf = row["record_id"], int(row["leaf"])
    numbers = _range(row["first_bates"], row["last_bates"])
    natives = [one for one in row.get("natives", "").split("; ") if one]
    files = tuple(digests.get(one, "") for one in natives)
    about = {name: _digest(row[name]) for name in _ABOUT & row.keys() if row[name]}
    known = sheet.documents.setdefault(record, _Document(numbers, about, files))
    if known.numbers != numbers or leaf in known.versions:
        raise _unlike("a document has two numbers, or a version is there twice", f"{where}: {leaf}")
    own = row.keys() - _APART - _NUMBERS - _ABOUT
    cells = {name: _digest(row[name]) for name in own if row[name]}
    withheld = {one[1]: f"{one[3]}{one[2] or ''}" for one in _PART.finditer(row["withheld"])}
    known.versions[leaf] = _Version(cells, withheld)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first} - {last}"


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


def differences(before: Sheet, after: Sheet) -> Iterator[Change]:
    """Yield what is not the same: what is gone and changed in the order of the first, then new."""
    for record, one in before.documents.items():
        other = after.documents.get(record)
        if other is None:
            yield Change(record, "gone", one.numbers, "", ())
            continue
        details = tuple(_details(one, other))
        if details:
            yield Change(record, "changed", one.numbers, other.numbers, details)
    for record, one in after.documents.items():
        if record not in before.documents:
            yield Change(record, "added", "", one.numbers, ())


def _details(one: _Document, other: _Document) -> Iterator[Detail]:
    if one.numbers != other.numbers:
        yield Detail("number", None, "")
    yield from (Detail("about", None, name) for name in _unlike_in(one.about, other.about))
    if Counter(one.files) != Counter(other.files):
        yield Detail("file", None, "")
    for leaf in sorted(one.versions.keys() | other.versions.keys()):
        old, new = one.versions.get(leaf), other.versions.get(leaf)
        if old is None or new is None:
            yield Detail("version-added" if old is None else "version-gone", leaf, "")
            continue
        cells, withheld = _unlike_in(old.cells, new.cells), _unlike_in(old.withheld, new.withheld)
        for name in sorted({*cells, *withheld}):
            yield Detail(_how(old.withheld.get(name), new.withheld.get(name)), leaf, name)


def _unlike_in(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    names = one.keys() | other.keys()
    return sorted(name for name in names if one.get(name) != other.get(name))


def _how(old: str | None, new: str | None) -> str:
    if old is None:
        return "said" if new is None else "withheld"
    return "lifted" if new is None else "redacted-otherwise"


def _unlike(what: str, where: str) -> FormatError:
    return FormatError(
        f"not the sheet of a volume: {what}",
        where=where,
        mend="give folders that `archiver produce` made with csv among the channels",
    )
