"""What a stand-in is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "Asked", "Service"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request: ``target`` is path and query as sent, header names in lower case.

    ``base`` is the address of the server, without a trailing slash; ``body`` what was sent.
    """

    method: str
    target: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query as sent, without the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response, and how it is sent.

    ``cut``: bytes of the body after which the connection ends, though more were
    announced. ``chunked``: sent in chunks (RFC 9112 §7.1) instead of with its length.
    ``reset``: nothing is sent, the connection is reset.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: int | None = None
    chunked: bool = False
    reset: bool = False


class Service(Protocol):
    """One stand-in platform."""

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not this platform's."""
        ...
