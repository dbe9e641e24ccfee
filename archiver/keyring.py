"""Keys as the flows need them: people's own, the key store, and whom keys are sealed to.

Protocols like those of `archiver.ports`, and the values they deal in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from archiver.ports import Check

__all__ = ["Keks", "KeyStore", "PersonKey", "Recipient", "Shredded"]


class Recipient(NamedTuple):
    """Whom the keys of periods are sealed to: handle, and X25519 public keys (hex).

    ``keys`` maps what a public key is for: a due period such as ``intake/2026-11``, one
    stream of all periods as ``*/messages``, or ``*``, everything.
    """

    handle: str
    keys: Mapping[str, str]

    def public(self, period: str) -> bytes | None:
        """Return the public key for ``series/month/stream``, the nearest one; or None."""
        due, _, stream = period.rpartition("/")
        found = (self.keys.get(name) for name in (period, due, f"*/{stream}", "*"))
        return next((bytes.fromhex(one) for one in found if one), None)


class Shredded(NamedTuple):
    """What one shredding took away, and what survives; empty where nothing was left to take.

    ``objects``: object ids (the file name of a wrap too damaged to state one). ``periods``:
    those whose own key went. ``recipients``: handles whose private keys for that due period
    open any copy that was made of a sealed key. ``survives``: what the bucket keeps, and what
    the keeper of the due period's key says, in words.
    """

    objects: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    survives: tuple[str, ...] = ()

    @classmethod
    def together(cls, done: Sequence[Shredded], survives: str) -> Shredded:
        """Return several as one; ``survives``: of the due period's key, in words or ""."""
        return cls(
            tuple(name for one in done for name in one.objects),
            tuple(name for one in done for name in one.periods),
            tuple(sorted({name for one in done for name in one.recipients})),
            (*(text for one in done for text in one.survives), *([survives] if survives else [])),
        )


class PersonKey(Protocol):
    """A person's own keys: in a file, or in a token that never gives them out."""

    @property
    def handle(self) -> str:
        """The random name by which the ledger knows the person."""
        ...

    @property
    def verifier_key(self) -> str:
        """The public signing key in signed-note form, ``handle+hash+base64``."""
        ...

    @property
    def reading(self) -> str:
        """The public reading key (X25519) in hexadecimal."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``."""
        ...

    def unseal(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to the reading key. Raises `KeyStoreError`."""
        ...


class Keks(Protocol):
    """Keys of due periods that seal period keys: kept beside them, or by a KMS."""

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file that keeps the 32-byte key of a period. Raises `KeyStoreError`."""
        ...

    def open(self, period: str, data: bytes) -> bytes:
        """Return the key of a period from its file. Raises `KeyStoreError`."""
        ...

    def destroy(self, due: str) -> str:
        """Destroy the key of a due period; return what of it survives, and until when."""
        ...


class KeyStore(Protocol):
    """Where file keys live: wrapped, apart from content, and able to be shredded.

    A period is ``series/month/stream``: what becomes due together, and who may read it.
    """

    def new_key(self, object_id: str, period: str) -> bytes:
        """Make, wrap under the key of ``period`` and durably keep a random 32-byte key.

        Calling it again for the same object returns the same key.
        """
        ...

    def key(self, object_id: str) -> bytes:
        """Return the key of an object. Raises `KeyStoreError` where there is none."""
        ...

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of an object; nothing happens where it has none."""
        ...

    def periods(self) -> Sequence[str]:
        """Return all periods that have a key, sorted."""
        ...

    def rotate(self, period: str) -> int:
        """Give a period a new key; wrap its file keys again. Returns how many.

        Stopped at any moment, all keys can be read; calling it again finishes.
        """
        ...

    def share(self, recipients: Sequence[Recipient]) -> None:
        """Seal every period's key to exactly these recipients, as far as each is meant."""
        ...

    def sealed(self) -> Mapping[str, Sequence[str]]:
        """Return, by period, the handles of those its key is sealed to."""
        ...

    def recover(
        self, handle: str, unseal: Callable[[str, bytes], bytes]
    ) -> tuple[Mapping[str, bytes], Sequence[str]]:
        """Return file keys by object as one recipient alone gets them, and what was lost.

        ``unseal`` opens (period, sealed key) with the recipient's private key.
        """
        ...

    def shred_period(self, period: str) -> Shredded:
        """Destroy the key of a period and all under it, but not what sealed it."""
        ...

    def shred_due(self, due: str) -> Shredded:
        """Destroy all keys of a due period (``series/month``); say what survives."""
        ...

    def end_empty(self, due: str, streams: Collection[str]) -> Shredded:
        """Destroy the keys of a due period under which nothing is wrapped, of these streams.

        What sealed them goes as well once the due period has no key. Stopped anywhere, calling it
        again finishes.
        """
        ...

    def preflight(self) -> Sequence[Check]:
        """Prove by trying what this key store enforces; nothing for a folder."""
        ...
