"""Small stand-ins that stream, and an archive that listens to them by the real clock."""

from __future__ import annotations

import gzip
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from archiver.demo.bluesky.network import Network
from archiver.demo.bluesky.service import Bluesky
from archiver.demo.city import City
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.instance import Instance
from archiver.demo.server import CityServer
from archiver.edges.clock import SystemClock
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.segments import open_file
from archiver.flows.verify import verify
from archiver.ledger.state import INTAKE
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from archiver.demo.answer import Service
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

NAME = "heard"
FIREHOSE = "/xrpc/com.atproto.sync.subscribeRepos"
USER_STREAM = "/api/v1/streaming/user"


class Village(Network):
    """A network with a city, one other person, and a few posts of either."""

    user = "city.example"
    secret = "four-word-open-door"

    def __init__(self) -> None:
        super().__init__()
        self.city = self.join(self.user, "City", self.secret)
        self.ann = self.join("ann.example", "Ann")
        self.old = [self.post(self.city, f"Notice {number}") for number in range(3)]
        self.post(self.ann, "Strange words")


class Hamlet(Instance):
    """A Mastodon with the city, somebody whom it follows, and somebody whom it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.ann = self.join("ann", "Ann").id
        self.ben = self.join("ben", "Ben").id
        self.relate("follow", self.city.id, self.ben)
        self.old = [self.post(self.city.id, f"Notice {number}").id for number in range(3)]


@dataclass(slots=True)
class Ear:
    """A server and an archive with its approved account."""

    server: CityServer
    archive: Archive

    def listen(
        self,
        seconds: float,
        *acts: Callable[[], object],
        when: Callable[[], bool] | None = None,
        mode: str = "incremental",
    ) -> CaptureReport:
        """Capture and listen; when ``when`` has come, do acts on the platform meanwhile."""

        def act() -> None:
            while when and not when():
                time.sleep(0.01)
            for one in acts:
                one()

        living = Thread(target=act)
        living.start()
        try:
            return capture(self.archive, NAME, mode, Quiet(), seconds)
        finally:
            living.join()

    def opened(self, times: int) -> Callable[[], bool]:
        """Return a moment: a stream has been opened so many times."""
        paths = (FIREHOSE, USER_STREAM)
        return lambda: sum(one.path.startswith(paths) for one in self.server.log) >= times

    def kinds(self) -> dict[str, list[str]]:
        """Return the kinds of all observations of each thing of the platform's."""
        found: dict[str, list[str]] = {}
        for row in rows(self.archive):
            if row["stream"] != "workflow" and row["kind"] != "listing":
                found.setdefault(row["native_id"], []).append(row["kind"])
        return found

    def texts(self, native_id: str) -> list[str]:
        """Return the texts that a thing had, as observed."""
        return [row.get("text", "") for row in rows(self.archive) if row["native_id"] == native_id]

    def sound(self) -> None:
        """Verify everything in depth."""
        checked = verify(self.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)

    def intake(self) -> bytes:
        """Return every exchange that was sealed."""
        segments = read_state(self.archive).segments()
        files = (open_file(self.archive, one, "warc.gz") for one in segments if one.stage == INTAKE)
        return b"".join(map(gzip.decompress, files))

    def size(self) -> int:
        """Return the number of entries of the ledger."""
        return read_state(self.archive).size


@contextmanager
def ear(
    folder: Path, service: Service, platform: str, path: str, credential: Mapping[str, str]
) -> Iterator[Ear]:
    """Yield an archive that can listen to a service."""
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    archive = replace(archive, clock=SystemClock())
    with CityServer(City(), service) as server:
        about = {"name": NAME, "platform": platform, "url": f"{server.url}{path}"}
        accounts.add(archive, about, credential)
        accounts.approve(archive, NAME, "Clerk")
        yield Ear(server, archive)


@contextmanager
def sky(folder: Path, network: Village) -> Iterator[tuple[Ear, Bluesky]]:
    """Yield an archive of the village's account, without a login, and its server."""
    service = Bluesky(network)
    with ear(folder, service, "bluesky", f"/profile/{network.city}", {}) as made:
        yield made, service


@contextmanager
def toots(folder: Path, town: Hamlet) -> Iterator[tuple[Ear, Mastodon]]:
    """Yield an archive of the hamlet's account, and its server."""
    service = Mastodon(town)
    login = {"token": service.token}
    with ear(folder, service, "mastodon", "/@quillwater", login) as made:
        yield made, service
