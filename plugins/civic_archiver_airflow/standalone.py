"""One Airflow on this machine: LocalExecutor, SQLite, reached from this machine alone.

For the demo and the tests. It is set up wholly by its environment, sends nothing to
anybody, and keeps everything below one folder.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from civic_archiver_airflow.processes import Programs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Standalone", "environment", "free_port"]

NAME = "airflow"
DAGS = Path(__file__).resolve().parents[2] / "dags"
PASSWORDS = "simple_auth_manager_passwords.json.generated"
_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_direct = build_opener(ProxyHandler({}))  # a proxy of the environment is not for this machine


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, port: int, more: Mapping[str, str]) -> dict[str, str]:
    """Return all variables of an Airflow whose home and port these are, with new secrets.

    What the calling process has set for some other Airflow is left out.
    """
    address = f"http://127.0.0.1:{port}"
    settings = {
        "API__BASE_URL": address,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__SECRET_KEY": secrets.token_hex(32),
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "CORE__DAGS_FOLDER": str(DAGS),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": "4",
        "CORE__TEST_CONNECTION": "Enabled",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    ours = {f"AIRFLOW__{name}": value for name, value in settings.items()}
    return {**kept, "PATH": programs, "AIRFLOW_HOME": str(home), **ours, **more}


class Standalone:
    """An ``airflow standalone`` and its REST interface.

    ``programs`` is how it was started and how it is stopped.

    Args:
        folder: an existing one, for Airflow's home and logs.
        more: variables for the DAGs, or other settings of Airflow.
        port: where it listens; any free one unless told.
    """

    main = NAME
    """The program that ends where Airflow does not come up."""

    def __init__(self, folder: Path, more: Mapping[str, str], port: int = 0) -> None:
        self.home = folder / NAME
        self.programs = Programs(folder)
        self._port = port or free_port()
        self._token = ""
        self.environ = environment(self.home, self._port, more)

    @property
    def url(self) -> str:
        """The address of the user interface."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def password(self) -> str:
        """The password of the user ``admin``, once Airflow has made it up."""
        return str(json.loads((self.home / PASSWORDS).read_text("utf-8"))["admin"])

    def start(self) -> None:
        """Start it in the background."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        command = Path(sys.executable).with_name("airflow")
        self.programs.start(NAME, [command, "standalone"], self.environ)

    def wait(self, dags: set[str], seconds: float = 180) -> None:
        """Wait until all its parts say that they are healthy and ``dags`` are read.

        Raises `RuntimeError` with the end of its log where it ends or takes longer, and
        with the import errors where a DAG file has any.
        """
        deadline = time.monotonic() + seconds
        while not self._healthy() or not dags <= self._dags():
            if self.main not in self.programs.running() or time.monotonic() > deadline:
                message = f"Airflow has not come up:\n{self.programs.log(self.main)}"
                raise RuntimeError(message)
            time.sleep(0.5)

    def api(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Call Airflow's REST interface as ``admin``; return the document that it answers.

        Raises `RuntimeError` with the answer where it refuses.
        """
        self._token = self._token or self._login()
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._send(method, f"/api/v2/{path}", document, headers)

    def _login(self) -> str:
        login = {"username": "admin", "password": self.password}
        return str(self._send("POST", "/auth/token", login, {})["access_token"])

    def _send(self, method: str, path: str, document: object, headers: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON value
        body = None if document is None else json.dumps(document).encode()
        headers = {**headers, "Content-Type": "application/json"}
        request = Request(self.url + path, body, headers, method=method)  # noqa: S310 - http, to this machine
        try:
            with _direct.open(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except HTTPError as error:
            message = f"{method} {path}: {error.code} {error.read().decode(errors='replace')}"
            raise RuntimeError(message) from None

    def _healthy(self) -> bool:
        try:
            health = self._send("GET", "/api/v2/monitor/health", None, {})
        except (URLError, ConnectionError, RuntimeError, TimeoutError):
            return False
        return all(health[name]["status"] == "healthy" for name in _COMPONENTS)

    def _dags(self) -> set[str]:
        broken = self.api("GET", "importErrors")["import_errors"]
        if broken:
            message = "\n".join(f"{one['filename']}: {one['stack_trace']}" for one in broken)
            raise RuntimeError(message)
        return {one["dag_id"] for one in self.api("GET", "dags?exclude_stale=true")["dags"]}
