"""What a scheduler did, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    """It would else be compared as text, and hide everything."""
    assert run(tmp_path, "init").code == 0
    refused = run(tmp_path, "operations", "--since", "yesterday", "--json")
    assert (refused.code, refused.finding["where"]) == (2, "yesterday")
    assert run(tmp_path, "operations", "--since", "2026-11-20", "--json").document["ok"]
