"""The text of a file, whatever it is, or why it can't be read. Pure.

Files come from strangers. So whoever calls this does so in a process that may be stopped
(`archiver.edges.file_reader`); the bounds here are those that a file of good faith keeps.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.formats.derived.gathered import Gathered
from archiver.formats.derived.kinds import UNREADABLE, kind_of
from archiver.formats.derived.mail import messages, read_mail
from archiver.formats.derived.office import read_office, read_opendocument
from archiver.formats.derived.packed import Packed
from archiver.formats.derived.pdf_text import read_pdf
from archiver.formats.derived.pictures import read_picture
from archiver.formats.derived.plain import charset_of, decoded, of_page, of_rich_text, of_subtitles
from archiver.formats.derived.stamp import OWN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["gather"]

_OPENDOCUMENT = b"application/vnd.oasis.opendocument"


def gather(data: bytes, name: str, media_type: str, *, pictures: bool = False) -> Gathered:
    """Return what can be read of a file, and what can't.

    Args:
        data: the file.
        name: its name, which may be anything.
        media_type: what its server said that it is, with parameters; not believed.
        pictures: give pictures, too, for something else to read their text.
    """
    gathered = Gathered(pictures)
    _read(data, name, media_type, gathered)
    return gathered


def _read(data: bytes, name: str, media_type: str, gathered: Gathered) -> None:
    """Read a file; what of it can't be read is noted, and all else kept."""
    kind = kind_of(data, name, media_type)
    if kind in UNREADABLE:
        gathered.lack(UNREADABLE[kind])
    elif kind != "empty":
        try:
            _READERS[kind](data, media_type, gathered)
        except FormatError as error:
            gathered.lack(error.message)


def _within(data: bytes, name: str, media_type: str, gathered: Gathered) -> None:
    """Read a file in a file."""
    with gathered.inside():
        if name:
            gathered.say(name)
        _read(data, name, media_type, gathered)


def _member(data: bytes, name: str, gathered: Gathered) -> None:
    _within(data, name, "", gathered)


def _pdf(data: bytes, _: str, gathered: Gathered) -> None:
    read_pdf(data, gathered, _within)


def _mail(data: bytes, _: str, gathered: Gathered) -> None:
    for one in messages(data):
        with gathered.inside():
            read_mail(one, gathered, _within)


def _picture(data: bytes, _: str, gathered: Gathered) -> None:
    read_picture(data, gathered)


def _zip(data: bytes, _: str, gathered: Gathered) -> None:
    packed = Packed(data, gathered)
    names = set(packed.names)
    if "[Content_Types].xml" in names:
        read_office(data, gathered, _member)
    elif "mimetype" in names and packed.read("mimetype").startswith(_OPENDOCUMENT):
        read_opendocument(data, gathered, _member)
    else:
        gathered.by.add(OWN)
        for name in packed.names:
            _packed(packed, name, gathered)


def _packed(packed: Packed, name: str, gathered: Gathered) -> None:
    """Read a member; an encrypted one is no reason to leave out the others."""
    gathered.say(name)
    try:
        data = packed.read(name)
    except FormatError as error:
        if "more than" in error.message:
            raise
        gathered.lack(error.message)
        return
    with gathered.inside():
        _read(data, name, "", gathered)


def _said(read: Callable[[bytes, str], str], data: bytes, told: str, gathered: Gathered) -> None:
    gathered.by.add(OWN)
    gathered.say(read(data, charset_of(told)))


def _subtitles(data: bytes, charset: str) -> str:
    return of_subtitles(decoded(data, charset))


def _rich_text(data: bytes, _: str) -> str:
    return of_rich_text(data)


_READERS: dict[str, Callable[[bytes, str, Gathered], None]] = {
    "pdf": _pdf,
    "zip": _zip,
    "mail": _mail,
    "picture": _picture,
    "rtf": partial(_said, _rich_text),
    "page": partial(_said, of_page),
    "subtitles": partial(_said, _subtitles),
    "text": partial(_said, decoded),
}
