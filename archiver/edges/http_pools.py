"""The connections of a recorder, by scheme; what is fenced has connections of its own."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import httpcore
import httpx

from archiver.edges.http_tee import TeeBackend

if TYPE_CHECKING:
    import ssl

__all__ = ["Pools"]

_CONNECTIONS = 100
_KEEP_ALIVE = 15.0


class Pools:
    """Pools of connections, each made once it is needed. Safe for use by many threads.

    ``tls``: trust settings; without them the certificate authorities that httpx brings.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._making = Lock()
        self._pools: dict[tuple[str, bool], httpcore.ConnectionPool] = {}

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()

    def of(self, scheme: str, *, fenced: bool) -> httpcore.ConnectionPool:
        """Return the connections of a scheme; trust settings are read once TLS is met.

        ``fenced``: those that were all made through a fence (`archiver.edges.fence`).
        """
        with self._making:
            if (scheme, fenced) not in self._pools:
                self._pools[scheme, fenced] = httpcore.ConnectionPool(
                    ssl_context=self._context() if scheme == "https" else None,
                    max_connections=_CONNECTIONS,
                    keepalive_expiry=_KEEP_ALIVE,
                    http2=False,
                    network_backend=TeeBackend(),
                )
            return self._pools[scheme, fenced]

    def _context(self) -> ssl.SSLContext:
        return self._tls or httpx.create_ssl_context(trust_env=False)
