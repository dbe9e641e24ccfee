"""Proposing that records go: what is eligible under one series item, as of a day.

They are destroyed, and transferred first where their row says so. Only what the engine calls
eligible is in a proposal, on the day that is named and today, and only whole things: where a
part must stay, all of it stays. Whatever is left out is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import RefusedError, UsageError
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.flows.ledger import read_state
from archiver.flows.orders import Frozen, freeze, ordered
from archiver.flows.record_facts import as_values
from archiver.flows.record_leaves import stored_size
from archiver.flows.retention import city_of, due, evaluation, told_day
from archiver.flows.sooner import sooner
from archiver.flows.transferring import GOING, receipt_from, receiving
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.record import wholes
from archiver.registry.deciding import ORDERS
from archiver.registry.people import moment
from archiver.retention.disposal import demanded
from archiver.retention.due import HELD, State
from archiver.retention.explaining import PROBLEMS
from archiver.retention.schedule import Then

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.flows.retention import Evaluation
    from archiver.keyring import PersonKey
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.retention.due import Verdict
    from archiver.retention.facts import RecordFacts
    from archiver.retention.standing import Standing

__all__ = ["ORDERS", "Proposal", "counts_of", "proposal", "propose", "require_same", "still_due"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an order would be about, and its private document but for the list of records."""

    frozen: Frozen
    document: dict[str, Any]


def proposal(
    archive: Archive, series: str, as_of: str, reason: str, *, private: bool = False, to: str = ""
) -> Proposal:
    """Return what may go under a series item.

    Args:
        archive: where.
        series: ``schedule/code``.
        as_of: ``YYYY-MM-DD`` by the city's calendar, empty for today; no day to come.
        reason: why it is proposed, in words.
        private: ask encrypted streams too; the look is noted.
        to: the authority that takes them over, where their row has them transferred.

    Raises `UsageError` for a day to come, or for a transfer to nobody; `RefusedError` where
    nothing may go: ``series-not-in-force``, ``nothing-due``, ``on-hold``, or ``archive-moved``.
    """
    city = city_of(archive.retention)
    today, day = (told_day(archive, city, text) for text in ("", as_of))
    if day > today:
        raise UsageError("the day is yet to come", where=as_of, mend="propose it on that day")
    found = evaluation(archive, str(today), private=private)
    standing = _standing(found, series)
    then = receiving(series, standing, to)
    chosen = _eligible(found, series, then)
    if day != today:
        chosen &= _eligible(evaluation(archive, str(day), private=private), series, then)
    whole = _whole(found, chosen)
    if not whole:
        raise _nothing(found, series)
    frozen, state = freeze(archive, sorted(whole)), read_state(archive)
    require_same(series, found.tree_size, frozen.size, state.size)
    going = [one for one in chosen if whole & {one, *wholes(one)}]
    of_it = pc.is_in(found.facts["record"], pa.array(sorted(going), pa.string()))
    judged = [(one, found.engine.judge(one)) for one in as_values(found.facts.filter(of_it))]
    document = {
        "series": series,
        "then": str(then),
        **_rule(standing),
        **{name: found.about()[name] for name in ("zone", "jurisdiction", "tree_size")},
        "as_of": str(day),
        "evaluated": str(today),
        "reason": reason,
        "counts": counts_of(archive, state, frozen),
        "dates": _dates(judged),
        **_outside(found, standing, to),
        "left_out": _left_out(found, series),
        "sooner": _sooner(archive, state, found, (frozen.leaves, judged)),
    }
    return Proposal(frozen, document)


def still_due(
    archive: Archive, document: Mapping[str, Any], records: Collection[str], *, private: bool
) -> tuple[set[str], int]:
    """Return those of an order's records that may go under its series today, as wholes.

    And the size of the log that was asked. Where the series has its records transferred by now,
    and the order has not, none may; nor the other way round. ``document``: the order's. Raises
    `RefusedError` where nothing may go under it any more.
    """
    series, then = str(document["series"]), Then(document.get("then", Then.DESTROY))
    today = str(told_day(archive, city_of(archive.retention), ""))
    found = evaluation(archive, today, private=private)
    _standing(found, series)
    return _whole(found, _eligible(found, series, then)).intersection(records), found.tree_size


def propose(archive: Archive, made: Proposal, requester: PersonKey) -> Draft:
    """Return the order that a proposal asks for, signed by who asks; approvers sign it next."""
    now = moment(canonical_time(archive.clock.now()))
    return ordered(archive, made.frozen, made.document, requester, now)


def require_same(where: str, *sizes: int) -> None:
    """Raise `RefusedError` (``archive-moved``) unless all was asked of one log."""
    if len(set(sizes)) > 1:
        raise RefusedError(
            "the archive grew while it was evaluated",
            where=where,
            code="archive-moved",
            mend="run the command again",
        )


def _standing(found: Evaluation, series: str) -> Standing:
    """Return the row of a series. Raises `RefusedError` unless it lets records go."""
    standing = found.engine.docket.rows.get(series)
    if standing is None or standing.row is None:
        why = "no schedule at hand that applies here has this series"
    elif standing.problem:
        why = PROBLEMS[standing.problem]
    elif standing.row.then not in GOING:
        why = f"what then may be done with its records is: {standing.row.then}"
    else:
        return standing
    raise RefusedError(
        f"nothing goes under this series: {why}",
        where=series,
        code="series-not-in-force",
        mend="see `archiver schedule list` and `archiver retention due`",
    )


def _eligible(found: Evaluation, series: str, then: Then) -> set[str]:
    """Return the records that may go under a series by an evaluation."""
    wanted: Any = pc.and_(
        pc.and_(
            pc.equal(found.ruled["state"], pa.scalar(str(State.ELIGIBLE))),
            pc.equal(found.ruled["series"], pa.scalar(series)),
        ),
        pc.equal(found.ruled["then"], pa.scalar(str(then))),
    )
    return set(map(str, found.ruled.filter(wanted)["record"].to_pylist()))


def _whole(found: Evaluation, chosen: set[str]) -> set[str]:
    """Return those of some records that are no parts, and of which every part is among them."""
    known = set(map(str, found.facts["record"].to_pylist()))
    stays = set[str]()
    for record in known:
        above = [one for one in wholes(record) if one in known]
        if above:
            stays.add(record)  # it goes with its whole, never by itself
        if record not in chosen:
            stays.update(above)
    return chosen - stays


def _nothing(found: Evaluation, series: str) -> RefusedError:
    left = _left_out(found, series)
    held = sum(one["records"] for one in left if HELD in one["blockers"])
    if held:
        return RefusedError(
            f"all that is due is on hold: {held} records",
            where=series,
            code="on-hold",
            mend="see `archiver hold list`",
        )
    states = ", ".join(f"{one['records']} {one['state']}" for one in left) or "no record is in it"
    return RefusedError(
        f"nothing may go under this series: {states}",
        where=series,
        code="nothing-due",
        mend="see `archiver retention due`",
    )


def _left_out(found: Evaluation, series: str) -> list[dict[str, Any]]:
    """Return the records of a series that are not eligible, counted by state and blockers."""
    return [
        {name: one[name] for name in ("state", "blockers", "records")}
        for one in due(found, ())["groups"]
        if one["series"] == series and one["state"] != State.ELIGIBLE
    ]


def _rule(standing: Standing) -> dict[str, Any]:
    row, pack = standing.row, standing.pack
    if row is None or pack is None:  # `_standing` has looked
        raise AssertionError
    told_of = {"title": row.title, "citation": row.citation, "flags": list(row.flags)}
    return {**told_of, "version": pack.version, "pack_sha256": pack.digest}


def counts_of(archive: Archive, state: LedgerState, frozen: Frozen) -> dict[str, int]:
    """Return how many records and versions an order is about, and about how many bytes."""
    return {
        "records": len(frozen.records),
        "versions": ranges.count(frozen.leaves),
        "bytes": stored_size(archive, state, frozen.leaves),
    }


def _dates(judged: Sequence[tuple[RecordFacts, Verdict]]) -> dict[str, str]:
    """Return the first and last day of records: when made, else when first seen."""
    days = []
    for facts, _ in judged:
        dated = facts.created or facts.posted
        days.append(dated.day if dated else facts.first_seen)
    return {"first": str(min(days)), "last": str(max(days))}


def _outside(found: Evaluation, standing: Standing, to: str) -> dict[str, Any]:
    """Return what authority outside has to be asked by any pack that applies, and who receives."""
    rows = found.engine.docket.rows.values()
    packs = {one.pack.digest: one.pack for one in rows if one.pack is not None}
    asked = [one for name in sorted(packs) for one in packs[name].disposal]
    made = demanded(asked, standing.row.flags if standing.row else ())
    if to:
        made = receipt_from(to, standing, made)
    receives = {"receiver": to} if to and made is not None and made.to != to else {}
    return {"outside": made.document() if made else None, **receives}


def _sooner(
    archive: Archive,
    state: LedgerState,
    found: Evaluation,
    chosen: tuple[Ranges, Sequence[tuple[RecordFacts, Verdict]]],
) -> list[dict[str, Any]]:
    """Return what made records due sooner. Raises `RefusedError` where one of them is on hold."""
    acts, (leaves, judged) = decided(archive, state), chosen
    custody = custody_of(archive, state, acts)
    now = moment(canonical_time(archive.clock.now()))
    holds = [one.handle for one in custody.holds.values() if one.stands(now) and one.covers(leaves)]
    if holds:
        raise RefusedError(
            "a part or version of it is on hold",
            where=", ".join(holds),
            code="on-hold",
            mend="see `archiver hold list`",
        )
    return sooner(found.engine, judged, (custody, leaves), (acts.made, told(archive, state)))
