"""The S3 store against lost answers, odd stores and leaking error texts.

The server is moto, a double, with a meddler before it (`tests.edges.store_helpers`). The
same store meets a real Ceph in the later integrity tests.
"""

from __future__ import annotations

import io
import traceback
from base64 import b64decode
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import IncompleteReadError

from archiver.edges import s3put
from archiver.edges.s3 import S3Store, connect
from archiver.errors import (
    AlreadyExistsError,
    ConflictError,
    MissingObjectError,
    StoreError,
    UsageError,
)
from tests.edges.store_helpers import (
    ACCESS_KEY,
    BUCKET,
    SECRET,
    Meddler,
    hook,
    moto_endpoint,
    s3_client,
    s3_store,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a moto server with an empty bucket."""
    with moto_endpoint() as endpoint, s3_client(endpoint) as client:
        client.create_bucket(Bucket=BUCKET)
        yield endpoint


@pytest.fixture
def client(endpoint: str) -> Iterator[S3Client]:
    """A client that does not try again by itself."""
    with s3_client(endpoint, attempts=1) as client:
        yield client


@pytest.fixture
def retrying(endpoint: str) -> Iterator[S3Client]:
    """A client that tries three times by itself, as boto does."""
    with s3_client(endpoint, attempts=3) as client:
        hook(client, "needs-retry.s3.PutObject", lambda **_: None)
        yield client


def header(request: AWSPreparedRequest, name: str) -> str:
    """Return a request's header, empty where there is none."""
    value: object = request.headers.get(name, "")
    return value.decode() if isinstance(value, bytes) else str(value)


Plan = tuple[str | tuple[int, str], ...]
PLANS: list[Plan] = [
    ("applied",),
    ("lost",),
    ("lost", "lost", "applied"),
    ((500, "InternalError"), "applied"),
    ((503, "SlowDown"),),
    ((409, "ConditionalRequestConflict"),) * 4,
    ((409, "OperationAborted"), "lost", (400, "RequestTimeout")),
]


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_create_gets_through(client: S3Client, plan: Plan) -> None:
    """A create whose answers are lost or put off succeeds, exactly once."""
    store = s3_store(client)
    Meddler(client, "PutObject", *plan)
    store.create("u/a", b"data")
    assert store.get("u/a") == b"data"


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_swap_gets_through(client: S3Client, plan: Plan) -> None:
    """A swap whose answers are lost or put off succeeds, and tells the right version."""
    store = s3_store(client)
    first = store.swap("log/head", b"one", None)
    Meddler(client, "PutObject", *plan)
    second = store.swap("log/head", b"two", first)
    assert store.load("log/head") == (b"two", second)


def test_boto_retries_its_own_write(retrying: S3Client) -> None:
    """A refusal caused by the first, lost attempt of the same call is a success."""
    store = s3_store(retrying)
    meddler = Meddler(retrying, "PutObject", "applied")
    store.create("u/a", b"data")
    assert len(meddler.seen) == 2
    meddler.plan = ["applied"]
    store.swap("log/head", b"one", None)
    assert store.get("log/head") == b"one"


@pytest.mark.parametrize("plan", [("lost",), ((409, "OperationAborted"),), ("ok",)], ids=str)
def test_lost_create_never_claims_another_object(client: S3Client, plan: Plan) -> None:
    """Bytes equal to ours, written by somebody else, are not taken for our write."""
    store = s3_store(client)
    store.create("u/a", b"data")
    Meddler(client, "PutObject", *plan)
    with pytest.raises(AlreadyExistsError):
        store.create("u/a", b"data")
    version = store.swap("log/head", b"one", None)
    Meddler(client, "PutObject", *plan)
    with pytest.raises(ConflictError):
        store.swap("log/head", b"one", None)
    assert store.load("log/head") == (b"one", version)


def test_swap_replaced_before_it_was_looked_up(client: S3Client) -> None:
    """A swap that was applied, unheard, and replaced is a conflict: load and see."""
    store = s3_store(client)
    first = store.swap("log/head", b"one", None)
    meddler = Meddler(client, "PutObject", "applied")

    def other() -> None:
        found = store.load("log/head")
        assert found
        assert found.data == b"two"
        store.swap("log/head", b"three", found.version)

    meddler.before = other
    with pytest.raises(ConflictError):
        store.swap("log/head", b"two", first)
    assert store.get("log/head") == b"three"


def test_store_that_drops_metadata(client: S3Client) -> None:
    """Without the write id, equal bytes decide whether a lost write was ours."""

    def forget(parsed: dict[str, Any], **_: object) -> None:
        parsed["Metadata"] = {}

    hook(client, "after-call.s3.HeadObject", forget)
    store = s3_store(client)
    Meddler(client, "PutObject", "applied")
    store.create("u/a", b"data")
    Meddler(client, "PutObject", "lost")
    with pytest.raises(AlreadyExistsError):
        store.create("u/a", b"other")


def test_unreachable_after_a_doubtful_write(client: S3Client) -> None:
    """A write that can neither be confirmed nor denied is called uncertain."""
    store = s3_store(client)
    Meddler(client, "PutObject", "applied")
    Meddler(client, "HeadObject", "lost")
    with pytest.raises(StoreError, match="could not be asked") as caught:
        store.create("u/a", b"data")
    assert caught.value.code == "store-uncertain"
    assert not isinstance(caught.value, AlreadyExistsError)


@pytest.mark.parametrize("trouble", ["lost", (409, "OperationAborted"), (503, "SlowDown")])
def test_attempts_are_bounded(client: S3Client, trouble: str | tuple[int, str]) -> None:
    """A store that never answers rightly is given up, after waiting longer each time."""
    waits: list[float] = []
    store = s3_store(client, pause=waits.append)
    meddler = Meddler(client, "PutObject", *[trouble] * 50)
    with pytest.raises(StoreError) as caught:
        store.create("u/a", b"data")
    assert caught.value.code == "store-uncertain"
    assert len(meddler.seen) == s3put.ATTEMPTS
    assert len(waits) == s3put.ATTEMPTS - 1
    assert waits[-1] > waits[0] > 0


def test_encrypting_store_is_read_back(client: S3Client) -> None:
    """Where the ETag is no MD5 of the bytes, what was stored is read back and compared."""

    def etag(parsed: dict[str, Any], **_: object) -> None:
        if "ETag" in parsed:
            parsed["ETag"] = f'"{sha256(parsed["ETag"].encode()).hexdigest()}"'

    for operation in ("PutObject", "GetObject", "HeadObject"):
        hook(client, f"after-call.s3.{operation}", etag)
    store = s3_store(client)
    gets = Meddler(client, "GetObject")
    store.create("u/a", b"data" * 1_000_000)
    assert len(gets.seen) == 1
    gets.plan = ["lost"]
    with pytest.raises(StoreError) as caught:
        store.create("u/b", b"data")
    assert caught.value.code == "store-uncertain"


def _damaging(client: S3Client) -> None:
    """Make the server store other bytes than were sent, as Ceph did over TLS."""

    def damage(request: AWSPreparedRequest, **_: object) -> None:
        request.body = b"4;chunk\r\n"
        request.headers["Content-Length"] = "9"

    hook(client, "before-send.s3.PutObject", damage)


def test_damaged_upload_is_noticed(client: S3Client) -> None:
    """Bytes that changed on their way are an error at once, not at the next verify."""
    store = s3_store(client)
    _damaging(client)
    with pytest.raises(StoreError, match="changed on their way") as caught:
        store.create("u/a", b"data")
    assert caught.value.code == "store-damaged"


def test_replaced_before_it_was_read_back(client: S3Client) -> None:
    """A swap that somebody replaced before it could be compared stands as done."""
    store = s3_store(client)

    def etag(parsed: dict[str, Any], **_: object) -> None:
        parsed["ETag"] = '"not-the-md5"'

    hook(client, "after-call.s3.PutObject", etag)
    assert store.swap("log/head", b"one", None) == "not-the-md5"


def test_digests_go_with_every_write(client: S3Client) -> None:
    """A store that checks uploads is given MD5 and SHA-256, in headers, not in a trailer."""
    meddler = Meddler(client, "PutObject")
    s3_store(client).create("u/a", io.BytesIO(b"data"))
    (request,) = meddler.seen
    digest = md5(b"data", usedforsecurity=False).digest()
    assert b64decode(header(request, "Content-MD5")) == digest
    assert b64decode(header(request, "x-amz-checksum-sha256")) == sha256(b"data").digest()
    assert header(request, "If-None-Match") == "*"
    assert header(request, "x-amz-trailer") == ""
    assert header(request, "Content-Length") == "4"


class Picky(Meddler):
    """A store that takes ``If-Match`` in one spelling only."""

    def __init__(self, client: S3Client, *, quotes: bool) -> None:
        super().__init__(client, "PutObject")
        self.quotes = quotes

    def __call__(self, request: AWSPreparedRequest, **context: object) -> AWSResponse | None:
        """Refuse the other spelling."""
        text = header(request, "If-Match")
        if text and text.startswith('"') is not self.quotes:
            self.plan = [(412, "PreconditionFailed")]
        return super().__call__(request, **context)


@pytest.mark.parametrize("quotes", [True, False])
def test_spelling_of_etags_is_found_out(client: S3Client, *, quotes: bool) -> None:
    """The first swap finds the spelling the store takes; later ones need one request."""
    store = s3_store(client)
    picky = Picky(client, quotes=quotes)
    version = store.swap("log/head", b"one", None)
    version = store.swap("log/head", b"two", version)
    assert store.etag_quotes is quotes
    before = len(picky.seen)
    store.swap("log/head", b"three", version)
    assert len(picky.seen) == before + 1
    with pytest.raises(ConflictError):
        store.swap("log/head", b"four", version)
    assert all(check.held for check in store.preflight() if check.needed)
    spelling = {check.name: check for check in store.preflight()}["etag-spelling"]
    assert spelling.detail.startswith("only in quotes" if quotes else "only without quotes")


def test_spelling_is_not_learnt_from_a_conflict(client: S3Client) -> None:
    """A rightly refused swap says nothing about spelling, nor does a missing object."""
    store = s3_store(client)
    first = store.swap("log/head", b"one", None)
    store.swap("log/head", b"two", first)
    fresh = S3Store(BUCKET, store.prefix, client)
    meddler = Meddler(client, "PutObject")
    for key in ("log/head", "log/none"):
        with pytest.raises(ConflictError):
            fresh.swap(key, b"three", "0" * 32)
    assert fresh.etag_quotes is None
    assert len(meddler.seen) == 2


@pytest.mark.parametrize("quotes", [True, False])
def test_a_wrong_spelling_is_not_kept(client: S3Client, *, quotes: bool) -> None:
    """However it came to be known: refused where nothing has changed, the other one is tried."""
    store = s3_store(client, etag_quotes=not quotes)
    Picky(client, quotes=quotes)
    version = store.swap("log/head", b"one", None)
    version = store.swap("log/head", b"two", version)
    assert store.etag_quotes is quotes
    with pytest.raises(ConflictError):
        store.swap("log/head", b"three", "0" * 32)
    assert store.get("log/head") == b"two"


IGNORING = {
    "If-None-Match": {"create-once", "create-race", "swap-stale"},
    "If-Match": {"swap-stale", "swap-race"},
}


@pytest.mark.parametrize("name", IGNORING)
def test_preflight_exposes_a_store_that_overwrites(client: S3Client, name: str) -> None:
    """A store that drops a condition silently, as some do, fails the right checks."""

    def ignore(request: AWSPreparedRequest, **_: object) -> None:
        if header(request, name):
            del request.headers[name]

    hook(client, "before-send.s3.PutObject", ignore)
    store = s3_store(client)
    checks = store.preflight()
    assert {check.name for check in checks if check.needed and not check.held} == IGNORING[name]
    assert all(check.detail for check in checks)
    assert list(store.list("")) == []


def test_preflight_exposes_a_damaging_store(client: S3Client) -> None:
    """A store that keeps other bytes is not trusted, and the reason is told."""
    store = s3_store(client)
    _damaging(client)
    failed = {check.name: check.detail for check in store.preflight() if not check.held}
    assert "read-after-write" in failed
    assert "changed on their way" in failed["read-after-write"]


def test_preflight_of_a_store_that_cannot_be_used(client: S3Client) -> None:
    """No bucket: every check fails with its reason, and nothing is raised."""
    checks = S3Store("no-such-bucket", "", client).preflight()
    assert not any(check.held for check in checks)
    reasons = {check.name: check.detail for check in checks}
    assert "does not keep" in reasons.pop("immutability")
    assert all("create the bucket" in reason for reason in reasons.values())


def test_answer_that_breaks_off(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer shorter than announced is read again, and given up in the end."""
    store = s3_store(client)
    store.create("u/a", b"data")
    left = [2]

    def shorten(parsed: dict[str, Any], **_: object) -> None:
        if left[0]:
            left[0] -= 1
            parsed["ContentLength"] = 5

    def break_off(parsed: dict[str, Any], **_: object) -> None:
        def read() -> bytes:
            raise IncompleteReadError(actual_bytes=1, expected_bytes=4)

        monkeypatch.setattr(parsed["Body"], "read", read)

    hook(client, "after-call.s3.GetObject", shorten)
    assert store.get("u/a") == b"data"
    left[0] = 99
    with pytest.raises(StoreError, match="breaking off"):
        store.get("u/a")
    left[0] = 0
    hook(client, "after-call.s3.GetObject", break_off)
    with pytest.raises(StoreError, match="breaking off"):
        store.load("u/a")


def test_object_replaced_while_it_is_read(client: S3Client) -> None:
    """An open object that is replaced or deleted is never read as a mixture."""
    store = s3_store(client)
    version = store.swap("log/head", b"one" * 3_000_000, None)
    with store.open("log/head") as file:
        assert file.read(3) == b"one"
        store.swap("log/head", b"two" * 3_000_000, version)
        file.seek(6_000_000)
        with pytest.raises(StoreError, match="replaced while it was read"):
            file.read(3)
        store.delete("log/head")
        file.seek(1_000_000)
        with pytest.raises(MissingObjectError):
            file.read(5_000_000)


def test_seek_before_the_start(client: S3Client) -> None:
    """A place before the start is refused, one behind the end reads as empty."""
    store = s3_store(client)
    store.create("u/a", b"data")
    with store.open("u/a") as file:
        with pytest.raises(ValueError, match="before the start"):
            file.seek(-9, io.SEEK_END)
        file.seek(9)
        assert file.read() == b""


def test_object_too_large(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one PutObject cannot carry is refused before anything is sent."""
    monkeypatch.setattr(s3put, "MAX_OBJECT", 3)
    meddler = Meddler(client, "PutObject")
    with pytest.raises(StoreError, match="larger than 3 bytes"):
        s3_store(client).create("u/a", b"data")
    assert meddler.seen == []


def test_listing_of_many_pages(client: S3Client) -> None:
    """A listing goes on over all pages, and leaves out the prefix's own marker object."""
    store = s3_store(client)
    keys = sorted(f"u/{number}" for number in range(25))
    for key in ("", *keys):
        client.put_object(Bucket=BUCKET, Key=store.prefix + key, Body=b"x")
    hook(
        client,
        "provide-client-params.s3.ListObjectsV2",
        lambda params, **_: params | {"MaxKeys": 7},
    )
    assert [item.key for item in store.list("")] == keys


def test_listing_out_of_order(client: S3Client) -> None:
    """A store that lists in another order is refused rather than misread."""
    store = s3_store(client)
    for key in ("a", "b"):
        store.create(key, b"")

    def shuffle(parsed: dict[str, Any], **_: object) -> None:
        parsed["Contents"].reverse()

    hook(client, "after-call.s3.ListObjectsV2", shuffle)
    with pytest.raises(StoreError, match="another order"):
        list(store.list(""))


CODES = [
    (403, "AccessDenied", "s3:PutObject"),
    (403, "SignatureDoesNotMatch", "secret"),
    (400, "ExpiredToken", "token"),
    (404, "NoSuchBucket", "create the bucket"),
    (400, "BadDigest", "damaged"),
    (501, "", "manual"),
]


@pytest.mark.parametrize(("status", "code", "mend"), CODES)
def test_error_texts_help_and_leak_nothing(
    client: S3Client, status: int, code: str, mend: str
) -> None:
    """Every refusal says how to mend it, without key, secret or the server's own words."""
    store = s3_store(client)
    acts: dict[str, Callable[[], object]] = {
        "PutObject": lambda: store.create("u/a", b"x"),
        "GetObject": lambda: store.get("u/a"),
        "HeadObject": lambda: store.open("u/a"),
        "DeleteObject": lambda: store.delete("u/a"),
        "ListObjectsV2": lambda: list(store.list("")),
    }
    for operation, act in acts.items():
        Meddler(client, operation, *[(status, code)] * 9)
        with pytest.raises(StoreError) as caught:
            act()
        if caught.value.code == "store":
            assert mend in caught.value.mend
        assert store.prefix in caught.value.where
        story = "".join(traceback.format_exception(caught.value))  # what a log would hold
        for secret in (SECRET, ACCESS_KEY):
            assert secret not in story
    assert not isinstance(caught.value, MissingObjectError)


def test_connect_uses_the_environment(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An address and credentials from the environment make a working store."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    store = connect(f"s3://{BUCKET}/city/archive/", endpoint_url=endpoint, region="us-east-1")
    store.create("u/a", b"data")
    assert connect(f"s3://{BUCKET}", endpoint_url=endpoint, region="us-east-1").get(
        "city/archive/u/a"
    )
    assert store.describe() == f"s3://{BUCKET}/city/archive/ at 127.0.0.1"
    with pytest.raises(StoreError, match="ProfileNotFound"):
        connect(f"s3://{BUCKET}", profile="nobody")


def test_unreachable_endpoint() -> None:
    """A store that is not there is told with what to check, and without the secret."""
    with s3_client("http://127.0.0.1:9", attempts=1) as client:
        store = s3_store(client)
        with pytest.raises(StoreError, match="EndpointConnectionError") as caught:
            store.get("u/a")
        assert "endpoint" in caught.value.mend
        story = "".join(traceback.format_exception(caught.value))
        assert SECRET not in story
        with pytest.raises(StoreError) as caught:
            store.create("u/a", b"x")
        assert caught.value.code == "store-uncertain"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bucket",
        "s3:///prefix",
        f"s3://{ACCESS_KEY}:{SECRET}@bucket/prefix",
        "https://bucket/prefix",
        "s3://Bucket!/x",
        "s3://bucket/x?versionId=1",
        "s3://bucket:99/x",
    ],
)
def test_odd_addresses(url: str) -> None:
    """An address that is none is refused, without repeating what stood in it."""
    with pytest.raises(UsageError, match="s3://bucket") as caught:
        connect(url)
    assert SECRET not in str(caught.value)


def test_odd_prefixes_and_endpoints() -> None:
    """Neither a prefix that leads elsewhere nor credentials in an address get through."""
    with pytest.raises(StoreError, match="refused a key"):
        connect("s3://bucket/a/../b")
    for odd in (f"https://user:{SECRET}@host", "not an address"):
        with pytest.raises(UsageError) as caught:
            connect("s3://bucket", endpoint_url=odd, region="us-east-1")
        assert SECRET not in str(caught.value)
