"""What looks after the archive by itself: holds, reports, drills, and sealing what was noted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from archiver.flows.ledger import read_state
from tests.airflow.conftest import drive
from tests.airflow.hall import FOLDER
from tests.cli.town import Town, blog, peopled

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.airflow, pytest.mark.real]


def held(folder: Path) -> Town:
    """Return a town with a copy, and a hold that has not taken in what came since."""
    town = peopled(Town(folder, datetime.now(UTC) - timedelta(days=9)))
    with blog(town, "blog") as hamlet:
        hamlet.publish("Notice", "The culvert is blocked.")
        capture = ("capture", "blog", "--mode", "backfill")
        assert town.ask(*capture, CITY_USER=hamlet.user).code == 0
        place = ("hold", "place", "--query", "culvert", "--future", "--matter", "26-CV-9")
        assert town.ask(*place, "--sign", "counsel.key", CITY_USER=hamlet.user).code == 0
        hamlet.publish("Another", "The culvert is blocked again.")
        assert town.ask(*capture, CITY_USER=hamlet.user).code == 0
    path = folder / "archiver.toml"
    path.write_text(path.read_text() + FOLDER.format(folder=folder))
    town.now = datetime.now(UTC)
    town.told("replicate")
    return town


def test_what_runs_by_itself(tmp_path: Path, migrated: dict[str, str]) -> None:
    """A hold that is behind fails until a key signs; reports and the drill leave their traces."""
    town = held(tmp_path)
    variables = {
        "ARCHIVER_ARCHIVE": str(tmp_path / "archive"),
        "ARCHIVER_HOME": str(tmp_path / "home"),
        "ARCHIVER_CONFIG": str(tmp_path / "archiver.toml"),
        "AIRFLOW__CIVIC_ARCHIVER__REPORTS": str(tmp_path / "reports"),
    }
    key = json.dumps({"ARCHIVER_PERSON": str(tmp_path / "counsel.key")})
    steps = ("holds", "holds", "monitoring", "holdings", "drill", "retention", "operations")
    done = drive({**migrated, **variables}, "several", steps[0], key, *steps[1:])
    states = ended(done.document)
    asked = states[steps.index("retention")]
    assert states == [
        {"holds": "failed"},
        {"holds": "success"},
        {"monitoring": "success"},
        {"holdings": "success"},
        {"drill": "success"},
        {"due": "skipped"} | dict.fromkeys(asked, "skipped"),
        {"operations": "success"},
    ]
    assert "1 holds lack what came since" in done.printed
    with town.opened() as archive:
        applied = [body for _, body in read_state(archive).controls if body["t"] == "applied"]
    assert any(body["leaves"] for body in applied)
    made = sorted(path.name for path in (tmp_path / "reports").iterdir())
    kinds = ("awaiting", "blocked", "destroyed", "due", "held", "holdings", "overdue")
    day = made[0].rpartition("awaiting-")[2].removesuffix(".csv")
    assert made == sorted(f"{name}-{day}.{suffix}" for name in kinds for suffix in ("csv", "svg"))
    notes = town.told("operations")["notes"]
    assert sum(one["what"] == "run" for one in notes) >= len(steps) - 1
    told = [one for one in notes if one["what"] != "run"]
    assert [one["what"] for one in told] == ["restored", "began"]
    assert told[0]["outcome"].startswith("whole; ")
    assert "culvert" not in done.printed
    assert town.ask("verify", "--deep", "--json").document["findings"] == []


def ended(document: dict[str, Any]) -> list[dict[str, str]]:
    """Return the states of the tasks of each run."""
    return [{task: state for task, _, state, _ in one["tasks"]} for one in document["runs"]]
