"""Telling an authority outside of an order, and recording what it answered.

Which authority, how many days and which answers stand in the order's own document, as the
rule pack had them when it was proposed (`archiver.retention.disposal`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archiver.errors import UsageError
from archiver.flows.custody import custody_of
from archiver.flows.deciding import draft, told
from archiver.flows.ledger import read_state
from archiver.flows.orders import document_of, find
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.retention import city_of, told_day
from archiver.ledger import ranges
from archiver.registry.deciding import LENGTHENS, SHORTENS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.ledger.ranges import Ranges
    from archiver.retention.order import Order

__all__ = ["asked", "outcome", "past", "submit", "told_copy"]

_SHA256 = re.compile("[0-9a-f]{64}")


def asked(archive: Archive, name: str, kind: str = "") -> tuple[Order, Mapping[str, Any]]:
    """Return an order that waits for an authority outside, and its document.

    ``kind``: ``certificate`` or ``notice``, where it has to be one of these. Raises
    `UsageError` for another order, `RefusedError` where its document can't be read here.
    """
    state = read_state(archive)
    order = find(custody_of(archive, state).orders, name)
    document = document_of(told(archive, state), order)
    outside = document.get("outside") if order.outside else None
    if not outside or kind not in ("", outside["kind"]):
        wanted = f"no {kind}" if kind else "nothing"
        raise UsageError(
            f"{wanted} has to go out for this order", where=name, mend="see `disposition list`"
        )
    return order, document


def submit(archive: Archive, name: str, kind: str, day: date, how: str) -> Draft:
    """Return the decision, unsigned, that the authority was told.

    Args:
        archive: where.
        name: the order.
        kind: ``certificate`` or ``notice``, as its pack asks for.
        day: when it went out; the days count from the entry of this act all the same.
        how: what shows it, as a letter or receipt.
    """
    _, document = asked(archive, name, kind)
    past(archive, day)
    if not how.strip():
        raise UsageError("what shows it?", mend="give --evidence, as a letter or a receipt")
    said = {"act": "submit", "to": document["outside"]["to"], "day": day.isoformat()}
    return draft(archive, "submit", {"order": name}, {**said, "evidence": how})


def outcome(
    archive: Archive, name: str, answer: str, day: date, copy: str, records: Sequence[str]
) -> Draft:
    """Return the decision, unsigned, what the authority answered.

    Args:
        archive: where.
        name: the order.
        answer: one of those that its pack lists.
        day: of the answer.
        copy: SHA-256 (hex) of the answer itself; empty where there is none and none is asked.
        records: what may go, where the answer names it.

    Raises `UsageError` for an answer that the pack does not list, or without what it asks for.
    """
    order, document = asked(archive, name)
    past(archive, day)
    listed = {str(one["answer"]): one for one in document["outside"]["outcomes"]}
    if answer not in listed:
        raise UsageError(
            "no such answer",
            where=answer,
            mend=f"answers: {', '.join(listed)}" if listed else "its rule pack lists none",
        )
    rule = listed[answer]
    if rule.get("copy") and not copy:
        raise UsageError("where is the answer itself?", mend="give --copy FILE")
    leaves = _going(archive, order, str(rule["goes"]), records)
    state = read_state(archive)
    told_of = {"day": day.isoformat(), "copy_sha256": told_copy(copy) if copy else ""}
    said = {"act": "outcome", "answer": answer, **told_of}
    said |= {"goes": rule["goes"], "then": rule.get("then", "")}
    effect = LENGTHENS if rule["goes"] == "none" else SHORTENS
    members = {"order": name, "effect": effect}
    document = {**said, "records": sorted(records)}
    return draft(archive, "outcome", members, document, (leaves, state.size))


def _going(archive: Archive, order: Order, goes: str, records: Sequence[str]) -> Ranges:
    """Return the leaves that an answer is about. Raises `UsageError`."""
    if goes != "named":
        if records:
            raise UsageError("this answer is about the whole order", mend="name no records")
        return order.leaves
    own = leaves_of_records(archive, read_state(archive), records)
    missing = sorted(set(records) - own.keys())
    if missing or not own:
        raise UsageError(
            "which records may go?",
            where=", ".join(missing[:5]),
            code="record-unknown",
            mend="name those that the authority left in, by id",
        )
    named = ranges.from_numbers(leaf for every in own.values() for leaf in every)
    beyond = sorted(
        one for one in own if not ranges.overlap(ranges.from_numbers(own[one]), order.leaves)
    )
    if beyond:
        raise UsageError(
            "the order does not have these records",
            where=", ".join(beyond[:5]),
            mend="name records of the order",
        )
    return ranges.minus(order.leaves, ranges.minus(order.leaves, named))


def told_copy(digest: str) -> str:
    """Return the SHA-256 (hex) of an answer itself. Raises `UsageError` for what is none."""
    if not _SHA256.fullmatch(digest):
        raise UsageError("not a SHA-256", where=digest, mend="give it in hexadecimal")
    return digest


def past(archive: Archive, day: date) -> None:
    """Raise `UsageError` for a day to come."""
    if day > told_day(archive, city_of(archive.retention), ""):
        raise UsageError("the day is yet to come", where=day.isoformat(), mend="record it then")
