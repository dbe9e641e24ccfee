"""Locks on objects of a bucket (S3 Object Lock): set, extended, and read back.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.edges.s3probe import Asking

__all__ = ["MODES", "retain"]

MODES = {"governance": "GOVERNANCE", "compliance": "COMPLIANCE"}
"""What the settings call them. The first may be passed by who has a right of its own to."""

_SLACK = timedelta(days=7)
"""A lock is extended once this much of it is over: a request a week for each object."""


def retain(bucket: Asking, key: str, mode: str, until: datetime) -> datetime:
    """Lock the current version of an object until a moment, or near it; return its lock's end.

    Raises `Failure`, and `StoreError` where the store took the request and shows no such lock.
    """
    now = bucket.ask("head_object", Key=key)
    end: datetime | None = now.get("ObjectLockRetainUntilDate")
    strong = now.get("ObjectLockMode") in {MODES[mode], MODES["compliance"]}
    if end is not None and strong and end >= until - _SLACK:
        return end
    until = max(until, end or until).replace(microsecond=0)
    version = {"VersionId": now["VersionId"]} if "VersionId" in now else {}
    lock = {"Mode": MODES[mode], "RetainUntilDate": until}
    bucket.ask("put_object_retention", Key=key, Retention=lock, **version)
    found = bucket.ask("head_object", Key=key, **version).get("ObjectLockRetainUntilDate")
    if found is None or found < until:
        raise StoreError(
            "the store took a lock and does not show it",
            where=bucket.where(key),
            code="lock-missing",
            mend="see what `archiver doctor` says of this store; who locks needs "
            "s3:GetObjectRetention and s3:PutObjectRetention",
        )
    return found  # type: ignore[no-any-return]  # what boto parses
