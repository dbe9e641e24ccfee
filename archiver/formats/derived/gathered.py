"""What is read of a file, and of the files in it, within bounds that all of them share. Pure."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Derived", "Gathered", "joined"]

MOST_LETTERS = 4_000_000
MOST_UNPACKED = 256 << 20
MOST_FILES = 2_000
MOST_PICTURES = 500
MOST_PIXELS = 400_000_000
DEEPEST = 4
"""Bounds of one file with all that is in it. What is beyond them is told as not read."""

_APART = "\n\f\n"


class Derived(NamedTuple):
    """The text of a file.

    ``text``: parts of the file are parted by form feeds. ``by``: what read it, with versions,
    empty where nothing did. ``left``: why not all of it could be read; empty: all was.
    """

    text: str
    by: str
    left: str


@dataclass(slots=True)
class Gathered:
    """Takes what readers find.

    ``parts``: text, or a picture (PNG) whose text is to be put there. ``lacks``: what could not be
    read, how often. ``by``: names and versions of readers. ``pictures``: whether they are wanted.
    """

    pictures: bool = False
    parts: list[str | bytes] = field(default_factory=list)
    lacks: Counter[str] = field(default_factory=Counter)
    by: set[str] = field(default_factory=set)
    depth: int = 0
    pixels: int = 0
    _letters: int = 0
    _unpacked: int = 0
    _files: int = 0
    _pictures: int = 0

    def say(self, text: str) -> None:
        """Take a part of the text. Raises `FormatError` once there is more than may be."""
        left = MOST_LETTERS - self._letters
        shown = _storable(text[:left])
        if shown.strip():
            self.parts.append(shown)
            self._letters += len(shown)
        if len(text) > left:
            raise FormatError(f"it has more than {MOST_LETTERS} letters: the others are not read")

    def show(self, picture: bytes) -> None:
        """Take a picture whose text is to be read (PNG)."""
        self._pictures += 1
        if self._pictures > MOST_PICTURES:
            self.lack(f"a picture beyond the first {MOST_PICTURES}")
        else:
            self.parts.append(picture)

    def lack(self, what: str) -> None:
        """Note that something could not be read."""
        self.lacks[what] += 1

    def unpack(self, size: int) -> None:
        """Count what is unpacked. Raises `FormatError` once it is more than may be."""
        self._unpacked += size
        if self._unpacked > MOST_UNPACKED:
            raise FormatError(f"it unpacks to more than {MOST_UNPACKED >> 20} MiB")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Read a file in a file. Raises `FormatError` where there are too many, or too deep."""
        self._files += 1
        if self._files > MOST_FILES:
            raise FormatError(f"it has more than {MOST_FILES} files in it")
        if self.depth >= DEEPEST:
            raise FormatError(f"it has files in files, more than {DEEPEST} deep")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


def joined(parts: list[str], by: set[str], lacks: Counter[str]) -> Derived:
    """Return what was gathered as one text."""
    told = [what if count == 1 else f"{what} ({count} times)" for what, count in lacks.items()]
    return Derived(_APART.join(parts), ", ".join(sorted(by)), "; ".join(told))


def _storable(text: str) -> str:
    """Return a text that can be stored as UTF-8: half characters are shown as such."""
    plain = text.replace("\x00", " ")
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
