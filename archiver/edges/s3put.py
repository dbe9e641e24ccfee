"""Conditional writes to a bucket whose answers may get lost.

A PUT that timed out may have been done, and a refusal may be caused by the very write
whose answer was lost (boto sends again by itself). So whenever there was any doubt, the
object is looked up, and its random write id says whose write it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.edges import s3errors
from archiver.edges.s3errors import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.edges.s3body import Body

__all__ = ["ATTEMPTS", "MAX_OBJECT", "Head", "Requests", "put"]

ATTEMPTS = 5
MAX_OBJECT = 5 << 30  # bytes; what one PutObject may carry


class Head(NamedTuple):
    """Version, size in bytes and write id (None: not kept) of an object."""

    version: str
    size: int
    write_id: str | None


class Requests(Protocol):
    """What `put` asks of a bucket; each method raises `Failure`."""

    def send(self, key: str, body: Body, condition: dict[str, str]) -> str:
        """PutObject under ``condition`` (``IfMatch`` or ``IfNoneMatch``); return the version."""
        ...

    def head(self, key: str) -> Head:
        """HeadObject."""
        ...

    def chunks(self, key: str) -> tuple[str, Iterable[bytes]]:
        """GetObject: its version and its bytes."""
        ...

    def wait(self, attempt: int) -> None:
        """Wait before attempt number ``attempt``, which counts from 0."""
        ...

    def where(self, key: str) -> str:
        """Return the address of an object, for error texts."""
        ...


def put(requests: Requests, key: str, body: Body, condition: dict[str, str]) -> str | None:
    """Put ``body`` under ``condition``; return the version, or None where it did not hold.

    Raises `StoreError`, with code ``store-uncertain`` where the write may have been done.
    """
    if body.size > MAX_OBJECT:
        raise s3errors.too_large(MAX_OBJECT, requests.where(key))
    doubt = False
    for attempt in range(ATTEMPTS):
        requests.wait(attempt)
        try:
            version = requests.send(key, body, condition)
        except Failure as failure:
            doubt = doubt or failure.doubtful or failure.retried
            if not (failure.refused or failure.busy or failure.doubtful):
                raise s3errors.explain(failure, "store an object", requests.where(key)) from failure
            ours = _ours(requests, key, body) if doubt else None
            if ours is not None or failure.refused:
                return ours
        else:
            return _confirmed(requests, key, body, version)
    raise s3errors.uncertain(requests.where(key))


def _ours(requests: Requests, key: str, body: Body) -> str | None:
    """Return the version under ``key`` if this very call has written it, else None.

    A store that drops metadata is asked for the bytes: equal ones are as good, since
    sealed files begin with a random nonce.
    """
    try:
        head = requests.head(key)
        if head.write_id is None:
            return head.version if _same(requests, key, body, head.version) else None
    except Failure as failure:
        if failure.missing:
            return None
        raise s3errors.uncertain(requests.where(key)) from failure
    if head.write_id != body.write_id:
        return None
    return _confirmed(requests, key, body, head.version)


def _confirmed(requests: Requests, key: str, body: Body, version: str) -> str:
    """Return ``version`` once the store has shown that it kept the very bytes sent.

    Most ETags are the MD5 of what arrived; where not (encrypted), it is read back.
    """
    try:
        if version != body.md5.hex() and _same(requests, key, body, version) is False:
            raise s3errors.damaged("the store kept others than were sent", requests.where(key))
    except Failure as failure:
        raise s3errors.uncertain(requests.where(key)) from failure
    return version


def _same(requests: Requests, key: str, body: Body, version: str) -> bool | None:
    """Compare a stored object with ``body``; None where it was replaced meanwhile."""
    found, chunks = requests.chunks(key)
    return body.same(chunks) if found == version else None
