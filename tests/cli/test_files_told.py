"""What a search tells people of files: hits in them, and what nobody could read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.cli.output import Output
from archiver.cli.records import print_hits
from archiver.cli.term_report import print_nothing, print_unread

if TYPE_CHECKING:
    import pytest

HIT = {
    "record_id": "blog:city:media:plan",
    "state": "present",
    "latest": True,
    "created_at": None,
    "captured_at": "2026-11-20T09:00:00.000000Z",
    "author": None,
    "title": None,
    "text": None,
    "in_file": {"name": "plan.pdf", "by": "pypdf 7", "terms": ["zebra", "cost~"]},
}


def test_a_hit_in_a_file_names_it_and_what_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Below the record, as it stands in none of its fields."""
    output = Output("search", as_json=False)
    print_hits(output, [HIT])
    assert "in file plan.pdf, derived by pypdf 7: zebra, cost~" in capsys.readouterr().out
    print_hits(output, [{**HIT, "in_file": None}])
    assert "in file" not in capsys.readouterr().out


def test_files_that_were_not_read_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """With the first of their records."""
    output = Output("search", as_json=False)
    unread = [{"record_id": f"r{n}", "file": "", "why": "it is encrypted"} for n in range(10)]
    print_unread(output, [*unread, {"record_id": "s", "file": "", "why": "it is damaged"}])
    told = capsys.readouterr().out
    assert "Unsearchable, 10 files: it is encrypted: r0 r1" in told
    assert "and 2 more (--json has all)" in told
    assert "Unsearchable, 1 files: it is damaged: s" in told


def test_nothing_found_is_a_proof_only_of_what_was_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Else it is said to be none."""
    output = Output("search", as_json=False)
    print_nothing(output, complete=True)
    assert "all that was asked about was read" in capsys.readouterr().out
    print_nothing(output, complete=False)
    assert "no proof" in capsys.readouterr().out
