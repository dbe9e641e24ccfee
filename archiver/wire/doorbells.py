"""The doorbell between receiver and Airflow: which queue the settings name.

==============================  =================================================================
``doorbell``                    what it is
==============================  =================================================================
``redis://HOST:PORT/DB``        a stream of Redis, ``civic-archiver:ARCHIVE``; ``rediss`` for TLS.
                                Its password is in ``ARCHIVER_DOORBELL_PASSWORD``, never here.
``https://sqs.…/QUEUE``         a queue of SQS by its address; credentials as boto3 finds them,
                                the region from the address, or else ``s3_region``.
==============================  =================================================================
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.edges.doorbell import PipeDoorbell
from archiver.edges.doorbell_far import FarDoorbell
from archiver.errors import UsageError
from archiver.flows.identity import load
from archiver.wire.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.receiving import Doorbell, Queue
    from archiver.settings import Settings

__all__ = ["doorbell_at", "queue_of"]


def queue_of(settings: Settings) -> Queue | None:
    """Return the queue that the settings name, not yet connected; None where they name none.

    Raises `UsageError` for an address that is none, or where its client is not installed.
    """
    if not settings.doorbell:
        return None
    try:
        parts = urlsplit(settings.doorbell)
        secret, host = "@" in parts.netloc, parts.hostname and (parts.port or True)
    except ValueError:
        raise _wrong() from None
    if secret:  # not repeated: it may be one
        raise UsageError(
            "a doorbell's address names nobody",
            where="doorbell",
            mend="set ARCHIVER_DOORBELL_PASSWORD",
        )
    if parts.scheme in {"redis", "rediss"} and host and not parts.query:
        return _redis(settings)
    if parts.scheme in {"http", "https"} and host and parts.path.strip("/"):
        from archiver.edges.doorbell_sqs import SqsQueue

        return SqsQueue(settings.doorbell, settings.s3_region)
    raise _wrong()


def _redis(settings: Settings) -> Queue:
    try:
        from archiver.edges.doorbell_redis import RedisQueue
    except ImportError:
        raise UsageError(
            "the client of Redis is not installed",
            where="doorbell",
            mend="pip install 'civic-archiver[redis]'",
        ) from None
    identity, _ = load(open_store(settings))
    return RedisQueue(settings.doorbell, f"civic-archiver:{identity.id}")


def _wrong() -> UsageError:
    return UsageError(
        "not a doorbell",
        where="doorbell",
        mend="write redis://HOST:PORT/DB, or the address of an SQS queue; or leave it out",
    )


@contextmanager
def doorbell_at(settings: Settings, pipe: Path) -> Iterator[Doorbell]:
    """Yield what the receiver rings: the pipe of its home, and the queue where there is one."""
    near, queue = PipeDoorbell(pipe), queue_of(settings)
    if queue is None:
        yield near
        return
    far = FarDoorbell(near, queue)
    try:
        yield far
    finally:
        far.close()
