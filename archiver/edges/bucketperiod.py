"""One period of a key store in a bucket: its document, changed by compare-and-swap alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.edges.perioddir import located
from archiver.errors import ConflictError, KeyStoreError, StoreError
from archiver.formats import keyfile, sealing
from archiver.formats.perioddoc import PeriodDocument, PeriodKey
from archiver.ports import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archiver.keyring import Keks, PersonKey, Recipient

__all__ = ["PERIODS", "ErasingStore", "Found", "Periods", "finished", "tries"]

PERIODS = "periods/"
TRIES = 32


class ErasingStore(Store, Protocol):
    """A store (`archiver.ports.Store`) of which can be told that it forgets."""

    def erase(self, key: str) -> Sequence[str]:
        """Remove every version of an object; return in words what survives."""
        ...

    def keeps_versions(self) -> bool:
        """Tell by trying whether what is replaced or deleted lives on as a version."""
        ...


def tries(where: str) -> Iterator[int]:
    """Yield the numbers of attempts; raise `StoreError` where others always were quicker."""
    yield from range(TRIES)
    raise StoreError(
        "others kept changing the key store",
        where=where,
        mend="run the same command again later",
        code="keystore-busy",
    )


class Found(NamedTuple):
    """A period's document as it was read, and its version token."""

    document: PeriodDocument
    version: str


class Periods:
    """The documents of periods.

    Args:
        store: the bucket.
        keks: what seals the keys of periods.
        person: a reader, whose key opens what it was sealed to.
    """

    def __init__(self, store: ErasingStore, keks: Keks, person: PersonKey | None) -> None:
        self._store = store
        self._keks = keks
        self._person = person

    def names(self) -> list[str]:
        """Return the names of all periods that have a key."""
        return [one.key.removeprefix(PERIODS) for one in self._store.list(PERIODS)]

    def load(self, name: str) -> Found | None:
        """Return a period's document, or None. Raises `KeyStoreError` on a damaged one."""
        found = self._store.load(PERIODS + name)
        if found is None:
            return None
        with located(PERIODS + name):
            return Found(PeriodDocument.decode(found.data, name), found.version)

    def erase(self, name: str) -> tuple[frozenset[str], Sequence[str]] | None:
        """Destroy a period's keys, damaged or not; return who else had them, and what survives.

        None where there are none.
        """
        key = PERIODS + name
        found = self._store.load(key)
        if found is None:
            return None
        try:
            keys = PeriodDocument.decode(found.data, name).keys
        except KeyStoreError:
            keys = ()
        handles = frozenset(handle for one in keys for handle in one.sealed)
        return handles, self._store.erase(key)

    def destroy(self, due: str) -> str:
        """Destroy what sealed the keys of a due period; return what of it survives."""
        return self._keks.destroy(due)

    def put(self, document: PeriodDocument, expected: str | None) -> bool:
        """Put a document in the place of a version, or of none; False where that has changed."""
        key = PERIODS + keyfile.period_name(document.period)
        try:
            self._store.swap(key, document.encode(), expected)
        except ConflictError:
            return False
        return True

    def change(
        self, name: str, act: Callable[[PeriodDocument], PeriodDocument]
    ) -> PeriodDocument | None:
        """Change a document, beginning again while others do; return what it is then.

        None where the period is gone meanwhile. Nothing is written where nothing changes.
        """
        for _ in tries(PERIODS + name):
            found = self.load(name)
            if found is None:
                return None
            wanted = act(found.document)
            if wanted == found.document or self.put(wanted, found.version):
                return wanted
        return None

    def kept(self, period: str, key: bytes) -> PeriodKey:
        """Return a period key as it is kept: sealed by the keeper, and to nobody yet."""
        return PeriodKey(self._keks.seal(period, key))

    def share(
        self, document: PeriodDocument, recipients: Sequence[Recipient], *, only: bool
    ) -> PeriodDocument:
        """Return a document sealed to recipients that lack it; ``only``: to nobody else."""
        period = document.period
        keys = (self.shared(period, one, recipients, only=only) for one in document.keys)
        return PeriodDocument(period, tuple(keys))

    def shared(
        self, period: str, one: PeriodKey, recipients: Sequence[Recipient], *, only: bool
    ) -> PeriodKey:
        """Return a period key sealed likewise. It is opened only where somebody lacks it."""
        wanted = {to.handle: public for to in recipients if (public := to.public(period))}
        kept = {to: data for to, data in one.sealed.items() if to in wanted or not only}
        if lacking := wanted.keys() - kept.keys():
            key = self._opened(period, one)
            for to in sorted(lacking):
                kept[to] = sealing.seal(key, wanted[to], sealing.info_of(period, to))
        return PeriodKey(one.file, kept)

    def keys(self, document: PeriodDocument) -> list[bytes]:
        """Return the keys of a period by what seals them. Raises `KeyStoreError`."""
        return [self._opened(document.period, one) for one in document.keys]

    def readable(self, document: PeriodDocument) -> list[bytes]:
        """Return the keys of a period; where this home can't open them, as sealed to the reader.

        Only for reading: the reader may have the old one of two alone.
        """
        person = self._person
        try:
            return self.keys(document)
        except KeyStoreError:
            if person is None or all(person.handle not in one.sealed for one in document.keys):
                raise
        return self.sealed_keys(
            document,
            person.handle,
            lambda p, data: person.unseal(data, sealing.info_of(p, person.handle)),
        )

    def sealed_keys(
        self, document: PeriodDocument, handle: str, unseal: Callable[[str, bytes], bytes]
    ) -> list[bytes]:
        """Return the keys of a period that somebody can open. Raises `KeyStoreError`."""
        found = (one.sealed[handle] for one in document.keys if handle in one.sealed)
        return [unseal(document.period, data) for data in found]

    def _opened(self, period: str, one: PeriodKey) -> bytes:
        with located(PERIODS + keyfile.period_name(period)):
            return self._keks.open(period, one.file)


def finished(now: PeriodDocument, begun: PeriodDocument) -> PeriodDocument:
    """Return a document after the rotation that ``begun`` began; others may have ended it."""
    under_way = now.keys[1:] and now.keys[0].file == begun.keys[0].file
    return PeriodDocument(now.period, now.keys[1:]) if under_way else now
