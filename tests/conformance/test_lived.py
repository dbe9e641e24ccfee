"""What every connector does with the answers of its platform, and with what no platform sends."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.capture.connector import Problem
from archiver.capture.platforms import CONNECTORS
from archiver.capture.problems import PROBLEMS, code_of
from archiver.capture.standing import Inspected, concerns
from archiver.flows import accounts
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.standing import needs_of, standing_of
from archiver.flows.verify import verify
from archiver.formats.http1 import parse_response
from archiver.formats.parquet import rows_of
from archiver.record import Stream
from tests.chaos.test_secrets import files, sealed
from tests.conformance.bodies import (
    HOSTILE,
    SENTINEL,
    cut,
    edited,
    excerpts_of,
    huge,
    row_of,
    with_enum,
    with_unknown,
)
from tests.conformance.conftest import OPTION
from tests.conformance.life import ACCOUNT
from tests.conformance.standins import subjects
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.conformance.life import Lived
    from tests.conformance.standins import Subject

EDITS = ("cut", "begun late", "left out", "twice", "put in", "over")
STATUSES = (200, 204, 206, 400, 401, 403, 404, 410, 429, 500, 503)
HUGE = 1 << 20
MOST_ITEMS, MOST_WORDS = 4, 6


def test_its_life_is_captured_whole(life: Lived) -> None:
    """Twice, with a week between: nothing is left out but what the platform withholds."""
    for report in life.reports:
        assert {code_of(why) for why in report.incomplete.values()} <= {"withheld"}
        assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    assert life.reports[0].observations["present"] > 0
    assert set(life.reports[1].observations) & {"present", "edited", "deleted", "absent"}


def test_what_happened_in_the_week_is_what_was_found(life: Lived) -> None:
    """Each new, edited, hidden or vanished thing, as the stand-in says that it befell."""
    segments = [one for one in read_state(life.archive).segments() if one.leaves]
    rows = [row for one in segments for row in rows_of(read_table(life.archive, one))]
    kinds = {(r["stream"], r["native_id"]): r["kind"] for r in rows if r["kind"] != "listing"}
    wanted = {(s, name): kind for s, things in life.told.items() for name, kind in things.items()}
    assert wanted
    assert {thing: kinds.get(thing, "nothing") for thing in wanted} == wanted


def test_the_archive_of_it_verifies_and_rows_derive_again(life: Lived) -> None:
    """Every row that this parser made is what it makes of the record's bytes now."""
    checked = verify(life.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
    segments = [one for one in read_state(life.archive).segments() if one.leaves]
    rows = [row for one in segments for row in rows_of(read_table(life.archive, one))]
    ours = [row for row in rows if row["parser"] == life.connector.parser]
    assert len(ours) > 1
    assert checked.rederived >= len(ours)


def test_no_secret_is_in_any_stored_byte(life: Lived) -> None:
    """Neither of the credential nor of what logins brought; sealed files are opened."""
    wanted = {value.encode() for value in life.secrets}
    assert wanted or not life.credential
    stored = [*files(life.folder), *sealed(life.archive)]
    assert len(stored) > 5
    assert [name for name, data in stored if any(one in data for one in wanted)] == []


def test_streams_are_those_that_its_cells_give(life: Lived) -> None:
    """Nothing comes in a stream that is said to give nothing."""
    given_cells = {one.stream for one in life.connector.capabilities if one.verdict != "forbidden"}
    assert {one.purpose["stream"] for one in life.found} <= given_cells


def test_answers_are_cut_and_read_without_loss(life: Lived) -> None:
    """Each kind of answer there was, the same way twice."""
    answers = life.answers()
    assert answers
    for listing, response in answers:
        page = cut(life.connector, life.site, listing, response)
        assert page == life.connector.split(life.site, listing, response)


def test_what_no_platform_sends_breaks_nothing(life: Lived) -> None:
    """Empty, deep, damaged, of another kind, with any status."""
    for listing, response in life.answers():
        for body in HOSTILE:
            cut(life.connector, life.site, listing, replace(response, body=body))
        for status in STATUSES:
            line = f"HTTP/1.1 {status} X"
            odd = replace(response, status=status, status_line=line)
            cut(life.connector, life.site, listing, odd)
            cut(life.connector, life.site, listing, replace(odd, body=b'{"error":"x"}', headers=()))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    which=st.integers(0, 1000),
    how=st.sampled_from(EDITS),
    places=st.lists(st.integers(0, 1 << 20), min_size=2, max_size=2),
    what=st.binary(max_size=8) | st.sampled_from([b'"', b"{", b"}", b"[", b"<", b"\\", b"null"]),
)
def test_damage_anywhere_breaks_nothing(
    life: Lived, which: int, how: str, places: list[int], what: bytes
) -> None:
    """Cut, doubled, overwritten: no error, no byte unaccounted for."""
    answers = life.answers()
    listing, response = answers[which % len(answers)]
    body = edited(response.body[:20_000], places, what, how)
    cut(life.connector, life.site, listing, replace(response, body=body))


def test_large_answers_are_taken(life: Lived) -> None:
    """The same content a thousand times over."""
    for listing, response in life.answers()[:2]:
        for body in huge(response.body, HUGE):
            page = life.connector.split(life.site, listing, replace(response, body=body))
            assert all(one.spans[-1].end <= len(body) for one in page.items)


def test_members_that_nobody_knows_are_kept(life: Lived) -> None:
    """In the row, by name and with their content."""
    tried = 0
    for listing, response in life.answers():
        page = life.connector.split(life.site, listing, response)
        for item in page.items[:MOST_ITEMS]:
            odd = with_unknown(excerpts_of(item, response.body))
            if odd is not None:
                row = row_of(life.connector, life.site, item, odd)
                text = " ".join(row.values())
                assert SENTINEL in text, (listing.name, row)
                assert "unknown" in text, (listing.name, row)
                tried += 1
    assert tried > 0


def test_words_never_seen_break_nothing(life: Lived) -> None:
    """A new kind of visibility, status or type is content like any other."""
    for listing, response in life.answers():
        for body in with_enum(response.body, MOST_WORDS):
            cut(life.connector, life.site, listing, replace(response, body=body))


AGAIN = """
import pickle, sys
from hashlib import sha256
from tests.conformance.bodies import excerpts_of, row_of
from tests.conformance.standins import subjects

told, known = sha256(), subjects(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    lives = pickle.load(file)
for platform, site, answers in lives:
    one = known[platform].connector
    for listing, response in answers:
        page = one.split(site, listing, response)
        told.update(repr(page).encode())
        for item in page.items:
            told.update(repr(row_of(one, site, item, excerpts_of(item, response.body))).encode())
print(told.hexdigest())
"""


def test_another_process_reads_the_same(
    live: Callable[[Subject], Lived], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whatever its order of sets is: what is cut and read is a function of the bytes."""
    file = str(request.config.getoption(OPTION, ""))
    lives = [live(one) for one in subjects(file).values()]
    kept = tmp_path / "lives"
    kept.write_bytes(pickle.dumps([(o.connector.platform, o.site, o.answers()) for o in lives]))
    digests = {
        subprocess.run(
            [sys.executable, "-c", AGAIN, str(kept), file],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_what_its_login_may_is_told_and_is_enough(life: Lived) -> None:
    """Where the platform tells it; the stand-in's login has all that the cells need."""
    account = accounts.find(life.archive, ACCOUNT)
    told = standing_of(life.archive, account)
    expected = isinstance(life.connector, Inspected) or bool(needs_of(life.connector))
    assert (told is not None) is (expected and bool(life.credential))
    if told is not None:
        assert (told["lacking"], told["concerns"]) == ({}, [])
        assert (told["scopes"] is not None) is bool(needs_of(life.connector))


def test_no_answer_about_a_login_breaks_anything(life: Lived) -> None:
    """Whatever comes is read, or is a problem that is known, and a run goes on."""
    one = life.connector
    if not isinstance(one, Inspected):
        return
    for status in STATUSES:
        for body in HOSTILE:
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
            said = one.standing(parse_response(head.encode() + body))
            if isinstance(said, Problem):
                assert said.code in PROBLEMS
            else:
                moment = "2026-11-30T00:00:00.000000Z"
                assert all(found.message for found in concerns(needs_of(one), said, {}, moment))


def test_its_first_reading_is_what_a_take_over_is_held_against(life: Lived) -> None:
    """It alarms nobody; the second one names no more than changes of a profile and of people."""
    first, second = life.reports
    assert first.concerns == []
    codes = {one["code"] for one in second.concerns}
    assert codes <= {"account-profile-changed", "account-people-changed"}
    watch = getattr(life.connector, "watch", None)
    assert (watch is not None) is (bool(life.credential) and life.connector.platform in CONNECTORS)
    if watch is not None:
        segments = [one for one in read_state(life.archive).segments() if one.leaves]
        rows = [row for one in segments for row in rows_of(read_table(life.archive, one))]
        ours = [row for row in rows if row["stream"] == Stream.PROFILE]
        assert any(re.fullmatch(watch.profile, row["native_id"]) for row in ours)
