"""A website of more than 200 pages, crawled by requests and by a browser, and replayed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.capture.platforms.website import CityWebsite
from tests.cli.terminal import run
from tests.flows.helpers import Quiet
from tests.real.replay import CHROMIUM, browser_python, looked_at, pywb, replay_web_page

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.capture_report import CaptureReport

pytestmark = pytest.mark.real

PAGES = 220
MADE = "#made-by-script"
PROFILE = "[dat, text, wacz]"


class Crawled(NamedTuple):
    """Two crawls, a change between them: the reports, the rows, the web archive of all."""

    url: str
    reports: list[CaptureReport]
    rows: list[dict[str, str]]
    wacz: Path
    folder: Path


def crawled(config: pytest.Config, folder: Path, scope: str) -> Crawled:
    """Crawl the site twice, and hand all of it over."""
    python = str(browser_python(config))
    made = create_archive(
        Settings(str(folder / "archive"), folder / "home", browser=python, chromium=CHROMIUM)
    )
    site, reports = CityWebsite(PAGES), []
    with CityServer(City(), site) as server:
        about = {"name": "site", "platform": "website", "url": f"{server.url}/", "scope": scope}
        url = server.url
        accounts.add(made, about, {})
        accounts.approve(made, "site", "Clerk")
        for _ in range(2):
            reports.append(capture(made, "site", "backfill", Quiet()))
            site.change()
    segments = [one for one in read_state(made).segments() if one.leaves]
    rows = [dict(row) for one in segments for row in rows_of(read_table(made, one))]
    checked = verify(made, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
    profile = folder / "web.yaml"
    profile.write_text(
        "schema: civic-archive/profile/1\nname: web\ntitle: Web\n"
        f"channels: {PROFILE}\nbates: {{prefix: WEB, width: 6}}\nzone: UTC\n"
        'order: [created_at, record]\nsign: "[{codes}]"\nlegend: ""\n'
    )
    out = folder / "out"
    words = ("produce", "--account", "site", "--profile", str(profile), "--out", str(out))
    run(folder, *words)
    return Crawled(url, reports, rows, next(out.rglob("*.wacz")), folder)


@pytest.fixture(scope="module")
def crawl(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """All pages by requests, some of them by the browser, too."""
    return crawled(
        pytestconfig, tmp_path_factory.mktemp("crawl"), "pause=0 browser=/news/1,/news/2,/new"
    )


def stamps(crawl: Crawled, url: str) -> list[str]:
    """Return the moments (fourteen digits) of a page's versions in the web archive."""
    with zipfile.ZipFile(crawl.wacz) as opened:
        lines = opened.read("indexes/index.cdx").decode().splitlines()
    return [
        line.split(" ", 2)[1] for line in lines if json.loads(line.split(" ", 2)[2])["url"] == url
    ]


def test_all_of_it_is_there_and_what_changed_is_a_version(crawl: Crawled) -> None:
    """Pages, styles, scripts, pictures; one edited, one new, one deleted with its evidence."""
    first, second = crawl.reports
    assert (first.incomplete, second.incomplete) == ({}, {})
    host = crawl.url.partition("://")[2]
    plain = [one for one in crawl.rows if one.get("media_type") == "text/html"]
    assert len({one["native_id"] for one in plain}) == PAGES + 2
    changed = [one for one in plain if one["native_id"] == f"{host}|news|1"]
    assert [one["kind"] for one in changed] == ["present", "edited"]
    assert ["corrected" in one["text"] for one in changed] == [False, True]
    gone = {one["native_id"] for one in crawl.rows if one["kind"] == "deleted"}
    assert f"{host}|news|{PAGES - 1}" in gone
    assert sum(one["stream"] == "media" for one in crawl.rows) == 5


def test_what_a_browser_made_of_a_page_is_kept_beside_it(crawl: Crawled) -> None:
    """Its text has what a script made, which the page's own bytes have not; and a picture."""
    host = crawl.url.partition("://")[2]
    mine = [one for one in crawl.rows if one["native_id"] == f"{host}|news|1/rendered"]
    assert [one["kind"] for one in mine] == ["present", "edited"]
    assert all("Made by a script on News 1" in one["text"] for one in mine)
    assert json.loads(mine[0]["volatile"])["browser"].startswith("Chromium ")
    pictures = [one for one in crawl.rows if one["native_id"] == f"{host}|news|1/screenshot"]
    assert {one["media_type"] for one in pictures} == {"image/png"}
    pages = [one for one in crawl.rows if one["native_id"] == f"{host}|news|1"]
    assert not any("Made by a script" in one["text"] for one in pages)


def test_pywb_replays_each_version(crawl: Crawled, pytestconfig: pytest.Config) -> None:
    """With its script at work: the page's text and what the script made of it."""
    url = f"{crawl.url}/news/1"
    moments = stamps(crawl, url)
    assert len(moments) == 2
    folder = crawl.folder / "pywb"
    folder.mkdir()
    with pywb(pytestconfig, folder, crawl.wacz) as base:
        wanted = [f"{base}/{one}mp_/{url}" for one in moments]
        before, after = looked_at(pytestconfig, wanted, MADE)
    assert "Notice 1.\n" in before
    assert "Notice 1, corrected." in after
    assert all("Made by a script on News 1" in one for one in (before, after))


def test_replay_web_page_replays_each_version(crawl: Crawled, pytestconfig: pytest.Config) -> None:
    """The same in the viewer that runs in the browser itself."""
    url = f"{crawl.url}/news/1"
    folder = crawl.folder / "viewer"
    folder.mkdir()
    wanted = [(url, one) for one in stamps(crawl, url)]
    with replay_web_page(pytestconfig, folder, crawl.wacz, wanted) as shown:
        before, after = looked_at(pytestconfig, shown, MADE)
    assert "Notice 1.\n" in before
    assert "Notice 1, corrected." in after
    assert all("Made by a script on News 1" in one for one in (before, after))
