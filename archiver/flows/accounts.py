"""Accounts: request, approve, retire, list. Each change is a sealed workflow record."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.manners import check_scope
from archiver.capture.urls import check_address
from archiver.errors import FormatError, RefusedError, UsageError
from archiver.flows.connectors import connector
from archiver.flows.credentials import check_credential, login_of
from archiver.flows.documents import documents
from archiver.flows.ledger import read_state
from archiver.flows.people import named, new_statement, people_of, sign, verifies
from archiver.flows.settle import seal_settled
from archiver.flows.standing import ask_again
from archiver.flows.submit import recover
from archiver.flows.workflow import workflow_document
from archiver.formats.parquet import canonical_time
from archiver.ids import new_handle
from archiver.ledger.finding import Finding
from archiver.record import Kind
from archiver.registry.accounts import (
    ACCOUNT_DOCUMENT,
    Account,
    Status,
    check_name,
    current,
    decided,
)
from archiver.registry.acts import Act
from archiver.registry.roles import APPROVING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ledger.state import LedgerState
    from archiver.registry.people import Registry

__all__ = [
    "able",
    "add",
    "approve",
    "find",
    "refused_decisions",
    "registry",
    "renew_credential",
    "retire",
]

_OF_ANY = frozenset(("archive", "statement", "time"))
"""What every statement has, whatever it decides."""


def registry(
    archive: Archive, state: LedgerState | None = None, *, size: int | None = None
) -> dict[str, Account]:
    """Return all accounts by name, read from verified workflow records.

    ``size``: of the log; what was decided later is left out.
    A decision counts if nobody was enrolled before it, or if it is signed by somebody who
    might decide it when it was sealed, and its statement was not used before: else whoever
    seals could bring back an approval after the account was retired.
    """
    state = state or read_state(archive)
    judge = _judge(archive, people_of(archive, state))
    found = documents(archive, state)
    end = state.size if size is None else size
    of_accounts = (
        (leaf, data) for leaf, kind, data in found if kind == ACCOUNT_DOCUMENT and leaf < end
    )
    return current(of_accounts, lambda leaf, account: not judge(leaf, account))


def refused_decisions(
    archive: Archive, state: LedgerState, found: Iterable[tuple[int, bytes]]
) -> Iterator[Finding]:
    """Yield the decisions among accounts' documents (leaf, bytes) that count for nothing.

    Not one that says again what was decided.
    """
    judge = _judge(archive, people_of(archive, state))
    decided: dict[str, Account] = {}
    for leaf, data in sorted(found):
        with suppress(FormatError):  # a finding of its segment
            account = Account.from_document(data)
            why = "" if account.status == Status.REQUESTED else judge(leaf, account)
            if not why:
                decided[account.name] = account
            elif decided.get(account.name) != account:
                yield Finding("act-without-authority", f"leaf {leaf}", "an act of who may", why)


def _judge(archive: Archive, known: Registry) -> Callable[[int, Account], str]:
    """Return what tells of decisions, asked in ledger order, why one does not count, or ""."""
    used: set[str] = set()

    def why_not(leaf: int, account: Account) -> str:
        if known.enrolled is None or leaf < known.enrolled:
            return ""
        why = _why_not(archive, known, account, leaf)
        if not why:
            statement = str(Act.decode(account.decision.encode()).statement["statement"])
            why = "its statement was used before" if statement in used else ""
            used.add(statement)
        return why

    return why_not


def _why_not(archive: Archive, known: Registry, account: Account, leaf: int) -> str:
    """Return why the signed decision in an account's document does not count, or ""."""
    try:
        act = Act.decode(account.decision.encode())
    except FormatError as error:
        return error.message
    told = {name: value for name, value in act.statement.items() if name not in _OF_ANY}
    if told != decided(account) or act.statement["archive"] != archive.identity.id:
        return "it is a decision on something else"
    if not known.who(act.signers(verifies), APPROVING, leaf, known.at(leaf)):
        return "nobody with the role approver or records-manager signed it"
    return ""


def find(archive: Archive, name: str, state: LedgerState | None = None) -> Account:
    """Return one account. Raises `UsageError` where there is none of that name."""
    accounts = registry(archive, state)
    if name not in accounts:
        raise UsageError(
            "no such account",
            where=name,
            code="account-unknown",
            mend=f"known accounts: {', '.join(sorted(accounts)) or 'none; see `account add`'}",
        )
    return accounts[name]


def able(platform: str, url: str, scope: str = "") -> Connector:
    """Return the connector that can use address and scope. Raises `UsageError` where none can."""
    one = connector(platform)
    check_address(one, url)
    check_scope(one, scope)
    return one


def add(archive: Archive, request: Mapping[str, str], credential: Mapping[str, str]) -> Account:
    """Register an account as requested. Its credential stays in the home.

    Args:
        archive: where.
        request: ``name platform url custodian department note scope``.
        credential: what the connector needs to log in; may be empty.

    Raises:
        UsageError: no such platform, or an address or credential that it can't use.
        RefusedError: an account of that name exists.
    """
    name = check_name(request["name"])
    one = able(request["platform"], request["url"], request.get("scope", ""))
    check_credential(one, name, credential)
    if name in registry(archive):
        raise RefusedError(
            "an account of that name exists", where=name, code="account-exists",
            mend="choose another name; names are never used again",
        )  # fmt: skip
    account = Account(
        name=name,
        platform=request["platform"],
        url=request["url"],
        handle=new_handle(archive.chance),
        login="yes" if login_of(one, credential) else "no",
        status=Status.REQUESTED,
        custodian=request.get("custodian", ""),
        department=request.get("department", ""),
        note=request.get("note", ""),
        decided_by="",
        changed_at=canonical_time(archive.clock.now()),
        scope=request.get("scope", ""),
    )
    if credential:
        archive.save_credential(name, credential)
    _record(archive, account, Kind.PRESENT)
    return account


def approve(
    archive: Archive, name: str, by: str, key: PersonKey | None = None, *, notes: str = ""
) -> Account:
    """Approve an account for capture: by a signature, or by a name while nobody is enrolled.

    ``notes``: digest of the legal notes that whoever decides has seen (`archiver.flows.legal`).
    Raises `RefusedError` where the account can't be approved, or the key's owner may not.
    """
    return _decide(archive, name, Status.APPROVED, by, key, notes=notes)


def retire(
    archive: Archive, name: str, by: str, key: PersonKey | None = None, anyway: str = ""
) -> Account:
    """Retire an account: it is not captured any more; its records stay. As `approve`.

    ``anyway``: why, although something is not explained (`archiver.flows.retirement`).
    """
    return _decide(archive, name, Status.RETIRED, by, key, anyway=anyway)


def renew_credential(archive: Archive, name: str, credential: Mapping[str, str]) -> list[str]:
    """Give an account a new credential; it stays in the home. Returns its field names."""
    account = find(archive, name)
    one, login = connector(account.platform), account.login == "yes"
    check_credential(one, name, credential, login=login)
    if not credential:
        raise UsageError("no credential given", mend="--credential FIELD=env:NAME for each field")
    archive.save_credential(name, credential)
    ask_again(archive, account)
    return sorted(credential)


def _decide(  # noqa: PLR0913 - what is decided, by whom, and what was said to it
    archive: Archive,
    name: str,
    status: Status,
    by: str,
    key: PersonKey | None,
    *,
    notes: str = "",
    anyway: str = "",
) -> Account:
    state = read_state(archive)
    known = people_of(archive, state)
    account, when = find(archive, name, state), canonical_time(archive.clock.now())
    account = replace(account, notes=notes or account.notes, anyway=anyway)
    if key is None:
        if known.enrolled is not None:
            raise RefusedError(
                "a typed name decides nothing once people are enrolled",
                where=name,
                code="signature-needed",
                mend="give --key with the key file of somebody who may approve accounts",
            )
        if not by.strip():
            raise UsageError("who decides?", mend="give --by with the person's name and office")
        made = account.decide(status, by, when)
    else:
        made = account.decide(status, by or _name_of(archive, known, state, key), when)
        told = decided(made)
        act = sign(new_statement(archive, told.pop("act"), **told), [key])
        made = replace(made, decision=act.encode().decode())
        why = _why_not(archive, _with_now(archive, known, state), made, state.size)
        if why:
            raise RefusedError(
                f"the decision would not count: {why}", where=name, code="act-refused",
                mend="see `archiver person list`: who may approve accounts, and since when",
            )  # fmt: skip
    _record(archive, made, Kind.EDITED)
    return made


def _with_now(archive: Archive, known: Registry, state: LedgerState) -> Registry:
    """Return the registry with the ledger's time as it will be when something is sealed now."""
    known.take(state.size, {"t": "seal", "time": canonical_time(archive.clock.now())}, verifies)
    return known


def _name_of(archive: Archive, known: Registry, state: LedgerState, key: PersonKey) -> str:
    one = named(archive, known, state).get(key.handle)
    return f"{one.name}, {one.office}" if one and one.office else one.name if one else key.handle


def _record(archive: Archive, account: Account, kind: Kind) -> None:
    with archive.open_spool(account.handle):
        recover(archive, account.handle)
        state = read_state(archive)
        document = workflow_document(
            archive, account, ACCOUNT_DOCUMENT, kind, account.document(), account.row()
        )
        seal_settled(archive, state, account.handle, document)
