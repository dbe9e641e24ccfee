"""One Airflow in parts, as a server runs it: PostgreSQL, Redis, and workers of Celery.

The profile ``server`` of the demo. Everything lies below one folder and listens on this machine
alone; no service of the system is started or changed. What it needs beside the environment stands
in ``plugins/server.lock``; PostgreSQL and Redis are the system's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from civic_archiver_airflow.standalone import Standalone, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["WORKERS", "Server"]

WORKERS = ("worker-1", "worker-2")
PATIENCE = 60.0
"""Seconds in which a store has to take connections."""
LOST = "60"
"""Seconds without a sign of life after which a task is taken for lost, and tried again."""
_PARTS = ("scheduler", "dag-processor", "triggerer")
_POSTGRES = "usr/lib/postgresql"
_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
"""PostgreSQL refuses to run as root: it is shown another user, in a name space of its own."""

REDIS = """\
bind 127.0.0.1
port {port}
requirepass {secret}
dir {folder}
appendonly yes
save ""
"""


class Server(Standalone):
    """An Airflow with two workers, and its REST interface.

    Args:
        folder: an existing one, for all data and logs.
        more: variables for the DAGs, or other settings of Airflow.
        port: where it listens; any free one unless told.

    Raises `UsageError` where a program or package is missing.
    """

    main = "api-server"

    def __init__(self, folder: Path, more: Mapping[str, str], port: int = 0) -> None:
        self._folder, self._secret = folder, secrets.token_hex(16)
        self._database, self._broker = free_port(), free_port()
        self._postgres, self._redis = _programs()
        host = f"{self._secret}@127.0.0.1"
        database = f"postgresql+psycopg2://airflow:{host}:{self._database}/postgres"
        settings = {
            "CELERY__BROKER_URL": f"redis://:{host}:{self._broker}/0",
            "CELERY__RESULT_BACKEND": f"db+{database}",
            "CELERY__WORKER_CONCURRENCY": "2",
            "CORE__EXECUTOR": "CeleryExecutor",
            "DATABASE__SQL_ALCHEMY_CONN": database,
            "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": LOST,
        }
        ours = {f"AIRFLOW__{name}": value for name, value in settings.items()}
        super().__init__(folder, {**ours, **more}, port)

    def start(self) -> None:
        """Start all parts in the background, the stores first.

        Raises `UsageError` where a store does not come up.
        """
        self.home.mkdir(mode=0o700, exist_ok=True)
        self._start_postgres()
        self._start_redis()
        self._airflow("db", "migrate")
        for name in (self.main, *_PARTS):
            self._begin(name, name)
        for name in WORKERS:
            self.start_worker(name)

    def start_worker(self, name: str) -> None:
        """Start a worker, such as one that was lost."""
        own = ("--celery-hostname", f"{name}@%h", "--pid", self._folder / f"{name}.pid")
        (self._folder / f"{name}.pid").unlink(missing_ok=True)
        self._begin(name, "celery", "worker", "--skip-serve-logs", *own)

    def _begin(self, name: str, *words: str | Path) -> None:
        self.programs.start(name, [_beside("airflow"), *words], self.environ)

    def _airflow(self, *words: str) -> None:
        done = subprocess.run(
            [_beside("airflow"), *words], env=self.environ, cwd=self._folder,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            end = (done.stdout + done.stderr)[-3000:]
            raise UsageError(f"airflow {' '.join(words)} failed:\n{end}", where=str(self._folder))

    def _start_postgres(self) -> None:
        data, word = self._folder / "postgres", self._folder / "postgres-password"
        word.touch(mode=0o600)
        word.write_text(self._secret)
        initdb = ("initdb", "-D", data, "-U", "airflow", "--pwfile", word)
        how = ("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync")
        done = subprocess.run(
            self._as_somebody(*initdb, *how), capture_output=True, text=True, check=False
        )
        word.unlink()
        if done.returncode:
            raise UsageError(
                f"PostgreSQL can't be set up: {done.stderr.strip()[-500:]}",
                where=str(data),
                mend="run it as somebody else than root, or allow user name spaces",
            )
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._database),
            "unix_socket_directories": "",
        }
        told = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = self._as_somebody("postgres", "-D", data, *told)
        self.programs.start("postgres", command, os.environ)
        self._listening("postgres", self._database)

    def _as_somebody(self, program: str, *words: str | Path) -> list[str | Path]:
        """Return the command of a program of PostgreSQL, never as root."""
        before: Sequence[str] = () if os.geteuid() else _SOMEBODY
        return [*before, self._postgres / program, *words]

    def _start_redis(self) -> None:
        folder = self._folder / "redis"
        folder.mkdir(mode=0o700, exist_ok=True)
        settings = folder / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            REDIS.format(port=self._broker, secret=self._secret, folder=folder), "utf-8"
        )
        self.programs.start("redis", [self._redis, settings], os.environ)
        self._listening("redis", self._broker)

    def _listening(self, name: str, port: int) -> None:
        """Wait until a store takes connections."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and name in self.programs.running():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise UsageError(f"{name} has not come up:\n{self.programs.log(name)}", where=name)


def _programs() -> tuple[Path, str]:
    """Return where PostgreSQL's programs are, and Redis. Raises `UsageError`."""
    found = sorted(Path("/", _POSTGRES).glob("*/bin"), key=lambda path: int(path.parent.name))
    redis = shutil.which("redis-server")
    if not found or redis is None:
        mend = "apt install postgresql redis-server"
        raise UsageError("PostgreSQL or Redis is missing", mend=mend)
    if find_spec("celery") is None:
        raise UsageError("Celery is missing", mend="`make up PROFILE=server` installs it")
    return found[-1], redis


def _beside(name: str) -> Path:
    """Return a program of this environment."""
    return Path(sys.executable).with_name(name)
