"""The contract with programs: one JSON document to schema, and exit codes."""

from __future__ import annotations

import copy as copying
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer

from archiver.cli.main import app
from archiver.flows.ledger import read_state
from archiver.settings import Settings
from archiver.wire import open_archive
from tests.cli.terminal import SCHEMAS, run, validator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Captured

READING = (
    "status",
    "doctor",
    "account list",
    "account show city-blog",
    "search",
    "search culvert --private",
    'search "no such words at all"',
    "search --report culvert",
    "search --state deleted --stream comments --from 2026-01-01 --to 2026-12-31",
    "verify",
    "verify --deep",
    "connector list",
    "connector matrix",
    "connector matrix feed",
    "rebuild",
    "compact --plan",
    "reparse",
    "reparse city-blog",
    "coverage",
    "coverage city-blog --from 2026-01-01 --to 2027-12-31",
    "schedule list",
    "schedule show wi-statute",
    "retention due",
    "disposition list",
    "matter list",
    "bates list",
    "retention plan --suppose wi-statute",
    *(
        f"report {name} --as-of 2199-01-01"
        for name in ("holdings", "due", "overdue", "blocked", "held", "awaiting", "destroyed")
    ),
)


def _names(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401 - Typer's own
    children = getattr(command, "commands", {})
    if not children:
        yield "-".join(path)
    for name, child in children.items():
        yield from _names(child, (*path, name))


def test_every_command_has_its_schema() -> None:
    """There is a schema for each command, one for what names none, and no other."""
    commands = {*_names(typer.main.get_command(app)), "archiver"}
    assert {path.stem for path in (SCHEMAS / "cli").glob("*.json")} == commands


@pytest.mark.parametrize("path", sorted((SCHEMAS / "cli").glob("*.json")), ids=lambda p: p.stem)
def test_schemas_are_well_formed_and_strict(path: Path) -> None:
    """A schema is of draft 2020-12, names its command, and closes every object of fixed form."""
    schema = json.loads(path.read_text("utf-8"))
    validator(f"cli/{path.stem}")
    assert schema["$id"] == f"urn:civic-archive:cli:{path.stem}:1"
    assert schema["properties"]["schema"] == {"const": f"civic-archive/cli/{path.stem}/1"}
    open_objects = [one for one in _objects(schema) if "additionalProperties" not in one]
    assert open_objects == []


def _objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _objects(value)


@pytest.mark.parametrize("command", READING)
def test_reading_commands_print_one_document(captured: Captured, command: str) -> None:
    """Standard output is exactly one document that follows the schema of the command."""
    ran = run(captured.folder, *_words(command), "--json")
    assert ran.document["ok"] is True, ran.document["findings"]
    assert ran.code == 0


def _words(command: str) -> list[str]:
    """Cut a command at spaces, but for one quoted phrase at its end."""
    plain, quote, phrase = command.partition('"')
    return [*plain.split(), *([quote + phrase] if phrase else [])]


@pytest.mark.parametrize("name", ["init", "account-add", "account-approve", "capture"])
def test_changing_commands_print_one_document(captured: Captured, name: str) -> None:
    """What init, account add, account approve and capture print follows their schemas."""
    assert captured.ran[name].code == 0
    assert captured.ran[name].document["schema"] == f"civic-archive/cli/{name}/1"


def test_capture_counts_everything(captured: Captured) -> None:
    """What a capture saw is what the platform reported, stream by stream."""
    (report,) = captured.ran["capture"].document["data"]
    counted = [one for one in report["streams"].values() if one["reported"] is not None]
    assert counted
    assert all(one["reported"] == one["seen"] for one in counted)
    assert all(one["unexplained"] == 0 for one in counted)


def test_show_prints_one_document(captured: Captured) -> None:
    """A record's latest observation, its whole history, and its bytes follow the schema."""
    latest = run(captured.folder, "show", captured.edited, "--json").document["data"]
    assert len(latest["observations"]) == 1
    whole = run(captured.folder, "show", captured.edited, "--history", "--raw", "--json").document
    kinds = [one["kind"] for one in whole["data"]["observations"]]
    assert kinds == ["present", "edited"]
    assert all(one["excerpts"][0]["base64"] for one in whole["data"]["observations"])


def test_prove_and_check_print_one_document(captured: Captured, tmp_path: Path) -> None:
    """A proof and what it shows follow their schemas, with and without parts withheld."""
    key = captured.ran["init"].document["data"]["keys"][0]
    for options in ([], ["--withhold", "pothole"], ["--field", "state", "--field", "created_at"]):
        file = tmp_path / f"{len(options)}.json"
        words = ["prove", captured.edited, *options, "--out", str(file), "--json"]
        made = run(captured.folder, *words)
        assert made.document["data"]["proof"] == json.loads(file.read_text("utf-8"))
        shown = run(tmp_path, "check", str(file), "--key", key, "--json").document["data"]
        assert shown["record"] == captured.edited
        assert (shown["withheld_fields"] > 0) == bool(options)


def test_account_decisions_print_one_document(
    copy: Path, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renewing a credential and retiring an account, whose platform is gone, follow schemas."""
    monkeypatch.setattr("archiver.flows.asking.TRIES", 1)
    renew = ["account", "credential", "city-blog", "--credential", "user=-"]
    ran = run(copy, *renew, "--credential", "password=-", "--json", stdin=f"a\n{captured.secret}\n")
    assert ran.document["data"] == {"name": "city-blog", "fields": ["password", "user"]}
    retire = ("account", "retire", "city-blog", "--by", "Clerk", "--json")
    ran = run(copy, *retire)
    assert (ran.code, ran.finding["code"]) == (1, "account-unexplained")
    assert "it can't be read" in ran.finding["message"]
    ran = run(copy, *retire, "--anyway", "the site is gone")
    assert (ran.document["data"]["status"], ran.document["data"]["anyway"]) == (
        "retired",
        "the site is gone",
    )


def test_verify_reports_findings_by_schema(copy: Path) -> None:
    """A spoilt archive is a finding with a code, and exit code 1."""
    file = next((copy / "archive" / "u").glob("*/*.parquet"))
    file.write_bytes(file.read_bytes()[:-1])
    ran = run(copy, "verify", "--json")
    assert ran.code == 1
    assert {one["code"] for one in ran.document["findings"]} == {"object-changed"}
    assert file.name in ran.document["findings"][0]["where"]


@pytest.mark.parametrize(
    ("change", "value"),
    [("ok", False), ("data", None), ("schema", "civic-archive/cli/status/2"), ("more", 1)],
)
def test_schemas_refuse_other_documents(captured: Captured, change: str, value: object) -> None:
    """A schema is no mere ornament: a document that differs is refused."""
    document = copying.deepcopy(run(captured.folder, "status", "--json").document)
    document[change] = value
    with pytest.raises(jsonschema.ValidationError):
        validator("cli/status").validate(document)


def test_every_ledger_entry_follows_its_schema(captured: Captured) -> None:
    """All control entries of a captured archive are as schemas/entries.json says."""
    archive = open_archive(Settings(str(captured.folder / "archive"), captured.folder / "home"))
    bodies = [body for _, body in read_state(archive).controls]
    for body in bodies:
        validator("entries").validate(body)
    assert {body["t"] for body in bodies} == {"role", "seal", "repeat"}
