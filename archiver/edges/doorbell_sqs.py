"""A doorbell that is a queue of Amazon SQS, or of what speaks its protocol.

A message that was handed out is invisible for a while, and there again unless it was deleted.
The queue's own address is where requests go, so one behind a VPC endpoint needs nothing else.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from archiver.errors import TransientError
from archiver.receiving import Ring

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SqsQueue"]

_AGAIN = 60
"""Seconds after which a ring that was heard and not answered is heard again."""
_MOST = 10
"""Messages that SQS hands out at once, at most."""
_LONGEST = 20
"""Seconds that SQS waits, at most."""
_HOST = re.compile(r"sqs\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


class SqsQueue:
    """A queue (`archiver.receiving.Queue`). Credentials are found as boto3 finds them.

    Args:
        url: the queue's, as AWS prints it.
        region: which one, where its address does not say so.
    """

    def __init__(self, url: str, region: str = "") -> None:
        parts = urlsplit(url)
        named = _HOST.fullmatch(parts.hostname or "")
        self._url = url
        self._client: Any = boto3.client(
            "sqs",
            endpoint_url=f"{parts.scheme}://{parts.netloc}",
            region_name=(named[1] if named else region) or None,
            config=Config(
                connect_timeout=5, read_timeout=_LONGEST + 5, retries={"mode": "standard"}
            ),
        )

    def ring(self, account: str) -> None:
        """Send a message whose body is the account's handle."""
        with self._explained():
            self._client.send_message(QueueUrl=self._url, MessageBody=account)

    def heard(self, seconds: float) -> list[Ring]:
        """Receive messages; each is invisible to others for a minute."""
        with self._explained():
            found = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_MOST,
                VisibilityTimeout=_AGAIN,
                WaitTimeSeconds=max(0, min(_LONGEST, int(seconds))),
            )
        return [Ring(one["Body"], one["ReceiptHandle"]) for one in found.get("Messages", ())]

    def answer(self, ring: Ring) -> None:
        """Delete a message."""
        with self._explained():
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=ring.receipt)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:  # its text may quote what was sent
            code = ""
            if isinstance(error, ClientError):
                code = error.response.get("Error", {}).get("Code", "")
            raise TransientError(
                f"the doorbell can't be reached: {code or type(error).__name__}",
                where=self._url,
                mend="see that the queue is there and may be used from here; what waits is "
                "settled at the next look meanwhile",
            ) from None
