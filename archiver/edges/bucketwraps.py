"""Wrapped file keys in a bucket, and the place holders of those to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.edges.bucketperiod import tries
from archiver.edges.perioddir import located
from archiver.errors import ConflictError, KeyStoreError
from archiver.formats import keyfile
from archiver.formats.perioddoc import PENDING_NONCE, is_pending, pending, pending_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.edges.bucketperiod import ErasingStore
    from archiver.ports import Randomness

__all__ = ["WRAPS", "Wrap", "Wraps"]

WRAPS = "wraps/"


class Wrap(NamedTuple):
    """A wrap or its place holder as it was read: key, bytes, version token."""

    key: str
    data: bytes
    version: str

    @property
    def name(self) -> str:
        """The name of its period."""
        return self.key.rpartition("/")[2]

    @property
    def pending(self) -> bool:
        """Whether it is a place holder."""
        return is_pending(self.data)

    @property
    def object_id(self) -> str:
        """The object id that it states, or its key where it is too damaged to state one."""
        try:
            return keyfile.wrapped_names(self.data)[0]
        except KeyStoreError:
            return self.key

    def names(self) -> tuple[str, str]:
        """Return object id and period. Raises `KeyStoreError` where it lies under others."""
        with located(self.key):
            object_id, period = keyfile.wrapped_names(self.data)
        if self.key != key_of(object_id, period):
            raise KeyStoreError(
                "a wrap lies under the name of another object or period",
                where=self.key,
                mend="restore the key store from its backup, then try again",
            )
        return object_id, period


def key_of(object_id: str, period: str) -> str:
    """Return where the wrap of an object lies."""
    return f"{WRAPS}{keyfile.object_name(object_id)}/{keyfile.period_name(period)}"


class Wraps:
    """The wraps in a bucket."""

    def __init__(self, store: ErasingStore, chance: Randomness) -> None:
        self._store = store
        self._chance = chance

    def load(self, key: str) -> Wrap | None:
        """Return what is under a key, or None."""
        found = self._store.load(key)
        return Wrap(key, found.data, found.version) if found else None

    def keys_of(self, object_id: str) -> list[str]:
        """Return where an object has wraps: one place, unless backups were mixed."""
        return [one.key for one in self._store.list(f"{WRAPS}{keyfile.object_name(object_id)}/")]

    def find(self, object_id: str) -> Wrap | None:
        """Return the wrap of an object, whatever its period; or None."""
        found = (self.load(key) for key in self.keys_of(object_id))
        return next((one for one in found if one), None)

    def of_periods(self, names: Collection[str] | None) -> Iterator[Wrap]:
        """Yield all wraps of periods of these names; None: of all."""
        keys = [one.key for one in self._store.list(WRAPS)]
        for key in keys:
            if names is None or key.rpartition("/")[2] in names:
                found = self.load(key)
                if found:
                    yield found

    def hold(self, object_id: str, period: str) -> Wrap | None:
        """Put a place holder for a wrap to come; None where somebody else did."""
        key = key_of(object_id, period)
        data = pending(object_id, period, self._chance.bytes(PENDING_NONCE))
        try:
            wrap = Wrap(key, data, self._store.swap(key, data, None))
        except ConflictError:
            return None
        if self.keys_of(object_id) == [key]:
            return wrap
        self._store.erase(key)  # two asked for the object, with different periods
        return None

    def replace(self, wrap: Wrap, data: bytes) -> bool:
        """Put other bytes in the place of a wrap; False where it has changed meanwhile."""
        try:
            self._store.swap(wrap.key, data, wrap.version)
        except ConflictError:
            return False
        return True

    def under(self, wrap: Wrap, old: bytes, new: bytes) -> bool:
        """Wrap a file key again, under the new key of its period; tell whether it has one.

        A place holder is replaced by another, so that its writer reads the keys again.
        """
        found: Wrap | None = wrap
        for _ in tries(wrap.key):
            if found is None:
                return False
            if found.pending:
                if self.replace(found, self._other_holder(found)):
                    return False
            elif self._is_under(found, new) or self.replace(found, self._again(found, old, new)):
                return True
            found = self.load(wrap.key)
        return False

    def _other_holder(self, wrap: Wrap) -> bytes:
        return pending(*pending_names(wrap.data), self._chance.bytes(PENDING_NONCE))

    def _is_under(self, wrap: Wrap, key: bytes) -> bool:
        try:
            keyfile.open_wrap(wrap.data, key, *wrap.names())
        except KeyStoreError:
            return False
        return True

    def _again(self, wrap: Wrap, old: bytes, new: bytes) -> bytes:
        with located(wrap.key):
            file_key = keyfile.open_wrap(wrap.data, old, *wrap.names())
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        return keyfile.wrap(file_key, new, nonce, *wrap.names())
