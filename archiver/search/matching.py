"""From the tree of a query to one SQL statement. Pure.

It is exhaustive: no ranking, no cut-off. What people typed is never part of the text of a
statement: it comes in tables and parameters.
"""

# ruff: noqa: S608 - names and numbers that are made here

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from archiver.errors import ArchiverError
from archiver.search.asking import days_of
from archiver.search.syntax import And, Everything, Field, Near, Not, Or, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archiver.search.syntax import Node, Term

__all__ = ["HIT", "PART", "Matching", "compiled"]

HIT = ("term", "leaf", "place", "author", "file")
PART = ("phrase", "part", "term")

_FIELDS = {
    "account": "account = ?",
    "platform": "platform = ?",
    "stream": "stream = ?",
    "state": "state_now = ?",
    "series": "record_id IN (SELECT record FROM filed WHERE series = ?)",
    "hold": "record_id IN (SELECT record FROM held WHERE hold = ?)",
    "custodian": "account IN (SELECT account FROM kept WHERE lower(custodian) = lower(?))",
    "has": "media AND ? = 'media'",
}
"""Of each field the condition on a row, with one parameter."""


@dataclass(slots=True)
class Matching:
    """Queries as SQL.

    ``nodes`` are common table expressions over ``asked`` (every row that may be found: ``leaf``,
    ``made_on``, and what the fields ask), ``hit`` (`HIT`: where in which row a term is found) and
    ``part`` (`PART`: of which phrase it is which word). ``roots``: of each query the one that has
    the ``leaf`` of every row found. ``terms``: what ``term`` is about, by number; ``parts``: the
    rows of ``part``; ``fields``: those that are asked.
    """

    nodes: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    parts: list[tuple[int, int, int]] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    roots: list[str] = field(default_factory=list)


def compiled(nodes: Iterable[Node]) -> Matching:
    """Return trees as SQL."""
    made = Matching()
    for node in nodes:
        made.roots.append(_rows(made, node))
    return made


def _rows(made: Matching, node: Node) -> str:
    """Return the name of an expression with the rows that a tree finds."""
    match node:
        case Everything():
            return _named(made, "SELECT leaf FROM asked")
        case Phrase() | Near():
            return _named(made, f"SELECT DISTINCT leaf FROM {_passages(made, node)}")
        case And(parts):
            return _named(made, _chained([_rows(made, part) for part in parts], "INTERSECT"))
        case Or(parts):
            return _named(made, _chained([_rows(made, part) for part in parts], "UNION"))
        case Not(part):
            inner = _rows(made, part)
            return _named(made, f"SELECT leaf FROM asked EXCEPT SELECT leaf FROM {inner}")
        case Field(name, value):
            return _field(made, name, value)


def _field(made: Matching, name: str, value: str) -> str:
    made.fields.add(name)
    if name == "date":
        made.parameters += map(str, days_of(value))
        condition = "made_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)"
    elif name == "in":
        account, native = _thing(value)
        made.parameters += [account, account, native]
        condition = "(? = '' OR account = ?) AND ? IN (native_id, thread_id, parent_id)"
    else:
        made.parameters.append(value)
        condition = _FIELDS[name]
    return _named(made, f"SELECT leaf FROM asked WHERE {condition}")


def _thing(value: str) -> tuple[str, str]:
    """Return account and native id of a record id; of what is none, no account."""
    parts = value.split(":")
    return (parts[1], unquote(parts[3])) if len(parts) == 4 else ("", value)  # noqa: PLR2004 - of an id


def _passages(made: Matching, node: Node) -> str:
    """Return the name of an expression with every passage that a tree finds.

    Its columns are ``leaf``, and ``a`` and ``b``: the places of its first and last word.
    """
    match node:
        case Phrase():
            return _phrase(made, node)
        case Near():
            return _near(made, node)
        case Or(parts):
            each = [_passages(made, part) for part in parts]
            return _named(made, " UNION ".join(f"SELECT leaf, a, b FROM {one}" for one in each))
        case _:
            raise ArchiverError("what is no passage is near something", code="query-failed")


def _phrase(made: Matching, node: Phrase) -> str:
    number, length = len(made.nodes), len(node.terms)
    only = " AND author" if node.author else " AND file" if node.file else ""
    for place, term in enumerate(node.terms):
        made.parts.append((number, place, len(made.terms)))
        made.terms.append(term)
    return _named(
        made,
        f"SELECT leaf, place - part AS a, place - part + {length - 1} AS b"
        f" FROM hit JOIN part USING (term)"
        f" WHERE phrase = {number}{only}"
        f" GROUP BY leaf, place - part HAVING count(DISTINCT part) = {length}",
    )


def _near(made: Matching, node: Near) -> str:
    left, right = _passages(made, node.left), _passages(made, node.right)
    after = f"r.a > l.b AND r.a - l.b <= {node.within}"
    before = "" if node.ordered else f" OR l.a > r.b AND l.a - r.b <= {node.within}"
    near = f"r.leaf = l.leaf AND ({after}{before})"
    if node.never:
        text = f"SELECT * FROM {left} l WHERE NOT EXISTS (SELECT * FROM {right} r WHERE {near})"
    else:
        text = (
            "SELECT DISTINCT l.leaf, least(l.a, r.a) AS a, greatest(l.b, r.b) AS b"
            f" FROM {left} l JOIN {right} r ON {near}"
        )
    return _named(made, text)


def _chained(names: Sequence[str], how: str) -> str:
    return f" {how} ".join(f"SELECT leaf FROM {name}" for name in names)


def _named(made: Matching, text: str) -> str:
    name = f"n{len(made.nodes)}"
    made.nodes.append(f"{name} AS ({text})")
    return name
