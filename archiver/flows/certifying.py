"""Certificates of destruction: gathered from ledger, documents, settings and what execution saw.

Nothing of a record is in one, no word and no id: which records went is a list of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import IntegrityError, RefusedError
from archiver.flows.certified_bags import bags_of
from archiver.flows.certified_copies import certified_copies, of_copies
from archiver.flows.certified_entries import named_entries
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.flows.ledger import read_state
from archiver.flows.order_list import outside_of
from archiver.flows.orders import document_of, find, records_of
from archiver.flows.people import named, people_of, verifies
from archiver.flows.record_leaves import leaves_of_records
from archiver.ledger import ranges
from archiver.registry.people import spelled
from archiver.registry.roles import Role
from archiver.retention import certificate as form
from archiver.retention import certificate_told as words
from archiver.retention import certified
from archiver.retention.certificate_limits import limits_of
from archiver.retention.certified import Certified
from archiver.retention.report import Report, report_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Decided, Deciding
    from archiver.registry.people import Registry
    from archiver.retention.custody import Custody
    from archiver.retention.order import Order

__all__ = ["Certified", "Made", "certificate", "check_certificate", "is_certificate"]

RECORDS = "civic-archive/records-destroyed/v1"
_RULE = ("series", "title", "citation", "version", "pack_sha256", "jurisdiction")


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate, and the private list of the records that it is about."""

    certificate: form.Certificate
    records: Mapping[str, Any]

    def encode_records(self) -> bytes:
        """Return the list as a file. It names records: it is not for everybody."""
        return json.dumps(self.records, ensure_ascii=False, indent=1).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known of one order. ``acts``: by the entry of each."""

    archive: Archive
    state: LedgerState
    deciding: Deciding
    custody: Custody
    documents: Mapping[str, Mapping[str, Any]]
    order: Order
    report: Report | None

    @property
    def acts(self) -> dict[int, Decided]:
        """The acts that count, by entry."""
        return {one.entry: one for one in self.deciding.made}


def certificate(archive: Archive, name: str) -> Made:
    """Return the certificate of an order that is done, or was halted after something went.

    Raises `UsageError` for no such order, `RefusedError` (``order-not-ended``,
    ``order-unreadable``), `IntegrityError` where what was gathered would not hold.
    """
    known = _known(archive, name)
    order = known.order
    if order.done is None and (order.halted is None or order.saved == order.leaves):
        raise RefusedError(
            "nothing of the order went" if order.halted is not None else "the order has not ended",
            where=name,
            code="order-not-ended",
            mend="see `archiver disposition list`",
        )
    _require_lawful(known)
    document = document_of(known.documents, order)
    entries, proof = named_entries(archive, (known.state, known.deciding, known.custody), order)
    shown = certified.shown_by(archive.identity.id, entries, verifies)
    records = _records(known)
    said = _told(known, document, records)
    made = form.Certificate(
        schema=form.SCHEMA,
        archive=archive.identity.id,
        origin=archive.identity.origin,
        shown=shown,
        told=said,
        limits=limits_of(shown, said),
        entries=entries,
        tlog_proof=proof,
    )
    check_certificate(made.encode(), archive.identity.keys)
    return Made(made, records)


def _require_lawful(known: _Known) -> None:
    """Raise `IntegrityError` where something went of which no certificate can be made."""
    mine = {
        index for index, body in known.state.controls if body.get("order") == known.order.handle
    }
    for one in known.custody.unlawful:
        if one.entry in mine:
            raise IntegrityError(
                f"something went under this order that it does not allow: {one.why}",
                where=f"entry {one.entry}",
                code="destroyed-unlawfully",
                mend="run `archiver verify`, and find out who did it",
            )


def is_certificate(data: bytes) -> bool:
    """Tell whether a file claims to be a certificate of destruction."""
    return data.startswith(form.FIRST_BYTES)


def check_certificate(data: bytes, keys: Sequence[str]) -> Certified:
    """Check a certificate against public keys, offline. Raises `FormatError`, `IntegrityError`."""
    return certified.check_certificate(data, keys, verifies)


def _known(archive: Archive, name: str) -> _Known:
    state = read_state(archive)
    acts = decided(archive, state)
    custody = custody_of(archive, state, acts)
    order = find(custody.orders, name)
    data = archive.home.read(report_name(name))
    report = None if data is None else Report.decode(data)
    return _Known(archive, state, acts, custody, told(archive, state), order, report)


def _records(known: _Known) -> dict[str, Any]:
    """Return which records it was about, as lists of ids that are for few eyes.

    ``told_apart``: whether this home can read all that was saved, and so tell it from what went.
    """
    order, ids = known.order, records_of(known.order, known.deciding, known.documents)
    own = leaves_of_records(known.archive, known.state, ids) if order.saved else {}
    every = {record: ranges.from_numbers(leaves) for record, leaves in own.items()}
    saved = [one for one in sorted(every) if ranges.overlap(every[one], order.saved)]
    read = ranges.union([pair for one in every.values() for pair in one], [])
    return {
        "schema": RECORDS,
        "order": order.handle,
        "ordered": ids,
        "saved": saved,
        "told_apart": not ranges.minus(order.saved, read),
        "also": list(known.report.also) if known.report else [],
    }


def _told(known: _Known, document: Mapping[str, Any], records: Mapping[str, Any]) -> words.Told:
    order, report = known.order, known.report
    ordered = len(records["ordered"])
    saved = len(records["saved"]) if records["told_apart"] else None
    return words.Told(
        rule=words.Rule(
            **{name: _word(document, name) for name in _RULE},
            flags=tuple(map(str, document.get("flags", ()))),
        ),
        extraordinary=_extraordinary(order, document),
        dates=words.Dates(
            **{name: _word(document, name) for name in ("evaluated", "as_of", "zone")},
            **{name: _word(document.get("dates", {}), name) for name in ("first", "last")},
            counts=spelled(order.counts),
        ),
        counts=words.Counts(
            records=ordered,
            records_gone=None if saved is None else ordered - saved,
            records_saved=saved,
            versions=ranges.count(order.leaves),
            versions_gone=ranges.count(ranges.minus(order.leaves, order.saved)),
            versions_saved=ranges.count(order.saved),
        ),
        people=_people(known),
        holds=_holds(known),
        outside=_outside(known),
        copies=certified_copies(
            known.archive,
            of_copies((known.state, known.deciding, known.custody), order),
            order,
            report,
            known.documents,
        ),
        keys=words.Keys(report.shredded, report.survivors) if report else None,
        also_in=len(report.also) if report else None,
        bags=bags_of(known.archive, order, known.deciding, known.documents),
        productions=(),
        residue=report.residue if report else None,
    )


def _extraordinary(order: Order, document: Mapping[str, Any]) -> words.Extraordinary | None:
    if not order.extraordinary:
        return None
    told_of = (_word(document, name) for name in ("extraordinary", "authority", "copy_sha256"))
    return words.Extraordinary(*told_of)


def _word(document: Mapping[str, Any], name: str) -> str:
    """Return a member of an order's document; "" where whoever made it did not say."""
    return str(document.get(name, ""))


def _people(known: _Known) -> words.People:
    registry = people_of(known.archive, known.state)
    names = named(known.archive, registry, known.state)
    acts, order = known.acts, known.order
    ordering, begin = acts[order.entry], acts[_entry(order.begun)]
    end = acts[_entry(order.done if order.done is not None else order.halted)]
    requester = str(ordering.statement["requester"])

    def called(handles: Iterable[str]) -> tuple[words.Person, ...]:
        found = ((one, names.get(one)) for one in sorted(handles))
        return tuple(
            words.Person(handle, who.name if who else "", who.office if who else "")
            for handle, who in found
        )

    return words.People(
        proposed=called([requester]),
        approved=called(_with(registry, ordering, Role.APPROVER) - {requester}),
        counsel=called(_with(registry, ordering, Role.COUNSEL) if order.extraordinary else ()),
        began=called(begin.by),
        ended=called(end.by),
    )


def _entry(index: int | None) -> int:
    """Return the entry of what is known to have happened. Raises `IntegrityError`."""
    if index is None:
        raise IntegrityError("an order that ended, and never began", mend="run `archiver verify`")
    return index


def _with(registry: Registry, ordering: Decided, role: Role) -> set[str]:
    """Return who of the signers of an order had a role then."""
    where = ordering.entry, ordering.sealed
    return {one for one in ordering.by if role in registry.people[one].roles(*where)}


def _holds(known: _Known) -> words.Holds:
    """Return the holds that stood when the order began."""
    began = known.acts[_entry(known.order.begun)]
    stood = [
        one.handle
        for one in known.custody.holds.values()
        if one.entry < began.entry and one.stands(began.sealed)
    ]
    return words.Holds(len(stood), tuple(sorted(stood)))


def _outside(known: _Known) -> words.Outside | None:
    found = outside_of(known.order, known.deciding, known.documents)
    if found is None:
        return None
    sent = [
        _word(known.documents.get(str(one.statement["subject"]), {}), "day")
        for one in known.deciding.made
        if one.act == "submit" and one.statement["order"] == known.order.handle
    ]
    return words.Outside(
        *(found["kind"], found["to"], found["citation"], found["days"]),
        sent=tuple(sent),
        answers=tuple(words.Answer(**one) for one in found["answers"]),
    )
