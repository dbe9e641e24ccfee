"""DAGs run in one process by ``dag.test()``: what they do about refusals and repetitions."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.demo.presences import BLOG, NEWS
from archiver.flows import accounts
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.window import capture_window
from tests.airflow.conftest import Office, drive, driven, succeeded, variable_of
from tests.chaos.truth import Quiet
from tests.outsiders import witness_at

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.demo.live import LiveCity

pytestmark = pytest.mark.airflow

PAST = "2026-01-01T00:00:00"
SETTINGS = """
[[anchors.witness]]
url = "{url}"
keys = {keys}
"""


def test_a_window_kept_elsewhere_is_not_captured_again(
    office: Office, migrated: dict[str, str], city: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DAG run of a moment that has been kept writes nothing, not even into intake."""
    monkeypatch.setenv("CITY_BLOG_PASSWORD", city.city.secret)
    for name in (BLOG, NEWS):
        capture_window(office.archive(), name, "reconcile", PAST, Quiet())
    before = office.size()
    assert driven(office, migrated, "capture", PAST) == succeeded(2)
    assert office.size() == before


def test_compaction_merges_what_captures_left(
    office: Office, migrated: dict[str, str], city: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It changes no answer, signs for nobody, and run again it does nothing."""
    monkeypatch.setenv("CITY_BLOG_PASSWORD", city.city.secret)
    for _ in range(2):
        capture_window(office.archive(), BLOG, "backfill", "", Quiet())
        city.city.change()
    before = search(office.archive(), Query()).hits
    assert driven(office, migrated, "compact") == {("compact", -1): ("success", 1)}
    assert search(office.archive(), Query()).hits == before
    state = read_state(office.archive())
    assert any(one.supersedes for one in state.segments())
    assert not any(body["t"] == "verified" for _, body in state.controls)
    size = office.size()
    assert driven(office, migrated, "compact") == {("compact", -1): ("success", 1)}
    assert office.size() == size


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
    assert states == {**succeeded(2), ("capture", 1): ("failed", 1)}


def test_anchoring(office: Office, migrated: dict[str, str], tmp_path: Path) -> None:
    """Skipped without a witness; with one, cosigned; set back, home and all, refused at once."""
    for name in ("archive", "home"):
        shutil.copytree(tmp_path / name, tmp_path / "old" / name)
    accounts.retire(office.archive(), NEWS, "Clerk")
    size, settings = office.size(), tmp_path / "archiver.toml"
    with witness_at(tmp_path / "witness", office.archive().identity.keys) as witness:
        settings.write_text(SETTINGS.format(url=witness.url, keys=json.dumps(witness.keys)))
        set_up = {"ARCHIVER_CONFIG": str(settings)}
        old = {name: str(tmp_path / "old" / name) for name in ("archive", "home")}
        set_back = {f"ARCHIVER_{name.upper()}": value for name, value in old.items()}
        changes = [json.dumps(one) for one in ({}, set_up, set_back)]
        done = drive({**migrated, **office.variables}, "each", "anchor", *changes)
    assert [(one["state"], one["tasks"]) for one in done.document["runs"]] == [
        ("success", [["anchor", -1, "skipped", 1]]),
        ("success", [["anchor", -1, "success", 1]]),
        ("failed", [["anchor", -1, "failed", 1]]),
    ]
    assert office.size() == size + 1
    assert "no witness and no time-stamp authority is configured" in done.printed
    assert "no independent witness" in done.printed
    assert "the ledger was rolled back" in done.printed


def test_checks_find_nothing_and_change_nothing(
    office: Office, migrated: dict[str, str], city: LiveCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They write no entry; a file that was cut is named in the log, and nothing is tried again."""
    monkeypatch.setenv("CITY_BLOG_PASSWORD", city.city.secret)
    for name in (BLOG, NEWS):
        capture_window(office.archive(), name, "backfill", "", Quiet())
    size = office.size()
    wanted = {
        "verify_nightly": [["verify", -1, "success", 1]],
        "verify_monthly": [["copies", -1, "skipped", 1], ["verify", -1, "success", 1]],
        "coverage": [
            ["accounts", -1, "success", 1],
            ["coverage", 0, "success", 1],
            ["coverage", 1, "success", 1],
        ],
        "settle": [
            ["checkpoint", -1, "success", 1],
            ["hubs", -1, "success", 1],
            ["settle", -1, "skipped", 1],
        ],
        "webhook": [["settle", -1, "skipped", 1]],
    }  # fmt: skip
    shutil.copytree(office.folder / "archive", office.folder / "damaged")
    files = [one for one in (office.folder / "damaged").rglob("*") if one.suffix == ".parquet"]
    cut = max(files, key=size_of)
    cut.write_bytes(cut.read_bytes()[:-1])
    damaged = json.dumps({"ARCHIVER_ARCHIVE": str(office.folder / "damaged")})
    jobs = (*wanted, damaged, "verify_nightly")
    done = drive({**migrated, **office.variables}, "several", *jobs)
    *runs, failed = [one["tasks"] for one in done.document["runs"]]
    assert runs == [*wanted.values()]
    assert failed == [["verify", -1, "failed", 1]]
    assert str(cut.relative_to(office.folder / "damaged")) in done.printed
    assert office.size() == size


def size_of(path: Path) -> int:
    """Return how many bytes a file has."""
    return path.stat().st_size
