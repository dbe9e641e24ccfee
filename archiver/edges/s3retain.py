"""Locks on objects of a bucket (S3 Object Lock): set, extended, and read back.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from archiver.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.edges.s3probe import Asking

__all__ = ["MODES", "retain"]

MODES = {"governance": "GOVERNANCE", "compliance": "COMPLIANCE"}
"""What the settings call them. The first may be passed by who has a right of its own to."""

_SLACK = timedelta(days=7)
"""A lock is extended once this much of it is over: a request a week for each object."""


def retain(bucket: Asking, key: str, mode: str, until: datetime, *, held: bool | None) -> datetime:
    """Lock the current version of an object until a moment, or near it; return its lock's end.

    ``held``: whether it has a legal hold beside, which has no end; None: as it was. Raises
    `Failure`, and `StoreError` where the store took a request and shows nothing of it.
    """
    now = bucket.ask("head_object", Key=key)
    version = {"VersionId": now["VersionId"]} if "VersionId" in now else {}
    least = until - _SLACK
    end = _end(now, mode)
    if end is None or end < least:
        until = max(until, now.get("ObjectLockRetainUntilDate", until)).replace(microsecond=0)
        lock = {"Mode": MODES[mode], "RetainUntilDate": until}
        bucket.ask("put_object_retention", Key=key, Retention=lock, **version)
    if held not in {None, _is_held(now)}:
        status = {"Status": "ON" if held else "OFF"}
        bucket.ask("put_object_legal_hold", Key=key, LegalHold=status, **version)
    elif end is not None and end >= least:
        return end
    now = bucket.ask("head_object", Key=key, **version)
    end = _end(now, mode)
    if end is None or end < least or held not in {None, _is_held(now)}:
        raise StoreError(
            "the store took a lock and does not show it",
            where=bucket.where(key),
            code="lock-missing",
            mend="see what `archiver doctor` says of this store; who locks needs the rights to "
            "put and get object retention and legal holds",
        )
    return end


def _end(head: Mapping[str, Any], mode: str) -> datetime | None:
    """Return the end of a lock in this mode or the stronger one, None where there is none."""
    strong = head.get("ObjectLockMode") in {MODES[mode], MODES["compliance"]}
    return head.get("ObjectLockRetainUntilDate") if strong else None


def _is_held(head: Mapping[str, Any]) -> bool:
    return head.get("ObjectLockLegalHoldStatus") == "ON"
