"""A sealed segment, as its seal says it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.ledger.seal import INTAKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.ledger.ranges import Ranges

__all__ = ["Segment", "segments_of"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment: where it is, what its files hash to, which leaves are its own.

    ``objects`` maps each file's suffix to the SHA-256 (hex) of its stored bytes; ``lane``
    and ``exchanges`` are those of its seal, or of a part of intake its own, whose stage is that
    of intake too. ``supersedes``: segments in whose place it is.
    """

    seal: int
    account: str
    stage: str
    unit: str
    name: str
    series: str
    period: str
    sensitivity: str
    objects: dict[str, str]
    leaves: Ranges
    lane: str = ""
    exchanges: Ranges = field(default_factory=list)
    supersedes: Sequence[str] = ()

    @property
    def place(self) -> str:
        """Where it is: ``unit/segment``."""
        return f"{self.unit}/{self.name}"

    @property
    def has_records(self) -> bool:
        """Whether it holds records, and not exchanges or a map."""
        return self.stage != INTAKE and bool(self.leaves)


def segments_of(index: int, body: Mapping[str, Any]) -> Iterator[Segment]:
    """Yield the segments of a well-formed seal, which is entry ``index``."""
    for one in body["segments"]:
        yield Segment(
            seal=index,
            account=body["account"],
            stage=INTAKE if "lane" in one else body["stage"],
            unit=one["unit"],
            name=one["segment"],
            series=one["series"],
            period=one["period"],
            sensitivity=one["sensitivity"],
            objects=one["objects"],
            leaves=one["leaves"],
            lane=one.get("lane", body.get("lane", "")),
            exchanges=one.get("exchanges", body.get("exchanges", [])),
            supersedes=one.get("supersedes", ()),
        )
