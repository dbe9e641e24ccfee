"""The archive in an S3 bucket, or in one of the many stores that speak S3.

Objects are written by one plain PutObject with ``If-None-Match: *`` or ``If-Match``
(never multipart: Ceph overwrites on a conditional CompleteMultipartUpload). boto3 is
imported in this module only; `archiver.edges.s3store` builds the store on top of it.
"""

from __future__ import annotations

import re
import secrets
import time
from base64 import b64encode
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from archiver.edges import s3errors, s3put
from archiver.edges.s3body import CHUNK, WRITE_ID
from archiver.edges.s3errors import Failure
from archiver.edges.s3purge import AS_IT_IS, How, Purging, take_role
from archiver.edges.s3store import BucketStore
from archiver.edges.storekeys import check_key, check_size
from archiver.errors import UsageError
from archiver.ports import ObjectVersion, Versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client

    from archiver.edges.s3body import Body

__all__ = ["S3Store", "connect"]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def _failure(error: BotoCoreError | ClientError) -> Failure:
    if not isinstance(error, ClientError):
        network = isinstance(error, (HTTPClientError, BotoConnectionError))
        return Failure(type(error).__name__, network=network)
    about = error.response.get("ResponseMetadata", {})
    return Failure(
        error.response.get("Error", {}).get("Code", ""),
        status=about.get("HTTPStatusCode", 0),
        retried=about.get("RetryAttempts", 0) > 0,
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise _failure(error) from None  # its text may quote the request, so no log gets it


def _bare(etag: str) -> str:
    return etag.strip('"')


class _Bucket:
    """The requests an archive makes of its bucket; each raises `Failure`."""

    def __init__(
        self, name: str, prefix: str, client: S3Client, pause: Callable[[float], None], how: How
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.client = client
        self.pause = pause
        self.how = how
        self.encrypted: dict[str, Any] = {}
        if how.kms_key:
            self.encrypted = {
                "ServerSideEncryption": "aws:kms",
                "SSEKMSKeyId": how.kms_key,
                "BucketKeyEnabled": True,
            }

    def describe(self) -> str:
        """Return the address of the archive and, of the endpoint, the host alone."""
        return f"{self.where('')} at {urlsplit(self.client.meta.endpoint_url).hostname}"

    def where(self, key: str) -> str:
        return f"s3://{self.name}/{self.prefix}{key}"

    def wait(self, attempt: int) -> None:
        """Wait before another attempt: twice as long each time, spread at random."""
        if attempt:
            self.pause(0.1 * 2**attempt * (0.5 + secrets.randbelow(1000) / 1000))

    def head(self, key: str) -> s3put.Head:
        with _translated():
            found = self.client.head_object(Bucket=self.name, Key=self.prefix + key)
        mark = found["Metadata"].get(WRITE_ID)
        return s3put.Head(_bare(found["ETag"]), found["ContentLength"], mark)

    def chunks(self, key: str) -> tuple[str, Iterable[bytes]]:
        with _translated():
            found = self.client.get_object(Bucket=self.name, Key=self.prefix + key)

        def read() -> Iterator[bytes]:
            with _translated(), closing(found["Body"]) as body:
                yield from body.iter_chunks(CHUNK)

        return _bare(found["ETag"]), read()

    def read(self, key: str, span: tuple[int, int] | None = None) -> Versioned:
        """Read an object, or the bytes from ``span[0]`` to ``span[1]`` inclusive.

        Again where the answer broke off; its length is always compared.
        """
        ask = partial(self.client.get_object, Bucket=self.name, Key=self.prefix + key)
        if span:
            ask = partial(ask, Range=f"bytes={span[0]}-{span[1]}")
        for attempt in range(s3put.ATTEMPTS):
            self.wait(attempt)
            with _translated():
                found = ask()
            check_size(found.get("ContentLength", 0), key, self.where(key))
            try:
                data = found["Body"].read()
            except BotoCoreError:
                continue  # told below, should it stay so
            if len(data) == found.get("ContentLength"):
                return Versioned(data, _bare(found["ETag"]))
        raise s3errors.damaged("the answer keeps breaking off", self.where(key))

    def send(self, key: str, body: Body, condition: dict[str, str]) -> str:
        ask = partial(self.client.put_object, **self.encrypted, **condition)  # type: ignore[arg-type]  # two of its names
        with _translated():
            answer = ask(
                Bucket=self.name,
                Key=self.prefix + key,
                Body=body.rewound(),
                ContentLength=body.size,
                ContentMD5=b64encode(body.md5).decode(),
                ChecksumSHA256=b64encode(body.sha256).decode(),
                Metadata={WRITE_ID: body.write_id},
            )
        return _bare(answer["ETag"])

    def pages(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key below the archive's prefix and size, page by page."""
        ask = self.client.get_paginator("list_objects_v2").paginate
        with _translated():
            for page in ask(Bucket=self.name, Prefix=self.prefix + prefix):
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix(self.prefix), item["Size"]

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield all versions and delete markers, page by page."""
        ask = self.client.get_paginator("list_object_versions").paginate
        with _translated():
            for page in ask(Bucket=self.name, Prefix=self.prefix):
                for item in page.get("Versions", []):
                    yield self._version(item["Key"], item["Size"], item, marker=False)
                for gone in page.get("DeleteMarkers", []):
                    yield self._version(gone["Key"], 0, gone, marker=True)

    def _version(
        self, key: str, size: int, item: Mapping[str, Any], *, marker: bool
    ) -> ObjectVersion:
        own = key.removeprefix(self.prefix)
        return ObjectVersion(own, size, item["VersionId"], item["IsLatest"], marker)

    def delete(self, key: str) -> None:
        with _translated():
            self.client.delete_object(Bucket=self.name, Key=self.prefix + key)

    def removing(self, key: str) -> _Bucket:
        """Return the bucket as whoever may remove the versions of ``key`` knows it."""
        client = self.how.purging.client(key) if self.how.purging else None
        return _Bucket(self.name, self.prefix, client, self.pause, self.how) if client else self

    def ask(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        """Make any request of the bucket, its ``Key`` or ``Prefix`` below the archive's."""
        for name in arguments.keys() & {"Key", "Prefix"}:
            arguments[name] = f"{self.prefix}{arguments[name]}"
        with _translated():
            answer: Mapping[str, Any] = getattr(self.client, operation)(
                Bucket=self.name, **arguments
            )
        return answer


class S3Store(BucketStore):
    """A store in ``bucket`` under ``prefix``, spoken to by ``client``.

    Args:
        bucket: the bucket's name.
        prefix: what all keys of the archive start with: empty, or ending in ``/``.
        client: a boto3 S3 client; `connect` makes one that is set up rightly.
        etag_quotes, locks: see `BucketStore`.
        pause: waits that many seconds between attempts.
        how: what else is asked of the bucket.
    """

    def __init__(  # noqa: PLR0913 - only by name
        self,
        bucket: str,
        prefix: str,
        client: S3Client,
        *,
        etag_quotes: bool | None = None,
        locks: str = "",
        pause: Callable[[float], None] = time.sleep,
        how: How = AS_IT_IS,
    ) -> None:
        requests = _Bucket(bucket, prefix, client, pause, how)
        super().__init__(requests, etag_quotes=etag_quotes, locks=locks)
        self.prefix = prefix


def _address(url: str) -> tuple[str, str]:
    """Return bucket and prefix of ``s3://bucket/prefix``. Raises `UsageError`."""
    parts = urlsplit(url)
    prefix = parts.path.strip("/")
    odd = parts.query or parts.fragment or not _BUCKET.fullmatch(parts.netloc)
    if parts.scheme != "s3" or odd:
        raise UsageError(
            "not the address of a bucket",
            mend="write s3://bucket or s3://bucket/prefix; credentials go elsewhere",
        )
    if prefix:
        check_key(prefix)
    return parts.netloc, f"{prefix}/" if prefix else ""


def connect(  # noqa: PLR0913 - each is a setting
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    etag_quotes: bool | None = None,
    locks: str = "",
    kms_key: str = "",
    purge_role: str = "",
) -> S3Store:
    """Return the store at ``s3://bucket/prefix``. Connects at its first use.

    Credentials come from where AWS tools look for them (environment, profile, role).

    Args:
        url: bucket and prefix.
        endpoint_url: address of a store other than AWS, without credentials in it.
        region: the bucket's region; None takes it from the environment.
        profile: a profile of the AWS configuration.
        etag_quotes: see `S3Store`.
        locks: see `S3Store`.
        kms_key: see `How`.
        purge_role: ARN of the role that removes versions (`archiver.edges.s3purge`).

    Raises `UsageError` for an odd address, `StoreError` for an odd configuration.
    """
    bucket, prefix = _address(url)
    if endpoint_url and "@" in urlsplit(endpoint_url).netloc:
        raise UsageError("credentials in the endpoint's address", mend="set them as AWS tools do")
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=32,
        retries={"mode": "standard", "total_max_attempts": 4},
        # Digests are sent as headers: a trailer corrupts objects on Ceph over TLS.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if endpoint_url else "auto"},
    )
    try:
        boto = boto3.Session(profile_name=profile, region_name=region)
        client = boto.client("s3", endpoint_url=endpoint_url, config=config)
    except BotoCoreError as error:
        raise s3errors.explain(_failure(error), "set up the connection", url) from None
    except ValueError:
        raise UsageError("not the address of an endpoint", mend="write https://host") from None
    take = partial(_taken, boto, client, endpoint_url, purge_role)
    how = How(kms_key, Purging(take) if purge_role else None)
    return S3Store(bucket, prefix, client, etag_quotes=etag_quotes, locks=locks, how=how)


def _taken(
    by: boto3.Session, client: S3Client, endpoint: str | None, role: str, key: str
) -> S3Client:
    """Take the role that may remove what lies in the unit of ``key``. Raises `Failure`."""
    with _translated():
        return take_role(by, client, endpoint, role, key)
