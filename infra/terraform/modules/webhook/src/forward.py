"""Hands deliveries that `accept` stored to the archive's receiver, as they came.

It runs beside ``archiver webhook serve`` (docs/deploy-aws.md). A delivery is deleted from the
bucket once the receiver has answered 200, which it does when it is on disk. What the receiver
does not believe goes to ``refused/``, where it waits for ``--again``. What it can't take now
stays, and is tried again; the queue is only a doorbell, and a sweep finds what nobody rang for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import signal
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["Forwarder", "main"]

NEW, REFUSED = "new/", "refused/"
SWEEP = 60.0
"""Seconds between two looks at everything that waits."""
_AGAIN = frozenset({408, 425, 429})
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"})
_SET = frozenset({"content-length", "x-forwarded-for", "x-received-at"})
_log = logging.getLogger("archiver.forward")


class Forwarder:
    """Forwards from a bucket to a receiver.

    Args:
        bucket: where deliveries are.
        receiver: its address, such as ``http://127.0.0.1:8095``.
        doorbell: address of the queue that is rung; empty: none.
        endpoint: another service of AWS's protocols; empty: AWS.
    """

    def __init__(self, bucket: str, receiver: str, doorbell: str = "", endpoint: str = "") -> None:
        self._bucket, self._doorbell = bucket, doorbell
        self._place = urlsplit(receiver).netloc
        self._s3: Any = boto3.client("s3", endpoint_url=endpoint or None)
        queue: Any = "sqs"  # boto3's stubs know S3 alone
        self._sqs: Any = boto3.client(queue, endpoint_url=endpoint or None)

    def forward(self, key: str) -> bool:
        """Forward one delivery; False where the receiver can't take it now."""
        try:
            parcel = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return True  # somebody was quicker
        status = self._deliver(parcel)
        if status == http.client.OK:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
            return True
        if status in _AGAIN or not 400 <= status < 500:  # noqa: PLR2004 - RFC 9110 §15.5
            _log.warning("%s waits: the receiver answered %d", key, status)
            return False
        self._set_aside(key, parcel, status)
        return True

    def _set_aside(self, key: str, parcel: bytes, status: int) -> None:
        """Keep a delivery that the receiver does not believe."""
        if not key.startswith(NEW):
            return  # it is already
        _log.warning("%s is kept as refused: the receiver answered %d", key, status)
        aside = REFUSED + key.removeprefix(NEW)
        try:
            self._s3.put_object(Bucket=self._bucket, Key=aside, Body=parcel, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise  # else it was set aside before a crash
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _deliver(self, parcel: bytes) -> int:
        """Send a delivery as it came; return the status of the answer, 503 where there is none."""
        line, _, body = parcel.partition(b"\n")
        head = json.loads(line)
        connection = http.client.HTTPConnection(self._place, timeout=60)
        try:
            connection.putrequest(
                head["method"], head["target"], skip_accept_encoding=True, skip_host=True
            )
            for name, value in head["headers"]:
                if name.lower() not in _HOP | _SET:
                    connection.putheader(name, value.encode("latin-1", "replace"))
            connection.putheader("x-forwarded-for", head["peer"])
            connection.putheader("x-received-at", head["received_at"])
            connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            _log.warning("the receiver does not answer: %s", type(error).__name__)
            return http.client.SERVICE_UNAVAILABLE
        finally:
            connection.close()

    def sweep(self, prefix: str = NEW) -> int:
        """Forward all that waits, oldest first; return how many could not be."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        return sum(
            not self.forward(one["Key"]) for page in pages for one in page.get("Contents", ())
        )

    def hear(self, seconds: int) -> None:
        """Wait so long for rings at most, and forward what they are for."""
        found = self._sqs.receive_message(
            QueueUrl=self._doorbell, MaxNumberOfMessages=10, WaitTimeSeconds=seconds
        )
        for message in found.get("Messages", ()):
            if self.forward(message["Body"]):
                receipt = message["ReceiptHandle"]
                self._sqs.delete_message(QueueUrl=self._doorbell, ReceiptHandle=receipt)

    def run(self, ended: threading.Event) -> None:
        """Forward what comes until ``ended``; what AWS refuses is told and tried again."""
        swept = float("-inf")
        while not ended.is_set():
            try:
                if time.monotonic() - swept > SWEEP:
                    self.sweep()
                    swept = time.monotonic()
                self.hear(20) if self._doorbell else ended.wait(5)
            except (BotoCoreError, ClientError) as error:
                _log.warning("AWS does not answer as it should: %s", type(error).__name__)
                ended.wait(5)


def main() -> None:
    """Forward as the environment says, until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="try what was refused, once, and end")
    again = parser.parse_args().again
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    environ = os.environ
    one = Forwarder(
        environ["BUCKET"],
        environ.get("RECEIVER", "http://127.0.0.1:8095"),
        environ.get("DOORBELL", ""),
        environ.get("ARCHIVER_AWS_ENDPOINT", ""),
    )
    if again:
        raise SystemExit(1 if one.sweep(REFUSED) else 0)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    one.run(ended)


if __name__ == "__main__":
    main()
