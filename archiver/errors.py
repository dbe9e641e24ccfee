"""Every error the archiver raises, as one tree.

::

    ArchiverError
    ├── UsageError            the caller asked for something that makes no sense   (exit 2)
    ├── RefusedError          a rule forbids the act                               (exit 1)
    ├── IntegrityError        stored bytes are not what the ledger says            (exit 1)
    ├── FormatError           bytes do not follow their format
    ├── CaptureError          a platform did not give what was asked
    │   ├── TransientError        worth trying again
    │   ├── RateLimitedError      worth trying again after ``retry_after`` seconds
    │   ├── AuthorisationError    credential expired, revoked or short of a scope
    │   └── ForbiddenError        the platform does not allow it at all
    ├── StoreError            the object store could not be used                   (exit 3)
    │   ├── AlreadyExistsError    conditional create lost
    │   ├── ConflictError         compare-and-swap lost
    │   └── MissingObjectError    no object under that key
    └── KeyStoreError         a key is missing or does not open its file           (exit 3)

Each error says what happened, where, and how to mend it, and carries a stable
``code`` that scripts may rely on. Verification never raises on bad data: it yields
findings (`archiver.ledger.finding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.record import Exchange

__all__ = [
    "AlreadyExistsError",
    "ArchiverError",
    "AuthorisationError",
    "CaptureError",
    "ConflictError",
    "ForbiddenError",
    "FormatError",
    "IntegrityError",
    "KeyStoreError",
    "MissingObjectError",
    "RateLimitedError",
    "RefusedError",
    "StoreError",
    "TransientError",
    "UsageError",
]


class ArchiverError(Exception):
    """Something went wrong in a way a person can understand.

    Args:
        message: what happened, in plain words.
        where: the file, key, URL or record concerned.
        mend: what the reader can do about it.
    """

    code = "error"
    exit_code = 3

    def __init__(self, message: str, *, where: str = "", mend: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.mend = mend
        if code:
            self.code = code

    def __str__(self) -> str:
        """Return the whole story on one line."""
        parts = [self.message]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.mend:
            parts.append(f"to mend: {self.mend}")
        return "; ".join(parts)


class UsageError(ArchiverError):
    """The caller asked for something that makes no sense."""

    code = "usage"
    exit_code = 2


class RefusedError(ArchiverError):
    """A rule forbids the act."""

    code = "refused"
    exit_code = 1


class IntegrityError(ArchiverError):
    """Stored bytes are not what the ledger says they are."""

    code = "integrity"
    exit_code = 1


class FormatError(ArchiverError):
    """Bytes do not follow the format they claim."""

    code = "format"


class CaptureError(ArchiverError):
    """A platform did not give what was asked."""

    code = "capture"


class TransientError(CaptureError):
    """A failure that may pass: trying again is sensible.

    Args:
        exchange: what came before the failure, as it was recorded.
    """

    code = "capture-transient"

    def __init__(
        self, message: str, *, where: str = "", mend: str = "", exchange: Exchange | None = None
    ) -> None:
        super().__init__(message, where=where, mend=mend)
        self.exchange = exchange


class RateLimitedError(CaptureError):
    """The platform asks us to wait.

    Args:
        retry_after: seconds to wait before the next request.
    """

    code = "capture-rate-limited"

    def __init__(
        self, message: str, *, retry_after: float, where: str = "", mend: str = ""
    ) -> None:
        super().__init__(message, where=where, mend=mend)
        self.retry_after = retry_after


class AuthorisationError(CaptureError):
    """The credential is missing, expired, revoked or short of a permission."""

    code = "capture-authorisation"


class ForbiddenError(CaptureError):
    """The platform does not allow this at all."""

    code = "capture-forbidden"


class StoreError(ArchiverError):
    """The object store could not be used."""

    code = "store"


class AlreadyExistsError(StoreError):
    """A conditional create found an object under the key already."""

    code = "store-exists"


class ConflictError(StoreError):
    """A compare-and-swap found another version than the expected one."""

    code = "store-conflict"


class MissingObjectError(StoreError):
    """No object is stored under the key."""

    code = "store-missing"


class KeyStoreError(ArchiverError):
    """A key is missing, or does not open what it should."""

    code = "key"
