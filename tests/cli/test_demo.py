"""The demo command: a document to schema, the same folder twice, no other folder ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demo_runs_twice_in_its_own_folder(tmp_path: Path) -> None:
    """It needs nothing, holds in both runs, and a second run begins anew."""
    first = run(tmp_path, "demo", "--json")
    assert first.code == 0
    told = first.document["data"]
    assert (told["findings"], told["withheld_words"]) == (0, 1)
    assert [one["what"] for one in told["histories"]] == ["edited", "deleted"]
    again = run(tmp_path, "demo")
    assert again.code == 0
    assert "█████" in again.text
    check = ["check", "demo/proof.json", "--key", "demo/public-key.txt"]
    assert run(tmp_path, *check).code == 0


def test_the_demo_clears_no_other_folder(tmp_path: Path) -> None:
    """A folder that no demo made is left as it is."""
    (tmp_path / "letter.txt").write_text("mine")
    ran = run(tmp_path, "demo", "--dir", str(tmp_path), "--json")
    assert (ran.code, ran.finding["code"]) == (2, "demo-folder")
    assert (tmp_path / "letter.txt").read_text() == "mine"
