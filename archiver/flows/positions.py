"""How far listings and streams were read: a cache of this home (ADR 0018).

A position is written after what came before it is sealed, and before the spool lets go of
the exchange that told it. So a kill between the two leaves the exchange to tell it again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.reading import Reading
    from archiver.ports import HomeFiles
    from archiver.record import Exchange

__all__ = ["Positions"]


class Positions:
    """The positions of one account, by listing; ``latest`` has those not yet written, too."""

    def __init__(self, home: HomeFiles, handle: str) -> None:
        self._home = home
        self._path = f"cache/cursors/{handle}"
        self._kept = _cursors(home.read(self._path) or b"{}")
        self.latest = dict(self._kept)

    def note(self, positions: Mapping[str, str]) -> None:
        """Remember positions until they may be written."""
        self.latest |= {name: position for name, position in positions.items() if position}

    def heard(self, exchange: Exchange, reading: Reading) -> None:
        """Remember the position that a spooled answer to listening tells."""
        if "listen" in exchange.purpose:
            self.note({exchange.purpose["listing"]: reading.page.cursor})

    def keep(self) -> None:
        """Write what is remembered: everything before it is sealed."""
        if self.latest != self._kept:
            self._home.write(self._path, json.dumps(self.latest, sort_keys=True).encode())
            self._kept = dict(self.latest)


def _cursors(data: bytes) -> dict[str, str]:
    """Return the kept cursors; a damaged cache is as good as none."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
