"""What this home remembers of its verifications: how far one came, and what was whole.

Two small files in the home's caches: without them everything is verified again. Whoever
can write in the home could also change its keys, so they are believed as those are.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, UsageError
from archiver.flows.kept import keep, kept
from archiver.ledger import ranges
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Collection

    from archiver.flows.archive import Archive
    from archiver.flows.verify_log import LogCheck
    from archiver.flows.verify_work import Checked

__all__ = ["Unfinished", "last_verified", "since_checkpoint"]

VERIFIED = "cache/verified/"
_PAUSE = 5
"""Seconds between two notes of how far a verification came."""


def last_verified(archive: Archive, *, deep: bool) -> Checkpoint | None:
    """Return up to which checkpoint this home found everything in this place whole, or None.

    Whoever verified in depth has verified files as well.
    """
    found = [_checkpoint(archive, name) for name in (("deep",) if deep else ("deep", "files"))]
    return max((one for one in found if one), key=lambda one: one.size, default=None)


def since_checkpoint(archive: Archive, note: bytes, *, deep: bool) -> Checkpoint | None:
    """Return the checkpoint in a note, or for ``last`` what `last_verified` says.

    Raises `UsageError` where it is none that the archive signed.
    """
    if note == b"last":
        return last_verified(archive, deep=deep)
    try:
        return open_checkpoint(note, archive.identity.keys)
    except ArchiverError as error:
        raise UsageError(
            f"not a checkpoint of this archive: {error.message}",
            where="--since",
            mend="give a copy of log/checkpoint, taken when everything was verified",
        ) from error


class Unfinished:
    """How far a verification came. ``done``: seals that need not be checked again.

    Args:
        archive: whose home keeps it.
        log: what it is about.
        deep: whether records were looked at too.
        resume: take over what an interrupted verification of this place noted, where the
            log extends the head that it was about.
    """

    def __init__(self, archive: Archive, log: LogCheck, *, deep: bool, resume: bool) -> None:
        self._archive = archive
        self._log = log
        self._deep = deep
        self._name = "deep" if deep else "files"
        self._noted = archive.clock.now()
        self._whole: list[int] = []
        self.done: Collection[int] = frozenset(self._earlier() if resume else ())
        self._whole += self.done

    def note(self, one: Checked) -> None:
        """Note a seal that is whole, and every few seconds write down all of them.

        One with documents that are judged at the end is read again: it is small.
        """
        now = self._archive.clock.now()
        if not one.findings and not one.unreadable and not one.decisions and not one.looks:
            self._whole.append(one.seal)
        if (now - self._noted).total_seconds() >= _PAUSE:
            self._noted = now
            self._write(f"{self._name}.part", {"done": ranges.from_numbers(self._whole)})

    def close(self, *, whole: bool) -> None:
        """Forget how far it came: it is finished. ``whole``: nothing was found.

        The next run may go on from here only if this home has verified what was left out
        now: that it was verified by somebody is the word of whoever gave the checkpoint.
        """
        self._archive.home.remove(f"{VERIFIED}{self._name}.part")
        if whole and self._reaches_back():
            self._write(self._name, {})

    def _reaches_back(self) -> bool:
        """Tell whether this home has found whole, by now, all of the log from its start."""
        if not self._log.skipped:
            return True
        known = last_verified(self._archive, deep=self._deep)
        return known is not None and known.size >= self._log.skipped and self._extends(known)

    def _extends(self, older: Checkpoint) -> bool:
        with suppress(ArchiverError):
            return Frontier.at(older.size, self._log.view.read).root() == older.root
        return False

    def _write(self, name: str, more: dict[str, object]) -> None:
        head = self._log.checkpoint
        if head is not None:
            place = self._archive.store.describe()
            document = {"place": place, "size": head.size, "root": head.root.hex(), **more}
            keep(self._archive.home, VERIFIED + name, json.dumps(document).encode())

    def _earlier(self) -> list[int]:
        """Return the seals that an interrupted verification found whole."""
        name = f"{self._name}.part"
        head = _checkpoint(self._archive, name)
        with suppress(ArchiverError, LookupError, ValueError):
            if head and self._extends(head):
                done = json.loads(kept(self._archive.home, VERIFIED + name) or b"{}")["done"]
                return list(ranges.numbers(done)) if ranges.are_ranges(done) else []
        return []


def _checkpoint(archive: Archive, name: str) -> Checkpoint | None:
    """Return size and root that a file names, as a checkpoint of this log, or None.

    None also for what was noted of a copy elsewhere: the log is the same, the files may differ.
    """
    with suppress(ArchiverError, LookupError, TypeError, ValueError):
        document = json.loads(kept(archive.home, VERIFIED + name) or b"{}")
        if document["place"] != archive.store.describe():
            return None
        root = bytes.fromhex(document["root"])
        return Checkpoint(archive.identity.origin, int(document["size"]), root)
    return None
