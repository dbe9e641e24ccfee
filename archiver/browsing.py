"""What a browser is to us: a process of its own that shows one page, and asks us for its parts.

It reaches no network: whatever the page wants is asked for by the archive itself, recorded and
fenced like everything else (`archiver.edges.fence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.record import Exchange, Request

__all__ = ["Browser", "Part", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a page asks for while it is shown.

    ``kind``: ``document``, ``stylesheet``, ``script``, ``image`` and so on.
    """

    method: str
    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class Part:
    """What it gets. ``status`` 0: nothing, as if nobody were there."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Browser(Protocol):
    """Shows pages, one at a time."""

    def show(
        self,
        request: Request,
        purpose: Mapping[str, str],
        fetch: Callable[[Wanted], Part],
    ) -> Exchange:
        """Return what it made of a page, recorded as an exchange with its process.

        The answer to ``dom`` is a JSON object: ``browser`` (its name and version), ``title``,
        ``text`` as it was to be read, ``dom`` (HTML, UTF-8), ``loaded`` (whether all parts of the
        page came in time), ``refused`` (what it asked for and did not get). That to ``png`` is a
        picture of the whole page.

        Args:
            request: the page; ``rendered`` says what of it is wanted.
            purpose: what for, as of any request.
            fetch: gives each part of the page.

        Raises:
            CaptureError: no browser could show it; nothing is recorded.
        """
        ...
