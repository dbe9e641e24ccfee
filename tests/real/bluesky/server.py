"""A real network of the AT Protocol on this machine: PLC directory, PDS and AppView.

Bluesky's own servers from npm (`@atproto/dev-env`, versions pinned in the lock file
beside this), PostgreSQL and Redis from Debian.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import sqlite3
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real.daemons import Daemons, free_port
from tests.real.packages import need, program, run
from tests.real.servers import Server

__all__ = ["BlueskyNetwork"]

HERE = Path(__file__).parent
PACKAGES = ("postgresql", "redis-server")
PROGRAMS = ("redis-server",)
PORTS = ("PLC_PORT", "PDS_PORT", "BSKY_PORT", "OZONE_PORT", "CONTROL_PORT")
PATIENCE = 120.0


@dataclass(slots=True)
class BlueskyNetwork(Server):
    """One network of its own; use it as a context manager.

    ``folder`` is empty or absent; ``cache`` keeps what npm installed from run to run.
    """

    folder: Path
    cache: Path
    ports: dict[str, int] = field(default_factory=dict)
    _daemons: Daemons | None = None
    _psql: tuple[str, ...] = ()

    def _install(self) -> None:
        need(PACKAGES, PROGRAMS)

    @property
    def url(self) -> str:
        """The address of the PDS, without a trailing slash."""
        return f"http://127.0.0.1:{self.ports['PDS_PORT']}"

    def settle(self) -> None:
        """Wait until the AppView has read everything that the PDS has."""
        answer = httpx.get(f"http://127.0.0.1:{self.ports['CONTROL_PORT']}", timeout=PATIENCE)
        assert answer.text == "settled", answer.text

    def lexicon_error(self, nsid: str, body: object) -> str:
        """Return what the published lexicon has against an answer; empty for nothing."""
        url = f"http://127.0.0.1:{self.ports['CONTROL_PORT']}"
        return httpx.post(url, json={"nsid": nsid, "body": body}, timeout=PATIENCE).text

    def sql(self, statement: str, **values: str) -> list[dict[str, Any]]:
        """Return the rows of a statement in the AppView's own database.

        ``values`` stand in it as ``:'name'``.
        """
        names = (part for name, one in values.items() for part in ("-v", f"{name}={one}"))
        whole = f"with t as ({statement}) select coalesce(json_agg(t), '[]') from t"  # noqa: S608 - ours; values go by name
        rows: list[dict[str, Any]] = json.loads(
            run(*self._psql, "-Atq", *names, stdin=whole.encode())
        )
        return rows

    def repository(self, did: str) -> list[tuple[str, str]]:
        """Return address and CID of every record in the PDS's own file of a repository."""
        (file,) = (self.folder / "tmp").glob(f"*/actors/*/{did}/store.sqlite")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            return [
                (str(uri), str(cid)) for uri, cid in store.execute("select uri, cid from record")
            ]

    def _start(self) -> None:
        installed = install(self.cache)
        (self.folder / "tmp").mkdir(parents=True)
        self._daemons = daemons = Daemons(self.folder)
        socket = self._start_postgres(daemons)
        redis = free_port()
        store = ("--bind", "127.0.0.1", "--save", "", "--dir", self.folder)
        daemons.start("redis", program("redis-server"), "--port", str(redis), *store)
        self.ports = {name: free_port() for name in PORTS}
        env = {
            "DB_POSTGRES_URL": f"postgres://postgres@localhost/postgres?host={socket}",
            "REDIS_HOST": f"127.0.0.1:{redis}",
            "NODE_ENV": "test",
            "NODE_PATH": str(installed / "node_modules"),
            "LOG_ENABLED": "false",
            "TMPDIR": str(self.folder / "tmp"),
            **{name: str(port) for name, port in self.ports.items()},
        }
        command = ("node", "-r", HERE / "loopback.cjs", HERE / "network.cjs")
        daemons.start("network", *command, env=env)
        daemons.wait("the network", self._answers, seconds=PATIENCE)

    def _start_postgres(self, daemons: Daemons) -> Path:
        """Start a database server without a port; return the folder of its socket."""
        binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
        data, socket = daemons.sockets / "data", daemons.sockets
        # PostgreSQL refuses to run as root.
        drop: tuple[str, ...] = ()
        if os.geteuid() == 0:
            shutil.chown(socket, "postgres", "postgres")
            drop = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        run(*drop, binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", cwd=socket)
        options = {"listen_addresses": "", "unix_socket_directories": socket, "fsync": "off"}
        settings = [part for name, one in options.items() for part in ("-c", f"{name}={one}")]
        daemons.start("postgres", *drop, binaries / "postgres", "-D", data, *settings)
        self._psql = (str(binaries / "psql"), "-h", str(socket), "-U", "postgres", "-d", "postgres")
        daemons.wait("PostgreSQL", self._database_answers)
        return socket

    def _database_answers(self) -> bool:
        try:
            run(*self._psql, "-Atqc", "select 1")
        except RuntimeError:
            return False
        return True

    def _answers(self) -> bool:
        url = f"http://127.0.0.1:{self.ports['CONTROL_PORT']}"
        try:
            return httpx.get(url, timeout=30).text == "settled"
        except httpx.TransportError:
            return False


def install(cache: Path) -> Path:
    """Install the pinned servers where they are not yet; return their folder.

    A finished folder is named after the lock file; processes wait for each other.
    """
    for name in ("node", "npm"):
        if shutil.which(name) is None:
            _give_up(f"needs {name}")
    lock = (HERE / "package-lock.json").read_bytes()
    done = cache / f"npm-{sha256(lock).hexdigest()[:16]}"
    with (cache / "npm.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not done.exists():
            _install(cache / "npm-unfinished", done)
    return done


def _give_up(reason: str) -> None:
    """Skip the test; where ``CI=true`` a missing server is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"real server: {reason}", pytrace=False)
    pytest.skip(f"real server: {reason}")


def _install(folder: Path, done: Path) -> None:
    """Install without scripts; the one native part is compiled here, not optimised: 5 s, not 80."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    env = {**os.environ, "CFLAGS": "-O0", "CXXFLAGS": "-O0", "JOBS": "max"}
    try:
        run("npm", "ci", "--ignore-scripts", *quiet, cwd=folder, seconds=600)
        run("npm", "rebuild", "better-sqlite3", *quiet, cwd=folder, env=env, seconds=600)
    except RuntimeError as failure:
        _give_up(f"could not install Bluesky's servers: {failure}")
    folder.rename(done)
