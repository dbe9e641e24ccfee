"""What is expected of every DAG file, before anything runs."""

from __future__ import annotations

import ast
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from civic_archiver_airflow.provider import get_provider_info
from tests.airflow.conftest import ROOT, Driven, drive
from tests.house.source import modules, name_of, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.airflow

HEAVY = {"boto3", "cryptography.x509", "duckdb", "isal", "msgspec", "pyarrow", "warcio"}
CORE = {
    "asking.py: airflow.providers.standard.operators.hitl",
    "mappers.py: airflow.partition_mappers.base",
    "mappers.py: airflow.partition_mappers.window",
    "triggers.py: airflow.triggers.base",
    "triggers.py: airflow.triggers.shared_stream",
}
"""What plugins use beside the SDK: tasks have no metadata database. Every Airflow has `hitl`."""
BY_EVENT = {
    "export": ("NullTimetable", []),
    "month": ("PartitionedAssetTimetable", ["civic-archive-hours"]),
    "webhook": ("AssetTriggeredTimetable", ["civic-archive-doorbell"]),
}
"""DAGs that no clock starts -> how the assets do that start them."""
CLOCK: tuple[str, list[str]] = ("CronPartitionTimetable", [])
DAGS = (
    *("anchor", "capture", "compact", "coverage", "drill", "due", "export", "holdings", "holds"),
    *("hours", "lock", "monitoring", "month", "operations", "purge", "reconcile", "replicate"),
    *("retention", "settle", "verify_monthly", "verify_nightly", "webhook"),
)
TOGETHER = {"export": 16, "month": 4, "retention": 16}
"""Runs that may be under way at once: of different accounts, or such as wait for people."""


@pytest.fixture(scope="module")
def parsed(bare: dict[str, str]) -> Driven:
    """What Airflow made of the DAG files."""
    return drive(bare, "parse")


def tasks(parsed: Driven) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every task by its name."""
    for name, dag in parsed.document["dags"].items():
        for task, facts in dag["tasks"].items():
            yield f"{name}.{task}", facts


def test_all_files_are_read_without_an_error(parsed: Driven) -> None:
    """Each DAG file gives its DAG; there are no import errors."""
    assert parsed.document["errors"] == {}
    assert sorted(parsed.document["dags"]) == sorted(DAGS)
    assert sorted(path.stem for path in modules("dags")) == sorted(DAGS)


def test_reading_them_imports_nothing_heavy(parsed: Driven) -> None:
    """DAG files bring names and errors of the archive, not its engine, edges or flows."""
    imported = set(parsed.document["imported"])
    assert "civic_archiver_airflow.operators" in imported
    assert imported & HEAVY == set()
    known = ("airflow.", "civic_archiver_airflow.", "unusual_prefix_")  # the last: DAG files
    theirs = ("asgiref", "packaging.")  # of Airflow's operator that asks people
    assert {
        name for name in imported if not name.startswith((*known, "archiver", *theirs))
    } == set()
    assert len(imported) < 100
    ours = {name for name in imported if name.split(".")[0] == "archiver"}
    assert ours <= {"archiver", "archiver.errors"}
    assert "civic_archiver_airflow.archive" not in imported


def test_reading_them_asks_nobody(parsed: Driven) -> None:
    """No socket is made, so nothing is looked up, connected or bound."""
    assert parsed.document["watched"] > 0  # the one that the driver makes is seen
    assert parsed.document["calls"] == []


def test_every_dag_says_what_it_is(parsed: Driven) -> None:
    """Each DAG has documentation and tags, runs once at a time, and never catches up."""
    for name, dag in parsed.document["dags"].items():
        assert len(dag["doc"]) > 300, name
        assert "civic-archive" in dag["tags"], name
        assert (dag["timetable"], dag["assets"]) == BY_EVENT.get(name, CLOCK), name
        most = TOGETHER.get(name, 1)
        assert (dag["catchup"], dag["max_active_runs"]) == (False, most), name


def test_every_task_has_owner_text_retries_and_limit(parsed: Driven) -> None:
    """Each task has an owner, documentation, retries by error class and a longest time."""
    for name, task in tasks(parsed):
        assert task["owner"] not in {"", "airflow"}, name
        assert len(task["doc"]) > 40, name
        assert task["retries"] > 0, name
        assert task["policy"] == "ByErrorClass", name
        assert 0 < task["timeout"] <= 6 * 3600, name


def test_accounts_are_mapped_in_a_pool_and_are_assets(parsed: Driven) -> None:
    """The work of a DAG is mapped over accounts, in its own pool, and told as assets."""
    mapped = {name: task for name, task in tasks(parsed) if task["mapped"]}
    captures = ["capture.capture", "due.due", "reconcile.reconcile"]
    assert sorted(mapped) == sorted([*captures, "coverage.coverage"])
    assert len({task["pool"] for task in mapped.values()} - {"default_pool"}) == len(mapped)
    for name in captures:
        task = mapped[name]
        assert task["outlets"] == ["civic-archive-accounts", "civic-archive-windows"], name


def test_pools_are_those_that_are_set_up(parsed: Driven) -> None:
    """Each pool that a task names is in the file for `airflow pools import`, and is used."""
    named = {task["pool"] for _, task in tasks(parsed)} - {"default_pool"}
    kept = json.loads((ROOT / "plugins/civic_archiver_airflow/pools.json").read_text("utf-8"))
    assert named == set(kept)
    assert all(one["slots"] > 0 and len(one["description"]) > 10 for one in kept.values())


def test_schedules_are_settings_with_a_default(parsed: Driven) -> None:
    """Each DAG that a clock starts has its setting, and there is no other one."""
    options = get_provider_info()["config"]["civic_archiver"]["options"]
    jobs = {name.removesuffix("_schedule") for name in options if name.endswith("_schedule")}
    assert jobs == set(parsed.document["dags"]) - set(BY_EVENT)


def test_a_month_waits_for_each_of_its_hours(parsed: Driven) -> None:
    """As the scheduler reads it: all hours of a leap year's February, and nothing else."""
    waits = parsed.document["dags"]["month"]["waits"]
    assert (len(waits), len(set(waits))) == (29 * 24, 29 * 24)
    assert (waits[0], waits[-1]) == (
        "city-blog|2028-02-01T00:00:00",
        "city-blog|2028-02-29T23:00:00",
    )
    for name, dag in parsed.document["dags"].items():
        assert name == "month" or dag["waits"] == [], name


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_dag_files_are_short_and_only_call_plugins() -> None:
    """A DAG file has at most 60 lines and imports Airflow's SDK and the plugins alone."""
    for path in modules("dags"):
        assert len(path.read_text("utf-8").splitlines()) <= 60, name_of(path)
        foreign = {name for name in _imported(path) if name.split(".")[0] != "__future__"}
        allowed = ("airflow.sdk", "civic_archiver_airflow.")
        assert all(name.startswith(allowed) for name in foreign), name_of(path)


def test_plugins_use_the_public_sdk_alone() -> None:
    """No plugin imports Airflow's core or its models, but for what its own processes run."""
    found = {
        f"{path.name}: {name}"
        for path in modules("plugins")
        for name in _imported(path)
        if name.split(".")[0] == "airflow" and not name.startswith("airflow.sdk")
    }
    assert found == CORE
    assert "airflow" not in sys.modules  # nor does this process
    assert (ROOT / "plugins" / "pyproject.toml").is_file()


@pytest.fixture(scope="module")
def decided(bare: dict[str, str]) -> dict[str, Any]:
    """What the retry policy says to every error."""
    return drive(bare, "decide").document


def test_what_may_pass_is_tried_again(decided: dict[str, Any]) -> None:
    """Outages, rate limits and lost races are retried; a stated wait is kept."""
    retried = {name for name, one in decided["decisions"].items() if one[0] == "retry"}
    assert retried == {"ConflictError", "RateLimitedError", "TransientError"}
    assert decided["decisions"]["RateLimitedError"][1] == 77.0


def test_what_a_person_must_mend_fails_at_once(decided: dict[str, Any]) -> None:
    """A refused credential, a rule, damage or a wrong set-up is not tried again."""
    failed = {name for name, one in decided["decisions"].items() if one[0] == "fail"}
    assert failed == {
        "AuthorisationError",
        "ForbiddenError",
        "FormatError",
        "IntegrityError",
        "KeyStoreError",
        "RefusedError",
        "UsageError",
    }
    assert all(decided["decisions"][name][2] for name in failed)


def test_anything_else_is_retried_as_the_task_says(decided: dict[str, Any]) -> None:
    """A full disk or an unreachable bucket falls to the task's own retries."""
    for name in ("CaptureError", "OSError", "StoreError"):
        assert decided["decisions"][name][0] == "default"
    assert decided["serialized"]["default"] == "default"
