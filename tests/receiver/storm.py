"""A platform in a storm: many connections that send events, again and again until they are taken.

    python -m tests.receiver.storm HOST:PORT PATH FIRST COUNT CLIENTS RATE FILE

sends events FIRST to FIRST + COUNT - 1 at RATE a second (0: as fast as they are taken), and
writes to FILE the number of each when it was answered with 200. A connection that breaks, and
any other answer, has the event sent again, as platforms do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.receiver.events import event, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0


def request(host: str, path: str, number: int) -> bytes:
    """Return one event as it goes over the wire."""
    body = event(number)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Storm:
    """What is sent, and what became of it."""

    def __init__(self, host: str, path: str, rate: float, acked: Path) -> None:
        self.host = host
        self.path = path
        self.rate = rate
        self.answers: Counter[str] = Counter()
        self.slowest: list[float] = []
        self._acked = acked.open("a", buffering=1, encoding="ascii")
        self._began = time.monotonic()

    async def client(self, numbers: Iterator[tuple[int, int]]) -> None:
        """Send events over one connection, opened again where it breaks."""
        line = _Line(self.host)
        for place, number in numbers:
            if self.rate:
                await asyncio.sleep(max(0.0, self._began + place / self.rate - time.monotonic()))
            sent, began = request(self.host, self.path, number), time.monotonic()
            while (code := await line.ask(sent)) != "200":
                self.answers[code] += 1
                await asyncio.sleep(0.05)
            self.answers[code] += 1
            self.slowest.append(time.monotonic() - began)
            self._acked.write(f"{number}\n")
        line.close()


class _Line:
    """One connection, opened again where it breaks."""

    def __init__(self, host: str) -> None:
        self._name, _, self._port = host.rpartition(":")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, sent: bytes) -> str:
        """Return the status of the answer, or what went wrong."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._name, int(self._port))
            code = await asyncio.wait_for(_asked(*self._streams, sent), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            code = type(error).__name__
        if code != "200":
            self.close()
        return code

    def close(self) -> None:
        """Close it; the next request opens it again."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> str:
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    return head.split(b" ", 2)[1].decode("ascii")


async def blow(storm: Storm, first: int, count: int, clients: int) -> None:
    """Send them all."""
    numbers = enumerate(range(first, first + count))
    await asyncio.gather(*(storm.client(numbers) for _ in range(clients)))


def main(arguments: list[str]) -> None:
    """Send, and print what became of it as JSON."""
    host, path, first, count, clients, rate, acked = arguments
    storm = Storm(host, path, float(rate), Path(acked))
    began = time.monotonic()
    asyncio.run(blow(storm, int(first), int(count), int(clients)))
    took = sorted(storm.slowest)
    sys.stdout.write(
        json.dumps(
            {
                "seconds": time.monotonic() - began,
                "answers": dict(storm.answers),
                "p50": took[len(took) // 2],
                "p95": took[len(took) * 95 // 100],
                "most": took[-1],
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
