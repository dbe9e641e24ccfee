"""Proof by trying of S3 Object Lock: what is locked can't be deleted or unlocked early.

Each promise is tried on an object of its own, locked for `SECONDS` by the store's clock.
That a refusal came from the lock, and not from a missing permission, shows at the end:
once the lock has lapsed, the same request succeeds. COMPLIANCE mode lets nobody pass, and
that is tried with the header that passes GOVERNANCE, too.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from hashlib import md5
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from archiver.edges import s3errors
from archiver.edges.s3errors import Failure
from archiver.edges.storeprobe import NotOfferedError, Probe, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archiver.ports import Check

__all__ = ["SECONDS", "Locking", "checks"]

SECONDS = 16
"""How long a scratch object is locked: long enough for a slow store's few answers."""

_DATA = b"locked for a moment"
_MODE = "COMPLIANCE"
_LOOKS = 16
_DENIED = 403
_NOT_IMPLEMENTED = 501


class Locking(Protocol):
    """What these probes need of a bucket (see `archiver.edges.s3probe.Asking`)."""

    def ask(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Make any request; raises `Failure`."""
        ...

    def where(self, key: str) -> str:
        """Return the address of an object, for error texts."""
        ...

    def pause(self, seconds: float, /) -> None:
        """Wait."""
        ...


class _Locked(NamedTuple):
    """One version under lock, and until when by the store's clock."""

    key: str
    version: str
    until: datetime

    @property
    def named(self) -> dict[str, str]:
        """The arguments that name it."""
        return {"Key": self.key, "VersionId": self.version}


def _date(answer: Mapping[str, Any]) -> datetime:
    """Return when the store answered, by its own clock: only that decides about locks."""
    stated = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    return parsedate_to_datetime(stated) if stated else datetime.now(UTC)


def _put(bucket: Locking, key: str, **lock: object) -> Mapping[str, Any]:
    digest = b64encode(md5(_DATA, usedforsecurity=False).digest()).decode()
    return bucket.ask("put_object", Key=key, Body=_DATA, ContentMD5=digest, **lock)


def _locked(bucket: Locking, key: str) -> _Locked:
    """Store an object under lock. Raises `NotOfferedError`."""
    now = _date(_put(bucket, key)).replace(microsecond=0)
    until = now + timedelta(seconds=SECONDS)
    try:
        answer = _put(bucket, key, ObjectLockMode=_MODE, ObjectLockRetainUntilDate=until)
    except Failure as failure:
        if failure.code == "InvalidRequest" or failure.status == _NOT_IMPLEMENTED:
            raise NotOfferedError("this bucket has no Object Lock") from failure
        raise
    return _Locked(key, answer.get("VersionId", "null"), until)


def _refused(bucket: Locking, operation: str, **arguments: object) -> bool:
    """Tell whether the store refused a request, for the lock's sake or another's."""
    try:
        bucket.ask(operation, **arguments)
    except Failure as failure:
        if failure.status != _DENIED and failure.code != "InvalidRequest":
            raise
        return True
    return False


def _in_time(bucket: Locking, locked: _Locked, share: float = 1) -> str:
    """Return why nothing was proven: the store took longer than so much of the lock."""
    end = locked.until - timedelta(seconds=SECONDS * (1 - share))
    late = _date(bucket.ask("head_object", **locked.named)) >= end
    return f"the store answered too slowly to tell within {SECONDS} seconds" if late else ""


def _is_kept(bucket: Locking, locked: _Locked, until: datetime) -> bool:
    found = bucket.ask("head_object", **locked.named)
    return (found.get("ObjectLockMode"), found.get("ObjectLockRetainUntilDate")) == (_MODE, until)


def _kept(bucket: Locking, locked: _Locked) -> str:
    if _is_kept(bucket, locked, locked.until):
        return ""
    return "the store took a lock and does not show it (which needs s3:GetObjectRetention)"


def _no_delete(bucket: Locking, locked: _Locked) -> str:
    for bypass in ({}, {"BypassGovernanceRetention": True}):
        if not _refused(bucket, "delete_object", **locked.named, **bypass):
            return "a locked version was deleted"
    kept = bucket.ask("get_object", **locked.named)["Body"].read()
    return _in_time(bucket, locked) if kept == _DATA else "a locked version has other bytes"


def _retain(bucket: Locking, locked: _Locked, mode: str, until: datetime) -> bool:
    """Ask for another lock in place of the first; tell whether the store refused."""
    return _refused(
        bucket,
        "put_object_retention",
        **locked.named,
        Retention={"Mode": mode, "RetainUntilDate": until},
        BypassGovernanceRetention=True,
    )


def _no_shorten(bucket: Locking, locked: _Locked) -> str:
    sooner = locked.until - timedelta(seconds=SECONDS // 2)
    if not _retain(bucket, locked, _MODE, sooner):
        return "a lock was shortened"
    if not _is_kept(bucket, locked, locked.until):
        return "a refused change shortened the lock"
    return _in_time(bucket, locked, 1 / 2)


def _no_downgrade(bucket: Locking, locked: _Locked) -> str:
    if not _retain(bucket, locked, "GOVERNANCE", locked.until):
        return "a COMPLIANCE lock became one of GOVERNANCE, which some may pass"
    return _in_time(bucket, locked)


def _extends(bucket: Locking, locked: _Locked) -> str:
    later = locked.until + timedelta(seconds=2)
    if _retain(bucket, locked, _MODE, later):
        return "a lock could not be extended"
    return "" if _is_kept(bucket, locked, later) else "an extended lock is not the one asked for"


def _hold(bucket: Locking, locked: _Locked) -> str:
    """Try a hold on a version of its own, under no lock but the bucket's default one."""
    version = {"Key": locked.key, "VersionId": _put(bucket, locked.key)["VersionId"]}
    for status, gone in (("ON", False), ("OFF", True)):
        bucket.ask("put_object_legal_hold", **version, LegalHold={"Status": status})
        found = bucket.ask("get_object_legal_hold", **version)["LegalHold"]["Status"]
        if found != status:
            return f"a hold that was set to {status} is {found}"
        locks = bucket.ask("head_object", **version).get("ObjectLockMode")
        if _refused(bucket, "delete_object", **version) is gone and not locks:
            return "a hold that was released still holds" if gone else "a held version was deleted"
    return ""


def _lapses(bucket: Locking, locked: _Locked) -> str:
    """Wait until a lock is over, and delete what it held."""
    for _ in range(2 * _LOOKS):
        if not _refused(bucket, "delete_object", **locked.named):
            return ""
        bucket.pause(SECONDS / _LOOKS)
    return (
        "a version could not be deleted after its lock was over: either this role may delete "
        "none, which would explain earlier refusals as well, or locks never end here"
    )


_UNLOCKED = "locks here bind nobody"
_PROBES: tuple[tuple[Probe, Callable[[Locking, _Locked], str]], ...] = (
    (Probe("lock-kept", "a lock was there as it was asked for", _UNLOCKED), _kept),
    (Probe("lock-no-delete", "a locked version could not be deleted", _UNLOCKED), _no_delete),
    (Probe("lock-no-shorten", "a lock could not be shortened", _UNLOCKED), _no_shorten),
    (
        Probe("lock-no-downgrade", "a COMPLIANCE lock stayed COMPLIANCE", _UNLOCKED),
        _no_downgrade,
    ),
    (
        Probe("lock-extends", "a lock was extended", "locks that roll would lapse here"),
        _extends,
    ),
    (
        Probe(
            "legal-hold",
            "a held version could not be deleted, and could once it was released",
            "holds here bind nobody, or for ever",
        ),
        _hold,
    ),
    (
        Probe(
            "lock-lapses",
            "a version could be deleted once its lock was over",
            "what the other rows say of locks is not proven",
            needed=False,
        ),
        _lapses,
    ),
)
_IMMUTABLE = "immutability"
_NOT_CLAIMED = "immutability is not claimed: "
_CHANGES = "who may write to the bucket may change what is stored, and `verify` only finds it"


def _tried(bucket: Locking, key: str, test: Callable[[Locking, _Locked], str]) -> str:
    try:
        return test(bucket, _locked(bucket, key))
    except Failure as failure:
        raise s3errors.explain(failure, "try this", bucket.where(key)) from failure


def _default_lock(bucket: Locking, key: str) -> str:
    """Return the mode that the bucket locks a new object in by itself, or nothing."""
    try:
        _put(bucket, key)
        return str(bucket.ask("head_object", Key=key).get("ObjectLockMode", ""))
    except Failure as failure:
        raise s3errors.explain(failure, "try this", bucket.where(key)) from failure


def _immutable(bucket: Locking, key: str, found: Sequence[Check]) -> str:
    """Say why what the archive stores here could be changed or deleted, or nothing."""
    absent = [check for check in found if not check.offered]
    failed = [check.name for check in found if not check.held]
    if absent:
        raise NotOfferedError(f"{_NOT_CLAIMED}this bucket has no Object Lock; {_CHANGES}")
    if failed:
        return f"{_NOT_CLAIMED}this store does not keep {', '.join(failed)}"
    if _default_lock(bucket, key) != _MODE:
        return (
            f"{_NOT_CLAIMED}the store would enforce locks, but the bucket locks nothing by itself"
        )
    return ""


def checks(bucket: Locking, base: str) -> Sequence[Check]:
    """Try each promise of Object Lock, and say whether what is stored here is immutable."""
    found = [
        tried(probe, partial(_tried, bucket, base + probe.name, test)) for probe, test in _PROBES
    ]
    probe = Probe(
        _IMMUTABLE,
        "locks are enforced, and the bucket puts one of COMPLIANCE on every new version",
        _CHANGES,
        needed=False,
    )
    return [*found, tried(probe, partial(_immutable, bucket, base + _IMMUTABLE, found))]
