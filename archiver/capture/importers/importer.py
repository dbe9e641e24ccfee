"""What an importer is: a table and pure functions that read an export of somebody's data.

It never opens a file. It says of each member of an export what it is (`member`), cuts what
it understands into items with their byte ranges (`split`), and reads an item's bytes
(`parse`), so that `archiver reparse` comes to the same rows years later. Where its platform
has a connector, it names things as that does: both meet in one record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.capture.importers.cutting import WHOLE
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.importers.cutting import Cutting
    from archiver.capture.items import Claim, Item
    from archiver.record import Excerpt

__all__ = ["REST", "Cell", "Cut", "Given", "Importer", "Kept", "file_id", "file_of"]


class Cell(NamedTuple):
    """What an export gives of a stream: its limit in words, who says so, what proved it."""

    stream: str
    limit: str
    citation: str
    proved_by: str = "simulator only"


class Kept(NamedTuple):
    """What becomes of a member: ``items`` are cut from it, it is a ``file``, or is the ``rest``.

    All of it is kept in any case. ``native_id``: of a file. ``cutting``: where a member that is
    too large for one exchange may be parted.
    """

    what: str
    stream: str
    sensitivity: str = Sensitivity.PRIVATE
    cutting: Cutting = WHOLE
    native_id: str = ""


REST = Kept("rest", Stream.PROFILE)
"""A member that is not understood: kept verbatim, encrypted, counted."""


class Given(NamedTuple):
    """One part of a member. ``name``: its path in the export; ``part``: its number from 0.

    ``mapping``: which columns of a table are what, where somebody said so. ``head``: what the
    first part of this member told that later ones need.
    """

    name: str
    part: int
    body: bytes
    account: str = ""
    mapping: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part, cut. Bytes that are neither item, claim nor frame are residue."""

    items: tuple[Item, ...] = ()
    claims: tuple[Claim, ...] = ()


class Importer(Protocol):
    """One format of exports."""

    @property
    def name(self) -> str:
        """The format, as it is given on the command line: ``x-archive``."""
        ...

    @property
    def parser(self) -> str:
        """Name and version of `split` and `parse` together: ``x-archive/1``."""
        ...

    @property
    def title(self) -> str:
        """What it is for people."""
        ...

    @property
    def platforms(self) -> tuple[str, ...]:
        """Of accounts that may have such an export; none: any."""
        ...

    @property
    def module(self) -> str:
        """Where its source begins."""
        ...

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What it gives, by stream."""
        ...

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether an export looks like this, by the paths in it and how its first begins."""
        ...

    def member(self, name: str) -> Kept:
        """Return what becomes of a member, by its path in the export."""
        ...

    def made(self, name: str, body: bytes) -> str:
        """Return when the export was made (canonical time), where this member says so."""
        ...

    def carry(self, name: str, body: bytes) -> str:
        """Return what later parts of a member need to know of its first, mostly nothing."""
        ...

    def split(self, given: Given) -> Cut:
        """Cut a part of a member into items. Pure; never raises on any bytes."""
        ...

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item's excerpts, as `Connector.parse`."""
        ...


def file_id(name: str) -> str:
    """Return the id of a file by its path: one piece, for a slash would make it a part."""
    return f"file:{name.replace('%', '%25').replace(':', '%3A').replace('/', ':')}"


def file_of(name: str, sensitivity: str = Sensitivity.PRIVATE) -> Kept:
    """Return how a picture, a recording or a document of an export is kept."""
    return Kept("file", Stream.MEDIA, sensitivity, native_id=file_id(name))
