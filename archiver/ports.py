"""What the core and the flows need of the outside world, as protocols.

The only implementations live in `archiver.edges`; `archiver.wire` joins the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pyarrow as pa

    from archiver.record import Exchange, Request

__all__ = [
    "Check",
    "Clock",
    "Engine",
    "HomeFiles",
    "ObjectVersion",
    "Progress",
    "Randomness",
    "Recorder",
    "Signer",
    "Spool",
    "SpoolFile",
    "Store",
    "StoredObject",
    "Versioned",
    "Workers",
]


_T = TypeVar("_T")
_R = TypeVar("_R")


class StoredObject(NamedTuple):
    """One object of a store: its key and its size in bytes."""

    key: str
    size: int


class ObjectVersion(NamedTuple):
    """One version of an object as a store keeps it, or the marker that hides the others.

    ``latest``: the one that readers get. A marker has no bytes.
    """

    key: str
    size: int
    version: str
    latest: bool
    marker: bool


class Versioned(NamedTuple):
    """The bytes of a mutable object and the version token they were read at."""

    data: bytes
    version: str


class Check(NamedTuple):
    """One guarantee: whether it holds here, and what was tried or what its lack means.

    ``needed``: an archive must not be used without it. What is not needed and does not
    hold is a limit to know of. ``offered``: whether anybody promised it in the first place.
    """

    name: str
    held: bool
    detail: str
    needed: bool = True
    offered: bool = True


class Store(Protocol):
    """An object store with conditional create and compare-and-swap.

    Keys are relative, ``/``-separated, and made in `archiver.layout` only. Every
    write is durable and atomic: after a crash at any instant an object is there
    whole or not at all.
    """

    def describe(self) -> str:
        """Return where this store is, for people, without secrets."""
        ...

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises `MissingObjectError`."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Open the object for reading from its start. Raises `MissingObjectError`."""
        ...

    def create(self, key: str, data: bytes | BinaryIO) -> None:
        """Store a new object. Raises `AlreadyExistsError` where the key is not free."""
        ...

    def load(self, key: str) -> Versioned | None:
        """Return a mutable object with its version token, or None."""
        ...

    def swap(self, key: str, data: bytes, expected: str | None) -> str:
        """Replace an object whose version is still ``expected``, None: that is not there yet.

        Return the new version token. Raises `ConflictError`.
        """
        ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield all objects whose key starts with ``prefix``, in key order."""
        ...

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield what is kept besides the objects that `list` shows; nothing without versions.

        That is older versions, those that a delete marker hides, and the markers.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove an object. Removing one that is not there is no error."""
        ...

    def erase(self, key: str) -> Sequence[str]:
        """Remove an object, if any, with all its versions; return in words what survives."""
        ...

    def lock(self, key: str, until: datetime, *, held: bool | None) -> datetime | None:
        """Have an object removed by nobody before ``until``, nor while held; return the lock's end.

        ``held`` None: as it was. None from a store that is not to lock. Raises `StoreError`.
        """
        ...

    def sweep(self) -> int:
        """Remove what writers that no longer run left half-done. Returns how many."""
        ...

    def preflight(self) -> Sequence[Check]:
        """Prove by trying what this store enforces. Leaves nothing, touches no other key."""
        ...


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """Return the current time, in UTC, with time zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Randomness(Protocol):
    """A cryptographically secure source of random bytes."""

    def bytes(self, count: int) -> bytes:
        """Return ``count`` random bytes."""
        ...


class Signer(Protocol):
    """A key that signs checkpoints (C2SP signed-note, Ed25519), or cosigns them."""

    @property
    def verifier_key(self) -> str:
        """The public key in signed-note form, ``name+hash+base64``."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``: 64 bytes for Ed25519, 2,420 for ML-DSA-44."""
        ...


class Progress(Protocol):
    """Something that shows a person how far long work has come."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Report that ``done`` of ``total`` (None: unknown) units are finished."""
        ...


class HomeFiles(Protocol):
    """Small private files of a home, by relative, ``/``-separated name; writes are atomic."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        ...

    def view(self, name: str) -> memoryview | None:
        """Return a file's bytes to be read where they are asked for; None where there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Create or replace a file."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file. Removing one that is not there is no error."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names of all files that start with ``prefix``, sorted."""
        ...

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Wait for a lock, and hold it: one process of this home does until it ends anyhow."""
        ...


class SpoolFile(Protocol):
    """One closed spool file and the exchange numbers in it, both ends included."""

    @property
    def first(self) -> int:
        """The number of its first exchange."""
        ...

    @property
    def last(self) -> int:
        """The number of its last exchange."""
        ...


class Spool(Protocol):
    """Durable, numbered exchanges of one account in one home, until they are sealed.

    Holding one open keeps every other process of this home off the account.
    """

    @property
    def lane(self) -> str:
        """The random handle of this account in this home."""
        ...

    def pending(self) -> Sequence[SpoolFile]:
        """Close the file being written; return all that wait to be sealed, oldest first."""
        ...

    def read(self, file: SpoolFile, /) -> Iterator[Exchange]:
        """Yield the exchanges of a file, in order. Raises `IntegrityError`."""
        ...

    def raw(self, file: SpoolFile, /) -> bytes:
        """Return a spool file as stored: a plain WARC 1.1 file."""
        ...

    def discard(self, file: SpoolFile, /) -> None:
        """Remove a file whose exchanges are sealed and settled."""
        ...


class Recorder(Protocol):
    """Sends requests and has every exchange durable before anybody sees it."""

    def send(self, request: Request, purpose: Mapping[str, str]) -> Exchange:
        """Send a request, follow its redirects, return the last exchange.

        Raises `TransientError` after recording what came, where the network failed.
        """
        ...

    def log_in(self, request: Request) -> bytes:
        """Send one request of a login, record nothing, return the raw response.

        Raises `TransientError` where no whole response came.
        """
        ...


class Engine(Protocol):
    """A query engine over tables in memory."""

    def query(
        self, tables: Mapping[str, pa.Table], sql: str, parameters: Sequence[object]
    ) -> pa.Table:
        """Run one parameterised SQL statement over the named tables."""
        ...


class Workers(Protocol):
    """Processes that share work, each with the archive open."""

    def run(self, job: Callable[[Any, _T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Yield ``job(archive, item)`` for each item, in their order.

        ``job`` is a function of a module, and all that goes in or out can be pickled.
        """
        ...
