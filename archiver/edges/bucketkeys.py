"""The key store in a bucket: file keys wrapped as in a folder, without any lock.

::

    periods/<period>             `archiver.formats.perioddoc`: its key, and who else has it
    wraps/<object>/<period>      a file key, wrapped under the key of the period

Nobody can lock a bucket, so the order of writes has to do it. Whoever makes a file key
first puts a place holder where its wrap will be, and only then reads the period's key; the
wrap takes the place of that very holder. Whoever rotates or shreds a period first changes
its document and then goes through all wraps: a place holder it replaces by another. So a
wrap under a key that is going meanwhile can't be written any more: its writer loses the
race for the place, and begins again with the key that is there then.

The bucket must forget: one that keeps versions is refused before the first key goes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.bucketending import end_empty
from archiver.edges.bucketperiod import Periods, finished, tries
from archiver.edges.bucketprobe import checks
from archiver.edges.bucketwraps import Wraps
from archiver.edges.perioddir import missing, opened, orphaned, periods_of
from archiver.errors import KeyStoreError
from archiver.formats import keyfile
from archiver.formats.perioddoc import PeriodDocument
from archiver.keyring import Shredded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from archiver.edges.bucketperiod import ErasingStore, Found
    from archiver.edges.bucketwraps import Wrap
    from archiver.keyring import Keks, PersonKey, Recipient
    from archiver.ports import Check, Randomness

__all__ = ["BucketKeyStore"]


class BucketKeyStore:
    """File keys in a bucket (`archiver.keyring.KeyStore`), for any number of homes.

    Args:
        store: the bucket, below a prefix of this archive's own.
        chance: where new keys and nonces come from.
        keks: what seals the keys of periods; nothing in the bucket opens them.
        recipients: returns whom new period keys are sealed to besides.
        person: a reader, whose key opens what it was sealed to.
    """

    def __init__(
        self,
        store: ErasingStore,
        chance: Randomness,
        keks: Keks,
        recipients: Callable[[], Sequence[Recipient]] = tuple,
        person: PersonKey | None = None,
    ) -> None:
        self._store = store
        self._chance = chance
        self._recipients = recipients
        self._periods = Periods(store, keks, person)
        self._wraps = Wraps(store, chance)
        self._forgets = False

    def __repr__(self) -> str:
        """Return where the store is, without keys."""
        return f"BucketKeyStore({self._store.describe()!r})"

    def new_key(self, object_id: str, period: str) -> bytes:
        """Return the 32-byte key of a new object, kept under the key of ``period``.

        Asked again, by whomever, it returns the same key.

        Raises:
            UsageError: a name is empty or too long.
            KeyStoreError: the object has a key of another period already, the period's key
                is lost or damaged, or the bucket keeps versions.
            StoreError: the bucket can't be used.
        """
        keyfile.period_name(period)  # refuses an impossible name before anything is written
        self._refuse_versions()
        for _ in tries(object_id):
            wrap = self._wraps.of(object_id, period) or self._wraps.hold(object_id, period)
            if wrap is None:
                continue  # somebody else asked for it just now
            if not wrap.pending:
                return self._open(wrap)
            made = self._fill(wrap, object_id, period)
            if made:
                return made
        raise missing(object_id)

    def key(self, object_id: str) -> bytes:
        """Return the 32-byte key of an object.

        Raises `KeyStoreError` where it has none, or what opens it is damaged, lost or not for
        this home; `StoreError` where the bucket can't be used.
        """
        wraps = self._wraps.of_object(object_id)
        if not wraps or wraps[0].pending:
            raise missing(object_id)
        return self._open(wraps[0])

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of one object; nothing happens where it has none."""
        keys = self._wraps.keys_of(object_id)
        left = [said for key in keys for said in self._store.erase(key)]
        return Shredded(objects=(object_id,) if keys else (), survives=tuple(left))

    def shred_due(self, due: str) -> Shredded:
        """Destroy all keys of a due period: of each of its streams, and what sealed them.

        Keys go before wraps. Stopped anywhere, calling it again finishes.
        """
        done = self._shred(periods_of(due))
        survives = self._periods.destroy(due)
        return done._replace(survives=(*done.survives, *([survives] if survives else [])))

    def end_empty(self, due: str, streams: Collection[str]) -> Shredded:
        """Destroy the keys of a due period under which nothing is wrapped any more."""
        return end_empty(self._store, self._periods, self._wraps, due, streams)

    def shred_period(self, period: str) -> Shredded:
        """Destroy the key of a period, and with it every file key wrapped under it."""
        return self._shred([period])

    def _shred(self, periods: Iterable[str]) -> Shredded:
        names = {keyfile.period_name(period): period for period in periods}
        gone: list[str] = []
        handles: set[str] = set()
        left: list[str] = []
        for name, period in names.items():
            found = self._periods.erase(name)
            if found is not None:
                gone.append(period)
                handles |= found[0]
                left += found[1]
        objects = []
        for wrap in self._wraps.of_periods(names):
            if wrap.pending or not self._lives(wrap):
                objects += [] if wrap.pending else [wrap.object_id]
                left += self._store.erase(wrap.key)
        return Shredded(tuple(objects), tuple(gone), tuple(sorted(handles)), tuple(left))

    def _lives(self, wrap: Wrap) -> bool:
        """Tell whether a wrap may be under a key that came after the shredded one."""
        found = self._periods.load(wrap.name)
        if found is None:
            return False
        try:
            keys = self._periods.keys(found.document)
        except KeyStoreError:
            return True  # another home's: not ours to judge
        try:
            opened(wrap.data, keys, *wrap.names())
        except KeyStoreError:
            return False
        return True

    def rotate(self, period: str) -> int:
        """Give a period a new key, wrap its file keys again; return how many.

        Stopped at any moment, all keys can be read, and calling it again finishes. Raises
        `KeyStoreError` where the period has no key.
        """
        self._refuse_versions()
        name = keyfile.period_name(period)
        recipients = self._recipients()
        made = self._periods.kept(period, self._chance.bytes(keyfile.KEY_SIZE))

        def begun(now: PeriodDocument) -> PeriodDocument:
            current, coming = (*now.keys, made)[:2]
            # A rotation that was stopped may have sealed it to who was removed meanwhile.
            sealed = self._periods.shared(period, coming, recipients, only=True)
            return PeriodDocument(period, (current, sealed))

        document = self._periods.change(name, begun)
        if document is None:
            raise orphaned(period, name)
        old, new = self._periods.keys(document)
        count = sum(self._under(wrap, old, new) for wrap in self._wraps.of_periods([name]))
        self._periods.change(name, lambda now: finished(now, document))
        return count

    def _under(self, wrap: Wrap, old: bytes, new: bytes) -> bool:
        """Wrap a file key again; one that a later rotation has wrapped is done."""
        try:
            return self._wraps.under(wrap, old, new)
        except KeyStoreError:
            if new in self._periods.keys(self._documented(wrap).document)[1:]:
                raise
            return True

    def share(self, recipients: Sequence[Recipient]) -> None:
        """Seal every period's key to exactly these recipients, as far as each is meant."""
        for name in self._periods.names():
            self._periods.change(name, lambda now: self._periods.share(now, recipients, only=True))

    def sealed(self) -> Mapping[str, Sequence[str]]:
        """Return, by period, the handles of those its key is sealed to."""
        loaded = (self._periods.load(name) for name in self._periods.names())
        found = {one.document.period: sorted(one.document.keys[0].sealed) for one in loaded if one}
        return dict(sorted(found.items()))

    def periods(self) -> tuple[str, ...]:
        """Return all periods that have a key, sorted."""
        return tuple(self.sealed())

    def recover(
        self, handle: str, unseal: Callable[[str, bytes], bytes]
    ) -> tuple[Mapping[str, bytes], Sequence[str]]:
        """Return file keys by object as one recipient alone gets them, and what was lost.

        ``unseal`` opens (period, sealed key) with the recipient's private key; no other is used.
        """
        found: dict[str, bytes] = {}
        lost: list[str] = []
        keys: dict[str, list[bytes]] = {}
        for wrap in self._wraps.of_periods(None):
            if wrap.pending:
                continue  # no key was ever given out
            try:
                if wrap.name not in keys:
                    document = self._documented(wrap).document
                    keys[wrap.name] = self._periods.sealed_keys(document, handle, unseal)
                found[wrap.object_id] = opened(wrap.data, keys[wrap.name], *wrap.names())
            except KeyStoreError:
                lost.append(wrap.object_id)
        return found, lost

    def preflight(self) -> Sequence[Check]:
        """Prove by trying that the bucket swaps conditionally, and forgets what is erased."""
        return checks(self._store)

    def _refuse_versions(self) -> None:
        """Refuse a bucket in which a shredded key would live on; tried once a process."""
        if self._forgets:
            return
        if self._store.keeps_versions():
            raise KeyStoreError(
                "the bucket of the key store keeps versions: a shredded key would live on in one",
                where=self._store.describe(),
                mend="use a bucket without versions, Object Lock, replication and backup",
                code="keystore-versions",
            )
        self._forgets = True

    def _fill(self, wrap: Wrap, object_id: str, period: str) -> bytes | None:
        """Write a wrap in the place of its holder; None where that was taken meanwhile."""
        key = self._periods.keys(self._ready(period, wrap.name))[-1]
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        file_key = self._chance.bytes(keyfile.KEY_SIZE)
        data = keyfile.wrap(file_key, key, nonce, object_id, period)
        return file_key if self._wraps.replace(wrap, data) else None

    def _ready(self, period: str, name: str) -> PeriodDocument:
        """Return a period's document, made if the period is new, sealed to all recipients."""
        recipients = self._recipients()
        for _ in tries(period):
            found = self._periods.change(
                name, lambda now: self._periods.share(now, recipients, only=False)
            )
            if found is not None:
                return found
            if any(not wrap.pending for wrap in self._wraps.of_periods([name])):
                if self._periods.load(name) is None:
                    raise orphaned(period, name)
                continue  # somebody made it in between
            key = self._periods.kept(period, self._chance.bytes(keyfile.KEY_SIZE))
            made = self._periods.share(PeriodDocument(period, (key,)), recipients, only=True)
            if self._periods.put(made, None):
                return made
        raise orphaned(period, name)

    def _open(self, wrap: Wrap) -> bytes:
        """Return the key in a wrap; read both again where a rotation came between them."""
        for _ in tries(wrap.key):
            document = self._documented(wrap).document
            try:
                return opened(wrap.data, self._periods.readable(document), *wrap.names())
            except KeyStoreError as error:
                again = self._wraps.load(wrap.key)
                if again is None or again.data == wrap.data:
                    error.where = error.where or wrap.key
                    raise
                wrap = again
        raise missing(wrap.object_id)

    def _documented(self, wrap: Wrap) -> Found:
        found = self._periods.load(wrap.name)
        if found is None:
            raise orphaned(wrap.names()[1], wrap.name)
        return found
