"""What people decided about retention, as evaluation takes it: acts joined to their documents.

Only what counts is here, and of what claims to lengthen only what does. A hold of which the
document can't be read here holds all the same, by its leaves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, UsageError
from archiver.flows.custody import custody_of, decided, resolver
from archiver.flows.deciding import told
from archiver.flows.hold_acts import lapse_of
from archiver.flows.holds import Scope
from archiver.flows.search import search
from archiver.registry.deciding import LENGTHENS
from archiver.registry.roles import waited
from archiver.retention.decisions import (
    Adoption,
    Classification,
    Decisions,
    Event,
    Hold,
    HoldKind,
    OptIn,
    Reading,
    Records,
    Review,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Decided
    from archiver.retention.decisions import Leaves
    from archiver.retention.hold import Held

    Document = Mapping[str, Any]

__all__ = ["decisions"]

CLASSIFY = "classify"


def decisions(archive: Archive, state: LedgerState, when: datetime) -> Decisions:
    """Return what people decided, for an evaluation as of a moment.

    What counts only later is among it too, with the moment from which it counts; of requests
    the events that count at ``when`` are asked.
    """
    acts = decided(archive, state)
    custody, documents = custody_of(archive, state, acts), told(archive, state)
    notes = {one.entry: one.why for one in (*acts.refused, *custody.refused) if not one.idle}
    refused, read = {one.entry for one in custody.refused}, resolver(archive)
    found: dict[str, list[Any]] = {name: [] for name in _MADE}
    for act in acts.made:
        lost = act.entry in refused
        if act.act not in _MADE or (lost and act.act != CLASSIFY):
            continue
        document = documents.get(str(act.statement["subject"]))
        if document is None:
            notes[act.entry] = "its document can't be read here"
            continue
        try:
            leaves = read(act.leaves) if act.leaves is not None and not lost else []
            made = _MADE[act.act](act, document, leaves)
            # Without its set it keeps what its document names, and frees nothing.
            found[act.act].append(replace(made, lengthens=True) if lost else made)
        except (FormatError, KeyError, TypeError, ValueError) as error:
            notes[act.entry] = error.message if isinstance(error, FormatError) else repr(error)
    events, beside = _events(found["event"])
    return Decisions(
        adoptions=tuple(_revoked(acts.made, one) for one in found["adopt-schedule"]),
        opt_ins=tuple(_revoked(acts.made, one) for one in found["opt-in"]),
        classifications=tuple(found["classify"]),
        events=tuple(events),
        reviews=tuple(found["review"]),
        holds=tuple(
            _hold(archive, one, acts.made, documents, when) for one in custody.holds.values()
        ),
        notes=notes | beside,
    )


def _common(act: Decided) -> dict[str, Any]:
    return {"entry": act.entry, "by": tuple(sorted(act.by)), "counts": act.counts}


def _leaves(leaves: Ranges) -> Leaves:
    return tuple((first, end) for first, end in leaves)


def _records(document: Document, leaves: Ranges) -> Records:
    return Records(frozenset(map(str, document["records"])), _leaves(leaves))


def _adoption(act: Decided, document: Document, leaves: Ranges) -> tuple[Decided, Adoption]:
    del leaves
    made = Adoption(
        **_common(act),
        schedule=str(document["schedule"]),
        version=str(document["version"]),
        digest=str(document["digest"]),
        authority=str(document["authority"]),
        instrument=str(document["instrument"]),
        effective=date.fromisoformat(document["effective"]),
        readings=tuple(
            Reading(one["source"], one["sha256"], one["by"], date.fromisoformat(one["day"]))
            for one in document["readings"]
        ),
        confirmed=frozenset(map(str, document["confirmed"])),
    )
    return act, made


def _opt_in(act: Decided, document: Document, leaves: Ranges) -> tuple[Decided, OptIn]:
    del leaves
    made = OptIn(
        **_common(act),
        schedule=str(document["schedule"]),
        version=str(document["version"]),
        instrument=str(document["instrument"]),
        effective=date.fromisoformat(document["effective"]),
        expires=date.fromisoformat(document["expires"]) if document["expires"] else None,
        series=frozenset(map(str, document["series"])),
    )
    return act, made


def _classification(act: Decided, document: Document, leaves: Ranges) -> Classification:
    return Classification(
        **_common(act),
        records=_records(document, leaves),
        series=tuple(map(str, document["series"])),
        reason=str(document["reason"]),
        lengthens=act.statement["effect"] == LENGTHENS,
    )


def _review(act: Decided, document: Document, leaves: Ranges) -> Review:
    records = _records(document, leaves)
    return Review(**_common(act), records=records, what=str(document["what"]))


def _event(act: Decided, document: Document, leaves: Ranges) -> tuple[Decided, Event]:
    del leaves
    corrects = document["corrects"]
    made = Event(
        **_common(act),
        name=str(document["event"]),
        subject=str(document["subject"]),
        day=date.fromisoformat(document["day"]),
        evidence=str(document["evidence"]),
        corrects=int(corrects) if corrects else None,
        lengthens=act.statement["effect"] == LENGTHENS,
    )
    return act, made


_MADE: dict[str, Callable[[Decided, Document, Ranges], Any]] = {
    "adopt-schedule": _adoption,
    "opt-in": _opt_in,
    CLASSIFY: _classification,
    "review": _review,
    "event": _event,
}


def _events(found: list[tuple[Decided, Event]]) -> tuple[list[Event], dict[int, str]]:
    """Return the events that do what they claim, and why the others do nothing.

    One that claims to lengthen does only where its day is later than that of another.
    """
    events, notes = list[Event](), dict[int, str]()
    for act, one in found:
        before = [e.day for e in events if (e.name, e.subject) == (one.name, one.subject)]
        alone = act.statement["effect"] == LENGTHENS
        if alone and (one.corrects is not None or not before or one.day <= max(before)):
            notes[one.entry] = "it claims to lengthen, and does not: two people must sign it"
        else:
            events.append(one)
    return events, notes


def _revoked(acts: list[Decided], found: tuple[Decided, Any]) -> Any:  # noqa: ANN401 - of two kinds
    """Return an adoption or opt-in with the moment at which it was taken back."""
    act, made = found
    name = act.statement["statement"]
    taken = [
        one.counts
        for one in acts
        if one.act == "revoke-schedule" and one.statement["revokes"] == name
        if one.entry > act.entry
    ]
    return replace(made, revoked=min(taken)) if taken else made


def _waited(held: Held, acts: list[Decided]) -> datetime | None:
    """Return when the waiting time of a hold's release was over; its law is asked beside it."""
    entries = {one.entry for one in held.releases}
    return min((waited(one.sealed) for one in acts if one.entry in entries), default=None)


def _hold(
    archive: Archive,
    held: Held,
    acts: list[Decided],
    documents: Mapping[str, Document],
    when: datetime,
) -> Hold:
    """Return a hold as evaluation takes it.

    One whose document this home can't open has its leaves alone: no order begins until somebody who
    can has applied it. One whose document makes no sense, or asks in a language of another time,
    holds everything: nobody can tell what it is on.
    """
    own = next(one for one in acts if one.entry == held.entry)
    leaves = _leaves([[0, 1 << 62]] if held.whole else held.leaves)
    document = documents.get(held.subject)
    bare = Hold(
        **_common(own),
        id=held.handle,
        kind=HoldKind.ADMINISTRATIVE,
        matter="",
        records=Records(leaves=leaves),
        released=held.released,
        why="what it is about can't be read here",
    )
    if document is None:
        return bare
    try:
        return _told(archive, held, bare, acts, documents, when)
    except (FormatError, UsageError, KeyError, TypeError, ValueError) as error:
        why = error.message if isinstance(error, FormatError | UsageError) else "it makes no sense"
        every = Records(leaves=_leaves([[0, 1 << 62]]))
        return replace(bare, records=every, why=f"it holds everything: {why}")


def _told(
    archive: Archive,
    held: Held,
    bare: Hold,
    acts: list[Decided],
    documents: Mapping[str, Document],
    when: datetime,
) -> Hold:
    """Return a hold with what its document says of it."""
    document = documents[held.subject]
    scope, law = Scope.of(document), lapse_of(archive, held, document, (acts, documents), when)
    live = scope.future and scope.query is not None and held.stands(when)
    hits = search(archive, scope.query, private=scope.private).hits if live and scope.query else []
    return replace(
        bare,
        kind=HoldKind(document["kind"]),
        matter=str(document["matter"]),
        records=Records(frozenset(scope.records), bare.records.leaves),
        query=" ".join(f"{k}={v}" for k, v in document["query"].items() if v),
        custodian=scope.custodian,
        future=scope.future,
        matched=frozenset(str(hit["record_id"]) for hit in hits),
        released=held.released if law is None else _waited(held, acts) if law.day else None,
        lapses=law.day if law else None,
        why=law.why if law else "",
    )
