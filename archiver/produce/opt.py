"""Opticon load files (OPT): one page in each line, which image it is. Pure.

``PageID,Volume,Path,DocBreak,FolderBreak,BoxBreak,PageCount``; no header; the count of pages
stands in the first line of a document, which has the ``Y`` of a document's break.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Page", "pages_of", "read_opt", "write_opt"]

_FEWEST, _MOST = 4, 7


class Page(NamedTuple):
    """One page: its Bates number, its volume, the image below the volume, what begins with it.

    ``pages``: of how many pages a document is that begins here, else None.
    """

    number: str
    volume: str
    path: str
    begins: bool
    pages: int | None = None


def pages_of(volume: str, images: Sequence[tuple[str, str]]) -> Iterator[Page]:
    """Yield the pages of one document, from (Bates number, path with ``/``) of each."""
    for place, (number, path) in enumerate(images):
        yield Page(number, volume, path, place == 0, len(images) if place == 0 else None)


def write_opt(pages: Iterable[Page]) -> Iterator[bytes]:
    """Yield the lines of a load file. Raises `FormatError` for a name with a comma or line end."""
    for one in pages:
        path = ".\\" + one.path.replace("/", "\\")
        fields = (one.number, one.volume, path, "Y" if one.begins else "", "", "")
        if any(set(field) & set(",\r\n") for field in fields):
            raise FormatError("a name with a comma", where=one.number, mend="give it another name")
        count = "" if one.pages is None else str(one.pages)
        yield (",".join((*fields, count)) + "\r\n").encode()


def read_opt(data: bytes) -> list[Page]:
    """Return the pages of a load file. Raises `FormatError` for a line that is none."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(
            "no text", where=f"byte {error.start}", mend="write it as UTF-8"
        ) from error
    return [_page(number, line) for number, line in enumerate(lines, 1) if line]


def _page(number: int, line: str) -> Page:
    fields = line.split(",")
    begins, count = (fields[3:4] or ["?"])[0], (fields[6:7] or [""])[0]
    good = _FEWEST <= len(fields) <= _MOST and fields[0] and begins in ("", "Y")
    if not good or not (count == "" or (count.isascii() and count.isdigit())):
        raise FormatError(
            "no line of an Opticon file",
            where=f"line {number}",
            mend="PageID,Volume,Path,DocBreak,FolderBreak,BoxBreak,PageCount",
        )
    path = fields[2].replace("\\", "/").removeprefix("./")
    return Page(fields[0], fields[1], path, begins == "Y", int(count) if count else None)
