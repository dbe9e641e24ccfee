"""Accounts: a city's presences on platforms, with custodian and approval. Pure.

The registry is a fold over workflow records: each change of an account is a document,
observed, sealed and committed like everything else.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from archiver.errors import FormatError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ACCOUNT_DOCUMENT", "Account", "Status", "check_name", "current", "decided"]

ACCOUNT_DOCUMENT = "account"
"""Native id of an account's document in its workflow stream."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_HANDLE = re.compile("[0-9a-z]{1,64}")
_LATER = frozenset({"notes", "anyway", "scope"})
"""Members that documents have only where there is something to say."""


class Status(StrEnum):
    """Where an account stands. Only an approved one is captured."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``handle`` is what the ledger calls it: random, says nothing.

    ``login`` is ``yes`` where it is captured with a credential: without it, a capture
    would see less and take the rest for gone. ``decision`` is the signed act behind the
    status (`archiver.registry.acts`), empty where a name was typed. ``notes`` is the digest of
    the legal notes that were shown to who approved it, empty where none were. ``anyway``: why it
    was retired although not everything that is missing was explained. ``scope``: what of it is
    captured, where its platform has no natural end; whoever approves the account approves it.
    """

    name: str
    platform: str
    url: str
    handle: str
    login: str
    status: str
    custodian: str
    department: str
    note: str
    decided_by: str
    changed_at: str
    decision: str = ""
    notes: str = ""
    anyway: str = ""
    scope: str = ""

    def document(self) -> bytes:
        """Return the account's document, the excerpt of its workflow record."""
        members = asdict(self)
        told = {name: value for name, value in members.items() if value or name not in _LATER}
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def from_document(cls, data: bytes) -> Account:
        """Return the account a document describes. Raises `FormatError`."""
        try:
            found = cls(**{str(k): str(v) for k, v in json.loads(data).items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise FormatError(f"not an account document: {error}") from error
        named = _NAME.fullmatch(found.name) and _HANDLE.fullmatch(found.handle)
        if not named or found.status not in set(Status):
            raise FormatError("not an account document: name, handle or status can't be one's")
        return found

    def row(self) -> dict[str, str]:
        """Return the account's row in the workflow stream."""
        return {
            "name": self.name,
            "state": self.status,
            "title": f"Account {self.name}",
            "text": self.note,
            "url": self.url,
            "extra": self.document().decode(),
        }

    def decide(self, status: Status, by: str, when: str, decision: str = "") -> Account:
        """Return the account after a decision (and its signed act). Raises `RefusedError`."""
        allowed = {
            Status.APPROVED: (Status.REQUESTED,),
            Status.RETIRED: (Status.REQUESTED, Status.APPROVED),
        }
        if self.status not in allowed.get(status, ()):
            raise RefusedError(
                f"account {self.name} is {self.status}, so it can't become {status}",
                where=self.name,
                code="account-status",
                mend="see `archiver account show`",
            )
        return replace(self, status=status, decided_by=by, changed_at=when, decision=decision)


def check_name(name: str) -> str:
    """Return an account's name if it is one. Raises `UsageError`."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "not an account name",
            where=name,
            mend="use 1 to 64 lower-case letters, digits and hyphens, such as city-blog",
        )
    return name


def current(
    documents: Iterable[tuple[int, bytes]], counts: Callable[[int, Account], bool]
) -> dict[str, Account]:
    """Return the accounts as they stand, from their documents in ledger order, by leaf.

    ``counts`` tells of a document's leaf and account whether it was decided by somebody
    who may; one that was not changes nothing. Neither does a request for a name that is
    taken: nobody has to sign one. What is no document of an account is passed over.
    """
    accounts: dict[str, Account] = {}
    for leaf, data in documents:
        try:
            account = Account.from_document(data)
        except FormatError:  # deep verification names it: no row can be made of it
            continue
        if account.status == Status.REQUESTED:
            accounts.setdefault(account.name, account)
        elif counts(leaf, account):
            accounts[account.name] = account
    return accounts


def decided(account: Account) -> dict[str, str]:
    """Return what a signed decision says about the account as it then stands."""
    said = {"notes": account.notes} if account.status == Status.APPROVED else {}
    said |= {"anyway": account.anyway, "scope": account.scope}
    return {
        "act": f"account-{account.status}",
        "account": account.handle,
        "name": account.name,
        "platform": account.platform,
        "url": account.url,
        **{name: value for name, value in said.items() if value},
    }
