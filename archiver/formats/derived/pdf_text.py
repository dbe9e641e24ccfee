"""PDF (ISO 32000): its text layer, notes, forms, attachments; pictures of scanned pages. Pure."""

from __future__ import annotations

import logging
import warnings
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdf
from PIL import Image
from pypdf.errors import DependencyError, PyPdfError

from archiver.errors import FormatError
from archiver.formats.derived.kinds import PICTURE_UNREAD
from archiver.formats.derived.packed import ENCRYPTED
from archiver.formats.derived.pictures import show
from archiver.formats.derived.stamp import PDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.formats.derived.gathered import Gathered

    ReadFile = Callable[[bytes, str, str, Gathered], None]

__all__ = ["read_pdf"]

MOST_PAGES = 5_000
LEAST = 200
"""Letters of a page with pictures: one that has fewer is taken for a scan."""

DAMAGED = "it is damaged"
_DAMAGE = (
    *(PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(RecursionError, OSError, EOFError, NotImplementedError, AssertionError, RuntimeError),
)
"""What pypdf raises of files that are damaged or hostile."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes files


def read_pdf(data: bytes, gathered: Gathered, read_file: ReadFile) -> None:
    """Read a PDF. Raises `FormatError` where it is encrypted, damaged or too long."""
    gathered.by.add(PDF)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = pypdf.PdfReader(BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise FormatError(ENCRYPTED)
            count = len(reader.pages)
        except DependencyError as error:
            raise FormatError(ENCRYPTED) from error
        except _DAMAGE as error:
            raise FormatError(DAMAGED) from error
        for number in range(min(count, MOST_PAGES)):
            _guarded(gathered, partial(_read_numbered, reader, number, gathered))
        _guarded(gathered, lambda: gathered.say("\n".join(_told(reader))))
        _guarded(gathered, lambda: _read_attached(reader, gathered, read_file))
    if count > MOST_PAGES:
        raise FormatError(f"it has more than {MOST_PAGES} pages: the others are not read")


def _guarded(gathered: Gathered, read: Callable[[], None]) -> None:
    """Read a part; where it is damaged go on with the others, and say so."""
    try:
        read()
    except _DAMAGE:
        gathered.lack("a part of it is damaged")


def _read_numbered(reader: pypdf.PdfReader, number: int, gathered: Gathered) -> None:
    _read_page(reader.pages[number], gathered)


def _read_page(page: Any, gathered: Gathered) -> None:  # noqa: ANN401 - a page of pypdf
    text = page.extract_text() or ""
    notes = "\n".join(_notes(page))
    names = list(page.images.keys())
    if notes:
        gathered.say(notes)
    if text.strip():
        gathered.say(text)
    if names and len(text.strip()) < LEAST:
        _show_pictures(page, names, gathered)


def _show_pictures(page: Any, names: list[Any], gathered: Gathered) -> None:  # noqa: ANN401 - a page of pypdf
    if not gathered.pictures:
        gathered.lack(f"a page that is {PICTURE_UNREAD}")
        return
    for name in names:
        try:
            picture = page.images[name].image
        except (*_DAMAGE, Image.DecompressionBombError):
            picture = None
        if picture is None:
            gathered.lack("a picture of a page is damaged, or of a format that is not read")
        else:
            show(picture, gathered)


def _notes(page: Any) -> Iterator[str]:  # noqa: ANN401 - a page of pypdf
    """Yield what notes on a page say, and what was filled in there."""
    for one in page.get("/Annots") or ():
        note = one.get_object()
        for key in ("/Contents", "/T", "/V", "/RC", "/TU"):
            value = note.get(key)
            if isinstance(value, str) and value.strip() and not value.startswith("/"):
                yield value


def _told(reader: pypdf.PdfReader) -> Iterator[str]:
    """Yield what a file says of itself, and the names of its chapters."""
    for key, value in (reader.metadata or {}).items():
        if isinstance(value, str) and not key.endswith("Date"):
            yield value
    left: list[Any] = list(reader.outline)
    for _ in range(MOST_PAGES):
        if not left:
            return
        one = left.pop(0)
        if isinstance(one, list):
            left[:0] = one
        else:
            yield str(one.title or "")


def _read_attached(reader: pypdf.PdfReader, gathered: Gathered, read_file: ReadFile) -> None:
    for name, files in reader.attachments.items():
        for data in files:
            gathered.unpack(len(data))
            read_file(data, name, "", gathered)
