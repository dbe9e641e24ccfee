"""Where a document stands in a volume: its numbers and its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.produce.bates import Bates

if TYPE_CHECKING:
    from archiver.produce.document import Document, Native

__all__ = ["Placed", "Stored"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a document that is handed over: where it is, its bytes, its MD5 (hex)."""

    native: Native
    path: str
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A document in a volume.

    ``first``, ``last``: its Bates numbers. Paths are below the volume with ``/``; those of
    ``proofs`` (by leaf) are below the payload of the bag. ``pages`` is 0 where none were made.
    """

    document: Document
    first: str
    last: str
    pages: int
    text: str
    pdf: str
    mail: str
    images: tuple[str, ...]
    natives: tuple[Stored, ...]
    proofs: tuple[tuple[int, str], ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The number of each page, or the one number of a document without pages."""
        begin = Bates.read(self.first)
        count = max(self.pages, 1)
        return tuple(f"{begin.prefix}{begin.value + n:0{begin.width}}" for n in range(count))
