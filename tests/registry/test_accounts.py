"""Accounts: names, decisions, and the fold over their documents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.errors import FormatError, RefusedError, UsageError
from archiver.registry.accounts import Account, Status, check_name, current

ACCOUNT = Account(
    "city-blog", "wordpress", "https://city.test", "h" * 26, "no", Status.REQUESTED,
    "Clerk", "Records", "näher", "", "2026-11-20T10:00:00.000000Z",
)  # fmt: skip


def test_documents_come_back() -> None:
    """An account's document says all of it."""
    assert Account.from_document(ACCOUNT.document()) == ACCOUNT


def test_the_last_document_counts() -> None:
    """The registry is a fold: later documents replace earlier ones, name by name."""
    approved = ACCOUNT.decide(Status.APPROVED, "Clerk", "later")
    other = replace(ACCOUNT, name="news")
    made = enumerate(one.document() for one in (ACCOUNT, other, approved))
    assert current(made, lambda *_: True) == {"city-blog": approved, "news": other}


def test_a_decision_that_does_not_count_changes_nothing() -> None:
    """An approval by nobody who may leaves the account as it was; a request needs nobody."""
    approved = ACCOUNT.decide(Status.APPROVED, "Mallory", "later")
    made = enumerate(one.document() for one in (ACCOUNT, approved))
    assert current(made, lambda leaf, _: leaf != 1) == {"city-blog": ACCOUNT}


@pytest.mark.parametrize("changes", [{"handle": "../x"}, {"name": "../x"}, {"status": "king"}])
def test_what_can_t_be_an_account_is_none(changes: dict[str, str]) -> None:
    """Handles name places in a home, so one that leads elsewhere is none."""
    data = replace(ACCOUNT, **changes).document()
    with pytest.raises(FormatError):
        Account.from_document(data)
    assert current(enumerate((ACCOUNT.document(), data)), lambda *_: True) == {"city-blog": ACCOUNT}


def test_only_sensible_decisions() -> None:
    """What was not requested can't be approved; what is retired stays retired."""
    approved = ACCOUNT.decide(Status.APPROVED, "Clerk", "t")
    retired = approved.decide(Status.RETIRED, "Clerk", "t")
    assert (approved.status, retired.status) == ("approved", "retired")
    for account, status in ((approved, Status.APPROVED), (retired, Status.APPROVED),
                            (retired, Status.RETIRED), (ACCOUNT, Status.REQUESTED)):  # fmt: skip
        with pytest.raises(RefusedError):
            account.decide(status, "Clerk", "t")


@pytest.mark.parametrize("name", ["", "City", "a b", "../x", "-a", "a-", "a" * 65, "ä", "a\n"])
def test_odd_names_are_refused(name: str) -> None:
    """A name is plain, so that nobody has to quote it."""
    with pytest.raises(UsageError):
        check_name(name)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"name": 1}', b"\xff"])
def test_other_documents_are_refused(data: bytes) -> None:
    """What is no account document is said to be none."""
    with pytest.raises(FormatError):
        Account.from_document(data)
