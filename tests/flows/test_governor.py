"""Windows that are closed, budgets, and what is charged: known to all runs of a home."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Problem
from archiver.capture.governing import Allowance, Budget, Charge, header_allowances
from archiver.errors import UsageError
from archiver.flows.governor import Governor
from archiver.flows.spending import Spending, check_budgets, spending
from archiver.formats.http1 import parse_response
from archiver.record import Exchange
from tests.capture.town import TownConnector
from tests.doubles import START, FixedClock
from tests.flows.helpers import founded, open_archive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.formats.http1 import HttpResponse

ORIGIN = "http://town.test"
DATE = "Fri, 20 Nov 2026 09:00:00 GMT"


class Meter(TownConnector):
    """Charges 250 parts for each thing that an answer names, 1,000 make a crown."""

    budget = Budget("crowns", 1000, "month", "America/Los_Angeles", 0)

    def most(self, url: str) -> int:
        """Say the number that stands at the end of the address."""
        return int(url.rpartition("=")[2] or 0)

    def charges(self, url: str, response: HttpResponse) -> Iterable[Charge]:
        """Charge for each word of the body."""
        assert url
        return [Charge(250, word.decode()) for word in response.body.split()]


class Windows(TownConnector):
    """Counts the requests for each first part of a path; those below ``all`` for everybody."""

    def scope(self, url: str) -> str:
        """Return the first part of the path."""
        return url.removeprefix(ORIGIN).split("/")[1]

    def allowances(self, url: str, response: HttpResponse) -> Iterable[Allowance]:
        """Read ``left`` and ``seconds`` from headers of those names."""
        left, seconds = response.header("left"), response.header("seconds")
        scope = self.scope(url)
        return [Allowance(scope, scope == "all", int(left), float(seconds))] if left else []


def answer(path: str = "/", *headers: str, body: bytes = b"") -> Exchange:
    """Return an exchange whose answer has these header lines."""
    head = "\r\n".join([f"Date: {DATE}", *headers, f"Content-Length: {len(body)}"])
    raw = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body
    purpose = {"role": "listing"}
    return Exchange("l", 1, ORIGIN + path, "2026-11-20T09:00:00.000000Z", b"", raw, purpose=purpose)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return a new archive, with a clock of its own."""
    return open_archive(founded(tmp_path / "home"), tmp_path / "home")


def one(archive: Archive, connector: Connector, account: str = "board") -> Governor:
    """Return the governor of a run that begins now."""
    return Governor(archive, connector, account)


@pytest.mark.parametrize(
    ("names", "moment"),
    [
        (("X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"), "1795166400"),
        (("X-RateLimit-Remaining", "X-RateLimit-Reset"), "2026-11-20T09:20:00.000Z"),
        (("RateLimit-Remaining", "RateLimit-Reset"), "1200"),
    ],
)
def test_a_window_of_headers_is_closed_until_it_ends(
    archive: Archive, names: tuple[str, str], moment: str
) -> None:
    """All three spellings; another run of the account knows it, that of another does not."""
    run = one(archive, TownConnector())
    run.take(answer("/", f"{names[0]}: 1", f"{names[1]}: {moment}"), ORIGIN, None)
    assert run.refusal(ORIGIN, ORIGIN) is None
    run.take(answer("/", f"{names[0]}: 0", f"{names[1]}: {moment}"), ORIGIN, None)
    for again in (run, one(archive, TownConnector())):
        refused = again.refusal(f"{ORIGIN}/x", ORIGIN)
        assert refused is not None
        assert (refused.code, refused.retry_after) == ("rate", 1200)
    assert one(archive, TownConnector(), "other").refusal(ORIGIN, ORIGIN) is None
    assert run.refusal("http://files.test/x", "http://files.test") is None
    archive.clock.sleep(1200)
    assert run.refusal(ORIGIN, ORIGIN) is None


@given(st.binary(max_size=300))
def test_no_header_makes_it_fail(noise: bytes) -> None:
    """Whatever stands in the headers, what is read of them is a sane wait."""
    raw = (
        b"HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: " + noise + b"\r\n\r\n"
    )
    for found in header_allowances(parse_response(raw)):
        assert 0 <= found.seconds <= 86_400


def test_windows_of_one_kind_of_request(archive: Archive) -> None:
    """Where the platform counts by endpoint, others go on; what an app shares holds for all."""
    run = one(archive, Windows())
    run.take(answer("/posts/1", "left: 0", "seconds: 60"), ORIGIN, None)
    assert run.refusal(f"{ORIGIN}/posts/2", ORIGIN) is not None
    assert run.refusal(f"{ORIGIN}/likes/2", ORIGIN) is None
    assert one(archive, Windows(), "other").refusal(f"{ORIGIN}/posts/2", ORIGIN) is None
    run.take(answer("/all/1", "left: 0", "seconds: 60"), ORIGIN, None)
    assert one(archive, Windows(), "other").refusal(f"{ORIGIN}/all/2", ORIGIN) is not None
    run.take(answer("/likes/1"), ORIGIN, Problem("rate", "slow down", 30.0))
    assert run.refusal(f"{ORIGIN}/likes/2", ORIGIN) is not None
    assert run.refusal(f"{ORIGIN}/pages/2", ORIGIN) is None


def test_a_daily_quota_is_used_up_for_all_accounts(archive: Archive) -> None:
    """It is the app's, whoever used it up; nobody asks before it begins anew."""
    one(archive, TownConnector()).take(answer(), ORIGIN, Problem("quota", "used up", 7200.0))
    refused = one(archive, TownConnector(), "other").refusal(ORIGIN, ORIGIN)
    assert refused is not None
    assert (refused.code, refused.retry_after) == ("quota", 7200)
    assert "2026-11-20T11:00:00" in refused.message


def test_trouble_that_is_no_limit_closes_nothing(archive: Archive) -> None:
    """A server that fails, or refuses one thing, may be asked for another."""
    run = one(archive, TownConnector())
    for code in ("transient", "forbidden", "missing", "gap"):
        run.take(answer(), ORIGIN, Problem(code, "no", 600.0))
    assert run.refusal(ORIGIN, ORIGIN) is None


def test_what_is_not_paid_for_is_not_asked(archive: Archive) -> None:
    """An answer that may cost more than is left is refused until the period ends."""
    rich = replace(archive, budgets={"town": 2.0})
    run = one(rich, Meter())
    assert run.refusal(f"{ORIGIN}/x?n=2000", ORIGIN) is None
    run.take(answer(body=b"a b c d e"), ORIGIN, None)
    assert run.refusal(f"{ORIGIN}/x?n=750", ORIGIN) is None
    refused = run.refusal(f"{ORIGIN}/x?n=751", ORIGIN)
    assert refused is not None
    assert refused.code == "budget"
    assert refused.message.startswith("1.25 of 2 crowns of this month are spent")
    ends = datetime(2026, 12, 1, 8, tzinfo=UTC)  # midnight in Los Angeles
    assert rich.clock.now() + timedelta(seconds=refused.retry_after) == ends
    rich.clock.sleep(refused.retry_after)
    assert run.refusal(f"{ORIGIN}/x?n=751", ORIGIN) is None
    assert one(archive, Meter()).refusal(f"{ORIGIN}/x?n=999999", ORIGIN) is None  # no limit set


def test_the_same_thing_is_charged_once_a_day(archive: Archive) -> None:
    """By whichever run and account; what has no name counts each time; a new day begins anew."""
    run, other = one(archive, Meter()), one(archive, Meter(), "other")
    for each in (run, other, run):
        each.take(answer(body=b"a b a"), ORIGIN, None)
    assert _spent(archive) == 0.5
    archive.clock.sleep(15 * 3600)  # the next day of UTC
    other.take(answer(body=b"a c"), ORIGIN, None)
    assert _spent(archive) == 1.0


def _spent(archive: Archive) -> float:
    found = spending(archive, Meter())
    assert found is not None
    return found.spent


def test_a_forecast_goes_on_as_the_month_began(archive: Archive) -> None:
    """A third of the month is left: half as much again will be spent."""
    later = replace(archive, clock=FixedClock(datetime(2026, 11, 21, 7, 30, tzinfo=UTC)))
    one(later, Meter()).take(answer(body=b"a b c d"), ORIGIN, None)
    gone = timedelta(days=20) / timedelta(days=30, hours=1)  # clocks are set back in November
    ends = "2026-12-01T08:00:00.000000Z"
    found = spending(replace(later, budgets={"town": 9.0}), Meter())
    assert found is not None
    assert found._replace(forecast=0) == Spending("town", "crowns", "month", 1, 9, 0, ends)
    assert found.forecast == pytest.approx(1 / gone, rel=0.01)
    assert spending(archive, TownConnector()) is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"a":1}', b'{"a":["x","y"]}', b'{"a":["2026-11-20","rate"]}']
)
def test_a_damaged_memory_is_none(archive: Archive, damage: bytes) -> None:
    """It is learnt anew: no run fails for it."""
    for name in ("governor/town.json", "spending/town.json"):
        archive.home.write(name, damage)
    run = one(archive, Meter())
    assert run.refusal(ORIGIN, ORIGIN) is None
    run.take(
        answer("/", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 9", body=b"a"), ORIGIN, None
    )
    assert run.refusal(ORIGIN, ORIGIN) is not None
    assert _spent(archive) == 0.25


def test_runs_at_the_same_time_lose_nothing(archive: Archive) -> None:
    """Each writes beside what the others wrote."""
    names = [f"w{number}" for number in range(24)]

    def work(name: str) -> None:
        headers = ("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 600")
        one(archive, Meter(), name).take(answer("/", *headers, body=name.encode()), ORIGIN, None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, names))
    assert _spent(archive) == 24 * 0.25
    known = json.loads(archive.home.read("governor/town.json") or b"")
    assert len(known) == len(names)


def test_waits_are_spread(archive: Archive) -> None:
    """Not all homes come back in the same second; none comes back early, or much later."""
    run = one(archive, TownConnector())
    waits = {run.wait(100.0) for _ in range(50)}
    assert len(waits) > 10
    assert min(waits) >= 100
    assert max(waits) <= 110
    assert archive.clock.now() == START


def test_a_budget_for_nobody_is_refused(archive: Archive) -> None:
    """A slip in a platform's name must not stand for no limit; nor one for what is free."""
    check_budgets(replace(archive, budgets={"x": 5.0, "youtube": 9000.0}))
    for name in ("X", "twitter", "mastodon"):
        with pytest.raises(UsageError, match="charges") as told:
            check_budgets(replace(archive, budgets={name: 5.0}))
        assert "x, youtube" in told.value.mend
