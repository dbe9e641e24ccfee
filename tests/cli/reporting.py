"""Reports from the command line, held against what other commands tell of the same day."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["agree", "destroyed", "ordered"]

YEAR = timedelta(days=365)
BLOCKED = {"blocked", "would-be-due", "refused"}


def _rows(folder: Path, name: str, *more: str) -> list[dict[str, Any]]:
    ran = run(folder, "report", name, *more, "--json")
    assert ran.code == 0, ran.text
    found: list[dict[str, Any]] = ran.document["data"]["rows"]
    return found


def agree(folder: Path, day: date) -> None:
    """See that reports of a day count exactly the records that `retention due` counts."""
    as_of = ("--as-of", str(day))
    groups = run(folder, "retention", "due", *as_of, "--json").document["data"]["groups"]
    states = Counter[str]()
    for one in groups:
        states[one["state"]] += one["records"]
    found = {
        name: _rows(folder, name, *as_of) for name in ("holdings", "due", "blocked", "awaiting")
    }
    counted = {name: sum(one["records"] for one in rows) for name, rows in found.items()}
    kept = Counter[str]()
    for one in found["blocked"]:
        kept[one["state"]] += one["records"]
    assert kept == {
        one: states[one] for one in ("blocked", "would-be-due", "refused") if states[one]
    }
    assert (counted["due"], counted["awaiting"]) == (states["eligible"], states["awaiting-event"])
    assert counted["holdings"] == states.total()
    awaited = {event for one in found["awaiting"] for event in one["awaits"]}
    assert awaited == {"account-closed", "removed-from-public"}


def ordered(folder: Path, count: int) -> None:
    """See that what is due is in an order, and overdue from the day after its year on."""
    rows = _rows(folder, "due")
    assert sum(one["records"] for one in rows) == sum(one["ordered"] for one in rows) == count
    last = date.fromisoformat(max(one["last"] for one in rows)) + YEAR
    late = [
        sum(one["records"] for one in _rows(folder, "overdue", "--as-of", str(last + timedelta(n))))
        for n in (0, 1)
    ]
    assert late[0] < late[1] == count


def destroyed(folder: Path, order: str) -> None:
    """Have what was destroyed written and drawn, twice: the same bytes, with the order in them."""
    files = ("--csv", "went.csv", "--picture", "went.svg")
    told = run(folder, "report", "destroyed", *files)
    assert told.code == 0, told.text
    assert "What was destroyed, as of" in told.text
    first = [(folder / name).read_bytes() for name in files[1::2]]
    assert run(folder, "report", "destroyed", *files).code == 0
    assert [(folder / name).read_bytes() for name in files[1::2]] == first
    (row,) = csv.DictReader(first[0].decode().splitlines())
    assert (row["order"], row["state"], row["certificate"]) == (order, "done", "ready")
    assert (row["series"], row["saved"], row["zone"]) == ("il-city/talk", "0", "UTC")
    words = "".join(ET.fromstring(first[1]).itertext())  # noqa: S314 - our own
    assert f"il-city/talk: {row['gone']} versions gone, 0 saved." in words
    wrong = run(folder, "report", "everything", "--json")
    assert (wrong.code, wrong.finding["code"]) == (2, "usage")
