"""Orders to destroy from the command line, from proposal to halt, each document to schema."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from archiver.settings import Settings
from archiver.wire import open_archive
from tests.cli.certifying import certified
from tests.cli.reporting import destroyed, ordered
from tests.cli.terminal import run
from tests.cli.test_decisions import done, handed_on
from tests.flows.test_orders import vouched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Captured

SETTINGS = """
[retention]
jurisdiction = "US-IL"
packs = ["city.yaml"]

[[retention.default]]
stream = "posts"
series = "il-city/talk"
"""
PACK = """
schema: civic-archive/retention/1
schedule: il-city
version: "1"
title: Application 26-1
jurisdiction: US-IL
rank: local
effective: unknown
adoption: an Application
sources: [{id: application, citation: Application 26-1, sha256: not held}]
series:
  - {code: talk, title: Posts, scope: all, then: destroy, source: application,
     rule: {trigger: created, period: P0D}, citation: item 7, confidence: primary}
"""
PEOPLE = {"clerk": "records-manager", "counsel": "counsel", "anna": "", "bert": ""}
PROPOSE = ("disposition", "propose", "il-city/talk")


@pytest.fixture
def office(captured: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive whose city adopted a schedule; five days later, all that waits counts."""
    return adopted(captured, tmp_path, monkeypatch, PACK)


def adopted(captured: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: str) -> Path:
    """Have the city of a copy of the archive adopt a schedule, and let five days pass."""
    shutil.copytree(captured.folder, tmp_path, dirs_exist_ok=True)
    for name, role in PEOPLE.items():
        own = ("--role", role) if role else ()
        assert run(tmp_path, "person", "enrol", name, "--key", f"{name}.key", *own).code == 0
    for name in ("anna", "bert"):
        done(tmp_path, "person", "role", name, "approver", sign="clerk counsel")
    (tmp_path / "archiver.toml").write_text(SETTINGS)
    (tmp_path / "city.yaml").write_text(pack)
    unready = run(tmp_path, *PROPOSE, "--plan", "--json")
    assert unready.finding["code"] == "series-not-in-force"
    read = ("--read", f"application={'aa' * 32}", "--read-by", "clerk", "--read-on", "2026-01-01")
    how = ("--authority", "Council", "--instrument", "Ord. 12", "--effective", "2020-01-01")
    adopt = ("schedule", "adopt", "il-city", "1", "--file", "city.yaml", *how, *read)
    done(tmp_path, *adopt, sign="clerk counsel")
    review = ("classify", "--stream", "posts", "--reviewed", "claimed-dates")
    done(tmp_path, *review, sign="clerk counsel")
    later = datetime.now(UTC) + timedelta(days=5)
    monkeypatch.setattr("archiver.edges.clock.SystemClock.now", lambda _: later)
    return tmp_path


def _ordered(office: Path) -> str:
    """Have what is due proposed by the clerk and approved by two others; return the order."""
    assert run(office, *PROPOSE, "--sign", "clerk.key", "--json").finding["code"] == "usage"
    done(office, *PROPOSE, "--reason", "due", "--out", "one.act", sign="clerk")
    approve = ("disposition", "approve")
    alone = run(office, *approve, "one.act", "--sign", "anna.key", "--json")
    assert alone.finding["code"] == "act-refused"
    done(office, *approve, "one.act", "--out", "two.act", sign="anna")
    made = done(office, *approve, "two.act", sign="bert").document["data"]
    return str(made["act"]["statement"]["order"])


def test_an_order_from_proposal_to_halt(office: Path) -> None:
    """Proposed by one, approved by two others, told outside; it waits, and one person halts it."""
    plan = run(office, *PROPOSE, "--plan", "--json").document
    assert plan["findings"] == []
    assert (plan["data"]["sealed"], plan["data"]["act"]) == (False, None)
    records = plan["data"]["proposal"]["records"]
    assert records
    assert all(":posts:" in one for one in records)
    assert "Local Records Commission, 30 days" in run(office, *PROPOSE, "--plan").text
    order, day = _ordered(office), str(datetime.now(UTC).date())
    submit = ("disposition", "submit", order)
    assert run(office, *submit, "--json").finding["code"] == "usage"
    sent = ("--worksheet", "sheet.md", "--date", day, "--evidence", "letter")
    done(office, *submit, *sent, sign="clerk")
    assert "NOT THE OFFICIAL FORM" in (office / "sheet.md").read_text()
    notice = run(office, "disposition", "notice", order, "--worksheet", "x.md", "--json")
    assert "no notice has to go out" in notice.finding["message"]
    (office / "copy.pdf").write_bytes(b"approved")
    answer = (order, "approved", "--date", day, "--copy", "copy.pdf")
    handed_on(office, ("disposition", "outcome"), *answer)
    (row,) = run(office, "disposition", "list", "--json").document["data"]
    assert (row["state"], row["series"]) == ("waiting", "il-city/talk")
    assert row["outside"]["answers"][0]["copy_sha256"] == sha256(b"approved").hexdigest()
    assert "certificate to Local Records Commission" in run(office, "disposition", "list").text
    done(office, "disposition", "halt", order, "--reason", "a slip", sign="anna")
    (row,) = run(office, "disposition", "list", "--state", "halted", "--json").document["data"]
    assert row["why"] == "people"


def _certified(office: Path, order: str) -> None:
    """Have the authority outside tell that an order may go; who purges and verifies is enrolled."""
    for name, role in (("purger", "purge"), ("vera", "verifier")):
        assert run(office, "person", "enrol", name, "--key", f"{name}.key").code == 0
        done(office, "person", "role", name, role, sign="clerk counsel")
    day = str(datetime.now(UTC).date())
    done(office, "disposition", "submit", order, "--date", day, "--evidence", "x", sign="clerk")
    (office / "copy.pdf").write_bytes(b"approved")
    answer = (order, "approved", "--date", day, "--copy", "copy.pdf")
    handed_on(office, ("disposition", "outcome"), *answer)


def _done_for_good(office: Path, order: str, records: list[str], key: str) -> None:
    """See that what is left verifies, and that the end of an order is listed and certified."""
    deep = run(office, "verify", "--deep", "--json")
    assert deep.document["findings"] == []
    assert run(office, "disposition", "list", "--json").document["data"][0]["state"] == "done"
    destroyed(office, order)
    certified(office, order, records, key)


def test_an_order_is_carried_out(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Certified, begun, split, verified, destroyed, done; nothing finds it, all else verifies."""
    told = run(office, *PROPOSE, "--plan", "--json").document["data"]["proposal"]["records"]
    order = _ordered(office)
    ordered(office, len(told))
    execute = ("disposition", "execute", order)
    early = run(office, *execute, "--sign", "clerk.key", "--json")
    assert early.finding["code"] == "order-waits"
    _certified(office, order)
    later = datetime.now(UTC) + timedelta(days=50)
    monkeypatch.setattr("archiver.edges.clock.SystemClock.now", lambda _: later)
    here = open_archive(Settings(str(office / "archive"), office / "home"))
    vouched(here)
    assert run(office, *execute, "--json").finding["code"] == "order-not-begun"
    before = run(office, "search", "--stream", "posts", "--json").document["data"]["hits"]
    begun = done(office, *execute, sign="purger").document["data"]
    assert (begun["state"], begun["gone"]) == ("under-way", 0)
    early = run(office, "disposition", "certificate", order, "--out", "certified", "--json")
    assert early.finding["code"] == "order-not-ended"
    if begun["waiting"]:
        assert run(office, "compact", "--verify", "--key", "vera.key").code == 0
    made = done(office, *execute, sign="purger").document["data"]
    assert (made["state"], made["saved"]) == ("done", 0)
    assert [(one["name"], one["locked"]) for one in made["copies"]] == [("archive", 0)]
    after = run(office, "search", "--stream", "posts", "--json").document["data"]["hits"]
    stayed = {one["record_id"] for one in after}
    assert len({one["record_id"] for one in before} - stayed) > 0
    assert not stayed.intersection(told)
    _done_for_good(office, order, told, here.identity.keys[0])
