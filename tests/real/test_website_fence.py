"""A real browser on a page that tries every way out: what listens inside is not touched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.browsing import Part, Wanted
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.edges import fence
from archiver.edges.browser import BrowserProcess
from archiver.edges.spool import Spool
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.formats.http1 import response_of
from archiver.record import Request
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.capture.platforms.website import CityWebsite
from tests.doubles import FixedClock, SeededRandomness
from tests.edges.inside import METADATA, SCHEMES, SPELLINGS, TRICKS, Trap
from tests.flows.helpers import Quiet
from tests.real.replay import CHROMIUM, browser_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.record import Exchange

pytestmark = pytest.mark.real

WAYS = Path(__file__).with_name("ways_out.js").read_text("utf-8")


def wanted(port: int) -> list[str]:
    """Return addresses that lead inside, as many kinds as a page can name."""
    ascii_hosts = [one for one in (*SPELLINGS, *METADATA) if one.isascii()]
    at = f"127.0.0.1:{port}"
    others = [one.replace("{at}", at) for one in (*SCHEMES, *TRICKS)]
    return [*(f"http://{one}:{port}/" for one in ascii_hosts), *others]


def page(port: int) -> bytes:
    """Return a page that tries all of them."""
    few = [f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://[::1]:{port}/"]
    stun = [f"stun:127.0.0.1:{port}", f"turn:127.0.0.1:{port}?transport=tcp",
            f"turn:127.0.0.1:{port}?transport=udp"]  # fmt: skip
    script = WAYS.replace("WANTED", repr(wanted(port))).replace("FEW", repr(few))
    script = script.replace("STUN", repr(stun)).replace("AT", f"127.0.0.1:{port}")
    head = f'<meta charset="utf-8"><link rel="icon" href="{few[0]}i.ico">'
    return (
        f"<!doctype html><html><head>{head}</head><body><p id=said>it did not run</p>"
        f'<img src="{few[0]}img"><iframe src="{few[0]}frame"></iframe><script>{script}</script>'
        "</body></html>"
    ).encode()


@pytest.fixture
def trap() -> Iterator[Trap]:
    """Give what listens inside."""
    with Trap() as one:
        yield one


def shown(
    config: pytest.Config, folder: Path, body: bytes, seen: list[Wanted]
) -> tuple[Exchange, str]:
    """Have a page shown whose parent gives it nothing but itself; return what came of it."""
    python, url = str(browser_python(config)), "http://city.example/"

    def fetch(one: Wanted) -> Part:
        seen.append(one)
        return Part(200, (("Content-Type", "text/html"),), body) if one.url == url else Part()

    with (
        Spool.open(folder / "spool", "site", FixedClock(), SeededRandomness()) as spool,
        BrowserProcess(python, CHROMIUM, spool, FixedClock()) as browser,
    ):
        request = Request(url, fenced=True, rendered="dom")
        found = browser.show(request, {"role": "listing"}, fetch)
    return found, response_of(found).body.decode()


def test_a_page_that_tries_every_way_out_reaches_nothing(
    trap: Trap, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """Neither TCP nor UDP: scripts, workers, sockets, calls, prefetches, forms, windows."""
    seen: list[Wanted] = []
    _, told = shown(pytestconfig, tmp_path, page(trap.port), seen)
    assert "it ran" in told
    assert len(wanted(trap.port)) >= 100
    assert len({one.url for one in seen}) > 40
    assert trap.touched == []


def test_it_reaches_nothing_without_a_network_of_its_own(
    trap: Trap, pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where the system makes none: then the browser's own settings alone hold it."""
    monkeypatch.setattr("archiver.edges.browser._apart", tuple)
    seen: list[Wanted] = []
    _, told = shown(pytestconfig, tmp_path, page(trap.port), seen)
    assert "it ran" in told
    assert trap.touched == []


def test_what_it_asks_for_is_asked_through_the_fence(
    trap: Trap, pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crawl with a browser: parts of the page are asked for by us, and those inside are not."""
    monkeypatch.setattr(fence, "PORTS", fence.PORTS | {trap.port})
    settings = Settings(
        str(tmp_path / "archive"), tmp_path / "home",
        browser=str(browser_python(pytestconfig)), chromium=CHROMIUM,
    )  # fmt: skip
    made, site = create_archive(settings), CityWebsite(2)
    site.files["/trying"] = ("text/html; charset=utf-8", page(trap.port))
    site.page("/", "Start", '<a href="/trying">Try</a>')
    with CityServer(City(), site) as server:
        about = {"name": "site", "platform": "website", "url": f"{server.url}/",
                 "scope": "pause=0 browser=/trying"}  # fmt: skip
        accounts.add(made, about, {})
        accounts.approve(made, "site", "Clerk")
        report = capture(made, "site", "backfill", Quiet())
    assert trap.touched == []
    refused = [why for why in report.incomplete.values() if "forbidden" in why]
    assert len(refused) >= 1
    assert report.observations["present"] >= 8
