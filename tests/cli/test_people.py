"""What a person reads: tables, words, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("status", ["city-blog", "comments", "ledger entries"]),
        ("account list", ["city-blog", "wordpress", "approved", "http://127.0.0.1"]),
        ("account show city-blog", ["decided_by", "R. Alvarez, City Clerk"]),
        ("connector list", ["wordpress", "feed", "user, password"]),
        ("connector matrix feed", ["posts", "partial", "simulator only"]),
        ("search culvert", ["wordpress:city-blog:", "observations searched", "Not searched"]),
        ("search nothing-like-this", ["0 records in"]),
        ("verify", ["No finding", "--deep checks every record"]),
        ("rebuild", ["Rebuilt:", "segments"]),
    ],
)
def test_commands_read_well(captured: Captured, command: str, shown: list[str]) -> None:
    """Each command says in words or a table what it found; nothing of it is JSON."""
    ran = run(captured.folder, *command.split())
    assert ran.code == 0
    assert [part for part in shown if part not in ran.text] == []
    assert "civic-archive/cli/" not in ran.text


def test_no_key_is_asked_for_what_none_opens(captured: Captured) -> None:
    """The archive's own documents are never searched: no key of a reader would change that."""
    ran = run(captured.folder, "search", "culvert", "--private")
    assert "Never searched:" in ran.text
    assert "Not searched" not in ran.text


def test_doctor_says_what_does_not_hold(captured: Captured) -> None:
    """Without a witness the doctor says so; a limit that is known of is no failure."""
    ran = run(captured.folder, "doctor")
    assert ran.code == 0
    assert "FAILS" not in ran.text
    assert "limit" in ran.text
    assert "no independent witness" in ran.text


def test_history_reads_like_a_story(captured: Captured) -> None:
    """An edit shows before and after; a deletion shows what proves it."""
    edited = run(captured.folder, "show", captured.edited, "--history").text
    assert "edited  (ledger entry" in edited
    assert "→ " in edited
    deleted = run(captured.folder, "show", captured.deleted, "--history").text
    assert "deleted  (ledger entry" in deleted
    assert "proven by listing <urn:uuid:" in deleted
    assert "proven by missing " in deleted


def test_a_proof_is_told_in_words(captured: Captured, tmp_path: Path) -> None:
    """What a proof shows and what it withholds is said; the withheld text is not there."""
    file = str(tmp_path / "proof.json")
    ran = run(captured.folder, "prove", captured.edited, "--withhold", "wheel.", "--out", file)
    assert "Anybody can check it" in ran.text
    key = captured.ran["init"].document["data"]["keys"][0]
    shown = run(tmp_path, "check", file, "--key", key).text
    assert "The proof holds." in shown
    assert "█████" in shown
    assert "wheel" not in shown
    assert "withheld: 1 words" in shown


def test_verify_tells_what_to_do(copy: Path) -> None:
    """A finding has its place, what was expected, what was found, and how to mend it."""
    next((copy / "archive" / "u").glob("*/*.idx")).unlink()
    ran = run(copy, "verify")
    assert ran.code == 1
    for part in ("object-missing: A sealed file is gone", "where: u/", "to mend: Restore it"):
        assert part in ran.text


def test_capture_without_an_approved_account(tmp_path: Path) -> None:
    """A capture with nothing to capture says what comes first, and is no failure."""
    assert run(tmp_path, "init").code == 0
    ran = run(tmp_path, "capture")
    assert ran.code == 0
    assert "No account is approved" in ran.text


def test_capture_counts_are_a_table(captured: Captured) -> None:
    """A capture for people ends with counts by stream and what was sealed."""
    shown = captured.ran["backfill"].text
    assert "unexplained" in shown
    assert "deleted" in shown
    assert "city-blog: backfill," in shown
