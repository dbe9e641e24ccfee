"""DAGs that run: in one process, by the schedule, and beside the command line."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.flows.search import Query, search
from archiver.flows.window import capture_window
from civic_archiver_airflow.demo import BLOG, NEWS, found
from tests.airflow.conftest import Office, Running, command, drive, variable_of
from tests.chaos.truth import Quiet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archiver.demo.live import LiveCity

pytestmark = pytest.mark.airflow

PAST = "2026-01-01T00:00:00"
SUCCESS = {
    ("accounts", -1): ("success", 1),
    ("capture", 0): ("success", 1),
    ("capture", 1): ("success", 1),
}


def ended(tasks: Mapping[tuple[str, int], Mapping[str, Any]]) -> dict[tuple[str, int], Any]:
    """Return the state of each task instance and how often it was tried."""
    return {name: (one["state"], one["try_number"]) for name, one in tasks.items()}


def driven(office: Office, environ: Mapping[str, str], *words: str) -> dict[tuple[str, int], Any]:
    """Run a DAG in one process; return the state of each task instance and its tries."""
    done = drive({**environ, **office.variables}, "run", *words).document
    return {(task, index): (state, tries) for task, index, state, tries in done["tasks"]}


def test_a_schedule_a_test_and_a_command_archive_the_same(
    running: Running, office: Office, migrated: dict[str, str], city: LiveCity, tmp_path: Path
) -> None:
    """By the schedule, by ``dag.test()`` and by the CLI: the same rows from the same city."""
    assert driven(office, migrated, "capture") == SUCCESS
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    third = Office(by_hand, found(by_hand, city.url))
    command(third, "capture", CITY_BLOG_PASSWORD=city.city.secret)
    wanted = third.rows()
    assert len(wanted) > 400
    assert office.rows() == wanted
    assert running.office.rows() == wanted


def test_a_window_kept_elsewhere_is_not_captured_again(
    office: Office, migrated: dict[str, str], city: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DAG run of a moment that has been kept writes nothing, not even into intake."""
    monkeypatch.setenv("CITY_BLOG_PASSWORD", city.city.secret)
    for name in (BLOG, NEWS):
        capture_window(office.archive(), name, "reconcile", PAST, Quiet())
    before = office.size()
    assert driven(office, migrated, "capture", PAST) == SUCCESS
    assert office.size() == before


def test_a_refused_credential_fails_at_once_and_alone(
    office: Office, migrated: dict[str, str], city: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blog's task is not tried again, the feed's goes on, and nobody prints the password."""
    monkeypatch.setattr(city.city, "secret", "it was changed")
    done = drive({**migrated, **office.variables}, "run", "capture")
    states = [(task, state, tries) for task, _, state, tries in done.document["tasks"]]
    assert states == [
        ("accounts", "success", 1),
        ("capture", "failed", 1),
        ("capture", "success", 1),
    ]
    assert "the platform refuses our credential" in done.printed
    assert type(city.city).secret not in done.printed


def test_credentials_come_from_where_they_belong(
    office: Office, migrated: dict[str, str], city: LiveCity
) -> None:
    """Without a connection the home's is used; one for an account without a login is refused."""
    own = {"CITY_BLOG_PASSWORD": city.city.secret}
    stray = {variable_of(NEWS): office.variables.pop(variable_of(BLOG))}
    states = driven(office, {**migrated, **own, **stray}, "capture")
    assert states == {**SUCCESS, ("capture", 1): ("failed", 1)}


def test_a_closed_partition_run_again_changes_nothing(running: Running) -> None:
    """Clearing a run of the schedule that was kept leaves the ledger as it is."""
    newest = ""
    for _ in running.patiently("a minute in which nothing else ran"):
        closed = running.finished("capture", newest)
        newest, size = closed["partition_key"], running.office.size()
        path = f"dags/capture/dagRuns/{closed['dag_run_id']}"
        running.airflow.api("POST", f"{path}/clear", {"dry_run": False})
        for _ in running.patiently("the end of the cleared run"):
            again = running.airflow.api("GET", path)
            if again["state"] in {"success", "failed"}:
                break
        after = running.office.size()
        if running.runs("capture")[0]["partition_key"] == newest:
            break
    assert {state for state, _ in ended(running.tasks(again)).values()} == {"success"}
    assert {tries for _, tries in ended(running.tasks(again)).values()} == {2}
    assert [returned(running, again, index)["kept_before"] for index in (0, 1)] == [True, True]
    assert after == size


def returned(running: Running, run: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return what the capture of an account said."""
    path = f"dags/capture/dagRuns/{run['dag_run_id']}/taskInstances/capture/xcomEntries"
    entry = running.airflow.api("GET", f"{path}/return_value?map_index={index}&deserialize=true")
    return dict(entry["value"])


def test_windows_are_partitions_of_account_and_moment(running: Running) -> None:
    """Each kept window is an asset's event with the partition ``account|moment``."""
    run = running.finished("capture")
    events = running.airflow.api("GET", "assets/events?limit=100&order_by=-timestamp")
    told = {
        one["partition_key"]
        for one in events["asset_events"]
        if one["source_run_id"] == run["dag_run_id"] and one["name"] == "civic-archive-windows"
    }
    assert told == {f"{name}|{run['partition_key']}" for name in (BLOG, NEWS)}
    names = {
        one["name"]
        for one in running.airflow.api("GET", "assets?only_active=false&limit=100")["assets"]
    }
    archive = running.office.archive().identity.id
    assert {f"civic-archive/{archive}/{name}" for name in (BLOG, NEWS)} <= names


def test_the_test_button_says_what_the_platform_says(running: Running, city: LiveCity) -> None:
    """The button logs in where the account is registered; a wrong password is named so."""
    stored = {"connection_id": "civic_city_blog", "conn_type": "civic_platform"}
    good = running.airflow.api("POST", "connections/test", stored)
    assert good == {
        "status": True,
        "message": f"WordPress at {city.url} lets account city-blog in",
    }
    wrong = {
        "connection_id": "another",
        "conn_type": "civic_platform",
        "schema": BLOG,
        "login": city.city.user,
        "password": "sesame sentinel",
    }
    before = running.office.size()
    bad = running.airflow.api("POST", "connections/test", wrong)
    assert bad["status"] is False
    assert "the platform refuses our credential" in bad["message"]
    assert "sesame" not in bad["message"]
    unknown = running.airflow.api("POST", "connections/test", {**wrong, "schema": "nobody"})
    assert unknown["status"] is False
    assert "no such account" in unknown["message"]
    assert running.office.size() == before


def test_a_comment_is_found_without_anybody_doing_anything(
    running: Running, city: LiveCity
) -> None:
    """What a resident says is archived by the next run of the schedule and then searchable."""
    said = {"name": "Inés Caldera", "text": "A xylophone stood on Ferry Street."}
    began = time.monotonic()
    assert httpx.post(f"{city.url}/say", params=said).status_code == 201
    for _ in running.patiently("the comment"):
        hits = search(running.office.archive(), Query(text="xylophone"), private=True).hits
        if hits:
            break
    print(f"found after {time.monotonic() - began:.0f} s")  # noqa: T201 - a figure to look at
    assert [(one["account"], one["stream"]) for one in hits] == [(BLOG, "comments")]


def test_no_credential_is_in_logs_or_metadata(running: Running, city: LiveCity) -> None:
    """The password is nowhere below Airflow's home: no log, no XCom, no table, no file."""
    secret = city.city.secret.encode()
    joined = secret.replace(b" ", b"")
    files = [path for path in running.office.folder.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".log" for path in files) > 3
    holding = [
        str(path)
        for path in files
        if secret in (data := path.read_bytes()) or joined in data or b"sesame" in data
    ]
    assert holding == []
    database = running.office.folder / "airflow" / "airflow.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as metadata:
        (kept,) = metadata.execute("select password from connection").fetchone()
        (rendered,) = metadata.execute(
            "select count(*) from rendered_task_instance_fields"
        ).fetchone()
    assert kept.startswith("gAAAA")  # a Fernet token
    assert rendered > 0
