"""What all real servers of the tests have in common: how they begin, answer and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from tests.real.daemons import Daemons

__all__ = ["Server", "answers"]


class Server:
    """A server of its own, from an empty or absent folder; use it as a context manager.

    A kind of server says in `_install` what it needs and in `_start` how it comes up.
    """

    _daemons: Daemons | None

    def __enter__(self) -> Self:
        """Install what is missing, start from nothing, wait until it answers."""
        self._install()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()

    def stop(self) -> None:
        """End the server's programs, and whatever they started."""
        if self._daemons:
            self._daemons.stop()
        self._daemons = None

    def _install(self) -> None:
        """Make sure that what it needs is there."""

    def _start(self) -> None:
        raise NotImplementedError


def answers(url: str) -> bool:
    """Tell whether a server answers at an address, and well."""
    try:
        return httpx.get(url, timeout=30).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
