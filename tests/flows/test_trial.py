"""Trying a login: what the platform says is told, and nothing of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.faults import server_error, too_many_requests
from archiver.demo.server import CityServer
from archiver.errors import AuthorisationError, TransientError, UsageError
from archiver.flows import accounts
from archiver.flows.ledger import read_state
from archiver.flows.trial import try_login
from archiver.settings import Settings
from archiver.wire import create_archive, trial_spool
from tests.flows.conftest import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.faults import Fault
    from archiver.flows.archive import Archive

BLOG, NEWS = "city-blog", "city-news"
GOOD = {"user": City.user, "password": City.secret}


@pytest.fixture
def server() -> Iterator[CityServer]:
    """A city that is being served."""
    with CityServer(City()) as running:
        yield running


@pytest.fixture
def archive(server: CityServer, tmp_path: Path) -> Archive:
    """An archive in which the city's blog and news are registered."""
    made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    accounts.add(made, {"name": BLOG, "platform": "wordpress", "url": server.url}, GOOD)
    accounts.add(made, {"name": NEWS, "platform": "feed", "url": f"{server.url}/feed"}, {})
    return made


def tried(archive: Archive, name: str, credential: dict[str, str]) -> str:
    """Try a login as the test button does."""
    with trial_spool() as spool:
        return try_login(archive, name, credential, spool, Silent())


def test_a_good_credential_is_let_in(archive: Archive, server: CityServer) -> None:
    """One request is made, and the answer names platform, address and account."""
    assert tried(archive, BLOG, GOOD) == f"WordPress at {server.url} lets account city-blog in"
    assert len(server.log) == 1
    assert tried(archive, NEWS, {}).startswith("Web feed")


def test_a_wrong_password_is_refused(archive: Archive) -> None:
    """WordPress answers it as no login where it can: the trial asks what only a login shows."""
    with pytest.raises(AuthorisationError) as caught:
        tried(archive, BLOG, {**GOOD, "password": "sesame sentinel"})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("fault", [server_error(), too_many_requests(1)])
def test_nobody_waits_for_a_platform_in_trouble(
    archive: Archive, server: CityServer, fault: Fault
) -> None:
    """An outage or a rate limit is told at once."""
    server.fail("/", fault)
    with pytest.raises(TransientError, match="asks us to wait"):
        tried(archive, BLOG, GOOD)
    assert len(server.log) == 1


def test_missing_fields_and_accounts_are_named(archive: Archive, server: CityServer) -> None:
    """What the platform needs and the account must be right before anything is sent."""
    with pytest.raises(UsageError, match="user, password"):
        tried(archive, BLOG, {"password": "sesame sentinel"})
    with pytest.raises(UsageError, match="no such account"):
        tried(archive, "nobody", GOOD)
    assert server.log == []


def test_nothing_of_a_trial_is_kept(archive: Archive, tmp_path: Path) -> None:
    """Ledger, archive and home are as they were."""
    before = read_state(archive).size, _files(tmp_path)
    tried(archive, BLOG, GOOD)
    assert (read_state(archive).size, _files(tmp_path)) == before


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cache" not in path.parts
    }
