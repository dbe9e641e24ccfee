"""Keys from the command line: recipients made far away, drills that are recorded, rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An archive with a clerk and two recipients for this century's months."""
    assert run(tmp_path, "init", "--clerk", "R. Alvarez", "--key", "clerk.key").code == 0
    for name in ("state", "county"):
        new = ("keys", "recipients", "new", name, "--from", "2026-01", "--months", "120", "--json")
        made = run(tmp_path, *new).document["data"]
        assert len(made["periods"]) == 240
        add = ("keys", "recipients", "add", f"{name}/public.json", "--name", name)
        done = run(tmp_path, *add, "--sign", "clerk.key", "--json").document["data"]
        assert done["recipient"] == made["recipient"]
    return tmp_path


def test_recipients_rotation_and_drill(place: Path) -> None:
    """Each period is sealed to both; after a rotation both still restore every file."""
    listed = run(place, "keys", "recipients", "list", "--json").document["data"]
    assert [one["name"] for one in listed["recipients"]] == ["state", "county"]
    handles = {one["recipient"] for one in listed["recipients"]}
    assert all(handles <= set(one["sealed_to"]) for one in listed["periods"])
    rotated = run(place, "keys", "rotate", "--json").document["data"]
    assert rotated["keys"] >= 3
    ran = run(place, "keys", "drill", "state", "county", "--json")
    assert ran.code == 0
    assert all(one["files"] and not one["lost"] for one in ran.document["data"])
    (check,) = (
        one for one in run(place, "doctor", "--json").document["data"]["checks"]
        if "recipients" in one["name"]
    )  # fmt: skip
    assert check["held"] is True
    assert "last drill 20" in check["detail"]


def test_what_a_drill_lost_is_a_finding(place: Path) -> None:
    """A recipient without the private keys of a period: each file is named, exit code 1."""
    for path in place.glob("county/unscheduled-*.key"):
        path.unlink()
    ran = run(place, "keys", "drill", "county", "--json")
    assert ran.code == 1
    found = ran.document
    assert found["findings"]
    assert {one["code"] for one in found["findings"]} == {"key-lost"}
    assert [one["where"] for one in found["findings"]] == found["data"][0]["lost"]


def test_a_wrap_that_is_gone_is_told(place: Path) -> None:
    """No recipient restores a key whose wrap is gone from the store: the drill says of how many."""
    wrap = next(path for path in place.glob("home/*/keystore/periods/*/*") if len(path.name) == 64)
    whole = run(place, "keys", "drill", "state")
    assert "no wrap" not in whole.text
    wrap.unlink()
    ran = run(place, "keys", "drill", "state")
    assert "no wrap" in ran.text
    (told,) = run(place, "keys", "drill", "state", "--json").document["data"]
    assert told["elsewhere"] == 1


def test_removing_a_recipient(place: Path) -> None:
    """It takes a signature, and the handle of one that is there."""
    listed = run(place, "keys", "recipients", "list", "--json").document["data"]["recipients"]
    remove = ("keys", "recipients", "remove", listed[0]["recipient"], "--json")
    assert run(place, *remove).finding["code"] == "act-refused"
    assert run(place, *remove, "--sign", "clerk.key").code == 0
    assert run(place, *remove, "--sign", "clerk.key").finding["code"] == "recipient-unknown"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("rotate", "unscheduled/1999-01/posts"), "period-unknown"),
        (("recipients", "new", "x", "--from", "November"), "usage"),
        (("recipients", "add", "absent.json", "--name", "x"), "usage"),
        (("recipients", "add", "archive/archive.json", "--name", "x"), "usage"),
        (("drill", "archive"), "key"),
    ],
)
def test_wrong_wishes_are_explained(tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    """Each has a code."""
    assert run(tmp_path, "init").code == 0
    assert run(tmp_path, "keys", *arguments, "--json").finding["code"] == code
