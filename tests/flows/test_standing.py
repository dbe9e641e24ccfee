"""What a platform says of a login: asked once a day, told once, shown as long as it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.flows import accounts
from archiver.flows.doctor import examine
from archiver.flows.standing import standing_of
from archiver.flows.status import status
from tests.demo.instagram import ACCOUNT, Stage, staged
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.capture_report import CaptureReport

ASK = "/v26.0/debug_token"
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The account, served with large pages, and an archive that has read it once."""
    with memory_folder() as folder, staged(folder, most=100) as made:
        made.capture("backfill")
        yield made


def asked(stage: Stage) -> int:
    """Return how often the token was asked about."""
    return sum(one.path.startswith(ASK) for one in stage.server.log)


def codes(report: CaptureReport) -> list[str]:
    """Return what a run told of the account."""
    return [one["code"] for one in report.concerns]


def later(stage: Stage, days: float) -> CaptureReport:
    """Capture what is new, after some days."""
    stage.archive.clock.sleep(days * DAY)
    return stage.capture("incremental")


def shown(stage: Stage) -> list[str]:
    """Return what status and doctor say is wrong: the same."""
    (account,) = status(stage.archive)["accounts"]
    (check,) = [one for one in examine(stage.archive) if one.name.startswith("the login of")]
    found = [one["code"] for one in account["concerns"]]
    assert check.held is not any(one.startswith("credential") for one in found)
    assert not check.needed
    return found


def test_a_platform_is_asked_once_a_day_and_says_what_is_enough(stage: Stage) -> None:
    """No token is in the address that is kept; the answer is no record and no residue."""
    assert asked(stage) == 1
    assert codes(later(stage, 0.9)) == []
    assert asked(stage) == 1
    assert codes(later(stage, 0.2)) == []
    assert asked(stage) == 2
    found = standing_of(stage.archive, accounts.find(stage.archive, ACCOUNT))
    assert found is not None
    assert (found["ends"], found["lacking"], found["concerns"]) == ([], {}, [])
    assert "instagram_manage_messages" in found["scopes"]
    assert shown(stage) == []


def test_an_end_is_told_once_at_thirty_seven_and_one_day(stage: Stage) -> None:
    """Then that it has come; a new credential is asked about at once, and all is well."""
    end = stage.archive.clock.now() + timedelta(days=32)
    stage.service.ends = int(end.timestamp())
    told = [codes(later(stage, days)) for days in (1, 2, 1, 22, 3, 2.5, 1)]
    soon, over = ["credential-expires"], ["credential-expired"]
    assert told == [[], soon, [], soon, [], soon, over]
    assert shown(stage) == over
    stage.service.ends = 0
    stage.service.renew()
    accounts.renew_credential(stage.archive, ACCOUNT, stage.service.credential)
    before = asked(stage)
    assert codes(later(stage, 0)) == []
    assert asked(stage) == before + 1
    assert shown(stage) == []


def test_a_scope_that_was_lost_is_told_before_it_bites(stage: Stage) -> None:
    """Once, by name, with what needs it; where it is granted again nothing is said any more."""
    stage.service.scopes.discard("instagram_manage_messages")
    report = later(stage, 2)
    assert codes(report) == ["credential-scope-lost"]
    (told,) = report.concerns
    assert "instagram_manage_messages, which messages need" in told["message"]
    assert told["where"] == ACCOUNT
    assert "account credential" in told["mend"]
    assert codes(later(stage, 2)) == []
    assert shown(stage) == ["credential-scope-lost"]
    stage.service.scopes.add("instagram_manage_messages")
    assert codes(later(stage, 2)) == []
    assert shown(stage) == []


def test_what_is_not_told_ends_no_run(stage: Stage) -> None:
    """A platform that does not answer to it is asked by the next run."""
    stage.archive.clock.sleep(2 * DAY)
    for _ in range(5):
        stage.server.fail(ASK, faults.truncated(40))
    before = asked(stage)
    assert codes(stage.capture("incremental")) == []
    assert asked(stage) == before + 5
    assert codes(stage.capture("incremental")) == []
    assert asked(stage) == before + 6
    assert shown(stage) == []
