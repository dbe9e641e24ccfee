"""The operating system's random source, as `archiver.ports.Randomness`."""

from __future__ import annotations

import os

__all__ = ["SystemRandomness"]


class SystemRandomness:
    """Cryptographically secure random bytes (``getrandom`` or ``/dev/urandom``)."""

    def bytes(self, count: int) -> bytes:
        """Return ``count`` random bytes."""
        return os.urandom(count)
