"""A town hall whose archive Airflow keeps: people with keys, logins, and an order that is ready.

Its clock was set back while it was founded, so that what takes days of waiting has been waited for.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.flows.documents import seal_documents
from archiver.flows.ledger import read_state
from archiver.ids import new_ulid
from archiver.layout import CHECKPOINT, anchor_key
from civic_archiver_airflow.standalone import Standalone
from tests.airflow.conftest import PATIENCE, unmeasured
from tests.audit.outside import cosigned
from tests.cli.scenarios import AGE
from tests.cli.town import Town, blog, peopled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DAGS", "FOLDER", "USERS", "Hall", "Login", "canary", "founded", "ordered", "serving"]

DAGS = frozenset({"retention", "export", "purge", "operations", "drill", "holds"})
USERS = {"admin": "admin", "clerk": "op", "second": "admin", "mallory": "user", "vic": "viewer"}
"""Logins of Airflow, and their roles there. ``clerk`` alone is asked."""
ENDS = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
NEVER = "0 0 29 2 *"
FOLDER = """
[[replica]]
name = "vault"
archive = "{folder}/vault"
place = "the vault"
"""


def canary(number: int) -> str:
    """Return a word that nobody says by chance."""
    return "canary" + sha256(b"airflow %d" % number).hexdigest()[:14]


@dataclass
class Hall:
    """The town, what goes under its order, and what else is due."""

    town: Town
    order: str
    ordered: list[str]
    due: list[str]
    matter: str
    secret: str

    def objects(self) -> dict[str, bytes]:
        """Return every stored object of the archive by its path."""
        root = self.town.folder / "archive"
        paths = (path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}

    def kinds(self) -> list[str]:
        """Return the types of the ledger's entries that are no observations, in order."""
        with self.town.opened() as archive:
            return [body["t"] for _, body in read_state(archive).controls]

    def states(self) -> dict[str, str]:
        """Return where each order stands."""
        return {one["order"]: one["state"] for one in self.town.told("disposition", "list")}

    def found(self, words: list[str]) -> list[str]:
        """Return which words the archive still finds."""
        return [one for one in words if self.town.told("search", one)["hits"]]


def founded(folder: Path) -> Hall:
    """Return the hall: an order that is ready, more that is due, a matter with private records."""
    town = peopled(Town(folder, datetime.now(UTC) - timedelta(days=40)))
    assert town.ask("person", "enrol", "vera", "--key", "vera.key").code == 0
    town.act("person", "role", "vera", "verifier")
    town.settle("city/y1")
    with blog(town, "blog") as hamlet:
        words = [canary(number) for number in range(6)]
        _captured(town, hamlet, words[:4])
        town.adopt("city", "1", town.schedule({"y1": AGE.format(1)}))
        town.act("classify", "--stream", "posts", "--reviewed", "claimed-dates")
        town.later(5)
        order = ordered(town)
        town.later(5)
        _captured(town, hamlet, words[4:])
        secret = hamlet.secret
    town.act("classify", "--stream", "posts", "--reviewed", "claimed-dates")
    town.later(5)
    with town.opened() as archive:
        _vouched(archive)
    opened = ("matter", "open", "--name", "request 7", "--private", "--account", "blog")
    told = town.told(*opened, "--sign", "counsel.key")
    matter = told["act"]["statement"]["matter"]
    path = folder / "archiver.toml"
    path.write_text(path.read_text() + FOLDER.format(folder=folder))
    town.now = datetime.now(UTC)
    assert all(one["whole"] for one in town.told("replicate")["copies"])
    return Hall(town, order, words[:4], words[4:], matter, secret)


def _captured(town: Town, hamlet: Any, words: list[str]) -> None:  # noqa: ANN401 - a city
    for number, word in enumerate(words):
        day = datetime(2021, 3, 1, 15, tzinfo=UTC) + timedelta(minutes=number)
        hamlet.publish(f"Notice {word}", f"About {word}.", date=day)
    capture = ("capture", "blog", "--mode", "backfill")
    assert town.ask(*capture, CITY_USER=hamlet.user).code == 0


def ordered(town: Town) -> str:
    """Have all that is due ordered: proposed by one, approved by two."""
    approve, one = ("disposition", "approve"), ("--reason", "due", "--out", "one.act")
    town.act("disposition", "propose", "city/y1", *one, sign="clerk")
    town.act(*approve, "one.act", "--out", "two.act", sign="anna")
    return str(town.act(*approve, "two.act", sign="bert")["act"]["statement"]["order"])


def _vouched(archive: Any) -> None:  # noqa: ANN401 - spares an import
    """Have two witnesses cosign the log as it is, by the town's clock."""
    entries, size = list[dict[str, Any]](), read_state(archive).size
    for number in range(2):
        at = int(archive.clock.now().timestamp()) + number
        note = cosigned(archive.store.get(CHECKPOINT), at)
        name = new_ulid(archive.clock, archive.chance)
        archive.store.create(anchor_key(name), note)
        told = {"kind": "cosigned", "size": size, "file": name}
        entries.append({"t": "anchor", **told, "sha256": sha256(note).hexdigest()})
    seal_documents(archive, {}, entries)


@dataclass
class Login:
    """Somebody logged in to Airflow's REST interface."""

    airflow: Standalone
    name: str

    @cached_property
    def _headers(self) -> dict[str, str]:
        kept = self.airflow.home / "simple_auth_manager_passwords.json.generated"
        login = {"username": self.name, "password": json.loads(kept.read_text())[self.name]}
        token = httpx.post(f"{self.airflow.url}/auth/token", json=login).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, document: object = None) -> httpx.Response:
        """Send a request; return whatever the answer is."""
        url = f"{self.airflow.url}/api/v2/{path}"
        return httpx.request(method, url, json=document, headers=self._headers, timeout=PATIENCE)

    def told(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Send a request that is to succeed; return its document."""
        answer = self.ask(method, path, document)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def trigger(self, dag: str, **conf: str) -> str:
        """Have a DAG run; return the run's path."""
        made = self.told("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})
        return f"dags/{dag}/dagRuns/{made['dag_run_id']}"

    def states(self, run: str) -> dict[str, str]:
        """Return the states of a run's tasks; of mapped ones that of the first."""
        found = self.told("GET", f"{run}/taskInstances?limit=100")["task_instances"]
        return {one["task_id"]: str(one["state"]) for one in found if one["map_index"] <= 0}

    def until(self, run: str, **wanted: str) -> dict[str, str]:
        """Wait until tasks (``series_ask`` is ``series.ask``) are in states; return all states."""
        until = time.monotonic() + PATIENCE
        names = {name.replace("series_", "series."): state for name, state in wanted.items()}
        while time.monotonic() < until:
            states = self.states(run)
            if all(states.get(name) in state.split("|") for name, state in names.items()):
                return states
            time.sleep(0.5)
        pytest.fail(f"{run}: {states}, not {names}\n{self.airflow.programs.log('airflow', 5000)}")

    def waits(self, run: str, task: str) -> str:
        """Wait until a task that was answered is over, or tried again; return its state."""
        name = task.replace(".", "_")
        return self.until(run, **{name: "success|skipped|failed|up_for_retry"})[task]

    def ended(self, run: str) -> str:
        """Wait until a run has ended; return how."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            state = str(self.told("GET", run)["state"])
            if state in ENDS:
                return state
            time.sleep(0.5)
        pytest.fail(f"{run} never ended\n{self.airflow.programs.log('airflow', 5000)}")

    def decree(self, run: str, task: str, state: str = "success") -> httpx.Response:
        """Set a task's state by hand."""
        place = f"{run}/taskInstances/{task}/0" if "." in task else f"{run}/taskInstances/{task}"
        return self.ask("PATCH", place, {"new_state": state})


def serving(hall: Hall) -> Iterator[Standalone]:
    """Yield an Airflow that keeps the hall's archive, whose schedule never comes."""
    folder = hall.town.folder
    users = ",".join(f"{name}:{role}" for name, role in USERS.items())
    airflow = Standalone(
        folder,
        {
            "ARCHIVER_ARCHIVE": str(folder / "archive"),
            "ARCHIVER_HOME": str(folder / "home"),
            "ARCHIVER_CONFIG": str(folder / "archiver.toml"),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": users,
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
            "AIRFLOW__CIVIC_ARCHIVER__LOOK_AGAIN": "2",
            "AIRFLOW__CIVIC_ARCHIVER__RETENTION_ANSWERS": "clerk",
            "AIRFLOW__CIVIC_ARCHIVER__EXPORT_ANSWERS": "clerk",
            **{f"AIRFLOW__CIVIC_ARCHIVER__{one.upper()}_SCHEDULE": NEVER for one in DAGS},
        },
    )
    airflow.environ = unmeasured(airflow.environ)
    try:
        airflow.start()
        airflow.wait(set(DAGS), PATIENCE)
        for dag in sorted(DAGS):
            airflow.api("PATCH", f"dags/{dag}", {"is_paused": False})
        yield airflow
    finally:
        airflow.programs.stop()
