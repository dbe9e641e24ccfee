"""Serving the receiver: FastAPI and uvicorn, one process, its own origin and nothing else on it."""

from __future__ import annotations

import logging
import signal
import socket
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from archiver.edges.receiver import PREFIX, Hooks
from archiver.edges.receiver_limits import Limits, guarded
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from archiver.edges.inbox import Inbox
    from archiver.edges.receiver import Receive, Scope, Send
    from archiver.receiving import Judge

__all__ = ["Served", "serve"]

_BACKLOG = 1_024
_log = logging.getLogger("archiver.receiver")


class Served:
    """Where to listen, and over what.

    ``host`` and ``port`` (0: any that is free); ``certificate`` and ``key``: PEM files, where
    TLS ends here. ``proxies``: addresses whose ``X-Forwarded-For`` is believed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        certificate: Path | None = None,
        key: Path | None = None,
        proxies: tuple[str, ...] = (),
    ) -> None:
        self.host = host
        self.port = port
        self.certificate = certificate
        self.key = key
        self.proxies = proxies


class _Server(uvicorn.Server):
    """Ends on SIGTERM and SIGINT, and lets whoever called it go on.

    It is ``ready`` once it ends so: who stops it the moment it says so ends it properly.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both until the server has ended; then as before."""
        before = {
            one: signal.signal(one, self.handle_exit) for one in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self._ready()
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    judge: Judge,
    inbox: Callable[[], Inbox],
    served: Served,
    ready: Callable[[str], None],
    limits: Limits | None = None,
) -> dict[int, int]:
    """Serve until SIGTERM or SIGINT; return how many answers there were, by status.

    Args:
        judge: says what is genuine; it is asked by this process alone.
        inbox: opens where deliveries are kept.
        served: where to listen.
        ready: is told the address, once requests are taken.
        limits: of requests; those of `Limits` unless told.

    Raises:
        UsageError: it can't listen there.
    """
    bounds = limits or Limits()
    hooks, listening = Hooks(judge, bounds), _listening(served)
    opened = inbox()

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        hooks.begin(opened)
        try:
            yield
        finally:
            await hooks.end()

    app = FastAPI(lifespan=living, openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    app.mount("/", _Routes(hooks))
    scheme = "https" if served.certificate else "http"
    host, port, *_ = listening.getsockname()
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    with listening:
        _Server(_config(app, served, bounds), lambda: ready(address)).run([listening])
    return hooks.counts


class _Routes:
    """What is served: hooks, and nothing beside them."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = str(scope["path"]).removeprefix(PREFIX)
        known = name != scope["path"] and name and "/" not in name
        await (self._hooks if known else self._hooks.unknown)(scope, receive, send)


def _config(app: FastAPI, served: Served, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=guarded(limits),
        ws="none",
        loop="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(served.proxies),
        forwarded_allow_ips=list(served.proxies),
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=limits.stop_seconds,
        ssl_certfile=served.certificate,
        ssl_keyfile=served.key,
    )


def _listening(served: Served) -> socket.socket:
    """Return a listening socket. Raises `UsageError`."""
    family = socket.AF_INET6 if ":" in served.host else socket.AF_INET
    try:
        return socket.create_server((served.host, served.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"can't listen: {error.strerror or 'no such address'}",
            where=f"{served.host}:{served.port}",
            mend="give --listen HOST:PORT with an address of this machine and a free port",
        ) from error
