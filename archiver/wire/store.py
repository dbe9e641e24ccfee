"""The store of an archive: a directory, or a bucket and prefix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archiver.edges.localfs import LocalStore
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.ports import Store
    from archiver.settings import Settings

__all__ = ["BUCKET", "open_store", "parts_of"]

BUCKET = "s3://"


def open_store(settings: Settings) -> Store:
    """Return the store that holds the archive. Raises `UsageError` without an address."""
    if not settings.archive:
        raise UsageError(
            "which archive?",
            code="archive-unset",
            mend="give --archive DIR or s3://bucket/prefix, or set ARCHIVER_ARCHIVE",
        )
    if settings.archive.startswith(BUCKET):
        from archiver.edges.s3 import connect  # boto3 costs half a second

        return connect(
            settings.archive,
            endpoint_url=settings.s3_endpoint or None,
            region=settings.s3_region or None,
            locks=settings.locks,
            kms_key=settings.s3_kms_key,
            purge_role=settings.s3_purge_role,
        )
    return LocalStore(Path(settings.archive))


def parts_of(address: str, endpoint: str = "") -> tuple[str, ...]:
    """Return an address in parts, of which one that lies within another has the more."""
    if address.startswith(BUCKET):
        return (BUCKET, endpoint, *address.removeprefix(BUCKET).strip("/").split("/"))
    return Path(address).resolve().parts
