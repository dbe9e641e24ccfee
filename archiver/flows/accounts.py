"""Accounts: request, approve, retire, list. Each change is a sealed workflow record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.settled import Settled
from archiver.capture.urls import check_address
from archiver.errors import RefusedError, UsageError
from archiver.flows.connectors import connector
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.segments import read_table
from archiver.flows.settle import seal_settled
from archiver.flows.submit import recover
from archiver.formats.parquet import canonical_time, rows_of
from archiver.ids import new_handle, new_uuid
from archiver.record import Excerpt, Kind, Observation, Sensitivity, Stream
from archiver.registry.accounts import ACCOUNT_DOCUMENT, Account, Status, check_name, current

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = [
    "DOCUMENT_PARSER",
    "able",
    "add",
    "approve",
    "find",
    "registry",
    "renew_credential",
    "retire",
    "workflow_document",
]

DOCUMENT_PARSER = "document/1"


_DOCUMENT = ("native_id", "generation_of", "extra")


def registry(archive: Archive, state: LedgerState | None = None) -> dict[str, Account]:
    """Return all accounts by name, read from verified workflow records."""
    return current(_documents(archive, state or read_state(archive)))


def _documents(archive: Archive, state: LedgerState) -> Iterable[bytes]:
    read = archive.memory.documents
    for one in catalog(archive, state):
        if one.stream == Stream.WORKFLOW:
            if one.segment.name not in read:
                rows = rows_of(read_table(archive, one.segment, _DOCUMENT))
                accounts = [
                    row
                    for row in rows
                    if row["native_id"] == ACCOUNT_DOCUMENT and "generation_of" not in row
                ]
                read[one.segment.name] = [row["extra"].encode() for row in accounts]
            yield from read[one.segment.name]


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


def able(platform: str, url: str) -> Connector:
    """Return the connector that can use an address. Raises `UsageError` where none can."""
    one = connector(platform)
    check_address(one, url)
    return one


def add(archive: Archive, request: Mapping[str, str], credential: Mapping[str, str]) -> Account:
    """Register an account as requested. Its credential stays in the home.

    Args:
        archive: where.
        request: ``name platform url custodian department note``.
        credential: what the connector needs to log in; may be empty.

    Raises:
        UsageError: no such platform, or an address or credential that it can't use.
        RefusedError: an account of that name exists.
    """
    name = check_name(request["name"])
    one = able(request["platform"], request["url"])
    _check_credential(one, name, credential)
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
        login="yes" if credential else "no",
        status=Status.REQUESTED,
        custodian=request.get("custodian", ""),
        department=request.get("department", ""),
        note=request.get("note", ""),
        decided_by="",
        changed_at=canonical_time(archive.clock.now()),
    )
    if credential:
        archive.save_credential(name, credential)
    _record(archive, account, Kind.PRESENT)
    return account


def approve(archive: Archive, name: str, by: str) -> Account:
    """Approve an account for capture, in the name of a person."""
    return _decide(archive, name, Status.APPROVED, by)


def retire(archive: Archive, name: str, by: str) -> Account:
    """Retire an account: it is not captured any more; its records stay."""
    return _decide(archive, name, Status.RETIRED, by)


def renew_credential(archive: Archive, name: str, credential: Mapping[str, str]) -> list[str]:
    """Give an account a new credential; it stays in the home. Returns its field names."""
    _check_credential(connector(find(archive, name).platform), name, credential)
    if not credential:
        raise UsageError("no credential given", mend="--credential FIELD=env:NAME for each field")
    archive.save_credential(name, credential)
    return sorted(credential)


def _check_credential(one: Connector, name: str, credential: Mapping[str, str]) -> None:
    wanted = set(one.credential_fields) if credential else set()
    if wanted != set(credential):
        raise UsageError(
            "the credential has not the fields this platform needs",
            where=name,
            mend=f"it needs {', '.join(one.credential_fields) or 'none'}",
        )


def _decide(archive: Archive, name: str, status: Status, by: str) -> Account:
    if not by.strip():
        raise UsageError("who decides?", mend="give --by with the person's name and office")
    when = canonical_time(archive.clock.now())
    account = find(archive, name).decide(status, by, when)
    _record(archive, account, Kind.EDITED)
    return account


def _record(archive: Archive, account: Account, kind: Kind) -> None:
    with archive.open_spool(account.handle):
        recover(archive, account.handle)
        state = read_state(archive)
        document = workflow_document(
            archive, account, ACCOUNT_DOCUMENT, kind, account.document(), account.row()
        )
        seal_settled(archive, state, account.handle, document)


def workflow_document(
    archive: Archive,
    account: Account,
    native_id: str,
    kind: Kind,
    data: bytes,
    row: Mapping[str, str],
) -> Settled:
    """Return a document of the archive's own work, ready to be sealed."""
    observation = Observation(
        platform=account.platform,
        account=account.name,
        stream=Stream.WORKFLOW,
        native_id=native_id,
        kind=kind,
        sensitivity=Sensitivity.PRIVATE,
        captured_at=canonical_time(archive.clock.now()),
        excerpts=(Excerpt("document", data),),
        row={name: value for name, value in row.items() if value},
        parser=DOCUMENT_PARSER,
        context=(("Archive-Clock", "system clock"),),
        content_type="application/json" if _is_json(data) else "text/plain; charset=utf-8",
    )
    return Settled(observations=[(new_uuid(archive.chance), observation)])


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
