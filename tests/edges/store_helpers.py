"""What the tests of stores share: an S3 server, a stream that is read narrowly, a meddler.

The S3 server is moto, a double: it enforces conditional writes as AWS does, but checks
neither digests nor credentials. Real Ceph takes its place in the later integrity tests.
"""

from __future__ import annotations

import io
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto.server import ThreadedMotoServer

from archiver.edges.s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

BUCKET = "city-archive"
SECRET = "sentinel-secret-5up3r"
ACCESS_KEY = "SENTINELKEYID"


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Yield a folder in memory where there is one: no test of it waits for a disk."""
    shm = Path("/dev/shm")  # noqa: S108 - made private by TemporaryDirectory
    with TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        yield Path(folder)


class NarrowStream(io.RawIOBase):
    """A source that cannot seek and refuses to be read in more than 1 MiB at a time."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = memoryview(data)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, at most a MiB."""
        assert size is not None
        assert 0 < size <= 1 << 20
        chunk, self._data = self._data[:size], self._data[size:]
        return bytes(chunk)


REAL_SERVER = "ARCHIVER_TEST_S3"
"""Environment: the address of a real S3 server that takes our keys (``tests/real/ceph``)."""


@contextmanager
def moto_endpoint() -> Iterator[str]:
    """Run a moto server on a free port of 127.0.0.1 and yield its address.

    Where there is a real server (`REAL_SERVER`), its address instead.
    """
    if REAL_SERVER in os.environ:
        yield os.environ[REAL_SERVER]
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def s3_client(endpoint: str, attempts: int = 2) -> Iterator[S3Client]:
    """Yield a client whose bucket exists; ``attempts`` is how often boto tries by itself."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=20,
        max_pool_connections=16,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET,
        config=config,
    )
    try:
        yield client
    finally:
        client.close()


def no_pause(_: float) -> None:
    """Wait not at all."""


def s3_store(
    client: S3Client,
    *,
    etag_quotes: bool | None = None,
    pause: Callable[[float], None] = no_pause,
) -> S3Store:
    """Return a store under a prefix of its own that does not wait."""
    prefix = f"archives/{secrets.token_hex(8)}/"
    return S3Store(BUCKET, prefix, client, etag_quotes=etag_quotes, pause=pause)


def hook(client: S3Client, event: str, function: object) -> None:
    """Have ``function`` called at an event of boto, such as ``after-call.s3.GetObject``."""
    cast("Any", client.meta.events).register(event, function)


class _Raw(io.BytesIO):
    """An answer's body as botocore wants it."""

    def stream(self) -> Iterator[bytes]:
        """Yield everything."""
        yield self.read()


def answer(request: AWSPreparedRequest, status: int, code: str) -> AWSResponse:
    """Return an S3 error answer."""
    text = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>"
    return AWSResponse(request.url, status, cast("Any", HeadersDict()), _Raw(text.encode()))


class Meddler:
    """Stands between a client and its server and spoils requests of one operation.

    ``plan`` says for the first requests, one after the other, what happens: ``ok``,
    ``lost`` (never sent), ``applied`` (sent, answer lost), or an HTTP status and code
    (answered without being sent).
    """

    def __init__(self, client: S3Client, operation: str, *plan: str | tuple[int, str]) -> None:
        self.plan = list(plan)
        self.seen: list[AWSPreparedRequest] = []
        self.before: Callable[[], object] = lambda: None
        self._send = client._endpoint.http_session.send  # type: ignore[attr-defined]  # boto's own
        hook(client, f"before-send.s3.{operation}", self)

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """Do to ``request`` what the plan says."""
        self.seen.append(request)
        act = self.plan.pop(0) if self.plan else "ok"
        if isinstance(act, tuple):
            return answer(request, *act)
        if act == "applied":
            self._send(request)
            self.before()
        if act in {"applied", "lost"}:
            raise ConnectionClosedError(endpoint_url="the server")
        return None
