"""Removing versions by a role of its own, and naming a KMS key; moto gives roles to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from archiver.edges.s3 import S3Store, connect
from archiver.edges.s3errors import Failure
from archiver.edges.s3purge import How, Purging, session
from tests.edges.store_helpers import ACCESS_KEY, BUCKET, SECRET, moto_endpoint, s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

ROLE = "arn:aws:iam::123456789012:role/purge"
KEY = "u/01junit/01jsegment.warc.gz"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a moto server with a bucket that keeps versions."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with moto_endpoint() as endpoint, s3_client(endpoint) as client:
        client.create_bucket(Bucket=BUCKET)
        enabled: Any = {"Status": "Enabled"}
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
        yield endpoint


def test_a_session_names_the_unit() -> None:
    """The role is taken for the unit that a key lies in, and for a quarter of an hour."""
    asked = session(ROLE, KEY)
    assert asked["Tags"] == [{"Key": "unit", "Value": "01junit"}]
    assert (asked["RoleArn"], asked["DurationSeconds"]) == (ROLE, 900)


def test_versions_go_by_the_role(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every version of a file is removed, and the role that was taken asks for that, once taken."""
    signed: list[str] = []
    make = boto3.Session.client

    def note(request: AWSPreparedRequest, **_: object) -> None:
        given: Any = request.headers["Authorization"]
        text = given.decode() if isinstance(given, bytes) else str(given)
        signed.append(f"{request.method} by {'role' if 'Credential=ASIA' in text else 'caller'}")

    def watched(self: boto3.Session, service: Any, **more: Any) -> Any:  # noqa: ANN401 - as boto3
        client = make(self, service, **more)
        client.meta.events.register("before-send", note)
        return client

    monkeypatch.setattr(boto3.Session, "client", watched)
    store = connect(f"s3://{BUCKET}/a", endpoint_url=endpoint, region="us-east-1", purge_role=ROLE)
    store.swap(KEY, b"two", store.swap(KEY, b"one", None))
    assert set(signed) == {"PUT by caller"}
    signed.clear()
    assert store.erase(KEY) == ()
    assert set(signed) == {"POST by caller", "GET by role", "DELETE by role"}
    assert signed.count("POST by caller") == 1
    with s3_client(endpoint) as client:
        assert "Versions" not in client.list_object_versions(Bucket=BUCKET, Prefix="a/u/")


def test_who_may_not_take_the_role_says_what_is_left(endpoint: str) -> None:
    """Without the role the caller's own rights are tried, and each version that is kept is told."""

    def refused(_: str) -> S3Client:
        raise Failure("AccessDenied", status=403)

    def no_versions(params: dict[str, Any], **_: object) -> None:
        if "VersionId" in params:
            told: Any = {"Error": {"Code": "AccessDenied"}}
            raise ClientError(told, "DeleteObject")

    with s3_client(endpoint) as client:
        client.meta.events.register("provide-client-params.s3.DeleteObject", no_versions)
        store = S3Store(BUCKET, "b/", client, how=How(purging=Purging(refused)))
        store.create(KEY, b"one")
        left = store.erase(KEY)
        assert len(left) == 2  # the version, and the marker that hides it
        assert all("is kept (AccessDenied)" in one for one in left)
        assert list(store.list("u/")) == []


def test_a_service_that_does_not_answer_is_an_error() -> None:
    """What could not be asked is no refusal: it is raised."""

    def silent(_: str) -> S3Client:
        raise Failure("EndpointConnectionError", network=True)

    with pytest.raises(Failure):
        Purging(silent).client(KEY)


def test_a_session_is_for_one_unit_and_ends() -> None:
    """The role is taken again for another unit, and before the session ends; never elsewhere."""
    now, taken = [0.0], list[str]()

    def take(key: str) -> Any:  # noqa: ANN401 - any client
        taken.append(key)
        return object()

    one = Purging(take, lambda: now[0])
    assert one.client("log/head") is None
    first = one.client("u/a/1.warc.gz")
    assert one.client("u/a/2.parquet") is first
    one.client("u/b/1.warc.gz")
    assert taken == ["u/a/1.warc.gz", "u/b/1.warc.gz"]
    now[0] = 781.0
    one.client("u/b/2.parquet")
    assert len(taken) == 3


def test_a_kms_key_is_named(endpoint: str) -> None:
    """With a key in the settings each object is stored under SSE-KMS with it, and read back."""
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    store = connect(f"s3://{BUCKET}/c", endpoint_url=endpoint, region="us-east-1", kms_key=key)
    store.create(KEY, b"one")
    assert store.get(KEY) == b"one"
    with s3_client(endpoint) as client:
        found = client.head_object(Bucket=BUCKET, Key=f"c/{KEY}")
        assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)
