"""A real MediaWiki on this machine: Debian's package, SQLite, PHP's own web server."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.real.daemons import Daemons, free_port
from tests.real.packages import need, run
from tests.real.servers import Server, answers

__all__ = ["ADMIN", "Call", "MediaWiki"]

PACKAGES = ("mediawiki", "php-cli", "php-sqlite3", "php-xml", "php-mbstring", "php-intl")
"""Debian 12: MediaWiki 1.39 LTS on PHP 8.2."""
SHIPPED = Path("/usr/share/mediawiki")
SCRIPTS = Path(__file__).parent / "php"
PHP = ("php", "-d", "memory_limit=512M", "-d", "opcache.enable_cli=1", "-d", "display_errors=0")
WORKERS = "3"
ADMIN = "Ida Fennimore"
PASSWORD = "only this test wiki 2026"
BOT_PASSWORD = "0123456789abcdef0123456789abcdef"
"""Bot passwords are 32 digits to base 32 (Manual:Bot passwords)."""
GRANTS = "basic,viewdeleted,highvolume,uploadfile,uploadeditmovefile,createeditmovepage,editpage"

Call = tuple[str, dict[str, str]]
"""Who does what: a user's name (or an IP address), and parameters of the API."""


@dataclass(slots=True)
class MediaWiki(Server):
    """One wiki of its own; use it as a context manager, from an empty or absent folder.

    ``url`` has no trailing slash; ``user`` and ``password`` are a bot's of the
    administrator; ``blind`` is the name of one that may see nothing deleted, with the same
    password.
    """

    folder: Path
    url: str = ""
    user: str = f"{ADMIN}@archive"
    blind: str = f"{ADMIN}@blind"
    password: str = field(default=BOT_PASSWORD, repr=False)
    _daemons: Daemons | None = None

    def _install(self) -> None:
        need(PACKAGES, ("php",))

    @property
    def api(self) -> str:
        """The address of its Action API, which is that of its account."""
        return f"{self.url}/api.php"

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.url.rpartition(":")[2])

    def live(self, *calls: Call) -> list[dict[str, Any]]:
        """Have people do things; return what the API said to each. Raises `RuntimeError`."""
        lines = [json.dumps({"user": user, "do": {"format": "json", **do}}) for user, do in calls]
        said = self._maintain(SCRIPTS / "live.php", stdin="\n".join(lines).encode())
        answers: list[dict[str, Any]] = json.loads(said)
        wrong = [(call, one) for call, one in zip(calls, answers, strict=True) if "error" in one]
        if wrong:
            message = f"the wiki refused {wrong}"
            raise RuntimeError(message)
        self._maintain("runJobs.php")
        return answers

    def upload(self, name: str, data: bytes, comment: str) -> None:
        """Upload a file, or a new version of one, over HTTP as the administrator's bot."""
        with httpx.Client(base_url=self.url, timeout=120) as client:
            token = _ask(client, action="query", meta="tokens", type="login")
            login = {"lgname": self.user, "lgpassword": self.password}
            login["lgtoken"] = token["query"]["tokens"]["logintoken"]
            assert _ask(client, "POST", action="login", **login)["login"]["result"] == "Success"
            token = _ask(client, action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
            about = {"filename": name, "comment": comment, "ignorewarnings": "1"}
            answer = client.post(
                "/api.php",
                data={"action": "upload", "format": "json", "token": token, **about},
                files={"file": (name, data, "image/png")},
            ).json()
            assert answer["upload"]["result"] == "Success", answer

    def close_to_strangers(self, *, closed: bool) -> None:
        """Let only those with an account read, or everybody again."""
        flag = self.folder / "closed"
        if closed:
            flag.touch()
        else:
            flag.unlink()

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of ``query`` from the database itself; blobs as text (UTF-8)."""
        address = f"file:{self.folder / 'db' / 'wiki.sqlite'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            rows = database.execute(query).fetchall()
        return [
            tuple(cell.decode() if isinstance(cell, bytes) else cell for cell in row)
            for row in rows
        ]

    def _start(self) -> None:
        for name in ("db", "images"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._daemons = Daemons(self.folder)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._maintain(
            "install.php", "--dbtype", "sqlite", "--dbpath", str(self.folder / "db"),
            "--dbname", "wiki", "--server", self.url, "--scriptpath", "", "--pass", PASSWORD,
            "--confpath", str(self.folder), "City Wiki", ADMIN,
        )  # fmt: skip
        shutil.copy(SCRIPTS / "settings.php", self.folder)
        with (self.folder / "LocalSettings.php").open("a", encoding="utf-8") as settings:
            settings.write("\nrequire __DIR__ . '/settings.php';\n")
        for bot, grants in (("archive", GRANTS), ("blind", "basic,highvolume")):
            options = ("--appid", bot, "--grants", grants, ADMIN, BOT_PASSWORD)
            self._maintain("createBotPassword.php", *options)
        serve = ("-S", f"127.0.0.1:{port}", "-t", SHIPPED, SCRIPTS / "router.php")
        about = {"PHP_CLI_SERVER_WORKERS": WORKERS, "WIKI_FOLDER": str(self.folder)}
        self._daemons.start("web", *PHP, *serve, env=about)
        self._daemons.wait("MediaWiki", lambda: answers(f"{self.api}?action=query&format=json"))

    def _maintain(self, script: str | Path, *options: str, stdin: bytes = b"") -> bytes:
        env = {"MW_CONFIG_FILE": str(self.folder / "LocalSettings.php"), "PATH": "/usr/bin:/bin"}
        return run(*PHP, SHIPPED / "maintenance" / script, *options, stdin=stdin, env=env)


def _ask(client: httpx.Client, method: str = "GET", **about: str) -> Any:  # noqa: ANN401 - JSON
    about["format"] = "json"
    if method == "GET":
        return client.get("/api.php", params=about).json()
    return client.post("/api.php", data=about).json()
