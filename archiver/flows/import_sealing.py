"""Settling and sealing what is imported: also what an import that was killed left in the spool."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from archiver.capture.connector import Site
from archiver.capture.importers.exchanges import Importing
from archiver.capture.known import mark_of
from archiver.capture.reading import read
from archiver.capture.settled import Settled
from archiver.capture.settling import Settler
from archiver.flows.connectors import connector, importer_named
from archiver.flows.import_papers import Papers
from archiver.flows.known import keep_known, known_now
from archiver.flows.ledger import read_state
from archiver.flows.parsers import record_parser
from archiver.flows.settle import seal_intake, seal_settled
from archiver.ids import new_uuid
from archiver.ledger import ranges
from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.connector import Connector
    from archiver.capture.importers.importer import Importer
    from archiver.flows.archive import Archive, ImportSpool
    from archiver.ports import Progress
    from archiver.record import Exchange, Observation
    from archiver.registry.accounts import Account

__all__ = ["Left", "Sealer"]


class Sealer:
    """Settles exchanges of an account by one importer, and seals them."""

    def __init__(
        self,
        archive: Archive,
        account: Account,
        spool: ImportSpool,
        progress: Progress,
        importer: Importer,
    ) -> None:
        self.archive, self.account, self.spool = archive, account, spool
        self.progress, self.importer = progress, importer
        self._site = Site(account.name, account.url, authorised=False)
        self._platform = connector(account.platform)
        self._connector = _as_connector(importer, self._platform)
        self._read_state()
        self.done: list[list[str | int]] = []

    def _read_state(self) -> None:
        state = read_state(self.archive)
        known = known_now(self.archive, state, self.account.handle, self._platform)
        batch = record_parser(self.archive, self.account, self._site, state, known, self._connector)
        handle = self.account.handle
        self._basis = state.settled.get(handle, 0) if batch is None else batch
        self.settler = Settler(
            self._connector, self._site, known, lambda: new_uuid(self.archive.chance)
        )

    def settle(self, exchange: Exchange) -> int:
        """Settle one exchange; return how many bytes of it nothing claims."""
        made = exchange.purpose.get("made", "")
        one = _as_connector(self.importer, self._platform, made)
        reading = read(one, self._site, exchange)
        self.settler.take(exchange, reading)
        self.note(exchange)
        return sum(end - start for start, end in reading.residue)

    def note(self, exchange: Exchange) -> None:
        """Note that a part of a member is done."""
        self.done.append([exchange.purpose["member"], int(exchange.purpose["part"])])

    def seal(self, papers: Sequence[tuple[str, Observation]] = ()) -> None:
        """Seal what is in the spool and what was settled of it, then documents that say so.

        The spool is let go of last: who finds it full, and all of it sealed, says so again.
        """
        spool, files = self.spool, self.spool.pending()
        settled = self.settler.drain()
        for file in files:
            seal_intake(self.archive, read_state(self.archive), self.account.handle, spool, file)
        covered = read_state(self.archive).covered.get(spool.lane, {}).get(SETTLE, [])
        numbers = ranges.union([], [[file.first, file.last + 1] for file in files])
        fresh = ranges.minus(numbers, covered)
        if fresh:
            self._batch(settled, (spool.lane, fresh))
        if papers:
            for uuid, one in papers:
                known = self.settler.known
                known.take(uuid, one, mark_of(one.kind, one.row, known.key))
            self._batch(Settled(list(papers)), None)
        for file in files:
            spool.discard(file)
        self.done = []

    def _batch(self, settled: Settled, covers: tuple[str, ranges.Ranges] | None) -> None:
        """Seal one batch, numbered after the one it was settled against (`flows.run`)."""
        handle, state = self.account.handle, read_state(self.archive)
        against = replace(state, settled={**state.settled, handle: self._basis})
        self._basis = seal_settled(self.archive, against, handle, settled, covers=covers)
        keep_known(self.archive, handle, self._basis, self.settler.known)


def _as_connector(importer: Importer, platform: Connector, made: str = "") -> Connector:
    """Return an importer as reading and settling see it: they ask for no more than it has."""
    return cast("Connector", Importing(importer, platform, made))


class Left:
    """Settles what an import that was killed left in the spool."""

    def __init__(
        self, archive: Archive, account: Account, spool: ImportSpool, progress: Progress
    ) -> None:
        self.archive, self.account = archive, account
        self.spool, self.progress = spool, progress

    def settle(self) -> None:
        """Settle and seal it, if there is anything."""
        files = self.spool.pending()
        if not files:
            return
        state = read_state(self.archive)
        covered = state.covered.get(self.spool.lane, {}).get(SETTLE, [])
        sealer: Sealer | None = None
        handle = ""
        for file in files:
            for exchange in self.spool.read(file):
                if sealer is None:
                    sealer, handle = self._sealer(exchange), exchange.purpose["import"]
                if ranges.overlap(covered, [[exchange.number, exchange.number + 1]]):
                    sealer.note(exchange)
                else:
                    sealer.settle(exchange)
        if sealer is not None:
            sealer.seal([Papers.step(self.archive, self.account, handle, sealer.done)])

    def _sealer(self, exchange: Exchange) -> Sealer:
        importer = importer_named(exchange.purpose["importer"])
        return Sealer(self.archive, self.account, self.spool, self.progress, importer)
