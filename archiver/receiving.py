"""What the receiver of deliveries and the flows behind it say to each other, as ports and values.

The receiver (`archiver.edges.receiver`) reads requests; a `Judge` made by
`archiver.flows.hooks` says what to answer and what to keep; an inbox keeps it; a doorbell
wakes whoever settles it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.record import Exchange

__all__ = ["Doorbell", "Incoming", "Judge", "Letter", "Queue", "Ring", "Ruling"]


class Incoming(NamedTuple):
    """One request to ``/hooks/<handle>``, whole: path with query as received, raw body.

    ``peer`` is the address it came from, empty where it is not known.
    """

    method: str
    handle: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    peer: str = ""


class Letter(NamedTuple):
    """A delivery to be kept for one account (its handle)."""

    account: str
    exchange: Exchange


class Ruling(NamedTuple):
    """What to answer, why (for the log, without secrets), and what to keep before that."""

    status: int
    reason: str
    content_type: str = ""
    body: bytes = b""
    letters: tuple[Letter, ...] = ()


class Judge(Protocol):
    """Says what becomes of a request. Does no I/O, raises on no bytes."""

    def rule(self, incoming: Incoming) -> Ruling:
        """Return the answer to a request that came whole."""
        ...

    def hooks(self) -> Mapping[str, str]:
        """Return the accounts that may be sent to: handle -> name."""
        ...


class Doorbell(Protocol):
    """Tells whoever settles deliveries that some wait: a hint, never the delivery itself.

    A ring may be lost: what waits is found all the same, by whoever looks.
    """

    def ring(self, account: str) -> None:
        """Say that deliveries to an account (its handle) wait to be settled."""
        ...


class Ring(NamedTuple):
    """One ring that a queue holds: for which account (its handle), and by what it is answered."""

    account: str
    receipt: str


class Queue(Protocol):
    """A doorbell that holds each ring until it is answered. All raise `TransientError`.

    A ring that is heard and not answered is heard again: whoever heard it may have died.
    """

    def ring(self, account: str) -> None:
        """Have a ring for an account (its handle) held."""
        ...

    def heard(self, seconds: float) -> Sequence[Ring]:
        """Wait so long for rings at most; return those that nobody has heard, or answered."""
        ...

    def answer(self, ring: Ring) -> None:
        """Let go of a ring; answering it twice is no error."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
