"""The store port on top of a bucket's requests, whatever library sends them."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Protocol

from archiver.edges import s3erase, s3errors, s3probe, s3put, s3retain
from archiver.edges.rangereader import open_ranges
from archiver.edges.s3body import Body, prepared
from archiver.edges.s3errors import Failure
from archiver.edges.storekeys import check_key, check_prefix
from archiver.edges.storeprobe import preflight
from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError
from archiver.ports import ObjectVersion, StoredObject, Versioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from archiver.ports import Check

__all__ = ["Bucket", "BucketStore"]

_NEW = {"IfNoneMatch": "*"}


class Bucket(s3probe.Asking, Protocol):
    """The requests an archive makes of its bucket; each raises `Failure`."""

    def describe(self) -> str:
        """Return the address, for people."""
        ...

    def read(self, key: str, span: tuple[int, int] | None = None) -> Versioned:
        """GetObject of all or of an inclusive span, of the announced length."""
        ...

    def pages(self, prefix: str) -> Iterator[tuple[str, int]]:
        """ListObjectsV2: key and size of all objects below the archive's prefix."""
        ...

    def versions(self) -> Iterator[ObjectVersion]:
        """ListObjectVersions: all versions and markers below the archive's prefix."""
        ...

    def delete(self, key: str) -> None:
        """DeleteObject."""
        ...

    def removing(self, key: str) -> Bucket:
        """Return the same bucket, as whoever may remove the versions of a key knows it."""
        ...


class BucketStore:
    """A store over the requests of a bucket, for any number of threads and processes.

    Implements `archiver.ports.Store`. The version token is the ETag without its quotes.

    Args:
        bucket: the requests.
        etag_quotes: whether ``If-Match`` needs the quotes of the ETag (AWS sends and
            takes them, Ceph takes only the bare text); None finds out at the first
            swap and remembers.
        locks: ``governance`` or ``compliance``: how `lock` locks; empty: not at all.
    """

    def __init__(self, bucket: Bucket, *, etag_quotes: bool | None = None, locks: str = "") -> None:
        self.etag_quotes = etag_quotes
        self._locks = locks
        self._bucket = bucket

    def describe(self) -> str:
        """Return the address of the archive, without secrets."""
        return self._bucket.describe()

    @contextmanager
    def _explained(self, doing: str, key: str) -> Iterator[None]:
        try:
            yield
        except Failure as failure:
            raise s3errors.explain(failure, doing, self._bucket.where(key)) from failure

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises `MissingObjectError`, `StoreError`."""
        check_key(key)
        with self._explained("read an object", key):
            return self._bucket.read(key).data

    def load(self, key: str) -> Versioned | None:
        """Return a mutable object with its version token, or None. Raises `StoreError`."""
        check_key(key)
        try:
            with self._explained("read an object", key):
                return self._bucket.read(key)
        except MissingObjectError:
            return None

    def open(self, key: str) -> BinaryIO:
        """Open the object as a seekable file over range requests.

        Raises `MissingObjectError`, `StoreError`; reading raises `StoreError` when the
        object is replaced or gone meanwhile.
        """
        check_key(key)
        with self._explained("read an object", key):
            head = self._bucket.head(key)

        def fetch(start: int, count: int) -> bytes:
            with self._explained("read an object", key):
                data, version = self._bucket.read(key, (start, start + count - 1))
            if (version, len(data)) != (head.version, count):
                raise s3errors.damaged("replaced while it was read", self._bucket.where(key))
            return data

        return open_ranges(head.size, fetch)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with ``prefix``, in byte order of keys.

        Raises `StoreError`, also for a store that lists in another order.
        """
        check_prefix(prefix)
        return self._listed(prefix)

    def _listed(self, prefix: str) -> Iterator[StoredObject]:
        last = b""  # which is also the marker object some tools make for the prefix itself
        with self._explained("list objects", prefix):
            for key, size in self._bucket.pages(prefix):
                place = key.encode()
                if place < last:
                    raise s3errors.unordered(self._bucket.where(prefix))
                if key:
                    yield StoredObject(key, size)
                last = place

    def create(self, key: str, data: bytes | BinaryIO) -> None:
        """Store a new object, looked up where the answer was lost.

        Raises `AlreadyExistsError`, `StoreError`; code ``store-uncertain`` where the
        object may have been stored.
        """
        check_key(key)
        with prepared(data) as body:
            version = s3put.put(self._bucket, key, body, _NEW)
        if version is None:
            raise AlreadyExistsError(
                "an object is stored under this key already",
                where=self._bucket.where(key),
                mend="objects are never overwritten: compare, or use a new key",
            )

    def swap(self, key: str, data: bytes, expected: str | None) -> str:
        """Replace an object whose version is still ``expected``; return the new version.

        Where an answer was lost and the write was replaced again before it could be
        looked up, this raises `ConflictError` as if it had never been: load and see.
        Raises `ConflictError`, `StoreError` (code ``store-uncertain``: maybe replaced).
        """
        check_key(key)
        with prepared(data) as body:
            if expected is None:
                version = s3put.put(self._bucket, key, body, _NEW)
            else:
                version = self._put_over(key, body, expected)
        if version is None:
            raise ConflictError(
                "the object is no longer the version that was expected",
                where=self._bucket.where(key),
                mend="somebody else was quicker: load it again and start over",
            )
        return version

    def _put_over(self, key: str, body: Body, expected: str) -> str | None:
        """Put with ``If-Match``, in the spelling that this store is known to take, then the other.

        What it is known to take may be wrong: where an answer was lost and somebody else wrote
        the same bytes, a refused spelling looked like one that was taken.
        """
        known = self.etag_quotes is not False
        for quotes in (known, not known):
            match = f'"{expected}"' if quotes else expected
            version = s3put.put(self._bucket, key, body, {"IfMatch": match})
            if version is not None:
                self.etag_quotes = quotes
                return version
            found = self.load(key)
            if found is None or found.version != expected:
                break  # refused rightly, whatever the spelling
        return None

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield older versions, those behind a delete marker, and the markers.

        Nothing for a bucket that never had versions. Raises `StoreError`.
        """
        with self._explained("list versions", ""):
            for one in self._bucket.versions():
                if one.key and (one.marker or not one.latest):
                    yield one

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error. Raises `StoreError`."""
        check_key(key)
        with self._explained("delete an object", key):
            self._bucket.delete(key)

    def erase(self, key: str) -> Sequence[str]:
        """Remove every version of an object; return in words what survives. Raises `StoreError`."""
        check_key(key)
        with self._explained("erase an object", key):
            return s3erase.erase(self._bucket.removing(key), key)

    def lock(self, key: str, until: datetime, *, held: bool | None) -> datetime | None:
        """Lock an object until a moment; return its lock's end. Raises `StoreError`."""
        check_key(key)
        if not self._locks:
            return None
        with self._explained("lock an object", key):
            return s3retain.retain(self._bucket, key, self._locks, until, held=held)

    def keeps_versions(self) -> bool:
        """Tell by trying whether what is replaced or deleted lives on. Raises `StoreError`."""
        with self._explained("see whether versions are kept", ""):
            return s3erase.keeps_versions(self._bucket)

    def sweep(self) -> int:
        """Return 0: a write here leaves nothing half-done."""
        return 0

    def preflight(self) -> Sequence[Check]:
        """Prove by trying what this store enforces; where it locks, that takes 20 seconds."""
        return preflight(self, partial(s3probe.checks, self._bucket))
