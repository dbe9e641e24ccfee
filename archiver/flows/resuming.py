"""Runs that a quota stopped: the next run goes on where they ended (ADR 0104).

How far they came is kept in the home, once what they saw is sealed: a cache, as everything is
read again without it. It is believed only as long as no other run, from whatever home, has
read the account since, and the same source reads it.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.capture.problems import code_of
from archiver.capture.progress import STOPPING, Progress, decoded, encoded
from archiver.capture.session import MODES
from archiver.flows.exposure import DELIVERIES
from archiver.flows.kept import keep, kept
from archiver.flows.parsers import source_of
from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.settled import Counts
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = ["Resuming"]


class Resuming:
    """How far the runs over one account (its handle) came that a quota stopped.

    ``began`` and ``mode``: of the run that goes on; ``progress``: how far it came. Both empty,
    and nothing kept, for a run that begins anew.
    """

    def __init__(self, archive: Archive, handle: str, connector: Connector) -> None:
        self._archive = archive
        self._handle = handle
        self._path = f"cache/progress/{handle}"
        self._source = sha256(source_of(connector).encode()).hexdigest()
        self._keeps = self._stopped = False
        self.began = self.mode = ""
        self.progress = Progress()

    def find(self, state: LedgerState, mode: str, lanes: Collection[str]) -> bool:
        """Take up what a run was stopped in that reads as much as ``mode``, if there is one.

        ``lanes``: of this home, for the account.
        """
        found = self._kept()
        if found is None or not self._covers(found, mode) or not self._ours(state, found, lanes):
            return False
        progress = decoded(found["progress"])
        if progress is None:
            return False
        self.began, self.mode, self.progress = found["began"], found["mode"], progress
        self._keeps = True
        return True

    def begin(self, began: str, mode: str) -> None:
        """Begin anew a run that may be stopped, too."""
        self.began, self.mode, self.progress = began, mode, Progress(keeps=True)

    def stops(self, incomplete: Mapping[str, str]) -> bool:
        """Tell whether a run is to go on later, by what it did not get until it listened."""
        codes = {code_of(why) for why in incomplete.values()}
        if self.began:
            self._stopped = self._keeps = not codes.isdisjoint(STOPPING)
        return self._stopped

    def keep(self, counts: Mapping[str, Counts], batch: int) -> None:
        """Write down how far the run came, once that is sealed in the account's ``batch``.

        Of a run that was not stopped yet nothing is kept: killed, it is begun anew.
        """
        if self._keeps:
            told = {
                "source": self._source, "batch": batch, "began": self.began, "mode": self.mode,
                "progress": encoded(self.progress, counts),
            }  # fmt: skip
            keep(self._archive.home, self._path, msgspec.msgpack.encode(told))

    def end(self) -> None:
        """Keep no more; forget a run that came to its end."""
        if self.began and not self._keeps:
            self._archive.home.remove(self._path)
        self.began, self._keeps = "", False

    def _kept(self) -> dict[str, Any] | None:
        data = kept(self._archive.home, self._path)
        return None if data is None else msgspec.msgpack.decode(data, type=dict[str, Any])

    def _covers(self, found: dict[str, Any], mode: str) -> bool:
        """Tell whether what was stopped reads as much, with the same source, and is recent."""
        age = self._archive.clock.now() - datetime.fromisoformat(found["began"])
        recent = age < self._archive.longest_unread
        enough = MODES.index(found["mode"]) >= MODES.index(mode)
        return recent and enough and found["source"] == self._source

    def _ours(self, state: LedgerState, found: dict[str, Any], lanes: Collection[str]) -> bool:
        """Tell whether nobody else has read the account since, and no other run."""
        for _, body in reversed(state.controls):
            if body.get("account") != self._handle:
                continue
            reads = body["t"] == "repeat" and body.get("mode") != DELIVERIES
            if reads and (body["ended"] or body["began"] != found["began"]):
                return False
            if body["t"] == "seal" and body["stage"] == SETTLE:
                if body["batch"] <= found["batch"]:
                    return True
                if body.get("lane", "") not in lanes:
                    return False
        return False
