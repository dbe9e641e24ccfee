"""Retention from the command line: the scenarios, with acts that people signed."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.reporting import agree
from tests.cli.terminal import run
from tests.retention.oracle import anniversary, fiscal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

SIGNED = ("--sign", "clerk.key", "--sign", "counsel.key", "--json")
SETTINGS = """
[retention]
jurisdiction = "US-WI"
zone = "America/Chicago"
fiscal_year_end = "04-30"
packs = ["city.yaml", "next.yaml", "joined.yaml"]

[[retention.default]]
stream = "media"
series = "city/gone"
"""
PACK = """
schema: civic-archive/retention/1
schedule: {schedule}
version: "{version}"
title: A schedule of the city
jurisdiction: US-WI
rank: {rank}
opt_in: {opt_in}
effective: "{effective}"
expires: "{expires}"
adoption: an ordinance
sources:
  - {{id: ordinance, citation: Ordinance 7, sha256: not held}}
series:
"""
ROW = """  - code: {code}
    title: {code}
    scope: all
    rule: {rule}
    then: {then}
    citation: Ordinance 7, {code}
    source: ordinance
    confidence: primary
"""
LIVE = "{latest_of: [{trigger: posted, period: P2Y}, {trigger: removed-from-public, period: P2Y}]}"
RULES = {
    "live": (LIVE, "transfer"),
    "fis": ("{trigger: posted, cutoff: fiscal-year-end, period: P3Y}", "destroy"),
    "closed": ("{trigger: account-closed, period: P2Y}", "destroy"),
    "one": ("{trigger: created, period: P1Y}", "destroy"),
    "five": ("{trigger: created, period: P5Y}", "destroy"),
}
TODAY = datetime.now(UTC).date()
CHANGES, EXPIRES = date(2033, 1, 1), date(2032, 8, 27)


def _pack(*codes: str, schedule: str = "city", version: str = "1", **more: str) -> str:
    told = {"rank": "local", "opt_in": "false", "effective": "unknown", "expires": "unknown"}
    head = PACK.format(schedule=schedule, version=version, **(told | more))
    return head + "".join(
        ROW.format(code=code, rule=RULES[code][0], then=RULES[code][1]) for code in codes
    )


@pytest.fixture(scope="module")
def office(captured: Captured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a city with two people, and schedules, none of them adopted."""
    folder = tmp_path_factory.mktemp("retention")
    for name in ("archive", "home"):
        shutil.copytree(captured.folder / name, folder / name)
    for name, role in (("clerk", "records-manager"), ("counsel", "counsel")):
        ran = run(folder, "person", "enrol", name, "--key", f"{name}.key", "--role", role)
        assert ran.code == 0, ran.stderr
    (folder / "archiver.toml").write_text(SETTINGS)
    (folder / "city.yaml").write_text(_pack(*RULES))
    later = _pack(*RULES, version="2", effective=str(CHANGES))
    (folder / "next.yaml").write_text(later)
    joined = _pack(
        "one", schedule="wi-wmrs", version="city", rank="municipal", opt_in="true",
        effective="2018-08-27", expires=str(EXPIRES),
    )  # fmt: skip
    (folder / "joined.yaml").write_text(joined)
    return folder


@pytest.fixture(scope="module")
def posts(office: Path) -> list[dict[str, Any]]:
    """Posts that are still published, with the first day by the statute."""
    found = _data(office, "retention", "due", "--state", "not-due")["records"]
    assert found, "the statute is a candidate for every record"
    posts = [one for one in found if ":posts:" in one["record"]]
    assert {tuple(one["blockers"]) for one in posts} == {("claimed-date", "not-adopted")}
    return posts


@pytest.fixture(scope="module")
def decided(office: Path, posts: list[dict[str, Any]], captured: Captured) -> dict[str, str]:
    """The same archive after people adopted, opted in and classified; a record for each series."""
    for name, schedule, version in (
        ("city.yaml", "city", "1"),
        ("joined.yaml", "wi-wmrs", "city"),
    ):
        told = ("--authority", "Common Council", "--instrument", "Ordinance 7")
        read = ("--read", f"ordinance={'aa' * 32}", "--read-by", "clerk", "--read-on", "2026-01-01")
        adopt = ("schedule", "adopt", schedule, version, "--file", name, *told, *read)
        _done(office, *adopt, "--effective", "2020-01-01")
    option = ("--instrument", "Ordinance 8", "--effective", "2020-01-01")
    _done(office, "schedule", "opt-in", "wi-wmrs", "city", *option)
    names = [one["record"] for one in posts]
    chosen = dict(zip(("live", "fis", "closed", "joined", "two"), names, strict=False))
    series: dict[str, tuple[str, ...]]
    series = {name: (f"city/{name}",) for name in ("live", "fis", "closed")}
    chosen |= {"gone": captured.deleted}
    series |= {"gone": ("city/live",)}
    series |= {"joined": ("wi-wmrs/one",), "two": ("city/one", "city/five")}
    for name, record in chosen.items():
        asked = [word for one in series[name] for word in ("--series", one)]
        _done(office, "classify", record, *asked, "--reason", "it is one")
    _done(office, "classify", *chosen.values(), "--reviewed", "claimed-dates")
    return chosen


def _data(folder: Path, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    ran = run(folder, *arguments, "--json")
    assert ran.code == 0, ran.text
    return ran.document["data"]


def _done(folder: Path, *arguments: str) -> None:
    assert run(folder, *arguments, *SIGNED).document["data"] is not None


def _explain(folder: Path, record: str, as_of: date, *more: str) -> dict[str, Any]:
    asked = ("retention", "explain", record, "--as-of", str(as_of), *more)
    found: dict[str, Any] = _data(folder, *asked)
    return found


def _made(one: dict[str, Any]) -> date:
    """Return the day a record was made: seven years by the statute end on the day before."""
    last = date.fromisoformat(one["not_before"]) - timedelta(1)
    made = last.replace(year=last.year - 7)
    assert anniversary(made, 7) == last
    return made


def test_without_an_adoption_everything_is_kept(office: Path, posts: list[dict[str, Any]]) -> None:
    """Whatever the day, nothing is eligible; it is said what would be due, and what is to do."""
    found = _data(office, "retention", "due", "--as-of", "2199-01-01")
    assert {one["state"] for one in found["groups"]} <= {"would-be-due", "refused", "unscheduled"}
    assert {one["record"] for one in posts} <= {one["record"] for one in found["records"]}
    assert {one["locked_until"] for one in found["records"]} >= {"the schedule is adopted"}
    assert {one["code"] for one in found["tasks"]} >= {"not-adopted"}
    assert found["not_asked"]
    text = run(office, "retention", "due", "--as-of", "2199-01-01").text
    assert "would-be-due" in text
    assert "To do, wi-statute/19.21(4)(b)" in text


def test_a_post_that_is_still_live_has_no_clock(office: Path, decided: dict[str, str]) -> None:
    """Scenario 14: not eligible after nine years; what was removed goes to transfer, after two."""
    later = _explain(office, decided["live"], TODAY + timedelta(9 * 366))
    assert (later["state"], later["awaits"]) == ("awaiting-event", ["removed-from-public"])
    assert any("not removed from public view yet" in one["text"] for one in later["trace"])
    assert {one["citation"] for one in later["trace"]} >= {"Ordinance 7, live"}
    gone = _explain(office, decided["gone"], TODAY + timedelta(3 * 366), "--private")
    assert (gone["state"], gone["then"]) == ("eligible", "transfer")
    first = date.fromisoformat(gone["not_before"])
    assert TODAY - timedelta(2) <= anniversary(first, -2) <= TODAY + timedelta(2)
    early = _explain(office, decided["gone"], first - timedelta(1), "--private")
    assert early["state"] == "not-due"


def test_fiscal_years_count_by_the_city_s_calendar(
    office: Path, decided: dict[str, str], posts: list[dict[str, Any]]
) -> None:
    """Scenario 15: the end of the fiscal year that runs, and three years; not a day before."""
    made = _made(next(one for one in posts if one["record"] == decided["fis"]))
    first = fiscal(made, 4, 30, 3, made).first
    assert first is not None
    states = [
        _explain(office, decided["fis"], first + timedelta(days))["state"] for days in (-1, 0)
    ]
    assert states == ["not-due", "eligible"]


def test_an_event_that_is_not_recorded_is_awaited(office: Path, decided: dict[str, str]) -> None:
    """Scenario 16: never eligible, and listed; a back-dated closure counts after its wait."""
    far = CHANGES - timedelta(1)
    assert _explain(office, decided["closed"], far)["locked_until"] == "account-closed is recorded"
    waiting = _data(office, "retention", "due", "--as-of", str(far), "--state", "awaiting-event")
    assert decided["closed"] in {one["record"] for one in waiting["records"]}
    agree(office, far)
    closed = ("event", "record", "account-closed", decided["closed"], "--date", "2021-03-01")
    _done(office, *closed, "--evidence", "a letter of the platform")
    assert _explain(office, decided["closed"], TODAY)["state"] == "not-due"
    found = _explain(office, decided["closed"], TODAY + timedelta(5))
    assert (found["state"], found["not_before"]) == ("eligible", "2023-03-02")


def test_an_amendment_takes_an_adoption(office: Path, decided: dict[str, str]) -> None:
    """Scenario 17: the day before the old version counts, then the new, which nobody adopted."""
    record = decided["two"]
    before = _explain(office, record, CHANGES - timedelta(1))
    after = _explain(office, record, CHANGES)
    assert (before["state"], after["state"]) == ("eligible", "would-be-due")
    assert after["blockers"] == ["not-adopted"]
    assert _explain(office, record, CHANGES - timedelta(1)) == before


def test_an_expired_schedule_gives_way(
    office: Path, decided: dict[str, str], posts: list[dict[str, Any]]
) -> None:
    """Scenario 18: past its end the shorter period is blocked, and its renewal is a task."""
    record = decided["joined"]
    assert _explain(office, record, EXPIRES - timedelta(1))["state"] == "eligible"
    found = _explain(office, record, EXPIRES)
    own = next(one for one in posts if one["record"] == record)
    assert (found["state"], found["blockers"]) != ("eligible", [])
    supposed = ("--suppose", "wi-statute", "--as-of", str(EXPIRES))
    fallen = _data(office, "retention", "explain", record, *supposed)
    assert (fallen["series"], fallen["state"]) == ("wi-statute/19.21(4)(b)", "not-due")
    assert fallen["not_before"] == own["not_before"]
    tasks = _data(office, "retention", "due", "--as-of", str(EXPIRES))["tasks"]
    assert {"wi-wmrs/one"} <= {one["series"] for one in tasks if one["code"] == "lapsed"}


def test_of_two_series_the_longest_governs(
    office: Path, decided: dict[str, str], posts: list[dict[str, Any]]
) -> None:
    """Scenario 21: a year and five are five; what nobody scheduled is listed and kept."""
    made = _made(next(one for one in posts if one["record"] == decided["two"]))
    found = _explain(office, decided["two"], made + timedelta(800))
    assert (found["series"], found["state"]) == ("city/five", "not-due")
    assert found["not_before"] == str(anniversary(made, 5) + timedelta(1))
    (office / "elsewhere.toml").write_text('[retention]\njurisdiction = "US-XX"\n')
    ran = run(
        office, "retention", "due", "--state", "unscheduled", "--as-of", "2199-01-01", "--json",
        ARCHIVER_CONFIG=str(office / "elsewhere.toml"),
    )  # fmt: skip
    listed = ran.document["data"]["records"]
    assert listed
    assert {one["locked_until"] for one in listed} == {"it is put into a series"}


def test_a_forecast_is_drawn_and_a_dry_run_told(office: Path, decided: dict[str, str]) -> None:
    """The plan counts what falls due, says what an adoption would change, and draws it."""
    assert decided
    plan = ("retention", "plan", "--until", "2040-12-31", "--suppose", "wi-statute")
    found = _data(office, *plan, "--picture", "forecast.svg")
    assert sum(one["records"] for one in found["forecast"] if one["in_force"]) > 0
    assert {(one["from_blockers"], one["to_blockers"]) for one in found["changes"]} >= {
        ("not-adopted", "")
    }
    root = ET.fromstring((office / "forecast.svg").read_bytes())  # noqa: S314 - our own
    words = "".join(root.itertext())
    assert "Records that fall due" in words
    assert "due, 0 would be due" in words
    assert "records: not-due" in run(office, *plan).text


@pytest.mark.parametrize(
    "arguments",
    [
        ("retention", "due", "--as-of", "tomorrow"),
        ("retention", "due", "--state", "gone"),
        ("retention", "explain", "wordpress:city-blog:posts:99999"),
        ("retention", "plan", "--until", "2000-01-01"),
        ("retention", "plan", "--picture", "forecast.png"),
        ("retention", "plan", "--suppose", "nothing"),
        ("schedule", "show", "nothing"),
    ],
)
def test_wrong_wishes_are_explained(office: Path, arguments: tuple[str, ...]) -> None:
    """Each ends with 2, and says how to mend it."""
    ran = run(office, *arguments, "--json")
    assert (ran.code, ran.finding["code"]) == (2, "usage")
    assert ran.finding["mend"]


def test_schedules_are_shown(office: Path) -> None:
    """Shipped ones and the city's own, with what is REQUIRED."""
    listed = {(one["schedule"], one["version"]): one for one in _data(office, "schedule", "list")}
    assert listed["il-local", "skeleton-1"]["required"] == 8
    assert listed["city", "2"]["effective"] == str(CHANGES)
    assert {one["version"] for one in _data(office, "schedule", "show", "city")} == {"1", "2"}
    words = "".join(run(office, "schedule", "show", "il-local").text.split())
    assert "SHA-256" in words
