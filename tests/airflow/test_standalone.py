"""Airflow as it runs in a city: by its schedule, its interface, and beside the command line."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.presences import BLOG, presences
from archiver.flows.connectors import connector
from archiver.flows.search import Query, search
from civic_archiver_airflow.demo import connections, found, variables_of
from civic_archiver_airflow.names import connection_id
from tests.airflow.conftest import Office, Running, command, driven, succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archiver.demo.live import LiveCity

pytestmark = [pytest.mark.airflow, pytest.mark.real]

EVERYWHERE = sorted(one.name for one in presences(City()))


def test_a_schedule_a_test_and_a_command_archive_the_same(
    running: Running, whole: Office, migrated: dict[str, str], city: LiveCity, tmp_path: Path
) -> None:
    """By the schedule, by ``dag.test()`` and by the CLI: the same rows of every platform."""
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    third = Office(by_hand, found(by_hand, city.url))
    assert driven(whole, migrated, "capture") == succeeded(len(EVERYWHERE))
    command(third, "capture", **variables_of())
    wanted, scheduled = third.rows(), running.office.rows()
    seen = Counter(row["account"] for row in wanted if row["stream"] != "workflow")
    assert sorted(seen) == EVERYWHERE
    assert min(seen.values()) > 15, seen
    assert whole.rows() == wanted
    assert scheduled == wanted


def test_a_closed_partition_run_again_changes_nothing(running: Running) -> None:
    """A run that read every account from end to end, cleared, leaves the ledger as it is."""
    moment = {"logical_date": None, "partition_key": "2026-01-01T00:00:00"}
    run = running.airflow.api("POST", "dags/reconcile/dagRuns", moment)
    first, size = running.ended(run), running.office.size()
    path = f"dags/reconcile/dagRuns/{run['dag_run_id']}"
    running.airflow.api("POST", f"{path}/clear", {"dry_run": False})
    again, after = running.ended(run), running.office.size()
    assert (first["state"], again["state"]) == ("success", "success")
    assert {one["try_number"] for one in running.tasks(again).values()} == {2}
    kept = [returned(running, again, index) for index in range(len(EVERYWHERE))]
    assert [one["account"] for one in kept if one["kept_before"]] == EVERYWHERE
    assert after == size


def returned(running: Running, run: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return what the capture of an account said."""
    dag = run["dag_id"]
    path = f"dags/{dag}/dagRuns/{run['dag_run_id']}/taskInstances/{dag}/xcomEntries"
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
    assert told == {f"{name}|{run['partition_key']}" for name in EVERYWHERE}
    names = {
        one["name"]
        for one in running.airflow.api("GET", "assets?only_active=false&limit=100")["assets"]
    }
    archive = running.office.archive().identity.id
    assert {f"civic-archive/{archive}/{name}" for name in EVERYWHERE} <= names


def test_a_witness_cosigns_what_was_captured(running: Running) -> None:
    """A run of anchoring has the whole ledger cosigned; one more finds nothing to do."""
    moment = {"logical_date": None}
    for new in (2, 0):
        size = running.office.size()
        run = running.airflow.api("POST", "dags/anchor/dagRuns", moment)
        assert running.ended(run)["state"] == "success"
        path = f"dags/anchor/dagRuns/{run['dag_run_id']}/taskInstances/anchor/xcomEntries"
        given = running.airflow.api("GET", f"{path}/return_value?deserialize=true")["value"]
        assert (given["cosignatures"], given["quorum"], given["independent"]) == (new, True, 0)
        assert running.office.size() == size + (new > 0)


def test_the_test_button_says_what_the_platform_says(running: Running, city: LiveCity) -> None:
    """The button logs in where the account is registered; a wrong password is named so."""
    titles = {one.name: connector(one.platform).title for one in presences(City())}
    for name in connections():
        stored = {"connection_id": connection_id(name), "conn_type": "civic_platform"}
        good = running.airflow.api("POST", "connections/test", stored)
        assert good["status"] is True, good
        assert good["message"].startswith(f"{titles[name]} at {city.url}"), good
        assert good["message"].endswith(f"lets account {name} in"), good
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


def test_what_is_said_is_found_without_anybody_doing_anything(
    running: Running, city: LiveCity
) -> None:
    """What residents say anywhere is archived by the schedule, and then searchable."""
    began, waiting = time.monotonic(), set(EVERYWHERE)
    for place in EVERYWHERE:
        said = {"on": place, "name": "Inés Caldera", "text": "A xylophone stood on Ferry Street."}
        assert httpx.post(f"{city.url}/say", data=said).status_code == 201
    with running.going():
        for _ in running.patiently(f"what was said: {waiting}"):
            hits = search(running.office.archive(), Query(text="xylophone"), private=True).hits
            for place in waiting & {str(one["account"]) for one in hits}:
                print(f"{place}: after {time.monotonic() - began:.0f} s")  # noqa: T201 - figures to look at
                waiting.remove(place)
            if not waiting:
                break


def test_no_credential_is_in_logs_or_metadata(running: Running) -> None:
    """No secret is anywhere below Airflow's home: no log, no XCom, no table, no file."""
    secrets = [one["password"].encode() for one in connections().values()]
    spelt = {b"sesame", *secrets, *(one.replace(b" ", b"") for one in secrets)}
    files = [path for path in running.office.folder.rglob("*") if path.is_file()]
    assert sum(path.suffix == ".log" for path in files) > len(EVERYWHERE)
    holding = [
        str(path)
        for path in files
        if (data := path.read_bytes()) and any(one in data for one in spelt)
    ]
    assert holding == []
    database = running.office.folder / "airflow" / "airflow.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as metadata:
        kept = [one for (one,) in metadata.execute("select password from connection")]
        (rendered,) = metadata.execute(
            "select count(*) from rendered_task_instance_fields"
        ).fetchone()
    assert len(kept) == len(secrets)
    assert all(one.startswith("gAAAA") for one in kept)  # Fernet tokens
    assert rendered > 0


def test_a_month_runs_once_its_last_hour_was_told(running: Running) -> None:
    """All hours but one start nothing; the last one starts the month, and the ledger closes it."""
    month, hours = last_month()
    for dag in ("hours", "month"):
        running.airflow.api("PATCH", f"dags/{dag}", {"is_paused": False})
    run = running.airflow.api("POST", "dags/hours/dagRuns", {"logical_date": None})
    assert running.ended(run)["state"] == "success"
    found = running.airflow.api("GET", "assets?name_pattern=civic-archive-hours")["assets"]
    told = {"asset_id": found[0]["id"]}
    for hour in hours[:-1]:
        running.airflow.api("POST", "assets/events", {**told, "partition_key": f"{BLOG}|{hour}"})
    time.sleep(5)
    assert [one["state"] for one in running.runs("month")] == []
    running.airflow.api("POST", "assets/events", {**told, "partition_key": f"{BLOG}|{hours[-1]}"})
    for _ in running.patiently("the run of a month"):
        if made := running.runs("month"):
            break
    assert made[0]["partition_key"] == f"{BLOG}|{month}"
    assert running.ended(made[0])["state"] == "success"
    for dag in ("hours", "month"):
        running.airflow.api("PATCH", f"dags/{dag}", {"is_paused": True})


def last_month() -> tuple[str, list[str]]:
    """Return the month before this one, and all its hours, in UTC."""
    end = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = (end - timedelta(days=1)).replace(day=1)
    count = (end - first) // timedelta(hours=1)
    hours = [first + number * timedelta(hours=1) for number in range(count)]
    return f"{first:%Y-%m}", [f"{hour:%Y-%m-%dT%H:00:00}" for hour in hours]
