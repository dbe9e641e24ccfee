"""A process that fills a spool until it is killed, telling what was acknowledged."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from archiver.edges import spool as module
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.record import Exchange


def body(number: int) -> bytes:
    """Return what the exchange of that number holds."""
    return sha256(b"%d" % number).digest() * (1 + number % 700)


def main() -> None:
    """Append until killed, with small files and a discard now and then."""
    setattr(module, "ROLL_SIZE", 200_000)  # noqa: B010 - not one of its exported names
    spool = module.Spool.open(Path(sys.argv[1]), "blog", SystemClock(), SystemRandomness())
    while True:
        answer = body(spool._next)
        kept = spool.append(Exchange("", 0, "http://x.example/", "2026-11-20", b"", answer))
        sys.stdout.write(f"{kept.number}\n")
        sys.stdout.flush()
        if kept.number % 60 == 0:
            file = spool.pending()[0]
            sys.stdout.write(f"discard {file.last}\n")
            sys.stdout.flush()
            spool.discard(file)


if __name__ == "__main__":
    main()
