"""The figures of a certificate, counted from where its versions came from. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archiver.produce.certificate_902 import (
    Clock,
    Grade,
    Parsed,
    Provenance,
    Replaced,
    Rests,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.ledger.ranges import Ranges
    from archiver.produce.origin import Origin

__all__ = ["Cell", "Copied", "provenance_of", "scope_of"]

UNKNOWN = "unknown"
_UNTOLD = "not told"


class Copied(NamedTuple):
    """Copies of versions since they were sealed, those that were signed for, and by whom."""

    copies: int = 0
    verified: int = 0
    by: frozenset[str] = frozenset()


class Cell(NamedTuple):
    """What the capability matrix says of a stream of a platform."""

    verdict: str
    proved_by: str
    citation: str


def scope_of(origins: Sequence[Origin]) -> Scope:
    """Return what versions there are, and of what."""
    times = [one.captured_at for one in origins]
    return Scope(
        records=len({one.record for one in origins}),
        versions=len(origins),
        platforms=_each(one.platform for one in origins),
        accounts=_each(one.account for one in origins),
        streams=_each(one.stream for one in origins),
        first=min(times, default=""),
        last=max(times, default=""),
    )


def provenance_of(
    origins: Sequence[Origin],
    matrix: Mapping[tuple[str, str], Cell],
    held: Mapping[str, Ranges],
    copied: Copied,
) -> Provenance:
    """Return how versions came to be.

    Args:
        origins: where each came from.
        matrix: the capability matrix, by platform and stream.
        held: exchanges that are kept yet, by lane.
        copied: what became of them since.
    """
    return Provenance(
        clocks=_clocks(origins),
        parsers=_parsers(origins),
        grades=_grades(origins, matrix),
        replacements=_replaced(origins),
        rests=Rests(
            ended=sum(not _is_held(one, held) for one in origins if one.exchange),
            direct=sum(not one.exchange for one in origins),
            copied=copied.copies,
            verified=copied.verified,
            verified_by=_each(copied.by),
        ),
    )


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _clocks(origins: Sequence[Origin]) -> tuple[Clock, ...]:
    by_source: dict[str, list[Origin]] = {}
    for one in origins:
        by_source.setdefault(one.clock or _UNTOLD, []).append(one)
    found = []
    for source, own in sorted(by_source.items()):
        apart = [one.apart for one in own if one.apart is not None]
        found.append(Clock(source, len(own), len(apart), max(apart, default=None)))
    return tuple(found)


def _parsers(origins: Sequence[Origin]) -> tuple[Parsed, ...]:
    every = Counter(one.parser for one in origins)
    newer = Counter(one.parser for one in origins if one.newer)
    return tuple(Parsed(name, every[name], newer[name]) for name in sorted(every))


def _grades(origins: Sequence[Origin], matrix: Mapping[tuple[str, str], Cell]) -> tuple[Grade, ...]:
    counted = Counter((_read_from(one), one.stream) for one in origins)
    none = Cell(UNKNOWN, UNKNOWN, "")
    return tuple(
        Grade(platform, stream, *matrix.get((platform, stream), none), many)
        for (platform, stream), many in sorted(counted.items())
    )


def _read_from(one: Origin) -> str:
    """Return what a version was read from: its platform, or the format of an export."""
    return one.imported.partition(" ")[0] or one.platform


def _replaced(origins: Sequence[Origin]) -> tuple[Replaced, ...]:
    counted = Counter(
        where for one in origins for where in {_place(text) for text in one.replacements}
    )
    return tuple(Replaced(where, many) for where, many in sorted(counted.items()))


def _place(declared: str) -> str:
    """Return a declaration (``where name count [flag]``) without its count."""
    return " ".join(word for word in declared.split() if not word.isdigit())


def _is_held(one: Origin, held: Mapping[str, Ranges]) -> bool:
    lane, _, number = one.exchange.rpartition("/")
    place = int(number) if number.isdigit() else -1
    return any(first <= place < end for first, end in held.get(lane, ()))
