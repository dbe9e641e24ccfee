"""Removing every version of an object from a bucket, and saying what is left of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from archiver.edges.s3errors import Failure
from archiver.edges.storeprobe import PROBE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.edges.s3probe import Asking

__all__ = ["erase", "keeps_versions"]

_NOT_IMPLEMENTED = 501
_NO_VERSION = "null"
"""The version of what is written where versions are not kept, or not any more."""


def erase(bucket: Asking, key: str) -> Sequence[str]:
    """Remove an object with its versions and delete markers; return in words what survives.

    Raises `Failure` where the object itself can't be deleted.
    """
    bucket.ask("delete_object", Key=key)
    refused: dict[str, str] = {}
    try:
        for version in list(_versions(bucket, key)):
            try:
                bucket.ask("delete_object", Key=key, VersionId=version)
            except Failure as failure:
                refused[version] = failure.code
        left = list(_versions(bucket, key))
    except Failure as failure:
        if failure.status == _NOT_IMPLEMENTED:
            return ()
        return (f"{bucket.where(key)}: its versions can't be listed ({failure.code})",)
    return tuple(
        f"{bucket.where(key)}: version {version} is kept ({refused.get(version, 'it came back')})"
        for version in left
    )


def _versions(bucket: Asking, key: str) -> Iterator[str]:
    """Yield the ids of all versions and delete markers of one key."""
    place: dict[str, Any] = {}
    while True:
        page: Mapping[str, Any] = bucket.ask("list_object_versions", Prefix=key, **place)
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if one["Key"] == page["Prefix"]:  # longer keys begin so, too
                yield one["VersionId"]
        if not page.get("IsTruncated"):
            return
        place = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page["NextVersionIdMarker"],
        }


def keeps_versions(bucket: Asking) -> bool:
    """Tell by trying whether what is replaced or deleted lives on as a version.

    A bucket with Object Lock, replication or a backup by AWS always does. Raises `Failure`.
    """
    key = f"{PROBE}{secrets.token_hex(16)}"
    made = bucket.ask("put_object", Key=key, Body=b"versions?")
    version = str(made.get("VersionId", _NO_VERSION))
    kept = version != _NO_VERSION
    bucket.ask("delete_object", Key=key, **({"VersionId": version} if kept else {}))
    return kept
