"""The stand-in server's event stream: com.atproto.sync.subscribeRepos.

What happens to records of any account has a number. Events are replayed from a number on,
and go on while they happen (atproto.com/specs/event-stream), with a ping at the start.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from archiver.demo.answer import CLOSE, PING, frame
from archiver.demo.bluesky.calls import XrpcError
from archiver.demo.bluesky.encoding import car, cbor, record_cid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.bluesky.network import Change, Network, Value

__all__ = ["Firehose"]

_LOOK = 0.02
"""Seconds between two looks for what is new."""


class Firehose:
    """The events of a network.

    ``oldest`` is the first number that is still to be had. ``refuse`` names an error
    (``ConsumerTooSlow``) that the next subscriber is told after what there is.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.oldest = 1
        self.refuse = ""

    def frames(self, cursor: str) -> Iterator[bytes]:
        """Yield the frames of a WebSocket from a position on, and nothing while nothing is new.

        Raises `XrpcError` for what is no position.
        """
        if cursor and not cursor.isdecimal():
            raise XrpcError(400, "InvalidRequest", "cursor must be an integer")
        log = self.network.log
        return self._frames(int(cursor) if cursor else len(log))

    def _frames(self, number: int) -> Iterator[bytes]:
        log, refuse = self.network.log, self.refuse
        yield frame(b"", PING)
        if number > len(log):
            yield from _error("FutureCursor", "Cursor in the future.")
            return
        if number + 1 < self.oldest:
            about = {"name": "OutdatedCursor", "message": "Requested cursor exceeded limit"}
            yield _message({"op": 1, "t": "#info"}, about)
            number = self.oldest - 1
        while True:
            for change in log[number:]:
                number += 1
                yield _message({"op": 1, "t": "#commit"}, _commit(number, change))
            if refuse:
                self.refuse = ""
                yield from _error(refuse, "Stream consumer too slow")
                return
            yield b""
            time.sleep(_LOOK)


def _commit(number: int, change: Change) -> Value:
    """Return the event of one change."""
    made = [] if change.value is None else [change.value]
    link = None if change.value is None else {"$link": record_cid(change.value)}
    operation = {"action": change.action, "path": change.path, "cid": link}
    if change.before:
        operation["prev"] = {"$link": change.before}
    return {
        "seq": number,
        "repo": change.did,
        "rev": change.rev,
        "since": None,
        "time": change.at,
        "ops": [operation],
        "blobs": [],
        "blocks": car(made, change.did, change.rev),
        "commit": {"$link": record_cid({"rev": change.rev})},
        "rebase": False,
        "tooBig": False,
    }


def _error(name: str, message: str) -> Iterator[bytes]:
    """Yield the last two frames of a stream that ends with an error."""
    yield _message({"op": -1}, {"error": name, "message": message})
    yield frame(b"\x03\xf0", CLOSE)


def _message(header: Value, body: Value) -> bytes:
    return frame(cbor(header) + cbor(body))
