"""What happens to a hold once it is placed: events of a request, notices, its release."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError, RefusedError, UsageError
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import draft, told
from archiver.flows.holds import Scope
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.registry.deciding import LENGTHENS, SHORTENS
from archiver.registry.people import moment, spelled
from archiver.retention.decisions import HoldKind
from archiver.retention.request import EVENTS, OPENS, Answer, Lapse, lapse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.deciding import Draft
    from archiver.registry.deciding import Decided
    from archiver.retention.hold import Held

    Told = Mapping[str, Mapping[str, Any]]
    """Documents of decisions, by the commitment to each."""

__all__ = ["acknowledge", "check_release", "happened", "lapse_of", "listed", "notice", "release"]

_UNREAD: dict[str, Any] = {
    **dict.fromkeys(("kind", "matter", "lapses", "why"), ""),
    "scope": {},
    **{name: [] for name in ("events", "notices", "acknowledged")},
}
NOON = time(12, tzinfo=UTC)
"""By then the day has begun everywhere: a day of the city's calendar is never taken too early."""


def happened(archive: Archive, hold: str, event: str, day: date, evidence: str) -> Draft:
    """Return the decision, unsigned, that something happened to a request.

    ``evidence``: what shows it. Raises `UsageError` for no such hold or event.
    """
    if event not in EVENTS:
        raise UsageError("no such event", where=event, mend=f"events: {', '.join(EVENTS)}")
    _, document = _standing(archive, hold)
    if document["kind"] != HoldKind.FOIA:
        raise UsageError(
            "only holds of a request have such events", where=hold, mend="see `archiver hold list`"
        )
    effect = LENGTHENS if event in OPENS else SHORTENS
    said = {"act": "hold-event", "event": event, "day": day.isoformat(), "evidence": evidence}
    return draft(archive, "hold-event", {"hold": hold, "effect": effect}, said)


def notice(archive: Archive, hold: str, to: str, day: date, how: str) -> Draft:
    """Return the decision that somebody was told of a hold: who, when, how."""
    _standing(archive, hold)
    said = {"act": "notice", "to": to, "day": day.isoformat(), "how": how}
    return draft(archive, "notice", {"hold": hold}, said)


def acknowledge(archive: Archive, hold: str, by: str, day: date, how: str) -> Draft:
    """Return the decision that somebody confirmed to know of a hold: who, when, how."""
    _standing(archive, hold)
    said = {"act": "acknowledge", "by": by, "day": day.isoformat(), "how": how}
    return draft(archive, "acknowledge", {"hold": hold}, said)


def release(archive: Archive, hold: str, reason: str) -> Draft:
    """Return the decision that a hold ends: two sign it, and it waits.

    Never before the day that the law of a request says. Raises `RefusedError` where that day is
    not known yet.
    """
    held, document = _standing(archive, hold)
    if not reason.strip():
        raise UsageError("why is it released?", mend="give --reason")
    counts = canonical_time(archive.clock.now())
    found = lapse_of(archive, held, document)
    if found is not None and found.day is None:
        raise RefusedError(
            f"the law keeps it still: {found.why}",
            where=hold,
            code="hold-open",
            mend="record what happened with `archiver hold event`",
        )
    if found is not None and found.day is not None:
        counts = max(counts, spelled(datetime.combine(found.day, NOON)))
    said = {"act": "release", "reason": reason}
    return draft(archive, "release", {"hold": hold, "from": counts}, said)


def check_release(archive: Archive, made: Draft) -> None:
    """Raise `RefusedError` for a release that another began and the law of a request forbids.

    Also where it is dated ahead: it could be kept back until something has happened. What is no
    release is not looked at.
    """
    statement = made.act.statement
    if statement["act"] != "release":
        return
    held, document = _standing(archive, statement["hold"])
    found, now = lapse_of(archive, held, document), moment(canonical_time(archive.clock.now()))
    signed, counts = moment(statement["time"]), moment(statement["from"])
    lawful = found is None or (
        found.day is not None and counts >= datetime.combine(found.day, NOON)
    )
    why = held.why_not_release(signed, now) or ("" if lawful else "the law keeps it longer")
    if why:
        raise RefusedError(
            f"the release can't be signed: {why}",
            where=statement["hold"],
            code="act-refused",
            mend="begin it anew with `archiver hold release`",
        )


def _standing(archive: Archive, hold: str) -> tuple[Held, Mapping[str, Any]]:
    """Return a hold that stands and its document. Raises `UsageError`, `RefusedError`."""
    state = read_state(archive)
    custody = custody_of(archive, state)
    if hold not in custody.holds:
        raise UsageError(
            "no such hold", where=hold, code="hold-unknown", mend="see `archiver hold list`"
        )
    held = custody.holds[hold]
    if not held.stands(moment(canonical_time(archive.clock.now()))):
        raise RefusedError(
            "the hold is released", where=hold, code="hold-released", mend="place a new one"
        )
    document = told(archive, state).get(held.subject)
    if document is None:
        raise RefusedError(
            "what this hold is about can't be read in this home",
            where=hold,
            code="hold-unreadable",
            mend="use a home that has the keys of the workflow stream",
        )
    return held, document


def lapse_of(
    archive: Archive,
    held: Held,
    document: Mapping[str, Any],
    known: tuple[Iterable[Decided], Told] | None = None,
    when: datetime | None = None,
) -> Lapse | None:
    """Return how long the law of a request keeps a hold; None where it is none of a request.

    A document that no command would make has no law: two people release it.

    Args:
        archive: where.
        held: the hold.
        document: what it is about.
        known: decisions and documents, where they are there.
        when: as of this moment, else now: events that do not count then are not asked.
    """
    if document.get("kind") != HoldKind.FOIA:
        return None
    state = read_state(archive)
    acts, documents = known or (decided(archive, state).made, told(archive, state))
    now = when or moment(canonical_time(archive.clock.now()))
    events = (one for one in events_of(held.handle, acts, documents) if one[0].counts <= now)
    with suppress(KeyError, TypeError, ValueError, FormatError):  # no command made such a document
        answers = [Answer("received", date.fromisoformat(document["received"]))]
        answers += filter(None, (_answer(*one) for one in events))
        return lapse(document["law"], answers, confined=document["confined"])
    return None


def _answer(act: Decided, said: Mapping[str, Any]) -> Answer | None:
    """Return an event that does no more than one person may do alone, or that two said."""
    with suppress(KeyError, TypeError, ValueError):  # no command made such a document
        if act.statement["effect"] == SHORTENS or said["event"] in OPENS:
            return Answer(said["event"], date.fromisoformat(said["day"]))
    return None


def events_of(
    hold: str, acts: Iterable[Decided], documents: Told, name: str = "hold-event"
) -> Iterator[tuple[Decided, Mapping[str, Any]]]:
    """Yield the acts of a name about a hold, each with its document, where that can be read."""
    for act in acts:
        if act.act == name and act.statement["hold"] == hold:
            said = documents.get(str(act.statement["subject"]))
            if said is not None:
                yield act, said


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Return every hold there ever was, oldest first, with all that happened to it."""
    state = read_state(archive)
    acts = decided(archive, state)
    custody, documents = custody_of(archive, state, acts), told(archive, state)
    now = moment(canonical_time(archive.clock.now()))
    sealed = {one.entry: spelled(one.sealed) for one in acts.made}
    return [
        {
            "hold": one.handle,
            "stands": one.stands(now),
            "placed": sealed[one.entry],
            "leaves": ranges.count(one.leaves),
            "applied": one.applied,
            "behind": state.size - one.applied,
            "released": spelled(one.released) if one.released else "",
            "overtaken": len(one.overtaken),
            **_words(archive, one, (acts.made, documents)),
        }
        for one in custody.holds.values()
    ]


def _words(archive: Archive, held: Held, known: tuple[Iterable[Decided], Told]) -> dict[str, Any]:
    """Return what documents say of a hold; empty where this home can't read them."""
    document = known[1].get(held.subject)
    if document is None or not _is_of_form(document):
        return {"readable": False, **_UNREAD}
    found = lapse_of(archive, held, document, known)
    names = ("records", "query", "private", "custodian", "future")
    return {
        "readable": True,
        "kind": document["kind"],
        "matter": document["matter"],
        "scope": {name: document[name] for name in names},
        "lapses": found.day.isoformat() if found and found.day else "",
        "why": found.why if found else "",
        "events": _history(held, known, "hold-event", ("event", "day", "evidence")),
        "notices": _history(held, known, "notice", ("to", "day", "how")),
        "acknowledged": _history(held, known, "acknowledge", ("by", "day", "how")),
    }


def _is_of_form(document: Mapping[str, Any]) -> bool:
    with suppress(FormatError):
        Scope.of(document)
        return document.get("kind") in set(HoldKind) and "matter" in document
    return False


def _history(
    held: Held, known: tuple[Iterable[Decided], Told], name: str, members: tuple[str, ...]
) -> list[dict[str, str]]:
    return [
        {
            **{member: str(said.get(member, "")) for member in members},
            "sealed": spelled(act.sealed),
            "counts": spelled(act.counts),
        }
        for act, said in events_of(held.handle, *known, name)
    ]
