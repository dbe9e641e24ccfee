"""What reads files: the port that flows ask, and what stands there where nothing does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from archiver.formats.derived.gathered import Derived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    ReadOne = Callable[[bytes, str, str], Derived]
    """From a file, its name, and what its server called it, to its text."""

__all__ = ["NO_READER", "FileReader", "NoReader"]


class FileReader(Protocol):
    """Reads the text of files that may be hostile."""

    @property
    def stamp(self) -> str:
        """All that decides what is read: a text by another stamp is made anew."""
        ...

    def opened(self) -> AbstractContextManager[ReadOne]:
        """Return what reads one file after another; what it holds is let go of at the end.

        It never raises because of a file: what can't be read is told in `Derived.left`.
        """
        ...


class NoReader:
    """Reads nothing, and says so."""

    stamp = "nothing reads files"

    @contextmanager
    def opened(self) -> Iterator[ReadOne]:
        """Return what says of each file that it was not read."""
        yield lambda *_: Derived("", "", "nothing here reads files")


NO_READER = NoReader()
