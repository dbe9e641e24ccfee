"""One period of a local key store: its key, to whom it is sealed, the wraps under it.

::

    key          the period's key          key.next          the one that takes its place
    to-<handle>  sealed to a recipient     to-<handle>.next  the next one, sealed likewise
    <64 hex>     a file key, wrapped

A rotation may stop anywhere: as long as ``key.next`` is there, a wrap may be under either
key, and both are tried. Who finds ``key`` gone and ``key.next`` there, puts it in place.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from archiver.edges.privatedir import read_private, sync_directory
from archiver.errors import KeyStoreError
from archiver.formats import keyfile, sealing
from archiver.keyring import Shredded
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from archiver.edges.privatedir import PrivateDirectory
    from archiver.keyring import Keks, Recipient
    from archiver.ports import Randomness

__all__ = [
    "PeriodDirectory",
    "located",
    "missing",
    "opened",
    "orphaned",
    "other_period",
    "periods_of",
    "stated",
    "stated_object",
]

T = TypeVar("T")

KEY, NEXT, TO = "key", ".next", "to-"
NAME_LENGTH = 64
STREAMS = (*Stream, "intake")
"""What the periods of one due period end in."""


class PeriodDirectory:
    """What a directory of a period holds. Changes are made while `PrivateDirectory.writing`."""

    def __init__(self, files: PrivateDirectory, path: Path, keks: Keks) -> None:
        self._files = files
        self._keks = keks
        self.path = path

    def wraps(self) -> list[Path]:
        """Return the wraps, sorted."""
        return sorted(path for path in self.path.iterdir() if len(path.name) == NAME_LENGTH)

    def recipients(self) -> list[str]:
        """Return the handles of those to whom the key is sealed, sorted."""
        names = (path.name for path in self.path.iterdir())
        return sorted(
            n.removeprefix(TO) for n in names if n.startswith(TO) and not n.endswith(NEXT)
        )

    def has_key(self) -> bool:
        """Tell whether the period has a key."""
        return any((self.path / name).exists() for name in (KEY, KEY + NEXT))

    def stated(self) -> str:
        """Return which period the key is of. Raises `KeyStoreError` on a damaged one."""
        for path in (self.path / KEY, self.path / (KEY + NEXT)):
            if path.exists():
                with located(path):
                    return keyfile.period_of(read_private(path) or b"")
        return ""

    def settle(self) -> None:
        """Finish the last step of a rotation that was stopped in it."""
        if not (self.path / KEY).exists() and (self.path / (KEY + NEXT)).exists():
            (self.path / (KEY + NEXT)).replace(self.path / KEY)
            sync_directory(self.path)
        if not (self.path / (KEY + NEXT)).exists():
            for path in sorted(self.path.glob(f"{TO}*{NEXT}")):
                path.replace(path.with_name(path.name.removesuffix(NEXT)))
            sync_directory(self.path)

    def keys(self, period: str) -> list[bytes]:
        """Return the period's key, and the next one during a rotation. Raises `KeyStoreError`."""
        found = []
        for path in (self.path / KEY, self.path / (KEY + NEXT)):
            data = read_private(path)
            if data is not None:
                with located(path):
                    found.append(self._keks.open(period, data))
        return found

    def make_key(self, period: str, key: bytes) -> None:
        """Give a new period its key."""
        self._files.create(self.path / KEY, self._keks.seal(period, key))

    def seal(self, period: str, recipients: Sequence[Recipient], *, only: bool) -> None:
        """Seal the key to recipients that lack it; ``only``: take it from all others."""
        (key, *_) = self.keys(period)
        wanted = {one.handle: public for one in recipients if (public := one.public(period))}
        for handle, public in sorted(wanted.items()):
            self._seal(self.path / f"{TO}{handle}", key, public, period, handle)
        for path in self._sealed_to_others(wanted) if only else ():
            self._files.shred(path)

    def _sealed_to_others(self, wanted: Collection[str]) -> list[Path]:
        """Return the sealed keys of all others, those of a rotation that was stopped first."""
        paths = sorted(self.path.glob(f"{TO}*"), key=lambda path: not path.name.endswith(NEXT))
        return [
            path for path in paths if path.name.removeprefix(TO).removesuffix(NEXT) not in wanted
        ]

    def _seal(self, path: Path, key: bytes, public: bytes, period: str, handle: str) -> None:
        if not path.exists():
            sealed = sealing.seal(key, public, sealing.info_of(period, handle))
            self._files.create(path, sealed)

    def rotate(self, period: str, chance: Randomness, recipients: Sequence[Recipient]) -> int:
        """Put a new key in place; wrap every file key under it. Returns how many.

        The order makes it safe to stop: the next key and its seals are there before a wrap
        needs them, and the old key goes when none does.
        """
        if not (self.path / (KEY + NEXT)).exists():
            made = self._keks.seal(period, chance.bytes(keyfile.KEY_SIZE))
            self._files.create(self.path / (KEY + NEXT), made)
        old, new = self.keys(period)
        wanted = {one.handle: public for one in recipients if (public := one.public(period))}
        for path in self._sealed_to_others(wanted):  # of before a rotation that was stopped
            if path.name.endswith(NEXT):
                self._files.shred(path)
        for handle, public in sorted(wanted.items()):
            self._seal(self.path / f"{TO}{handle}{NEXT}", new, public, period, handle)
        wraps = self.wraps()
        for path in wraps:
            self._wrap_again(path, period, old, new, chance)
        for handle in self.recipients():  # a rename over them would not overwrite them
            self._files.shred(self.path / f"{TO}{handle}")
        self._files.shred(self.path / KEY)
        self.settle()
        return len(wraps)

    def _wrap_again(
        self, path: Path, period: str, old: bytes, new: bytes, chance: Randomness
    ) -> None:
        data = read_private(path) or b""
        with located(path):
            object_id, _ = keyfile.wrapped_names(data)
            try:
                keyfile.open_wrap(data, new, object_id, period)
            except KeyStoreError:
                key = keyfile.open_wrap(data, old, object_id, period)
                nonce = chance.bytes(keyfile.NONCE_SIZE)
                self._files.replace(path, keyfile.wrap(key, new, nonce, object_id, period))

    def shred_keys(self) -> bool:
        """Shred the period's key and whatever it was sealed to; tell whether it had one."""
        found = [self._files.shred(self.path / name) for name in (KEY, KEY + NEXT)]
        for path in sorted(self.path.glob(f"{TO}*")):
            self._files.shred(path)
        return any(found)

    def shred(self) -> Shredded:
        """Shred the keys, then all wraps, which are noise by then; the directory goes last.

        Stopped anywhere, it is finished by the next.
        """
        recipients, found, wraps = tuple(self.recipients()), self.shred_keys(), self.wraps()
        objects = tuple(stated_object(path) for path in wraps)
        for path in wraps:
            path.unlink()
        self.path.rmdir()
        sync_directory(self.path.parent)
        return Shredded(objects, (self.path.name,) if found else (), recipients)

    def recover(
        self, handle: str, unseal: Callable[[str, bytes], bytes]
    ) -> tuple[dict[str, bytes], list[str]]:
        """Return file keys by object as a recipient alone gets them, and which were lost."""
        found: dict[str, bytes] = {}
        lost: list[str] = []
        for path in self.wraps():
            try:
                data = read_private(path) or b""
                object_id, period = keyfile.wrapped_names(data)
                keys = self.sealed_keys(handle, period, unseal)
                found[object_id] = opened(data, keys, object_id, period)
            except KeyStoreError:
                lost.append(stated_object(path))
        return found, lost

    def sealed_keys(
        self, handle: str, period: str, unseal: Callable[[str, bytes], bytes]
    ) -> list[bytes]:
        """Return the keys of the period that a recipient can open. Raises `KeyStoreError`."""
        found = []
        for name in (f"{TO}{handle}", f"{TO}{handle}{NEXT}"):
            data = read_private(self.path / name)
            if data is not None:
                with located(self.path / name):
                    found.append(unseal(period, data))
        return found


@contextmanager
def located(path: Path | str) -> Iterator[None]:
    """Say of an error in the bytes of a file or object which one it is."""
    try:
        yield
    except KeyStoreError as error:
        error.where = error.where or str(path)
        raise


def opened(data: bytes, keys: Sequence[bytes], object_id: str, period: str) -> bytes:
    """Return the file key that one of the period's keys opens. Raises `KeyStoreError`."""
    if not keys:
        raise KeyStoreError("the key of the period is not sealed to this recipient", where=period)
    for key in keys[:-1]:
        try:
            return keyfile.open_wrap(data, key, object_id, period)
        except KeyStoreError:
            continue  # a rotation is under way: the wrap may be under the next key
    return keyfile.open_wrap(data, keys[-1], object_id, period)


def periods_of(due: str) -> tuple[str, ...]:
    """Return the periods that a due period may have."""
    return due, *(f"{due}/{name}" for name in STREAMS)


def stated(path: Path, reader: Callable[[bytes], T]) -> T:
    """Return what a file says about itself; a file that has gone counts as damaged."""
    with located(path):
        return reader(read_private(path) or b"")


def stated_object(path: Path) -> str:
    """Return the object id a wrap states, or its file name where it states none."""
    try:
        return stated(path, keyfile.wrapped_names)[0]
    except KeyStoreError:
        return path.name


def orphaned(name: str, directory: Path | str) -> KeyStoreError:
    """Return the error for a period whose wraps are there and whose key is not."""
    return KeyStoreError(
        f"the period key that opens {name} is gone",
        where=str(directory),
        mend="restore it from the backup; if the period was due, shred the period again",
    )


def missing(object_id: str) -> KeyStoreError:
    """Return the error for an object that has no key."""
    return KeyStoreError(
        "there is no key for this object: it was shredded, or this is not its key store",
        where=object_id,
        mend="look in the log for a disposition; else use the home that wrote it, or its backup",
    )


def other_period(object_id: str, period: str) -> KeyStoreError:
    """Return the error for an object that is asked for with a second period."""
    return KeyStoreError(
        f"the object has a key already, due in another period than {period}",
        where=object_id,
        mend="ask with its first period, or store the content as a new object",
    )
