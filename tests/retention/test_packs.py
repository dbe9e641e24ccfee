"""Rule packs: shipped ones are whole and honest, and what does not fit is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archiver.errors import FormatError
from archiver.flows.schedules import packs_of
from archiver.retention.decisions import Decisions
from archiver.retention.due import Engine, State
from archiver.retention.schedule import Confidence, Then, Trigger, read_yaml
from archiver.settings import Settings
from archiver.wire import rule_packs
from tests.house.source import ROOT, modules, name_of
from tests.retention.scenarios import adopted, city, own_pack, post, shipped

FILES = rule_packs(Settings("", Path()))
STATES = "AZ CO FL GA IL ME MI MN NC OH OR TX VA WA WI WY"
NAMES = (
    "Alabama Alaska Arizona Arkansas California Carolina Colorado Connecticut Dakota Delaware"
    " Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland"
    " Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Hampshire"
    " Jersey Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington"
    " Wisconsin Wyoming"
)
PACK = """
schema: civic-archive/retention/1
schedule: city
version: "1"
title: A schedule
jurisdiction: US-XX
rank: local
effective: 2020-01-01
adoption: an ordinance
sources: [{id: law, citation: A law, sha256: not held}]
series:
  - code: a
    title: All
    scope: all
    rule: {trigger: created, period: P1Y}
    then: destroy
    citation: A law, 1
    source: law
    confidence: primary
"""


def _documents() -> list[tuple[str, Any]]:
    return [(name, read_yaml(data, name)) for name, data in FILES.files]


def test_every_state_has_its_pack() -> None:
    """There is a pack for each state of which facts are known, and one of policies."""
    told = {pack.jurisdiction for pack in shipped()}
    assert told == {"US", *(f"US-{state}" for state in STATES.split())}
    assert len({(pack.schedule, pack.version) for pack in shipped()}) == len(shipped())


def test_every_row_has_a_citation_and_says_how_far_it_was_read() -> None:
    """No row or floor is shipped without citation, source and confidence."""
    rows = [(name, row) for name, document in _documents() for row in document["series"]]
    floors = [(name, row) for name, document in _documents() for row in document.get("floors", [])]
    assert len(rows) > 40
    bare = [
        (name, row.get("code"))
        for name, row in (*rows, *floors)
        if not row.get("citation", "").strip() or row.get("confidence") not in set(Confidence)
    ]
    assert bare == []


@pytest.mark.parametrize(
    "change",
    [
        ("    citation: A law, 1\n", ""),
        ("    citation: A law, 1\n", "    citation: ''\n"),
        ("    confidence: primary\n", ""),
        ("P1Y}", "a year}"),
        ("trigger: created", "trigger: whenever"),
        ("trigger: created", "trigger: event"),
        ("then: destroy", "then: burn"),
        ("rank: local", "rank: highest"),
        ("source: law", "source: another"),
        ("  - code: a\n", "  - code: a\n    code: b\n"),
        ("effective: 2020-01-01", "effective: 2020-02-30"),
        ("sha256: not held", "sha256: ''"),
        ("    rule: {trigger: created, period: P1Y}\n", ""),
    ],
    ids=lambda change: change[1].strip() or f"without {change[0].strip()}",
)
def test_what_does_not_fit_is_refused(change: tuple[str, str]) -> None:
    """A pack that is not whole is refused, and its place is named."""
    assert own_pack(PACK).rows[0].code == "a"
    with pytest.raises(FormatError) as refused:
        own_pack(PACK.replace(*change, 1))
    assert refused.value.where
    assert refused.value.mend


def test_a_code_stands_once() -> None:
    """Two rows of one code are refused."""
    row = PACK[PACK.index("  - code") :]
    with pytest.raises(FormatError, match="stands twice: a"):
        own_pack(PACK + row)


def test_the_schema_is_one() -> None:
    """The open schema is well formed, and a date in YAML stays text."""
    jsonschema.Draft202012Validator.check_schema(json.loads(FILES.schema))
    assert read_yaml(b"day: 2026-11-30", "x") == {"day": "2026-11-30"}
    with pytest.raises(FormatError):
        read_yaml(b"day: !!python/object:os.system {}", "x")


def test_without_a_known_period_a_row_refuses() -> None:
    """No row whose period is REQUIRED lets anything go, however it was adopted."""
    refusing = [(pack, row) for pack in shipped() for row in pack.rows if row.required]
    assert {"il-local", "wi-wmrs"} <= {pack.schedule for pack, _ in refusing}
    for pack, row in refusing:
        where = city(pack.jurisdiction, pack.name(row))
        engine = Engine([pack], Decisions(adoptions=(adopted(pack),)), where, date(2199, 1, 1))
        verdict = engine.judge(post(date(1990, 1, 1)))
        assert (verdict.state, verdict.eligible) == (State.REFUSED, False)
        assert "period-required" in verdict.blockers


def test_nothing_of_a_shipped_pack_goes_by_itself() -> None:
    """Without an adoption no row of any shipped pack lets a record go, whatever the day."""
    for pack in shipped():
        for row in pack.rows:
            where = city(pack.jurisdiction, pack.name(row))
            verdict = Engine(shipped(), Decisions(), where, date(2199, 1, 1)).judge(
                post(date(1990, 1, 1), public=True, removed=date(1991, 1, 1))
            )
            assert not verdict.eligible
            assert verdict.state != State.ELIGIBLE


def test_what_was_not_read_has_to_be_confirmed_row_by_row() -> None:
    """A row that was not read in the primary text counts only once it was confirmed by itself."""
    pack = next(one for one in shipped() if one.schedule == "wi-statute")
    adoption = adopted(pack)
    states = {}
    for confirmed in (frozenset[str](), adoption.confirmed):
        for readings in ((), adoption.readings):
            own = replace(adoption, confirmed=confirmed, readings=readings)
            engine = Engine([pack], Decisions(adoptions=(own,)), city("US-WI"), date(2030, 1, 1))
            for row in pack.rows:
                problem = engine.docket.rows[pack.name(row)].problem
                states[row.code, bool(confirmed), bool(readings)] = str(problem or "in force")
    assert states["19.21(7)", False, True] == "not-confirmed"
    assert states["19.21(7)", True, True] == "in force"
    assert states["19.21(4)(b)", False, True] == "in force"
    assert states["19.21(4)(b)", True, False] == "not-confirmed"


def test_facts_of_the_law_stand_as_they_were_found() -> None:
    """A few rows, word by word: what governs, since when, how long, and what then."""
    rows = {pack.name(row): (pack, row) for pack in shipped() for row in pack.rows}
    pack, row = rows["wi-statute/19.21(4)(b)"]
    assert (row.everything, row.terms[0].period, pack.rank) == (True, (84, 0), "statutory")
    pack, row = rows["wa-core/GS50-01-12"]
    assert [term.trigger for term in row.terms] == [Trigger.POSTED, Trigger.REMOVED]
    assert (row.then, row.confidence) == (Then.TRANSFER, Confidence.PRIMARY)
    assert rows["or-cities/166-200-0255(4)-policy"][1].then == Then.PERMANENT
    assert rows["tx-gr/GR1000-26a"][1].terms[0].period == (48, 0)
    assert rows["fl-gs1/17"][1].confidence == Confidence.UNCONFIRMED
    wmrs = next(one for one in shipped() if one.schedule == "wi-wmrs")
    assert (wmrs.expires, wmrs.opt_in) == (date(2028, 8, 27), True)


def test_the_code_knows_no_state() -> None:
    """No module names a state: what the law says of one is data."""
    names = re.compile(rf"\b({'|'.join(NAMES.split())})\b|\bUS-(?!XX)[A-Z]{{2}}\b")
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in modules("archiver")
        for match in names.finditer(path.read_text("utf-8"))
    ]
    assert found == []
    assert (ROOT / "schemas" / "retention" / "il-local.yaml").exists()


def test_packs_that_are_shipped_fit() -> None:
    """All of them are read by the code that evaluation uses."""
    assert len(packs_of(FILES)) == len(FILES.files)
