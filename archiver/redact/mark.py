"""A mark: a place in a record that a person has decided to withhold, with its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.record import wholes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Mark", "Region", "on"]


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture, a video or a sound.

    ``box``: left, top, right, bottom, each a fraction of the whole in millionths; empty: all of it.
    ``span``: from which to which millisecond; empty: all the time, or a picture.
    """

    box: tuple[int, ...] = ()
    span: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What is withheld of a record.

    ``field``: a column (`archiver.columns`); empty: the record as a whole. ``start`` to ``end``:
    code points of its value in ``observation``; ``end`` 0: all of the field, in every version.
    What the place says is withheld wherever the record says it: in any field, any version, any
    spelling (`archiver.ledger.folding`). ``region``: of the media that the record is.
    ``exemption``: the code of an exemption; ``basis``: the facts it rests on, in words.
    ``decider`` and ``decided``: who, by their handle, and when.
    """

    handle: str
    record: str
    exemption: str
    basis: str
    decider: str
    decided: str
    observation: str = ""
    field: str = ""
    start: int = 0
    end: int = 0
    region: Region | None = None


def on(record: str, marks: Mapping[str, Sequence[Mark]]) -> tuple[Mark, ...]:
    """Return the marks that concern a record: its own, and those of what it is a part of.

    Its file (``42/file``) goes with it (ADR 0017), so what is withheld there is here. A region is
    one of a record's own file alone. ``marks``: all that stand, by record.
    """
    above = [one for whole in wholes(record) for one in marks.get(whole, ())]
    return (*marks.get(record, ()), *(one for one in above if one.region is None))
