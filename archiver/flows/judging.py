"""Records judged by cells: one for all that are alike, so that millions cost little.

What the engine's statement says of one is the verdict of all of its cell; records that people
decided something about are told apart by what that was. A day changes nothing of a verdict but
whether its own day has come: each is asked for as of the first day that there is, and of what is
then not due one of each kind as of the last (``docs/adr/0137-*``).
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.flows.cells import SHARED, counting, firsts, numbered, scattered
from archiver.flows.ruled import Kind, Ruled
from archiver.flows.ruling import parts, said, tables_of
from archiver.flows.touched import PLAIN, Mark, touched
from archiver.retention.compiled import CLASSIFIED, HOLDING, REVIEWED
from archiver.retention.due import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.flows.cells import Cells, Column
    from archiver.ports import Engine as Database
    from archiver.retention.due import Engine

__all__ = ["Judge"]

_OF_SETS = {"member", "stretches", "covering"}
_MARK: dict[str, Any] = dict(
    zip(Mark._fields, (pa.bool_(), pa.bool_(), pa.string(), pa.string()), strict=True)
)


class Judge:
    """Judges cells, and remembers what was said of them for as long as the rules are the same.

    Sets of holds, reviews and classifications may change, and the day: then only what was never
    asked is judged. What is asked is a *code*: the number of a mark, times all cells, and a cell.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._many = cells.facts.num_rows
        self._begin(b"")

    def _begin(self, rules: bytes) -> None:
        """Forget what was said under other rules."""
        self._rules = rules
        self._marks: dict[Mark, int] = {one: number for number, one in enumerate(PLAIN)}
        self._kinds: dict[tuple[str, str, tuple[str, ...], str], int] = {}
        self._said: list[Kind] = []
        self._codes: Column = pa.array([], pa.int64())  # after those of cells without a mark
        self._verdicts: list[pa.Table] = []

    def rule(self, database: Database, engine: Engine) -> Ruled:
        """Return what is said of all records on the day of an engine."""
        rules = tables_of(engine)
        if (digest := _digest(rules)) != self._rules:
            self._begin(digest)
            self._judge(database, rules, counting(self._many))
        found = touched(database, rules, self.cells, self._marks)
        cell = self.cells.of.take(found.number).cast(pa.int64())
        codes: Column = pc.add(pc.multiply(found.mark, self._all), cell)
        counted: Any = pc.value_counts(codes)
        asked, records = counted.field("values"), counted.field("counts")
        known: Column = pc.index_in(asked, self._codes)
        new = asked.filter(pc.is_null(known))
        if len(new):
            self._judge(database, rules, new)
            self._codes = pa.concat_arrays([self._codes, new])
            known = pc.index_in(asked, self._codes)
        marked = scattered(records, known, len(self._codes))
        return Ruled(
            as_of=engine.as_of,
            cells=self.cells,
            kinds=tuple(self._said),
            verdicts=pa.concat_tables(self._verdicts),
            records=pa.concat_arrays([self._untouched(asked, records), _or_none(marked)]),
            codes=self._codes,
            number=found.number,
            code=codes,
        )

    @property
    def _all(self) -> Column:
        return pa.scalar(max(self._many, 1), pa.int64())

    def _untouched(self, asked: Column, records: Column) -> Column:
        """Return how many records of each cell no decision names."""
        cells = pa.table({"cell": self._cells(asked), "records": records}).group_by("cell")
        counted = cells.aggregate([("records", "sum")])
        taken = scattered(counted["records_sum"], counted["cell"], self._many)
        every = self.cells.facts["records"].combine_chunks()
        return pc.subtract(every, _or_none(taken))

    def _cells(self, codes: Column) -> Column:
        """Return the cells of codes."""
        marks: Column = pc.divide(codes, self._all)
        return pc.subtract(codes, pc.multiply(marks, self._all))

    def _judge(self, database: Database, rules: Mapping[str, pa.Table], codes: Column) -> None:
        """Add the verdicts of codes: their kinds, and the day that is told of them."""
        told = self._ask(database, rules, codes, date.min)
        blockers: Any = pc.binary_join(told["blockers"], " ")
        numbers = numbered([told["series"], told["then"], blockers, told["state"]])
        each = firsts(numbers)
        later: Any = self._ask(database, rules, codes.take(each), date.max)["state"].to_pylist()
        kinds = pa.array(self._kinds_of(told.take(each).to_pylist(), later), pa.int64())
        verdicts: dict[str, Column] = {
            "kind": kinds.take(numbers),
            "not_before": told["not_before"],
        }
        self._verdicts.append(pa.table(verdicts))

    def _kinds_of(self, several: Iterable[Mapping[str, Any]], later: Iterable[str]) -> list[int]:
        """Return the numbers of kinds of verdicts: of one each as of the first day and the last."""
        found = []
        for one, state in zip(several, later, strict=True):
            key = one["series"], one["then"], tuple(one["blockers"]), one["state"]
            if key not in self._kinds:
                self._kinds[key] = len(self._said)
                self._said.append(Kind(*key, state if one["state"] == State.NOT_DUE else key[-1]))
            found.append(self._kinds[key])
        return found

    def _ask(
        self, database: Database, rules: Mapping[str, pa.Table], codes: Column, day: date
    ) -> pa.Table:
        """Return what the statement says of a record for each code."""
        marks: dict[str, Column] = {
            name: pa.array([getattr(one, name) for one in self._marks], kind)
            for name, kind in _MARK.items()
        }
        asked = pa.table(marks).take(pc.divide(codes, self._all))
        asked = asked.append_column("cell", self._cells(codes))
        several = (
            {**rules, **_tables(rules, self.cells.facts, some, day)} for some in parts(asked)
        )
        return said(database, several)


def _or_none(counts: Column) -> Column:
    """Return counts, 0 where there is none."""
    return pc.coalesce(counts.cast(pa.int64()), pa.scalar(0, pa.int64()))


def _tables(
    rules: Mapping[str, pa.Table], facts: pa.Table, some: pa.Table, day: date
) -> dict[str, pa.Table]:
    """Return the tables of records that stand for others; their ids are those of nothing else."""
    digits: Any = pc.utf8_lpad(counting(some.num_rows).cast(pa.string()), 10, "0")
    ids = pc.binary_join_element_wise("", digits, ":")
    settled = rules["settled"].drop_columns(["as_of"])
    return {
        "facts": facts.take(some["cell"]).select(SHARED).append_column("record", ids),
        "leaf": pa.table({"record": pa.array([], pa.string()), "leaf": pa.array([], pa.int64())}),
        "member": _members(some, ids),
        "stretches": rules["stretches"].slice(0, 0),
        "covering": rules["covering"].slice(0, 0),
        "event": _events(rules["event"], some, ids),
        "settled": settled.append_column("as_of", pa.array([day], pa.date32())),
    }


def _members(some: pa.Table, ids: Column) -> pa.Table:
    """Return of which sets records are members; which hold it is says nothing of a verdict."""
    classed: Any = pc.split_pattern(some["places"].combine_chunks(), " ")
    place: Any = pc.list_flatten(classed)
    record = ids.take(pc.list_parent_indices(classed))
    real: Any = pc.not_equal(place, pa.scalar(""))
    sets = [(CLASSIFIED, place.filter(real).cast(pa.int64()), record.filter(real))]
    for kind, name in ((HOLDING, "held"), (REVIEWED, "reviewed")):
        inside = ids.filter(some[name].combine_chunks())
        sets.append((kind, pa.repeat(pa.scalar(0, pa.int64()), len(inside)), inside))
    return pa.concat_tables(
        pa.table({"kind": pa.repeat(kind, len(record)), "place": place, "record": record})
        for kind, place, record in sets
    )


def _events(events: pa.Table, some: pa.Table, ids: Column) -> pa.Table:
    """Return events, and once more those of one record under the id that stands for it."""
    real: Any = pc.not_equal(some["subject"], pa.scalar(""))
    own = some.select(["subject"]).append_column("as", ids).filter(real)
    again = own.join(events, "subject", join_type="inner")
    more = again.select(["name", "as", "day"]).rename_columns(events.column_names)
    return pa.concat_tables([events, more])


def _digest(rules: Mapping[str, pa.Table]) -> bytes:
    """Return a digest of all rules, without the sets of decisions and the day."""
    told = {name: table for name, table in rules.items() if name not in _OF_SETS}
    told["settled"] = told["settled"].drop_columns(["as_of"])
    rows = [(name, sorted(map(repr, told[name].to_pylist()))) for name in sorted(told)]
    return sha256(repr(rows).encode()).digest()
