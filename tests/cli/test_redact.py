"""Redaction from the command line: suggested, marked, reviewed, taken back; told to schema."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.terminal import Ran, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

BECAUSE = ("--exemption", "7(1)(b)", "--basis", "a private matter")


@pytest.fixture(scope="module")
def founded(captured: Captured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The captured archive with a counsel; not to be changed."""
    folder = tmp_path_factory.mktemp("counsel")
    shutil.copytree(captured.folder, folder, dirs_exist_ok=True)
    words = ("person", "enrol", "counsel", "--key", "counsel.key", "--role", "counsel")
    assert run(folder, *words).code == 0
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    return tmp_path


def done(folder: Path, *words: str, signed: bool = True) -> Any:  # noqa: ANN401 - any JSON value
    """Run a command; it is done, and its document has its form. Return its data."""
    ran = run(folder, *words, *(("--sign", "counsel.key") if signed else ()), "--json")
    assert (ran.code, ran.document["ok"]) == (0, True), ran.document["findings"]
    return ran.document["data"]


def refused(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command that can't be done; return exit status and code."""
    ran: Ran = run(folder, *words, "--sign", "counsel.key", "--json")
    return ran.code, ran.document["findings"][0]["code"]


def text_of(folder: Path, record: str) -> str:
    """Return the latest text of a record."""
    shown = done(folder, "show", record, signed=False)
    return str(shown["observations"][0]["fields"]["text"])


def test_from_a_suggestion_to_a_mark_taken_back(office: Path, captured: Captured) -> None:
    """What was decided, by whom, and why it stands no more."""
    found = done(
        office, "redact", "suggest", "--query", "culvert OR pothole", "--all", signed=False
    )
    assert isinstance(found, list)
    word = text_of(office, captured.edited).split()[0]
    made = done(office, "redact", "mark", captured.edited, "--find", word, *BECAUSE)
    assert made["sealed"]
    assert word not in json.dumps(made)
    (one,) = done(office, "redact", "review", signed=False)["marks"]
    assert one["handle"] == f"{made['act']['statement']['statement']}-1"
    assert (one["record"], one["exemption"], one["taken_back"]) == (captured.edited, "7(1)(b)", "")
    words = ("redact", "review", "--take-back", one["handle"], "--reason", "it is public")
    after = done(office, *words)
    assert after["decision"]["sealed"]
    assert after["marks"][0]["reason"] == "it is public"
    assert after["marks"][0]["taken_back"] == one["decider"]


def test_suggestions_that_somebody_went_through(office: Path, captured: Captured) -> None:
    """All in one act; what was left out is not marked, what was changed is as it was changed."""
    text = text_of(office, captured.edited)
    common = {"record": captured.edited, "field": "text", "end": 3}
    shown = done(office, "show", captured.edited, signed=False)["observations"][0]
    first = {**common, "observation": shown["observation"], "start": 0}
    own = {**first, "start": 1, "exemption": "7(1)(c)", "basis": "another"}
    whole = {**first, "field": "author_name", "end": 0}
    (office / "gone-through.json").write_text(json.dumps({"data": [first, own, whole]}), "utf-8")
    made = done(office, "redact", "mark", "--accept", "gone-through.json", *BECAUSE)
    assert text[:3] not in json.dumps(made)
    marks = done(office, "redact", "review", signed=False)["marks"]
    told = [(one["exemption"], one["basis"], one["start"], one["end"]) for one in marks]
    assert told == [
        ("7(1)(b)", "a private matter", 0, 3),
        ("7(1)(c)", "another", 1, 3),
        ("7(1)(b)", "a private matter", 0, 0),
    ]
    (office / "bad.json").write_text('{"data": [{"record": 1}]}', "utf-8")
    assert refused(office, "redact", "mark", "--accept", "bad.json", *BECAUSE) == (2, "usage")


def test_what_is_suggested_can_be_accepted(office: Path) -> None:
    """What suggest prints is what mark takes."""
    ran = run(office, "redact", "suggest", "--query", "is OR a OR the", "--all", "--json")
    assert ran.document["data"]
    (office / "all.json").write_bytes(ran.stdout)
    done(office, "redact", "mark", "--accept", "all.json", *BECAUSE)
    marks = done(office, "redact", "review", signed=False)["marks"]
    assert len(marks) == len(ran.document["data"])
    again = run(office, "redact", "suggest", "--query", "is OR a OR the", "--all", "--json")
    assert all(one["marked"] for one in again.document["data"])


WAYS = (
    ("--field", "author_name"),
    ("--field", "text", "--span", "0:3"),
    ("--box", "10,20,30.5,40"),
    ("--time", "1.5:3"),
    ("--box", "0,0,100,50", "--time", "0:2"),
    ("--whole",),
)


def test_the_ways_to_say_what(office: Path, captured: Captured) -> None:
    """A field, a stretch, a part of a file, the record; each is one mark."""
    for way in WAYS:
        done(office, "redact", "mark", captured.edited, *way, *BECAUSE)
    made = done(office, "redact", "review", captured.edited, signed=False)["marks"]
    assert [(one["field"], one["end"]) for one in made[:2]] == [("author_name", 0), ("text", 3)]
    assert made[2]["box"] == [100_000, 200_000, 305_000, 400_000]
    assert (made[3]["box"], made[3]["time"]) == ([], [1500, 3000])
    assert len(made) == len(WAYS)
    assert done(office, "redact", "review", "another", signed=False)["marks"] == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--whole", "--field", "text"),
        ("--find", "a", "--span", "0:1"),
        ("--field", "text", "--span", "3"),
        ("--field", "text", "--span", "4:2"),
        ("--box", "10,20,5,40"),
        ("--box", "1,2,3"),
        ("--box", "a,b,c,d"),
        ("--time", "3:1"),
    ],
)
def test_what_makes_no_sense(office: Path, captured: Captured, words: tuple[str, ...]) -> None:
    """Nothing is signed for it."""
    assert refused(office, "redact", "mark", captured.edited, *words, *BECAUSE) == (2, "usage")


def test_what_is_refused(office: Path, captured: Captured) -> None:
    """An exemption that nobody knows, a text that is not there, a mark that is not there."""
    mark = ("redact", "mark", captured.edited)
    assert refused(office, *mark, "--whole", "--exemption", "9(z)", "--basis", "b") == (
        2,
        "exemption-unknown",
    )
    assert refused(office, *mark, "--find", "no such words", *BECAUSE) == (2, "withhold-nothing")
    assert refused(office, "redact", "review", "--take-back", "x", "--reason", "r") == (
        2,
        "mark-unknown",
    )
    ran = run(office, *mark, "--whole", *BECAUSE, "--json")  # nobody signs
    assert (ran.code, ran.document["findings"][0]["code"]) == (1, "act-refused")


def test_one_begins_and_another_signs(office: Path, captured: Captured) -> None:
    """The file says what is marked, and who signs it is shown it first."""
    begun = ("redact", "mark", captured.edited, "--whole", *BECAUSE, "--out", "next.act")
    assert not done(office, *begun)["sealed"]
    ran = run(office, "redact", "mark", "--act", "next.act", "--sign", "counsel.key")
    assert ran.code == 0
    assert captured.edited in ran.text
