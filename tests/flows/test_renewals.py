"""Logins that use up what they log in with: the newest token is kept, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Login, Site
from archiver.capture.platforms import CONNECTORS
from archiver.demo.answer import Answer, Asked
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.errors import AuthorisationError, KeyStoreError
from archiver.flows import accounts, connectors
from archiver.flows.archive import Renewals
from archiver.flows.capture import capture
from archiver.flows.entrance import Entrance
from archiver.flows.trial import try_login
from archiver.record import Request
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive, trial_spool
from tests.flows.helpers import Quiet
from tests.flows.test_asking import GateConnector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.formats.http1 import HttpResponse

JSON = (("Content-Type", "application/json"),)
FIRST = "refresh-0-sentinel"


class Vault:
    """A platform whose refresh tokens are good for one use; a second use ends them all."""

    def __init__(self) -> None:
        self.refresh = FIRST
        self.access = ""
        self.logins = 0
        self.asked: list[str] = []
        self._one = Lock()

    def answer(self, asked: Asked) -> Answer | None:
        """Give new tokens for the newest refresh token; show one room to who has the other."""
        if asked.path == "/gate/login":
            with self._one:
                return self._login(json.loads(asked.body)["refresh_token"])
        if not asked.path.startswith("/gate/"):
            return None
        if asked.headers.get("authorization") != f"Bearer {self.access}":
            return Answer(401, JSON, b"{}")
        self.asked.append(asked.path)
        things = [{"id": "r0"}] if asked.path == "/gate/rooms" else [{"id": "m", "text": "hi"}]
        return Answer(200, JSON, json.dumps(things).encode())

    def _login(self, token: str) -> Answer:
        if token != self.refresh:
            self.refresh = ""  # RFC 9700 section 4.14.2: somebody has stolen one
            return Answer(403, JSON, b'{"error":"this token was used before"}')
        self.logins += 1
        self.refresh = f"refresh-{self.logins}-sentinel"
        self.access = f"access-{self.logins}-sentinel"
        tokens = {"access_token": self.access, "refresh_token": self.refresh}
        return Answer(200, JSON, json.dumps(tokens).encode())


class VaultConnector(GateConnector):
    """Logs in with a refresh token."""

    platform = "vault"
    parser = "vault/1"
    credential_fields: tuple[str, ...] = ("refresh_token",)
    secret_fields: tuple[str, ...] = ("refresh_token",)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Ask for new tokens."""
        body = json.dumps({"refresh_token": credential["refresh_token"]}).encode()
        return Login(request=Request(f"{site.url}/gate/login", "POST", (), body), take=_tokens)


def _tokens(response: HttpResponse) -> Login:
    said = json.loads(response.body)
    if response.status == 403:
        return Login(refused=said["error"])
    access = said["access_token"]
    return Login(
        (("Authorization", f"Bearer {access}"),),
        secrets={"token": access},
        keep={"refresh_token": said["refresh_token"]},
    )


@pytest.fixture
def vault() -> Vault:
    """Return the platform."""
    return Vault()


@pytest.fixture
def server(vault: Vault) -> Iterator[CityServer]:
    """Serve it."""
    with CityServer(City(), vault) as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return where archive and home are; the platform is known."""
    monkeypatch.setattr(connectors, "CONNECTORS", {**CONNECTORS, "vault": VaultConnector()})
    return Settings(str(tmp_path / "archive"), tmp_path / "home")


def registered(settings: Settings, server: CityServer, token: str = FIRST) -> Archive:
    """Make the archive, register and approve the account."""
    archive = create_archive(settings)
    request = {"name": "vault", "platform": "vault", "url": server.url}
    accounts.add(archive, request, {"refresh_token": token})
    accounts.approve(archive, "vault", "Clerk")
    return archive


def captured(archive: Archive) -> CaptureReport:
    """Capture the account."""
    return capture(archive, "vault", "incremental", Quiet())


def stored(folder: Path, *, but: str = "credentials") -> bytes:
    """Return all that is in files."""
    files = (path for path in folder.rglob("*") if path.is_file() and but not in str(path))
    return b"".join(path.read_bytes() for path in files)


def test_each_run_logs_in_with_what_the_run_before_was_given(
    settings: Settings, vault: Vault, server: CityServer, tmp_path: Path
) -> None:
    """Processes that know nothing of each other but the home; no token is stored elsewhere."""
    registered(settings, server)
    for number in range(1, 4):
        report = captured(open_archive(settings))
        assert (vault.logins, report.incomplete) == (number, {})
        assert report.credential_kept == []
    assert open_archive(settings).credential("vault") == {"refresh_token": "refresh-3-sentinel"}
    assert b"-sentinel" not in stored(tmp_path)


def test_a_token_that_runs_out_in_a_run_is_renewed_with_the_newest(
    settings: Settings, vault: Vault, server: CityServer
) -> None:
    """The second login of a run uses what the first one brought."""
    archive = registered(settings, server)
    original = vault.answer

    def forgetful(asked: Asked) -> Answer | None:
        if asked.path == "/gate/room/r0" and vault.logins == 1:
            return Answer(401, JSON, b"{}")
        return original(asked)

    vault.answer = forgetful  # type: ignore[method-assign]
    assert captured(archive).incomplete == {}
    assert vault.logins == 2


def test_a_token_from_a_variable_is_kept_here_and_that_is_said_once(
    settings: Settings, vault: Vault, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable can't be written: the home has the newest until somebody sets another."""
    monkeypatch.setenv("VAULT_TOKEN", FIRST)
    registered(settings, server, "env:VAULT_TOKEN")
    assert captured(open_archive(settings)).credential_kept == ["refresh_token"]
    assert captured(open_archive(settings)).credential_kept == []
    assert vault.logins == 2
    vault.refresh = "given-by-hand-sentinel"
    monkeypatch.setenv("VAULT_TOKEN", "given-by-hand-sentinel")
    assert captured(open_archive(settings)).incomplete == {}
    assert vault.logins == 3


def test_trying_a_login_uses_up_a_token_and_keeps_the_next(
    settings: Settings, vault: Vault, server: CityServer
) -> None:
    """Whoever pushes a test button does not lock the account out."""
    archive = registered(settings, server)
    for _ in range(2):
        with trial_spool() as spool:
            try_login(archive, "vault", {"refresh_token": FIRST}, spool, Quiet())
    assert captured(archive).incomplete == {}
    assert vault.logins == 3


def entrances(settings: Settings, server: CityServer, count: int) -> list[str]:
    """Log in from many places at once; return what each is told, "" where it got in."""
    start = Barrier(count)

    def log_in(_: int) -> str:
        archive = open_archive(settings)
        site = Site("vault", server.url, authorised=True)
        with trial_spool() as spool:
            door = Entrance(
                archive, VaultConnector(), site, lambda: archive.credential("vault"), spool
            )
            start.wait()
            try:
                door.log_in()
            except AuthorisationError as error:
                return error.message
        return ""

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(log_in, range(count)))


def test_logins_at_once_use_no_token_twice(
    settings: Settings, vault: Vault, server: CityServer
) -> None:
    """Each waits for the one before, and takes what that one was given."""
    registered(settings, server)
    assert entrances(settings, server, 8) == [""] * 8
    assert open_archive(settings).credential("vault") == {"refresh_token": vault.refresh}
    assert vault.logins == 8


def test_without_the_lock_they_would(
    settings: Settings, vault: Vault, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the test above tests something."""
    registered(settings, server)
    opened = open_archive

    def unlocked(settings: Settings) -> Archive:
        archive = opened(settings)
        return replace(archive, renewals=Renewals(keep=archive.renewals.keep))

    monkeypatch.setitem(globals(), "open_archive", unlocked)
    assert any("used before" in told for told in entrances(settings, server, 8))
    assert vault.refresh == ""


def test_a_home_that_keeps_nothing_says_so(
    settings: Settings, vault: Vault, server: CityServer
) -> None:
    """A token that is lost is an error, not a surprise of the next run."""
    archive = replace(registered(settings, server), renewals=Renewals())
    with pytest.raises(KeyStoreError, match="no place to keep it") as told:
        captured(archive)
    assert "sentinel" not in str(told.value)
    assert (vault.logins, vault.asked) == (1, [])


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from archiver.capture.platforms import CONNECTORS
from archiver.flows import connectors
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import open_archive
from tests.flows.helpers import Quiet
from tests.flows.test_renewals import VaultConnector

connectors.CONNECTORS = {**CONNECTORS, "vault": VaultConnector()}
folder, when = Path(sys.argv[1]), sys.argv[2]
archive = open_archive(Settings(str(folder / "archive"), folder / "home"))
renew = archive.renewals

def kept(*arguments):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    renew.keep(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

capture(replace(archive, renewals=replace(renew, keep=kept)), "vault", "incremental", Quiet())
"""


def test_killed_before_anything_is_asked_the_next_run_has_the_newest(
    settings: Settings, vault: Vault, server: CityServer, tmp_path: Path
) -> None:
    """What a login replaced is durable before the first request that it is for."""
    registered(settings, server)
    run = [sys.executable, "-c", KILLED, str(tmp_path), "after"]
    assert subprocess.run(run, check=False, cwd=Path(__file__).parents[2]).returncode == -9
    assert (vault.logins, vault.asked) == (1, [])
    assert captured(open_archive(settings)).incomplete == {}
    assert vault.logins == 2


def test_killed_while_the_answer_is_read_the_loss_is_told(
    settings: Settings, vault: Vault, server: CityServer, tmp_path: Path
) -> None:
    """The moment between their answer and our disk is all there is: a person must log in anew."""
    registered(settings, server)
    run = [sys.executable, "-c", KILLED, str(tmp_path), "before"]
    assert subprocess.run(run, check=False, cwd=Path(__file__).parents[2]).returncode == -9
    with pytest.raises(AuthorisationError, match="used before") as told:
        captured(open_archive(settings))
    assert "account credential" in told.value.mend
    vault.refresh = "given-by-hand-sentinel"
    accounts.renew_credential(open_archive(settings), "vault", {"refresh_token": vault.refresh})
    assert captured(open_archive(settings)).incomplete == {}
