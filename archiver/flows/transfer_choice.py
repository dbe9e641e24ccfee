"""What is transferred: what is due under a series item, an order, or records by name.

Records go whole. Where something of one is private, all of it is left out unless private ones
are asked for; so is always what is withheld from everybody. What is left out is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from archiver.errors import RefusedError, UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.disposition import proposal
from archiver.flows.ledger import read_state
from archiver.flows.orders import Frozen, freeze
from archiver.flows.outside_acts import asked
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.rows import catalog
from archiver.flows.transferring import latest_answer, receiver
from archiver.ledger import ranges
from archiver.record import Sensitivity
from archiver.registry.roles import reader_of
from archiver.retention.disposal import TRANSFER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.state import LedgerState
    from archiver.retention.order import Order

__all__ = ["Chosen", "of_order", "of_records", "of_series", "to_transfer"]

_RULE = (
    *("series", "title", "citation", "version", "pack_sha256", "jurisdiction", "zone"),
    *("as_of", "evaluated", "dates"),
)
"""What of a proposal is told to whoever takes its records over: its rule and days, no names."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a transfer is of.

    ``frozen``: records and their leaves. ``to``: the authority. ``segments``: where they stand.
    ``private``: streams of encrypted ones among them; ``left_out``: records that are not, as
    something of them is private or withheld. ``about``: order and rule, as the authority is
    told them.
    """

    frozen: Frozen
    to: str
    segments: tuple[Catalogued, ...]
    private: frozenset[str]
    left_out: int
    about: Mapping[str, Any] = field(default_factory=dict)


def of_records(archive: Archive, records: Sequence[str], to: str, *, private: bool) -> Chosen:
    """Return records by id, whole. Raises as `_chosen`; `UsageError` for an unknown one."""
    return _chosen(archive, freeze(archive, records), to, private=private)


def of_series(archive: Archive, series: str, as_of: str, to: str, *, private: bool) -> Chosen:
    """Return what is to be transferred under a series item, as `proposal` finds it.

    Raises as `proposal` and `_chosen`.
    """
    made = proposal(archive, series, as_of, "", private=private, to=to)
    return _chosen(archive, made.frozen, to, _rule(made.document), private=private)


def of_order(archive: Archive, name: str, to: str, *, private: bool) -> Chosen:
    """Return what an order is about that is to be transferred before anything of it goes.

    Raises `UsageError` for another order, one that is over or under way, or another authority
    than the order's; `RefusedError` where a part of it can't be read here; and as `_chosen`.
    """
    order, document = to_transfer(archive, name)
    if order.begun is not None or order.halted is not None:
        raise UsageError(
            "the order has begun, or was halted", where=name, mend="see `disposition list`"
        )
    if to not in ("", receiver(document)):
        raise UsageError(
            f"the order is for another authority: {receiver(document)}",
            where=to,
            mend="leave out --to, or name the records",
        )
    frozen = Frozen(tuple(document["records"]), order.leaves, order.size, "")
    about = {"order": name, "entry": order.entry, **_rule(document)}
    return _chosen(archive, frozen, receiver(document), about, private=private)


def to_transfer(archive: Archive, name: str) -> tuple[Order, Mapping[str, Any]]:
    """Return an order that is to be transferred, and its document.

    It is if its series says so, or if the latest answer of the authority outside does.
    Raises `UsageError` for another order, `RefusedError` where its document can't be read here.
    """
    order, document = asked(archive, name)
    answer = latest_answer(archive, read_state(archive), name)
    if TRANSFER not in (document.get("then"), answer.get("then")):
        raise UsageError(
            "this order is not to be transferred",
            where=name,
            mend="name its records; that order does not wait for a receipt",
        )
    return order, document


def _rule(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in _RULE if name in document}


def _chosen(
    archive: Archive,
    frozen: Frozen,
    to: str,
    about: Mapping[str, Any] | None = None,
    *,
    private: bool,
) -> Chosen:
    """Return what of some records is transferred; a look into private ones is noted.

    Nobody is handed what an extraordinary order stands on. Raises `RefusedError` where nothing is
    left (``transfer-private``, ``record-withheld``), where a version can't be read here
    (``transfer-unreadable``), or its stream is not the asker's (``reader-role-needed``).
    """
    state = read_state(archive)
    wanted = set(ranges.numbers(frozen.leaves))
    every = leaves_of_records(archive, state, frozen.records)
    own = {record: wanted.intersection(leaves) for record, leaves in every.items()}
    if set().union(*own.values()) != wanted:
        raise RefusedError(
            "a part or version of it can't be read here",
            where=to,
            code="transfer-unreadable",
            mend="use a home that has the keys of its streams",
        )
    private_ones = (
        pair
        for one in state.segments()
        if one.sensitivity == Sensitivity.PRIVATE
        for pair in one.leaves
    )
    secret = set[str]() if private else _of(every, private_ones)
    withheld = _of(every, withheld_from_all(archive, state))
    kept = {one: own[one] for one in own.keys() - secret - withheld}
    if not kept:
        raise _nothing(to, secret)
    leaves = ranges.from_numbers(chain.from_iterable(kept.values()))
    segments = tuple(
        one
        for one in catalog(archive, state)
        if any(ranges.within(leaves, *pair) for pair in one.segment.leaves)
    )
    told_of = Frozen(tuple(sorted(kept)), leaves, state.size, state.frontier.root().hex())
    streams = _looked(archive, state, segments, to)
    return Chosen(told_of, to, segments, streams, len(secret | withheld), about or {})


def _of(records: Mapping[str, Collection[int]], leaves: Iterable[Sequence[int]]) -> set[str]:
    """Return the records that have one of some leaves."""
    known = set(chain.from_iterable(records.values()))
    found = known.intersection(ranges.numbers(leaves))
    return {record for record, own in records.items() if not found.isdisjoint(own)}


def _nothing(to: str, secret: Collection[str]) -> RefusedError:
    if not secret:
        return RefusedError(
            "all of it is withheld from everybody: an extraordinary order stands on it",
            where=to,
            code="record-withheld",
            mend="see `archiver disposition list`",
        )
    return RefusedError(
        f"all of it is private: {len(secret)} records",
        where=to,
        code="transfer-private",
        mend="give --private if the authority is to have private records",
    )


def _looked(
    archive: Archive, state: LedgerState, segments: Iterable[Catalogued], to: str
) -> frozenset[str]:
    """Return the private streams among segments; that they are looked into is noted."""
    streams = frozenset(
        one.stream for one in segments if one.segment.sensitivity == Sensitivity.PRIVATE
    )
    readable = readable_streams(archive, state)
    closed = sorted(one for one in streams if not may_read(readable, one))
    if closed:
        raise RefusedError(
            "some of it is private, and its stream is not yours to read",
            where=", ".join(closed),
            code="reader-role-needed",
            mend="give the key of somebody with the role "
            f"{' and '.join(map(reader_of, closed))}: --key or ARCHIVER_PERSON",
        )
    if streams:
        look(archive, "transfer", to, streams)
    return streams
