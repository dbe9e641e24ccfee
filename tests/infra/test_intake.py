"""Intake of webhooks in AWS: function, bucket, queue, forwarder, and a real receiver behind them.

Bucket and queue are moto's, a double; API Gateway is an event as its documentation has it.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import secrets
import sys
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from archiver.edges.inbox import InboxFiles
from tests.doubles import SeededRandomness
from tests.edges.store_helpers import ACCESS_KEY, SECRET, memory_folder, moto_endpoint
from tests.infra.planned import INFRA
from tests.receiver.events import event, signature
from tests.receiver.serving import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from archiver.record import Exchange


SOURCES = INFRA / "modules/webhook/src"


def _loaded(name: str) -> ModuleType:
    path = SOURCES / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"webhook_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


accept, forward = _loaded("accept"), _loaded("forward")


class Cloud:
    """A bucket, a queue, and a receiver."""

    def __init__(self, endpoint: str, receiver: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        session = boto3.Session(ACCESS_KEY, SECRET, region_name="us-east-1")
        self.s3: Any = session.client("s3", endpoint_url=endpoint)
        queue: Any = "sqs"
        self.sqs: Any = session.client(queue, endpoint_url=endpoint)
        self.bucket = f"incoming-{secrets.token_hex(8)}"  # moto keeps all in one memory
        self.s3.create_bucket(Bucket=self.bucket)
        self.queue = self.sqs.create_queue(QueueName=self.bucket)["QueueUrl"]
        self.receiver = receiver
        address = f"http://127.0.0.1:{receiver.port}"
        environ = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "ARCHIVER_AWS_ENDPOINT": endpoint,
            "BUCKET": self.bucket,
            "DOORBELL": self.queue,
            "RECEIVER": address,
            "HANDLES": "",
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        self.forwarder = forward.Forwarder(self.bucket, address, self.queue, endpoint)

    def keys(self) -> list[str]:
        """Return the keys of what is in the bucket."""
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [one["Key"] for one in found]

    def post(self, body: bytes, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Have the function answer a delivery."""
        headers = {"Content-Type": ["application/json"], "X-Hub-Signature": [signature(body)]}
        path = self.receiver.path()
        asked = {
            "httpMethod": "POST",
            "path": path,
            "pathParameters": {"handle": path.rpartition("/")[2]},
            "multiValueHeaders": {**headers, "X-Forwarded-For": ["198.51.100.7"]},
            "multiValueQueryStringParameters": None,
            "requestContext": {"identity": {"sourceIp": "203.0.113.9"}},
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
            **changed,
        }
        answer: dict[str, Any] = accept.handler(asked, None)
        return answer


@pytest.fixture(scope="module")
def receiver() -> Iterator[Served]:
    """A receiver that runs, and does not settle."""
    with memory_folder() as folder, served(folder) as made:
        made.start("--no-settle", "--settle-every", "0.2", "--proxy", "127.0.0.1")
        yield made


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a moto server."""
    with moto_endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def cloud(endpoint: str, receiver: Served, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Bucket and queue of their own for each test, before the one receiver."""
    return Cloud(endpoint, receiver, monkeypatch)


def _kept(receiver: Served, body: bytes) -> list[Exchange]:
    """Return the deliveries with that body that are durable, once their file is closed."""
    (inboxes,) = (receiver.folder / "home").glob("*/inbox")
    (handle,) = (path.name for path in inboxes.glob("*/"))
    files = InboxFiles(inboxes, handle, SeededRandomness("reader"))
    for _ in range(100):
        all_of_it = [one for file in files.pending() for one in files.read(file)]
        found = [one for one in all_of_it if one.request.endswith(body)]
        if found:
            return found
        time.sleep(0.1)
    return []


def test_a_delivery_is_stored_before_it_is_answered(cloud: Cloud) -> None:
    """200 is answered with the parcel in the bucket; the queue is rung with its key."""
    body = event(101)
    assert cloud.post(body)["statusCode"] == 200
    (key,) = cloud.keys()
    head, _, raw = cloud.s3.get_object(Bucket=cloud.bucket, Key=key)["Body"].read().partition(b"\n")
    assert raw == body
    assert json.loads(head)["peer"] == "203.0.113.9"
    rung = cloud.sqs.receive_message(QueueUrl=cloud.queue)["Messages"]
    assert [one["Body"] for one in rung] == [key]


def test_nothing_is_answered_with_200_that_is_not_stored(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that takes nothing: 503, and its sender comes again."""
    monkeypatch.setenv("BUCKET", "no-such-bucket")
    answer = cloud.post(event(102))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "30")


def test_a_lost_doorbell_loses_nothing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody could be rung the delivery is answered all the same, and a sweep finds it."""
    monkeypatch.setenv("DOORBELL", cloud.queue + "-gone")
    assert cloud.post(event(103))["statusCode"] == 200
    assert cloud.forwarder.sweep() == 0
    assert cloud.keys() == []


def test_the_receiver_has_it_as_it_came(cloud: Cloud) -> None:
    """Bytes, target, sender and headers; the time it was received at stands beside them."""
    body = event(104, "Ünïcode and \\u0000 stay as they are")
    cloud.post(body)
    cloud.forwarder.hear(1)
    assert cloud.keys() == []
    assert "Messages" not in cloud.sqs.receive_message(QueueUrl=cloud.queue)
    (one,) = _kept(cloud.receiver, body)
    head = one.request.partition(b"\r\n\r\n")[0].decode().lower()
    assert one.ip_address == "203.0.113.9"
    assert f"post {cloud.receiver.path()} http/1.1".lower() in head
    assert f"x-hub-signature: {signature(body)}" in head
    assert "x-received-at: 20" in head


def test_what_is_handed_over_twice_is_kept_once(cloud: Cloud) -> None:
    """A forwarder that was killed before it deleted hands over again: no second copy."""
    body = event(105)
    cloud.post(body)
    (key,) = cloud.keys()
    parcel = cloud.s3.get_object(Bucket=cloud.bucket, Key=key)["Body"].read()
    assert cloud.forwarder.forward(key) is True
    cloud.s3.put_object(Bucket=cloud.bucket, Key=key, Body=parcel)
    assert cloud.forwarder.forward(key) is True
    assert cloud.forwarder.forward(key) is True  # which is gone
    assert len(_kept(cloud.receiver, body)) == 1


def test_what_is_not_believed_is_kept_apart(cloud: Cloud) -> None:
    """A forged delivery was answered with 200, so it is not thrown away: it may be tried again."""
    forged = {"Content-Type": ["application/json"], "X-Hub-Signature": ["sha256=" + "0" * 64]}
    cloud.post(event(106), multiValueHeaders=forged)
    assert cloud.forwarder.sweep() == 0
    (key,) = cloud.keys()
    assert key.startswith("refused/")
    assert cloud.forwarder.sweep("refused/") == 0
    assert cloud.keys() == [key]


def test_what_nobody_takes_now_waits(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the receiver gone the delivery stays, and so does the message that rang for it."""
    monkeypatch.setattr(cloud.forwarder, "_place", "127.0.0.1:9")
    cloud.post(event(107))
    cloud.forwarder.hear(1)
    assert len(cloud.keys()) == 1
    assert cloud.forwarder.sweep() == 1


@pytest.mark.parametrize("handle", ["", "a/b", "x" * 65, "né"])
def test_odd_names_are_refused(cloud: Cloud, handle: str) -> None:
    """What can be nobody's address is not stored."""
    assert cloud.post(event(108), pathParameters={"handle": handle})["statusCode"] == 403
    assert cloud.keys() == []


def test_only_known_names_where_they_are_listed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a list of accounts no other is stored for."""
    monkeypatch.setenv("HANDLES", "another")
    assert cloud.post(event(109))["statusCode"] == 403


def test_handshakes_are_the_receivers(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GET is answered by whoever knows secrets; 503 where nobody does."""
    asked = {"httpMethod": "GET", "multiValueQueryStringParameters": {"hub.mode": ["subscribe"]}}
    assert cloud.post(b"", **asked)["statusCode"] == 403  # Mastodon has no handshake
    monkeypatch.setenv("RECEIVER", "http://127.0.0.1:9")
    assert cloud.post(b"", **asked)["statusCode"] == 503
    assert cloud.keys() == []


def test_the_package_is_one_file() -> None:
    """What the module says to zip imports nothing but what Lambda has."""
    tree = ast.parse((SOURCES / "accept.py").read_text("utf-8"))
    named = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert named - sys.stdlib_module_names == {"boto3", "botocore"}
