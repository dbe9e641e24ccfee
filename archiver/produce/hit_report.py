"""The hit report: what was searched, and what each term found. Pure.

Columns are those of a search terms report: records with hits, the same with their families, and
those that only this term finds. Beside them stands what lets anybody run it again and what a
number alone hides: terms without hits, what was not searched and why, how the query was read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

__all__ = ["COLUMNS", "SCHEMA", "HitReport", "Searched", "TermHits", "hit_report"]

SCHEMA = "civic-archive/hit-report/1"


class TermHits(NamedTuple):
    """One term: how many records have it, also with families, and how many only this one finds.

    ``in_files``: of those records how many have it in the text that was derived of their file.
    """

    term: str
    records: int
    with_family: int
    unique: int
    in_files: int = 0


COLUMNS = TermHits._fields


@dataclass(frozen=True, slots=True)
class Searched:
    """What was asked, and of what.

    ``read``: how the query was understood. ``versions``: of whatever the answer depends on
    (software, tokens, stems), by name. ``size``, ``root``: entries of the log and their root
    (hex). ``searched`` of ``captured`` records were looked into; ``not_searched``: the others, by
    reason. ``gaps``: rows of the gap report.
    """

    query: str
    read: str
    sql: str
    size: int
    root: str
    searched: int
    captured: int
    not_searched: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class HitReport:
    """A report. ``hits``: records that the query as a whole finds; likewise with families."""

    about: Searched
    terms: tuple[TermHits, ...]
    hits: int
    with_family: int

    @property
    def without_hits(self) -> tuple[str, ...]:
        """The terms that no record has."""
        return tuple(one.term for one in self.terms if not one.records)

    def statement(self) -> str:
        """Return in one sentence what was searched and what was not."""
        about = self.about
        left = "; ".join(f"{why}: {count}" for why, count in sorted(about.not_searched.items()))
        return (
            f"{about.searched} of {about.captured} captured records were searched, as of "
            f"{about.size} entries of the log. Not searched: {left or 'none'}. Gaps in what was "
            f"captured: {about.gaps}, in the gap report."
        )

    def table(self) -> list[tuple[str, ...]]:
        """Return header and rows as text, for a CSV; the last row is of the whole query."""
        whole = ("all terms", str(self.hits), str(self.with_family), "", "")
        return [COLUMNS, *(tuple(map(str, one)) for one in self.terms), whole]

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "schema": SCHEMA,
            **asdict(self.about),
            "terms": [one._asdict() for one in self.terms],
            "without_hits": list(self.without_hits),
            "hits": self.hits,
            "with_family": self.with_family,
            "statement": self.statement(),
        }


def hit_report(
    about: Searched,
    terms: Mapping[str, Collection[str]],
    hits: Collection[str],
    families: Mapping[str, str],
    in_files: Mapping[str, int] | None = None,
) -> HitReport:
    """Return the report of a search.

    Args:
        about: what was asked, and of what.
        terms: each with the records that have it, in the order of the query.
        hits: the records that the query as a whole finds.
        families: the family of each record that has one, also of those without a hit.
        in_files: how many records have each term in the text of their file.
    """
    found = Counter(record for records in terms.values() for record in set(records))
    sizes = Counter(families.values())
    rows = tuple(
        TermHits(
            term,
            len(set(records)),
            _with_family(records, families, sizes),
            sum(found[record] == 1 for record in set(records)),
            (in_files or {}).get(term, 0),
        )
        for term, records in terms.items()
    )
    return HitReport(about, rows, len(set(hits)), _with_family(hits, families, sizes))


def _with_family(
    records: Collection[str], families: Mapping[str, str], sizes: Mapping[str, int]
) -> int:
    """Return how many records there are in the families of some, and besides without any."""
    touched = {families[one] for one in records if one in families}
    return sum(sizes[one] for one in touched) + len({one for one in records if one not in families})
