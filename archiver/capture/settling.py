"""Settling: from readings to observations, repeats, listings, absences and residue. Pure.

`Settler` takes exchanges in order and compares each item with what is known. It gives
the same observations (but for their random ids) whenever the same exchanges are
settled against the same known state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.cadence import EVERYTHING
from archiver.capture.known import GONE, Thing, mark_of, verdict
from archiver.capture.listings import (
    Passes,
    Place,
    absence_observation,
    listing_observation,
    missing,
    part_of,
    unlisted,
)
from archiver.capture.losses import losses_of
from archiver.capture.moments import Moments
from archiver.capture.notices import event, notice_observation, things_of
from archiver.capture.observing import Source, residue_observation, version_of
from archiver.capture.orphans import Orphans
from archiver.capture.settled import Counts, Settled
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from archiver.capture.connector import Connector, Gone, Site
    from archiver.capture.known import Known, KnownRecord
    from archiver.capture.reading import Reading, Sighting
    from archiver.record import Exchange, Observation

__all__ = ["Settler"]


class Settler:
    """Compares an account's exchanges with what is known; has `passes`, and what is `settled`."""

    def __init__(
        self, connector: Connector, site: Site, known: Known, new_uuid: Callable[[], str]
    ) -> None:
        self._connector = connector
        self._site = site
        self.known = known
        self._new_uuid = new_uuid
        self.settled = Settled()
        self.passes = Passes()
        self._gone: dict[Thing, Exchange] = {}
        self._since: dict[str, str] = {}
        self._met, self._went, self.moved = set[Thing](), set[Thing](), set[Thing]()
        self._left, self._moments = Orphans(), Moments(known)
        self._told: dict[Thing, None] = {}
        self.counts: dict[str, Counts] = {}

    def take(self, exchange: Exchange, reading: Reading, *, late: bool = False) -> list[str | None]:
        """Settle one exchange. Returns the verdict on each of its items.

        ``late``: it waited in the spool, and another home may have settled newer ones.
        """
        source = Source.of(self._connector, self._site, exchange, reading)
        met = {(item.stream, item.native_id) for item in reading.page.items}
        self._met |= met
        self._moments.begin(reading.sightings, exchange.captured_at)
        verdicts = [self._item(source, one, late=late) for one in reading.sightings]
        self.moved |= self.known.outside(exchange.purpose.get("group", ""), met)
        for gone in reading.page.gone:
            self._notice(source, gone, reading.body, late=late)
        if reading.residue:
            self._residue(exchange, reading)
        self.settled.losses += losses_of(exchange, reading)
        purpose, problem = exchange.purpose, reading.page.problem
        if purpose["role"] == "listing":
            self.passes.page(exchange, reading.page, changed=any(verdicts))
        elif problem is not None and problem.code == "missing":
            named = replace(exchange, request=b"", response=b"")  # its bytes would be held in vain
            self._gone[purpose["stream"], purpose["native_id"]] = named
        return verdicts

    def document(self, thing: Thing, row: Mapping[str, str]) -> str | None:
        """Return the verdict on a document of our own, or None where it is known as it is."""
        return verdict(self.known.get(thing), Kind.PRESENT, mark_of("", row, self.known.key))

    def drain(self) -> Settled:
        """Return what has been settled since the last call, and start a new batch."""
        settled, self.settled = self.settled, Settled()
        return settled

    def count(self, stream: str) -> Counts:
        """Return the running counts of a stream."""
        if stream not in self.counts:
            self.counts[stream] = Counts()
        return self.counts[stream]

    def _item(self, source: Source, sighting: Sighting, *, late: bool) -> str | None:
        item = sighting.item
        mark = mark_of(item.kind, sighting.row, self.known.key)
        before = self.known.get((item.stream, item.native_id))
        kind = verdict(before, item.kind, mark, item.group or source.group)
        counts = self.count(item.stream)
        # What is past is no news of a thing known since: it would undo what was seen later.
        past = self._moments.is_past(item, before, source.captured_at if late else "")
        if past and before and item.version and mark not in {before.mark, *before.past}:
            return self._item(source, version_of(sighting), late=late)
        if kind is None or past:
            if before is not None and before.group != source.group:
                self._met.add((item.stream, item.native_id))  # missing from its own, yet there
            counts.repeats += 1
            return None
        counts.new += before is None
        counts.changed += before is not None
        if kind == Kind.REMOVED:
            self._went.add((item.stream, item.native_id))
        spans = [(span.role, span.start, span.end) for span in item.spans]
        self._add(source.observation(sighting, kind), mark, source.exchange, spans)
        return kind

    def _add(
        self,
        observation: Observation,
        mark: bytes,
        exchange: str,
        spans: list[tuple[str, int, int]],
    ) -> str:
        uuid = self._new_uuid()
        self.settled.observations.append((uuid, observation))
        self.settled.origins[uuid] = (exchange, spans)
        self.known.take(uuid, observation, mark)
        return uuid

    def _residue(self, exchange: Exchange, reading: Reading) -> None:
        """Keep what no parser claims: encrypted, reported, never dropped."""
        self.count(exchange.purpose["stream"]).residue += 1
        observation = residue_observation(self._connector, self._site, exchange, reading)
        spans = [("residue", a, b) for a, b in reading.residue]
        self._add(observation, b"", exchange.id, spans)

    def _notice(self, source: Source, gone: Gone, body: bytes, *, late: bool) -> None:
        """Observe that something is said to be gone, unless it is known to be, or seen since."""
        for thing in things_of(self.known, gone):
            before, counts = self.known.get(thing), self.count(thing[0])
            seen = gone.at or (source.captured_at if late else "")
            if before is not None and before.state in GONE:
                counts.repeats += 1
                continue
            if before is not None and self._moments.is_over(thing, seen, before):
                self._told[thing] = None  # it was seen, or told of, since: the platform is asked
                continue
            counts.new += before is None
            counts.changed += before is not None
            word = notice_observation(source, thing, gone, before, body)
            spans = [(span.role, span.start, span.end) for span in gone.spans]
            self._add(word, mark_of("", {}, self.known.key), source.exchange, spans)
            if before is not None:  # of an unknown one nobody knows whether it was ours
                self._told[thing] = None
                self._went.add(thing)

    def told(self) -> list[Thing]:
        """Return what was known and is said to be gone since the last call."""
        told, self._told = self._told, {}
        return list(told)

    def conclude_told(self, thing: Thing) -> None:
        """Say that a thing of which an event told is gone, where the platform says so too."""
        before, gone = self.known.get(thing), self._gone.get(thing)
        if before is not None and gone is not None and before.state != Kind.DELETED:
            word = event(before.observation) if before.state == Kind.ABSENT else []
            self._lose(thing, Kind.ABSENT, before, [*word, *missing(gone)], gone)
            self._went.add(thing)

    def missing(self, group: str, listings: Sequence[str], passes: Sequence[str]) -> list[Thing]:
        """Return the known records of a group that none of the passes showed.

        Not those that the run saw elsewhere, nor those of which nothing more can be said:
        absent, and no way to ask for them that would prove more.
        """
        shown = self.passes.things(group, listings, passes)
        lost = self.known.live(group) - self._met - self.moved - shown
        since = self._since.get(group, EVERYTHING)
        return sorted(thing for thing in lost if self._open(thing, since))

    def limit(self, group: str, since: str) -> None:
        """Say that passes over a group go back to a moment only, or to the end (`EVERYTHING`)."""
        self._since[group] = since

    def is_gone(self, thing: Thing) -> bool:
        """Tell whether the platform said in this run that there is no such thing."""
        return thing in self._gone

    def _open(self, thing: Thing, since: str) -> bool:
        """Tell whether a pass back to a moment should show a thing, or more be asked of it."""
        before = self.known.get(thing)
        if before is None or before.dated < since:
            return False
        return before.state != Kind.ABSENT or (
            self._conclusive(thing) and self._connector.direct(self._site, *thing) is not None
        )

    def _conclusive(self, thing: Thing) -> bool:
        return thing[0] not in self._connector.inconclusive

    def shown(self, group: str, listings: Sequence[str], number: str) -> int:
        """Return how many different things one pass over a group showed."""
        return len(self.passes.things(group, listings, [number]))

    def elsewhere(self, group: str, listings: Sequence[str]) -> int:
        """Return how many known things of a group no pass over it showed, but the run elsewhere."""
        shown = self.passes.things(group, listings, ["1", "2"])
        return len((self.known.live(group) & (self._met | self.moved)) - shown)

    def close_pass(self, group: str, listings: Sequence[str], number: str, *, counts: bool) -> None:
        """Leave a listing observation wherever a pass proves a change or an absence.

        ``counts``: also where its control count is news.
        """
        missing = self.missing(group, listings, [number])
        for name in listings:
            self._listing(group, name, number, telling=bool(missing), counts=counts)

    def conclude(self, group: str, listings: Sequence[str], passes: Sequence[str]) -> None:
        """Say what became of the known things that complete passes did not show.

        ``deleted`` needs two passes without it and a direct 404 that proves it; before that
        ``absent``. Of passes back to a moment nothing is said without the 404: it may have moved.
        """
        for thing in self.missing(group, listings, passes):
            if thing in self._gone or not self._since.get(group):
                self._absence(group, listings, passes, thing)

    def _listing(self, group: str, name: str, number: str, *, telling: bool, counts: bool) -> None:
        one = self.passes.get(group, name, number)
        if one is None:
            return
        thing = one.exchange.purpose["stream"], f"listing/{name}"
        known = self.known.get(thing)
        row = {"reported": one.total} if one.total else {}
        mark = mark_of(Kind.LISTING, row, self.known.key)
        news = counts and (known is None or known.mark != mark)
        if not (telling or one.changed or (news and (one.shown or one.total))):
            return
        latest = [self.known.get(thing) for thing in one.shown]
        listed = [record.observation for record in latest if record]
        one.since = self._since.get(group, EVERYTHING)
        place = Place(self._connector.platform, self._site.account, *thing)
        told = listing_observation(place, name, one, listed)
        one.uuid = self._add(told, mark, one.exchange.id, [])

    def _absence(
        self, group: str, listings: Sequence[str], passes: Sequence[str], thing: Thing
    ) -> None:
        before = self.known.get(thing)
        gone = self._gone.get(thing)
        proven = gone is not None and len(passes) > 1 and self._conclusive(thing)
        if before is None or (before.state == Kind.ABSENT and not proven):
            return
        closed = self.passes.closed(group, listings, passes)
        source = gone or closed[-1].exchange
        kind = Kind.DELETED if proven else Kind.ABSENT
        self._lose(thing, kind, before, [*unlisted(closed), *missing(gone)], source)
        self._went.add(thing)

    def _lose(
        self, thing: Thing, kind: Kind, before: KnownRecord, evidence: list[str], source: Exchange
    ) -> None:
        place = Place(self._connector.platform, self._site.account, *thing)
        self.count(thing[0]).changed += 1
        lost = absence_observation(place, kind, before.sensitivity, evidence, source)
        self._add(lost, b"", source.id, [])

    def orphans(self, listed: Collection[str], *, every: bool) -> list[tuple[Thing, Thing]]:
        """Return the parts whose wholes went in this run, each with its whole.

        Args:
            listed: groups that this run has enumerated; they speak for themselves.
            every: also what is left of the parts of what went earlier.

        Each is returned once a run for the same news of its whole.
        """
        return self._left.of(self.known, self._went, listed, every=every)

    def conclude_part(self, part: Thing, whole: Thing) -> None:
        """Say what became of a part that was asked for because its whole is gone.

        Where the platform says that there is none either, it is ``deleted`` as its whole
        is, or ``absent``: no listing showed it but one that went with its whole. So it is,
        too, where the whole was only taken away from its readers.
        """
        before, after, gone = self.known.get(part), self.known.get(whole), self._gone.get(part)
        if before is None or after is None or gone is None:
            return
        kind = Kind.DELETED if after.state == Kind.DELETED else Kind.ABSENT
        if after.state in {*GONE, Kind.REMOVED} and before.state not in {kind, Kind.DELETED}:
            evidence = [*part_of(after.observation), *missing(gone)]
            self._lose(part, kind, before, evidence, gone)
