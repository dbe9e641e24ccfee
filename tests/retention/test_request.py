"""How long a request keeps: every law that is shipped, against what the law says in other words."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from archiver.errors import FormatError
from archiver.retention.request import EVENTS, Answer, lapse
from tests.house.source import ROOT, modules, name_of

if TYPE_CHECKING:
    from pathlib import Path

LAWS = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "schemas/holds").iterdir()
}
SHIFTS = 50


@pytest.mark.parametrize("name", LAWS)
def test_laws_follow_the_schema(name: str, repo_root: Path) -> None:
    """Each law is of the open form, bears its file's name, and cites what was read."""
    schema = json.loads((repo_root / "schemas" / "holds.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(LAWS[name])
    assert LAWS[name]["law"] == name
    assert set(schema["$defs"]["event"]["enum"]) == set(EVENTS)


def test_the_code_knows_no_law_by_name() -> None:
    """What a state wants stands in data alone."""
    words = ("wisconsin", "illinois", "19.35", "140/9.5")
    naming = [
        name_of(path)
        for path in modules("archiver/retention", "archiver/flows", "archiver/registry")
        if any(word in path.read_text("utf-8").lower() for word in words)
    ]
    assert naming == []


ENDS = {"suit-filed": ("order", "appeal-over"), "review-filed": ("order",)}


def oracle(wait: int, told: dict[str, date], *, grants_wait: bool) -> date | None:
    """Return the first free day, in the words of the law: of all that must be over, the latest."""
    answers = {"denied": wait, "partial": wait, "granted": wait if grants_wait else 0}
    over = [told[one] + timedelta(days=days) for one, days in answers.items() if one in told]
    open_ = not over
    for filed, ends in ENDS.items():
        for end in ends if filed in told else ():
            over.append(told.get(end, date.min))
            open_ = open_ or over[-1] < told[filed]
    return None if open_ else max(over)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("confined", [False, True])
def test_against_the_words_of_the_law(name: str, *, confined: bool) -> None:
    """Whatever happened when, the day is the one that an independent reading gives."""
    chance, known = random.Random(f"{name} {confined}"), 0
    wait = 90 if (name, confined) == ("us-wi", True) else 60
    for _ in range(SHIFTS * 8):
        start = date(2020, 1, 1) + timedelta(days=chance.randrange(3000))
        happened = chance.sample(EVENTS, chance.randint(0, 6))
        told = {one: start + timedelta(days=chance.randrange(200)) for one in happened}
        answers = [Answer(*one) for one in told.items()]
        found = lapse(LAWS[name], answers, confined=confined)
        assert found.day == oracle(wait, told, grants_wait=name == "us-il"), (told, found.why)
        assert LAWS[name]["citation"] in found.why
        known += found.day is not None
    assert known > SHIFTS


def test_the_last_of_several_denials_counts() -> None:
    """A request that was denied twice is kept from the second time on."""
    days = [date(2026, 3, 2), date(2026, 1, 5)]
    found = lapse(LAWS["us-wi"], [Answer("denied", one) for one in days], confined=False)
    assert found.day == date(2026, 5, 1)


@pytest.mark.parametrize("law", [{}, {"citation": "x"}, {**LAWS["us-wi"], "waits": [{}]}])
def test_a_rule_that_is_none(law: dict[str, Any]) -> None:
    """What can't be read as a rule is an error, and never a day."""
    with pytest.raises(FormatError):
        lapse(law, [Answer("denied", date(2026, 1, 5))], confined=False)
