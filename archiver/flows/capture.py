"""Capture: one run over one account, from requests to sealed records.

Every exchange is durable in the spool before it is read. When enough has come, or the
run ends, the spool file is sealed into intake and what was settled into records. What
a crash left in the spool is finished first by the next run.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Site
from archiver.capture.known import mark_of
from archiver.capture.reading import read
from archiver.capture.session import MODES, PASSING, Session
from archiver.capture.settling import Settler
from archiver.errors import CaptureError, KeyStoreError, RefusedError, UsageError
from archiver.flows.accounts import find
from archiver.flows.asking import Line
from archiver.flows.capture_report import CaptureReport
from archiver.flows.connectors import connector
from archiver.flows.exposure import cadence_of, exposures, reaches
from archiver.flows.finished import has_finished
from archiver.flows.gaps import Gaps
from archiver.flows.known import keep_known, known_now
from archiver.flows.ledger import read_state
from archiver.flows.listening import Listening
from archiver.flows.parsers import source_of
from archiver.flows.positions import Positions
from archiver.flows.settle import RunCounts, seal_intake, seal_settled
from archiver.flows.submit import recover
from archiver.flows.upkeep import upkeep
from archiver.flows.workflow import workflow_document
from archiver.formats.parquet import canonical_time
from archiver.ids import new_uuid
from archiver.ledger import ranges
from archiver.ledger.state import SETTLE
from archiver.record import Kind, Stream
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.known import Known
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress, Spool
    from archiver.registry.accounts import Account

__all__ = ["CaptureReport", "capture"]

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_SECONDS = 15 * 60
"""A batch is sealed when this much has come, or this long after its first exchange."""


def capture(
    archive: Archive, name: str, mode: str, progress: Progress, listen: float = 0.0
) -> CaptureReport:
    """Capture an approved account; then listen to its events for ``listen`` seconds.

    Raises `RefusedError` for an account that is not approved, `CaptureError` where the
    platform could not be read; what had come until then is sealed.
    """
    if mode not in MODES:
        raise UsageError("no such mode", where=mode, mend=f"modes: {', '.join(MODES)}")
    account = find(archive, name)
    if account.status != Status.APPROVED:
        raise RefusedError(
            f"account is {account.status}; only approved accounts are captured",
            where=name,
            code="account-not-approved",
            mend=f"archiver account approve {name} --by 'NAME, OFFICE'",
        )
    archive.signer.sign(b"may this home seal?\n")  # known now, not after the capture
    upkeep(archive)
    with archive.open_spool(account.handle) as spool:
        run = _Run(archive, account, spool, progress, CaptureReport(name, mode))
        run.recover()
        run.record_parser()
        run.go(mode, listen)
    return run.report


class _Run:
    """One run: the only place where session, recorder, settler and ledger meet."""

    def __init__(
        self,
        archive: Archive,
        account: Account,
        spool: Spool,
        progress: Progress,
        report: CaptureReport,
    ) -> None:
        self._archive = archive
        self._account = account
        self._spool = spool
        self._progress = progress
        self.report = report
        self._connector: Connector = connector(account.platform)
        self._credential = self._load_credential()
        self._positions = Positions(archive.home, account.handle)
        cursors = dict(self._positions.latest)
        self._site = Site(account.name, account.url, bool(self._credential), cursors)
        self._basis, self._began, self._renewed = 0, "", False
        self._known: tuple[int, Known] | None = None

    def _load_credential(self) -> Mapping[str, str]:
        try:
            return self._archive.credential(self._account.name)
        except KeyStoreError as error:
            if error.code == "credential-missing" and self._account.login == "no":
                return {}
            raise

    def _settler(self, state: LedgerState) -> Settler:
        known, handle = self._known_at(state), self._account.handle
        self._basis = state.settled.get(handle, 0)
        exposed = exposures(state, handle)
        self._gaps = Gaps(self._archive, handle, self._connector, self._site, exposed)
        return Settler(self._connector, self._site, known, lambda: new_uuid(self._archive.chance))

    def _known_at(self, state: LedgerState) -> Known:
        """Return what is known as of a state, read once for each settling batch."""
        batch = state.settled.get(self._account.handle, 0)
        if self._known is None or self._known[0] != batch:
            handle = self._account.handle
            self._known = batch, known_now(self._archive, state, handle, self._connector)
        return self._known[1]

    def recover(self) -> None:
        """Finish what earlier runs of this home left: batches, then spooled exchanges."""
        recover(self._archive, self._account.handle)
        if not self._spool.pending():
            return
        state = read_state(self._archive)
        settler = self._settler(state)
        covered = state.covered.get(self._spool.lane, {}).get(SETTLE, [])
        for file in self._spool.pending():
            for exchange in self._spool.read(file):
                reading = read(self._connector, self._site, exchange)
                self._positions.heard(exchange, reading)
                if not ranges.overlap(covered, [[exchange.number, exchange.number + 1]]):
                    self.report.recovered += 1
                    settler.take(exchange, reading, late=True)
        self._seal(settler)

    def record_parser(self) -> None:
        """Keep the source of the parser in use: rows are derived, so it is evidence."""
        state = read_state(self._archive)
        known = self._known_at(state)
        native_id = f"parser/{self._connector.parser}"
        source = source_of(self._connector)
        row = {"name": self._connector.parser, "title": "Parser source", "markup": source}
        settler = Settler(self._connector, self._site, known, str)
        kind = settler.document((Stream.WORKFLOW, native_id), row)
        if kind is None:
            return
        self._renewed = True
        document = workflow_document(
            self._archive, self._account, native_id, Kind(kind), source.encode(), row
        )
        handle = self._account.handle
        batch = seal_settled(self._archive, state, handle, document)
        for uuid, one in document.observations:
            known.take(uuid, one, mark_of(one.kind, one.row, known.key))
        keep_known(self._archive, handle, batch, known)
        self._known = batch, known

    def go(self, mode: str, listen: float) -> None:
        """Ask until the session has no more to ask, and listen; seal as it goes and at the end."""
        state = read_state(self._archive)
        settler = self._settler(state)
        self._began = canonical_time(self._archive.clock.now())
        self.report.exposed = {s: one.document() for s, one in self._gaps.exposed.items()}
        # A new parser may understand what the one before left as residue.
        mend = self._renewed or not has_finished(state, self._account.handle)
        mode = self._mode(mode, settler.known, mend=mend)
        since = {} if mend or mode != "reconcile" else self._reaches(state)
        session = Session(self._connector, self._site, settler, mode, mend=mend, reaches=since)
        self.report.incomplete, self.report.since = session.incomplete, session.sweep.claims
        try:
            self._ask(session, settler)
        except CaptureError:
            # Anything else leaves the spool to the next run: the spool itself may have
            # failed, or a seal, and what was drained for that one would be missing here.
            self._seal(settler, self._saw(settler, ended=False))
            self._keep_cursors(session)
            raise
        self._end(session, settler)
        self._keep_cursors(session)
        if listen:
            self._listen(session, settler, listen)

    def _end(self, session: Session, settler: Settler) -> None:
        """Seal what there is, and say what the run saw."""
        self._seal(settler, self._saw(settler, ended=not session.torn))

    def _listen(self, session: Session, settler: Settler, seconds: float) -> None:
        """Listen after the listings, so that what they show is known by then."""
        try:
            with self._line() as line:
                Listening(
                    self._archive.clock, self._connector, session, settler, line,
                    self._positions, self.report, lambda: self._end(session, settler),
                ).run(seconds)  # fmt: skip
        except CaptureError:
            self._end(session, settler)
            raise
        self._end(session, settler)

    def _reaches(self, state: LedgerState) -> Mapping[str, str]:
        """Return how far back each stream has to be looked at; others to their end."""
        cadence = cadence_of(self._account.handle, self._archive.longest_unread)
        return reaches(state, self._account.handle, self._began, cadence)

    def _mode(self, mode: str, known: Known, *, mend: bool) -> str:
        """Return the mode that makes sense: an incremental run stops at what is known.

        So it needs something known (else ``backfill``), by a run that ended (else
        ``reconcile``).
        """
        ours = all(stream == Stream.WORKFLOW for (stream, _), _ in known.items())
        if mode == "incremental" and ours:
            self.report.mode = "backfill"
        elif mode == "incremental" and mend:
            self.report.mode = "reconcile"
        return self.report.mode

    def _ask(self, session: Session, settler: Settler) -> None:
        """Ask until the session has no more to ask; seal whenever enough has come."""
        started = self._archive.clock.now()

        def between() -> None:
            nonlocal started
            waited = (self._archive.clock.now() - started).total_seconds()
            if waited > SEGMENT_SECONDS or line.received > SEGMENT_BYTES:
                self._seal(settler)
                started, line.received = self._archive.clock.now(), 0

        with self._line() as line:  # the last batch also says what the run saw
            line.run(settler, session.run(), between)

    def _line(self) -> Line:
        return Line(
            self._archive, self._connector, self._site, self._credential,
            spool=self._spool, progress=self._progress, report=self.report,
        )  # fmt: skip

    def _keep_cursors(self, session: Session) -> None:
        """Keep where this run left off, once what it saw is sealed.

        Where a listing broke off for a reason that may pass, what its items led to was not
        seen either: it stays unread. What is forbidden or withheld will be so again.
        """
        codes = {why.partition(":")[0] for why in session.incomplete.values()}
        if codes.isdisjoint(PASSING) and not session.torn:
            self._positions.note(session.cursors)
            self._positions.keep()

    def _saw(self, settler: Settler, *, ended: bool) -> RunCounts:
        self.report.streams = {name: asdict(one) for name, one in settler.counts.items()}
        counts = settler.counts
        since = {stream: one for stream, one in self.report.since.items() if stream in counts}
        again = len(self.report.again)
        return RunCounts(self.report.mode, self._began, ended, counts, since, again)

    def _seal(self, settler: Settler, saw: RunCounts | None = None) -> None:
        """Seal intake and records of everything in the spool, then let go of it.

        ``saw``: what the whole run saw, at its end.
        """
        files = self._spool.pending()
        settled = settler.drain()
        if not files and not settled.observations:
            return
        handle = self._account.handle
        for file in files:
            seal_intake(self._archive, read_state(self._archive), handle, self._spool, file)
        state = read_state(self._archive)
        covered = state.covered.get(self._spool.lane, {}).get(SETTLE, [])
        numbers = ranges.union([], [[file.first, file.last + 1] for file in files])
        fresh = ranges.minus(numbers, covered)
        settled.entries += self._gaps.entries(settled.losses, saw)
        if fresh or settled.observations:
            # Numbered after the batch it was settled against: where another home settled
            # meanwhile, the ledger refuses it, and the next run settles the spool anew.
            against = replace(state, settled={**state.settled, handle: self._basis})
            self._basis = batch = seal_settled(
                self._archive, against, handle, settled,
                covers=(self._spool.lane, fresh), saw=saw,
            )  # fmt: skip
            self.report.count(settled)
            keep_known(self._archive, handle, batch, settler.known)
        self._positions.keep()
        for file in files:
            self._spool.discard(file)
