"""A real Matrix homeserver on this machine: Synapse from PyPI, on SQLite."""

from __future__ import annotations

import hmac
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

import httpx

from tests.real.daemons import Daemons, free_port
from tests.real.servers import Server, answers

__all__ = ["NAME", "PINNED", "Synapse"]

NAME = "quillwater.example"
PINNED = Path(__file__).with_name("requirements.txt")
SHARED = "registers the people of this test only"
PATIENCE = 120.0
FREE = {"per_second": 10_000, "burst_count": 10_000}
"""Synapse's own limits, out of the way: the tests set theirs in front of it."""
LIMITS = {
    "rc_message": FREE,
    "rc_login": {"address": FREE, "account": FREE, "failed_attempts": FREE},
    "rc_joins": {"local": FREE, "remote": FREE},
    "rc_joins_per_room": FREE,
    "rc_invites": {"per_room": FREE, "per_user": FREE, "per_issuer": FREE},
    "rc_room_creation": FREE,
    "rc_admin_redaction": FREE,
}


@dataclass(slots=True)
class Synapse(Server):
    """One homeserver.

    Args:
        folder: for its database, files and logs.
        programs: the bin of an environment of what `PINNED` names.
    """

    folder: Path
    programs: Path
    port: int = field(default_factory=free_port)
    tokens: dict[str, str] = field(default_factory=dict)
    _daemons: Daemons | None = None
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE))

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "homeserver.json"
        config.write_text(json.dumps(self._config()))  # JSON is YAML
        self._daemons = Daemons(self.folder)
        command = (self.programs / "python", "-m", "synapse.app.homeserver", "-c", config)
        self._daemons.start("synapse", *command)
        url = f"{self.url}/_matrix/client/versions"
        self._daemons.wait("Synapse", lambda: answers(url), seconds=PATIENCE)

    def stop(self) -> None:
        """End the homeserver, and the connections to it."""
        self._client.close()
        Server.stop(self)

    @property
    def url(self) -> str:
        """The homeserver's address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def user(self, name: str) -> str:
        """Return somebody's user id."""
        return f"@{name}:{NAME}"

    def password(self, name: str) -> str:
        """Return somebody's password."""
        return f"sentinel password of {name}"

    def register(self, name: str) -> None:
        """Make an account (Synapse's registration with a shared secret)."""
        path = "/_synapse/admin/v1/register"
        nonce = self._send("GET", path)["nonce"]
        words = (nonce, name, self.password(name), "notadmin")
        mac = hmac.new(SHARED.encode(), "\0".join(words).encode(), sha1).hexdigest()
        about = {"nonce": nonce, "username": name, "password": self.password(name), "mac": mac}
        made = self._send("POST", path, json={**about, "admin": False})
        self.tokens[name] = made["access_token"]

    def call(self, name: str, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        """Send one request of the Client-Server API as somebody. Fails on any error."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        return self._send(method, f"/_matrix/client/v3/{path}", headers=headers, **more)

    def upload(self, name: str, data: bytes, file_name: str) -> str:
        """Store a picture; return its content URI."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}", "Content-Type": "image/png"}
        query = {"filename": file_name}
        path = "/_matrix/media/v3/upload"
        answer = self._send("POST", path, headers=headers, params=query, content=data)
        return str(answer["content_uri"])

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return rows of the homeserver's own database."""
        file = f"file:{self.folder / 'homeserver.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=PATIENCE)) as database:
            return database.execute(query, values).fetchall()

    def _send(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
        answer = self._client.request(method, self.url + path, **more)
        assert answer.status_code == httpx.codes.OK, (method, path, answer.text)
        return answer.json()

    def _config(self) -> dict[str, Any]:
        log = self.folder / "log.json"
        handler = {"class": "logging.StreamHandler", "level": "WARNING"}
        root = {"level": "WARNING", "handlers": ["out"]}
        log.write_text(json.dumps({"version": 1, "handlers": {"out": handler}, "root": root}))
        listener = {
            "port": self.port,
            "type": "http",
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client"], "compress": False}],
        }
        return {
            "server_name": NAME,
            "pid_file": str(self.folder / "pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": f"{self.folder}/homeserver.db"}},
            "media_store_path": str(self.folder / "media"),
            "log_config": str(log),
            "signing_key": f"ed25519 a_1 {'A' * 43}",
            "registration_shared_secret": SHARED,
            "macaroon_secret_key": "of this test only",
            "form_secret": "of this test only",
            "report_stats": False,
            "bcrypt_rounds": 4,  # passwords here guard nothing, and each guess costs a second
            "presence": {"enabled": False},
            "trusted_key_servers": [],
            "experimental_features": {"msc2815_enabled": True},
            **LIMITS,
        }
