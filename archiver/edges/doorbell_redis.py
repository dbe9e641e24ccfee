"""A doorbell that is a stream of Redis, read by a consumer group (redis.io, "Streams").

A ring that was handed out stays pending until it is acknowledged, and is handed out again.
All who hear go by one name: who comes next has at once what the one before left pending.
Rings may be lost with the server's memory: who settles looks at times all the same.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis

from archiver.errors import TransientError
from archiver.receiving import Ring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["PASSWORD", "RedisQueue"]

PASSWORD = "ARCHIVER_DOORBELL_PASSWORD"  # noqa: S105 - the name of a variable

GROUP = CONSUMER = "settling"
_FIELD = "account"
_MOST = 100
_AGAIN = 60_000
"""Milliseconds after which a ring that was heard and not answered is heard again."""
_PATIENCE = 5.0
"""Seconds to wait for the server, beyond those that it was asked to wait itself."""
_LONGEST = 30.0
"""Seconds that the server is asked to wait at most."""


class RedisQueue:
    """A stream (`archiver.receiving.Queue`).

    Args:
        url: ``redis://`` or ``rediss://``, host, port and number of the database.
        stream: its key.
        environ: `PASSWORD` in it is the server's password; it is in no error.
    """

    def __init__(self, url: str, stream: str, environ: Mapping[str, str] = os.environ) -> None:
        self._url = url
        self._stream = stream
        self._first = True
        self._client = redis.Redis.from_url(
            url,
            password=environ.get(PASSWORD) or None,
            decode_responses=True,
            protocol=2,  # answers are lists of pairs, of any server
            socket_connect_timeout=_PATIENCE,
            socket_timeout=_LONGEST + _PATIENCE,
        )

    def ring(self, account: str) -> None:
        """Add a ring to the stream."""
        with self._explained():
            self._client.xadd(self._stream, {_FIELD: account})

    def heard(self, seconds: float) -> list[Ring]:
        """Return what was heard and never answered, or else wait for what is new."""
        with self._explained():
            try:
                return self._read(min(seconds, _LONGEST))
            except redis.ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                self._found()
                return self._read(min(seconds, _LONGEST))

    def answer(self, ring: Ring) -> None:
        """Acknowledge a ring, and remove it from the stream."""
        with self._explained(), self._client.pipeline(transaction=True) as both:
            both.xack(self._stream, GROUP, ring.receipt)
            both.xdel(self._stream, ring.receipt)
            both.execute()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, seconds: float) -> list[Ring]:
        idle = 0 if self._first else _AGAIN
        left: Any = self._client.xautoclaim(self._stream, GROUP, CONSUMER, idle, "0-0", count=_MOST)
        self._first = False
        if left[1]:
            return _rings(left[1])
        block = max(1, int(seconds * 1000))
        answer: Any = self._client.xreadgroup(
            GROUP, CONSUMER, {self._stream: ">"}, count=_MOST, block=block
        )
        return [ring for _, entries in answer or () for ring in _rings(entries)]

    def _found(self) -> None:
        """Make the group, and with it the stream; all that is there already is heard."""
        try:
            self._client.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another one made it
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:  # its text may quote what was sent
            raise TransientError(
                f"the doorbell can't be reached: {type(error).__name__}",
                where=self._url,
                mend="see that the server runs; what waits is settled at the next look meanwhile",
            ) from None


def _rings(entries: Iterable[tuple[str, dict[str, str] | None]]) -> list[Ring]:
    """Return the rings of entries; one whose fields were removed is for nobody."""
    return [Ring((fields or {}).get(_FIELD, ""), name) for name, fields in entries]
