"""One run over one account: the only place where session, recorder, settler and ledger meet.

Every exchange is durable in the spool before it is read. When enough has come, or the run ends,
it is sealed into intake, and what was settled into records. What a crash left is finished first.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Site
from archiver.capture.listened import Listened
from archiver.capture.problems import PASSING, code_of
from archiver.capture.readable import unread_of
from archiver.capture.reading import read
from archiver.capture.session import Session
from archiver.capture.settling import Settler
from archiver.capture.stated import Stated
from archiver.errors import CaptureError
from archiver.flows.asking import Line
from archiver.flows.connectors import connector
from archiver.flows.credentials import credential_of, login_of
from archiver.flows.deliveries import Brisk, Deliveries, Telling, untold
from archiver.flows.drift import Drift
from archiver.flows.due import due_again
from archiver.flows.exposure import exposures
from archiver.flows.gaps import Gaps
from archiver.flows.known import keep_known, known_now
from archiver.flows.ledger import read_state
from archiver.flows.listening import Listening
from archiver.flows.parsers import record_parser
from archiver.flows.planning import mends, plan
from archiver.flows.positions import Positions
from archiver.flows.resuming import Resuming
from archiver.flows.settle import RunCounts, seal_intake, seal_settled
from archiver.flows.standing import Standings
from archiver.flows.submit import recover
from archiver.ids import new_uuid
from archiver.ledger import ranges
from archiver.ledger.state import SETTLE
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from archiver.capture.connector import Connector
    from archiver.capture.known import Known
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress, Spool, SpoolFile
    from archiver.registry.accounts import Account

__all__ = ["Run"]

SEGMENT_BYTES, SEGMENT_RECORDS, SEGMENT_SECONDS = 64 * 1024 * 1024, 20_000, 15 * 60
"""A batch is sealed when this much has come, or so much is settled, or this long after its
first exchange. What is settled takes some 15 KB of memory each until then."""


class Run:
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
        self._positions = Positions(archive.home, account.handle)
        cursors = dict(self._positions.latest)
        login = login_of(self._connector, self._load_credential())
        self._site = Site(account.name, account.url, bool(login), cursors, account.scope)
        self._drift = Drift(archive, account.handle, report)
        self._standings = Standings(archive, account, self._connector, report)
        self._basis, self._began = 0, ""
        self._known: tuple[int, Known] | None = None
        self._listened, self._stated = Listened(), Stated(self._connector)
        self._resuming = Resuming(archive, account.handle, self._connector)

    def _load_credential(self) -> Mapping[str, str]:
        return credential_of(self._archive, self._account)

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
        batch = record_parser(self._archive, self._account, self._site, state, known)
        if batch is not None:
            self._known = batch, known

    def deliver(self, settler: Settler | None = None, up: datetime | None = None) -> None:
        """Settle what was sent to us, with the ``settler`` of a run that goes on, and seal it.

        ``up``: since when the receiver was up. Of a retired account nothing more is asked.
        """
        opens = self._archive.open_inbox
        inbox = opens(self._account.handle) if opens else None
        if inbox is None or not (files := inbox.pending()):
            return
        state, now = read_state(self._archive), self._archive.clock.now()
        settler = settler or self._settler(state)
        whole = not mends(self._archive, state, self._account.handle, self._connector)
        telling = Telling(self.report, self._positions, up or now, now, whole=whole)
        deliveries = Deliveries(self._connector, self._site, settler, self.report)
        covered = state.covered.get(inbox.lane, {}).get(SETTLE, [])
        for some in deliveries.settle(inbox, files, covered):
            self._seal(settler, telling.entry(), waiting=(inbox, some))
        brisk = replace(self._archive, clock=Brisk(self._archive.clock))
        approved = self._account.status == Status.APPROVED
        if approved and deliveries.ask(lambda: self._line(brisk)):
            self._seal(settler, telling.entry())

    def go(self, mode: str, listen: float) -> None:
        """Ask until the session has no more to ask, and listen; seal as it goes and at the end."""
        state = read_state(self._archive)
        settler = self._settler(state)
        self.report.exposed = {s: one.document() for s, one in self._gaps.exposed.items()}
        session = self._session(state, settler, mode)
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
        self._resuming.end()
        self._keep_cursors(session)
        if listen:
            self._listen(session, settler, listen)

    def _session(self, state: LedgerState, settler: Settler, mode: str) -> Session:
        """Return what is to be asked, in the mode that makes sense."""
        resuming = self._resuming
        planned = plan(
            self._archive, self._account.handle, self._connector, resuming,
            state=state, known=settler.known, mode=mode, spool=self._spool,
        )  # fmt: skip
        self._began, self.report.mode = planned.began, planned.mode
        self.report.resumed = planned.began if planned.resumed else ""
        settler.moved = resuming.progress.moved
        resuming.progress.begin(settler.counts)
        return Session(
            self._connector, self._site, settler, planned.mode,
            mend=planned.mend, reaches=planned.since, progress=resuming.progress,
        )  # fmt: skip

    def _end(self, session: Session, settler: Settler) -> None:
        """Seal what there is, and say what the run saw."""
        stops = self._resuming.stops(session.incomplete)
        self.report.unread = unread_of(self._connector, settler.known)
        self.report.due = due_again(self._archive, self._connector, settler.known, self._began)
        self._seal(settler, self._saw(settler, ended=not (session.troubles.torn or stops)))

    def _listen(self, session: Session, settler: Settler, seconds: float) -> None:
        """Listen after the listings, so that what they show is known by then."""
        try:
            with self._line() as line:
                Listening(
                    self._archive.clock, self._connector, session, settler, line,
                    self._positions, self.report, lambda: self._end(session, settler),
                    lambda: self.deliver(settler), self._listened,
                ).run(seconds)  # fmt: skip
        except CaptureError:
            self._end(session, settler)
            raise
        self._end(session, settler)

    def _ask(self, session: Session, settler: Settler) -> None:
        """Ask until the session has no more to ask; seal whenever enough has come."""
        started = self._archive.clock.now()

        def between() -> None:
            nonlocal started
            waited = (self._archive.clock.now() - started).total_seconds()
            settled = len(settler.settled.observations)
            full = line.received > SEGMENT_BYTES or settled > SEGMENT_RECORDS
            if full or waited > SEGMENT_SECONDS:
                self._seal(settler)
                started, line.received = self._archive.clock.now(), 0

        with self._line() as line:  # the last batch also says what the run saw
            line.run(settler, session.run(), between)
            credential = self._load_credential() if self._site.authorised else {}
            self._standings.hear(line, settler, self._site, credential)

    def _line(self, archive: Archive | None = None) -> Line:
        return Line(
            archive or self._archive, self._connector, self._site, self._load_credential,
            spool=self._spool, progress=self._progress, report=self.report, stated=self._stated,
        )  # fmt: skip

    def _keep_cursors(self, session: Session) -> None:
        """Keep where this run left off, once what it saw is sealed.

        Where a listing broke off for a reason that may pass, what its items led to was not
        seen either: it stays unread. What is forbidden or withheld will be so again.
        """
        codes = {code_of(why) for why in session.incomplete.values()}
        if codes.isdisjoint(PASSING) and not session.troubles.torn:
            self._positions.note(session.cursors)
            self._positions.keep()

    def _saw(self, settler: Settler, *, ended: bool) -> RunCounts:
        self.report.streams = {name: asdict(one) for name, one in settler.counts.items()}
        counts, known = settler.counts, settler.known
        self.report.untold = untold(self._positions, counts)
        since = {stream: one for stream, one in self.report.since.items() if stream in counts}
        return RunCounts(
            self.report.mode, self._began, ended, counts, since, len(self.report.again),
            untold=self.report.untold, listened=self._listened.document(),
            stated=self._stated.counts(known, settler.passes.whole, since),
        )  # fmt: skip

    def _seal(
        self,
        settler: Settler,
        saw: RunCounts | None = None,
        waiting: tuple[Spool, Sequence[SpoolFile]] | None = None,
    ) -> None:
        """Seal intake and records of everything in the spool, then let go of it.

        ``saw``: what the whole run saw, at its end. ``waiting``: files of the inbox, in place of
        the spool.
        """
        spool, files = waiting or (self._spool, self._spool.pending())
        settled = settler.drain()
        if not files and not settled.observations:
            return
        handle = self._account.handle
        for file in files:
            seal_intake(self._archive, read_state(self._archive), handle, spool, file)
        state = read_state(self._archive)
        covered = state.covered.get(spool.lane, {}).get(SETTLE, [])
        numbers = ranges.union([], [[file.first, file.last + 1] for file in files])
        fresh = ranges.minus(numbers, covered)
        settled.entries += self._gaps.entries(settled.losses, saw)
        if fresh or settled.observations:
            # Numbered after the batch it was settled against: where another home settled
            # meanwhile, the ledger refuses it, and the next run settles the spool anew.
            against = replace(state, settled={**state.settled, handle: self._basis})
            self._basis = batch = seal_settled(
                self._archive, against, handle, settled,
                covers=(spool.lane, fresh), saw=saw,
            )  # fmt: skip
            if saw and saw.mode == self.report.mode:
                self._listened.clear()
            self.report.count(settled)
            self._drift.take(settled)
            keep_known(self._archive, handle, batch, settler.known)
        self._positions.keep()
        self._resuming.keep(settler.counts, self._basis)
        for file in files:
            spool.discard(file)
