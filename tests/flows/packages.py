"""A package as a production will make it: a bag of records with their gap report in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.flows.certify_902 import PackageFiles, Request902, certify_902
from archiver.flows.court_texts import court_text
from archiver.flows.gap_report import Scope, gaps_over
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.transfer import transfer
from archiver.flows.transfer_choice import of_records
from archiver.produce.certificate_902 import Declarant
from archiver.produce.court_text import Confirmed
from archiver.wire import transfer_folder
from archiver.wire.certificates import certificate_texts
from tests.flows.conftest import opened
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.produce.certificate_902 import Certificate902
    from archiver.produce.court_text import CourtText

MADE = "2037-01-15T12:00:00.000000Z"
GAPS = "data/GAPS.json"
CLERK = Declarant("Dana Roe", "Village Clerk", "Keeps the records of the village since 2019.")
SCOPE = Scope("city-blog")


def text(name: str = "us-federal") -> CourtText:
    """Return a shipped text."""
    return court_text(certificate_texts(), name)


def confirmed(name: str = "us-federal") -> CourtText:
    """Return a shipped text as counsel has confirmed it."""
    who = Confirmed("Kim Poe", "Village Attorney", "2026-11-01", "the rules", "not held")
    return replace(text(name), confirmed=who)


@dataclass(frozen=True)
class Made:
    """A package in a folder, and what it is of."""

    folder: Path
    leaves: Ranges
    size: int
    scope: Scope = SCOPE
    archive: Archive | None = None

    @property
    def bag(self) -> Path:
        """The folder of the bag."""
        return self.folder / "bag"

    def files(self) -> PackageFiles:
        """Return the files of the package as they are on disk now."""
        paths = (one for one in (self.bag / "data").rglob("*") if one.is_file())
        names = [one.relative_to(self.bag).as_posix() for one in paths]

        def read(name: str) -> Iterator[bytes]:
            with (self.bag / name).open("rb") as file:
                while piece := file.read(1 << 16):
                    yield piece

        return PackageFiles((self.bag / "manifest-sha256.txt").read_bytes(), names, read)

    def request(self, **changes: Any) -> Request902:  # noqa: ANN401 - members
        """Return what is asked of the certificate."""
        checkpoint = (self.bag / "data/checkpoint").read_bytes()
        asked = Request902(
            text(), CLERK, "Village of Elm", MADE, self.size, checkpoint, GAPS, scopes=[self.scope]
        )
        return replace(asked, **changes)

    def certificate(self, **changes: Any) -> Certificate902:  # noqa: ANN401 - members
        """Return the certificate of the package as it is now."""
        request = self.request(**changes)
        archive = self.archive or opened(self.folder)
        return certify_902(archive, self.leaves, request, self.files(), Quiet())

    def rewrite(self, name: str, data: bytes) -> None:
        """Change a file of the payload, and its manifest as whoever made the package would."""
        path, manifest = self.bag / name, self.bag / "manifest-sha256.txt"
        old = sha256(path.read_bytes()).hexdigest()
        path.write_bytes(data)
        told = manifest.read_text().replace(old, sha256(data).hexdigest())
        manifest.write_text(told)


def packaged(folder: Path) -> Made:
    """Make the package of all posts of the archive in a folder, with their gap report."""
    archive = opened(folder)
    hits = search(archive, Query(stream="posts")).hits
    return replace(
        made_of(archive, folder, SCOPE, [one["record_id"] for one in hits]), archive=None
    )


def made_of(archive: Archive, folder: Path, scope: Scope, records: Sequence[str]) -> Made:
    """Make the package of some records, with the gap report of a scope."""
    size = read_state(archive).size
    chosen = of_records(archive, records, "counsel", private=True)
    report = gaps_over(archive, size, [scope])
    at = datetime.fromisoformat(MADE).astimezone(UTC)
    folder.mkdir(exist_ok=True)
    with transfer_folder(folder / "bag") as (out, enclosed):
        own = {**enclosed, "GAPS.json": encoded(report.document())}
        transfer(archive, chosen, out, own, Quiet(), at)
    return Made(folder, chosen.frozen.leaves, size, scope, archive)


def encoded(document: object) -> bytes:
    """Return a document as a file."""
    return json.dumps(document, indent=1).encode()
