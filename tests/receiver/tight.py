"""A receiver with tight limits whose judge believes everything.

    python -m tests.receiver.tight FOLDER BYTES [CERTIFICATE KEY]

prints its address; BYTES is how large a file may grow (0: as it likes). With a certificate
and its key (PEM files) it speaks TLS.
"""

from __future__ import annotations

import logging
import resource
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.doorbell import PipeDoorbell
from archiver.edges.inbox import Inbox
from archiver.edges.receiver_limits import Limits
from archiver.edges.webserver import Served, serve
from archiver.receiving import Letter, Ruling
from archiver.record import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.receiving import Incoming

LIMITS = Limits(
    body=300_000,
    head_seconds=0.6,
    body_seconds=0.6,
    idle_seconds=1,
    connections=6,
    requests=4,
    held=500_000,
)


class Credulous:
    """Keeps whatever comes."""

    def rule(self, incoming: Incoming) -> Ruling:
        """Keep it."""
        request = b"POST /hooks/x HTTP/1.1\r\n\r\n" + incoming.body
        at, purpose = "2026-11-29T12:00:00.000000Z", {"role": "delivery"}
        exchange = Exchange("", 0, "http://x.example/", at, request, b"", purpose=purpose)
        return Ruling(200, "kept", letters=(Letter(incoming.handle, exchange),))

    def hooks(self) -> Mapping[str, str]:
        """Name nobody."""
        return {}


def ready(address: str) -> None:
    """Tell where it listens."""
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)
    folder, most = Path(arguments[0]), int(arguments[1])
    if most:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    bell = PipeDoorbell(folder / "doorbell")
    inbox = partial(Inbox, folder, SystemClock(), SystemRandomness(), bell, 1.0)
    certificate, key = (Path(one) for one in arguments[2:]) if arguments[2:] else (None, None)
    served = Served("127.0.0.1", 0, certificate, key)
    serve(Credulous(), inbox, served, ready, LIMITS)


if __name__ == "__main__":
    main(sys.argv[1:])
