"""A real WordPress on this machine: MariaDB, PHP's own web server, an empty folder."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.real.daemons import Daemons, free_port
from tests.real.packages import need, program, run
from tests.real.servers import Server, answers

__all__ = ["WordPress"]

PACKAGES = (
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "mariadb-server-core",
    "mariadb-client-core",
    "php-cli",
    "php-mysql",
    "php-xml",
    "php-mbstring",
    "php-gd",
)
"""Debian 12. The ``-core`` packages hold the programs without a service to start."""
PROGRAMS = ("php", "mariadbd", "mariadb", "mariadb-install-db")
SHIPPED = Path("/usr/share/wordpress")
SCRIPTS = Path(__file__).parent / "php"
SETTINGS = (
    "memory_limit=512M",
    "upload_max_filesize=64M",
    "post_max_size=64M",
    "opcache.enable_cli=1",
    "log_errors=1",
)
PHP = ("php", *(word for setting in SETTINGS for word in ("-d", setting)))
WORKERS = "4"
"""Requests that PHP's web server answers at a time."""


@dataclass(slots=True)
class WordPress(Server):
    """One site of its own; use it as a context manager, from an empty or absent folder.

    ``url`` has no trailing slash. ``user`` and ``password`` are an administrator's
    login name and application password, for HTTP basic authentication (RFC 7617).
    """

    folder: Path
    user: str = "admin"
    url: str = ""
    password: str = field(default="", repr=False)
    version: str = ""
    _daemons: Daemons | None = None

    def _install(self) -> None:
        need(PACKAGES, PROGRAMS)

    @property
    def site(self) -> Path:
        """The folder WordPress runs in; uploaded files are under ``wp-content/uploads``."""
        return self.folder / "site"

    def client(self) -> httpx.Client:
        """Return a new HTTP client of the REST API, logged in as the administrator."""
        return httpx.Client(
            base_url=f"{self.url}/wp-json/wp/v2",
            auth=(self.user, self.password),
            headers={"Accept-Encoding": "identity"},
            timeout=60,
        )

    def sql(self, query: str) -> list[dict[str, str]]:
        """Return the rows of ``query`` from the database itself, by column name.

        WordPress is not loaded. No column asked for may be NULL.
        """
        rows: list[dict[str, str]] = json.loads(self.php("query.php", query.encode()))
        return rows

    def php(self, script: str, stdin: bytes = b"") -> bytes:
        """Run one of the scripts beside this module on the site; return what it prints."""
        return run(*PHP, "-d", "display_errors=stderr", SCRIPTS / script, self.site, stdin=stdin)

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._daemons = Daemons(self.folder)
        socket = self._daemons.sockets / "db.sock"
        self._start_database(self._daemons, socket)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._unpack(socket)
        self.php("install.php")
        made = json.loads(self.php("configure.php"))
        self.version, self.password = made["version"], made["password"]
        serve = ("-S", f"127.0.0.1:{port}", "-t", self.site, SCRIPTS / "router.php")
        workers = {"PHP_CLI_SERVER_WORKERS": WORKERS}
        self._daemons.start("web", *PHP, "-d", "display_errors=0", *serve, env=workers)
        self._daemons.wait("WordPress", lambda: answers(f"{self.url}/wp-json/"))

    def _start_database(self, daemons: Daemons, socket: Path) -> None:
        # MariaDB refuses to run as root unless it is told so by name.
        owner = ("--user=root",) if os.geteuid() == 0 else ()
        options = ("--no-defaults", *owner, f"--datadir={self.folder / 'database'}")
        run(
            program("mariadb-install-db"),
            *options,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        daemons.start(
            "mariadbd",
            program("mariadbd"),
            *options,
            f"--socket={socket}",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-buffer-pool-size=64M",
            "--innodb-flush-log-at-trx-commit=0",
        )
        daemons.wait("MariaDB", socket.exists)
        create = "create database wordpress character set utf8mb4"
        run(program("mariadb"), "--no-defaults", "-uroot", "-S", socket, "-e", create)

    def _unpack(self, socket: Path) -> None:
        # Debian links parts of WordPress from elsewhere: the copy follows the links.
        shutil.copytree(SHIPPED, self.site, ignore=shutil.ignore_patterns(".htaccess"))
        (self.site / "wp-content" / "mu-plugins").mkdir()
        shutil.copy(SCRIPTS / "quiet.php", self.site / "wp-content" / "mu-plugins")
        shutil.copy(SCRIPTS / "wp-config.php", self.site)
        (self.site / "settings.php").write_text(
            f"<?php\ndefine('DB_HOST', 'localhost:{socket}');\n"
            f"define('WP_HOME', '{self.url}');\n"
            f"define('WP_SITEURL', '{self.url}');\n"
        )
