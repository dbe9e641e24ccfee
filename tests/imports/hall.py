"""An archive with one approved account that things are imported into."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archiver.edges.exported import open_export
from archiver.edges.spool import Spool
from archiver.flows import accounts
from archiver.flows.connectors import importer_named
from archiver.flows.import_papers import Asked
from archiver.flows.importing import import_export
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from tests.flows.helpers import Quiet, founded, open_archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.importing_report import ImportReport

BY = "R. Alvarez, City Clerk"
NOBODY = Asked(by=BY)


@dataclass
class Hall:
    """The archive, and the name of its account."""

    archive: Archive
    account: str

    def take(self, path: Path, form: str, asked: Asked = NOBODY) -> ImportReport:
        """Import an export."""
        export = open_export(path, Quiet())
        importer = importer_named(form)
        return import_export(self.archive, self.account, export, importer, asked, Quiet())

    def rows(self, stream: str = "") -> list[dict[str, str]]:
        """Return all rows of the account's records, in the order of the log."""
        found = []
        state = read_state(self.archive)
        for one in catalog(self.archive, state):
            found += rows_of(read_table(self.archive, one.segment))
        named = [row for row in found if row["account"] == self.account]
        own = [row for row in named if row["stream"] != "workflow"]
        return [row for row in own if not stream or row["stream"] == stream]

    def read(self, stream: str) -> dict[str, dict[str, str]]:
        """Return the rows of what was cut, by native id."""
        rows = self.rows(stream)
        return {row["native_id"]: row for row in rows if row["kind"] != "residue"}

    @property
    def size(self) -> int:
        """How many entries the ledger has."""
        return read_state(self.archive).size

    def check(self) -> None:
        """Verify all of it in depth: no finding."""
        report = verify(self.archive, Quiet(), deep=True)
        found = [f"{one.code} {one.where}: {one.found}" for one in report.findings]
        assert not found, found


def hall(home: Path, platform: str, url: str = "https://city.example.gov") -> Hall:
    """Return an archive with an approved account of a platform."""
    opened = open_archive(founded(home), home)

    @contextmanager
    def open_imports(account: str) -> Iterator[Spool]:
        with Spool.open(home / "imports", account, opened.clock, opened.chance) as spool:
            yield spool

    archive = replace(
        opened,
        open_imports=open_imports,  # type: ignore[arg-type]  # as its spool (tests.flows.helpers)
        credential=lambda _name: {},
    )
    request = {"name": "city", "platform": platform, "url": url}
    accounts.add(archive, request, {})
    accounts.approve(archive, "city", BY)
    return Hall(archive, "city")
