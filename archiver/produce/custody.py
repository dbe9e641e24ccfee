"""The chain of custody of what is handed over: who had it when, and what vouches for that. Pure.

It is folded from entries of the log and from the versions' own header lines, so it has handles
and names of roles, and nobody's name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.ledger import ranges
from archiver.ledger.anchor import COSIGNED, REHASH, TIMESTAMP, anchors_of
from archiver.ledger.seal import COMPACT, INTAKE, SETTLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.ledger.ranges import Ranges
    from archiver.produce.origin import Origin

__all__ = ["COLUMNS", "SCHEMA", "Chain", "Event", "Known", "Look", "Verified", "chain_of_custody"]

SCHEMA = "civic-archive/chain-of-custody/1"
NOBODY = (
    "No independent witness has cosigned a log that has these versions: that everybody is shown "
    "the same log rests on the archive's own key."
)


class Event(NamedTuple):
    """Something that happened to what is handed over.

    ``entry``: of the log, None where only header lines tell it. ``versions``: of those handed
    over, how many it is about. ``by``: handles of people or names of outsiders.
    """

    time: str
    what: str
    entry: int | None
    account: str
    lane: str
    versions: int
    by: str
    told: str


COLUMNS = Event._fields


class Verified(NamedTuple):
    """A verification that counts: its entry, the superseding seal, the handles of who signed."""

    entry: int
    seal: int
    by: tuple[str, ...]


class Look(NamedTuple):
    """A look at these records while they were private: its day, what was done, and by whom."""

    day: str
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the log.

    ``controls``: control entries with their indexes, up to the size that is asked for. ``void``:
    seals that count for nothing. ``accounts``: name by handle. ``witnesses``: by the entry of an
    anchor, who cosigned; ``independent``: those of them whom another operator runs.
    """

    size: int
    controls: Sequence[tuple[int, Mapping[str, Any]]]
    void: Mapping[int, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    verified: Sequence[Verified] = ()
    witnesses: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    independent: frozenset[str] = frozenset()
    looks: Sequence[Look] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain: events by time, of so many versions, and what vouches from outside."""

    size: int
    versions: int
    records: int
    events: tuple[Event, ...]
    outside: str

    def table(self) -> list[tuple[str, ...]]:
        """Return header and rows as text, for a CSV."""
        rows = (tuple("" if cell is None else str(cell) for cell in one) for one in self.events)
        return [COLUMNS, *rows]

    def counts(self) -> dict[str, int]:
        """Return how many events there are of each kind."""
        return dict(sorted(Counter(one.what for one in self.events).items()))

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "schema": SCHEMA,
            "size": self.size,
            "versions": self.versions,
            "records": self.records,
            "outside": self.outside,
            "events": [one._asdict() for one in self.events],
        }


def chain_of_custody(leaves: Ranges, origins: Sequence[Origin], known: Known) -> Chain:
    """Return the chain of the versions at some leaves; ``origins``: of each, by rising leaf."""
    fold = _Fold(leaves, {one.leaf: one for one in origins}, known)
    events = sorted(fold.events(), key=lambda one: (one.time, one.entry or 0, one.what))
    records = len({one.record for one in origins})
    return Chain(known.size, len(origins), records, tuple(events), _outside(known))


@dataclass(frozen=True, slots=True)
class _Fold:
    leaves: Ranges
    origins: Mapping[int, Origin]
    known: Known

    def events(self) -> Iterator[Event]:
        """Yield all events."""
        seals = [(at, body, self._own(body)) for at, body in self._live("seal")]
        lanes: dict[str, list[tuple[Ranges, int]]] = {}
        for at, body, own in seals:
            if body["stage"] == SETTLE and own:
                lanes.setdefault(body.get("lane", ""), []).append((_numbers(body), len(own)))
                yield from self._settled(at, body, own)
        for at, body, _ in seals:
            if body["stage"] == INTAKE:
                yield from self._intake(at, body, lanes.get(body["lane"], ()))
        merged = {at: (body, len(own)) for at, body, own in seals if body["stage"] == COMPACT}
        for at, (body, many) in merged.items():
            if many:
                how = "merged" if len(body["segments"]) == 1 else "split"
                yield self._event(at, body, "compacted", many, f"{how}, copied byte for byte")
        yield from self._verified({at: many for at, (_, many) in merged.items()})
        yield from self._read_anew()
        yield from self._anchored()
        yield from self._looked()
        for at, body in self._live("export"):
            yield self._event(at, body, "exported", 0, "an export of the archive")

    def _live(self, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for at, body in self.known.controls:
            if body["t"] == kind and at not in self.known.void:
                yield at, body

    def _own(self, body: Mapping[str, Any]) -> list[int]:
        """Return which of the leaves a seal has."""
        return [leaf for one in body["segments"] for leaf in self._shared(one["leaves"])]

    def _shared(self, leaves: Ranges) -> Iterator[int]:
        for first, end in leaves:
            for pair in ranges.within(self.leaves, first, end):
                yield from range(max(first, pair[0]), min(end, pair[1]))

    def _event(self, at: int, body: Mapping[str, Any], what: str, many: int, told: str) -> Event:
        handle = body.get("account", "")
        account = self.known.accounts.get(handle, handle)
        return Event(body["time"], what, at, account, body.get("lane", ""), many, "", told)

    def _settled(self, at: int, body: Mapping[str, Any], own: Sequence[int]) -> Iterator[Event]:
        origins = (self.origins[leaf] for leaf in own if leaf in self.origins)
        found = [one for one in origins if not one.newer]
        if found:
            first = min(one.captured_at for one in found)
            told = self._event(at, body, "captured", len(found), _captured(found))
            yield told._replace(time=first, entry=None)
        batch = f"batch {body['batch']} of the account, sealed with the archive's own key"
        yield self._event(at, body, "settled", len(own), batch)

    def _intake(
        self, at: int, body: Mapping[str, Any], settled: Sequence[tuple[Ranges, int]]
    ) -> Iterator[Event]:
        """Yield the seal of exchanges that some of these versions were settled from."""
        exchanges = _numbers(body)
        many = sum(count for own, count in settled if ranges.overlap(own, exchanges))
        if many:
            told = f"{ranges.count(exchanges)} exchanges as they were received"
            yield self._event(at, body, "taken in", many, told)

    def _verified(self, merged: Mapping[int, int]) -> Iterator[Event]:
        bodies = dict(self._live("verified"))
        for one in self.known.verified:
            if merged.get(one.seal):
                told = f"every record of entry {one.seal} read, in the role of the verifier"
                found = self._event(
                    one.entry, bodies[one.entry], "verified", merged[one.seal], told
                )
                yield found._replace(by=", ".join(one.by))

    def _read_anew(self) -> Iterator[Event]:
        for at, body in self._live("generation"):
            own = list(self._shared(body["leaves"]))
            if own:
                parsers = sorted({self.origins[one].parser for one in own if one in self.origins})
                told = f"by a newer parser: {', '.join(parsers)}"
                yield self._event(at, body, "read anew", len(own), told)

    def _anchored(self) -> Iterator[Event]:
        """Yield the anchors that are the first of their kind over some of the versions."""
        reached: dict[str, int] = {}
        bodies = dict(self._live("anchor"))
        for one in anchors_of(bodies.items()):
            since = reached.get(one.kind, 0)
            reached[one.kind] = max(since, one.size)
            many = len(list(self._shared([[since, one.size]]))) if one.size > since else 0
            if many:
                what, told = _ANCHORED[one.kind]
                told = f"{told} of {one.size} entries"
                found = self._event(one.index, bodies[one.index], what, many, told)
                yield found._replace(by=", ".join(self.known.witnesses.get(one.index, ())))

    def _looked(self) -> Iterator[Event]:
        """Yield the looks of each day, with how many were at these records, and by whom."""
        for at, body in self._live("access"):
            own = [one for one in self.known.looks if one.day == body["day"]]
            if own:
                counted = Counter(one.what for one in own)
                here = ", ".join(f"{what} {many}" for what, many in sorted(counted.items()))
                told = f"of {body['looks']} looks of {body['day']}, at these records: {here}"
                by = ", ".join(sorted({one.by for one in own if one.by}))
                yield self._event(at, body, "looked at", 0, told)._replace(by=by)


_ANCHORED = {
    COSIGNED: ("cosigned", "a checkpoint"),
    TIMESTAMP: ("time-stamped", "a checkpoint"),
    REHASH: ("hashed again", "SHA-512 over all entries and stored files"),
}


def _numbers(body: Mapping[str, Any]) -> Ranges:
    found: Ranges = body.get("exchanges", [])
    return found


def _captured(found: Sequence[Origin]) -> str:
    """Return by what some versions were captured, and by whose clock."""
    parsers = ", ".join(sorted({one.parser for one in found}))
    clocks = ", ".join(sorted({one.clock for one in found if one.clock})) or "not told"
    apart = [one.apart for one in found if one.apart is not None]
    served = f"; servers' own time in {len(apart)}, at most {max(apart)} s apart" if apart else ""
    last = max(one.captured_at for one in found)
    return f"until {last}; connector and parser {parsers}; clock: {clocks}{served}"


def _outside(known: Known) -> str:
    names = {name for own in known.witnesses.values() for name in own}
    found = sorted(names & known.independent)
    return f"Independent witnesses have cosigned: {', '.join(found)}." if found else NOBODY
