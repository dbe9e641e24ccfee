"""What is said of all records on a day: counted by cells, or record by record. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from archiver.flows.cells import scattered
from archiver.flows.ruling import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from archiver.flows.cells import Cells, Column

__all__ = ["Group", "Kind", "Ruled"]

_EARLY = "early"


class Kind(NamedTuple):
    """All that is said of a cell but from when. ``before`` is its state until that day."""

    series: str
    then: str
    blockers: tuple[str, ...]
    before: str
    after: str


class Group(NamedTuple):
    """Records of one kind and state, and the first and last of the days that are told of them."""

    kind: Kind
    state: str
    records: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Ruled:
    """What is said of all records on a day.

    ``verdicts``: ``kind not_before`` of each cell without a mark, then of each of ``codes``
    (`archiver.flows.judging`); ``records``: how many it is said of. ``number``: records that a
    decision names, and ``code`` beside it.
    """

    as_of: date
    cells: Cells
    kinds: tuple[Kind, ...]
    verdicts: pa.Table
    records: Column
    codes: Column
    number: Column
    code: Column

    def groups(self) -> list[Group]:
        """Return records counted by all that is said of them but from when."""
        groups = []
        for kind, early, records, first, last in self._counted(
            _EARLY, (("not_before", "min"), ("not_before", "max"))
        ):
            said = self.kinds[kind]
            groups.append(Group(said, said.before if early else said.after, records, first, last))
        return groups

    def days(self) -> list[tuple[Kind, date, int]]:
        """Return records counted by what is said of them and from when, where a day is told."""
        return [
            (self.kinds[kind], day, records)
            for kind, day, records in self._counted("not_before", ())
            if day is not None
        ]

    def _counted(self, by: str, more: Sequence[tuple[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """Yield kinds, a column beside them, how many records they are of, and more of these."""
        every = self.verdicts.append_column("records", self.records)
        real: Column = pc.greater(every["records"], pa.scalar(0))
        some = every.filter(real)
        some = some.append_column(_EARLY, self._early(some["not_before"]))
        told = some.group_by(["kind", by]).aggregate([("records", "sum"), *more])
        return zip(*(column.to_pylist() for column in told.columns), strict=True)

    def _early(self, days: Column) -> Column:
        """Tell of days whether they are still to come; none is not."""
        return pc.coalesce(pc.greater(days, pa.scalar(self.as_of)), pa.scalar(False))  # noqa: FBT003

    @cached_property
    def rows(self) -> pa.Table:
        """``record series then not_before blockers state`` of each record, by id."""
        own = pc.index_in(self.code, self.codes).cast(pa.int64())
        own = pc.add(own, pa.scalar(self.cells.facts.num_rows))
        places = pc.coalesce(scattered(own, self.number, len(self.cells.of)), self.cells.of)
        placed = pa.table({"record": self.cells.records, "place": places})
        said = self._said()
        return pa.concat_tables([self._told(one, said) for one in parts(placed)])

    def _said(self) -> dict[str, Column]:
        """Return what is said of kinds, in columns."""
        texts: dict[str, Any] = dict.fromkeys(Kind._fields, pa.string())
        types = texts | {"blockers": pa.list_(pa.string())}
        return {
            name: pa.array([getattr(one, name) for one in self.kinds], type_)
            for name, type_ in types.items()
        }

    def _told(self, some: pa.Table, said: dict[str, Column]) -> pa.Table:
        verdict = self.verdicts.take(some["place"])
        kind, day = verdict["kind"], verdict["not_before"]
        told = {name: column.take(kind) for name, column in said.items()}
        columns: dict[str, Column] = {
            "record": some["record"],
            "series": told["series"],
            "then": told["then"],
            "not_before": day,
            "blockers": told["blockers"],
            "state": pc.if_else(self._early(day), told["before"], told["after"]),
        }
        return pa.table(columns)
