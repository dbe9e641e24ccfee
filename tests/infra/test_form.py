"""What the Terraform files say and the code says too, held against it; needs no Terraform."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from archiver import layout
from archiver.settings import NAMES
from tests.infra.columns import PLACE, columns
from tests.infra.planned import INFRA

ROOT = INFRA.parents[1]
MODULES = ["storage", "keys", "queue", "roles", "webhook", "orchestration", "query", "monitoring"]
EXAMPLES = ("small-city", "estate")


def _text(path: str) -> str:
    return "\n".join(one.read_text("utf-8") for one in sorted((INFRA / path).glob("*.tf")))


def test_tables_have_the_columns_of_the_archive() -> None:
    """`columns.json` is what `archiver/columns.py` has now (`python -m tests.infra.columns`)."""
    assert PLACE.read_text("utf-8") == columns()


def test_prefixes_are_those_of_the_archive() -> None:
    """Each prefix that a policy names is one of `archiver/layout.py`, and each of it is named."""
    known = {
        layout.ARCHIVE_FILE, layout.HEAD, layout.CHECKPOINT, f"{layout.PENDING}*",
        f"{layout.REFUSED}*", f"{layout.ANCHORS}*", f"{layout.DAILY}*", f"{layout.STAGING}*",
        f"{layout.TILES}*", f"{layout.SETS}*", f"{layout.UNITS}*", f"{layout.TILES}*.p/*",
        f"{layout.LOG}*",
    }  # fmt: skip
    named = set(re.findall(r'"((?:log/|u/|sets/|archive\.json)[^"$]*)"', _text("modules/roles")))
    assert named == known
    guards = set(re.findall(r'"((?:log/|sets/|archive\.json)\*?)"', _text("modules/storage")))
    assert guards == {"log/*", "sets/*", "archive.json"} & guards
    assert {"sets/*", "archive.json"} <= set(re.findall(r'"([^"]+)"', _text("modules/storage")))


def test_settings_have_the_archivers_names() -> None:
    """What modules output as settings are names that `archiver.toml` knows."""
    found = set[str]()
    for module in ("storage", "roles", "webhook"):
        text = (INFRA / "modules" / module / "outputs.tf").read_text("utf-8")
        block = text.partition('output "settings"')[2].partition("\n}")[0]
        value = re.split(r"^  value\b", block, maxsplit=1, flags=re.MULTILINE)[1]
        found |= set(re.findall(r"\b([a-z][a-z0-9_]+) += ", value.partition("replica")[0]))
    assert found <= set(NAMES)
    assert {"archive", "keystore", "locks", "kms", "webhook_url"} <= found


def test_words_of_alarms_are_words_of_the_code() -> None:
    """Each word that an alarm listens for is said somewhere in the archiver or its plugins."""
    code = "".join(
        path.read_text("utf-8")
        for folder in ("archiver", "plugins")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    said = json.loads((INFRA / "modules/monitoring/said.json").read_text("utf-8"))
    missing = [word for one in said.values() for word in one["words"] if word not in code]
    assert missing == []
    assert {one["alarm"] for one in said.values()} == {"any", "none"}


@pytest.mark.parametrize("place", [*(f"modules/{one}" for one in MODULES),
                                   *(f"examples/{one}" for one in EXAMPLES)])  # fmt: skip
def test_each_is_tested_against_mocks(place: str) -> None:
    """Each module and example has a test that asserts, and none that could reach AWS."""
    (test,) = (INFRA / place / "tests").glob("*.tftest.hcl")
    text = test.read_text("utf-8")
    assert 'mock_provider "aws"' in text
    assert "assert {" in text
    if place.startswith("modules/"):
        assert "expect_failures" in text


@pytest.mark.parametrize("module", [*MODULES, "storage/bucket"])
def test_each_variable_is_explained(module: str) -> None:
    """Each variable and output says what it is."""
    for block in re.findall(
        r'(?:variable|output) "[a-z_]+" \{.*?\n\}', _text(f"modules/{module}"), re.DOTALL
    ):
        assert re.search(r'^  description = "[^"]{8,}', block, re.MULTILINE), block


def test_each_skip_has_its_reason() -> None:
    """No rule of checkov is passed over without a sentence that says why."""
    skips = [
        line.strip()
        for path in sorted(Path(INFRA).rglob("*.tf"))
        for line in path.read_text("utf-8").splitlines()
        if "checkov:skip" in line
    ]
    assert len(skips) > 10
    odd = [one for one in skips if not re.fullmatch(r"# checkov:skip=CKV2?_AWS_\d+:.{8,}", one)]
    assert odd == []
