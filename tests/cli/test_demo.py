"""The demo command: a document to schema, the same folder twice, no other folder ever."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.demo import story
from archiver.demo.presences import BLOG, NAMES, presences
from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_demo_runs_twice_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs nothing, holds in both runs, and a second run, of the blog alone, begins anew."""
    first = run(tmp_path, "demo", "--json")
    assert first.code == 0
    told = first.document["data"]
    assert (told["findings"], told["withheld_words"]) == (0, 1)
    assert [one["what"] for one in told["histories"]] == [str(kind) for _, kind in story.SHOWN]
    assert all(one["observations"] > 1 for one in told["histories"])
    for one in told["captures"]:
        assert [report["account"] for report in one["reports"]] == list(NAMES)
    monkeypatch.setattr(story, "presences", partial(presences, only=(BLOG,)))
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
