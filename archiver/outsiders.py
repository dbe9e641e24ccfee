"""Those outside who vouch for an archive, and what a witness of our own remembers.

Protocols like those of `archiver.ports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

__all__ = ["Outside", "WitnessStore"]


class Outside(Protocol):
    """Services of others: witnesses and time-stamp authorities. Nothing is believed of them."""

    def get(self, url: str) -> tuple[int, bytes]:
        """Return status and body of a GET. Raises `TransientError` where no answer came."""
        ...

    def post(self, url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Return status and body of a POST. Raises `TransientError` where no answer came."""
        ...

    def shares_host(self, url: str, others: Sequence[str]) -> bool:
        """Tell whether a URL leads to this machine, or to where one of the others leads.

        Compared by network address; also true where an address can't be found out.
        """
        ...


class WitnessStore(Protocol):
    """What a witness remembers: the last note it cosigned for each log, by its origin."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep every other thread and process out, from reading to keeping."""
        ...

    def latest(self, origin: str) -> bytes | None:
        """Return the last note cosigned for a log, or None."""
        ...

    def keep(self, origin: str, note: bytes) -> None:
        """Replace it, durably: it is on disk when this returns. Call it while `exclusive`."""
        ...
