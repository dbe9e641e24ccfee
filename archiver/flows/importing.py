"""Import: an export that somebody handed in, from its members to sealed records.

Each member is kept verbatim, as exchanges of a lane of its own (`capture.importers.exchanges`),
in the spool before anything reads it; then it goes the way of all exchanges. Documents of the
account's workflow say who handed in what, and with each batch which members are done: so a
kill anywhere is gone on from, in whichever home, and what was imported is not imported again.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from archiver.capture.importers import IMPORTERS
from archiver.capture.importers.cutting import LARGEST_PART, parts
from archiver.capture.importers.exchanges import Imported, exchange_of
from archiver.capture.importers.json_lines import JSON_LINES
from archiver.capture.importers.sheets import mapped
from archiver.capture.importers.tabled import TABLE
from archiver.errors import RefusedError, StoreError, UsageError
from archiver.flows.accounts import find
from archiver.flows.connectors import importer_named
from archiver.flows.import_papers import Papers
from archiver.flows.import_sealing import Left, Sealer
from archiver.flows.importing_report import ImportReport
from archiver.flows.people import new_statement, sign
from archiver.flows.submit import recover
from archiver.flows.upkeep import upkeep
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.limits import LARGEST_BODY, ROLL_SIZE
from archiver.registry.accounts import Status
from archiver.registry.documents import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Importer, Kept
    from archiver.flows.archive import Archive, ImportSpool
    from archiver.flows.import_papers import Asked
    from archiver.ports import Progress
    from archiver.record import Exchange, Observation
    from archiver.registry.accounts import Account

__all__ = ["Exported", "import_export", "importer_for", "new_evidence"]

TOGETHER = 4 << 20
"""Bytes of exchanges that one sync makes durable."""
MOST_TOGETHER = 256
SEGMENT_RECORDS = 20_000
"""A batch is sealed when so much is settled, or `ROLL_SIZE` bytes have come."""


class _Member(Protocol):
    """One file of an export (`archiver.edges.exported.Member`)."""

    @property
    def name(self) -> str: ...
    @property
    def blocks(self) -> Iterator[bytes]: ...


class _Looked(Protocol):
    @property
    def size(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def beginning(self) -> bytes: ...
    @property
    def odd(self) -> Mapping[str, str]: ...


class Exported(Protocol):
    """An export that was found to be whole (`archiver.edges.exported.Export`)."""

    @property
    def name(self) -> str:
        """Its file name."""
        ...

    @property
    def looked(self) -> _Looked:
        """What looking at it found."""
        ...

    def members(self) -> Iterator[_Member]:
        """Yield its files, always in the same order."""
        ...

    def check_same(self, progress: Progress, /) -> None:
        """Raise `RefusedError` where it has changed since."""
        ...


def importer_for(
    archive: Archive, name: str, export: Exported, form: str = "", platform: str = ""
) -> Importer:
    """Return what reads an export of an account.

    Args:
        archive: where the account is registered.
        name: of the account.
        export: that is handed in.
        form: its format; "": what it looks like.
        platform: what the account is thought to be of; "": nobody says.

    Raises `UsageError`: the account is of another platform, has no such exports, or none or
    several formats look like this (``import-format``).
    """
    own = find(archive, name).platform
    if platform and platform != own:
        raise UsageError(f"the account is of {own}", where=name, mend=f"give --platform {own}")
    every = [one for one in IMPORTERS.values() if not one.platforms or own in one.platforms]
    if form:
        every = [one for one in every if one is importer_named(form)]
    else:
        looked = export.looked
        every = [one for one in every if one.recognises(looked.names, looked.beginning)]
    if len(every) != 1:
        fit = sorted(n for n, one in IMPORTERS.items() if not one.platforms or own in one.platforms)
        names = ", ".join(sorted(one.name for one in every)) or "none"
        raise UsageError(
            f"which format? Looks like it: {names}",
            where=export.name,
            code="import-format",
            mend=f"give --format: {', '.join(fit)}",
        )
    return every[0]


def new_evidence(archive: Archive, told: Mapping[str, str]) -> tuple[str, bytes]:
    """Return a new name for what a person saw, and his statement: signed, with a key at hand."""
    name = new_handle(archive.chance)
    document: dict[str, Any] = {key: value for key, value in told.items() if value}
    if archive.person is not None:
        act = new_statement(archive, "saw", name=name, **document)
        document["act"] = sign(act, [archive.person]).document()
    return name, encode({"name": name, **document})


def import_export(
    archive: Archive,
    name: str,
    export: Exported,
    importer: Importer,
    asked: Asked,
    progress: Progress,
) -> ImportReport:
    """Import an export of an account. What of it was imported before is passed over.

    Raises `RefusedError` for an account that nobody has approved (``account-not-approved``), or
    an export that changed meanwhile (``import-changed``).
    """
    account = find(archive, name)
    if account.status == Status.REQUESTED:  # a retired one was approved, and may have exports
        raise RefusedError(
            "account is requested; only what is of approved accounts is imported",
            where=name,
            code="account-not-approved",
            mend=f"archiver account approve {name} --by 'NAME, OFFICE'",
        )
    if importer in (TABLE, JSON_LINES) and mapped(asked.mapping) is None:
        raise UsageError(
            "a table needs a mapping: which stream, and which of its columns are what",
            where=export.name,
            code="import-mapping",
            mend="--mapping FILE; docs/imports.md has one",
        )
    archive.signer.sign(b"may this home seal?\n")  # known now, not after the reading
    upkeep(archive)
    opens = archive.open_imports
    if opens is None:
        raise StoreError("this process has no place for imports", mend="use the command `import`")
    with archive.open_spool(account.handle), opens(account.handle) as spool:
        recover(archive, account.handle)
        Left(archive, account, spool, progress).settle()
        papers = Papers.of(archive, account, export.name, export.looked, importer, asked)
        run = _Import(archive, account, spool, progress, importer, papers)
        if papers.done:
            run.report.again = papers.done
            return run.report
        run.go(export)
        return run.report


class _Import(Sealer):
    """One import of one export."""

    def __init__(
        self,
        archive: Archive,
        account: Account,
        spool: ImportSpool,
        progress: Progress,
        importer: Importer,
        papers: Papers,
    ) -> None:
        super().__init__(archive, account, spool, progress, importer)
        self._papers = papers
        self._waiting: list[Exchange] = []
        self._size = self._unsealed = self._read = 0
        self.report = ImportReport.of(account.name, importer.name, papers)

    def go(self, export: Exported) -> None:
        """Read the export to its end."""
        if not self._papers.handle:
            self._papers.begin(new_handle(self.archive.chance))
            self.seal([self._papers.beginning()])
        self.report.handle = self._papers.handle
        for member in export.members():
            kept = self.importer.member(member.name)
            self._member(member, kept, export.looked.length)
        self._flush()
        export.check_same(self.progress)
        self.report.count(self.settler.counts, export.looked.odd)
        end = self._papers.end(self.report)
        self.seal([*self._steps(), end])

    def _member(self, member: _Member, kept: Kept, total: int) -> None:
        taken, head = Counter[str](), ""
        largest = LARGEST_BODY if kept.what == "file" else LARGEST_PART
        for number, part in enumerate(parts(member.blocks, kept.cutting, largest)):
            self._read += len(part.data)
            self.progress.step(self._read, total, "bytes imported")
            if number == 0 and not self._papers.made:
                self._papers.made = self.importer.made(member.name, part.data)
            if number == 0:
                head = self.importer.carry(member.name, part.data)
            if self._papers.has(member.name, number):
                continue
            imported = Imported(
                self._papers.handle,
                canonical_time(self.archive.clock.now()),
                self._papers.made,
                self._papers.mapping,
                head if number else "",
            )
            told = kept if not part.torn else kept._replace(what="rest")
            exchange = exchange_of(self.importer, imported, member.name, told, (number, part))
            taken[told.what] += len(part.data)
            self._take(exchange, len(part.data))
        self.report.member(member.name, taken)

    def _take(self, exchange: Exchange, size: int) -> None:
        self._waiting.append(exchange)
        self._size += size
        if self._size >= TOGETHER or len(self._waiting) == MOST_TOGETHER:
            self._flush()

    def _flush(self) -> None:
        """Make durable what waits, then settle it; seal whenever enough has come."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._unsealed += self._size
        self._size = 0
        for exchange in self.spool.append_all(waiting):
            left = self.settle(exchange)
            self.report.left(exchange.purpose["member"], left)
        settled = len(self.settler.settled.observations)
        if self._unsealed >= ROLL_SIZE or settled >= SEGMENT_RECORDS:
            self.seal(self._steps())
            self._unsealed = 0

    def _steps(self) -> list[tuple[str, Observation]]:
        done = self.done
        step = Papers.step(self.archive, self.account, self._papers.handle, done)
        return [step] if done else []
