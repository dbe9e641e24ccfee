"""Crawls of a website from end to end: bounds, robots, traps, kills, changes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from archiver.capture.problems import code_of
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.formats.parquet import rows_of
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.capture.platforms.website import CityWebsite
from tests.doubles import FixedClock
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.flows.archive import Archive, Headers
    from archiver.flows.capture_report import CaptureReport
    from archiver.ports import Recorder, Spool


class Town:
    """A website, and an archive that crawls it by a clock that nobody waits for."""

    def __init__(self, folder: Path, server: CityServer, site: CityWebsite, scope: str) -> None:
        made = create_archive(Settings(str(folder / "archive"), folder / "home"))
        self.clock = FixedClock(datetime(2026, 11, 30, 9, tzinfo=UTC))
        self.archive: Archive = replace(made, clock=self.clock)
        self.site, self.url = site, server.url
        about = {"name": "site", "platform": "website", "url": f"{server.url}/", "scope": scope}
        accounts.add(self.archive, about, {})
        accounts.approve(self.archive, "site", "Clerk")

    def crawl(self, mode: str = "backfill") -> CaptureReport:
        """Crawl once."""
        self.site.asked.clear()
        return capture(self.archive, "site", mode, Quiet())

    def rows(self) -> list[Mapping[str, str]]:
        """Return the rows of all observations, oldest first."""
        segments = [one for one in read_state(self.archive).segments() if one.leaves]
        return [row for one in segments for row in rows_of(read_table(self.archive, one))]

    def pages(self, kind: str = "") -> list[str]:
        """Return the paths of pages, each as often as it was observed."""
        return [
            "/" + row["native_id"].partition("|")[2].replace("|", "/")
            for row in self.rows()
            if row["stream"] == "pages" and row["kind"] != "listing" and kind in ("", row["kind"])
        ]


@contextmanager
def town(folder: Path, scope: str = "", pages: int = 6) -> Iterator[Town]:
    """Yield a website that is served, and its archive."""
    site = CityWebsite(pages)
    with CityServer(City(), site) as server:
        yield Town(folder, server, site, scope)


def why(report: CaptureReport, code: str) -> dict[str, str]:
    """Return what was not reached for a reason: by path, in words."""
    return {
        "/" + name.partition("|")[2].replace("|", "/"): told
        for name, told in report.incomplete.items()
        if code_of(told) == code
    }


def test_a_crawl_again_says_what_changed_and_nothing_else(tmp_path: Path) -> None:
    """Edited, new, gone with its evidence; in every mode, for a site is read whole."""
    with town(tmp_path) as one:
        assert one.crawl("incremental").incomplete == {}
        before = len(one.rows())
        again = one.crawl("incremental")
        assert (again.observations, len(one.rows())) == ({}, before)
        one.site.change()
        changed = one.crawl("incremental")
        assert changed.observations["edited"] == 2
        assert one.pages("deleted") == ["/news/5"]
        assert one.pages("present").count("/new") == 1


def test_what_lies_beyond_the_bounds_is_named(tmp_path: Path) -> None:
    """Too deep, too many: each page that was not reached, and why; the others are there."""
    with town(tmp_path / "deep", "depth=1", pages=12) as one:
        told = why(one.crawl(), "bounds")
        assert told.keys() == {"/news/2", "/news/3"}
        assert all("more than 1 links" in words for words in told.values())
    with town(tmp_path / "many", "pages=5", pages=12) as one:
        report = one.crawl()
        told = why(report, "bounds")
        assert told != {}
        assert all("more than 5 pages" in words for words in told.values())
        assert len(set(one.pages())) == 4  # the fifth is a sitemap that is not there
        assert report.streams["pages"]["broken"] == len(told)


def test_a_calendar_without_end_ends(tmp_path: Path) -> None:
    """A month leads to the next for ever: it is bounded, and the rest of the site is read."""
    with town(tmp_path, "alike=20 depth=100") as one:
        answer = one.site.answer

        def endless(asked: object) -> object:
            target = asked.target  # type: ignore[attr-defined]
            if target.startswith("/calendar"):
                month = int(target.partition("month=")[2] or 0)
                inside = f'<a href="/calendar?month={month + 1}">later</a>'
                one.site.page(target, f"Month {month}", inside)
            return answer(asked)  # type: ignore[arg-type]

        one.site.answer = endless  # type: ignore[method-assign,assignment]
        one.site.page("/", "Start", '<a href="/calendar?month=1">C</a><a href="/news/1">N</a>')
        told = why(one.crawl(), "bounds")
        assert len(told) == 1
        assert "more than 20 addresses like" in next(iter(told.values()))
        assert "/news/5" in one.pages()


def test_robots_txt_is_heeded_unless_the_scope_says_otherwise(tmp_path: Path) -> None:
    """What it kept us from is named; where it can't be read nothing is asked."""
    with town(tmp_path / "heeded") as one:
        one.site.page("/private/draft", "Draft", "<p>x")
        one.site.page("/", "Start", '<a href="/private/draft">D</a>')
        told = why(one.crawl(), "forbidden")
        assert list(told) == ["/private/draft"]
        assert "/private/draft" not in one.site.asked
    with town(tmp_path / "ignored", "robots=no") as one:
        one.site.page("/private/draft", "Draft", "<p>x")
        one.site.page("/", "Start", '<a href="/private/draft">D</a>')
        assert one.crawl().incomplete == {}
        assert "/private/draft" in one.pages()


def test_a_host_is_asked_once_at_a_time_with_pauses(tmp_path: Path) -> None:
    """As many seconds as the scope says, or robots.txt where that asks for more."""
    for folder, scope, delay, least in (
        ("usual", "", b"", 1.0),
        ("slow", "pause=3", b"", 3.0),
        ("asked", "", b"User-agent: *\nCrawl-delay: 7\n", 7.0),
    ):
        with town(tmp_path / folder, scope, pages=3) as one:
            if delay:
                one.site.files["/robots.txt"] = ("text/plain", delay)
            began = one.clock.now()
            one.crawl()
            waited = (one.clock.now() - began).total_seconds()
            assert waited >= least * (len(one.site.asked) - 3)


def test_a_killed_crawl_is_gone_on_with(tmp_path: Path) -> None:
    """What had come is settled from the spool; the next run reads the rest, nothing twice."""

    class KilledError(Exception):
        """Stands for a kill between two requests."""

    with town(tmp_path, pages=8) as one:
        opened, left = one.archive.open_recorder, [9]

        @contextmanager
        def dying(
            spool: Spool, secrets: Mapping[str, str], headers: Headers, url: str,
            parameters: Headers = (),
        ) -> Iterator[Recorder]:  # fmt: skip
            with opened(spool, secrets, headers, url, parameters) as recorder:
                send = recorder.send

                def one_more(*words: object) -> object:
                    left[0] -= 1
                    if not left[0]:
                        raise KilledError
                    return send(*words)  # type: ignore[arg-type]

                recorder.send = one_more  # type: ignore[method-assign,assignment]
                yield recorder

        whole = one.archive
        one.archive = replace(whole, open_recorder=dying)
        with pytest.raises(KilledError):
            one.crawl()
        one.archive = whole
        report = one.crawl()
        assert report.recovered == 8
        assert report.incomplete == {}
        assert sorted(one.pages()) == sorted(set(one.pages()))
        assert {f"/news/{number}" for number in range(1, 8)} < set(one.pages())


def test_no_address_on_a_page_ends_a_crawl(tmp_path: Path) -> None:
    """Not one that leads inside, nor one that is none to us: each is a gap with its reason."""
    with town(tmp_path, "pause=0") as one:
        inside = "".join(
            f'<img src="{url}">'
            for url in (
                *("http://169.254.169.254/x.png", "http://[::ffff:10.0.0.1]/y.png"),
                *("http://0x7f.1/z.png", "http://xn--a/q.png"),
            )
        )
        one.site.page("/", "Start", f'{inside}<a href="/news/1">N</a>')
        report = one.crawl()
        assert len(report.lacking) >= 3
        assert {code_of(told) for told in report.lacking.values()} == {"forbidden"}
        assert "/news/5" in one.pages()


def test_without_a_browser_pages_are_there_and_what_lacks_is_named(tmp_path: Path) -> None:
    """A clear gap for each page that wants one; what was received is kept all the same."""
    with town(tmp_path, "browser=/news", pages=4) as one:
        told = why(one.crawl(), "browser")
        assert told.keys() == {"/news/1", "/news/2", "/news/3"}
        assert {"/news/1", "/news/2", "/news/3"} <= set(one.pages())
