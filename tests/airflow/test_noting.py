"""What is noted of Airflow, in this process and without it: requests, ends of runs, failures."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from civic_archiver_airflow import interventions, listener, noting
from civic_archiver_airflow.interventions import NotedRequests
from civic_archiver_airflow.listener import RunListener

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

Notes = list[dict[str, Any]]


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    """Collect what is noted."""
    made: Notes = []

    def note(what: str, **members: object) -> bool:
        made.append({"what": what, **members})
        return True

    for module in (interventions, listener):
        monkeypatch.setattr(module, "note", note)
    return made


def token(**claims: str) -> str:
    """Return a token as Airflow makes them; nobody here asks who signed it."""
    middle = urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"head.{middle}.signature"


def sent(method: str, path: str, status: int = 200, **headers: str) -> list[str]:
    """Send a request through the middleware; return the types of messages that came back."""
    came: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        came.append(message["type"])

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b"q=1"}
    asyncio.run(NotedRequests(app)(scope, receive, send))
    return came


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"authorization": f"Bearer {token(sub='clerk')}"}, "clerk"),
        ({"cookie": f"a=b; _token={token(sub='clerk')}"}, "clerk"),
        ({"authorization": "Bearer head.%%%.x"}, ""),
        ({"authorization": "Basic abc"}, ""),
        ({"cookie": "_token=x; \x00"}, ""),
        ({}, ""),
    ],
)
def test_who_changes_something_is_noted(notes: Notes, headers: dict[str, str], who: str) -> None:
    """By header or cookie; a token that is none names nobody, and stops no request."""
    assert sent("PATCH", "/api/v2/variables/x", 200, **headers) == [
        "http.response.start",
        "http.response.body",
    ]
    expected = {"method": "PATCH", "path": "variables/x", "status": "200", "by": who}
    assert notes == [{"what": "request", **expected}]


def test_a_refused_token_names_nobody(notes: Notes) -> None:
    """Where the server did not accept a token, whom it names is a claim of anybody."""
    sent("POST", "/api/v2/dags/purge/dagRuns", 401, authorization=f"Bearer {token(sub='clerk')}")
    assert [(one["status"], one["by"]) for one in notes] == [("401", "")]


def test_reading_is_not_noted(notes: Notes) -> None:
    """Nor are a list that is posted for, the test button, and tasks' own traffic."""
    for method, path in (
        ("GET", "/api/v2/variables"),
        ("POST", "/api/v2/dags/~/dagRuns/list"),
        ("POST", "/api/v2/connections/test"),
        ("PATCH", "/execution/task-instances/1/run"),
    ):
        assert len(sent(method, path)) == 2
    assert notes == []


def test_no_name_hides_a_change(notes: Notes) -> None:
    """A variable that is called like a list, logins, and pages of other parts are noted."""
    asked = (
        ("PATCH", "/api/v2/variables/a/list", "variables/a/list"),
        ("DELETE", "/api/v2/connections/test", "connections/test"),
        ("POST", "/auth/token", "/auth/token"),
        ("POST", "/ui/anything", "/ui/anything"),
        ("PATCH", "/api/v2/variables/%2Fexecution%2F", "variables/%2Fexecution%2F"),
    )
    for method, path, _ in asked:
        sent(method, path)
    assert [one["path"] for one in notes] == [told for _, _, told in asked]


def run(**more: object) -> SimpleNamespace:
    """Return a run as Airflow hands it to listeners."""
    told = {
        "dag_id": "purge", "run_id": "manual__1", "run_type": SimpleNamespace(value="manual"),
        "triggered_by": SimpleNamespace(value="rest_api"), "triggering_user_name": "mallory",
        "clear_number": 2, "conf": {"sign": "sesame", "order": "x"}, "partition_key": None,
        "dag": SimpleNamespace(tags={"civic-archive"}),
    }  # fmt: skip
    return SimpleNamespace(**{**told, **more})


def test_the_end_of_a_run_is_noted_without_values(notes: Notes) -> None:
    """Who began it and how often it was cleared; of its parameters the names alone."""
    RunListener().on_dag_run_failed(run())
    RunListener().on_dag_run_success(run(dag=SimpleNamespace(tags={"other"})))
    RunListener().on_dag_run_success(run(dag=None))
    assert [one["state"] for one in notes] == ["failed", "success"]
    assert (notes[0]["by"], notes[0]["cleared"], notes[0]["conf"]) == (
        "mallory",
        "2",
        "order, sign",
    )
    assert "sesame" not in str(notes)


def test_what_can_not_be_noted_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An archive that is not there, or a home that is full: logged, and the caller goes on."""
    monkeypatch.setenv("ARCHIVER_ARCHIVE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path / "home"))
    noting._opened.cache_clear()
    assert noting.note("run", dag="due") is False
    assert "not noted in the archive's home: run" in caplog.text
