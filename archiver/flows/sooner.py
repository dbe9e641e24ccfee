"""Which acts made records due sooner: whoever approves an order is shown each of them.

Rather too many than too few are listed: an act is there where it may have brought the end of
one of these records nearer, whatever else did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows.classifying import in_words
from archiver.registry.deciding import SHORTENS
from archiver.registry.people import spelled
from archiver.retention.assigning import Members
from archiver.retention.decisions import EVERYTHING
from archiver.retention.standing import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archiver.ledger.ranges import Ranges
    from archiver.registry.deciding import Decided
    from archiver.retention.custody import Custody
    from archiver.retention.decisions import Adoption, OptIn
    from archiver.retention.due import Engine, Verdict
    from archiver.retention.facts import RecordFacts

    Judged = Sequence[tuple[RecordFacts, Verdict]]

__all__ = ["sooner"]


def sooner(
    engine: Engine,
    judged: Judged,
    custody: tuple[Custody, Ranges],
    known: tuple[Sequence[Decided], Mapping[str, Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Return each act that made one of some records due sooner, in the order of the ledger.

    Args:
        engine: the evaluation.
        judged: each record with what was said of it.
        custody: holds, and the leaves of the records.
        known: the acts that count, and documents of decisions by the commitment to each.
    """
    acts, documents = known
    wanted = {
        *_classified(judged),
        *_adopted(engine, judged),
        *_happened(engine, judged),
        *_reviewed(engine, judged),
        *_released(*custody, acts),
        *(one.entry for one in acts if one.act == "revoke-schedule"),
    }
    return [
        {
            "entry": one.entry,
            "act": one.act,
            "sealed": spelled(one.sealed),
            "signers": sorted(one.by),
            "what": in_words(documents.get(str(one.statement["subject"]))),
        }
        for one in acts
        if one.entry in wanted
    ]


def _classified(judged: Judged) -> Iterator[int]:
    for _, verdict in judged:
        yield from (one.entry for one in verdict.assignment.by if not one.lengthens)


def _adopted(engine: Engine, judged: Judged) -> Iterator[int]:
    """Yield adoptions of the schedules that govern, and options for them."""
    packs = {
        (one.pack.schedule, one.pack.version)
        for _, verdict in judged
        for one in (verdict.governing.standing if verdict.governing else None,)
        if one is not None and one.pack is not None
    }
    acts: tuple[Adoption | OptIn, ...] = (*engine.decisions.adoptions, *engine.decisions.opt_ins)
    for act in acts:
        if (act.schedule, act.version) in packs and counted(act, engine.as_of, engine.city):
            yield act.entry


def _happened(engine: Engine, judged: Judged) -> Iterator[int]:
    """Yield the events that a clock of these records rests on."""
    asked = {
        (clock.term.name, subject)
        for facts, verdict in judged
        for one in verdict.candidates
        for clock in (one.clocks.each if one.clocks else ())
        for subject in (facts.record, facts.account, EVERYTHING)
    }
    for event in engine.decisions.events:
        if (event.name, event.subject) in asked and counted(event, engine.as_of, engine.city):
            yield event.entry


def _reviewed(engine: Engine, judged: Judged) -> Iterator[int]:
    members = Members((one.records, frozenset()) for one in engine.reviews)
    for facts, _ in judged:
        yield from (engine.reviews[place].entry for place in members.of(facts))


def _released(custody: Custody, leaves: Ranges, acts: Iterable[Decided]) -> Iterator[int]:
    """Yield releases of holds that these leaves were on, and what brought such a day nearer."""
    holds = {one.handle for one in custody.holds.values() if one.covers(leaves)}
    for act in acts:
        shortens = act.act == "hold-event" and act.statement["effect"] == SHORTENS
        if (act.act == "release" or shortens) and act.statement["hold"] in holds:
            yield act.entry
