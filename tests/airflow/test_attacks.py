"""Attacks on a running Airflow, by every kind of login: nothing is destroyed, nothing goes out.

Each test leaves the archive byte for byte as it was; at the end the ledger tells of all of it.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from civic_archiver_airflow.names import LATER, SIGN
from tests.airflow.hall import USERS, Hall, Login, founded, ordered, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from civic_archiver_airflow.standalone import Standalone

pytestmark = [pytest.mark.airflow, pytest.mark.real]

WAITS = "up_for_reschedule"
ASKED = "awaiting_input"
SETTLING = 3.0
"""Seconds. Airflow 3.3.2 takes an answer within the second in which it asks for a lost task, and
asks again: its scheduler hears from the executor after the answer (a defect of its own)."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A hall with an order that only wants a signature, and more that is due."""
    return founded(tmp_path_factory.mktemp("hall"))


@pytest.fixture(scope="module")
def airflow(hall: Hall) -> Iterator[Standalone]:
    """The Airflow that keeps its archive."""
    yield from serving(hall)


@pytest.fixture(scope="module")
def logins(airflow: Standalone) -> dict[str, Login]:
    """Everybody with a login, by name."""
    return {name: Login(airflow, name) for name in USERS}


@pytest.fixture
def unharmed(hall: Hall) -> Iterator[None]:
    """Look at the archive before and after: the same objects, the same order, ready as before."""
    before = hall.objects()
    yield
    assert hall.objects() == before
    assert hall.states() == {hall.order: "ready"}
    assert hall.found(hall.ordered + hall.due) == hall.ordered + hall.due


def asked(login: Login, dag: str = "retention", **conf: str) -> str:
    """Have a DAG ask people; return the run once it does."""
    run = login.trigger(dag, **conf)
    login.until(run, **{"series_ask" if dag == "retention" else "ask": ASKED})
    time.sleep(SETTLING)
    return run


def answer(login: Login, run: str, choice: str = SIGN) -> int:
    """Answer what a run asks, again where Airflow asks again; return the status of the answer."""
    task = "series.ask" if "/retention/" in f"/{run}" else "ask"
    status = answered(login, run, choice)
    while status == httpx.codes.OK and login.waits(run, task) == "up_for_retry":
        login.until(run, **{task.replace(".", "_"): ASKED})
        time.sleep(SETTLING)
        status = answered(login, run, choice)
    return status


def answered(login: Login, run: str, choice: str) -> int:
    """Answer what a run asks once; return the status of the answer."""
    place = "series.ask/0" if "/retention/" in f"/{run}" else "ask/-1"
    document = {"chosen_options": [choice], "params_input": {}}
    return login.ask("PATCH", f"{run}/taskInstances/{place}/hitlDetails", document).status_code


@pytest.mark.usefixtures("unharmed")
def test_nobody_else_answers(logins: dict[str, Login]) -> None:
    """Who is not asked can't answer, administrators neither, and no worker waits meanwhile."""
    run = asked(logins["clerk"])
    told = {name: answer(logins[name], run) for name in ("second", "mallory", "vic", "admin")}
    assert told == dict.fromkeys(told, 403)
    assert logins["clerk"].states(run)["series.ask"] == ASKED
    pool = logins["admin"].told("GET", "pools/default_pool")
    assert (pool["running_slots"], pool["queued_slots"]) == (0, 0)
    assert answer(logins["clerk"], run, LATER) == 200
    assert logins["clerk"].ended(run) == "success"
    assert logins["clerk"].states(run)["series.carry_on"] == "skipped"


@pytest.mark.usefixtures("unharmed")
def test_states_set_by_hand_sign_nothing(logins: dict[str, Login], hall: Hall) -> None:
    """Every task is decreed to have succeeded, then cleared: what would destroy finds no order."""
    admin = logins["second"]
    run = asked(admin)
    assert admin.decree(run, "series.ask").is_success
    admin.until(run, series_signed=WAITS)
    assert admin.decree(run, "series.signed").is_success
    admin.until(run, series_begun="failed")
    assert admin.ended(run) == "failed"
    assert admin.decree(run, "series.begun").is_success
    clear = {"dry_run": False, "task_ids": ["series.carry_on"], "only_failed": False}
    again = {**clear, "dag_run_id": run.rpartition("/")[2]}
    admin.told("POST", "dags/retention/clearTaskInstances", again)
    admin.until(run, series_carry_on="skipped")
    assert hall.kinds().count("begin") == 0


@pytest.mark.usefixtures("unharmed")
def test_an_edited_xcom_begins_no_order(logins: dict[str, Login], hall: Hall) -> None:
    """Whose handle is put where the order's belongs: it waits for a signature like any other."""
    admin, run = logins["admin"], asked(logins["clerk"])
    assert answer(logins["clerk"], run) == 200
    admin.until(run, series_signed=WAITS)
    entry = {"key": "return_value", "value": hall.order, "map_index": 0}
    assert admin.decree(run, "series.signed").is_success
    admin.ask("POST", f"{run}/taskInstances/series.signed/xcomEntries", entry)
    admin.told("POST", "dags/retention/clearTaskInstances", {
        "dry_run": False, "task_ids": ["series.begun"], "only_failed": False,
        "dag_run_id": run.rpartition("/")[2],
    })  # fmt: skip
    admin.until(run, series_begun=WAITS)
    assert admin.decree(run, "series.begun").is_success
    admin.until(run, series_carry_on="skipped")


@pytest.mark.usefixtures("unharmed")
def test_trigger_rights_and_other_conf_begin_nothing(logins: dict[str, Login], hall: Hall) -> None:
    """Who may only trigger has orders carried on that are under way: there is none."""
    mallory = logins["mallory"]
    run = mallory.trigger("purge", order=hall.order, sign="purger.key", private="yes")
    assert mallory.ended(run) == "success"
    assert mallory.states(run) == {"purge": "skipped"}
    path = {"key": "civic_archiver", "value": "x"}
    assert mallory.ask("POST", "variables", path).status_code == 403
    assert (
        logins["vic"].ask("POST", "dags/purge/dagRuns", {"logical_date": None}).status_code == 403
    )


@pytest.mark.usefixtures("unharmed")
def test_two_accounts_of_one_administrator_sign_nothing(logins: dict[str, Login]) -> None:
    """Two logins are not two people: the run waits for keys that no login has."""
    run = asked(logins["admin"])
    assert answer(logins["clerk"], run) == 200
    assert answer(logins["second"], run) in {403, 409}
    logins["admin"].until(run, series_signed=WAITS)
    assert logins["second"].ask("PATCH", run, {"state": "success"}).is_success
    assert logins["second"].states(run)["series.carry_on"] not in {"success", "running"}


@pytest.mark.usefixtures("unharmed")
def test_no_export_without_signatures(logins: dict[str, Login], hall: Hall) -> None:
    """Answered, decreed and cleared: no approval and no volume stand in the ledger."""
    admin = logins["second"]
    run = asked(logins["clerk"], "export", matter=hall.matter)
    assert answer(logins["mallory"], run) == 403
    assert answer(logins["clerk"], run) == 200
    admin.until(run, approved=WAITS)
    assert admin.decree(run, "approved").is_success
    admin.until(run, handed_over=WAITS)
    assert admin.decree(run, "handed_over").is_success
    assert admin.ended(run) == "success"
    assert not {"export"} & set(hall.kinds())
    (row,) = hall.town.told("matter", "list")
    assert (row["approvals"], row["volumes"]) == (0, 0)


def test_the_ledger_tells_of_all_of_it(
    logins: dict[str, Login], hall: Hall, airflow: Standalone
) -> None:
    """With Airflow's own records gone, who did what is in the archive, and it verifies."""
    kinds = hall.kinds()
    logins["admin"].told("POST", "variables", {"key": "v", "value": "sesame sentinel"})
    run = logins["clerk"].trigger("operations")
    assert logins["clerk"].ended(run) == "success"
    with closing(sqlite3.connect(airflow.home / "airflow.db", timeout=30)) as metadata:
        for table in ("log", "hitl_detail"):
            metadata.execute(f"delete from {table}")  # noqa: S608 - two names of our own
        metadata.commit()
    assert set(hall.kinds()[len(kinds) :]) == {"seal"}
    told = hall.town.told("operations")
    sealed = [one for one in told["notes"] if one["leaf"] is not None]
    for wanted in (
        {"what": "request", "by": "vic", "status": "403", "method": "PATCH"},
        {"what": "request", "by": "second", "status": "403", "method": "PATCH"},
        {"what": "request", "by": "mallory", "status": "403", "path": "variables"},
        {"what": "request", "by": "admin", "path": "variables", "status": "201"},
        {"what": "request", "by": "second", "path": "dags/retention/clearTaskInstances"},
        {"what": "answer", "by": "clerk", "choice": SIGN, "about": "city/y1"},
        {"what": "answer", "by": "clerk", "choice": LATER, "about": "city/y1"},
        {"what": "answer", "by": "clerk", "choice": SIGN, "about": hall.matter},
        {"what": "run", "dag": "purge", "by": "mallory", "conf": "order, private, sign"},
        {"what": "run", "dag": "retention", "by": "admin", "state": "success"},
    ):
        assert [one for one in sealed if wanted.items() <= one.items()], (wanted, sealed)
    assert [one for one in sealed if one.get("path", "").endswith("xcomEntries")]
    assert "sentinel" not in str(told)
    assert told["unended"] == []
    assert hall.town.ask("verify", "--deep", "--json").document["findings"] == []


def test_what_people_sign_is_carried_out_and_leaves_nothing_in_airflow(
    logins: dict[str, Login], hall: Hall, airflow: Standalone
) -> None:
    """The run that asked goes on with their order; what another destroyed is in no file of it."""
    town, clerk = hall.town, logins["clerk"]
    run = asked(clerk)
    assert answer(clerk, run) == 200
    made = ordered(town)
    states = clerk.until(run, series_signed="success", series_begun=WAITS)
    assert states["series.carry_on"] != "success"
    assert hall.states() == {hall.order: "ready", made: "waiting"}
    execute = ("disposition", "execute", hall.order, "--sign", "purger.key", "--json")
    assert town.ask(*execute).document["data"]["state"] == "under-way"
    assert town.ask("compact", "--verify", "--key", "vera.key").code == 0
    for _ in range(2):
        purge = clerk.trigger("purge")
        assert clerk.ended(purge) == "success"
    assert town.ask(*execute).document["data"]["state"] == "done"
    assert hall.found(hall.ordered + hall.due) == hall.due
    assert town.ask("verify", "--deep", "--json").document["findings"] == []
    assert clerk.ended(clerk.trigger("drill")) == "success"
    assert [one["outcome"] for one in town.told("operations")["notes"] if one["what"] == "restored"]
    keys = [path.read_text().split("+")[-1].strip() for path in town.folder.glob("*.key")]
    secrets = [one.encode() for one in (*hall.ordered, *hall.due, hall.secret, *keys)]
    assert holding(hall, airflow, secrets) == []


def holding(hall: Hall, airflow: Standalone, words: list[bytes]) -> list[str]:
    """Return the files of Airflow, database and logs among them, that have one of some words."""
    paths = [path for path in airflow.home.rglob("*") if path.is_file()]
    paths += hall.town.folder.glob("*.log")
    assert sum(path.suffix == ".log" for path in paths) > 10
    found: dict[str, Any] = {path.name: path.read_bytes() for path in paths}
    assert any(hall.order.encode() in data for data in found.values()), "logs name orders"
    return [name for name, data in found.items() if any(word in data for word in words)]
