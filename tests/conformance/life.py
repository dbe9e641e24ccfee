"""A life of each platform, captured: the archive, and every answer that was read for it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.reading import listing_of
from archiver.capture.standing import CREDENTIAL
from archiver.demo.server import CityServer
from archiver.flows import accounts, connectors
from archiver.flows.capture import capture
from archiver.formats.http1 import response_of
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.doubles import FixedClock
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.capture.connector import Connector, Listing
    from archiver.flows.archive import Archive, Headers
    from archiver.flows.capture_report import CaptureReport
    from archiver.formats.http1 import HttpResponse
    from archiver.ports import Recorder, Spool
    from archiver.record import Exchange, Request
    from tests.conformance.standins import Subject

ACCOUNT = "city"
MOST_SHAPES = 24
"""Kinds of answers of one platform that bodies are taken from."""


@dataclass(slots=True)
class Lived:
    """What came of a platform's life: two captures, a week apart.

    ``found`` has each exchange of the platform's, in order; ``secrets`` the credential's
    secret fields, and what logins brought; ``told`` by stream and id the kinds of what happened
    between, where the stand-in tells.
    """

    connector: Connector
    site: Site
    credential: Mapping[str, str]
    archive: Archive
    folder: Path
    found: list[Exchange] = field(default_factory=list)
    reports: list[CaptureReport] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    told: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def answers(self) -> list[tuple[Listing, HttpResponse]]:
        """Return the answers that a connector cut, one of each kind, the largest first."""
        shapes: dict[tuple[str, str, str], tuple[Listing, HttpResponse]] = {}
        for one in sorted(self.found, key=lambda each: -len(each.response)):
            purpose = one.purpose
            response = response_of(one)
            if (
                purpose["role"] in {"file", CREDENTIAL}
                or not response.body
                or response.status != 200
            ):
                continue
            shape = re.sub(r"\S*[\d:!@]\S*", "#", purpose["listing"])
            kind = (purpose["stream"], purpose["role"], shape)
            shapes.setdefault(kind, (listing_of(one), response))
        return list(shapes.values())[:MOST_SHAPES]


@contextmanager
def lived(subject: Subject, folder: Path) -> Iterator[Lived]:
    """Yield an archive of an account that was captured, then again after a week."""
    city, life = subject.start()
    clock = FixedClock(datetime.now(UTC))
    connector = subject.connector
    services = [life.service] if life.service else []
    with pytest.MonkeyPatch.context() as patch:
        known = {**CONNECTORS, connector.platform: connector}
        patch.setattr(connectors, "CONNECTORS", known)
        made = create_archive(Settings(str(folder / "archive"), folder / "home"))
        with CityServer(city, *services) as server:
            url = server.url + life.path
            site = Site(ACCOUNT, url, bool(life.credential))
            archive = replace(made, clock=clock)
            one = Lived(connector, site, life.credential, archive, folder)
            one.archive = _recording(archive, one)
            about = {"name": ACCOUNT, "platform": connector.platform, "url": url}
            accounts.add(one.archive, about, life.credential)
            accounts.approve(one.archive, ACCOUNT, "Clerk")
            one.reports.append(capture(one.archive, ACCOUNT, "backfill", Quiet()))
            happened = life.change()
            one.told = happened if isinstance(happened, dict) else {}
            clock.sleep(timedelta(days=7).total_seconds())
            one.reports.append(capture(one.archive, ACCOUNT, "backfill", Quiet()))
            yield one


def _recording(archive: Archive, one: Lived) -> Archive:
    """Return the archive with recorders that tell of each exchange, and of secrets."""
    open_recorder = archive.open_recorder

    @contextmanager
    def telling(
        spool: Spool,
        secrets: Mapping[str, str],
        headers: Headers,
        url: str,
        parameters: Headers = (),
    ) -> Iterator[Recorder]:
        with open_recorder(spool, secrets, headers, url, parameters) as recorder:
            one.secrets |= set(secrets.values())
            yield _Telling(recorder, one.found)

    return replace(archive, open_recorder=telling)


class _Telling:
    """A recorder that keeps what it gave."""

    def __init__(self, recorder: Recorder, found: list[Exchange]) -> None:
        self._recorder = recorder
        self._found = found

    def send(self, request: Request, purpose: Mapping[str, str]) -> Exchange:
        """Send a request, and keep the exchange."""
        self._found.append(self._recorder.send(request, purpose))
        return self._found[-1]

    def log_in(self, request: Request) -> bytes:
        """Send a step of a login, and keep nothing."""
        return self._recorder.log_in(request)
