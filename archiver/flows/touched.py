"""Records about which somebody decided something, found from the side of the decisions. Pure.

Sets of decisions are ids and stretches of leaves: a stretch is a slice of all leaves in their
order, an id is looked up. So records that nobody decided anything about cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from archiver.flows.cells import counting, firsts, numbered, numbers_of, places, scattered
from archiver.retention.compiled import CLASSIFIED, HOLDING, REVIEWED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.flows.cells import Cells, Column
    from archiver.ports import Engine as Database

__all__ = ["PLAIN", "Mark", "Touched", "touched"]

_YES, _NO, _NONE = pa.scalar(True), pa.scalar(False), pa.scalar("")  # noqa: FBT003 - of Arrow

_MORE = """
WITH classed AS (
    SELECT number, array_to_string(list_sort(list(DISTINCT place)), ' ') AS places
    FROM (SELECT number, place FROM near JOIN covering USING (stretch) WHERE kind = $1
          UNION ALL SELECT number, place FROM named WHERE kind = $1)
    GROUP BY number
)
SELECT number, coalesce(places, '') AS places, coalesce(subject, '') AS subject
FROM classed FULL JOIN own USING (number) ORDER BY number
"""


class Mark(NamedTuple):
    """What people decided about a record, as far as a verdict rests on it.

    ``places``: those of its classifications, apart by spaces; ``subject``: its id, where it has
    an event of its own. In which holds it is, or in which reviews, says nothing more of it.
    """

    held: bool
    reviewed: bool
    places: str = ""
    subject: str = ""


PLAIN = (Mark(False, False), Mark(False, True), Mark(True, False), Mark(True, True))  # noqa: FBT003
"""Marks of records without classification and event, in the order of their numbers."""


class Touched(NamedTuple):
    """Records that a decision names: their numbers, and beside them those of their marks."""

    number: Column
    mark: Column


def touched(
    database: Database, rules: Mapping[str, pa.Table], cells: Cells, marks: dict[Mark, int]
) -> Touched:
    """Return every record that a decision names, in order; new marks are added to those known.

    ``rules``: the tables of the engine (`archiver.retention.compiled`).
    """
    named = _known(rules["member"], numbers_of(cells, rules["member"]["record"]))
    held, reviewed = (_inside(kind, rules, cells, named) for kind in (HOLDING, REVIEWED))
    subjects = rules["event"].select(["subject"]).group_by("subject").aggregate([])
    near = _near(_covered(CLASSIFIED, rules), cells)
    tables = {
        "near": near,
        "covering": rules["covering"],
        "named": named,
        "own": _known(subjects, numbers_of(cells, subjects["subject"])),
    }
    more = database.query(tables, _MORE, (CLASSIFIED,))
    own = _mask(more["number"], cells)
    number = pc.indices_nonzero(pc.or_(pc.or_(held, reviewed), own)).cast(pa.int64())
    two = pa.scalar(2, pa.int64())
    bits = [one.take(number).cast(pa.int64()) for one in (held, reviewed)]
    plain: Column = pc.add(pc.multiply(bits[0], two), bits[1])
    if not more.num_rows:
        return Touched(number, plain)
    whole = {
        "held": held.take(more["number"]),
        "reviewed": reviewed.take(more["number"]),
        "places": more["places"],
        "subject": more["subject"],
    }
    where = places(number, more["number"], "left")
    special = scattered(_marks(pa.table(whole), marks), where, len(number))
    return Touched(number, pc.coalesce(special, plain))


def _marks(whole: pa.Table, marks: dict[Mark, int]) -> Column:
    """Return the numbers of marks, a new one for each that is not known."""
    which = numbered(whole.columns)
    several = [Mark(**one) for one in whole.take(firsts(which)).to_pylist()]
    return pa.array([marks.setdefault(one, len(marks)) for one in several], pa.int64()).take(which)


def _inside(kind: str, rules: Mapping[str, pa.Table], cells: Cells, named: pa.Table) -> Column:
    """Tell of each record whether it is in any set of a kind."""
    by_id: Column = pc.equal(named["kind"], pa.scalar(kind))
    by_leaf = _near(_covered(kind, rules), cells).select(["number"])
    both = pa.concat_tables([by_leaf, named.select(["number"]).filter(by_id)])
    return _mask(both["number"], cells)


def _mask(numbers: Column, cells: Cells) -> Column:
    """Tell of each record whether its number is among these."""
    if not len(numbers):
        return pa.repeat(_NO, len(cells.of))
    found = scattered(pa.repeat(_YES, len(numbers)), numbers, len(cells.of))
    return pc.coalesce(found, _NO)


def _covered(kind: str, rules: Mapping[str, pa.Table]) -> pa.Table:
    """Return the stretches that a set of a kind covers."""
    covering, stretches = rules["covering"], rules["stretches"]
    own: Column = pc.equal(covering["kind"], pa.scalar(kind))
    among: Column = pc.is_in(stretches["stretch"], covering["stretch"].filter(own).unique())
    return stretches.filter(among)


def _known(table: pa.Table, numbers: Column) -> pa.Table:
    """Return rows that are about a record that there is, and its number beside them."""
    known: Column = pc.is_valid(numbers)
    return table.append_column("number", numbers).filter(known)


def _near(stretches: pa.Table, cells: Cells) -> pa.Table:
    """Return every leaf in a stretch: the number of its record, and the stretch."""
    first = places(cells.leaf, stretches["first"], "left")
    end = places(cells.leaf, stretches["last"], "right")
    real: Column = pc.greater(end, first)
    names, first, end = (one.filter(real) for one in (stretches["stretch"], first, end))
    ends: Column = pc.cumulative_sum(pc.subtract(end, first))  # in all that are found
    runs: Column = pa.RunEndEncodedArray.from_arrays(ends, counting(len(ends)))
    which = pc.run_end_decode(runs)  # type: ignore[attr-defined]  # newer than its types
    place = pc.subtract(counting(len(which)), pc.subtract(ends, end).take(which))
    columns: dict[str, Column] = {
        "number": cells.number.take(place),
        "stretch": names.take(which),
    }
    return pa.table(columns)
