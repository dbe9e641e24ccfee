"""A Mastodon API on this machine: mastodon_mock (PyPI, MIT) on SQLite, no real Mastodon.

It is other people's work, meant for testing clients of Mastodon, and answers in the shape
of Mastodon 4.6. Where it differs from what Mastodon's source does, `oracle` says so.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Row, connect
from typing import Any

import httpx

from tests.real.daemons import Daemons, free_port
from tests.real.servers import Server, answers

__all__ = ["CITY", "PINNED", "RESIDENTS", "MastodonMock"]

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


@dataclass(slots=True)
class MastodonMock(Server):
    """One mock.

    Args:
        folder: for its database and logs.
        programs: the bin of an environment of what `PINNED` names.
        public: the port people reach it by, where something stands in front of it.
    """

    folder: Path
    programs: Path
    public: int = 0
    port: int = field(default_factory=free_port)
    _daemons: Daemons | None = None

    def _start(self) -> None:
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
        url = f"http://127.0.0.1:{self.port}/api/v2/instance"
        self._daemons.wait("mastodon_mock", lambda: answers(url))

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
