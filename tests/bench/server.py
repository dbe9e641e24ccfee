"""A server process for the workload: raw asyncio, answers made once and kept.

``python -m tests.bench.server PAGES`` prints one JSON document, its address and login,
and serves until its standard input is closed. Its CPU time is nobody's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from http import HTTPStatus

from tests.bench.pages import BenchSite, page_paths

__all__: list[str] = []


class _Answers:
    """Answers as they go over the wire, by target."""

    def __init__(self, pages: int) -> None:
        self._site = BenchSite(pages)
        self._kept: dict[str, bytes] = {}
        self.base = ""
        self.login = {"user": self._site.city.user, "password": self._site.city.secret}

    def of(self, target: str) -> bytes:
        if target not in self._kept:
            answer = self._site.answer(target, self.base)
            lines = [
                f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
                "Date: Fri, 20 Nov 2026 12:00:00 GMT",
                "Server: Apache/2.4.57 (Debian)",
                *(f"{name}: {value}" for name, value in answer.headers),
                f"Content-Length: {len(answer.body)}",
            ]
            self._kept[target] = "\r\n".join([*lines, "", ""]).encode() + answer.body
        return self._kept[target]


async def _serve(pages: int) -> None:
    answers = _Answers(pages)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(answers.of(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):  # the client is done
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    answers.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for path in page_paths(pages):
        answers.of(path)
    sys.stdout.write(json.dumps({"url": answers.base, **answers.login}) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
