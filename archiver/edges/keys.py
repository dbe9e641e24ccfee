"""The key store: file keys wrapped under keys of the period they become due in.

::

    <directory>/lock                       held by whoever writes
    <directory>/tmp/                       half-done work, cleared by the next writer
    <directory>/periods/<period>/          `archiver.edges.perioddir`

Names are hashes, files 0600, directories 0700; ``docs/formats/keystore.md`` gives every
byte. Keep this directory out of every backup of content, and give it a short-lived one
of its own: a backup of a shredded key is the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.keks import PlainKeks
from archiver.edges.perioddir import (
    PeriodDirectory,
    located,
    missing,
    opened,
    orphaned,
    other_period,
    periods_of,
    stated,
)
from archiver.edges.privatedir import (
    PrivateDirectory,
    explained,
    make_private,
    read_private,
    sync_directory,
)
from archiver.edges.signer import FileSigner
from archiver.errors import KeyStoreError
from archiver.formats import keyfile, sealing
from archiver.keyring import Shredded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from archiver.keyring import Keks, PersonKey, Recipient
    from archiver.ports import Check, Randomness

__all__ = ["FileSigner", "LocalKeyStore", "Shredded"]


class LocalKeyStore:
    """File keys in a directory (`archiver.ports.KeyStore`).

    Any number of processes may use one directory. A kill at any instant leaves it whole:
    a key that was returned is there, one that was not returned may be.

    Args:
        directory: where the keys live; made with mode 0700 when missing.
        chance: where new keys and nonces come from.
        keks: what seals the keys of periods.
        recipients: returns whom new period keys are sealed to besides.
        person: a reader, whose key opens what it was sealed to.

    Raises:
        KeyStoreError: the directory is open to others, or cannot be used.
    """

    def __init__(
        self,
        directory: Path,
        chance: Randomness,
        keks: Keks | None = None,
        recipients: Callable[[], Sequence[Recipient]] = tuple,
        person: PersonKey | None = None,
    ) -> None:
        self._files = PrivateDirectory(directory)
        self._periods = directory / "periods"
        self._chance = chance
        self._keks = keks or PlainKeks()
        self._recipients = recipients
        self._person = person
        make_private(self._periods)

    def __repr__(self) -> str:
        """Return where the store is, without keys."""
        return f"LocalKeyStore({str(self._files.root)!r})"

    def new_key(self, object_id: str, period: str) -> bytes:
        """Return the 32-byte key of a new object, durably kept under the key of ``period``.

        Asked again, by whomever, it returns the same key.

        Raises:
            UsageError: a name is empty or too long.
            KeyStoreError: the object has a key of another period already, or the period's
                key is missing or damaged, or the directory cannot be used.
        """
        with self._files.writing():
            found = self._find(object_id)
            path = found or self._directory(period) / keyfile.object_name(object_id)
            if path.parent != self._directory(period):
                raise other_period(object_id, period)
            if found is None:
                self._add(path, object_id, period)
            else:  # whoever put it there may have been killed before its name was on disk
                sync_directory(path.parent)
            return self._open(path, object_id)

    def key(self, object_id: str) -> bytes:
        """Return the 32-byte key of an object.

        Raises:
            KeyStoreError: it has none, or the wrap or its period's key is missing, damaged
                or readable by others.
        """
        with explained(self._periods):
            path = self._find(object_id)
        before = None if path is None else read_private(path)
        try:
            return self._open(path, object_id)
        except KeyStoreError:
            # A rotation may end between the reading of wrap and key: the wrap is another one then.
            if path is None or read_private(path) in (None, before):
                raise
            return self._open(path, object_id)

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of one object; nothing happens where it has none."""
        with self._files.writing():
            found = False
            # A store put together from two backups may have a wrap under two periods.
            while path := self._find(object_id):
                found = self._files.shred(path)
        return Shredded(objects=(object_id,) if found else ())

    def shred_period(self, period: str) -> Shredded:
        """Destroy the key of a period, and with it every file key wrapped under it.

        After a kill, calling it again finishes. Raises `KeyStoreError`.
        """
        with self._files.writing():
            return self._shred(period)

    def _shred(self, period: str) -> Shredded:
        directory = self._directory(period)
        done = self._at(directory).shred() if directory.is_dir() else Shredded()
        return done._replace(periods=(period,) if done.periods else ())

    def shred_due(self, due: str) -> Shredded:
        """Destroy all keys of a due period: of each of its streams, and what sealed them.

        Raises `KeyStoreError` where the directory can't be used, or its KMS does not answer.
        """
        with self._files.writing():
            done = [self._shred(one) for one in periods_of(due)]
            survives = self._keks.destroy(due)
        return Shredded.together(done, survives)

    def end_empty(self, due: str, streams: Collection[str]) -> Shredded:
        """Destroy the keys of a due period under which nothing is wrapped any more.

        Of the streams that are named; and what sealed them, once it has no key at all. Nobody can
        come between: who makes a key meanwhile finds the period as it was, or makes it anew.
        """
        with self._files.writing():
            kept = [one for one in periods_of(due) if self._directory(one).is_dir()]
            empty = [one for one in kept if not self._at(self._directory(one)).wraps()]
            named = {f"{due}/{name}" for name in streams}
            done = [self._shred(one) for one in empty if one in named]
            survives = self._keks.destroy(due) if len(done) == len(kept) else ""
        return Shredded.together(done, survives)

    def rotate(self, period: str) -> int:
        """Give a period a new key, wrap its file keys again; return how many.

        Content stays as it is. Stopped at any moment, all keys can be read, and calling it
        again finishes.

        Raises:
            KeyStoreError: the period has no key, or a file of it is damaged.
        """
        directory = self._directory(period)
        with self._files.writing():
            if not directory.is_dir() or not self._at(directory).has_key():
                raise orphaned(period, directory)
            self._at(directory).settle()
            return self._at(directory).rotate(period, self._chance, self._recipients())

    def share(self, recipients: Sequence[Recipient]) -> None:
        """Seal every period's key to exactly these recipients, as far as each is meant."""
        with self._files.writing():
            for path in self._live():
                one = self._at(path)
                one.settle()
                one.seal(one.stated(), recipients, only=True)

    def sealed(self) -> Mapping[str, Sequence[str]]:
        """Return, by period, the handles of those its key is sealed to."""
        with self._files.writing():
            found = {self._at(path).stated(): self._at(path).recipients() for path in self._live()}
        return dict(sorted(found.items()))

    def recover(
        self, handle: str, unseal: Callable[[str, bytes], bytes]
    ) -> tuple[Mapping[str, bytes], Sequence[str]]:
        """Return file keys by object as one recipient alone gets them, and what was lost.

        Neither period keys nor what seals them are used. ``unseal`` opens (period, sealed
        key) with the recipient's private key.
        """
        found: dict[str, bytes] = {}
        lost: list[str] = []
        with explained(self._periods):
            for path in sorted(self._periods.iterdir()):
                keys, without = self._at(path).recover(handle, unseal)
                found |= keys
                lost += without
        return found, lost

    def periods(self) -> tuple[str, ...]:
        """Return all periods that have a key, sorted. Raises `KeyStoreError`."""
        with self._files.writing():
            found = [self._at(path).stated() for path in self._live()]
        return tuple(sorted(found))

    def object_ids(self) -> tuple[str, ...]:
        """Return the ids of all objects whose wrap and period key are there, sorted."""
        with self._files.writing():
            wraps = [wrap for path in self._live() for wrap in self._at(path).wraps()]
            found = [stated(path, keyfile.wrapped_names)[0] for path in wraps]
        return tuple(sorted(found))

    def preflight(self) -> Sequence[Check]:
        """Return nothing: a folder is tried by making, reading and shredding a key."""
        return ()

    def _live(self) -> list[Path]:
        return [path for path in sorted(self._periods.iterdir()) if self._at(path).has_key()]

    def _at(self, path: Path) -> PeriodDirectory:
        return PeriodDirectory(self._files, path, self._keks)

    def _directory(self, period: str) -> Path:
        return self._periods / keyfile.period_name(period)

    def _find(self, object_id: str) -> Path | None:
        """Return where the wrap of an object lies: there are few periods, so all are asked."""
        name = keyfile.object_name(object_id)
        paths = (directory / name for directory in sorted(self._periods.iterdir()))
        return next((path for path in paths if path.exists()), None)

    def _add(self, path: Path, object_id: str, period: str) -> None:
        period_key = self._period_key(period)
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        file_key = self._chance.bytes(keyfile.KEY_SIZE)
        self._files.create(path, keyfile.wrap(file_key, period_key, nonce, object_id, period))

    def _period_key(self, period: str) -> bytes:
        """Return the key of a period, made if the period is new, and sealed to recipients."""
        directory = self._directory(period)
        make_private(directory)
        one = self._at(directory)
        one.settle()
        if not one.has_key():
            if any(directory.iterdir()):
                raise orphaned(period, directory)
            one.make_key(period, self._chance.bytes(keyfile.KEY_SIZE))
        one.seal(period, self._recipients(), only=False)
        return one.keys(period)[0]

    def _open(self, path: Path | None, object_id: str) -> bytes:
        wrapped = None if path is None else read_private(path)
        if path is None or wrapped is None:
            raise missing(object_id)
        with located(path):
            _, period = keyfile.wrapped_names(wrapped)
            return opened(wrapped, self._keys(path.parent, period), object_id, period)

    def _keys(self, directory: Path, period: str) -> list[bytes]:
        """Return the keys of a period: by what seals them, else as they were sealed to a reader."""
        one = self._at(directory)
        person = self._person
        try:
            keys = one.keys(period)
        except KeyStoreError:
            if person is None:
                raise
            keys = []
        if not keys and person is not None:
            keys = one.sealed_keys(
                person.handle,
                period,
                lambda p, data: person.unseal(data, sealing.info_of(p, person.handle)),
            )
        if not keys:
            raise orphaned(period, directory)
        return keys
