"""A Mastodon API on this machine: mastodon_mock (PyPI, MIT) on SQLite, no real Mastodon.

It is other people's work, meant for testing clients of Mastodon, and answers in the shape
of Mastodon 4.6. Where it differs from what Mastodon's source does, `oracle` says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Row, connect
from typing import Any, Self

import httpx
import pytest

from tests.real.wordpress.daemons import Daemons, free_port

__all__ = ["CITY", "RESIDENTS", "MastodonMock", "environment"]

CITY = "quillwater"
RESIDENTS = ("marta", "hector", "june", "piotr", "rosa", "devon", "ngozi", "walter", "teresa")
PINNED = Path(__file__).with_name("requirements.txt")
CONFIG = """
[database]
path = "{folder}/mastodon.sqlite"
[moderation]
enforce_actions = true
{accounts}
"""
ACCOUNT = """
[[seed.accounts]]
username = "{name}"
display_name = "{shown}"
note = "<p>{shown} of Quillwater</p>"
access_token = "{token}"
"""


def environment(folder: Path) -> Path:
    """Make a virtual environment of the pinned packages, unless it is there; return its bin."""
    ready = folder / "ready"
    if not ready.exists() or ready.read_bytes() != PINNED.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = (folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
        install: list[str | Path] = [*pip, "--no-deps", "--require-hashes", "-r", PINNED]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode and os.environ.get("CI") != "true":
            pytest.skip(f"can't install mastodon_mock: {done.stderr[-500:]}")
        assert done.returncode == 0, done.stderr
        ready.write_bytes(PINNED.read_bytes())
    return folder / "bin"


@dataclass(slots=True)
class MastodonMock:
    """One server of its own, from an empty folder; use it as a context manager.

    Args:
        folder: for its database and logs.
        programs: the bin of `environment`.
        public: the port people reach it by, where something stands in front of it.
    """

    folder: Path
    programs: Path
    public: int = 0
    port: int = field(default_factory=free_port)
    _daemons: Daemons | None = None

    def __enter__(self) -> Self:
        """Start the server and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        names = (CITY, *RESIDENTS)
        accounts = "".join(
            ACCOUNT.format(name=name, shown=name.title(), token=self.token(name)) for name in names
        )
        config = self.folder / "mock.toml"
        config.write_text(CONFIG.format(folder=self.folder, accounts=accounts))
        self._daemons = Daemons(self.folder)
        shown = f"127.0.0.1:{self.public or self.port}"
        self._daemons.start(
            "mock", self.programs / "mastodon_mock", "serve", "--config", config,
            "--host", "127.0.0.1", "--port", str(self.port), "--domain", shown,
            "--log-level", "warning",
        )  # fmt: skip
        self._daemons.wait("mastodon_mock", self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        if self._daemons:
            self._daemons.stop()

    def token(self, name: str) -> str:
        """Return somebody's access token."""
        return f"sentinel-token-of-{name}"

    def call(self, name: str, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        """Send one request as somebody; return the answer's JSON. Fails on any error."""
        address = f"http://127.0.0.1:{self.public or self.port}/api/{path}"
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        answer = httpx.request(method, address, headers=headers, timeout=30, **more)
        assert answer.status_code == 200, (method, path, answer.text)
        return answer.json()

    def revoke(self, name: str) -> str:
        """Make somebody's token worthless in the database; return the new one."""
        renewed = f"{self.token(name)}-renewed"
        with closing(connect(self.folder / "mastodon.sqlite")) as database, database:
            database.execute(
                "update oauth_tokens set access_token = ? where access_token = ?",
                (renewed, self.token(name)),
            )
        return renewed

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return rows of the server's own database."""
        with closing(connect(self.folder / "mastodon.sqlite")) as database:
            database.row_factory = Row
            return database.execute(query, values).fetchall()

    def _answers(self) -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v2/instance", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK
