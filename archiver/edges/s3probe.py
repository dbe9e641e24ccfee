"""Proof by trying of what only a bucket can promise: digests, versions, and locks on them.

`archiver.edges.storeprobe` tries what every store must do; this tries the rest, on scratch
objects again. Nothing is asked of the bucket's own settings: what a store does counts, not
what it says (moto says that it locks, and lets a lock be shortened), and no setting of a
bucket in use is ever changed.
"""

from __future__ import annotations

import io
from base64 import b64encode
from functools import partial
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Any, Protocol

from archiver.edges import s3errors, s3locks, s3put
from archiver.edges.s3body import Body
from archiver.edges.s3errors import Failure
from archiver.edges.storeprobe import NotOfferedError, Probe, tried
from archiver.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from archiver.ports import Check

__all__ = ["Asking", "checks"]

_DATA = b"what was meant to be stored"
_OTHER = b"what arrived in its place!!"
_PATIENCE = 5  # seconds
_REFUSED = 400  # the status of a request whose body is not what its header says


class Asking(s3put.Requests, Protocol):
    """What the probes need of a bucket."""

    def ask(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Make any request, with ``Key`` and ``Prefix`` below the archive's; raises `Failure`."""
        ...

    def pause(self, seconds: float, /) -> None:
        """Wait."""
        ...


def _digest(data: bytes) -> str:
    return b64encode(md5(data, usedforsecurity=False).digest()).decode()


def _takes(bucket: Asking, key: str, match: str) -> bool:
    try:
        bucket.ask("put_object", Key=key, Body=_DATA, IfMatch=match)
    except Failure as failure:
        if not failure.refused:
            raise
        return False
    return True


def _spelling(bucket: Asking, key: str) -> str:
    bare = bucket.ask("put_object", Key=key, Body=_DATA)["ETag"].strip('"')
    quoted, plain = (_takes(bucket, key, match) for match in (f'"{bare}"', bare))
    if quoted and plain:
        return ""
    if not (quoted or plain):
        return "If-Match with the object's own ETag is refused, in quotes and without"
    return f"only {'in quotes' if quoted else 'without quotes'}"


def _damage_found(bucket: Asking, key: str) -> str:
    """Send other bytes than the digests say, by the very code that writes the archive."""
    digests = md5(_DATA, usedforsecurity=False).digest(), sha256(_DATA).digest()
    body = Body(io.BytesIO(_OTHER), len(_OTHER), *digests)
    try:
        s3put.put(bucket, key, body, {"IfNoneMatch": "*"})
    except StoreError as error:
        cause = error.__cause__
        refused = isinstance(cause, Failure) and cause.status == _REFUSED
        if error.code == "store-damaged" or refused:
            return ""
        raise
    return "an object whose bytes changed on their way was taken for whole"


def _digest_checked(bucket: Asking, key: str, stated: Mapping[str, str]) -> str:
    try:
        bucket.ask("put_object", Key=key, Body=_DATA, **stated)
    except Failure as failure:
        if failure.status == _REFUSED:
            return ""
        raise
    return "an upload with a wrong digest was accepted"


def _versions_kept(bucket: Asking, key: str) -> str:
    first = bucket.ask("put_object", Key=key, Body=_DATA).get("VersionId", "null")
    if first == "null":
        raise NotOfferedError("this bucket keeps no versions: what is replaced or deleted is gone")
    bucket.ask("put_object", Key=key, Body=_OTHER)
    bucket.ask("delete_object", Key=key)
    kept = bucket.ask("get_object", Key=key, VersionId=first)["Body"].read()
    return "" if kept == _DATA else "an older version is not what was stored"


_BUCKET = (
    (
        Probe(
            "etag-spelling",
            "If-Match takes the ETag in quotes and without",
            "the archive finds out at its first swap and keeps to that",
            needed=False,
        ),
        _spelling,
    ),
    (
        Probe(
            "damage-found",
            "an upload damaged on its way was refused, or found by reading it back",
            "damaged files would be sealed; keep no archive here",
        ),
        _damage_found,
    ),
    (
        Probe(
            "md5-checked",
            "an upload with a wrong Content-MD5 was refused",
            "damage is found by comparing ETags and reading back, after it was stored",
            needed=False,
        ),
        partial(_digest_checked, stated={"ContentMD5": _digest(_OTHER)}),
    ),
    (
        Probe(
            "sha256-checked",
            "an upload with a wrong x-amz-checksum-sha256 was refused",
            "damage is found by Content-MD5 or by reading back",
            needed=False,
        ),
        partial(
            _digest_checked,
            stated={
                "ContentMD5": _digest(_DATA),
                "ChecksumSHA256": b64encode(sha256(_OTHER).digest()).decode(),
            },
        ),
    ),
    (
        Probe(
            "versions-kept",
            "what was replaced and deleted could still be read by its version",
            "what is replaced or deleted in the bucket is gone",
            needed=False,
        ),
        _versions_kept,
    ),
)
_GONE = Probe(
    "versions-removed",
    "removed every version of the scratch objects",
    "they stay, unlisted, until somebody who may delete versions removes them",
    needed=False,
)


def _below(base: str, listed: Mapping[str, Any]) -> str:
    """Return the key below the archive's prefix, which a listing has in front of it."""
    return base + str(listed["Key"]).rpartition(base)[2]


def _delete_version(bucket: Asking, key: str, version: str) -> str:
    """Delete one version; return why that was refused, or nothing."""
    try:
        bucket.ask("delete_object", Key=key, VersionId=version)
    except Failure as failure:
        return failure.code
    return ""


def _every_version(bucket: Asking, base: str) -> Iterator[Callable[[], str]]:
    """Yield, for each version of a scratch object and each delete marker, its deletion."""
    place: dict[str, str] = {}
    while True:
        page = bucket.ask("list_object_versions", Prefix=base, **place)
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield partial(_delete_version, bucket, _below(base, one), one["VersionId"])
        if not page.get("IsTruncated"):
            return
        place = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page["NextVersionIdMarker"],
        }


def _remove(bucket: Asking, base: str) -> str:
    """Remove what the probes left; a lock that was just extended is waited for."""
    for one in bucket.ask("list_objects_v2", Prefix=base).get("Contents", ()):
        bucket.ask("delete_object", Key=_below(base, one))
    for _ in range(_PATIENCE):
        left = [refusal for found in list(_every_version(bucket, base)) if (refusal := found())]
        if not left:
            return ""
        bucket.pause(1)
    return f"{len(left)} versions were not removed ({left[0]})"


def _tried(bucket: Asking, key: str, probe: Probe, test: Callable[[Asking, str], str]) -> Check:
    def run() -> str:
        try:
            return test(bucket, key)
        except Failure as failure:
            raise s3errors.explain(failure, "try this", bucket.where(key)) from failure

    return tried(probe, run)


def checks(bucket: Asking, base: str) -> Sequence[Check]:
    """Try digests, versions and locks on keys that begin with ``base``; then remove them."""
    return [
        *(_tried(bucket, base + probe.name, probe, test) for probe, test in _BUCKET),
        *s3locks.checks(bucket, base),
        _tried(bucket, base, _GONE, _remove),
    ]
