"""A real ``archiver webhook serve`` over an archive with approved accounts, and who calls it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.flows import accounts
from archiver.flows.hooks import path_of
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.chaos.helpers import COMMAND, PATIENCE
from tests.receiver.events import SECRET, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive

NAME = "toots"
BASE = "https://hooks.example.gov"


@dataclass(slots=True)
class Served:
    """One home with an archive, and the receiver that runs in it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    port: int = 0
    starts: int = 0
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Where the archive and the home are."""
        return Settings(str(self.folder / "archive"), self.folder / "home")

    @property
    def variables(self) -> dict[str, str]:
        """The environment of commands."""
        here = {
            "ARCHIVER_ARCHIVE": str(self.folder / "archive"),
            "ARCHIVER_HOME": str(self.folder / "home"),
            "ARCHIVER_WEBHOOK_URL": BASE,
            "HOOK_SECRET": SECRET,
        }
        return {**os.environ, **here, **self.environ}

    def run(self, *words: str, ok: bool = True) -> str:
        """Run a command to its end; return what it printed."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.variables, capture_output=True, text=True, check=False
        )
        assert not ok or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add(self, name: str, url: str, **fields: str) -> None:
        """Register and approve an account of Mastodon's, with fields of its credential."""
        about = {"name": name, "platform": "mastodon", "url": url}
        archive = self.archive()
        accounts.add(archive, about, {"webhook_secret": "env:HOOK_SECRET", **fields})
        accounts.approve(archive, name, "Clerk")

    def archive(self) -> Archive:
        """Open the archive in this process."""
        return open_archive(self.settings)

    def path(self, name: str = NAME) -> str:
        """Return where an account is sent to."""
        if name not in self.paths:
            self.paths[name] = path_of(accounts.find(self.archive(), name))
        return self.paths[name]

    def log(self) -> str:
        """Return all that receivers have logged."""
        paths = sorted(self.folder.glob("receiver-*.log"))
        return "".join(path.read_text("utf-8") for path in paths)

    def start(self, *words: str) -> None:
        """Start the receiver; return once it takes requests."""
        self.starts += 1
        listen = f"127.0.0.1:{self.port}"
        with (self.folder / f"receiver-{self.starts}.log").open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "webhook", "serve", "--listen", listen, "--json", *words],
                env=self.variables, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        printed = ""
        while not printed.endswith("\n}\n"):
            line = self.process.stdout.readline()
            assert line, self.log()
            printed += line
        self.port = int(json.loads(printed)["data"]["listening"].rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the receiver; return its exit code."""
        process, self.process = self.process, None
        assert process is not None
        process.send_signal(number)
        code = process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def settlers(self) -> list[int]:
        """Return the processes that settle beside the receiver."""
        assert self.process is not None
        proc = Path("/proc")
        own = proc / str(self.process.pid) / "task" / str(self.process.pid) / "children"
        children = own.read_text("ascii").split()
        return [
            int(child)
            for child in children
            if b"spawn_main" in (proc / child / "cmdline").read_bytes()
        ]

    def raw(self, sent: bytes, seconds: float = 30.0) -> bytes:
        """Send bytes, and return all that comes back until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as line:
            with suppress(ConnectionError):  # refused before all of it was sent
                line.sendall(sent)
            answer = b""
            while piece := _piece(line):
                answer += piece
            return answer

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> int:
        """Send a signed delivery; return the status of the answer."""
        return int(self.raw(request(path, body, headers)).split(b" ", 2)[1])


def _piece(line: socket.socket) -> bytes:
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


def request(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """Return a signed POST as it goes over the wire; headers of None value are left out."""
    given = {
        "Host": "hooks.example.gov",
        "Content-Type": "application/json",
        "X-Hub-Signature": signature(body),
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


@contextmanager
def served(folder: Path, url: str = "http://127.0.0.1:9/@quillwater") -> Iterator[Served]:
    """Yield a home with an archive and an approved account; a receiver is ended at the end."""
    made = Served(folder)
    create_archive(made.settings)
    made.add(NAME, url)
    try:
        yield made
    finally:
        if made.process is not None:
            made.stop(signal.SIGKILL)


def stored(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def data(text: str) -> Any:  # noqa: ANN401 - what a command printed as JSON
    """Return the data of a document."""
    return json.loads(text)["data"]
