"""What doctor says of accounts: which of their streams nobody has tried on a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from archiver.capture.platforms import CONNECTORS
from archiver.flows import accounts
from archiver.flows.doctor import examine
from tests.doubles import FixedClock
from tests.flows.test_people import archive

if TYPE_CHECKING:
    import pytest

    from archiver.flows.archive import Archive
    from archiver.ports import Check

__all__ = ["archive"]


def told(archive: Archive, account: str) -> Check:
    """Return what doctor says of an account."""
    (found,) = [one for one in examine(archive) if f"captured of {account} " in one.name]
    return found


def test_streams_that_were_tried_nowhere_are_named(archive: Archive) -> None:
    """Each with what it rests on; what a platform forbids is no promise of anything."""
    about = {"name": "toots", "platform": "mastodon", "url": "https://social.example/@city"}
    accounts.add(archive, about, {})
    check = told(archive, "toots")
    assert (check.held, check.needed) == (False, False)
    for one in CONNECTORS["mastodon"].capabilities:
        assert (one.stream in check.detail) is (one.verdict != "forbidden")
    assert "cited only" not in check.detail
    assert told(archive, "news").detail == "simulator only: media"


def test_a_platform_without_its_connector_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package that brought it may be gone: that is no error of doctor's."""
    monkeypatch.setattr("archiver.flows.connectors.CONNECTORS", {})
    assert "no such platform" in told(archive, "news").detail


def test_of_retired_accounts_nothing_is_promised(archive: Archive) -> None:
    """They are captured no more."""
    accounts.retire(archive, "news", "Clerk")
    assert not any("captured of news" in one.name for one in examine(archive))


def test_a_clock_behind_the_log_is_named(archive: Archive) -> None:
    """What it seals would seem older than what is there; what the log was told stays."""

    def clock(archive: Archive) -> Check:
        (found,) = [one for one in examine(archive) if one.name.startswith("this clock")]
        return found

    assert clock(archive).held
    slow = clock(replace(archive, clock=FixedClock(archive.clock.now() - timedelta(minutes=9))))
    assert (slow.held, slow.needed) == (False, True)
