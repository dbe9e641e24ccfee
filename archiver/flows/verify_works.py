"""What there is to verify, seal by seal, with all that each check has to know of the ledger."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol

from archiver.flows.verify_generations import told_generations
from archiver.flows.verify_work import Work
from archiver.ledger import ranges
from archiver.ledger.state import INTAKE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from archiver.flows.verified import Settlement
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Log", "works"]


class Log(Protocol):
    """What is believed of the ledger. ``skipped``: entries before it were verified earlier."""

    state: LedgerState
    skipped: int

    def hash_of(self, leaf: int) -> bytes | None:
        """Return the hash of a leaf, or None where nobody can tell."""
        ...


class _Superseded(NamedTuple):
    """What of each seal was superseded, and what superseded others has of whom.

    By index of a seal, ``old``: those of its segments whose files are not said to be gone, and
    whether they may be; ``merged``: how many records they had. By index of a seal that
    superseded others, ``maps``: those that tell of its records, each with the leaves that it
    came with.
    """

    old: dict[int, list[tuple[Segment, bool]]]
    merged: dict[int, int]
    maps: dict[int, list[tuple[Sequence[Segment], Ranges]]]


def works(
    log: Log,
    segments: Sequence[Segment],
    settled: Settlement,
    only: Collection[int] | None = None,
) -> Iterator[Work]:
    """Yield what is to be checked, seal by seal.

    Args:
        log: the ledger.
        segments: all live ones.
        settled: what of the others may be gone.
        only: seals that are asked for; None: all that were not verified before.
    """
    told = told_generations(log.state, segments)
    live, intake = defaultdict[int, list["Segment"]](list), defaultdict[str, list["Segment"]](list)
    for one in segments:
        live[one.seal].append(one)
        if one.stage == INTAKE:
            intake[one.account].append(one)
    past, gone = _superseded(log.state, segments, settled), _gone(settled)
    for seal in sorted(live.keys() | past.old):
        if seal not in only if only is not None else seal < log.skipped:
            continue
        own = live[seal]
        leaves = [leaf for one in own for leaf in ranges.numbers(one.leaves)]
        mapped = own and (seal in past.maps or any(map(_is_map, own)))
        yield Work(
            seal=seal,
            segments=own,
            leaves={leaf: found for leaf in leaves if (found := log.hash_of(leaf))},
            intake=intake[own[0].account] if mapped else (),
            told={leaf: told[leaf] for leaf in leaves if leaf in told},
            old=past.old.get(seal, ()),
            merged=past.merged.get(seal, 0),
            maps=past.maps.get(seal, ()),
            gone=gone,
        )


def _superseded(
    state: LedgerState, segments: Sequence[Segment], settled: Settlement
) -> _Superseded:
    retired = list(state.retired())
    after = {one.seal: seal for one, seal in retired if one.supersedes}
    may_go = {one.place for one, _ in settled.released}
    maps = _maps(retired, segments)
    live = defaultdict[int, ranges.Ranges](list)
    for one in segments:
        live[one.seal] = ranges.union(live[one.seal], one.leaves) if retired else []
    found = _Superseded(defaultdict(list), defaultdict(int), defaultdict(list))
    for one, seal in retired:
        if not state.is_removed(seal) or one.place not in may_go:
            found.old[one.seal].append((one, one.place in may_go))
        if one.supersedes:  # what it had was counted where it came from
            continue
        found.merged[one.seal] += ranges.count(one.leaves)
        last = seal
        while last in after:
            last = after[last]
        if _is_map(one):  # it was split: the records that came with it are asked of its parts
            found.maps[one.seal].append((maps[one.seal], live[one.seal]))
        else:
            found.maps[last].append((maps[one.seal], one.leaves))
    _ended(state, settled, found)
    return found


def _ended(state: LedgerState, settled: Settlement, found: _Superseded) -> None:
    """Note what was taken out: it is there yet, may be gone, or must not be gone."""
    lawful = {one.place for one, _ in settled.ended}
    for one, _ in state.ended():
        if one.place not in settled.cleared:
            found.old[one.seal].append((one, one.place in lawful))
        found.merged[one.seal] += 0 if one.supersedes else ranges.count(one.leaves)


def _maps(
    retired: Iterable[tuple[Segment, int]], segments: Iterable[Segment]
) -> defaultdict[int, list[Segment]]:
    """Return the live maps of each settling seal: its own, or the parts of it that are left."""
    every = sorted((*(one for one, _ in retired), *segments), key=lambda one: one.seal)
    first: dict[str, int] = {}
    for one in filter(_is_map, every):
        older = (first[f"{one.unit}/{name}"] for name in one.supersedes)
        first[one.place] = next(older, one.seal)
    found = defaultdict[int, list["Segment"]](list)
    for one in filter(_is_map, segments):
        found[first[one.place]].append(one)
    return found


def _is_map(segment: Segment) -> bool:
    return any(suffix.startswith("map") for suffix in segment.objects)


def _gone(settled: Settlement) -> dict[str, ranges.Ranges]:
    """Return the exchanges that went with records that were destroyed, by lane."""
    found: dict[str, ranges.Ranges] = {}
    for one, _ in settled.ended:
        if one.stage == INTAKE:
            found[one.lane] = ranges.union(found.get(one.lane, []), one.exchanges)
    return found
