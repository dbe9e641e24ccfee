"""What a volume is made by, where it is written, and what is known of it at the end."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from archiver import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import BinaryIO

    from archiver.produce.profile import Profile

__all__ = ["SOFTWARE", "Folder", "Plan", "Written", "digest_of"]

SOFTWARE = f"civic-archiver/{__version__}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a volume is of: with the documents, all that decides its bytes.

    ``identifier``: the name of the production. ``volume``: of the volume, as ``VOL001``.
    ``first``: the Bates number to begin with. ``size``: of the ledger that is produced.
    ``inputs``: a digest of what was asked and of what is withheld; of another one nothing that a
    killed process left is taken over. ``moment``: the date that it bears. ``about``: further
    lines of ``bag-info.txt``. ``total``: how many documents, where that is known.
    """

    identifier: str
    volume: str
    first: int
    size: int
    inputs: str
    moment: datetime
    about: Sequence[tuple[str, str]] = ()
    total: int | None = None


class Written(NamedTuple):
    """What was written: numbers (``first`` and ``last`` empty where there is no document).

    ``next``: the Bates number that the next volume begins with. ``files``, ``bytes``: of the
    payload; ``manifest_sha256`` stands for all of it, and is empty until it is finished.
    ``whole``: records in the WACZ.
    """

    first: str
    last: str
    next: int
    documents: int
    versions: int
    pages: int
    natives: int
    withheld: int
    whole: int
    conversations: int
    files: int
    bytes: int
    manifest_sha256: str = ""


class Folder(Protocol):
    """Where a bag is written: files, a journal of what is finished, and room for sorting."""

    def file(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a new file by relative name."""
        ...

    def keep(self, name: str) -> None:
        """Say that a file which is there belongs to the bag."""
        ...

    def open(self, name: str) -> BinaryIO | None:
        """Open a file that is there already; None where none is."""
        ...

    def scratch(self) -> BinaryIO:
        """Return a file without a name, to write and to read again."""
        ...

    def next(self) -> bytes:
        """Return the next line of the journal; b"" at its end."""
        ...

    def note(self, line: bytes) -> None:
        """Write a line into the journal, in place of all that was not read of it."""
        ...

    def clear(self) -> None:
        """Forget journal and files."""
        ...


def digest_of(plan: Plan, profile: Profile) -> str:
    """Return a digest of all that decides the bytes of a document's files, but the document."""
    told = (SOFTWARE, plan.identifier, plan.volume, plan.first, plan.size, plan.inputs)
    data = msgspec.json.encode((*told, plan.moment.isoformat(), profile))
    return sha256(data).hexdigest()
