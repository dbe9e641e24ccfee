"""Matters: what the ledger and private documents say of them, as of a size of the log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, KeyStoreError, RefusedError, UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import decided, matters_of
from archiver.flows.deciding import told
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, table_of
from archiver.formats.parquet import rows_of
from archiver.produce.families import Thing
from archiver.produce.matter import told_matter
from archiver.produce.reserved import reserved_in
from archiver.record import Sensitivity
from archiver.registry.people import spelled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.matter_scope import Contained
    from archiver.ledger.state import LedgerState
    from archiver.produce.matter import Matter
    from archiver.produce.matters import Matters
    from archiver.produce.reserved import Reserved

__all__ = ["attached_of", "listed", "matter_of", "numbers_of", "things_of"]

_COLUMNS = (
    *("record_id", "stream", "native_id", "parent_id", "thread_id", "attachments", "created_at"),
    *("author_id", "author_name", "title", "text", "file_sha256"),
)
_CONTENT = frozenset(_COLUMNS[3:])


def matter_of(archive: Archive, handle: str, size: int | None = None) -> Matter:
    """Return a matter as of a size of the log; of the whole log where none is given.

    Raises:
        UsageError: there was no such matter then.
        RefusedError: what it is about can't be read in this home.
    """
    state = read_state(archive)
    whole = state.size if size is None else size
    matters, documents = _known(archive, state, whole)
    if handle not in matters.matters:
        raise UsageError(
            "no such matter", where=handle, code="matter-unknown", mend="see `archiver matter list`"
        )
    try:
        return told_matter(matters, handle, documents, whole)
    except FormatError as error:
        raise RefusedError(
            "what this matter is about can't be read in this home",
            where=handle,
            code="matter-unreadable",
            mend="use a home that has the keys of the workflow stream",
        ) from error


def _known(
    archive: Archive, state: LedgerState, size: int
) -> tuple[Matters, Mapping[str, Mapping[str, Any]]]:
    """Return matters by the entries before ``size``, and documents of decisions."""
    acts = decided(archive, state)
    before = replace(acts, made=[one for one in acts.made if one.entry < size])
    return matters_of(archive, state, before), told(archive, state)


def numbers_of(archive: Archive) -> list[Reserved]:
    """Return all Bates numbers that are reserved, in the order of the ledger.

    Raises `RefusedError` where this home can't read of which prefix some of them are.
    """
    state = read_state(archive)
    matters, documents = _known(archive, state, state.size)
    pages = (one for case in matters.matters.values() for one in case.pages)
    if any(one.subject not in documents for one in pages):
        raise RefusedError(
            "of which prefix some numbers are can't be read in this home",
            code="matter-unreadable",
            mend="use a home that has the keys of the workflow stream",
        )
    return reserved_in(matters, documents)


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Return every matter, oldest first; without words where this home can't read them."""
    state = read_state(archive)
    matters, documents = _known(archive, state, state.size)
    found = []
    for case in matters.matters.values():
        said = documents.get(case.subject, {})
        found.append(
            {
                "matter": case.handle,
                "readable": bool(said),
                **{name: str(said.get(name, "")) for name in ("name", "kind", "custodian")},
                "opened": spelled(case.opened),
                "open": case.closed is None,
                "taggings": len(case.taggings),
                "approvals": len(case.approvals),
                "numbers": sum(one.last - one.first + 1 for one in case.pages),
                "volumes": len(case.volumes),
            }
        )
    return found


def things_of(
    archive: Archive, inside: Contained, why: str, *, private: bool = False
) -> list[Thing]:
    """Return what the records in a scope tell of what they belong to, in the order of the ledger.

    ``private``: also those in encrypted streams that are theirs to read who ask; the look is noted
    as one ``why``. The others tell their ids alone.
    """
    state = read_state(archive)
    chosen = [one for one in catalog(archive, state) if one.segment.account in inside.handles]
    closed = {one.stream for one in chosen if one.segment.sensitivity == Sensitivity.PRIVATE}
    readable = readable_streams(archive, state)
    looked = {one for one in closed - {""} if private and may_read(readable, one)}
    if looked:
        look(archive, "matter", why, looked)
    latest: dict[str, tuple[int, str, dict[str, str]]] = {}
    for one in chosen:
        is_open = one.segment.sensitivity == Sensitivity.PUBLIC or one.stream in looked
        try:
            columns = _COLUMNS if is_open else _COLUMNS[:3]
            table = table_of(archive, one.segment, columns) if one.stream else None
        except KeyStoreError:  # catalogued while the key was here
            table = None
        for row in rows_of(table) if table is not None else ():
            leaf, record = int(row["leaf"]), row["record_id"]
            before = latest.get(record)
            says_more = before is None or leaf > before[0]
            if record in inside.records and says_more and (before is None or row.keys() & _CONTENT):
                latest[record] = (leaf, one.segment.account, row)
    first = {record: leaves[0] for record, leaves in inside.records.items()}
    order = sorted(latest, key=lambda record: (first[record], record))
    return [_thing(latest[record][1], latest[record][2]) for record in order]


def _thing(account: str, row: Mapping[str, str]) -> Thing:
    words = "\n".join(row.get(name, "") for name in ("title", "text"))
    return Thing(
        record=row["record_id"],
        account=account,
        stream=row["stream"],
        native_id=row["native_id"],
        parent=row.get("parent_id", ""),
        thread=row.get("thread_id", ""),
        attached=attached_of(row.get("attachments", "")),
        author=row.get("author_id", "") or row.get("author_name", ""),
        created=row.get("created_at", ""),
        words=words if words.strip() else "",
        file=row.get("file_sha256", ""),
    )


def attached_of(text: str) -> tuple[str, ...]:
    """Return the ids that attachments name: where a platform has ids for media, they are there."""
    try:
        found: Collection[object] = json.loads(text or "[]")
    except ValueError:
        return ()
    named = (one["id"] for one in found if isinstance(one, dict) and "id" in one)
    return tuple(str(one) for one in named if isinstance(one, str | int))
