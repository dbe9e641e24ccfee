"""`archiver coverage` as people and programs have it: table, lines, picture."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from archiver.capture.connector import Capability
from archiver.capture.coverage import Events, Promise, coverage
from archiver.flows.coverage import AccountCoverage
from archiver.flows.coverage_picture import COLOURS, WORDS, picture
from archiver.formats.parquet import canonical_time
from archiver.registry.accounts import Account
from tests.capture.test_coverage import CELL, at, run
from tests.cli.terminal import run as command
from tests.cli.terminal import validator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

SVG = "{http://www.w3.org/2000/svg}"


def test_people_read_what_is_covered_and_why_it_is_not(captured: Captured) -> None:
    """A table with counts; each gap with its cause and on what it rests."""
    ran = command(captured.folder, "coverage", "city-blog")
    text = ran.stdout.decode()
    assert ran.code == 0
    comments = next(line for line in text.splitlines() if line.startswith("comments"))
    (reported, seen, unexplained) = re.findall(r"\d+", comments)[-3:]
    assert (reported, unexplained) == (seen, "0")
    assert "messages: " in text
    assert "unobservable, forbidden (capability messages: http" in text
    assert "not-read-since (entry " in text


def test_programs_read_a_line_for_each_span(captured: Captured) -> None:
    """The same spans as in the one document: sorted, none missing and none twice."""
    (account,) = command(captured.folder, "coverage", "city-blog", "--json").document["data"]
    ran = command(captured.folder, "coverage", "city-blog", "--jsonl")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {(one["account"], one["stream"]) for one in lines} == {
        ("city-blog", stream) for stream in account["streams"]
    }
    for stream in account["streams"]:
        spans = [one for one in lines if one["stream"] == stream]
        assert spans[0]["since"] == account["since"]
        assert all(a["until"] == b["since"] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("no-such-account",), "account-unknown"),
        (("--from", "yesterday"), "usage"),
        (("--from", "2027-01-01", "--to", "2026-01-01"), "usage"),
        (("--picture", "line.gif"), "usage"),
        (("--picture", "no-such-folder/line.svg"), "usage"),
        (("--jsonl",), "usage"),
    ],
)
def test_what_makes_no_sense_is_refused(
    captured: Captured, words: tuple[str, ...], code: str
) -> None:
    """With what to do about it, and by the schema."""
    ran = command(captured.folder, "coverage", *words, "--json")
    validator("cli/coverage").validate(ran.document)
    (finding,) = ran.document["findings"]
    assert (ran.code, finding["code"]) == (2, code)
    assert finding["mend"]


def test_the_picture_is_in_the_file(captured: Captured, tmp_path: Path) -> None:
    """It is drawn of what is told."""
    path = tmp_path / "line.svg"
    ran = command(captured.folder, "coverage", "city-blog", "--picture", str(path))
    assert ran.code == 0
    root = ET.fromstring(path.read_bytes())  # noqa: S314 - our own file
    assert root.findtext(f"{SVG}title") == "Coverage of city-blog"


def told(**counts: Any) -> AccountCoverage:  # noqa: ANN401 - counts
    """Return ten days of an account that was read on the first, and on the sixth."""
    cells = (CELL, Capability("messages", "forbidden", "", "docs", "simulator only"))
    runs = [run(3, 1), run(5, 6, **counts)]
    window = at(0), at(10)
    streams = coverage(runs, (), cells, window, Promise(timedelta(days=28), timedelta(days=1)))
    account = Account(
        "news", "feed", "http://x.example", "h", "no", "approved", "", "", "", "", at(0)
    )
    return AccountCoverage(account, *window, tuple(streams), {})


def test_the_picture_shows_each_span_where_it_is() -> None:
    """To scale, in a pattern of its own, and in words for whoever does not see it."""
    root = ET.fromstring(picture([told()]))  # noqa: S314 - our own file
    boxes = {
        box.findtext(f"{SVG}title"): (float(box.get("x", "")), float(box.get("width", "")))
        for box in root.iter(f"{SVG}rect")
        if box.find(f"{SVG}title") is not None
    }
    day = (1000 - 220 - 20) / 10
    covered = f"covered from {at(1)[:16]} to {at(6)[:16]}"
    assert boxes[covered] == pytest.approx((220 + day, 5 * day), abs=0.01)
    late = f"gap (not-read-since) from {at(6)[:16]} to {at(10)[:16]}"
    assert boxes[late] == pytest.approx((220 + 6 * day, 4 * day), abs=0.01)
    words = root.findtext(f"{SVG}desc") or ""
    assert late in words
    assert "news, messages: not observable (forbidden)" in words
    assert "UTC" in [text.text for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("minutes", [0.01, 1, 3, 24 * 60])
def test_moments_on_the_axis_differ(minutes: float) -> None:
    """However short the window is."""
    until = canonical_time(datetime.fromisoformat(at(0)) + timedelta(minutes=minutes))
    shown = replace(told(), until=until, streams=())
    root = ET.fromstring(picture([shown]))  # noqa: S314 - our own file
    moments = [text.text for text in root.iter(f"{SVG}text") if text.get("y") == "102.00"]
    assert len(moments) == len(set(moments)) == 6  # five, and the name of the time zone


def test_listening_has_a_line_of_its_own() -> None:
    """Under the row of its stream, to scale, in words, and in the legend."""
    events = {"posts": Events(listened=((at(2), at(4)),))}
    root = ET.fromstring(picture([replace(told(), events=events)]))  # noqa: S314 - our own file
    lines = [box for box in root.iter(f"{SVG}rect") if box.get("height") == "3"]
    titled = [box for box in lines if box.findtext(f"{SVG}title")]
    day = (1000 - 220 - 20) / 10
    (line,) = titled
    assert len(lines) == 2
    assert float(line.get("x", "")) == pytest.approx(220 + 2 * day, abs=0.01)
    assert float(line.get("width", "")) == pytest.approx(2 * day, abs=0.01)
    assert line.findtext(f"{SVG}title") == f"listened to from {at(2)[:19]} to {at(4)[:19]}"
    assert "news, posts: listened to in 1 spans" in (root.findtext(f"{SVG}desc") or "")


def test_states_differ_without_colour() -> None:
    """Each has a pattern of its own, and the legend names it."""
    root = ET.fromstring(picture([told()]))  # noqa: S314 - our own file
    drawn = {
        one.get("id"): [path.get("d") for path in one.iter(f"{SVG}path")]
        for one in root.iter(f"{SVG}pattern")
    }
    assert drawn.keys() == set(map(str, COLOURS))
    assert len({tuple(paths) for paths in drawn.values()}) == len(COLOURS)
    assert {*WORDS.values()} <= {text.text for text in root.iter(f"{SVG}text")}


def test_a_picture_of_nothing() -> None:
    """No account, and a window of no length, are drawn without a fault."""
    for found in ([], [told()]):
        one = [AccountCoverage(x.account, at(1), at(1), (), {}) for x in found]
        assert ET.fromstring(picture(one)).tag == f"{SVG}svg"  # noqa: S314 - our own file


def test_what_nothing_explains_is_the_exit_status(
    captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts that differ are told to people and to programs, and make the command fail."""
    found = told(reported=9, seen=7, unexplained=2)
    monkeypatch.setattr("archiver.flows.coverage.coverages", lambda *_: [found])
    ran = command(captured.folder, "coverage", "--json")
    validator("cli/coverage").validate(ran.document)
    (finding,) = ran.document["findings"]
    assert (ran.code, finding["code"], finding["where"]) == (1, "count-unexplained", "news: posts")
    said = command(captured.folder, "coverage").stdout.decode()
    assert "posts: 2 things of 9 that it counts are not explained" in said
