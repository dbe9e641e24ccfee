"""Settling: from readings to observations, repeats, listings, absences and residue. Pure.

`Settler` takes exchanges in order and compares each item with what is known. It gives
the same observations (but for their random ids) whenever the same exchanges are
settled against the same known state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.capture.known import KnownRecord, mark_of
from archiver.capture.listings import Passes, Place, absence_observation, listing_observation
from archiver.capture.reading import FILE_PARSER
from archiver.record import Excerpt, Kind, Observation, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archiver.capture.connector import Connector, Site
    from archiver.capture.known import Known, Thing
    from archiver.capture.reading import Reading, Sighting
    from archiver.record import Exchange

__all__ = ["Counts", "Settled", "Settler", "verdict"]


@dataclass(slots=True)
class Counts:
    """What became of one stream in a run. ``reported`` None: the platform gave no count."""

    reported: int | None = None
    seen: int = 0
    new: int = 0
    changed: int = 0
    repeats: int = 0
    residue: int = 0
    unexplained: int = 0


@dataclass(slots=True)
class Settled:
    """Observations ready to be sealed, each with its own random UUID, and their origins.

    ``origins`` is the settlement map: UUID -> (exchange id, [(role, start, end) …]). It
    goes into encrypted intake only.
    """

    observations: list[tuple[str, Observation]] = field(default_factory=list)
    origins: dict[str, tuple[str, list[tuple[str, int, int]]]] = field(default_factory=dict)


def verdict(before: KnownRecord | None, kind: str, mark: bytes) -> str | None:
    """Return what an observation of an item says, or None for a repeat.

    Args:
        before: what was known.
        kind: the state its bytes show now (present, held, hidden, removed).
        mark: the fingerprint of what it says now.
    """
    if before is None:
        return kind
    if before.state == kind:
        return None if before.mark == mark else str(Kind.EDITED)
    if kind == Kind.PRESENT and before.state != Kind.HELD:
        return str(Kind.RESTORED)
    return kind


class Settler:
    """Compares exchanges of one account with what is known, in order."""

    def __init__(
        self, connector: Connector, site: Site, known: Known, new_uuid: Callable[[], str]
    ) -> None:
        self._connector = connector
        self._site = site
        self.known = known
        self._new_uuid = new_uuid
        self._settled = Settled()
        self._passes = Passes()
        self._gone: dict[Thing, Exchange] = {}
        self._met: set[Thing] = set()
        self.counts: dict[str, Counts] = {}

    def take(self, exchange: Exchange, reading: Reading) -> list[str | None]:
        """Settle one exchange. Returns the verdict on each of its items."""
        verdicts = [self._item(exchange, reading, sighting) for sighting in reading.sightings]
        if reading.residue:
            self._residue(exchange, reading)
        purpose = exchange.purpose
        problem = reading.page.problem
        if purpose["role"] == "listing":
            self._passes.page(exchange, reading.page, changed=any(verdicts))
        elif problem is not None and problem.code == "missing" and purpose["role"] == "direct":
            self._gone[purpose["stream"], purpose["native_id"]] = exchange
        elif purpose["role"] == "direct":
            self._met |= {(item.stream, item.native_id) for item in reading.page.items}
        return verdicts

    def document(self, thing: Thing, row: Mapping[str, str]) -> str | None:
        """Return the verdict on a document of our own, or None where it is known as it is."""
        return verdict(self.known.get(thing), Kind.PRESENT, mark_of("", row, self.known.key))

    def drain(self) -> Settled:
        """Return what has been settled since the last call, and start a new batch."""
        settled, self._settled = self._settled, Settled()
        return settled

    def count(self, stream: str) -> Counts:
        """Return the running counts of a stream."""
        return self.counts.setdefault(stream, Counts())

    def _item(self, exchange: Exchange, reading: Reading, sighting: Sighting) -> str | None:
        item = sighting.item
        mark = mark_of(item.kind, sighting.row, self.known.key)
        before = self.known.get((item.stream, item.native_id))
        kind = verdict(before, item.kind, mark)
        counts = self.count(item.stream)
        if kind is None:
            counts.repeats += 1
            return None
        counts.new += before is None
        counts.changed += before is not None
        whole = exchange.purpose["role"] == "file"
        observation = Observation(
            platform=self._connector.platform,
            account=self._site.account,
            stream=item.stream,
            native_id=item.native_id,
            kind=kind,
            sensitivity=item.sensitivity,
            captured_at=exchange.captured_at,
            excerpts=sighting.excerpts,
            row=sighting.row,
            parser=FILE_PARSER if whole else self._connector.parser,
            exchange=exchange.id,
            content_type=item.content_type,
            page_url=item.page_url,
            group="" if whole else exchange.purpose["group"],
            context=reading.headers + exchange.provenance,
            warc_type="response" if whole else "resource",
        )
        spans = [(span.role, span.start, span.end) for span in item.spans]
        self._add(observation, mark, exchange, spans)
        return kind

    def _add(
        self,
        observation: Observation,
        mark: bytes,
        exchange: Exchange,
        spans: list[tuple[str, int, int]],
    ) -> str:
        uuid = self._new_uuid()
        self._settled.observations.append((uuid, observation))
        self._settled.origins[uuid] = (exchange.id, spans)
        kind = observation.kind
        self.known.observe(
            (observation.stream, observation.native_id),
            kind,
            KnownRecord(kind, mark, uuid, observation.group, observation.sensitivity),
        )
        return uuid

    def _residue(self, exchange: Exchange, reading: Reading) -> None:
        """Keep what no parser claims: encrypted, reported, never dropped."""
        stream = exchange.purpose["stream"]
        self.count(stream).residue += 1
        excerpts = tuple(Excerpt("residue", reading.body[a:b]) for a, b in reading.residue)
        observation = Observation(
            platform=self._connector.platform,
            account=self._site.account,
            stream=stream,
            native_id=f"residue/{exchange.id}",
            kind=Kind.RESIDUE,
            sensitivity=Sensitivity.PRIVATE,
            captured_at=exchange.captured_at,
            excerpts=excerpts,
            row={},
            parser=self._connector.parser,
            exchange=exchange.id,
            context=reading.headers + exchange.provenance,
        )
        spans = [("residue", a, b) for a, b in reading.residue]
        self._add(observation, b"", exchange, spans)

    def missing(self, group: str, listings: Sequence[str], passes: Sequence[str]) -> list[Thing]:
        """Return the known records of a group that none of the passes showed."""
        shown = self._passes.things(group, listings, passes)
        return sorted(self.known.live(group) - self._met - shown)

    def total(self, group: str, listings: Sequence[str], number: str) -> int | None:
        """Return the platform's own count of a group in one pass, or None without one."""
        return self._passes.total(group, listings, number)

    def shown(self, group: str, listings: Sequence[str], number: str) -> int:
        """Return how many different things one pass over a group showed."""
        return len(self._passes.things(group, listings, [number]))

    def close_pass(self, group: str, listings: Sequence[str], number: str, *, counts: bool) -> None:
        """Leave a listing observation wherever a pass proves a change or an absence.

        ``counts``: also where its control count is news.
        """
        missing = self.missing(group, listings, [number])
        for name in listings:
            self._listing(group, name, number, telling=bool(missing), counts=counts)

    def conclude(self, group: str, listings: Sequence[str], passes: Sequence[str]) -> None:
        """Say what became of the known things that complete passes did not show.

        ``deleted`` needs two passes without it and a direct 404; before that ``absent``.
        """
        for thing in self.missing(group, listings, passes):
            self._absence(group, listings, passes, thing)

    def _listing(self, group: str, name: str, number: str, *, telling: bool, counts: bool) -> None:
        one = self._passes.get(group, name, number)
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
        place = Place(self._connector.platform, self._site.account, *thing)
        one.uuid = self._add(listing_observation(place, name, one, listed), mark, one.exchange, [])

    def _absence(
        self, group: str, listings: Sequence[str], passes: Sequence[str], thing: Thing
    ) -> None:
        before = self.known.get(thing)
        gone = self._gone.get(thing)
        proven = gone is not None and len(passes) > 1
        if before is None or (before.state == Kind.ABSENT and not proven):
            return
        place = Place(self._connector.platform, self._site.account, *thing)
        kind = Kind.DELETED if proven else Kind.ABSENT
        closed = self._passes.closed(group, listings, passes)
        observation, source = absence_observation(place, kind, before.sensitivity, closed, gone)
        self.count(thing[0]).changed += 1
        self._add(observation, b"", source, [])
