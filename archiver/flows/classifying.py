"""Deciding what governs records: series, events, schedules. Each returns a decision to sign.

What may bring an end nearer is signed by two and waits; what says that it ``lengthens`` is signed
by one, counts at once, and is honoured only where it does lengthen.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.custody import decided
from archiver.flows.deciding import draft, told
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.search import search
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.registry.deciding import LENGTHENS, SHORTENS
from archiver.registry.people import moment, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.ledger.state import LedgerState
    from archiver.search.query import Query

__all__ = [
    "add_schedule",
    "adopt",
    "classify",
    "found_by",
    "happened",
    "history",
    "in_words",
    "opt_in",
    "review",
    "revoke",
]


def found_by(archive: Archive, query: Query, *, private: bool) -> list[str]:
    """Return the ids of all records that a query finds, sorted."""
    return sorted({str(hit["record_id"]) for hit in search(archive, query, private=private).hits})


def classify(
    archive: Archive,
    records: Sequence[str],
    series: Sequence[str],
    reason: str,
    *,
    lengthens: bool = False,
) -> Draft:
    """Return the decision that records belong to series (``schedule/code``).

    Raises `UsageError` where a record can't be found, or no series is given.
    """
    if not series:
        raise UsageError("into which series?", mend="give --series SCHEDULE/CODE")
    said = {"act": "classify", "series": sorted(set(series)), "reason": reason}
    return _on_records(archive, "classify", records, said, LENGTHENS if lengthens else SHORTENS)


def review(archive: Archive, records: Sequence[str], what: str) -> Draft:
    """Return the decision that people looked at something of records and found it right."""
    return _on_records(archive, "review", records, {"act": "review", "what": what}, SHORTENS)


def _on_records(
    archive: Archive, act: str, records: Sequence[str], said: Mapping[str, Any], effect: str
) -> Draft:
    state = read_state(archive)
    own = _leaves(archive, state, records)
    document = {**said, "records": sorted(own)}
    leaves = ranges.from_numbers(leaf for every in own.values() for leaf in every)
    return draft(archive, act, {"effect": effect}, document, (leaves, state.size))


def _leaves(archive: Archive, state: LedgerState, records: Sequence[str]) -> dict[str, list[int]]:
    own = leaves_of_records(archive, state, records)
    missing = sorted(set(records) - own.keys())
    if missing or not own:
        raise UsageError(
            "no such record, or its stream can't be read here" if missing else "no records",
            where=", ".join(missing[:5]),
            code="record-unknown",
            mend="copy the record ids from `archiver search`",
        )
    return own


def happened(  # noqa: PLR0913 - each is a part of what happened
    archive: Archive,
    event: str,
    subject: str,
    day: date,
    evidence: str,
    *,
    corrects: int | None = None,
    lengthens: bool = False,
) -> Draft:
    """Return the decision that something happened, as ``account-closed``, on a day.

    Args:
        archive: where.
        event: its name, as schedules have it.
        subject: a record, an account, or ``*`` for everything.
        day: by the city's calendar.
        evidence: what shows it; a day in the past counts with it alone.
        corrects: the entry of one that this takes the place of.
        lengthens: it is later than what was recorded before, and so takes one signature.
    """
    if not evidence.strip():
        raise UsageError("what shows it?", mend="give --evidence, as a letter or a docket number")
    document = {
        "act": "event",
        "event": event,
        "subject": subject,
        "day": day.isoformat(),
        "evidence": evidence,
        "corrects": "" if corrects is None else str(corrects),
    }
    return draft(archive, "event", {"effect": LENGTHENS if lengthens else SHORTENS}, document)


def add_schedule(archive: Archive, schedule: str, version: str, pack: bytes) -> Draft:
    """Return the decision that the text of a schedule is kept: it authorises nothing yet."""
    try:
        text = pack.decode()
    except UnicodeDecodeError as error:
        raise UsageError("a rule pack is UTF-8 text", mend="give the file as it is") from error
    digest = sha256(pack).hexdigest()
    named = {"schedule": schedule, "version": version, "digest": digest}
    document = {"act": "add-schedule", **named, "pack": text}
    return draft(archive, "add-schedule", {"effect": LENGTHENS}, document)


def adopt(archive: Archive, adoption: Mapping[str, Any]) -> Draft:
    """Return the decision that a local authority adopted a version of a schedule.

    ``adoption``: ``schedule version digest authority instrument effective``, ``readings`` (each
    ``source sha256 by day``) and ``confirmed`` (codes of rows). Raises `UsageError` where nobody
    read a source.
    """
    if not adoption["readings"]:
        raise UsageError(
            "who read which source?", mend="give --read SOURCE=SHA256 with --read-by and --read-on"
        )
    document = {"act": "adopt-schedule", **adoption}
    return draft(archive, "adopt-schedule", {"effect": SHORTENS}, document)


def opt_in(archive: Archive, option: Mapping[str, Any]) -> Draft:
    """Return the decision that a city opted in to a schedule.

    ``option``: ``schedule version instrument effective expires series``.
    """
    return draft(archive, "opt-in", {"effect": SHORTENS}, {"act": "opt-in", **option})


def revoke(archive: Archive, entry: int, reason: str) -> Draft:
    """Return the decision that an adoption or opt-in is taken back.

    ``entry``: its index in the ledger. Raises `UsageError` where none is there.
    """
    acts = decided(archive, read_state(archive)).made
    own = [one for one in acts if one.entry == entry and one.act in {"adopt-schedule", "opt-in"}]
    if not own:
        raise UsageError(
            "no adoption is there", where=f"entry {entry}", mend="see `archiver schedule history`"
        )
    members = {"effect": SHORTENS, "revokes": str(own[0].statement["statement"])}
    document = {"act": "revoke-schedule", "reason": reason}
    return draft(archive, "revoke-schedule", members, document)


def history(archive: Archive) -> list[dict[str, Any]]:
    """Return all decisions on schedules, series and events, oldest first, as far as read here."""
    state = read_state(archive)
    documents, now = told(archive, state), moment(canonical_time(archive.clock.now()))
    return [
        {
            "entry": act.entry,
            "act": act.act,
            "effect": act.statement["effect"],
            "sealed": spelled(act.sealed),
            "counts": spelled(act.counts),
            "counting": act.counts <= now,
            "signers": sorted(act.by),
            "what": in_words(documents.get(str(act.statement["subject"]))),
        }
        for act in decided(archive, state).made
        if act.act in _GOVERNING
    ]


_GOVERNING = frozenset(
    (
        *("add-schedule", "adopt-schedule", "opt-in", "revoke-schedule"),
        *("classify", "review", "event"),
    )
)


def in_words(document: Mapping[str, Any] | None) -> str:
    """Return what a decision says, short: no list of records, no text of a schedule."""
    if document is None:
        return "can't be read in this home"
    told_of = {name: value for name, value in document.items() if name not in {"act", "pack"}}
    count = len(told_of.pop("records", ()))
    words = [f"{name}: {value}" for name, value in sorted(told_of.items()) if value]
    return "; ".join([*([f"{count} records"] if count else []), *words])
