"""AWS Lambda behind API Gateway: a delivery is in a bucket before its sender is answered.

Nothing is judged here: whether a delivery is genuine is said by the archive's receiver, which
has the accounts' secrets (docs/webhooks.md); `forward` hands it what is stored here, as it came.
A parcel is a line of JSON (what came before the body) and the raw body.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import urllib.error
import urllib.request
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["handler"]

NEW = "new/"
_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HANDSHAKE_SECONDS = 8
_log = logging.getLogger("archiver.accept")
_log.setLevel(logging.INFO)

Answer = dict[str, Any]


def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes it at run time
    config = Config(connect_timeout=3, read_timeout=6, retries={"total_max_attempts": 3})
    endpoint = os.environ.get("ARCHIVER_AWS_ENDPOINT") or None
    return boto3.client(service, config=config, endpoint_url=endpoint)  # type: ignore[call-overload]


def _answer(
    status: int, body: str = "", content_type: str = "text/plain", **headers: str
) -> Answer:
    named = {"content-type": content_type, "x-content-type-options": "nosniff", **headers}
    return {"statusCode": status, "headers": named, "body": body, "isBase64Encoded": False}


def _target(event: dict[str, Any]) -> str:
    """Return path and query; the path is without the stage, so as platforms were told it."""
    query = "&".join(
        f"{quote(name, safe='.')}={quote(value, safe='')}"
        for name, values in (event.get("multiValueQueryStringParameters") or {}).items()
        for value in values
    )
    return f"{event['path']}?{query}" if query else str(event["path"])


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    return b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _parcel(event: dict[str, Any], received: str) -> bytes:
    headers = event.get("multiValueHeaders") or {}
    head = {
        "method": event["httpMethod"],
        "target": _target(event),
        "headers": [[name, value] for name, values in headers.items() for value in values],
        "peer": event["requestContext"]["identity"]["sourceIp"],
        "received_at": received,
    }
    return json.dumps(head).encode() + b"\n" + _body(event)


def _store(event: dict[str, Any]) -> Answer:
    """Store a delivery, ring, and answer: in this order."""
    now = datetime.now(UTC)
    key = f"{NEW}{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(8)}"
    try:
        _client("s3").put_object(
            Bucket=os.environ["BUCKET"],
            Key=key,
            Body=_parcel(event, now.isoformat(timespec="microseconds")),
            IfNoneMatch="*",
            ChecksumAlgorithm="SHA256",
        )
    except (BotoCoreError, ClientError) as error:
        _log.error("not stored: %s", type(error).__name__)
        return _answer(503, **{"retry-after": "30"})
    try:
        _client("sqs").send_message(QueueUrl=os.environ["DOORBELL"], MessageBody=key)
    except (BotoCoreError, ClientError) as error:  # whoever sweeps finds it all the same
        _log.warning("stored, and nobody was rung: %s", type(error).__name__)
    return _answer(200)


def _handshake(event: dict[str, Any]) -> Answer:
    """Pass on a question whether the address is ours to the receiver, which knows secrets."""
    request = urllib.request.Request(os.environ["RECEIVER"] + _target(event))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_HANDSHAKE_SECONDS) as found:  # noqa: S310
            kind = found.headers.get("content-type", "text/plain")
            return _answer(found.status, found.read(65_536).decode("utf-8", "replace"), kind)
    except urllib.error.HTTPError as refused:
        return _answer(refused.code)
    except OSError as error:
        _log.error("the receiver does not answer: %s", type(error).__name__)
        return _answer(503, **{"retry-after": "30"})


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request of API Gateway (REST, Lambda proxy integration)."""
    handle = (event.get("pathParameters") or {}).get("handle", "")
    known = os.environ.get("HANDLES", "").split()
    if not _HANDLE.fullmatch(handle) or (known and handle not in known):
        return _answer(403)
    if event["httpMethod"] == "GET":
        return _handshake(event)
    if event["httpMethod"] != "POST":
        return _answer(405, allow="GET, POST")
    return _store(event)
